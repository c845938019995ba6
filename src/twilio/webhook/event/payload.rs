//! JSON inside a parameter.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::twilio::wire::{Field, Found};

/// JSON that came inside a parameter: an object or a list.
///
/// `Debug` shows the names of its outermost fields only, because what stands in it may be anything.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Payload(Value);

impl Payload {
    /// Returns the JSON.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.0
    }

    /// Returns the JSON, owned.
    #[must_use]
    pub fn into_value(self) -> Value {
        self.0
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Value::Object(fields) => f.debug_set().entries(fields.keys()).finish(),
            Value::Array(entries) => write!(f, "[{} entries]", entries.len()),
            _ => f.write_str("…"),
        }
    }
}

impl Field for Payload {
    fn read(value: Found<'_>) -> Option<Self> {
        let Found::Text(text) = value else { return None };
        let json: Value = serde_json::from_str(&text).ok()?;
        (json.is_object() || json.is_array()).then_some(Self(json))
    }
}
