//! Patterns of names.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::MeshError;
use super::notice::check_name;

/// Which notices a subscriber gets, by their names.
///
/// A name has parts, divided by dots. `*` stands for one part, and `**`, at the end, for all further ones, at least one.
///
/// ```
/// use switchboard_automation::mesh::Pattern;
///
/// let pattern: Pattern = "twilio.*.status".parse()?;
/// assert!(pattern.matches("twilio.sms.status") && !pattern.matches("twilio.sms.sent"));
/// let pattern: Pattern = "twilio.**".parse()?;
/// assert!(pattern.matches("twilio.sms.status") && !pattern.matches("twilio"));
/// # Ok::<(), switchboard_automation::mesh::MeshError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pattern(String);

impl Pattern {
    /// The pattern of every name: `**`.
    #[must_use]
    pub fn all() -> Self {
        Self("**".to_owned())
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Does a name fit?
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        let mut parts = name.split('.');
        for wanted in self.0.split('.') {
            match (wanted, parts.next()) {
                (_, None) => return false,
                ("**", Some(_)) => return true,
                ("*", Some(_)) => {}
                (wanted, Some(part)) if wanted == part => {}
                _ => return false,
            }
        }
        parts.next().is_none()
    }
}

impl FromStr for Pattern {
    type Err = MeshError;

    fn from_str(text: &str) -> Result<Self, MeshError> {
        let last = text.split('.').count().saturating_sub(1);
        let stands_well = text.split('.').enumerate().all(|(place, part)| part != "**" || place == last);
        let plain: Vec<&str> =
            text.split('.').map(|part| if matches!(part, "*" | "**") { "x" } else { part }).collect();
        if !stands_well || check_name(&plain.join(".")).is_err() {
            return Err(MeshError::BadPattern { pattern: text.chars().take(64).collect() });
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for Pattern {
    type Error = MeshError;

    fn try_from(text: String) -> Result<Self, MeshError> {
        text.parse()
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.0
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_fits_or_not() {
        let cases = [
            ("a.b", "a.b", true),
            ("a.b", "a.b.c", false),
            ("a.b", "a", false),
            ("a.*", "a.b", true),
            ("a.*", "a.b.c", false),
            ("a.*", "a", false),
            ("*.b", "a.b", true),
            ("*.*", "a.b", true),
            ("a.**", "a.b.c.d", true),
            ("a.**", "a.b", true),
            ("a.**", "a", false),
            ("a.**", "b.a", false),
            ("**", "a.b.c", true),
            ("*", "a", true),
            ("*", "a.b", false),
            ("a.*.c", "a.b.c", true),
            ("a.*.c", "a.b.d", false),
        ];
        for (pattern, name, fits) in cases {
            assert_eq!(pattern.parse::<Pattern>().unwrap().matches(name), fits, "{pattern} {name}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for bad in ["", ".", "a.", ".a", "a..b", "**.a", "a.**.b", "a*", "a.b*", "***", "a b", "ä"] {
            let error = bad.parse::<Pattern>().unwrap_err();
            assert!(matches!(error, MeshError::BadPattern { .. }), "{bad}: {error}");
            assert!(serde_json::from_value::<Pattern>(bad.into()).is_err(), "{bad}");
        }
    }
}
