//! The values of one text, and the limits on the work with them.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::Value;
use minijinja::value::Object;
use serde_json::{Map, Value as Json};

use super::error::shown;

/// The most bytes of one value: many times what a message holds, and little enough to work with.
const MAX_VALUE: usize = 20_000;

/// The most bytes that are copied to make one text. The longest value fits fifty times, with one filter each.
pub(super) const MAX_COPIED: usize = 2_000_000;

pub(super) const HAS_PARTS: &str = "has parts: name one of them, as in {{user.name}}";

/// What happened while a placeholder was filled.
#[derive(Debug, Default)]
pub(super) struct Lookups {
    /// The variable that was last looked for and is missing or null.
    pub(super) missing: Option<String>,
    /// A value that cannot be in a text, and why.
    pub(super) refused: Option<(String, &'static str)>,
    /// The bytes that were copied so far, in this placeholder and in those before it.
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
    /// How often each byte of a value may be copied: once when it is looked up, and once by every operator.
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

    fn note<T>(&self, change: impl FnOnce(&mut Lookups) -> T) -> T {
        change(&mut self.lookups.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn refuse(&self, name: String, problem: &'static str) -> Option<Value> {
        self.note(|lookups| lookups.refused = Some((name, problem)));
        None
    }

    /// Follows the path anew for each lookup: a copy of the inner map might be large.
    fn find(&self, key: &str) -> Option<&Json> {
        let inner = self.path.iter().try_fold(&*self.outermost, |map, key| map.get(key)?.as_object());
        inner?.get(key)
    }

    fn inner(&self, key: &str) -> Self {
        let path = self.path.iter().cloned().chain([key.to_owned()]).collect();
        let (outermost, lookups) = (self.outermost.clone(), self.lookups.clone());
        Self { outermost, path, copies: self.copies, lookups }
    }

    /// The name of a value as it may be shown: `user.name`.
    fn name(&self, key: &str) -> String {
        let keys = self.path.iter().map(String::as_str).chain([key]);
        keys.map(shown).collect::<Vec<_>>().join(".")
    }

    fn text(&self, text: &str, key: &str) -> Option<Value> {
        if let Some(problem) = problem(text) {
            return self.refuse(self.name(key), problem);
        }
        let copied = text.len().saturating_mul(self.copies);
        let allowed = self.note(|lookups| {
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
                self.note(|lookups| lookups.missing = Some(self.name(key)));
                None
            }
            Some(Json::String(text)) => self.text(text, key),
            Some(Json::Object(_)) => Some(Value::from_object(self.inner(key))),
            Some(Json::Array(_)) => {
                self.refuse(self.name(key), "is a list: join its items before, or name one value")
            }
            Some(Json::Bool(yes)) => Some(Value::from(*yes)),
            Some(Json::Number(number)) => {
                let whole = number.as_i64().map(Value::from).or_else(|| number.as_u64().map(Value::from));
                whole.or_else(|| number.as_f64().map(Value::from))
            }
        }
    }

    /// A map was joined to a text, as in `user ~ '!'`. The engine would write its type and all of its values.
    fn render(self: &Arc<Self>, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.path.iter().map(|key| shown(key)).collect::<Vec<_>>().join(".");
        self.refuse(name, HAS_PARTS);
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
        return Some("is longer than 20,000 bytes: no message holds that");
    }
    text.chars().any(super::is_control).then_some("has a control character in it: take it out")
}
