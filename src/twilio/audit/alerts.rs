//! The alerts of the last week, by code.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::finding::{AuditPart, Finding, FindingKind, FindingSeverity};
use super::run::Run;
use crate::twilio::alerts::{Alert, AlertLevel, ListAlerts};
use crate::twilio::error::lookup;

/// How many alerts are read at most, the newest first: five pages.
const MOST: u64 = 5000;
/// How many codes become findings at most, the most frequent ones.
const CODES: usize = 20;

/// The alerts of one code.
#[derive(Debug, Default)]
struct Count {
    last_day: u64,
    last_week: u64,
    is_error: bool,
}

pub(super) async fn check(run: &mut Run) {
    let (week, day) = (run.days_ago(7), run.days_ago(1));
    let list = run.account().alerts().list(&ListAlerts::new().since(week)).page_size(run.page()).limit(MOST);
    let mut codes: BTreeMap<u32, Count> = BTreeMap::new();
    let count = |_: &mut Run, alert: Alert| {
        let level = alert.level.as_ref();
        let matters = matches!(level, Some(AlertLevel::Error | AlertLevel::Warning));
        if let Some(code) = alert.error_code.filter(|_| matters) {
            let one = codes.entry(code).or_default();
            one.last_week += 1;
            one.is_error |= level == Some(&AlertLevel::Error);
            one.last_day += u64::from(alert.date_generated.or(alert.date_created) >= Some(day));
        }
        ControlFlow::Continue(())
    };
    if let Err(error) = run.until(AuditPart::Alerts, list, count).await {
        return run.skip(AuditPart::Alerts, "The alerts of the last week were not checked.", &error);
    }
    let mut codes: Vec<(u32, Count)> = codes.into_iter().collect();
    codes.sort_by_key(|(code, count)| (std::cmp::Reverse(count.last_week), *code));
    let sid = run.account().sid().to_owned();
    codes.into_iter().take(CODES).for_each(|(code, count)| run.found(finding(&sid, code, &count)));
}

fn finding(account_sid: &str, code: u32, count: &Count) -> Finding {
    let entry = lookup(code);
    let title = entry.map(|entry| format!(": {}", entry.title)).unwrap_or_default();
    let Count { last_day, last_week, is_error } = count;
    let severity = match is_error {
        true if *last_day > 0 => FindingSeverity::Warning,
        _ => FindingSeverity::Notice,
    };
    let times = |count: u64| if count == 1 { "once".to_owned() } else { format!("{count} times") };
    let what = format!(
        "The alert {code} came {} in 7 days, {} of these in the last 24 hours{title}.",
        times(*last_week),
        last_day
    );
    let fix = match entry {
        Some(entry) => entry.fix.to_owned(),
        None => format!("Read what it means on https://www.twilio.com/docs/errors/{code}."),
    };
    let finding = Finding::new(FindingKind::RecentAlerts, severity, account_sid, what, fix);
    finding.code(Some(code)).count(*last_week).command("switchboard alert list")
}
