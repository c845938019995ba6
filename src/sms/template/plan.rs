//! Measures what a template gives for many recipients, before anything is sent.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::{Rendered, TemplateError, Templates};
use crate::sms::{Encoding, Segmentation};

/// How many recipients with a problem a plan names; the others are only counted.
const NAMED: usize = 100;

/// The text of one recipient, measured.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Measured {
    /// Its characters.
    pub characters: usize,
    /// The segments it is billed as.
    pub segments: usize,
    /// Its units: septets or UTF-16 code units.
    pub units: usize,
    /// Its encoding.
    pub encoding: Encoding,
    /// What switched it to UCS-2; `None` in GSM-7.
    pub ucs2_cause: Option<Ucs2Cause>,
}

/// The first character that switches a text to UCS-2, and the variable that brought it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ucs2Cause {
    /// The character.
    pub character: char,
    /// The variable that brought it; `None` if the template itself contains it.
    pub variable: Option<String>,
}

impl Ucs2Cause {
    pub(super) fn by(text: &str, variable: Option<&str>) -> Option<Self> {
        let character = text.chars().find(|c| Encoding::Gsm7.units(*c).is_none())?;
        Some(Self { character, variable: variable.map(str::to_owned) })
    }
}

/// What a template gives for a list of recipients. A recipient is named by the position in the list, from 0.
///
/// It holds numbers and no text, and names at most the first 100 recipients with each problem, however long the list is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Plan {
    /// The recipients.
    pub recipients: u64,
    /// The segments of all texts together.
    pub segments: u64,
    /// The number of texts, by their number of segments.
    pub by_segments: BTreeMap<usize, u64>,
    /// The longest text, the first where several are: by segments, then by units.
    pub longest: Option<(u64, Measured)>,
    /// How many texts travel in UCS-2.
    pub ucs2: u64,
    /// The first of them, and what switched them.
    pub first_ucs2: Vec<(u64, Ucs2Cause)>,
    /// How many recipients got no text.
    pub failed: u64,
    /// The first of them, and why.
    pub errors: Vec<(u64, TemplateError)>,
}

impl Plan {
    /// Would every recipient get a text?
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.failed == 0
    }

    fn count(&mut self, measured: Result<Measured, TemplateError>) {
        let place = self.recipients;
        self.recipients += 1;
        match measured {
            Ok(measured) => self.measured(place, measured),
            Err(error) => {
                self.failed += 1;
                if self.errors.len() < NAMED {
                    self.errors.push((place, error));
                }
            }
        }
    }

    fn measured(&mut self, place: u64, measured: Measured) {
        self.segments += u64::try_from(measured.segments).unwrap_or(u64::MAX);
        *self.by_segments.entry(measured.segments).or_default() += 1;
        if let Some(ucs2_cause) = &measured.ucs2_cause {
            self.ucs2 += 1;
            if self.first_ucs2.len() < NAMED {
                self.first_ucs2.push((place, ucs2_cause.clone()));
            }
        }
        let size = (measured.segments, measured.units);
        if self.longest.as_ref().is_none_or(|(_, longest)| (longest.segments, longest.units) < size) {
            self.longest = Some((place, measured));
        }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} recipients, {} segments", self.recipients, self.segments)?;
        if let Some((place, longest)) = &self.longest {
            let Measured { segments, characters, .. } = longest;
            write!(f, "; the longest has {segments} ({characters} characters, recipient {place})")?;
        }
        write!(f, "; {} in UCS-2, {} without a text", self.ucs2, self.failed)
    }
}

impl Templates {
    /// Fills a template for every recipient and counts what would be sent, without stopping at the first problem.
    ///
    /// One text is held at a time: a list of a million may come from an iterator.
    ///
    /// ```
    /// use serde_json::json;
    /// use switchboard::sms::Templates;
    ///
    /// let templates = Templates::new().add("hello", "Hello {{name}}")?;
    /// let recipients = [json!({"name": "Ada"}), json!({"name": "Łukasz"}), json!({})];
    /// let plan = templates.plan("hello", &recipients)?;
    /// assert_eq!((plan.segments, plan.ucs2, plan.failed), (2, 1, 1));
    /// assert_eq!(plan.first_ucs2[0].1.variable.as_deref(), Some("name"));
    /// assert_eq!(plan.errors[0].0, 2);
    /// # Ok::<(), switchboard::sms::TemplateError>(())
    /// ```
    ///
    /// # Errors
    /// [`TemplateError::UnknownTemplate`]. What is wrong for a recipient is in the plan.
    pub fn plan<V: Serialize>(
        &self,
        name: &str,
        recipients: impl IntoIterator<Item = V>,
    ) -> Result<Plan, TemplateError> {
        let mut plan = Plan::default();
        for measured in self.measure(name, recipients)? {
            plan.count(measured);
        }
        Ok(plan)
    }

    /// Fills a template for every recipient and measures the text of each, as the iterator is asked for it.
    ///
    /// # Errors
    /// [`TemplateError::UnknownTemplate`]; what is wrong for a recipient comes with the items.
    pub fn measure<V: Serialize>(
        &self,
        name: &str,
        recipients: impl IntoIterator<Item = V>,
    ) -> Result<impl Iterator<Item = Result<Measured, TemplateError>>, TemplateError> {
        let template = self.template(name)?;
        let recipients = recipients.into_iter();
        Ok(recipients.map(move |values| self.rendered(name, template, &values).map(Measured::from)))
    }
}

impl From<Rendered> for Measured {
    fn from(rendered: Rendered) -> Self {
        let cut = Segmentation::of(&rendered.text);
        Self {
            characters: rendered.text.chars().count(),
            segments: cut.segments(),
            units: cut.units(),
            encoding: cut.encoding(),
            ucs2_cause: rendered.ucs2_cause,
        }
    }
}
