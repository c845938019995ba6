//! An incoming message, and the answer of the webhook.

use std::fmt;
use std::sync::Arc;

use super::documents;
use super::engine::{InboundMessage, WebhookResult};
use super::fake::AccountHandle;
use super::sent::SentMessage;

/// An incoming message, and the result of one delivery of it to the webhook.
#[derive(Clone)]
pub struct ReceivedSms {
    account: AccountHandle,
    inbound: InboundMessage,
    result: Arc<WebhookResult>,
}

impl ReceivedSms {
    pub(super) async fn deliver(account: AccountHandle, inbound: InboundMessage) -> Self {
        let mut result = WebhookResult::default();
        let mut next = inbound.request.clone();
        while let Some(request) = next {
            let answer = documents::fetch(&account, &request).await;
            next =
                account.with(|tenant| tenant.messaging().read_reply(&inbound, &mut result, &request, answer));
        }
        Self { account, inbound, result: Arc::new(result) }
    }

    /// Delivers the same message to the webhook again, as Twilio does when it cannot know whether the first delivery arrived:
    /// with the same parameters and the same `I-Twilio-Idempotency-Token`. The answer is carried out again, so the replies
    /// show a webhook that handles a message twice. Several deliveries may run at the same time.
    pub async fn redeliver(&self) -> Self {
        Self::deliver(self.account.clone(), self.inbound.clone()).await
    }

    /// Returns the SID of the message.
    #[must_use]
    pub fn sid(&self) -> &str {
        &self.inbound.sid
    }

    /// Returns the HTTP status of the webhook's last answer. `None` without an answer, and without a webhook.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.result.status
    }

    /// Returns the body of the webhook's last answer.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.result.body
    }

    /// Returns the first error, with Twilio's code: `11200: the webhook answered 500`. The API lists it as an alert, too.
    #[must_use]
    pub fn error(&self) -> Option<String> {
        if self.inbound.request.is_none() {
            return Some("there is no webhook: use `set_sms_url`, or `InboundSms::url`".to_owned());
        }
        self.result.error.as_ref().map(|error| error.text())
    }

    /// Returns a warning (12200) for each element or attribute that Twilio ignores.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.result.warnings
    }

    /// Returns the replies of this delivery, with their current status. They are also among the sent messages.
    #[must_use]
    pub fn replies(&self) -> Vec<SentMessage> {
        self.account.with(|tenant| {
            self.result.replies.iter().filter_map(|sid| tenant.messages.find_sent(sid)).collect()
        })
    }

    /// Returns the reply that Twilio itself sends to STOP, START or HELP. It is not a message of the account, so neither
    /// [`sent`](crate::FakeTwilio::sent) nor the API lists it. The text is the fake's own.
    #[must_use]
    pub fn automatic_reply(&self) -> Option<&str> {
        self.inbound.automatic
    }
}

impl fmt::Debug for ReceivedSms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReceivedSms")
            .field("sid", &self.sid())
            .field("status", &self.status())
            .field("error", &self.error())
            .field("replies", &self.result.replies.len())
            .finish_non_exhaustive()
    }
}
