//! What the messages of a period amount to.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::breakdown::{Breakdown, CountryFigures, DayFigures, SenderFigures, Volume};
use super::conversation::Conversations;
use super::figures::{DirectionCount, ErrorCount, StatusCount, charge, count_words, errors, share, words};
use super::period::ResolvedDays;
use super::recent::Recent;
use super::times::{TimeFigures, Times};
use crate::provider::Price;
use crate::twilio::messages::MessageDirection;
use crate::twilio::{Message, MessageStatus};

/// What the messages of a period amount to.
///
/// - A message belongs to the day on which it was sent or received, by Twilio's `date_sent`; to the day on which it was made
///   if it was not sent. Days are those of UTC.
/// - It is counted with the status that it had when its page was read; a message that comes twice, because it changed or
///   others came in meanwhile, is counted the first time.
/// - Response times are measured between a number of the account and a person's, from one `date_sent` to the next, in whole
///   seconds, within the period: see [`answer_time`](Self::answer_time) and [`reply_time`](Self::reply_time). "Next" is in
///   the order of Twilio's list; what waited in a queue while an answer came, and went out after it, is not measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct MessageAnalytics {
    /// The first day.
    pub first_day: Date,
    /// The last day.
    pub last_day: Date,
    /// When it was counted. The last day may not be over.
    pub as_of: Timestamp,
    /// All messages.
    pub total: MessageFigures,
    /// The messages of each day, the oldest first; days without messages, too.
    pub by_day: Vec<DayFigures<MessageFigures>>,
    /// The messages of each sender, the busiest first.
    pub by_sender: Vec<SenderFigures<MessageFigures>>,
    /// The messages of each country, the busiest first.
    pub by_country: Vec<CountryFigures<MessageFigures>>,
    /// How many messages there are in each direction.
    pub by_direction: Vec<DirectionCount<MessageDirection>>,
    /// How many messages there are in each direction with each status.
    pub by_status: Vec<StatusCount<MessageDirection, MessageStatus>>,
    /// Why messages failed or did not arrive, by `error_code`; the most frequent first.
    pub errors: Vec<ErrorCount>,
    /// How long people take to answer: from a message of the account that went out to the person's next message to the same
    /// sender, if the account sent them nothing in between.
    pub answer_time: Option<TimeFigures>,
    /// How long the account takes to reply: from a person's message to the account's next message that went out to them from
    /// the number they wrote to, if they wrote nothing in between.
    pub reply_time: Option<TimeFigures>,
    /// How long Twilio takes to send: from `date_created` to `date_sent` of outbound messages. For a scheduled message this
    /// includes the time until it is due.
    pub send_time: Option<TimeFigures>,
    /// Messages whose response time was not measured, because there are more pairs of numbers than
    /// [`conversations`](super::AnalyticsPeriod::conversations) allows. The newest pairs are followed.
    pub not_followed: u64,
    /// Rows of Twilio's list that are not counted, because they cannot be read or have no date.
    pub left_out: u64,
}

/// Figures of messages.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct MessageFigures {
    /// All messages.
    pub messages: u64,
    /// Those that people sent to the account.
    pub inbound: u64,
    /// Those that the account sent, over the API, as a reply, or during a call.
    pub outbound: u64,
    /// Outbound messages that arrived: `delivered` or `read`.
    pub delivered: u64,
    /// Outbound messages that did not arrive: `undelivered` or `failed`.
    pub failed: u64,
    /// The share of the delivered ones among the outbound messages that ended, which are the delivered and the failed ones;
    /// from 0 to 1. What is on its way or canceled does not count, nor does `sent`, after which a report may follow or not.
    pub delivery_rate: Option<f64>,
    /// The billed segments of all messages.
    pub segments: u64,
    /// What Twilio bills, by currency; the currency is empty where Twilio says none.
    pub cost: Vec<Price>,
    /// Messages without a price, whose cost is not known yet. Failed and canceled ones without a price are not counted here,
    /// because usually nothing is billed for them.
    pub unpriced: u64,
}

impl Volume for MessageFigures {
    fn volume(&self) -> u64 {
        self.messages
    }
}

impl MessageFigures {
    fn add(&mut self, message: &Message) {
        self.messages += 1;
        self.segments += u64::from(message.num_segments.unwrap_or_default());
        match side(message) {
            Side::Person => self.inbound += 1,
            Side::Account => {
                self.outbound += 1;
                self.delivered += u64::from(message.status.is_delivered());
                self.failed += u64::from(is_failed(&message.status));
                self.delivery_rate = share(self.delivered, self.delivered + self.failed);
            }
            Side::Unknown => {}
        }
        let priced = charge(&mut self.cost, message.price.as_ref(), message.price_unit.as_deref());
        self.unpriced += u64::from(!priced && may_be_billed(&message.status));
    }
}

/// Who sent a message.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Person,
    Account,
    Unknown,
}

fn side(message: &Message) -> Side {
    use MessageDirection::{Inbound, OutboundApi, OutboundCall, OutboundReply};
    match &message.direction {
        Some(Inbound) => Side::Person,
        Some(OutboundApi | OutboundReply | OutboundCall) => Side::Account,
        Some(MessageDirection::Unknown(_)) | None => Side::Unknown,
    }
}

fn is_failed(status: &MessageStatus) -> bool {
    matches!(status, MessageStatus::Failed | MessageStatus::Undelivered)
}

fn may_be_billed(status: &MessageStatus) -> bool {
    !matches!(status, MessageStatus::Failed | MessageStatus::Canceled)
}

/// Did it reach the person, as far as is known?
fn went_out(status: &MessageStatus) -> bool {
    use MessageStatus::{Delivered, PartiallyDelivered, Read, Sent};
    matches!(status, Sent | Delivered | Read | PartiallyDelivered)
}

/// Counts messages, the newest first.
pub(super) struct MessageCount {
    days: ResolvedDays,
    figures: Breakdown<MessageFigures>,
    words: Vec<(MessageDirection, MessageStatus, u64)>,
    codes: BTreeMap<u32, u64>,
    conversations: Conversations,
    send_times: Times,
    recent: Recent,
    left_out: u64,
}

impl MessageCount {
    pub(super) fn new(days: &ResolvedDays, conversations: usize) -> Self {
        Self {
            days: *days,
            figures: Breakdown::new(days),
            words: Vec::new(),
            codes: BTreeMap::new(),
            conversations: Conversations::new(conversations),
            send_times: Times::default(),
            recent: Recent::default(),
            left_out: 0,
        }
    }

    pub(super) fn add(&mut self, message: &Message) {
        if !self.recent.insert(&message.sid) {
            return;
        }
        let Some(at) = message.date_sent.or(message.date_created) else {
            self.left_out += 1;
            return;
        };
        let Some(day) = self.days.position(at) else { return };
        let side = side(message);
        let (ours, person) = match side {
            Side::Person => (&message.to, &message.from),
            Side::Account | Side::Unknown => (&message.from, &message.to),
        };
        self.figures.count(day, ours.as_ref(), person.as_ref(), |figures| figures.add(message));
        count_words(&mut self.words, &message.direction.clone().unwrap_or_default(), &message.status);
        if let Some(code) = message.error_code {
            *self.codes.entry(code).or_default() += 1;
        }
        if side == Side::Account {
            self.measure_sending(message);
        }
        if let (Some(ours), Some(person)) = (ours, person)
            && (side == Side::Person || (side == Side::Account && went_out(&message.status)))
        {
            self.conversations.add(ours.as_str(), person.as_str(), side == Side::Person, at);
        }
    }

    fn measure_sending(&mut self, message: &Message) {
        let (Some(created), Some(sent)) = (message.date_created, message.date_sent) else { return };
        if let Ok(seconds) = u64::try_from(sent.as_second() - created.as_second()) {
            self.send_times.add(seconds);
        }
    }

    pub(super) fn finish(self, unreadable: u64) -> MessageAnalytics {
        let (total, by_day, by_sender, by_country) = self.figures.finish();
        let (by_direction, by_status) = words(self.words);
        MessageAnalytics {
            first_day: self.days.first,
            last_day: self.days.last,
            as_of: self.days.as_of,
            total,
            by_day,
            by_sender,
            by_country,
            by_direction,
            by_status,
            errors: errors(self.codes),
            answer_time: self.conversations.answers.figures(),
            reply_time: self.conversations.replies.figures(),
            send_time: self.send_times.figures(),
            not_followed: self.conversations.not_followed,
            left_out: self.left_out + unreadable,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::AnalyticsPeriod;
    use super::*;

    fn counted(rows: &[Value]) -> MessageAnalytics {
        let period = AnalyticsPeriod::days(2).now("2026-09-02T12:00:00Z".parse().unwrap());
        let days = period.resolve().unwrap();
        let mut count = MessageCount::new(&days, 10);
        rows.iter().for_each(|row| count.add(&serde_json::from_value(row.clone()).unwrap()));
        count.finish(0)
    }

    fn row(sid: u32, direction: &str, status: &str, sent: &str) -> Value {
        json!({"sid": format!("SM{sid}"), "direction": direction, "status": status, "date_sent": sent,
               "to": "+14155551234", "from": "+14155550100", "price": "-0.0079", "price_unit": "usd"})
    }

    const FIRST: &str = "Tue, 01 Sep 2026 10:00:00 +0000";
    const SECOND: &str = "Wed, 02 Sep 2026 10:00:00 +0000";

    #[test]
    fn the_rate_is_of_what_ended() {
        let states = ["delivered", "read", "undelivered", "failed", "sent", "queued", "canceled", "new-word"];
        let rows: Vec<_> =
            (0..).zip(states).map(|(sid, status)| row(sid, "outbound-api", status, FIRST)).collect();
        let total = counted(&rows).total;
        assert_eq!((total.outbound, total.delivered, total.failed), (8, 2, 2));
        assert_eq!(total.delivery_rate, Some(0.5));
        assert_eq!(counted(&[row(1, "inbound", "received", FIRST)]).total.delivery_rate, None);
    }

    #[test]
    fn a_row_that_comes_twice_is_counted_once_and_one_without_a_date_is_left_out() {
        let changed = row(1, "outbound-api", "delivered", SECOND);
        let mut undated = row(2, "outbound-api", "queued", FIRST);
        undated["date_sent"] = Value::Null;
        let report = counted(&[row(1, "outbound-api", "queued", SECOND), changed, undated]);
        assert_eq!((report.total.messages, report.total.delivered, report.left_out), (1, 0, 1));
    }

    #[test]
    fn rows_outside_the_days_are_not_counted_and_empty_days_are_shown() {
        let rows = [
            row(1, "outbound-api", "sent", "Thu, 03 Sep 2026 00:00:00 +0000"),
            row(2, "outbound-api", "sent", "Wed, 02 Sep 2026 23:59:59 +0000"),
            row(3, "outbound-api", "sent", "Mon, 31 Aug 2026 23:59:59 +0000"),
        ];
        let report = counted(&rows);
        let days: Vec<_> =
            report.by_day.iter().map(|row| (row.day.to_string(), row.figures.messages)).collect();
        assert_eq!(days, [("2026-09-01".to_owned(), 0), ("2026-09-02".to_owned(), 1)]);
    }

    #[test]
    fn unknown_directions_are_counted_and_belong_to_no_side() {
        let mut missing = row(2, "x", "sent", FIRST);
        missing["direction"] = Value::Null;
        let report = counted(&[row(1, "outbound-fax", "sent", FIRST), missing]);
        assert_eq!((report.total.messages, report.total.outbound, report.total.inbound), (2, 0, 0));
        assert_eq!(report.by_direction.len(), 2);
        assert_eq!(report.answer_time, None);
    }

    #[test]
    fn json_has_the_names_of_the_neighbours() {
        let mut failed = row(1, "outbound-api", "failed", FIRST);
        failed["error_code"] = json!(30003);
        let json =
            serde_json::to_value(counted(&[failed, row(2, "outbound-reply", "sent", SECOND)])).unwrap();
        assert_eq!((&json["firstDay"], &json["lastDay"]), (&json!("2026-09-01"), &json!("2026-09-02")));
        assert_eq!(
            (&json["byDay"][0]["day"], &json["byDay"][0]["failed"]),
            (&json!("2026-09-01"), &json!(1))
        );
        assert_eq!(json["total"]["cost"], json!([{"amount": "0.0158", "currency": "USD"}]));
        assert_eq!(json["bySender"][0]["sender"], "+14155550100");
        assert_eq!(
            (&json["byCountry"][0]["country"], &json["byCountry"][0]["messages"]),
            (&json!("US"), &json!(2))
        );
        assert_eq!(json["errors"][0]["code"], 30003);
        assert_eq!(json["byStatus"][0], json!({"direction": "outbound-api", "status": "failed", "count": 1}));
    }

    #[test]
    fn numbers_are_masked_in_debug() {
        let shown = format!("{:?}", counted(&[row(1, "outbound-api", "sent", FIRST)]));
        assert!(shown.contains("…0100") && !shown.contains("5550100"), "{shown}");
    }
}
