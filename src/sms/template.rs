//! Named texts with placeholders.
//!
//! A template is parsed once, when it is added ([`parse`]), into plain text and placeholders. A placeholder is an expression of minijinja
//! ([`engine`]), which sees the values of one text ([`values`]) and our own filters ([`filter`]). Values with
//! `truncate(segments=…)` are shortened last, when the rest of the text is known ([`shorten`]). [`plan`] does this for a list
//! of recipients.

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

use engine::{Filled, Place, Unfilled};
use parse::{Part, Wrong};

use super::{Segmentation, Text};

/// The most characters of a message, as Twilio takes it.
const MAX_TEXT: usize = 1_600;
/// The most bytes of a template.
const MAX_TEMPLATE: usize = 10_000;

/// Named texts with `{{name}}` where values go.
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
/// Anything that serialises as a map: a struct, a `HashMap`, [`serde_json::Value`]. `{{user.name}}` is a part of a value.
/// A value that is missing or null is an error, and so is a value that the template has no placeholder for, unless
/// [`allow_extra`](Self::allow_extra); both name the variable. Only the outermost names are compared with the template's.
///
/// A value is text and nothing else: `{{other}}` within it is written as it is. Line breaks are kept; other control
/// characters, tabs too, are refused. Nothing is escaped.
///
/// # Filters
/// | filter | writes |
/// |---|---|
/// | `truncate(40)` | at most 40 characters, cut between words, with `...` at the end; `end=''` for another end |
/// | `truncate(segments=1)` | as much as lets the **whole** text fit into so many segments and 1,600 characters; it is the last filter |
/// | `money`, `money('EUR')` | `12.50`, `12.50 EUR`; exact, rounded half away from zero, digits as the currency has them |
/// | `money('USD', sign=true)` | `$12.50`; for USD, EUR, GBP, JPY. `point=','` writes `12,50` |
/// | `date('%H:%M', 'Europe/Berlin')` | a time in strftime's letters on a clock of that zone; from RFC 3339, RFC 2822, seconds since 1970 |
/// | `plural('guest', 'guests')` | the first for one, the second for any other number |
/// | `default('friend')` | something else for what is missing, null or blank |
/// | `upper`, `lower` | capital or small letters |
///
/// A time without offset, `2026-05-01T19:30`, is one on a clock of the zone that is named; one that the change of clocks
/// skips or repeats is refused. A choice is written `{{ 'Sir' if vip else 'you' }}`, and `{{ first ~ ' ' ~ last }}` joins
/// values. There are no loops, functions, macros, includes, lists or maps, and nothing is multiplied.
///
/// # Limits
/// A template has at most 10,000 bytes, what stands between braces 200 words and signs, a value 20,000 bytes, a text
/// 1,600 characters, which is what Twilio takes. To fill a template, at most 2,000,000 bytes of values are copied: each
/// byte counts once for its placeholder and once more for every filter, `~`, `+` and `[` in it. So the work is bounded
/// for untrusted templates and values, too.
///
/// Serialises as a map of names and texts. What is read back is checked as by [`add`](Self::add); the options are not
/// stored. `Debug` shows the names of templates and variables only.
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
    Place(Place),
}

/// A text, and the variable that brought a character outside GSM-7 into it.
struct Rendered {
    text: String,
    ucs2_cause: Option<Ucs2Cause>,
}

/// Is it a control character other than a line break? No text may have one.
fn is_control(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\r')
}

/// The collection of templates.
impl Templates {
    /// Starts without templates.
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

    /// Adds a template under a name to those that are in use.
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

    /// Takes a template out, and says whether there was one.
    pub fn remove(&mut self, name: &str) -> bool {
        self.templates.remove(name).is_some()
    }

    /// Allows values that a template has no placeholder for, as rows of a sheet have them.
    #[must_use]
    pub const fn allow_extra(mut self) -> Self {
        self.allow_extra = true;
        self
    }

    /// Refuses texts of more segments.
    #[must_use]
    pub const fn max_segments(mut self, most: usize) -> Self {
        self.max_segments = Some(most);
        self
    }

    /// Returns the names of the templates.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.templates.keys().map(String::as_str)
    }

    /// Returns a template as it was written.
    #[must_use]
    pub fn source(&self, name: &str) -> Option<&str> {
        self.templates.get(name).map(|template| template.source.as_str())
    }

    /// Returns the names of the values that a template has placeholders for, in order.
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

/// Filling a template.
impl Templates {
    /// Fills a template.
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
        let values = Arc::new(map(name, values)?);
        if !self.allow_extra
            && let Some(extra) = values.keys().find(|key| !template.variables.contains(*key))
        {
            let (variable, known) = (error::shown(extra), template.variables.iter().cloned().collect());
            return Err(TemplateError::UnknownVariable { template: name.to_owned(), variable, known });
        }
        let rendered = template.fill(name, &values)?;
        let characters = rendered.text.chars().count();
        if characters > MAX_TEXT {
            return Err(TemplateError::TooLong { template: name.to_owned(), characters, most: MAX_TEXT });
        }
        match self.max_segments {
            Some(most) => too_many(name, &rendered.text, most).map_or(Ok(rendered), Err),
            None => Ok(rendered),
        }
    }
}

fn too_many(name: &str, text: &str, most: usize) -> Option<TemplateError> {
    let segments = Segmentation::of(text).segments();
    (segments > most).then(|| TemplateError::TooManySegments { template: name.to_owned(), segments, most })
}

fn map(name: &str, values: &(impl Serialize + ?Sized)) -> Result<Map<String, Json>, TemplateError> {
    let wrong = |problem| Err(TemplateError::BadValues { template: name.to_owned(), problem });
    match serde_json::to_value(values) {
        Ok(Json::Object(values)) => Ok(values),
        Ok(Json::Null) => Ok(Map::new()),
        Ok(Json::Array(_)) => wrong("they are a list"),
        Ok(_) => wrong("they are a single value"),
        Err(_) => wrong("they cannot be serialised, perhaps because a key is no text"),
    }
}

impl Template {
    fn new(name: &str, source: String) -> Result<Self, TemplateError> {
        let syntax = |line, problem| TemplateError::Syntax { template: name.to_owned(), line, problem };
        if source.len() > MAX_TEMPLATE {
            let problem = format!("it has {} bytes, at most {MAX_TEMPLATE} are read", source.len());
            return Err(syntax(1, problem));
        }
        let parts = parse::parts(&source).map_err(|wrong| match wrong {
            Wrong::Syntax(line, problem) => syntax(line, problem),
            Wrong::Filter(line, filter) => {
                TemplateError::UnknownFilter { template: name.to_owned(), line, filter }
            }
        })?;
        let pieces = parts.into_iter().map(|part| match part {
            Part::Text(text) => Ok(Piece::Text(text.to_owned())),
            Part::Place { expression, copies, line } => {
                let place = Place::new(expression, copies, line);
                place.map(Piece::Place).map_err(|problem| syntax(line, problem))
            }
        });
        let pieces = pieces.collect::<Result<Vec<_>, _>>()?;
        let variables = pieces.iter().flat_map(|piece| match piece {
            Piece::Place(place) => place.variables(),
            Piece::Text(_) => BTreeSet::new(),
        });
        Ok(Self { variables: variables.collect(), pieces, source })
    }

    fn fill(&self, name: &str, values: &Arc<Map<String, Json>>) -> Result<Rendered, TemplateError> {
        let (mut parts, mut copied) = (Vec::with_capacity(self.pieces.len()), 0);
        for piece in &self.pieces {
            parts.push(match piece {
                Piece::Text(text) => Filled::Text(text.clone()),
                Piece::Place(place) => {
                    place.fill(values, &mut copied).map_err(|unfilled| told(name, place.line, unfilled))?
                }
            });
        }
        let shortened = shorten::shorten(&mut parts);
        let ucs2_cause = parts
            .iter()
            .zip(&self.pieces)
            .find_map(|(part, piece)| Ucs2Cause::by(part.text(), piece.variable()));
        let text: String = parts.iter().map(Filled::text).collect();
        match shortened.segments.filter(|_| text.chars().count() <= MAX_TEXT) {
            Some(most) => too_many(name, &text, most).map_or(Ok(Rendered { text, ucs2_cause }), Err),
            None => Ok(Rendered { text, ucs2_cause }),
        }
    }
}

impl Piece {
    fn variable(&self) -> Option<&str> {
        match self {
            Self::Text(_) => None,
            Self::Place(place) => Some(&place.head),
        }
    }
}

fn told(template: &str, line: usize, unfilled: Unfilled) -> TemplateError {
    let template = template.to_owned();
    match unfilled {
        Unfilled::Missing(variable) => TemplateError::MissingVariable { template, variable },
        Unfilled::Value(variable, problem) => TemplateError::BadValue { template, line, variable, problem },
        Unfilled::Use(problem) => TemplateError::Syntax { template, line, problem },
        Unfilled::TooMuchWork => TemplateError::TooMuchWork { template, line },
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
