//! The results of lookups.

pub(super) mod number;
pub(super) mod packages;

use std::collections::HashMap;

use serde_json::{Map, Value};

/// The results that a test has set, by number.
#[derive(Default)]
pub(crate) struct Lookups(HashMap<String, Map<String, Value>>);

impl Lookups {
    /// Sets the result for a number. Returns false when it is not a JSON object.
    pub(crate) fn set(&mut self, number: &str, answer: Value) -> bool {
        let Value::Object(answer) = answer else { return false };
        self.0.insert(number.to_owned(), answer);
        true
    }

    pub(super) fn get(&self, number: &str) -> Option<&Map<String, Value>> {
        self.0.get(number)
    }
}
