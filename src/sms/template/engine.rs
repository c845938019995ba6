//! Fills the placeholders of a template.

use std::collections::{BTreeSet, HashSet};
use std::error::Error as _;
use std::fmt;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use minijinja::value::{Object, ObjectRepr};
use minijinja::{Environment, Error, ErrorKind, Expression, UndefinedBehavior, Value};
use serde_json::{Map, Value as Json};

use super::filter::{self, Fitted, JOINED, NOT_LAST, Problem};
use super::values::{HAS_PARTS, Lookups, Values};

/// An environment with our filters only: no functions, no tests, no templates to include. It is never changed.
static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(10_000));
    filter::add(&mut environment);
    environment
});

/// A compiled `{{ … }}`.
pub(super) struct Place {
    expression: Expression<'static, 'static>,
    /// The variable that errors name: the one that the expression begins with, else any in it.
    pub(super) head: String,
    /// Does the expression begin with that variable?
    begins: bool,
    /// How often each byte of a value may be copied while the placeholder is filled.
    copies: usize,
    pub(super) line: usize,
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place").field("head", &self.head).field("line", &self.line).finish()
    }
}

/// What a filled placeholder gives.
pub(super) enum Filled {
    Text(String),
    /// To be shortened until the whole text has this many segments.
    Fit(String, usize),
}

impl Filled {
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Fit(text, _) => text,
        }
    }
}

/// Why a placeholder could not be filled.
pub(super) enum Unfilled {
    Missing(String),
    Value(String, String),
    Use(String),
    TooMuchWork,
}

impl Place {
    pub(super) fn new(source: &str, copies: usize, line: usize) -> Result<Self, String> {
        let expression =
            ENVIRONMENT.compile_expression_owned(source.to_owned()).map_err(|error| description(&error))?;
        let names = expression.undeclared_variables(true);
        let head = head(source, &names);
        let place = Self { begins: source.starts_with(&head), head, expression, copies, line };
        place.probe(names.len()).map_or(Ok(place), Err)
    }

    /// The variables that must be among the values.
    pub(super) fn variables(&self) -> BTreeSet<String> {
        self.expression.undeclared_variables(false).into_iter().collect()
    }

    /// Fills the placeholder, and adds to `copied` how many bytes that may have copied.
    pub(super) fn fill(
        &self,
        values: &Arc<Map<String, Json>>,
        copied: &mut usize,
    ) -> Result<Filled, Unfilled> {
        let lookups = Arc::new(Mutex::new(Lookups { copied: *copied, ..Lookups::default() }));
        let values = Values::new(values.clone(), self.copies, lookups.clone());
        let result = self.expression.eval(Value::from_object(values));
        let lookups = std::mem::take(&mut *lookups.lock().unwrap_or_else(PoisonError::into_inner));
        *copied = lookups.copied;
        if lookups.too_much() {
            return Err(Unfilled::TooMuchWork);
        }
        if let Some((variable, problem)) = lookups.refused {
            return Err(Unfilled::Value(variable, problem.to_owned()));
        }
        match result {
            Ok(value) => self.filled(&value, lookups.missing),
            Err(error) => Err(self.unfilled(&error, lookups.missing)),
        }
    }

    fn filled(&self, value: &Value, missed: Option<String>) -> Result<Filled, Unfilled> {
        if let Some(fitted) = value.downcast_object_ref::<Fitted>() {
            return Ok(Filled::Fit(fitted.text.clone(), fitted.segments));
        }
        if value.is_undefined() || value.is_none() {
            // Of a text or a number, minijinja does not look up a part, so that no lookup was noted.
            let missed = missed.or_else(|| Some(self.head.clone()).filter(|_| self.begins));
            return Err(missed.map_or_else(
                || {
                    Unfilled::Use(
                        "the place gives nothing: write what else, as in {{ 'a' if vip else 'b' }}".into(),
                    )
                },
                Unfilled::Missing,
            ));
        }
        if value.as_object().is_some() {
            return Err(Unfilled::Value(self.head.clone(), HAS_PARTS.to_owned()));
        }
        let text = filter::written(value);
        if text.contains(JOINED) {
            return Err(Unfilled::Use(NOT_LAST.to_owned()));
        }
        if text.contains(super::is_control) {
            return Err(Unfilled::Use("it gives a control character, which no text may have".into()));
        }
        Ok(Filled::Text(text))
    }

    fn unfilled(&self, error: &Error, missed: Option<String>) -> Unfilled {
        match (error.source().and_then(|source| source.downcast_ref::<Problem>()), missed) {
            (Some(Problem::Use(problem)), _) => Unfilled::Use(problem.to_string()),
            (Some(Problem::Value(problem)), _) => Unfilled::Value(self.head.clone(), problem.to_string()),
            (None, Some(variable)) if error.kind() == ErrorKind::UndefinedError => {
                Unfilled::Missing(variable)
            }
            (None, _) => Unfilled::Use(description(error)),
        }
    }

    /// Evaluates the expression with a value that every filter accepts, so that a wrong use of a filter is an error when the
    /// template is added. This works with one variable only: a second one may be an option of a filter.
    fn probe(&self, variables: usize) -> Option<String> {
        if variables != 1 {
            return None;
        }
        let error = self.expression.eval(Value::from_object(Probe)).err()?;
        let problem = error.source().and_then(|source| source.downcast_ref::<Problem>());
        match (problem, error.kind()) {
            (Some(Problem::Use(problem)), _) => Some(problem.to_string()),
            (None, ErrorKind::MissingArgument | ErrorKind::TooManyArguments) => Some(description(&error)),
            _ => None,
        }
    }
}

/// A value that every filter accepts: each of its parts is itself, and it is written as `0`.
#[derive(Debug)]
struct Probe;

impl Object for Probe {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }
    fn get_value(self: &Arc<Self>, _: &Value) -> Option<Value> {
        Some(Value::from_dyn_object(self.clone()))
    }
    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("0")
    }
}

/// The variable that an expression begins with, else the first of those in it.
fn head(source: &str, names: &HashSet<String>) -> String {
    let start: String =
        source.trim_start().chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '.')).collect();
    let start = start.trim_end_matches('.');
    let longest = names.iter().filter(|name| *name == start).max();
    longest.or_else(|| names.iter().min()).map_or_else(|| "…".to_owned(), |name| super::error::shown(name))
}

/// Describes an error of the engine without any value. The engine's own message quotes operands.
fn description(error: &Error) -> String {
    match error.kind() {
        ErrorKind::SyntaxError | ErrorKind::BadEscape => {
            "what stands in {{ … }} cannot be read: write a variable and filters, as in {{ name | default('you') }}"
        }
        ErrorKind::MissingArgument => "a filter lacks what it needs in its brackets",
        ErrorKind::TooManyArguments => "a filter has more in its brackets than it knows",
        ErrorKind::OutOfFuel => "what stands in {{ … }} takes too long: write less",
        ErrorKind::UndefinedError => "what stands in {{ … }} uses a part of something that has none",
        _ => "what stands in {{ … }} cannot be done with these kinds of values",
    }
    .to_owned()
}
