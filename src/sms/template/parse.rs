//! Splits a template into plain text and placeholders, and checks the placeholders.
//!
//! Between `{{` and `}}` is an expression of minijinja. Statements (`{% … %}`) are refused, so a template has no loops,
//! includes or definitions.

use super::filter::NAMES;

/// A part of a template.
#[derive(Debug, PartialEq)]
pub(super) enum Part<'t> {
    Text(&'t str),
    /// What stands between the braces.
    Place {
        expression: &'t str,
        /// How often each byte of a value in it may be copied.
        copies: usize,
        /// The line it begins on.
        line: usize,
    },
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
        let copies = inspect(place, line)?;
        parts.push(Part::Text(text));
        parts.push(Part::Place { expression: place.trim(), copies, line });
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

/// Refuses braces in the text between placeholders that were probably meant as a placeholder or a statement.
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

/// Finds the end of a placeholder: the first `}}` outside quotes.
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

/// The characters outside quotes, with their positions.
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

/// The most words and signs of an expression: no message needs so many, and each may copy the whole value.
const MAX_TOKENS: usize = 200;

/// Words that stand before a value, not behind it.
const KEYWORDS: [&str; 6] = ["if", "else", "and", "or", "not", "in"];

/// A word or a sign of an expression, outside quotes.
#[derive(Debug, PartialEq)]
enum Token {
    Word(String),
    Sign(char),
}

impl Token {
    /// Is it the end of a value, so that a bracket behind it takes a part of that value?
    fn ends_a_value(&self) -> bool {
        match self {
            Self::Word(word) => !KEYWORDS.contains(&word.as_str()),
            Self::Sign(sign) => matches!(sign, ')' | ']'),
        }
    }

    /// Does it make a new value of the bytes of others?
    const fn copies(&self) -> bool {
        matches!(self, Self::Sign('|' | '~' | '+' | '['))
    }
}

fn tokens(expression: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut behind = None;
    for (at, c) in unquoted(expression) {
        if c.is_alphanumeric() || c == '_' {
            match tokens.last_mut() {
                Some(Token::Word(word)) if behind == Some(at) => word.push(c),
                _ => tokens.push(Token::Word(c.to_string())),
            }
            behind = Some(at + c.len_utf8());
        } else if !c.is_whitespace() {
            tokens.push(Token::Sign(c));
        }
    }
    tokens
}

/// Finds in an expression what would only fail once it is filled, and what could make large texts of small ones. Returns
/// how often each byte of a value may be copied.
fn inspect(expression: &str, line: usize) -> Result<usize, Wrong> {
    if expression.trim().is_empty() {
        return syntax(line, "there is nothing between {{ and }}: write a variable, as in {{name}}");
    }
    if expression.trim().starts_with(|c: char| c.is_ascii_digit()) {
        return syntax(
            line,
            "a place begins with a digit: variables here have names, as in {{name}}, not numbers",
        );
    }
    let tokens = tokens(expression);
    if tokens.len() > MAX_TOKENS {
        return syntax(line, "there are more than 200 words and signs between {{ and }}: write less");
    }
    words(&tokens, line)?;
    brackets(&tokens, line)?;
    Ok(1 + tokens.iter().filter(|token| token.copies()).count())
}

fn words(tokens: &[Token], line: usize) -> Result<(), Wrong> {
    for (at, token) in tokens.iter().enumerate() {
        let Token::Word(word) = token else { continue };
        let before = at.checked_sub(1).and_then(|before| tokens.get(before));
        let is_filter = before == Some(&Token::Sign('|'));
        if is_filter && !NAMES.contains(&word.as_str()) {
            return Err(Wrong::Filter(line, super::error::shown(word)));
        }
        if word == "is" && before != Some(&Token::Sign('.')) {
            return syntax(line, "there is no \"is\" here: give a value for the missing with default(..)");
        }
        let is_called = tokens.get(at + 1) == Some(&Token::Sign('('));
        if is_called && !is_filter && !KEYWORDS.contains(&word.as_str()) {
            return syntax(
                line,
                "there are no functions here: write filters, as in {{ price | money('EUR') }}",
            );
        }
    }
    Ok(())
}

/// Refuses what repeats a text (`*`) or writes it with quotes and backslashes around it (a list, a map): a few of either
/// make gigabytes.
fn brackets(tokens: &[Token], line: usize) -> Result<(), Wrong> {
    // For each bracket that is open: may there be commas in it?
    let mut open = Vec::new();
    let mut before: Option<&Token> = None;
    for (at, token) in tokens.iter().enumerate() {
        let Token::Sign(sign) = token else {
            before = Some(token);
            continue;
        };
        match sign {
            '*' => {
                return syntax(
                    line,
                    "nothing is multiplied here: do it before, and give the result as a value",
                );
            }
            '(' => {
                let options = matches!(before, Some(Token::Word(word)) if !KEYWORDS.contains(&word.as_str()));
                if !options && tokens.get(at + 1) == Some(&Token::Sign(')')) {
                    return syntax(line, LISTS);
                }
                open.push(options);
            }
            '[' if before.is_some_and(Token::ends_a_value) => open.push(false),
            ')' | ']' => {
                open.pop();
            }
            ',' if open.last() == Some(&true) => {}
            '[' | ',' | '{' => return syntax(line, LISTS),
            _ => {}
        }
        before = Some(token);
    }
    Ok(())
}

const LISTS: &str = "there are no lists and maps here: name a value, or a part of one as in {{user.name}}";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_template_is_cut_at_its_places() {
        let cut = parts("Hi {{name}}\n{{ a | default('}}') }}{{b}} { } }").unwrap();
        let expected = [
            Part::Text("Hi "),
            Part::Place { expression: "name", copies: 1, line: 1 },
            Part::Text("\n"),
            Part::Place { expression: "a | default('}}')", copies: 2, line: 2 },
            Part::Place { expression: "b", copies: 1, line: 2 },
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
                    Part::Place { expression, .. } => expression.len() + 4,
                }).sum();
                prop_assert!(length <= text.len());
            }
        }
    }
}
