//! What the calls of a period amount to.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::breakdown::{Breakdown, CountryFigures, DayFigures, SenderFigures, Volume};
use super::figures::{DirectionCount, ErrorCount, StatusCount, charge, count_words, errors, share, words};
use super::period::ResolvedDays;
use super::recent::Recent;
use crate::provider::Price;
use crate::twilio::alerts::Alert;
use crate::twilio::calls::CallDirection;
use crate::twilio::{Call, CallStatus};

/// What the calls of a period amount to.
///
/// - A call belongs to the day on which it started, by Twilio's `start_time`; to the day on which it was made if it has none.
///   Days are those of UTC.
/// - Each leg is a call, as Twilio lists and bills it: a call that is forwarded is an inbound one and one that was dialled.
/// - It is counted with the status that it had when its page was read, and once.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CallAnalytics {
    /// The first day.
    pub first_day: Date,
    /// The last day.
    pub last_day: Date,
    /// When it was counted. The last day may not be over.
    pub as_of: Timestamp,
    /// All calls.
    pub total: CallFigures,
    /// The calls of each day, the oldest first; days without calls, too.
    pub by_day: Vec<DayFigures<CallFigures>>,
    /// The calls of each number of the account, the busiest first.
    pub by_sender: Vec<SenderFigures<CallFigures>>,
    /// The calls of each country, the busiest first.
    pub by_country: Vec<CountryFigures<CallFigures>>,
    /// How many calls there are in each direction.
    pub by_direction: Vec<DirectionCount<CallDirection>>,
    /// How many calls there are in each direction with each status.
    pub by_status: Vec<StatusCount<CallDirection, CallStatus>>,
    /// What went wrong in calls, by the codes of the alerts about them; the most frequent first. A call itself has no error
    /// code. Twilio keeps alerts for 30 days only.
    pub errors: Vec<ErrorCount>,
    /// Rows of Twilio's list that are not counted, because they cannot be read or have no date.
    pub left_out: u64,
}

/// Figures of calls.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CallFigures {
    /// All calls, also those of SIP trunks, which are neither inbound nor outbound here.
    pub calls: u64,
    /// Those that people made to the account.
    pub inbound: u64,
    /// Those that the account made, over the API or by the TwiML of another call.
    pub outbound: u64,
    /// Outbound calls that were answered, by a person or a machine, and ended.
    pub answered: u64,
    /// Outbound calls that ended as `busy`, `no-answer` or `failed`.
    pub unanswered: u64,
    /// The share of the answered ones among the outbound calls that ended, which are the answered and the unanswered ones;
    /// from 0 to 1. Canceled calls do not count.
    pub answer_rate: Option<f64>,
    /// Calls in all directions that were answered and ended.
    pub completed: u64,
    /// How long the completed calls lasted together, from the answer to the end.
    pub total_seconds: u64,
    /// How long a completed call lasted on average.
    pub mean_seconds: Option<f64>,
    /// What Twilio bills for the connections, by currency; the currency is empty where Twilio says none. Recordings,
    /// transcriptions and machine detection are billed apart.
    pub cost: Vec<Price>,
    /// Calls without a price, whose cost is not known yet. Those that ended without an answer are not counted here, because
    /// nothing is billed for them.
    pub unpriced: u64,
}

impl Volume for CallFigures {
    fn volume(&self) -> u64 {
        self.calls
    }
}

impl CallFigures {
    fn add(&mut self, call: &Call) {
        let completed = call.status == CallStatus::Completed;
        self.calls += 1;
        match side(call) {
            Side::Person => self.inbound += 1,
            Side::Account => {
                self.outbound += 1;
                self.answered += u64::from(completed);
                self.unanswered += u64::from(is_unanswered(&call.status));
                self.answer_rate = share(self.answered, self.answered + self.unanswered);
            }
            Side::Trunk => {}
        }
        if completed {
            self.completed += 1;
            self.total_seconds += u64::from(call.duration.unwrap_or_default());
            self.mean_seconds = share(self.total_seconds, self.completed);
        }
        let priced = charge(&mut self.cost, call.price.as_ref(), call.price_unit.as_deref());
        let unanswered = is_unanswered(&call.status) || call.status == CallStatus::Canceled;
        self.unpriced += u64::from(!priced && !unanswered);
    }
}

/// Who made a call.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Person,
    Account,
    /// A trunk, or a direction that is not known here.
    Trunk,
}

fn side(call: &Call) -> Side {
    use CallDirection::{Inbound, OutboundApi, OutboundDial, TrunkingOriginating, TrunkingTerminating};
    match &call.direction {
        Some(Inbound) => Side::Person,
        Some(OutboundApi | OutboundDial) => Side::Account,
        Some(TrunkingOriginating | TrunkingTerminating | CallDirection::Unknown(_)) | None => Side::Trunk,
    }
}

fn is_unanswered(status: &CallStatus) -> bool {
    matches!(status, CallStatus::Busy | CallStatus::NoAnswer | CallStatus::Failed)
}

/// Counts calls, and the alerts about them.
pub(super) struct CallCount {
    days: ResolvedDays,
    figures: Breakdown<CallFigures>,
    words: Vec<(CallDirection, CallStatus, u64)>,
    codes: BTreeMap<u32, u64>,
    recent: Recent,
    left_out: u64,
}

impl CallCount {
    pub(super) fn new(days: &ResolvedDays) -> Self {
        Self {
            days: *days,
            figures: Breakdown::new(days),
            words: Vec::new(),
            codes: BTreeMap::new(),
            recent: Recent::default(),
            left_out: 0,
        }
    }

    pub(super) fn add(&mut self, call: &Call) {
        if !self.recent.insert(&call.sid) {
            return;
        }
        let Some(at) = call.start_time.or(call.date_created) else {
            self.left_out += 1;
            return;
        };
        let Some(day) = self.days.position(at) else { return };
        let (ours, person) = match side(call) {
            Side::Person => (&call.to, &call.from),
            Side::Account | Side::Trunk => (&call.from, &call.to),
        };
        self.figures.count(day, ours.as_ref(), person.as_ref(), |figures| figures.add(call));
        count_words(&mut self.words, &call.direction.clone().unwrap_or_default(), &call.status);
    }

    /// Counts an alert if it is about a call, and of the period.
    pub(super) fn add_alert(&mut self, alert: &Alert) {
        let about_a_call = alert.resource_sid.as_ref().is_some_and(|sid| sid.starts_with("CA"));
        let at = alert.date_generated.or(alert.date_created);
        let within = at.is_some_and(|at| self.days.position(at).is_some());
        if let Some(code) = alert.error_code.filter(|_| about_a_call && within)
            && self.recent.insert(&alert.sid)
        {
            *self.codes.entry(code).or_default() += 1;
        }
    }

    pub(super) fn finish(self, unreadable: u64) -> CallAnalytics {
        let (total, by_day, by_sender, by_country) = self.figures.finish();
        let (by_direction, by_status) = words(self.words);
        CallAnalytics {
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
            left_out: self.left_out + unreadable,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::AnalyticsPeriod;
    use super::*;

    fn counter() -> CallCount {
        let day: Date = "2026-09-02".parse().unwrap();
        CallCount::new(&AnalyticsPeriod::between(day, day).resolve().unwrap())
    }

    fn row(sid: u32, direction: &str, status: &str) -> Value {
        json!({"sid": format!("CA{sid}"), "direction": direction, "status": status, "duration": "30",
               "date_created": "Wed, 02 Sep 2026 10:00:00 +0000", "to": "+14155551234", "from": "+14155550100"})
    }

    fn counted(rows: &[Value]) -> CallAnalytics {
        let mut count = counter();
        rows.iter().for_each(|row| count.add(&serde_json::from_value(row.clone()).unwrap()));
        count.finish(0)
    }

    #[test]
    fn the_rate_is_of_outbound_calls_that_ended() {
        let states =
            ["completed", "busy", "no-answer", "failed", "canceled", "ringing", "in-progress", "new"];
        let mut rows: Vec<_> =
            (0..).zip(states).map(|(sid, status)| row(sid, "outbound-api", status)).collect();
        rows.push(row(20, "outbound-dial", "completed"));
        rows.push(row(21, "inbound", "completed"));
        rows.push(row(22, "trunking-originating", "completed"));
        let total = counted(&rows).total;
        assert_eq!((total.calls, total.outbound, total.inbound), (11, 9, 1));
        assert_eq!((total.answered, total.unanswered, total.answer_rate), (2, 3, Some(0.4)));
        assert_eq!((total.completed, total.total_seconds, total.mean_seconds), (4, 120, Some(30.0)));
        // Four that are completed, three that are live or in an unknown state.
        assert_eq!((total.cost.len(), total.unpriced), (0, 7));
    }

    #[test]
    fn alerts_are_counted_once_if_they_are_about_a_call_of_the_period() {
        let mut count = counter();
        for (sid, resource, code, at) in [
            (1, Some("CA1"), Some("11200"), "2026-09-02T10:00:00Z"),
            (1, Some("CA1"), Some("11200"), "2026-09-02T10:00:00Z"),
            (2, Some("CA2"), Some("11200"), "2026-09-02T23:59:59Z"),
            (3, Some("SM1"), Some("30003"), "2026-09-02T10:00:00Z"),
            (4, None, Some("11200"), "2026-09-02T10:00:00Z"),
            (5, Some("CA3"), None, "2026-09-02T10:00:00Z"),
            (6, Some("CA3"), Some("11200"), "2026-09-03T00:00:00Z"),
        ] {
            let alert = json!({"sid": format!("NO{sid}"), "resource_sid": resource, "error_code": code, "date_generated": at});
            count.add_alert(&serde_json::from_value(alert).unwrap());
        }
        let errors = count.finish(3).errors;
        assert_eq!(errors.iter().map(|row| (row.code, row.count)).collect::<Vec<_>>(), [(11200, 2)]);
    }

    #[test]
    fn json_has_the_names_of_the_neighbours() {
        let mut billed = row(1, "outbound-api", "completed");
        billed["price"] = json!("-0.014");
        billed["price_unit"] = json!("USD");
        let json = serde_json::to_value(counted(&[billed.clone(), billed])).unwrap();
        assert_eq!((&json["total"]["answerRate"], &json["total"]["totalSeconds"]), (&json!(1.0), &json!(30)));
        assert_eq!(json["byDay"][0]["cost"], json!([{"amount": "0.014", "currency": "USD"}]));
        assert_eq!(json["byDirection"], json!([{"direction": "outbound-api", "count": 1}]));
    }
}
