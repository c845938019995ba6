//! Messages: sent, received, and what becomes of them.

mod check;
mod inbound;
mod message;
mod messaging;
mod queues;
mod reply;
mod status;
mod transitions;

pub(super) use self::check::check;
pub(crate) use self::inbound::Arrived;
pub(super) use self::message::Message;
pub(crate) use self::messaging::{Messages, Messaging};
pub(crate) use self::reply::Reading;
pub(super) use self::status::MessageStatus;
