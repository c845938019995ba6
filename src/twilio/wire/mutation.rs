//! For tests of responses: variations of realistic bodies that a later version of Twilio may send.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::camel_case;

/// Reads a realistic body, and fails if a field of it, at any depth, is not read into its typed field.
pub(crate) fn read_whole<T: DeserializeOwned + Serialize + Debug>(body: &Value) -> T {
    let read: T = serde_json::from_value(body.clone()).unwrap();
    let shown = format!("{read:?}");
    assert!(!shown.contains("extra: {\""), "something is in extra: {shown}");
    assert_kept(body, &read, "as it is");
    let again: T = serde_json::from_value(serde_json::to_value(&read).unwrap()).unwrap();
    let again = format!("{again:?}");
    assert!(!again.contains("extra: {\""), "what was written is not read: {again}");
    read
}

/// Removes, nulls and retypes every field of a realistic body, at any depth. Reading must not fail, and values that cannot be
/// read must be kept. Only the SID (or the number) must be present.
pub(crate) fn survives<T: DeserializeOwned + Serialize + Debug>(body: &Value) {
    for (what, changed) in mutations(body) {
        match serde_json::from_value::<T>(changed.clone()) {
            Ok(read) => assert_kept(&changed, &read, &what),
            Err(error) => assert!(nameless(&what, &error.to_string()), "{what}: {error}"),
        }
    }
}

/// Was the SID (or the number) removed, and does the error say that it is missing?
fn nameless(what: &str, error: &str) -> bool {
    ["sid", "phone_number"].iter().any(|name| {
        let changed = what == format!("no {name}") || what.starts_with(&format!("{name} is "));
        changed && error == format!("missing field `{name}`")
    })
}

/// Checks that every name of the body, at any depth, is kept. A value may be written in another way: `"3"` as `3`.
fn assert_kept<T: Serialize>(body: &Value, read: &T, what: &str) {
    let again = serde_json::to_value(read).unwrap();
    assert_eq!(shape(body), shape(&again), "{what}: something was lost or made up");
}

/// Returns names and nesting without values and nulls. An empty status counts as none.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let is_status = |name: &str| name.to_ascii_lowercase().ends_with("status");
            let nothing = |name: &str, value: &Value| value.is_null() || (is_status(name) && value == "");
            let kept = object.iter().filter(|(name, value)| !nothing(name, value));
            Value::Object(kept.map(|(name, value)| (camel_case(name), shape(value))).collect())
        }
        Value::Array(entries) => entries.iter().map(shape).collect(),
        _ => Value::Bool(true),
    }
}

fn mutations(body: &Value) -> Vec<(String, Value)> {
    match body {
        Value::Object(object) => object.keys().flat_map(|name| of_field(object, name)).collect(),
        Value::Array(entries) => (0..entries.len()).flat_map(|at| of_entry(entries, at)).collect(),
        _ => Vec::new(),
    }
}

fn of_field(object: &Map<String, Value>, name: &str) -> Vec<(String, Value)> {
    let with = |value: Value| {
        let mut changed = object.clone();
        changed.insert(name.to_owned(), value);
        Value::Object(changed)
    };
    let mut dropped = object.clone();
    dropped.remove(name);
    let mut all = vec![(format!("no {name}"), Value::Object(dropped))];
    all.extend(odd().map(|value| (format!("{name} is {value}"), with(value))));
    let deeper = mutations(&object[name]).into_iter();
    all.extend(deeper.map(|(what, value)| (format!("{name}: {what}"), with(value))));
    all
}

fn of_entry(entries: &[Value], at: usize) -> Vec<(String, Value)> {
    let with = |value: Value| {
        let mut changed = entries.to_vec();
        changed[at] = value;
        Value::Array(changed)
    };
    let deeper = mutations(&entries[at]).into_iter();
    let all = odd().map(|value| (format!("entry {at} is {value}"), value)).chain(deeper);
    all.map(|(what, value)| (what, with(value))).collect()
}

fn odd() -> impl Iterator<Item = Value> {
    [Value::Null, json!(7), json!(-1.5), json!(true), json!("odd"), json!(""), json!({"a": 1}), json!([1])]
        .into_iter()
}
