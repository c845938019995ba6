//! Messages: outgoing and incoming ones, and their statuses.

mod check;
mod inbound;
mod message;
mod messaging;
mod queues;
mod reply;
mod status;
mod transitions;

pub(super) use self::check::check;
pub(crate) use self::inbound::InboundMessage;
pub(super) use self::message::Message;
pub(crate) use self::messaging::{Messages, Messaging};
pub(crate) use self::reply::WebhookResult;
pub(super) use self::status::MessageStatus;
