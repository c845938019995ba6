//! A text to somebody, in its shortest form.

use serde::{Deserialize, Serialize};

use super::CreateMessage;
use crate::phone::Address;
use crate::sms::{Guards, Text};

/// A text to somebody: all that most programs need. For everything else see [`CreateMessage`].
///
/// ```
/// use switchboard::twilio::SendSms;
///
/// let sms = SendSms::new("+14155551234", "Your table is ready").from("+14155550100");
/// # let _ = sms;
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SendSms {
    /// Whom it is for.
    pub to: Address,
    /// The text, at most 1,600 characters.
    pub body: Text,
    /// Who sends it; the credentials' phone number where it is not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Address>,
    /// The messaging service that sends it and chooses the sender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub messaging_service_sid: Option<String>,
    /// Where Twilio reports what becomes of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_callback: Option<Text>,
    /// Limits of your own, kept before anything is sent; Twilio never sees them.
    #[serde(default, skip_serializing_if = "Guards::is_empty")]
    pub guards: Guards,
}

impl SendSms {
    /// Writes a text to somebody.
    pub fn new(to: impl Into<Address>, body: impl Into<Text>) -> Self {
        Self {
            to: to.into(),
            body: body.into(),
            from: None,
            messaging_service_sid: None,
            status_callback: None,
            guards: Guards::default(),
        }
    }

    /// Sets who sends it: a number of yours, a short code, a sender name.
    #[must_use]
    pub fn from(mut self, from: impl Into<Address>) -> Self {
        self.from = Some(from.into());
        self
    }

    /// Lets a messaging service, `MG…`, choose the sender.
    #[must_use]
    pub fn messaging_service(mut self, sid: impl Into<String>) -> Self {
        self.messaging_service_sid = Some(sid.into());
        self
    }

    /// Sets where Twilio reports what becomes of it.
    #[must_use]
    pub fn status_callback(mut self, url: impl Into<Text>) -> Self {
        self.status_callback = Some(url.into());
        self
    }
}

impl From<SendSms> for CreateMessage {
    fn from(sms: SendSms) -> Self {
        Self {
            to: sms.to,
            from: sms.from,
            body: Some(sms.body),
            messaging_service_sid: sms.messaging_service_sid,
            status_callback: sms.status_callback,
            guards: sms.guards,
            ..Self::default()
        }
    }
}

impl From<&SendSms> for CreateMessage {
    fn from(sms: &SendSms) -> Self {
        sms.clone().into()
    }
}
