//! What was said to and by people, for a CRM.

use std::error::Error;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use switchboard_store::StoreError;

use super::{Mesh, MeshError, Notice, names};

/// The first wait after the log failed. It doubles up to the last one.
const WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// A text or a call, as a CRM logs it: `{type, direction, status, recipient, sender, externalId, timestamp}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Communication {
    /// `sms` or `call`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Who began it.
    pub direction: Direction,
    /// What became of it, in the provider's words: `queued`, `delivered`, `received`.
    pub status: String,
    /// Who got it.
    pub recipient: Option<String>,
    /// Who sent it.
    pub sender: Option<String>,
    /// The provider's id.
    pub external_id: String,
    /// When it happened.
    pub timestamp: Timestamp,
}

/// Who began a text or a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Somebody wrote or called us.
    Inbound,
    /// We wrote or called somebody.
    Outbound,
}

/// Where communications are logged: a CRM, or a table of the host's.
#[async_trait]
pub trait CommunicationLog: Send + Sync {
    /// Logs a communication of a tenant. The same one may come again: the provider's id and the status tell.
    ///
    /// # Errors
    /// Any error. It is tried again until it succeeds, and what follows waits.
    async fn log(&self, tenant: &str, entry: &Communication) -> Result<(), Box<dyn Error + Send + Sync>>;
}

impl Communication {
    /// Reads what a notice of Twilio says; `None` for all others, and if it names no id.
    #[must_use]
    pub fn of(notice: &Notice) -> Option<Self> {
        let (kind, direction, status) = match notice.name.as_str() {
            names::SMS_SENT => ("sms", Direction::Outbound, "queued"),
            names::SMS_STATUS => ("sms", Direction::Outbound, ""),
            names::SMS_RECEIVED => ("sms", Direction::Inbound, "received"),
            names::CALL_INITIATED => ("call", Direction::Outbound, "queued"),
            names::CALL_STATUS => ("call", Direction::Outbound, ""),
            names::CALL_RECEIVED => ("call", Direction::Inbound, "ringing"),
            _ => return None,
        };
        let text =
            |field: &str| notice.payload.get(field).and_then(|value| value.as_str()).map(str::to_owned);
        let inbound = text("direction").is_some_and(|word| word.starts_with("inbound"));
        Some(Self {
            kind: kind.to_owned(),
            direction: if inbound { Direction::Inbound } else { direction },
            status: text("status").unwrap_or_else(|| status.to_owned()),
            recipient: text("to"),
            sender: text("from"),
            external_id: text(if kind == "sms" { "messageSid" } else { "callSid" })?,
            timestamp: notice.time,
        })
    }
}

impl Mesh {
    /// Passes every text and call to a log, in order and at least once, under this name of a durable subscriber. Run it as a
    /// task: what the log or the database cannot do now is tried again.
    ///
    /// # Errors
    /// As [`subscribe`](Self::subscribe). Later only [`MeshError::Store`] with `Locked`, if another program has taken over
    /// this name, or with `Stopped`, if the database was closed.
    pub async fn log_communications(&self, name: &str, log: &impl CommunicationLog) -> Result<(), MeshError> {
        let mut subscription = self.subscribe(name, "twilio.**").await?;
        loop {
            let delivered = match subscription.next().await {
                Ok(delivered) => delivered,
                Err(MeshError::Store(error @ (StoreError::Locked { .. } | StoreError::Stopped))) => {
                    return Err(error.into());
                }
                Err(error) => {
                    tracing::warn!(%error, "communications are not logged until the database can be read");
                    tokio::time::sleep(WAIT).await;
                    continue;
                }
            };
            let Some(entry) = Communication::of(&delivered.notice) else { continue };
            let mut wait = WAIT;
            while let Err(error) = log.log(&delivered.notice.tenant, &entry).await {
                tracing::warn!(
                    error,
                    notice = delivered.number,
                    "a communication could not be logged, and is tried again"
                );
                tokio::time::sleep(wait).await;
                wait = wait.saturating_mul(2).min(LONGEST_WAIT);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_notice_is_logged_in_the_words_of_a_crm() {
        let at: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        let of = |name: &str, payload| {
            Communication::of(&Notice::new(name, payload).time(at))
                .map(|one| serde_json::to_value(one).unwrap())
        };
        assert_eq!(
            of(
                "twilio.sms.status",
                json!({"messageSid": "SM1", "status": "delivered", "to": "+1", "from": "+2"})
            ),
            Some(json!({
                "type": "sms", "direction": "outbound", "status": "delivered", "recipient": "+1", "sender": "+2",
                "externalId": "SM1", "timestamp": "2026-11-22T10:00:00Z"
            }))
        );
        let sent = of("twilio.sms.sent", json!({"messageSid": "SM1", "to": "+1", "body": "Hi"})).unwrap();
        assert_eq!((sent["status"].as_str(), sent.get("body")), (Some("queued"), None));
        let received =
            of("twilio.sms.received", json!({"messageSid": "SM2", "from": "+1", "to": "+2"})).unwrap();
        assert_eq!(
            (received["direction"].as_str(), received["status"].as_str()),
            (Some("inbound"), Some("received"))
        );
        let call =
            of("twilio.call.status", json!({"callSid": "CA1", "status": "busy", "direction": "inbound"}))
                .unwrap();
        assert_eq!((call["type"].as_str(), call["direction"].as_str()), (Some("call"), Some("inbound")));
        assert_eq!(of("twilio.sms.send", json!({"to": "+1"})), None);
        assert_eq!(
            of("twilio.sms.sent", json!({"to": "+1"})),
            None,
            "without an id nobody can tell it from another"
        );
    }
}
