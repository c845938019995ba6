//! Named texts with placeholders.
//!
//! A template is parsed once, when it is added ([`parse`]), into plain text and placeholders. A placeholder is a minijinja
//! expression ([`engine`]). It can use the values of one message ([`values`]) and the filters of this crate ([`filter`]).
//! Values with `truncate(segments=…)` are shortened at the end, when the length of the rest is known ([`shorten`]).
//! [`plan`] renders and measures a template for a list of recipients.

mod engine;
mod error;
mod filter;
mod parse;
mod plan;
mod shorten;
mod values;

pub use error::TemplateError;
pub use plan::{Measured, Plan, Ucs2Cause};

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value as Json};

use engine::{FillError, Filled, Placeholder};
use parse::{ParseError, Part};

use super::{Segmentation, Text};

/// The number of characters that Twilio accepts in one message.
const MAX_TEXT: usize = 1_600;
/// The maximum size of a template in bytes.
const MAX_TEMPLATE: usize = 10_000;

/// Named texts with placeholders such as `{{name}}`.
///
/// ```
/// use serde_json::json;
/// use switchboard::sms::Templates;
///
/// let templates = Templates::new().add(
///     "table_ready",
///     "Hi {{name}}, your table for {{guests}} is ready until {{until | date('%H:%M', 'Europe/Berlin')}}.",
/// )?;
/// let values = json!({"name": "Ada", "guests": 2, "until": "2026-05-01T17:30:00Z"});
/// let text = templates.render("table_ready", &values)?;
/// assert_eq!(text.as_str(), "Hi Ada, your table for 2 is ready until 19:30.");
///
/// let error = templates.render("table_ready", &json!({"name": "Ada", "guests": 2})).unwrap_err();
/// assert!(error.to_string().contains("needs a value for \"until\""));
/// # Ok::<(), switchboard::sms::TemplateError>(())
/// ```
///
/// # Values
/// Anything that serialises as a map: a struct, a `HashMap`, [`serde_json::Value`]. `{{user.name}}` is a field of a value.
/// A missing or null value is an error. So is a value without a placeholder, unless [`allow_extra`](Self::allow_extra)
/// was called; this is checked for top-level names only. Both errors name the variable.
///
/// A value is inserted literally: `{{other}}` in a value is not evaluated, and nothing is escaped. Line breaks are kept;
/// a value with another control character, such as a tab, is refused.
///
/// # Filters
/// | filter | result |
/// |---|---|
/// | `truncate(40)` | at most 40 characters, cut between words, with `...` at the end; `end=''` for another end |
/// | `truncate(segments=1)` | as much of the value as fits, so that the **whole** message has at most 1 segment and 1,600 characters; must be the last filter |
/// | `money`, `money('EUR')` | `12.50`, `12.50 EUR`; exact, rounded half away from zero, with the decimal places of the currency |
/// | `money('USD', sign=true)` | `$12.50`; for USD, EUR, GBP, JPY. `point=','` gives `12,50` |
/// | `date('%H:%M', 'Europe/Berlin')` | a time in that time zone, in a strftime format; reads RFC 3339, RFC 2822, and seconds since 1970 |
/// | `plural('guest', 'guests')` | the first text for the number 1, the second for any other number |
/// | `default('friend')` | this text instead of a missing, null or blank value |
/// | `upper`, `lower` | upper case, lower case |
///
/// A time without an offset, such as `2026-05-01T19:30`, is a local time in the time zone that the filter names. A local
/// time that daylight saving skips or repeats is refused. `{{ 'Sir' if vip else 'you' }}` is a condition, and
/// `{{ first ~ ' ' ~ last }}` concatenates. There are no loops, functions, macros, includes, lists, maps or multiplication.
///
/// # Limits
/// A template has at most 10,000 bytes, an expression 200 tokens, a value 20,000 bytes, and a message 1,600 characters,
/// which is Twilio's limit. To render a template, at most 2,000,000 bytes of values are copied: each byte counts once for
/// its placeholder and once more for every filter, `~`, `+` and `[` in it. This bounds the work, so templates and values
/// may come from untrusted users.
///
/// Serialises as a map from names to texts. Deserialising checks each template as [`add`](Self::add) does; options such as
/// [`allow_extra`](Self::allow_extra) are not stored. `Debug` shows only the names of templates and variables.
#[derive(Clone, Default)]
pub struct Templates {
    templates: BTreeMap<String, Arc<Template>>,
    allow_extra: bool,
    max_segments: Option<usize>,
}

/// A parsed template.
struct Template {
    source: String,
    pieces: Vec<Piece>,
    variables: BTreeSet<String>,
}

enum Piece {
    Text(String),
    Placeholder(Placeholder),
}

/// A rendered message, and the first character outside GSM-7 in it, if there is one.
struct Rendered {
    text: String,
    ucs2_cause: Option<Ucs2Cause>,
}

/// Returns whether a character is a control character other than a line break. No message may contain one.
fn is_control(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\r')
}

/// The collection of templates.
impl Templates {
    /// Creates an empty collection.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a template under a name.
    ///
    /// # Errors
    /// [`TemplateError`] names the template and the line and says what to change.
    pub fn add(mut self, name: impl Into<String>, text: impl Into<String>) -> Result<Self, TemplateError> {
        self.insert(name, text)?;
        Ok(self)
    }

    /// Adds a template under a name, in place.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub fn insert(&mut self, name: impl Into<String>, text: impl Into<String>) -> Result<(), TemplateError> {
        let name = name.into();
        if self.templates.contains_key(&name) {
            return Err(TemplateError::Duplicate { template: name });
        }
        let template = Template::new(&name, text.into())?;
        self.templates.insert(name, Arc::new(template));
        Ok(())
    }

    /// Returns a collection of one of the templates, with the same options.
    ///
    /// # Errors
    /// [`TemplateError::UnknownTemplate`].
    pub fn only(&self, name: &str) -> Result<Self, TemplateError> {
        let template = Arc::clone(self.template(name)?);
        let templates = BTreeMap::from([(name.to_owned(), template)]);
        Ok(Self { templates, allow_extra: self.allow_extra, max_segments: self.max_segments })
    }

    /// Removes a template, and returns whether it existed.
    pub fn remove(&mut self, name: &str) -> bool {
        self.templates.remove(name).is_some()
    }

    /// Allows values that a template has no placeholder for, such as further columns of a spreadsheet.
    #[must_use]
    pub const fn allow_extra(mut self) -> Self {
        self.allow_extra = true;
        self
    }

    /// Refuses messages of more than `max` segments.
    #[must_use]
    pub const fn max_segments(mut self, max: usize) -> Self {
        self.max_segments = Some(max);
        self
    }

    /// Returns the names of the templates.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.templates.keys().map(String::as_str)
    }

    /// Returns the text of a template.
    #[must_use]
    pub fn source(&self, name: &str) -> Option<&str> {
        self.templates.get(name).map(|template| template.source.as_str())
    }

    /// Returns the names of a template's variables, in alphabetical order.
    ///
    /// # Errors
    /// [`TemplateError::UnknownTemplate`].
    pub fn variables(&self, name: &str) -> Result<impl Iterator<Item = &str>, TemplateError> {
        Ok(self.template(name)?.variables.iter().map(String::as_str))
    }

    fn template(&self, name: &str) -> Result<&Arc<Template>, TemplateError> {
        self.templates.get(name).ok_or_else(|| TemplateError::UnknownTemplate { template: name.to_owned() })
    }
}

/// Rendering.
impl Templates {
    /// Renders a template with the values of one message.
    ///
    /// # Errors
    /// [`TemplateError`] names the variable and says what to change; it never quotes a value.
    pub fn render(&self, name: &str, values: &(impl Serialize + ?Sized)) -> Result<Text, TemplateError> {
        let template = self.template(name)?;
        self.rendered(name, template, values).map(|rendered| rendered.text.into())
    }

    fn rendered(
        &self,
        name: &str,
        template: &Template,
        values: &(impl Serialize + ?Sized),
    ) -> Result<Rendered, TemplateError> {
        let values = Arc::new(to_map(name, values)?);
        if !self.allow_extra
            && let Some(extra) = values.keys().find(|key| !template.variables.contains(*key))
        {
            let (variable, known) = (error::printable(extra), template.variables.iter().cloned().collect());
            return Err(TemplateError::UnknownVariable { template: name.to_owned(), variable, known });
        }
        let rendered = template.fill(name, &values)?;
        let characters = rendered.text.chars().count();
        if characters > MAX_TEXT {
            return Err(TemplateError::TooLong { template: name.to_owned(), characters, max: MAX_TEXT });
        }
        match self.max_segments {
            Some(max) => too_many_segments(name, &rendered.text, max).map_or(Ok(rendered), Err),
            None => Ok(rendered),
        }
    }
}

fn too_many_segments(name: &str, text: &str, max: usize) -> Option<TemplateError> {
    let segments = Segmentation::of(text).segments();
    (segments > max).then(|| TemplateError::TooManySegments { template: name.to_owned(), segments, max })
}

fn to_map(name: &str, values: &(impl Serialize + ?Sized)) -> Result<Map<String, Json>, TemplateError> {
    let wrong = |problem| Err(TemplateError::BadValues { template: name.to_owned(), problem });
    match serde_json::to_value(values) {
        Ok(Json::Object(values)) => Ok(values),
        Ok(Json::Null) => Ok(Map::new()),
        Ok(Json::Array(_)) => wrong("a list was given"),
        Ok(_) => wrong("a single value was given"),
        Err(_) => wrong("they cannot be serialised, perhaps because a key is not a string"),
    }
}

impl Template {
    fn new(name: &str, source: String) -> Result<Self, TemplateError> {
        let syntax = |line, problem| TemplateError::Syntax { template: name.to_owned(), line, problem };
        if source.len() > MAX_TEMPLATE {
            let problem =
                format!("the template has {} bytes, but at most {MAX_TEMPLATE} are allowed", source.len());
            return Err(syntax(1, problem));
        }
        let parts = parse::parts(&source).map_err(|wrong| match wrong {
            ParseError::Syntax(line, problem) => syntax(line, problem),
            ParseError::Filter(line, filter) => {
                TemplateError::UnknownFilter { template: name.to_owned(), line, filter }
            }
        })?;
        let pieces = parts.into_iter().map(|part| match part {
            Part::Text(text) => Ok(Piece::Text(text.to_owned())),
            Part::Placeholder { expression, copies, line } => {
                let placeholder = Placeholder::new(expression, copies, line);
                placeholder.map(Piece::Placeholder).map_err(|problem| syntax(line, problem))
            }
        });
        let pieces = pieces.collect::<Result<Vec<_>, _>>()?;
        let variables = pieces.iter().flat_map(|piece| match piece {
            Piece::Placeholder(placeholder) => placeholder.variables(),
            Piece::Text(_) => BTreeSet::new(),
        });
        Ok(Self { variables: variables.collect(), pieces, source })
    }

    fn fill(&self, name: &str, values: &Arc<Map<String, Json>>) -> Result<Rendered, TemplateError> {
        let (mut parts, mut copied) = (Vec::with_capacity(self.pieces.len()), 0);
        for piece in &self.pieces {
            parts.push(match piece {
                Piece::Text(text) => Filled::Text(text.clone()),
                Piece::Placeholder(placeholder) => placeholder
                    .fill(values, &mut copied)
                    .map_err(|error| with_template(name, placeholder.line, error))?,
            });
        }
        let shortened = shorten::shorten(&mut parts);
        let ucs2_cause = parts
            .iter()
            .zip(&self.pieces)
            .find_map(|(part, piece)| Ucs2Cause::find(part.text(), piece.variable()));
        let text: String = parts.iter().map(Filled::text).collect();
        match shortened.segments.filter(|_| text.chars().count() <= MAX_TEXT) {
            Some(max) => too_many_segments(name, &text, max).map_or(Ok(Rendered { text, ucs2_cause }), Err),
            None => Ok(Rendered { text, ucs2_cause }),
        }
    }
}

impl Piece {
    fn variable(&self) -> Option<&str> {
        match self {
            Self::Text(_) => None,
            Self::Placeholder(placeholder) => Some(&placeholder.variable),
        }
    }
}

fn with_template(template: &str, line: usize, error: FillError) -> TemplateError {
    let template = template.to_owned();
    match error {
        FillError::Missing(variable) => TemplateError::MissingVariable { template, variable },
        FillError::BadValue(variable, problem) => {
            TemplateError::BadValue { template, line, variable, problem }
        }
        FillError::BadExpression(problem) => TemplateError::Syntax { template, line, problem },
        FillError::TooMuchWork => TemplateError::TooMuchWork { template, line },
    }
}

impl fmt::Debug for Templates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let variables = self.templates.iter().map(|(name, template)| (name, &template.variables));
        f.write_str("Templates ")?;
        f.debug_map().entries(variables).finish()
    }
}

impl PartialEq for Templates {
    fn eq(&self, other: &Self) -> bool {
        let sources = |these: &Self| {
            let pairs =
                these.templates.iter().map(|(name, template)| (name.clone(), template.source.clone()));
            pairs.collect::<Vec<_>>()
        };
        (self.allow_extra, self.max_segments) == (other.allow_extra, other.max_segments)
            && sources(self) == sources(other)
    }
}

impl Serialize for Templates {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.templates.iter().map(|(name, template)| (name, &template.source)))
    }
}

impl<'de> Deserialize<'de> for Templates {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let texts = BTreeMap::<String, String>::deserialize(deserializer)?;
        let mut templates = Self::new();
        for (name, text) in texts {
            templates.insert(name, text).map_err(de::Error::custom)?;
        }
        Ok(templates)
    }
}

#[cfg(test)]
mod tests;
