//! The filters of templates.

mod date;
mod money;

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::sync::Arc;

use minijinja::value::{Kwargs, Object, ObjectRepr, ValueKind};
use minijinja::{Environment, Error, ErrorKind, Value};

use super::shorten::{ELLIPSIS, cut};
use super::values::{IS_A_MAP, Values};

/// The names of all filters.
pub(super) const NAMES: [&str; 7] = ["date", "default", "lower", "money", "plural", "truncate", "upper"];

/// Why a filter failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum FilterError {
    /// The template uses the filter wrongly.
    #[error("{0}")]
    Misuse(Cow<'static, str>),
    /// The filter does not accept the value.
    #[error("{0}")]
    BadValue(Cow<'static, str>),
}

impl FilterError {
    fn misuse(text: impl Into<Cow<'static, str>>) -> Error {
        Self::Misuse(text.into()).into()
    }

    fn bad_value(text: impl Into<Cow<'static, str>>) -> Error {
        Self::BadValue(text.into()).into()
    }
}

impl From<FilterError> for Error {
    fn from(problem: FilterError) -> Self {
        Self::new(ErrorKind::InvalidOperation, "a filter").with_source(problem)
    }
}

/// A value that may be shortened until the whole message has few enough segments.
#[derive(Debug)]
pub(super) struct Truncatable {
    pub(super) text: String,
    pub(super) segments: usize,
}

/// What a [`Truncatable`] writes when another text is joined to it, as in `note | truncate(segments=1) ~ '!'`. The joined
/// text could no longer be shortened, so a placeholder whose result contains this marker is refused. Values and templates
/// cannot contain the character themselves, because control characters are refused.
pub(super) const JOIN_MARKER: char = '\u{1}';

impl Object for Truncatable {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char(JOIN_MARKER)
    }
}

pub(super) const MUST_BE_LAST: &str =
    "truncate(segments=…) must be the last filter of its placeholder, with nothing joined to it";

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
    if value.downcast_object_ref::<Truncatable>().is_some() {
        return Err(FilterError::misuse(MUST_BE_LAST));
    }
    if value.downcast_object_ref::<Values>().is_some() {
        return Err(FilterError::bad_value(IS_A_MAP));
    }
    Ok(to_text(value))
}

/// Writes a value as text. Minijinja itself would write a boolean as `True`.
pub(super) fn to_text(value: &Value) -> String {
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
    let count = count.map_err(|_| FilterError::bad_value("is not a number, which plural needs"))?;
    Ok(if count == rust_decimal::Decimal::ONE { one } else { many })
}

fn truncate(value: Value, length: Option<usize>, options: Kwargs) -> Result<Value, Error> {
    let segments: Option<usize> = options.get("segments")?;
    let end: Option<String> = options.get("end")?;
    options.assert_all_used()?;
    let text = text(&value)?;
    match (length, segments) {
        (None, Some(segments @ 1..)) if end.is_none() => {
            Ok(Value::from_object(Truncatable { text, segments }))
        }
        (Some(length), None) => {
            let end = end.as_deref().unwrap_or(ELLIPSIS);
            if text.chars().count() <= length {
                return Ok(text.into());
            }
            let keep = length.checked_sub(end.chars().count()).filter(|keep| *keep > 0);
            let keep = keep.ok_or_else(|| {
                FilterError::misuse("the length of truncate(..) must be greater than the length of its end, as in truncate(40)")
            })?;
            Ok(cut(&text, keep, end).into())
        }
        _ => Err(FilterError::misuse(
            "truncate needs either a number of characters, as in truncate(40), or the segments of the whole message, as in truncate(segments=1)",
        )),
    }
}
