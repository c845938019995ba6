//! The messages of the last week against those of the week before.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use jiff::{SignedDuration, Timestamp};

use super::finding::{AuditPart, Finding, FindingKind, FindingSeverity};
use super::run::Run;
use crate::provider::ProviderError;
use crate::twilio::error::lookup;
use crate::twilio::messages::{ListMessages, MessageDirection};
use crate::twilio::{Message, MessageStatus};

/// The fewest messages of a week whose error rate says something.
const ENOUGH: u64 = 50;
/// A rate that is a finding also where the week before had too few messages to compare with.
const HIGH: f64 = 0.10;
/// By how much the rate must be higher than in the week before.
const RISE: f64 = 0.02;
/// From this rate on it is critical.
const CRITICAL: f64 = 0.25;

/// The outgoing messages of one week, counted.
#[derive(Debug, Default)]
struct Week {
    /// Those that ended: delivered, read, failed, undelivered; and those that are sent, where carriers report no more.
    ended: u64,
    /// Those that failed or were not delivered.
    failed: u64,
    /// The errors, by code.
    codes: BTreeMap<u32, u64>,
    /// Were there more messages than were read?
    cut: bool,
}

impl Week {
    fn count(&mut self, message: &Message) {
        use MessageStatus::{Delivered, Failed, PartiallyDelivered, Read, Sent, Undelivered};
        match message.status {
            Failed | Undelivered => {
                self.ended += 1;
                self.failed += 1;
                if let Some(code) = message.error_code {
                    *self.codes.entry(code).or_default() += 1;
                }
            }
            Delivered | Read | Sent | PartiallyDelivered => self.ended += 1,
            _ => {}
        }
    }

    fn rate(&self) -> f64 {
        if self.ended == 0 { 0.0 } else { self.failed as f64 / self.ended as f64 }
    }

    /// Returns the most frequent error.
    fn main_code(&self) -> Option<u32> {
        self.codes
            .iter()
            .max_by_key(|(code, count)| (**count, std::cmp::Reverse(**code)))
            .map(|(code, _)| *code)
    }
}

/// Reads both weeks, the newest messages first, up to a limit each.
pub(super) async fn check(run: &mut Run) {
    let (now, week) = (run.audit().now, run.days_ago(7));
    let before = week.checked_sub(SignedDuration::from_secs(1)).unwrap_or(Timestamp::MIN);
    let (last, past) = match (read(run, week, now).await, read(run, run.days_ago(14), before).await) {
        (Ok(last), Ok(past)) => (last, past),
        (Err(error), _) | (_, Err(error)) => {
            let what = "The error rate of messages was not checked.";
            return run.skip(AuditPart::Messages, what, &error);
        }
    };
    if let Some(finding) = compare(run.account().sid(), &last, &past) {
        run.found(finding);
    }
}

async fn read(run: &mut Run, from: Timestamp, to: Timestamp) -> Result<Week, ProviderError> {
    let filter = ListMessages::new().sent_on_or_after(from).sent_on_or_before(to);
    let limit = run.audit().max_messages;
    let (mut week, mut read) = (Week::default(), 0);
    let list = run.account().messages().list(&filter).page_size(run.page());
    let count = |run: &mut Run, message: Message| {
        if read >= limit {
            week.cut = true;
            return ControlFlow::Break(());
        }
        read += 1;
        if message.direction == Some(MessageDirection::Inbound) {
            run.used(message.to.as_ref());
        } else {
            run.used(message.from.as_ref());
            week.count(&message);
        }
        ControlFlow::Continue(())
    };
    run.until(AuditPart::Messages, list, count).await?;
    Ok(week)
}

/// Compares the weeks. A difference counts only where it is unlikely to be chance: more than twice its standard error.
fn compare(account_sid: &str, last: &Week, past: &Week) -> Option<Finding> {
    let (now, then) = (last.rate(), past.rate());
    let comparable = past.ended >= ENOUGH;
    let worse = if comparable {
        let (n, m) = (last.ended as f64, past.ended as f64);
        let pooled = (last.failed + past.failed) as f64 / (n + m);
        let deviation = (pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m)).sqrt();
        now - then >= RISE && now - then > 2.0 * deviation
    } else {
        now >= HIGH
    };
    if last.ended < ENOUGH || !worse {
        return None;
    }
    let code = last.main_code();
    let entry = code.and_then(lookup);
    let against = match comparable {
        true => format!(", against {}% in the week before", percent(then)),
        false => String::new(),
    };
    let of = if last.cut { "newest messages" } else { "messages" };
    let mostly = code.map(|code| {
        let title = entry.map(|entry| format!(", {}", entry.title)).unwrap_or_default();
        format!(", most often with {code}{title}")
    });
    let what = format!(
        "{}% of the {of} of the last 7 days failed or were not delivered ({} of {}){against}{}.",
        percent(now),
        last.failed,
        last.ended,
        mostly.unwrap_or_default()
    );
    let severity = if now >= CRITICAL { FindingSeverity::Critical } else { FindingSeverity::Warning };
    let fix = entry.map_or("Look at the failed messages and their error codes.", |entry| entry.fix);
    let finding = Finding::new(FindingKind::ErrorRate, severity, account_sid, what, fix);
    Some(finding.code(code).count(last.failed).command("switchboard report messages --days 14"))
}

fn percent(rate: f64) -> String {
    format!("{:.1}", rate * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn week(failed: u64, ended: u64) -> Week {
        Week { ended, failed, codes: BTreeMap::from([(30007, failed)]), cut: false }
    }

    #[test]
    fn noise_is_no_finding_and_a_real_rise_is() {
        for (last, past, found) in [
            ((30, 200), (2, 200), true),
            // Too few messages.
            ((40, 49), (0, 200), false),
            // Not more than before.
            ((30, 200), (30, 200), false),
            ((2, 200), (30, 200), false),
            // More, but within chance.
            ((5, 60), (3, 60), false),
            // Surely more, but hardly.
            ((1100, 100_000), (900, 100_000), false),
            // Nothing to compare with.
            ((6, 60), (0, 0), true),
            ((5, 60), (0, 0), false),
            ((0, 0), (0, 0), false),
        ] {
            let finding = compare("AC1", &week(last.0, last.1), &week(past.0, past.1));
            assert_eq!(finding.is_some(), found, "{last:?} {past:?}");
        }
    }

    #[test]
    fn a_finding_has_the_rates_and_the_most_frequent_error() {
        let mut last = week(30, 100);
        last.codes.insert(30003, 10);
        let finding = compare("AC1", &last, &week(1, 100)).unwrap();
        assert_eq!((finding.code, finding.count), (Some(30007), Some(30)));
        assert_eq!(finding.severity, FindingSeverity::Critical);
        let start = "30.0% of the messages of the last 7 days failed or were not delivered (30 of 100), against 1.0% in \
                     the week before, most often with 30007, ";
        assert!(finding.what.starts_with(start), "{}", finding.what);
        assert_eq!(finding.what_to_do, lookup(30007).unwrap().fix);
    }
}
