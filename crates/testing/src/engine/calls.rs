//! Calls: outgoing, incoming and dialled ones, and their statuses.

mod call;
mod calling;
mod check;
mod dialed;
mod inbound;
mod machine;
mod status;
mod transitions;

pub(super) use self::call::Call;
pub(crate) use self::calling::{Calling, Calls};
pub(super) use self::check::{check, check_change};
pub(super) use self::dialed::Leg;
pub(super) use self::status::CallStatus;
