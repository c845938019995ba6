//! Consent taken back, or given again.

use serde::{Deserialize, Serialize};

use super::message::InboundMessage;
use crate::phone::Address;
pub use crate::sms::Consent;

/// A person took their consent back, or gave it again, for one sender of yours.
///
/// Twilio keeps a list of its own and refuses to send with 21610; keep yours in step with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ConsentChange {
    /// What became of it.
    pub consent: Consent,
    /// The message that said so.
    pub message: InboundMessage,
}

impl ConsentChange {
    /// Returns whose consent it is.
    #[must_use]
    pub fn person(&self) -> Option<&Address> {
        self.message.person()
    }

    /// Returns for whom it is: the messaging service, `MG…`, which stands for all of its senders, or else your
    /// number.
    #[must_use]
    pub fn sender(&self) -> Option<&str> {
        self.message.sender()
    }

    /// Has Twilio answered already, so that you must not? See [`InboundMessage::is_answered_by_twilio`].
    #[must_use]
    pub fn is_answered_by_twilio(&self) -> bool {
        self.message.is_answered_by_twilio()
    }
}
