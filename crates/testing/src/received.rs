//! An incoming message, and the answer of its webhook.

use std::fmt;
use std::sync::Arc;

use super::documents;
use super::engine::{Arrived, Reading};
use super::fake::AccountHandle;
use super::sent::SentMessage;

/// An incoming message, and the result of one delivery of it to the webhook.
#[derive(Clone)]
pub struct ReceivedSms {
    account: AccountHandle,
    arrived: Arrived,
    reading: Arc<Reading>,
}

impl ReceivedSms {
    pub(super) async fn deliver(account: AccountHandle, arrived: Arrived) -> Self {
        let mut reading = Reading::default();
        let mut next = arrived.request.clone();
        while let Some(request) = next {
            let answer = documents::fetch(&account, &request).await;
            next = account
                .with(|tenant| tenant.messaging().read_reply(&arrived, &mut reading, &request, answer));
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
        if self.arrived.request.is_none() {
            return Some("no webhook: set one with `set_sms_url`, or name one with `url`".to_owned());
        }
        self.reading.error.as_ref().map(|error| error.text())
    }

    /// Says what of the documents Twilio does not know and passes over, each a warning 12200.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.reading.warnings
    }

    /// Returns the replies of this delivery as they stand now. They are among the sent messages too.
    #[must_use]
    pub fn replies(&self) -> Vec<SentMessage> {
        self.account.with(|tenant| {
            self.reading.replies.iter().filter_map(|sid| tenant.messages.sent_as(sid)).collect()
        })
    }

    /// Returns what Twilio answered by itself to STOP, START or HELP. It is not a message of the account: it is neither
    /// in the list of sent messages nor in the API's. The words are the fake's own.
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
