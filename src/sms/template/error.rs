//! Errors of templates and their values.

/// Why a template cannot be added or rendered.
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
    #[error("there is already a template {template:?}: remove it first, or use another name")]
    Duplicate {
        /// Its name.
        template: String,
    },
    /// The template has a syntax error.
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
        "template {template:?}, line {line}: there is no filter {filter:?}: use one of {}",
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
    #[error(
        "template {template:?} has no placeholder for the value {variable:?}{}: remove the value, or call Templates::allow_extra()",
        list(.known)
    )]
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
    #[error("the values for template {template:?} must be a map or a struct: {problem}")]
    BadValues {
        /// Its name.
        template: String,
        /// What was given instead.
        problem: &'static str,
    },
    /// Rendering the template would take too much work, because its values are long and used often.
    #[error(
        "template {template:?}, line {line}: filling its placeholders would copy more than 2,000,000 bytes of values: use shorter values, or fewer placeholders and filters"
    )]
    TooMuchWork {
        /// Its name.
        template: String,
        /// The line of the placeholder that exceeded the limit, from 1.
        line: usize,
    },
    /// The rendered text is longer than a message may be.
    #[error(
        "template {template:?} renders to {characters} characters, but a message has at most {max}: shorten the template, or a value with truncate(..)"
    )]
    TooLong {
        /// Its name.
        template: String,
        /// The characters of the text.
        characters: usize,
        /// The limit.
        max: usize,
    },
    /// The rendered text has more segments than are allowed.
    #[error(
        "template {template:?} renders to {segments} segments, but at most {max} are allowed: shorten the template, or a value with truncate(segments={max})"
    )]
    TooManySegments {
        /// Its name.
        template: String,
        /// The segments of the text.
        segments: usize,
        /// The limit.
        max: usize,
    },
}

fn list(variables: &[String]) -> String {
    if variables.is_empty() { String::new() } else { format!(" (it has {})", variables.join(", ")) }
}

/// Returns a name if an error may show it, else `…`. A key of a map may be any text, even a telephone number, so only what
/// can be the name of a variable is shown.
pub(super) fn printable(name: &str) -> String {
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
    fn only_keys_that_can_be_variables_are_printed() {
        for key in ["+14155551234", "14155551234", "two words", "", "a@example.com"] {
            assert_eq!(printable(key), "…");
        }
        assert_eq!(printable("user.name_2"), "user.name_2");
    }
}
