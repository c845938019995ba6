//! A message that somebody writes to the account, and what its webhook made of it.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use super::engine::{Arrived, Reading};
use super::fake::AccountHandle;
use super::sent::SentMessage;
use super::webhook;

/// A message as somebody writes it: who, what, and over which channel. Hand it to
/// [`FakeTwilio::receive`](super::FakeTwilio::receive).
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

    /// Tells this webhook, whatever the number has.
    #[must_use]
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }

    /// Tells the webhook of [`url`](Self::url) with a GET.
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

/// A message that was received, and what one delivery of it to the webhook brought.
#[derive(Clone)]
pub struct ReceivedSms {
    account: AccountHandle,
    arrived: Arrived,
    reading: Arc<Reading>,
}

impl ReceivedSms {
    pub(super) async fn deliver(account: AccountHandle, arrived: Arrived) -> Self {
        let mut reading = Reading::default();
        let mut next = arrived.hook.clone();
        while let Some(hook) = next {
            let answer = webhook::ask(&account, &hook).await;
            next = account.with(|tenant| tenant.read_reply(&arrived, &mut reading, &hook, answer));
        }
        Self { account, arrived, reading: Arc::new(reading) }
    }

    /// Delivers the same message to the webhook once more, as Twilio does when it cannot know whether the first delivery
    /// arrived: with the same parameters and the same `I-Twilio-Idempotency-Token`. A document that comes back is
    /// carried out again, so a webhook that answers twice is seen in the replies. Several may run at once.
    pub async fn redeliver(&self) -> Self {
        Self::deliver(self.account.clone(), self.arrived.clone()).await
    }

    /// Returns the SID of the message.
    #[must_use]
    pub fn sid(&self) -> &str {
        &self.arrived.sid
    }

    /// Returns the status that the webhook answered last; `None` when no answer came, or there is no webhook.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.reading.status
    }

    /// Returns what the webhook answered last.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.reading.body
    }

    /// Says what was wrong first, with Twilio's code: `11200: the webhook answered 500`. The alert is in the monitor too.
    #[must_use]
    pub fn error(&self) -> Option<String> {
        if self.arrived.hook.is_none() {
            return Some("no webhook: set one with `set_sms_url`, or name one with `url`".to_owned());
        }
        self.reading.error.as_ref().map(|trouble| trouble.text())
    }

    /// Says what of the documents Twilio does not know and passes over, each a warning 12200.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.reading.warnings
    }

    /// Returns the replies of this delivery as they stand now. They are among the sent messages too.
    #[must_use]
    pub fn replies(&self) -> Vec<SentMessage> {
        self.account
            .with(|tenant| self.reading.replies.iter().filter_map(|sid| tenant.sent_as(sid)).collect())
    }

    /// Returns what Twilio answered by itself to STOP, START or HELP. It is no message of the account's: neither sent nor
    /// listed. The words are the fake's own.
    #[must_use]
    pub fn automatic_reply(&self) -> Option<&str> {
        self.arrived.automatic
    }
}

impl fmt::Debug for ReceivedSms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReceivedSms")
            .field("sid", &self.sid())
            .field("status", &self.status())
            .field("error", &self.error())
            .field("replies", &self.reading.replies.len())
            .finish_non_exhaustive()
    }
}
