//! One message: its data and its JSON.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use switchboard::sms::Segmentation;

use super::status::{MessageStatus, error_message};
use crate::engine::clock::rfc2822;
use crate::engine::countries;
use crate::engine::ledger::{self, Item};
use crate::engine::webhook::Endpoint;
use crate::sent::SentMessage;

/// The direction of a message to the account.
pub(super) const INBOUND: &str = "inbound";

/// The price of a segment to a country that has none in the list, and of a message with media, in 1/100000 of a dollar.
const SEGMENT_PRICE: u64 = 790;
const MEDIA_PRICE: u64 = 2000;

/// A message as the fake keeps it.
#[derive(Clone)]
pub(crate) struct Message {
    /// `outbound-api`, `outbound-reply` or `inbound`.
    pub(in crate::engine) direction: &'static str,
    pub(in crate::engine) to: String,
    pub(in crate::engine) from: Option<String>,
    pub(in crate::engine) service: Option<String>,
    pub(in crate::engine) content_sid: Option<String>,
    pub(in crate::engine) body: String,
    pub(in crate::engine) media: Vec<String>,
    /// 0 until the sender is known.
    pub(in crate::engine) segments: usize,
    pub(in crate::engine) status: MessageStatus,
    /// When the next status is due.
    pub(in crate::engine) due: Option<Timestamp>,
    /// The queue that it waits in.
    pub(in crate::engine) queue: Option<String>,
    /// The code with which it fails when it leaves its queue.
    pub(in crate::engine) queue_error: Option<u32>,
    /// How long it may wait in a queue.
    pub(in crate::engine) validity: Duration,
    pub(in crate::engine) send_at: Option<Timestamp>,
    pub(in crate::engine) endpoint: Option<Endpoint>,
    pub(in crate::engine) feedback: bool,
    pub(in crate::engine) created: Timestamp,
    /// Lists do not contain it before this time.
    pub(in crate::engine) listed_from: Timestamp,
    pub(in crate::engine) updated: Timestamp,
    pub(in crate::engine) sent: Option<Timestamp>,
    /// In 1/100000 of a dollar.
    pub(in crate::engine) price: Option<u64>,
    pub(in crate::engine) error: Option<u32>,
}

/// A new message whose parameters were checked.
pub(in crate::engine) struct NewMessage {
    pub(in crate::engine) to: String,
    pub(in crate::engine) from: Option<String>,
    pub(in crate::engine) service: Option<String>,
    pub(in crate::engine) content_sid: Option<String>,
    pub(in crate::engine) body: String,
    pub(in crate::engine) media: Vec<String>,
    pub(in crate::engine) endpoint: Option<Endpoint>,
    pub(in crate::engine) send_at: Option<Timestamp>,
    pub(in crate::engine) validity: Duration,
    pub(in crate::engine) feedback: bool,
}

impl Message {
    pub(in crate::engine) fn begin(draft: NewMessage, now: Timestamp) -> Self {
        let status = match (draft.send_at, &draft.from) {
            (Some(_), _) => MessageStatus::Scheduled,
            (None, None) => MessageStatus::Accepted,
            (None, Some(_)) => MessageStatus::Queued,
        };
        let segments = if draft.from.is_some() { count(&draft.body, &draft.media) } else { 0 };
        Self {
            direction: "outbound-api",
            to: draft.to,
            from: draft.from,
            service: draft.service,
            content_sid: draft.content_sid,
            body: draft.body,
            media: draft.media,
            segments,
            status,
            due: None,
            queue: None,
            queue_error: None,
            validity: draft.validity,
            send_at: draft.send_at,
            endpoint: draft.endpoint,
            feedback: draft.feedback,
            created: now,
            listed_from: now,
            updated: now,
            sent: None,
            price: None,
            error: None,
        }
    }

    pub(in crate::engine) fn view(&self, account: &str, sid: &str) -> Value {
        let uri = format!("/2010-04-01/Accounts/{account}/Messages/{sid}");
        let mut subresources = Map::new();
        subresources.insert("media".to_owned(), json!(format!("{uri}/Media.json")));
        if self.feedback {
            subresources.insert("feedback".to_owned(), json!(format!("{uri}/Feedback.json")));
        }
        json!({
            "sid": sid,
            "account_sid": account,
            "messaging_service_sid": self.service,
            "to": self.to,
            "from": self.from,
            "body": self.body,
            "num_segments": self.segments.to_string(),
            "num_media": self.media.len().to_string(),
            "status": self.status.word(),
            "direction": self.direction,
            "price": self.price.map(ledger::charge),
            "price_unit": "USD",
            "error_code": self.error,
            "error_message": self.error.map(error_message),
            "date_created": rfc2822(self.created),
            "date_updated": rfc2822(self.updated),
            "date_sent": self.sent.map(rfc2822),
            "api_version": "2010-04-01",
            "uri": format!("{uri}.json"),
            "subresource_uris": subresources,
        })
    }

    pub(in crate::engine) fn record(&self, sid: &str) -> SentMessage {
        SentMessage {
            sid: sid.to_owned(),
            to: self.to.clone(),
            from: self.from.clone(),
            body: self.body.clone(),
            media: self.media.clone(),
            status: self.status.word().to_owned(),
            segments: u32::try_from(self.segments).unwrap_or(u32::MAX),
            messaging_service_sid: self.service.clone(),
            content_sid: self.content_sid.clone(),
            status_callback: self.endpoint.as_ref().map(|endpoint| endpoint.url.clone()),
            send_at: self.send_at,
            error_code: self.error,
        }
    }

    /// Sets the sender, which a messaging service picks when the message is queued.
    pub(in crate::engine) fn choose_sender(&mut self, sender: String) {
        self.from = Some(sender);
        self.segments = count(&self.body, &self.media);
    }

    /// The price that the price list has for the recipient's country.
    fn segment_price(&self) -> u64 {
        let digits = self.to.strip_prefix('+');
        digits.and_then(countries::of_digits).map_or(SEGMENT_PRICE, |country| country.prices.sms_out)
    }

    /// Returns what it is billed as, how many units, and their price.
    pub(in crate::engine) fn charge(&self) -> (Item, u64, u64) {
        let segments = self.segments as u64;
        if self.media.is_empty() {
            (Item::Sms, segments, segments * self.segment_price())
        } else {
            (Item::Mms, 1, MEDIA_PRICE)
        }
    }
}

/// Counts the segments of a text; a message with media is billed as one.
pub(super) fn count(body: &str, media: &[String]) -> usize {
    if media.is_empty() { Segmentation::of(body).segments() } else { 1 }
}
