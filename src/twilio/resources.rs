//! What an account has: one file for each resource, with its handle, its requests and its answers.

mod calls;
mod check;
mod messages;
mod options;
mod verify;

pub use calls::*;
pub use messages::*;
pub use options::SendOptions;
pub use verify::*;
