//! Usage triggers: webhooks that are called once usage reaches a value.

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::clock::{day, rfc2822};
use super::core::Core;
use super::ledger;
use super::settings::{Field, FieldKind, Settings, field, method};
use super::table::Table;
use super::usage::{category_of, tallies};

/// What one unit is in the numbers here, so that prices and counts can be compared with decimals.
const UNIT: u64 = 100_000;
/// The digits after the point that fit into [`UNIT`].
const DECIMALS: usize = 5;

const FIELDS: &[Field] = &[
    field("FriendlyName", "friendly_name", FieldKind::Text(None, 64)),
    field("CallbackUrl", "callback_url", FieldKind::Url(None)),
    method("CallbackMethod", "callback_method"),
    field("Recurring", "recurring", FieldKind::Word("alltime", &["daily", "monthly", "yearly", "alltime"])),
    field("TriggerBy", "trigger_by", FieldKind::Word("usage", &["count", "usage", "price"])),
];

/// The usage triggers of an account.
#[derive(Default)]
pub(super) struct UsageTriggers {
    rows: Table<UsageTrigger>,
    /// How many bills there were when the triggers were last compared with the usage.
    compared: Option<u64>,
}

pub(super) struct UsageTrigger {
    category: String,
    /// The value at which it fires, and how the API writes it.
    value: u64,
    text: String,
    pub(super) settings: Settings,
    fired: Option<Timestamp>,
    created: Timestamp,
    pub(super) updated: Timestamp,
}

/// Reads a positive decimal number of at most five decimals, in 1/100000.
pub(super) fn decimal(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || fraction.len() > DECIMALS {
        return None;
    }
    let value: u64 = format!("{whole}{fraction:0<DECIMALS$}").parse().ok()?;
    Some(value).filter(|value| *value > 0)
}

/// Writes a number that is given in 1/100000, without zeros at its end.
fn written(value: u64) -> String {
    ledger::amount(value).trim_end_matches('0').trim_end_matches('.').to_owned()
}

impl UsageTriggers {
    pub(super) const fn rows(&self) -> &Table<UsageTrigger> {
        &self.rows
    }

    pub(super) fn rows_mut(&mut self) -> &mut Table<UsageTrigger> {
        &mut self.rows
    }

    /// Adds a trigger; `value` with a plus is that much more than the usage of now.
    pub(super) fn add(&mut self, core: &mut Core, mut trigger: UsageTrigger, is_more: bool) -> String {
        if is_more {
            trigger.value += trigger.current(core);
            trigger.text = written(trigger.value);
        }
        let sid = core.sids.next("UT");
        self.rows.insert(&sid, trigger);
        self.compared = None;
        sid
    }

    /// Fires each trigger whose value the usage has reached, once in its period.
    pub(super) fn fire(&mut self, core: &mut Core) {
        if self.compared.replace(core.ledger.bills) == Some(core.ledger.bills) {
            return;
        }
        let due: Vec<String> =
            self.rows.iter().filter(|(_, t)| t.is_due(core)).map(|(sid, _)| sid.into()).collect();
        for sid in due {
            if let Some(trigger) = self.rows.get_mut(&sid) {
                trigger.fire(core, &sid);
            }
        }
    }
}

impl UsageTrigger {
    pub(super) fn new(category: &str, (value, text): (u64, &str), now: Timestamp) -> Self {
        Self {
            category: category.to_owned(),
            value,
            text: text.to_owned(),
            settings: Settings::with_defaults(FIELDS),
            fired: None,
            created: now,
            updated: now,
        }
    }

    /// Returns whether the trigger has these properties, where they are asked for.
    pub(super) fn matches(&self, recurring: Option<&str>, by: Option<&str>, category: Option<&str>) -> bool {
        recurring.is_none_or(|word| self.settings.text("recurring") == Some(word))
            && by.is_none_or(|word| self.settings.text("trigger_by") == Some(word))
            && category.is_none_or(|category| self.category == category)
    }

    /// Returns the first day of the period that usage is summed up for.
    fn period_start(&self, core: &Core) -> Date {
        let today = day(core.now());
        match self.settings.text("recurring") {
            Some("daily") => today,
            Some("monthly") => today.first_of_month(),
            Some("yearly") => today.first_of_year(),
            _ => day(core.account.created),
        }
    }

    /// Returns the usage of now, in 1/100000.
    fn current(&self, core: &Core) -> u64 {
        let Some(category) = category_of(&self.category) else { return 0 };
        let tally = category.sum(&tallies(&core.ledger, self.period_start(core), day(core.now())));
        match self.settings.text("trigger_by") {
            Some("count") => tally.count * UNIT,
            Some("usage") if category.counts() => tally.usage * UNIT,
            _ => tally.price,
        }
    }

    fn is_due(&self, core: &Core) -> bool {
        let fired_before = self.fired.is_some_and(|fired| day(fired) >= self.period_start(core));
        !fired_before && self.current(core) >= self.value
    }

    fn fire(&mut self, core: &mut Core, sid: &str) {
        let now = core.now();
        self.fired = Some(now);
        let word = |key: &str| self.settings.text(key).unwrap_or_default().to_owned();
        let params = [
            ("AccountSid", core.account_sid().to_owned()),
            ("UsageTriggerSid", sid.to_owned()),
            ("Recurring", word("recurring")),
            ("TriggerBy", word("trigger_by")),
            ("TriggerValue", self.text.clone()),
            ("CurrentValue", written(self.current(core))),
            ("UsageCategory", self.category.clone()),
            ("UsageRecordUri", self.record_uri(core.account_sid())),
            ("DateFired", rfc2822(now)),
            ("IdempotencyToken", format!("{sid}-FIRES-{}", day(now))),
        ];
        if let Some(endpoint) = self.settings.endpoint("callback_url", "callback_method") {
            core.call_back(&endpoint, sid, "fired", &params);
        }
    }

    fn record_uri(&self, account: &str) -> String {
        format!("/2010-04-01/Accounts/{account}/Usage/Records.json?Category={}", self.category)
    }

    pub(super) fn view(&self, core: &Core, sid: &str) -> Value {
        let account = core.account_sid();
        self.settings.write(json!({
            "sid": sid,
            "account_sid": account,
            "api_version": "2010-04-01",
            "usage_category": self.category,
            "trigger_value": self.text,
            "current_value": written(self.current(core)),
            "date_fired": self.fired.map(rfc2822),
            "date_created": rfc2822(self.created),
            "date_updated": rfc2822(self.updated),
            "usage_record_uri": self.record_uri(account),
            "uri": format!("/2010-04-01/Accounts/{account}/Usage/Triggers/{sid}.json"),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_exact_decimals() {
        for (text, value) in [("30", 3_000_000), ("0.0079", 790), ("25.50", 2_550_000), ("1.00001", 100_001)]
        {
            assert_eq!(decimal(text), Some(value), "{text}");
        }
        for bad in ["", "0", "-1", "1.", ".5", "1.000001", "1e3", "ten", "99999999999999999999"] {
            assert_eq!(decimal(bad), None, "{bad}");
        }
        assert_eq!([written(790), written(3_000_000), written(0)], ["0.0079", "30", "0"]);
    }
}
