//! Cuts a template into plain text and places, and says what is wrong with it.
//!
//! What stands in `{{ … }}` is an expression of minijinja; statements (`{% … %}`) do not exist here, so there is nothing
//! that loops, includes or defines.

use super::filter::NAMES;

/// A part of a template.
#[derive(Debug, PartialEq)]
pub(super) enum Part<'t> {
    Text(&'t str),
    /// What stands between the braces, and the line it begins on.
    Place(&'t str, usize),
}

/// What is wrong, and on which line.
#[derive(Debug, PartialEq)]
pub(super) enum Wrong {
    Syntax(usize, String),
    Filter(usize, String),
}

fn syntax<T>(line: usize, problem: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong::Syntax(line, problem.into()))
}

/// Cuts a template into its parts.
pub(super) fn parts(template: &str) -> Result<Vec<Part<'_>>, Wrong> {
    let (mut parts, mut rest, mut line) = (Vec::new(), template, 1);
    while let Some((text, behind)) = rest.split_once("{{") {
        plain(text, line)?;
        line += lines(text);
        let Some(end) = closing(behind) else {
            return syntax(line, "a {{ is not closed: write }} behind the variable");
        };
        let (place, after) = behind.split_at_checked(end).unwrap_or((behind, ""));
        inspect(place, line)?;
        parts.push(Part::Text(text));
        parts.push(Part::Place(place.trim(), line));
        line += lines(place);
        rest = after.strip_prefix("}}").unwrap_or(after);
    }
    plain(rest, line)?;
    parts.push(Part::Text(rest));
    Ok(parts.into_iter().filter(|part| *part != Part::Text("")).collect())
}

fn lines(text: &str) -> usize {
    text.matches('\n').count()
}

/// Checks the text between places for braces that were surely meant otherwise.
fn plain(text: &str, first: usize) -> Result<(), Wrong> {
    let signs = [
        ("{%", "{% … %} is not known here: write a choice as {{ 'a' if vip else 'b' }}"),
        ("{#", "{# … #} is not known here: leave comments out"),
        ("}}", "a }} has no {{ before it: write both, or one brace"),
    ];
    for (sign, problem) in signs {
        if let Some((before, _)) = text.split_once(sign) {
            return syntax(first + lines(before), problem);
        }
    }
    match text.chars().find(|c| super::is_control(*c)) {
        Some(c) => syntax(first, format!("there is a control character in it, {c:?}: leave it out")),
        None => Ok(()),
    }
}

/// Where the place ends: at the first `}}` outside quotes.
fn closing(text: &str) -> Option<usize> {
    let mut brace = None;
    for (at, c) in unquoted(text) {
        match (c, brace) {
            ('}', Some(before)) if before + 1 == at => return Some(before),
            ('}', _) => brace = Some(at),
            _ => brace = None,
        }
    }
    None
}

/// The characters outside quotes, with their places.
fn unquoted(text: &str) -> impl Iterator<Item = (usize, char)> {
    let (mut quote, mut escaped) = (None, false);
    text.char_indices().filter(move |(_, c)| match quote {
        Some(_) if escaped => {
            escaped = false;
            false
        }
        Some(sign) => {
            escaped = *c == '\\';
            if *c == sign {
                quote = None;
            }
            false
        }
        None => {
            if matches!(c, '\'' | '"') {
                quote = Some(*c);
            }
            true
        }
    })
}

/// Finds in a place what would only fail once it is filled.
fn inspect(place: &str, line: usize) -> Result<(), Wrong> {
    if place.trim().is_empty() {
        return syntax(line, "there is nothing between {{ and }}: write a variable, as in {{name}}");
    }
    if place.trim().starts_with(|c: char| c.is_ascii_digit()) {
        return syntax(
            line,
            "a place begins with a digit: variables here have names, as in {{name}}, not numbers",
        );
    }
    let mut words: Vec<(char, String)> = Vec::new();
    let (mut word, mut sign) = (String::new(), ' ');
    for c in unquoted(place).map(|(_, c)| c).chain(std::iter::once(' ')) {
        if c.is_alphanumeric() || c == '_' {
            word.push(c);
            continue;
        }
        if !word.is_empty() {
            words.push((sign, std::mem::take(&mut word)));
            sign = ' ';
        }
        if c == '('
            && let Some((before, name)) = words.last()
            && sign == ' '
        {
            called(*before, name, line)?;
        }
        if !c.is_whitespace() {
            sign = c;
        }
    }
    for (before, word) in words {
        if before == '|' && !NAMES.contains(&word.as_str()) {
            return Err(Wrong::Filter(line, super::error::shown(&word)));
        }
        if before == ' ' && word == "is" {
            return syntax(line, "there is no \"is\" here: give a value for the missing with default(..)");
        }
    }
    Ok(())
}

/// A word with a bracket behind it must be a filter, or a word such as `and`.
fn called(before: char, name: &str, line: usize) -> Result<(), Wrong> {
    if before == '|' || ["if", "else", "and", "or", "not", "in"].contains(&name) {
        return Ok(());
    }
    syntax(line, "there are no functions here: write filters, as in {{ price | money('EUR') }}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_template_is_cut_at_its_places() {
        let cut = parts("Hi {{name}}\n{{ a | default('}}') }}{{b}} { } }").unwrap();
        let expected = [
            Part::Text("Hi "),
            Part::Place("name", 1),
            Part::Text("\n"),
            Part::Place("a | default('}}')", 2),
            Part::Place("b", 2),
            Part::Text(" { } }"),
        ];
        assert_eq!(cut, expected);
    }

    proptest! {
        #[test]
        fn any_text_is_cut_and_loses_nothing(text in "[a-z{}%# '\"\\\\|().\n]{0,40}") {
            if let Ok(cut) = parts(&text) {
                let length: usize = cut.iter().map(|part| match part {
                    Part::Text(text) => text.len(),
                    Part::Place(place, _) => place.len() + 4,
                }).sum();
                prop_assert!(length <= text.len());
            }
        }
    }
}
