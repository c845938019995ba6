//! How a message goes from status to status.

use std::time::Duration;

use super::{Message, count};
use crate::engine::clock::Event;
use crate::engine::ledger::Item;
use crate::engine::messaging_services::Pool;
use crate::engine::tenant::Tenant;
use crate::engine::windows;

/// Between two statuses.
const STEP: Duration = Duration::from_secs(1);
/// In 1/100000 of a dollar: a segment, a message with media.
const SEGMENT_PRICE: u64 = 790;
const MEDIA_PRICE: u64 = 2000;

/// The statuses of a message; an inbound one is received, and that is all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum Status {
    Scheduled,
    Accepted,
    Queued,
    Sending,
    Sent,
    Delivered,
    Undelivered,
    Failed,
    Canceled,
    Received,
}

impl Status {
    /// Returns Twilio's word.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Accepted => "accepted",
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Undelivered => "undelivered",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
            Self::Received => "received",
        }
    }

    /// What comes next when nothing goes wrong?
    const fn next(self) -> Option<Self> {
        match self {
            Self::Scheduled => Some(Self::Accepted),
            Self::Accepted => Some(Self::Queued),
            Self::Queued => Some(Self::Sending),
            Self::Sending => Some(Self::Sent),
            Self::Sent => Some(Self::Delivered),
            Self::Delivered | Self::Undelivered | Self::Failed | Self::Canceled | Self::Received => None,
        }
    }

    /// May the message be deleted?
    pub(super) const fn is_settled(self) -> bool {
        matches!(self, Self::Sent) || self.next().is_none()
    }
}

impl Tenant {
    /// Notes when a message goes on by itself.
    pub(super) fn plan_message(&mut self, sid: &str) {
        let step = self.clock.after(STEP);
        let Some(message) = self.messages.get_mut(sid) else { return };
        message.due = match message.status {
            Status::Scheduled => message.send_at,
            status => status.next().map(|_| step),
        };
        if let Some(due) = message.due {
            self.clock.plan(due, Event::Message(sid.to_owned()));
        }
    }

    /// Takes a message one status further, unless it went there in another way meanwhile.
    pub(in crate::engine) fn message_due(&mut self, sid: &str) {
        let now = self.clock.now();
        let due = self.messages.get(sid).filter(|message| message.due == Some(now));
        if let Some(next) = due.and_then(|message| message.status.next()) {
            self.set_message_status(sid, next);
        }
    }

    /// Takes a message to a status and tells its listener.
    pub(super) fn set_message_status(&mut self, sid: &str, status: Status) {
        let now = self.clock.now();
        let Some(message) = self.messages.get(sid) else { return };
        if status == Status::Sending && !self.whatsapp_takes(&message.to, message.content_sid.as_deref()) {
            self.fail(sid, windows::OUTSIDE);
            return;
        }
        let sender = self.sender_of(message);
        let Some(message) = self.messages.get_mut(sid) else { return };
        message.status = status;
        message.updated = now;
        match status {
            Status::Queued => message.choose_sender(sender),
            Status::Sent => {
                message.sent = Some(now);
                let (item, usage, price) = message.charge();
                message.price = Some(price);
                self.ledger.bill(now, item, usage, price);
            }
            _ => {}
        }
        self.plan_message(sid);
        self.report_message(sid);
    }

    fn sender_of(&self, message: &Message) -> String {
        self.sender_for(message.from.as_deref(), message.service.as_deref(), &message.to)
    }

    /// Who sends: the sender that is named, or one of the service's.
    pub(super) fn sender_for(&self, from: Option<&str>, service: Option<&str>, to: &str) -> String {
        match (from, self.pick_sender(service.unwrap_or_default(), to)) {
            (Some(from), _) => from.to_owned(),
            (None, Pool::Number(number)) => number,
            (None, _) => self.reached_number(),
        }
    }

    fn report_message(&mut self, sid: &str) {
        let Some(message) = self.messages.get(sid) else { return };
        let Some(listener) = message.listener.clone() else { return };
        let params = self.message_params(sid, message);
        self.call_back(&listener, sid, params.status, &params.pairs);
    }

    fn message_params(&self, sid: &str, message: &Message) -> Params {
        let status = message.status.word();
        let mut pairs = vec![
            ("MessageSid", sid.to_owned()),
            ("SmsSid", sid.to_owned()),
            ("MessageStatus", status.to_owned()),
            ("SmsStatus", status.to_owned()),
            ("AccountSid", self.account.sid.clone()),
            ("To", message.to.clone()),
            ("ApiVersion", "2010-04-01".to_owned()),
        ];
        pairs.extend(message.from.clone().map(|from| ("From", from)));
        pairs.extend(message.service.clone().map(|service| ("MessagingServiceSid", service)));
        if let Some(code) = message.error {
            pairs.push(("ErrorCode", code.to_string()));
            pairs.push(("ErrorMessage", error_message(code).to_owned()));
        }
        if matches!(message.status, Status::Delivered | Status::Undelivered) {
            pairs.push(("RawDlrDoneDate", self.clock.now().strftime("%y%m%d%H%M").to_string()));
        }
        Params { status, pairs }
    }

    /// Takes a message to `delivered` at once. Is there such a message?
    pub(crate) fn deliver(&mut self, sid: &str) -> bool {
        self.walk(sid, Status::Delivered)
    }

    /// Fails a message: before it was sent it ends as `failed`, afterwards as `undelivered`.
    pub(crate) fn fail(&mut self, sid: &str, code: u32) -> bool {
        let Some(message) = self.messages.get_mut(sid) else { return false };
        if message.status.next().is_some() {
            let end = if message.status == Status::Sent { Status::Undelivered } else { Status::Failed };
            message.error = Some(code);
            self.set_message_status(sid, end);
        }
        true
    }

    /// Sends a message on to its carrier, which does not deliver it.
    pub(crate) fn undeliver(&mut self, sid: &str, code: u32) -> bool {
        self.walk(sid, Status::Sent) && self.fail(sid, code)
    }

    fn walk(&mut self, sid: &str, goal: Status) -> bool {
        while let Some(message) = self.messages.get(sid) {
            match message.status.next().filter(|_| message.status != goal) {
                Some(next) => self.set_message_status(sid, next),
                None => return true,
            }
        }
        false
    }
}

struct Params {
    status: &'static str,
    pairs: Vec<(&'static str, String)>,
}

impl Message {
    /// A messaging service picks its sender when the message is queued.
    fn choose_sender(&mut self, sender: String) {
        self.from = Some(sender);
        self.segments = count(&self.body, &self.media);
    }

    /// What it is billed as, how many units, and their price.
    fn charge(&self) -> (Item, u64, u64) {
        let segments = self.segments as u64;
        if self.media.is_empty() {
            (Item::Sms, segments, segments * SEGMENT_PRICE)
        } else {
            (Item::Mms, 1, MEDIA_PRICE)
        }
    }
}

/// Says what the code of a failed message means.
pub(super) const fn error_message(code: u32) -> &'static str {
    match code {
        30003 => "Unreachable handset",
        30004 => "Message blocked",
        30005 => "Unknown handset",
        30006 => "Landline or unreachable carrier",
        30007 => "Message filtered",
        windows::OUTSIDE => "Outside the window in which free text may be sent",
        30034 => "Unregistered number",
        _ => "Unknown error",
    }
}
