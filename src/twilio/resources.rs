//! What an account has: one file for each resource, with its handle, its requests and its answers.

mod calls;
mod check;
mod lookup;
mod messages;
mod messaging_services;
mod options;
mod verify;

pub use calls::*;
pub use lookup::*;
pub use messages::*;
pub use messaging_services::*;
pub use options::SendOptions;
pub use verify::*;
