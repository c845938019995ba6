//! Fills the placeholders of a template.

use std::collections::{BTreeSet, HashSet};
use std::error::Error as _;
use std::fmt;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use minijinja::value::{Object, ObjectRepr};
use minijinja::{Environment, Error, ErrorKind, Expression, UndefinedBehavior, Value};
use serde_json::{Map, Value as Json};

use super::filter::{self, FilterError, JOIN_MARKER, MUST_BE_LAST, Truncatable};
use super::values::{IS_A_MAP, Lookups, Values};

/// An environment that has only the filters of this crate: no functions, no tests and no templates to include.
static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(10_000));
    filter::add(&mut environment);
    environment
});

/// A compiled `{{ … }}`.
pub(super) struct Placeholder {
    expression: Expression<'static, 'static>,
    /// The variable that errors name: the one that the expression begins with, else any variable in it.
    pub(super) variable: String,
    /// Whether the expression begins with that variable.
    starts_with_variable: bool,
    /// How often each byte of a value may be copied while the expression is evaluated.
    copies: usize,
    pub(super) line: usize,
}

impl fmt::Debug for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Placeholder").field("variable", &self.variable).field("line", &self.line).finish()
    }
}

/// The result of one placeholder, or plain text of the template.
pub(super) enum Filled {
    Text(String),
    /// A text that may be shortened until the whole message has at most this many segments.
    Truncatable(String, usize),
}

impl Filled {
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Truncatable(text, _) => text,
        }
    }
}

/// Why a placeholder could not be filled.
pub(super) enum FillError {
    /// This variable is missing or null.
    Missing(String),
    /// This variable has a value that cannot be used, for this reason.
    BadValue(String, String),
    BadExpression(String),
    TooMuchWork,
}

impl Placeholder {
    pub(super) fn new(source: &str, copies: usize, line: usize) -> Result<Self, String> {
        let expression =
            ENVIRONMENT.compile_expression_owned(source.to_owned()).map_err(|error| description(&error))?;
        let names = expression.undeclared_variables(true);
        let variable = main_variable(source, &names);
        let starts_with_variable = source.starts_with(&variable);
        let placeholder = Self { variable, starts_with_variable, expression, copies, line };
        placeholder.find_misused_filter(names.len()).map_or(Ok(placeholder), Err)
    }

    /// Returns the top-level variables that the expression uses.
    pub(super) fn variables(&self) -> BTreeSet<String> {
        self.expression.undeclared_variables(false).into_iter().collect()
    }

    /// Evaluates the expression, and adds to `copied` the number of bytes that this may have copied.
    pub(super) fn fill(
        &self,
        values: &Arc<Map<String, Json>>,
        copied: &mut usize,
    ) -> Result<Filled, FillError> {
        let lookups = Arc::new(Mutex::new(Lookups { copied: *copied, ..Lookups::default() }));
        let values = Values::new(values.clone(), self.copies, lookups.clone());
        let result = self.expression.eval(Value::from_object(values));
        let lookups = std::mem::take(&mut *lookups.lock().unwrap_or_else(PoisonError::into_inner));
        *copied = lookups.copied;
        if lookups.too_much() {
            return Err(FillError::TooMuchWork);
        }
        if let Some((variable, problem)) = lookups.refused {
            return Err(FillError::BadValue(variable, problem.to_owned()));
        }
        match result {
            Ok(value) => self.filled(&value, lookups.missing),
            Err(error) => Err(self.fill_error(&error, lookups.missing)),
        }
    }

    fn filled(&self, value: &Value, missing: Option<String>) -> Result<Filled, FillError> {
        if let Some(truncatable) = value.downcast_object_ref::<Truncatable>() {
            return Ok(Filled::Truncatable(truncatable.text.clone(), truncatable.segments));
        }
        if value.is_undefined() || value.is_none() {
            // For a field of a text or a number, minijinja calls no lookup, so none was recorded.
            let missing =
                missing.or_else(|| Some(self.variable.clone()).filter(|_| self.starts_with_variable));
            return Err(missing.map_or_else(
                || {
                    FillError::BadExpression(
                        "the placeholder has no value: add an else branch, as in {{ 'a' if vip else 'b' }}"
                            .into(),
                    )
                },
                FillError::Missing,
            ));
        }
        if value.as_object().is_some() {
            return Err(FillError::BadValue(self.variable.clone(), IS_A_MAP.to_owned()));
        }
        let text = filter::to_text(value);
        if text.contains(JOIN_MARKER) {
            return Err(FillError::BadExpression(MUST_BE_LAST.to_owned()));
        }
        if text.contains(super::is_control) {
            return Err(FillError::BadExpression(
                "the placeholder results in a control character, which a message cannot contain: remove it"
                    .into(),
            ));
        }
        Ok(Filled::Text(text))
    }

    fn fill_error(&self, error: &Error, missing: Option<String>) -> FillError {
        match (error.source().and_then(|source| source.downcast_ref::<FilterError>()), missing) {
            (Some(FilterError::Misuse(problem)), _) => FillError::BadExpression(problem.to_string()),
            (Some(FilterError::BadValue(problem)), _) => {
                FillError::BadValue(self.variable.clone(), problem.to_string())
            }
            (None, Some(variable)) if error.kind() == ErrorKind::UndefinedError => {
                FillError::Missing(variable)
            }
            (None, _) => FillError::BadExpression(description(error)),
        }
    }

    /// Evaluates the expression with a value that every filter accepts, so that a misused filter is an error when the
    /// template is added, not when it is rendered. Expressions with two variables are skipped: the second one may be an
    /// option of a filter.
    fn find_misused_filter(&self, variables: usize) -> Option<String> {
        if variables != 1 {
            return None;
        }
        let error = self.expression.eval(Value::from_object(Probe)).err()?;
        let problem = error.source().and_then(|source| source.downcast_ref::<FilterError>());
        match (problem, error.kind()) {
            (Some(FilterError::Misuse(problem)), _) => Some(problem.to_string()),
            (None, ErrorKind::MissingArgument | ErrorKind::TooManyArguments) => Some(description(&error)),
            _ => None,
        }
    }
}

/// A value that every filter accepts: each of its fields is itself, and as text it is `0`.
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

/// Returns the variable that an expression begins with, else the alphabetically first variable in it.
fn main_variable(source: &str, names: &HashSet<String>) -> String {
    let start: String =
        source.trim_start().chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '.')).collect();
    let start = start.trim_end_matches('.');
    let longest = names.iter().filter(|name| *name == start).max();
    longest
        .or_else(|| names.iter().min())
        .map_or_else(|| "…".to_owned(), |name| super::error::printable(name))
}

/// Describes an error of minijinja. Its own message is not used, because it quotes values.
fn description(error: &Error) -> String {
    match error.kind() {
        ErrorKind::SyntaxError | ErrorKind::BadEscape => {
            "the expression in {{ … }} has a syntax error: write a variable and filters, as in {{ name | default('you') }}"
        }
        ErrorKind::MissingArgument => "a filter needs more arguments, as in date('%H:%M', 'Europe/Berlin')",
        ErrorKind::TooManyArguments => "a filter has too many arguments: remove those that it does not take",
        ErrorKind::OutOfFuel => "the expression in {{ … }} takes too long to evaluate: make it shorter",
        ErrorKind::UndefinedError => {
            "the expression in {{ … }} reads a field of a value that is missing: give the value, or use default(..)"
        }
        _ => "the expression in {{ … }} uses an operator that these types of values do not support",
    }
    .to_owned()
}
