//! A message that somebody writes to the account.

use std::fmt;

use bytes::Bytes;

use super::{Inbound, inbound_setters};

/// A message that somebody writes to the account, for [`FakeTwilio::receive`](crate::FakeTwilio::receive).
///
/// `Debug` shows neither numbers nor text.
#[derive(Clone)]
pub struct InboundSms {
    pub(crate) inbound: Inbound,
    pub(crate) body: String,
    pub(crate) media: Vec<Medium>,
    pub(crate) whatsapp: bool,
}

#[derive(Clone)]
pub(crate) struct Medium {
    pub(crate) url: String,
    pub(crate) content_type: String,
    /// The bytes, where the fake itself serves them.
    pub(crate) bytes: Option<Bytes>,
}

inbound_setters!(InboundSms);

impl InboundSms {
    /// Makes a text from a number to the fake's own.
    pub fn new(from: impl Into<String>, body: impl Into<String>) -> Self {
        Self { inbound: Inbound::new(from.into()), body: body.into(), media: Vec::new(), whatsapp: false }
    }

    /// Sends it over WhatsApp: both numbers get the prefix `whatsapp:`, and the request the parameters of WhatsApp.
    #[must_use]
    pub const fn whatsapp(mut self) -> Self {
        self.whatsapp = true;
        self
    }

    /// Adds a medium by its URL, which the webhook receives unchanged.
    #[must_use]
    pub fn media(mut self, url: impl Into<String>, content_type: impl Into<String>) -> Self {
        self.media.push(Medium { url: url.into(), content_type: content_type.into(), bytes: None });
        self
    }

    /// Adds a medium that the fake serves at a URL of its own, behind a redirect as Twilio does.
    #[must_use]
    pub fn media_bytes(mut self, content_type: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        let bytes = Some(bytes.into());
        self.media.push(Medium { url: String::new(), content_type: content_type.into(), bytes });
        self
    }
}

impl fmt::Debug for InboundSms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InboundSms").field("media", &self.media.len()).finish_non_exhaustive()
    }
}
