//! What an account has: one file for each resource, with its handle, its requests and its answers.

mod calls;
mod check;
mod messages;
mod moment;
mod options;
mod recordings;
mod transcriptions;

pub use calls::*;
pub use messages::*;
pub use moment::Moment;
pub use options::SendOptions;
pub use recordings::*;
pub use transcriptions::*;
