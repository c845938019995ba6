//! A message that somebody writes to the account.

use std::fmt;

use bytes::Bytes;

/// A message as somebody writes it: who, what, and over which channel. Hand it to
/// [`FakeTwilio::receive`](crate::FakeTwilio::receive).
///
/// `Debug` shows neither numbers nor text.
#[derive(Clone)]
pub struct InboundSms {
    pub(super) from: String,
    pub(super) to: Option<String>,
    pub(super) body: String,
    pub(super) media: Vec<Medium>,
    pub(super) whatsapp: bool,
    pub(super) url: Option<String>,
    pub(super) get: bool,
    pub(super) params: Vec<(String, String)>,
}

#[derive(Clone)]
pub(super) struct Medium {
    pub(super) url: String,
    pub(super) content_type: String,
    /// What the fake itself hands out.
    pub(super) bytes: Option<Bytes>,
}

impl InboundSms {
    /// Writes a text from a number to the fake's own.
    pub fn new(from: impl Into<String>, body: impl Into<String>) -> Self {
        Self {
            from: from.into(),
            to: None,
            body: body.into(),
            media: Vec::new(),
            whatsapp: false,
            url: None,
            get: false,
            params: Vec::new(),
        }
    }

    /// Writes to another number of the account's.
    #[must_use]
    pub fn to(mut self, number: impl Into<String>) -> Self {
        self.to = Some(number.into());
        self
    }

    /// Writes over WhatsApp: both numbers get their `whatsapp:`, and the parameters of WhatsApp are sent too.
    #[must_use]
    pub const fn whatsapp(mut self) -> Self {
        self.whatsapp = true;
        self
    }

    /// Adds a medium by its URL, which the webhook is told as it is.
    #[must_use]
    pub fn media(mut self, url: impl Into<String>, content_type: impl Into<String>) -> Self {
        self.media.push(Medium { url: url.into(), content_type: content_type.into(), bytes: None });
        self
    }

    /// Adds a medium that the fake hands out at a URL of its own, behind a redirect as Twilio's are.
    #[must_use]
    pub fn media_bytes(mut self, content_type: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        let bytes = Some(bytes.into());
        self.media.push(Medium { url: String::new(), content_type: content_type.into(), bytes });
        self
    }

    /// Sets a parameter, instead of the fake's own or beside them: `ProfileName`, `ButtonPayload`, `OptOutType`.
    #[must_use]
    pub fn param(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.params.push((name.into(), value.into()));
        self
    }

    /// Sets the webhook, instead of the number's.
    #[must_use]
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }

    /// Requests the [`url`](Self::url) with a GET.
    #[must_use]
    pub const fn get(mut self) -> Self {
        self.get = true;
        self
    }
}

impl fmt::Debug for InboundSms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InboundSms").field("media", &self.media.len()).finish_non_exhaustive()
    }
}
