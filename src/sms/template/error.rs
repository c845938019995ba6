//! Errors of templates and their values.

/// Why a template was refused, or could not be filled.
///
/// It names the template and the variable, says what to change, and never quotes a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// There is no template of this name.
    #[error("there is no template {template:?}")]
    UnknownTemplate {
        /// The name that was asked for.
        template: String,
    },
    /// There is a template of this name already.
    #[error("there is a template {template:?} already: remove it first, or name this one differently")]
    Duplicate {
        /// Its name.
        template: String,
    },
    /// The template cannot be read.
    #[error("template {template:?}, line {line}: {problem}")]
    Syntax {
        /// Its name.
        template: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong, and what to write instead.
        problem: String,
    },
    /// The template names a filter that does not exist.
    #[error(
        "template {template:?}, line {line}: there is no filter {filter:?}; there are {}",
        super::filter::NAMES.join(", ")
    )]
    UnknownFilter {
        /// Its name.
        template: String,
        /// The line, from 1.
        line: usize,
        /// The filter.
        filter: String,
    },
    /// The template needs a value that is missing or null.
    #[error(
        "template {template:?} needs a value for {variable:?}: give one, or write {{{{ {variable} | default('…') }}}}"
    )]
    MissingVariable {
        /// Its name.
        template: String,
        /// The variable, as in `name` or `user.name`.
        variable: String,
    },
    /// There is a value that the template does not use.
    #[error("template {template:?} has no variable {variable:?}{}: {}", has(.known), EXTRA)]
    UnknownVariable {
        /// Its name.
        template: String,
        /// The name of the value.
        variable: String,
        /// The variables of the template.
        known: Vec<String>,
    },
    /// A value cannot be used as the template uses it.
    #[error("template {template:?}, line {line}: the value of {variable:?} {problem}")]
    BadValue {
        /// Its name.
        template: String,
        /// The line, from 1.
        line: usize,
        /// The variable.
        variable: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The values are neither a map nor a struct.
    #[error("the values of template {template:?} must be a map or a struct: {problem}")]
    BadValues {
        /// Its name.
        template: String,
        /// What they are instead.
        problem: &'static str,
    },
    /// Filling the template would take too much work, because its values are long and used often.
    #[error(
        "template {template:?}, line {line}: its places copy more than 2,000,000 bytes of values: shorten the values before, or use them less often"
    )]
    TooMuchWork {
        /// Its name.
        template: String,
        /// The line at which it became too much, from 1.
        line: usize,
    },
    /// The text is longer than a message can be.
    #[error(
        "template {template:?} gives {characters} characters, a message holds {most}: shorten it, or a value with truncate(..)"
    )]
    TooLong {
        /// Its name.
        template: String,
        /// The characters of the text.
        characters: usize,
        /// The most that a message holds.
        most: usize,
    },
    /// The text has more segments than are allowed.
    #[error(
        "template {template:?} gives {segments} segments, at most {most} are allowed: shorten it, or a value with truncate(segments={most})"
    )]
    TooManySegments {
        /// Its name.
        template: String,
        /// The segments of the text.
        segments: usize,
        /// The most that are allowed.
        most: usize,
    },
}

const EXTRA: &str = "leave the value out, or call allow_extra()";

fn has(variables: &[String]) -> String {
    if variables.is_empty() { String::new() } else { format!(", it has {}", variables.join(", ")) }
}

/// Returns a name as an error may show it. A key of a map may be anything, such as somebody's number, so text that
/// cannot be the name of a variable is replaced by `…`.
pub(super) fn shown(name: &str) -> String {
    let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
    let digits = name.chars().filter(char::is_ascii_digit).count();
    if name.len() <= 64 && !name.is_empty() && name.chars().all(word) && digits <= 4 {
        return name.to_owned();
    }
    "…".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_no_name_is_not_shown() {
        for key in ["+14155551234", "14155551234", "two words", "", "a@example.com"] {
            assert_eq!(shown(key), "…");
        }
        assert_eq!(shown("user.name_2"), "user.name_2");
    }
}
