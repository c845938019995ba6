//! The filters of templates.

mod date;
mod money;

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::sync::Arc;

use minijinja::value::{Kwargs, Object, ObjectRepr, ValueKind};
use minijinja::{Environment, Error, ErrorKind, Value};

use super::shorten::{ELLIPSIS, cut};
use super::values::{HAS_PARTS, Values};

/// Every filter there is.
pub(super) const NAMES: [&str; 7] = ["date", "default", "lower", "money", "plural", "truncate", "upper"];

/// An error in the use of a filter.
#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    /// The template uses the filter in a wrong way.
    #[error("{0}")]
    Use(Cow<'static, str>),
    /// The value cannot be used with the filter.
    #[error("{0}")]
    Value(Cow<'static, str>),
}

impl Problem {
    fn of_use(text: impl Into<Cow<'static, str>>) -> Error {
        Self::Use(text.into()).into()
    }

    fn of_value(text: impl Into<Cow<'static, str>>) -> Error {
        Self::Value(text.into()).into()
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::new(ErrorKind::InvalidOperation, "a filter").with_source(problem)
    }
}

/// A value that may be shortened until the whole message fits.
#[derive(Debug)]
pub(super) struct Fitted {
    pub(super) text: String,
    pub(super) segments: usize,
}

/// A marker that a [`Fitted`] writes when another text is joined to it, as in `note | truncate(segments=1) ~ '!'`. The
/// joined text could no longer be shortened, so it is refused when the marker is found. No value and no template can
/// contain this character.
pub(super) const JOINED: char = '\u{1}';

impl Object for Fitted {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char(JOINED)
    }
}

pub(super) const NOT_LAST: &str =
    "truncate(segments=…) must be the last filter of its place, with nothing joined to it";

/// Adds the filters to an environment.
pub(super) fn add(environment: &mut Environment<'_>) {
    environment.add_filter("date", date::date);
    environment.add_filter("default", default);
    environment.add_filter("lower", |value: Value| text(&value).map(|text| text.to_lowercase()));
    environment.add_filter("money", money::money);
    environment.add_filter("plural", plural);
    environment.add_filter("truncate", truncate);
    environment.add_filter("upper", |value: Value| text(&value).map(|text| text.to_uppercase()));
}

/// Returns the input of a filter as text.
fn text(value: &Value) -> Result<String, Error> {
    if value.is_undefined() || value.is_none() {
        return Err(ErrorKind::UndefinedError.into());
    }
    if value.downcast_object_ref::<Fitted>().is_some() {
        return Err(Problem::of_use(NOT_LAST));
    }
    if value.downcast_object_ref::<Values>().is_some() {
        return Err(Problem::of_value(HAS_PARTS));
    }
    Ok(written(value))
}

/// Writes a value. The engine would write a boolean as `True`.
pub(super) fn written(value: &Value) -> String {
    match value.kind() {
        ValueKind::Bool => value.is_true().to_string(),
        _ => value.to_string(),
    }
}

/// Returns the fallback for a missing, null or blank value: an empty cell of a spreadsheet counts as missing.
fn default(value: Value, fallback: Value) -> Value {
    let blank = value.as_str().is_some_and(|text| text.trim().is_empty());
    if value.is_undefined() || value.is_none() || blank { fallback } else { value }
}

fn plural(value: Value, one: String, many: String) -> Result<String, Error> {
    let number = text(&value)?;
    let count = number.trim().parse::<rust_decimal::Decimal>();
    let count = count.map_err(|_| Problem::of_value("is no number, which plural needs"))?;
    Ok(if count == rust_decimal::Decimal::ONE { one } else { many })
}

fn truncate(value: Value, length: Option<usize>, options: Kwargs) -> Result<Value, Error> {
    let segments: Option<usize> = options.get("segments")?;
    let end: Option<String> = options.get("end")?;
    options.assert_all_used()?;
    let text = text(&value)?;
    match (length, segments) {
        (None, Some(segments @ 1..)) if end.is_none() => Ok(Value::from_object(Fitted { text, segments })),
        (Some(length), None) => {
            let end = end.as_deref().unwrap_or(ELLIPSIS);
            if text.chars().count() <= length {
                return Ok(text.into());
            }
            let keep = length.checked_sub(end.chars().count()).filter(|keep| *keep > 0);
            let keep = keep.ok_or_else(|| {
                Problem::of_use("truncate(..) must leave room for more than its end, as in truncate(40)")
            })?;
            Ok(cut(&text, keep, end).into())
        }
        _ => Err(Problem::of_use(
            "truncate takes characters, as in truncate(40), or the segments of the whole text, as in truncate(segments=1)",
        )),
    }
}
