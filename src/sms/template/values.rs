//! The values of one message, and the limits on the work with them.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::Value;
use minijinja::value::Object;
use serde_json::{Map, Value as Json};

use super::error::printable;

/// The maximum size of one value in bytes: far more than a message holds, but quick to process.
const MAX_VALUE: usize = 20_000;

/// The maximum number of bytes that are copied to render one message: fifty times the longest value, with one filter each.
pub(super) const MAX_COPIED: usize = 2_000_000;

pub(super) const IS_A_MAP: &str = "is a map: name one of its fields, as in {{user.name}}";

/// What was recorded while an expression was evaluated.
#[derive(Debug, Default)]
pub(super) struct Lookups {
    /// The last variable that was looked up and is missing or null.
    pub(super) missing: Option<String>,
    /// A value that cannot be in a text, and why.
    pub(super) refused: Option<(String, &'static str)>,
    /// The bytes copied so far, in this placeholder and in earlier ones.
    pub(super) copied: usize,
}

impl Lookups {
    pub(super) fn too_much(&self) -> bool {
        self.copied > MAX_COPIED
    }
}

/// The map of values that an expression sees, or a map within it.
pub(super) struct Values {
    outermost: Arc<Map<String, Json>>,
    /// The keys that lead from the outermost map to this one.
    path: Vec<String>,
    /// How often each byte of a value may be copied: once by its lookup, and once by every operator.
    copies: usize,
    lookups: Arc<Mutex<Lookups>>,
}

impl Values {
    pub(super) fn new(
        outermost: Arc<Map<String, Json>>,
        copies: usize,
        lookups: Arc<Mutex<Lookups>>,
    ) -> Self {
        Self { outermost, path: Vec::new(), copies, lookups }
    }

    fn record<T>(&self, change: impl FnOnce(&mut Lookups) -> T) -> T {
        change(&mut self.lookups.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn refuse(&self, name: String, problem: &'static str) -> Option<Value> {
        self.record(|lookups| lookups.refused = Some((name, problem)));
        None
    }

    /// Follows the path from the outermost map for each lookup, because a copy of the inner map might be large.
    fn find(&self, key: &str) -> Option<&Json> {
        let inner = self.path.iter().try_fold(&*self.outermost, |map, key| map.get(key)?.as_object());
        inner?.get(key)
    }

    fn inner(&self, key: &str) -> Self {
        let path = self.path.iter().cloned().chain([key.to_owned()]).collect();
        let (outermost, lookups) = (self.outermost.clone(), self.lookups.clone());
        Self { outermost, path, copies: self.copies, lookups }
    }

    /// The name of a value as errors show it: `user.name`.
    fn name(&self, key: &str) -> String {
        let keys = self.path.iter().map(String::as_str).chain([key]);
        keys.map(printable).collect::<Vec<_>>().join(".")
    }

    fn text(&self, text: &str, key: &str) -> Option<Value> {
        if let Some(problem) = problem(text) {
            return self.refuse(self.name(key), problem);
        }
        let copied = text.len().saturating_mul(self.copies);
        let allowed = self.record(|lookups| {
            lookups.copied = lookups.copied.saturating_add(copied);
            !lookups.too_much()
        });
        allowed.then(|| Value::from(text))
    }
}

impl Object for Values {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let key = key.as_str()?;
        match self.find(key) {
            None | Some(Json::Null) => {
                self.record(|lookups| lookups.missing = Some(self.name(key)));
                None
            }
            Some(Json::String(text)) => self.text(text, key),
            Some(Json::Object(_)) => Some(Value::from_object(self.inner(key))),
            Some(Json::Array(_)) => self.refuse(
                self.name(key),
                "is a list: give a text in which its items are joined, or a single item",
            ),
            Some(Json::Bool(yes)) => Some(Value::from(*yes)),
            Some(Json::Number(number)) => {
                let whole = number.as_i64().map(Value::from).or_else(|| number.as_u64().map(Value::from));
                whole.or_else(|| number.as_f64().map(Value::from))
            }
        }
    }

    /// Called where a map is joined to a text, as in `user ~ '!'`. Minijinja's own implementation would write all values.
    fn render(self: &Arc<Self>, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.path.iter().map(|key| printable(key)).collect::<Vec<_>>().join(".");
        self.refuse(name, IS_A_MAP);
        Ok(())
    }
}

/// Shows no value.
impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Values").finish_non_exhaustive()
    }
}

fn problem(text: &str) -> Option<&'static str> {
    if text.len() > MAX_VALUE {
        return Some("is longer than 20,000 bytes, more than any message holds: give a shorter one");
    }
    text.chars().any(super::is_control).then_some("contains a control character: remove it")
}
