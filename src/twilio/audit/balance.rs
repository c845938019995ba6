//! How long the balance lasts.

use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::finding::{AuditPart, Finding, FindingKind, FindingSeverity, Skipped};
use super::run::Run;
use crate::provider::ProviderError;
use crate::twilio::usage::{ListUsage, UsagePeriod, UsageRecord};

const WHAT: &str = "How long the balance lasts was not checked.";
/// With less than this many days left it is critical.
const CRITICAL: i64 = 3;

/// Compares the balance with what a day costs: that of the last 30 days or that of the last 7, whichever is more.
pub(super) async fn check(run: &mut Run) {
    let balance = match run.account().balance().await {
        Ok(balance) => balance,
        Err(error) => return run.skip(AuditPart::Balance, WHAT, &error),
    };
    let Some(left) = balance.balance.as_ref().and_then(|amount| amount.decimal()) else {
        return run.skipped(Skipped::new(AuditPart::Balance, WHAT, "Twilio's answer has no balance."));
    };
    let mut daily = Decimal::ZERO;
    for days in [30, 7] {
        match spent(run, days).await {
            Ok(Some(record)) if differ(&record, balance.currency.as_deref()) => {
                let why = "The balance and the usage are in different currencies.";
                return run.skipped(Skipped::new(AuditPart::Balance, WHAT, why));
            }
            Ok(record) => {
                let price = record.and_then(|record| record.price?.decimal()).unwrap_or_default();
                daily = daily.max(price.abs() / Decimal::from(days));
            }
            Err(error) => return run.skip(AuditPart::Balance, WHAT, &error),
        }
    }
    let sid = run.account().sid().to_owned();
    let least = run.audit().days_left;
    if let Some(finding) = judge(&sid, left, daily, balance.currency.as_deref(), least) {
        run.found(finding);
    }
}

fn differ(record: &UsageRecord, currency: Option<&str>) -> bool {
    matches!((&record.price_unit, currency), (Some(unit), Some(currency)) if !unit.eq_ignore_ascii_case(currency))
}

/// Reads what all products cost in that many days, today included.
async fn spent(run: &Run, days: i64) -> Result<Option<UsageRecord>, ProviderError> {
    let today = TimeZone::UTC.to_datetime(run.audit().now).date();
    let first = today.checked_sub((days - 1).days()).unwrap_or(Date::MIN);
    let list = ListUsage::new(UsagePeriod::Whole).category("totalprice").from(first).until(today);
    run.account().usage().list(&list).limit(1).next().await.transpose()
}

fn judge(sid: &str, left: Decimal, daily: Decimal, currency: Option<&str>, least: u32) -> Option<Finding> {
    let unit = currency.unwrap_or_default();
    let days = left.checked_div(daily).map(|days| days.floor());
    let empty = left <= Decimal::ZERO && daily > Decimal::ZERO;
    if !empty && days.is_none_or(|days| days >= Decimal::from(least)) {
        return None;
    }
    let days = days.filter(|_| !empty).unwrap_or_default();
    let what = if empty {
        format!("The balance is used up: it is {left} {unit}.")
    } else {
        let daily = daily.round_dp(2);
        format!(
            "The balance of {left} {unit} lasts for {days} days, because a day costs about {daily} {unit}."
        )
    };
    let critical = empty || days < Decimal::from(CRITICAL);
    let severity = if critical { FindingSeverity::Critical } else { FindingSeverity::Warning };
    let finding = Finding::new(
        FindingKind::LowBalance,
        severity,
        sid,
        what,
        "Add funds, or turn on auto-recharge in Twilio's Console.",
    );
    let count = u64::try_from(days).unwrap_or_default();
    Some(finding.amount(left, currency).count(count).command("switchboard account balance"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_days_that_are_left_decide() {
        for (left, daily, expected) in [
            ("100", "1", None),
            ("14", "1", None),
            ("13.99", "1", Some((FindingSeverity::Warning, 13))),
            ("3", "1.01", Some((FindingSeverity::Critical, 2))),
            ("0", "1", Some((FindingSeverity::Critical, 0))),
            ("-5", "1", Some((FindingSeverity::Critical, 0))),
            // Where nothing is spent, nothing runs out.
            ("0.05", "0", None),
            ("0", "0", None),
        ] {
            let finding = judge("AC1", left.parse().unwrap(), daily.parse().unwrap(), Some("usd"), 14);
            let found = finding.as_ref().map(|finding| (finding.severity, finding.count.unwrap()));
            assert_eq!(found, expected, "{left} {daily}");
        }
        let finding = judge("AC1", "20".parse().unwrap(), "3.333".parse().unwrap(), Some("EUR"), 14).unwrap();
        assert_eq!(
            finding.what,
            "The balance of 20 EUR lasts for 6 days, because a day costs about 3.33 EUR."
        );
    }
}
