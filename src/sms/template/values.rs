//! The values of one text, which note what was looked for in vain.

use std::sync::{Arc, Mutex, PoisonError};

use minijinja::Value;
use minijinja::value::Object;
use serde_json::{Map, Value as Json};

use super::error::shown;

/// The most bytes of one value: many times what a message holds, and little enough to work with.
const MAX_VALUE: usize = 20_000;

/// What happened to the values while a place was filled.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The variable that was last looked for and is missing or null.
    pub(super) missed: Option<String>,
    /// A value that cannot be in a text, and why.
    pub(super) refused: Option<(String, &'static str)>,
}

/// A map of values, or one within it.
#[derive(Debug)]
pub(super) struct Level {
    path: String,
    values: Arc<Map<String, Json>>,
    seen: Arc<Mutex<Seen>>,
}

impl Level {
    pub(super) fn new(values: Arc<Map<String, Json>>, seen: Arc<Mutex<Seen>>) -> Self {
        Self { path: String::new(), values, seen }
    }

    fn note(&self, change: impl FnOnce(&mut Seen)) {
        change(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn refuse(&self, path: String, problem: &'static str) -> Option<Value> {
        self.note(|seen| seen.refused = Some((path, problem)));
        None
    }
}

impl Object for Level {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let key = key.as_str()?;
        let name = shown(key);
        let path = if self.path.is_empty() { name } else { format!("{}.{name}", self.path) };
        match self.values.get(key) {
            None | Some(Json::Null) => {
                self.note(|seen| seen.missed = Some(path));
                None
            }
            Some(Json::String(text)) => match problem(text) {
                Some(problem) => self.refuse(path, problem),
                None => Some(Value::from(text.as_str())),
            },
            Some(Json::Object(values)) => {
                let (values, seen) = (Arc::new(values.clone()), self.seen.clone());
                Some(Value::from_object(Self { path, values, seen }))
            }
            Some(Json::Array(_)) => self.refuse(path, "is a list: join its items before, or name one value"),
            Some(Json::Bool(yes)) => Some(Value::from(*yes)),
            Some(Json::Number(number)) => {
                let whole = number.as_i64().map(Value::from).or_else(|| number.as_u64().map(Value::from));
                whole.or_else(|| number.as_f64().map(Value::from))
            }
        }
    }
}

fn problem(text: &str) -> Option<&'static str> {
    if text.len() > MAX_VALUE {
        return Some("is longer than 20,000 bytes: no message holds that");
    }
    text.chars().any(super::is_control).then_some("has a control character in it: take it out")
}
