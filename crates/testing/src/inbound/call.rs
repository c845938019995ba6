//! A call that somebody makes to the account.

use std::fmt;

use super::{Inbound, inbound_setters};

/// A call that somebody makes to the account, for [`FakeTwilio::receive_call`](crate::FakeTwilio::receive_call).
///
/// `Debug` shows no number.
#[derive(Clone)]
pub struct InboundCall {
    pub(crate) inbound: Inbound,
}

inbound_setters!(InboundCall);

impl InboundCall {
    /// Makes a call from a number to the fake's own.
    pub fn new(from: impl Into<String>) -> Self {
        Self { inbound: Inbound::new(from.into()) }
    }
}

impl fmt::Debug for InboundCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InboundCall").field("get", &self.inbound.get).finish_non_exhaustive()
    }
}
