//! Renders a template for many recipients and counts segments, before anything is sent.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::{Rendered, TemplateError, Templates};
use crate::sms::{Encoding, Segmentation};

/// How many recipients a plan lists for each problem; further ones are only counted.
const MAX_LISTED: usize = 100;

/// The size of the message to one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Measured {
    /// The number of characters.
    pub characters: usize,
    /// The number of segments, which are billed.
    pub segments: usize,
    /// The number of units: septets in GSM-7, UTF-16 code units in UCS-2.
    pub units: usize,
    /// The encoding.
    pub encoding: Encoding,
    /// The character that switched it to UCS-2; `None` in GSM-7.
    pub ucs2_cause: Option<Ucs2Cause>,
}

/// The first character that switches a message to UCS-2, and the variable whose value contains it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ucs2Cause {
    /// The character.
    pub character: char,
    /// The variable whose value contains it; `None` if it is in the template itself.
    pub variable: Option<String>,
}

impl Ucs2Cause {
    pub(super) fn find(text: &str, variable: Option<&str>) -> Option<Self> {
        let character = text.chars().find(|c| Encoding::Gsm7.units(*c).is_none())?;
        Some(Self { character, variable: variable.map(str::to_owned) })
    }
}

/// The sizes of the messages to a list of recipients. A recipient is identified by the position in the list, from 0.
///
/// It stores counts, not the messages, and lists at most the first 100 recipients for each problem.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Plan {
    /// The number of recipients.
    pub recipients: u64,
    /// The total number of segments.
    pub segments: u64,
    /// How many messages have a given number of segments.
    pub by_segments: BTreeMap<usize, u64>,
    /// The longest message, by segments and then by units, with the position of its recipient. Of several, the first.
    pub longest: Option<(u64, Measured)>,
    /// How many messages are encoded in UCS-2.
    pub ucs2: u64,
    /// The first 100 recipients of messages in UCS-2, each with the character that is the cause.
    pub first_ucs2: Vec<(u64, Ucs2Cause)>,
    /// For how many recipients rendering failed.
    pub failed: u64,
    /// The first 100 recipients for whom rendering failed, each with the error.
    pub errors: Vec<(u64, TemplateError)>,
}

impl Plan {
    /// Returns whether rendering succeeded for every recipient.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.failed == 0
    }

    fn count(&mut self, measured: Result<Measured, TemplateError>) {
        let position = self.recipients;
        self.recipients += 1;
        match measured {
            Ok(measured) => self.count_measured(position, measured),
            Err(error) => {
                self.failed += 1;
                if self.errors.len() < MAX_LISTED {
                    self.errors.push((position, error));
                }
            }
        }
    }

    fn count_measured(&mut self, position: u64, measured: Measured) {
        self.segments += u64::try_from(measured.segments).unwrap_or(u64::MAX);
        *self.by_segments.entry(measured.segments).or_default() += 1;
        if let Some(ucs2_cause) = &measured.ucs2_cause {
            self.ucs2 += 1;
            if self.first_ucs2.len() < MAX_LISTED {
                self.first_ucs2.push((position, ucs2_cause.clone()));
            }
        }
        let size = (measured.segments, measured.units);
        if self.longest.as_ref().is_none_or(|(_, longest)| (longest.segments, longest.units) < size) {
            self.longest = Some((position, measured));
        }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} recipients, {} segments", self.recipients, self.segments)?;
        if let Some((position, longest)) = &self.longest {
            let Measured { segments, characters, .. } = longest;
            write!(f, "; the longest has {segments} ({characters} characters, recipient {position})")?;
        }
        write!(f, "; {} in UCS-2, {} failed", self.ucs2, self.failed)
    }
}

impl Templates {
    /// Renders a template for every recipient and counts what would be sent, without stopping at the first error.
    ///
    /// Only one message is in memory at a time, so a list of a million recipients may come from an iterator.
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
    /// [`TemplateError::UnknownTemplate`]. Errors of single recipients are in [`Plan::errors`].
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

    /// Renders a template for each recipient, when the returned iterator is advanced, and returns the size of each message.
    ///
    /// # Errors
    /// [`TemplateError::UnknownTemplate`]. Errors of single recipients are items of the iterator.
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
