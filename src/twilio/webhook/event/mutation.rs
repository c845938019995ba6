//! For tests of events: variations of realistic parameters that a later version of Twilio may send.

use std::collections::BTreeSet;
use std::fmt::Debug;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::WebhookEvent;
use crate::twilio::webhook::Params;

/// Reads a realistic set of parameters, and fails if one of them is not read into a field.
pub(crate) fn read_whole<E: WebhookEvent + Serialize + DeserializeOwned + Debug + PartialEq>(
    pairs: &[(&str, &str)],
) -> E {
    let event: E = survives(pairs);
    let json = serde_json::to_value(&event).unwrap();
    assert_eq!(json.get("extra"), None, "something was not read");
    event
}

/// Removes, empties, retypes, renames and repeats every parameter. If the event can still be read, no value may be lost.
pub(crate) fn survives<E: WebhookEvent + Serialize + DeserializeOwned + Debug + PartialEq>(
    pairs: &[(&str, &str)],
) -> E {
    for (what, changed) in mutations(pairs) {
        if let Ok(event) = E::from_params(&Params::from_pairs(changed.iter().copied())) {
            check(&event, &changed, &what);
        }
    }
    let event = E::from_params(&Params::from_pairs(pairs.iter().copied())).unwrap();
    check(&event, pairs, "as it is");
    event
}

fn check<E: Serialize + DeserializeOwned + Debug + PartialEq>(event: &E, pairs: &[(&str, &str)], what: &str) {
    let json = serde_json::to_value(event).unwrap();
    assert_eq!(
        &serde_json::from_value::<E>(json.clone()).unwrap(),
        event,
        "{what}: lost on the way through JSON"
    );
    let mut found = BTreeSet::new();
    leaves(&json, &mut found);
    for (name, value) in pairs {
        assert!(forms(value).iter().any(|form| found.contains(form)), "{what}: {name}={value} was lost");
    }
    let shown = format!("{event:?}").to_lowercase();
    for secret in ["planted", "5551234", "5551235", "5550006", "8642"] {
        assert!(!shown.contains(secret), "{what}: {secret} in {shown}");
    }
}

fn mutations<'a>(pairs: &[(&'a str, &'a str)]) -> Vec<(String, Vec<(&'a str, &'a str)>)> {
    let mut all = vec![("reversed".to_owned(), pairs.iter().rev().copied().collect())];
    for (at, (name, value)) in pairs.iter().enumerate() {
        let mut dropped = pairs.to_vec();
        dropped.remove(at);
        all.push((format!("no {name}"), dropped));
        for odd in ["", "7", "-1.5", "true", "odd", "null", r#"{"a":1}"#, "[]", "🙏", "99999999999999999999"]
        {
            let mut changed = pairs.to_vec();
            changed[at] = (name, odd);
            all.push((format!("{name} is {odd}"), changed));
            let mut doubled = pairs.to_vec();
            doubled.push((name, odd));
            all.push((format!("{name} is there again as {odd}"), doubled));
        }
        let mut twice = pairs.to_vec();
        twice.push((name, value));
        all.push((format!("{name} is there twice"), twice));
        let mut moved = pairs.to_vec();
        moved[at] = ("BrandNew", value);
        all.push((format!("{name} has a new name"), moved));
    }
    all
}

/// Every value at any depth, as text.
fn leaves(value: &Value, found: &mut BTreeSet<String>) {
    found.insert(value.to_string());
    match value {
        Value::Object(object) => object.values().for_each(|value| leaves(value, found)),
        Value::Array(entries) => entries.iter().for_each(|value| leaves(value, found)),
        Value::String(text) => {
            found.insert(text.clone());
        }
        _ => {}
    }
}

/// The ways in which a value may be serialised.
fn forms(value: &str) -> Vec<String> {
    let mut forms = vec![value.to_owned()];
    forms.extend(serde_json::from_str::<Value>(value).ok().map(|json| json.to_string()));
    forms.extend(value.parse::<f64>().ok().map(|number| Value::from(number).to_string()));
    forms.extend(value.parse::<Timestamp>().ok().map(|time| time.to_string()));
    forms.extend(rfc2822::parse(value).ok().map(|time| time.timestamp().to_string()));
    forms
}
