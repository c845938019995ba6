//! Geo permissions: the countries that an account may send messages to.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::countries::{self, COUNTRIES};

/// Countries with a high risk of fraud, each with its calling code. They are changed in Twilio's Console only.
/// <https://www.twilio.com/docs/api/errors/30649>
const HIGH_RISK: &[(&str, &str)] = &[
    ("DZ", "213"),
    ("TN", "216"),
    ("NG", "234"),
    ("PK", "92"),
    ("LK", "94"),
    ("BD", "880"),
    ("OM", "968"),
    ("PS", "970"),
    ("IL", "972"),
    ("TJ", "992"),
    ("AZ", "994"),
];

/// Countries that Twilio sends no messages to.
const UNSUPPORTED: &[(&str, &str)] = &[("CU", "53"), ("SY", "963"), ("IR", "98")];

/// The code of a permission that cannot be changed.
const NOT_CHANGED: u32 = 30649;

/// The countries that messages may not be sent to. All others are permitted from the start, except those that Twilio does
/// not send to.
pub(crate) struct GeoPermissions {
    disabled: BTreeSet<&'static str>,
}

impl Default for GeoPermissions {
    fn default() -> Self {
        Self { disabled: UNSUPPORTED.iter().map(|(iso, _)| *iso).collect() }
    }
}

/// Every country with its calling code.
fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    let known = COUNTRIES.iter().map(|country| (country.iso, country.calling_code));
    known.chain(HIGH_RISK.iter().copied()).chain(UNSUPPORTED.iter().copied())
}

fn country_of(number: &str) -> Option<&'static str> {
    let digits = number.strip_prefix('+')?;
    let known = countries::of_digits(digits).map(|country| country.iso);
    let others = || HIGH_RISK.iter().chain(UNSUPPORTED).find(|(_, code)| digits.starts_with(code));
    known.or_else(|| others().map(|(iso, _)| *iso))
}

impl GeoPermissions {
    /// Returns whether messages may be sent to a number. One of a country that the fake does not know is permitted, and
    /// so are channels that have no country.
    pub(super) fn permit(&self, address: &str) -> bool {
        !country_of(address).is_some_and(|iso| self.disabled.contains(iso))
    }

    /// Sets the permission of a country, whatever its risk. Returns false for a country that the fake does not know.
    pub(crate) fn set(&mut self, country: &str, enabled: bool) -> bool {
        let Some((iso, _)) = all().find(|(iso, _)| iso.eq_ignore_ascii_case(country)) else { return false };
        if enabled {
            self.disabled.remove(iso)
        } else {
            self.disabled.insert(iso)
        };
        true
    }

    /// Changes a permission as the API does; returns the result.
    pub(super) fn change(&mut self, country: &str, enabled: bool) -> Value {
        let is_in = |list: &[(&str, &str)]| list.iter().any(|(iso, _)| iso.eq_ignore_ascii_case(country));
        let refusal = if is_in(HIGH_RISK) {
            Some("High risk country permission cannot be updated")
        } else if is_in(UNSUPPORTED) || !self.set(country, enabled) {
            Some("Non-supported country permission cannot be updated")
        } else {
            None
        };
        json!({
            "country_code": country,
            "type": "country",
            "enabled": enabled,
            "error_code": if refusal.is_some() { NOT_CHANGED } else { 0 },
            "error_messages": refusal.as_slice(),
        })
    }

    /// Lists the permissions of all countries, or of one.
    pub(super) fn view(&self, country: Option<&str>) -> Value {
        let wanted = |iso: &str| country.is_none_or(|country| iso.eq_ignore_ascii_case(country));
        let row = |(iso, code): (&'static str, &'static str)| {
            json!({
                "country_code": iso,
                "type": "country",
                "enabled": !self.disabled.contains(iso),
                "prefix": format!("+{code}"),
                "message": if HIGH_RISK.iter().any(|(risky, _)| *risky == iso) { "High Risk Country" } else { "" },
            })
        };
        let rows: Vec<Value> = all().filter(|(iso, _)| wanted(iso)).map(row).collect();
        json!({ "permissions": rows })
    }
}
