//! Splits a template into plain text and placeholders, and checks the placeholders.
//!
//! Between `{{` and `}}` is an expression of minijinja. Statements (`{% … %}`) are refused, so a template has no loops,
//! includes or definitions.

use super::filter::NAMES;

/// A part of a template.
#[derive(Debug, PartialEq)]
pub(super) enum Part<'t> {
    Text(&'t str),
    Placeholder {
        /// The text between `{{` and `}}`.
        expression: &'t str,
        /// How often each byte of a value in it may be copied.
        copies: usize,
        /// The line on which it begins.
        line: usize,
    },
}

/// What is wrong, with the line.
#[derive(Debug, PartialEq)]
pub(super) enum ParseError {
    Syntax(usize, String),
    Filter(usize, String),
}

fn syntax<T>(line: usize, problem: impl Into<String>) -> Result<T, ParseError> {
    Err(ParseError::Syntax(line, problem.into()))
}

/// Splits a template into its parts.
pub(super) fn parts(template: &str) -> Result<Vec<Part<'_>>, ParseError> {
    let (mut parts, mut rest, mut line) = (Vec::new(), template, 1);
    while let Some((text, after)) = rest.split_once("{{") {
        check_text(text, line)?;
        line += line_breaks(text);
        let Some(end) = find_closing_braces(after) else {
            return syntax(line, "a {{ is not closed: write }} after the variable");
        };
        let (expression, after) = after.split_at_checked(end).unwrap_or((after, ""));
        let copies = check_expression(expression, line)?;
        parts.push(Part::Text(text));
        parts.push(Part::Placeholder { expression: expression.trim(), copies, line });
        line += line_breaks(expression);
        rest = after.strip_prefix("}}").unwrap_or(after);
    }
    check_text(rest, line)?;
    parts.push(Part::Text(rest));
    Ok(parts.into_iter().filter(|part| *part != Part::Text("")).collect())
}

fn line_breaks(text: &str) -> usize {
    text.matches('\n').count()
}

/// Refuses braces outside placeholders that were probably meant as a placeholder or a statement.
fn check_text(text: &str, first_line: usize) -> Result<(), ParseError> {
    let refused = [
        ("{%", "{% … %} is not supported: write a condition as {{ 'a' if vip else 'b' }}"),
        ("{#", "{# … #} is not supported: remove the comment"),
        ("}}", "a }} has no {{ before it: write both, or a single brace"),
    ];
    for (braces, problem) in refused {
        if let Some((before, _)) = text.split_once(braces) {
            return syntax(first_line + line_breaks(before), problem);
        }
    }
    match text.chars().find(|c| super::is_control(*c)) {
        Some(c) => syntax(first_line, format!("the text contains the control character {c:?}: remove it")),
        None => Ok(()),
    }
}

/// Finds the first `}}` outside quotes.
fn find_closing_braces(text: &str) -> Option<usize> {
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

/// Returns the characters outside quotes, with their positions.
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

/// The maximum number of tokens of an expression: no message needs so many, and each may copy the whole value.
const MAX_TOKENS: usize = 200;

/// Words that come before a value, so that a bracket after them is not an index or a call.
const KEYWORDS: [&str; 6] = ["if", "else", "and", "or", "not", "in"];

/// A token of an expression, outside quotes.
#[derive(Debug, PartialEq)]
enum Token {
    Word(String),
    Symbol(char),
}

impl Token {
    /// Is it the end of a value, so that a `[` after it indexes that value?
    fn ends_a_value(&self) -> bool {
        match self {
            Self::Word(word) => !KEYWORDS.contains(&word.as_str()),
            Self::Symbol(sign) => matches!(sign, ')' | ']'),
        }
    }

    /// Does it copy the bytes of a value into a new one?
    const fn copies(&self) -> bool {
        matches!(self, Self::Symbol('|' | '~' | '+' | '['))
    }
}

fn tokens(expression: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut end_of_word = None;
    for (at, c) in unquoted(expression) {
        if c.is_alphanumeric() || c == '_' {
            match tokens.last_mut() {
                Some(Token::Word(word)) if end_of_word == Some(at) => word.push(c),
                _ => tokens.push(Token::Word(c.to_string())),
            }
            end_of_word = Some(at + c.len_utf8());
        } else if !c.is_whitespace() {
            tokens.push(Token::Symbol(c));
        }
    }
    tokens
}

/// Refuses expressions that would fail only when rendered, and those that could turn small values into large texts.
/// Returns how often each byte of a value may be copied.
fn check_expression(expression: &str, line: usize) -> Result<usize, ParseError> {
    if expression.trim().is_empty() {
        return syntax(line, "there is nothing between {{ and }}: write a variable, as in {{name}}");
    }
    if expression.trim().starts_with(|c: char| c.is_ascii_digit()) {
        return syntax(
            line,
            "a placeholder begins with a digit, but variables have names, not numbers: write {{name}}",
        );
    }
    let tokens = tokens(expression);
    if tokens.len() > MAX_TOKENS {
        return syntax(line, "an expression has more than 200 tokens: make it shorter");
    }
    check_words(&tokens, line)?;
    check_symbols(&tokens, line)?;
    Ok(1 + tokens.iter().filter(|token| token.copies()).count())
}

fn check_words(tokens: &[Token], line: usize) -> Result<(), ParseError> {
    for (at, token) in tokens.iter().enumerate() {
        let Token::Word(word) = token else { continue };
        let before = at.checked_sub(1).and_then(|before| tokens.get(before));
        let is_filter = before == Some(&Token::Symbol('|'));
        if is_filter && !NAMES.contains(&word.as_str()) {
            return Err(ParseError::Filter(line, super::error::printable(word)));
        }
        if word == "is" && before != Some(&Token::Symbol('.')) {
            return syntax(
                line,
                "the operator \"is\" is not supported: write default(..) for values that may be missing",
            );
        }
        let is_called = tokens.get(at + 1) == Some(&Token::Symbol('('));
        if is_called && !is_filter && !KEYWORDS.contains(&word.as_str()) {
            return syntax(
                line,
                "functions are not supported: use a filter, as in {{ price | money('EUR') }}",
            );
        }
    }
    Ok(())
}

/// Refuses multiplication, lists and maps. Multiplication repeats a text, and a list or a map is written with quotes and
/// escapes, so a few nested ones turn a short value into gigabytes.
fn check_symbols(tokens: &[Token], line: usize) -> Result<(), ParseError> {
    // For each open bracket: whether it may contain commas.
    let mut open = Vec::new();
    let mut before: Option<&Token> = None;
    for (at, token) in tokens.iter().enumerate() {
        let Token::Symbol(symbol) = token else {
            before = Some(token);
            continue;
        };
        match symbol {
            '*' => {
                return syntax(
                    line,
                    "multiplication is not supported: calculate the result in your code, and give it as a value",
                );
            }
            '(' => {
                let options = matches!(before, Some(Token::Word(word)) if !KEYWORDS.contains(&word.as_str()));
                if !options && tokens.get(at + 1) == Some(&Token::Symbol(')')) {
                    return syntax(line, NO_LISTS);
                }
                open.push(options);
            }
            '[' if before.is_some_and(Token::ends_a_value) => open.push(false),
            ')' | ']' => {
                open.pop();
            }
            ',' if open.last() == Some(&true) => {}
            '[' | ',' | '{' => return syntax(line, NO_LISTS),
            _ => {}
        }
        before = Some(token);
    }
    Ok(())
}

const NO_LISTS: &str =
    "lists and maps are not supported in an expression: name a value, or a field of one, as in {{user.name}}";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_template_is_split_at_its_placeholders() {
        let cut = parts("Hi {{name}}\n{{ a | default('}}') }}{{b}} { } }").unwrap();
        let expected = [
            Part::Text("Hi "),
            Part::Placeholder { expression: "name", copies: 1, line: 1 },
            Part::Text("\n"),
            Part::Placeholder { expression: "a | default('}}')", copies: 2, line: 2 },
            Part::Placeholder { expression: "b", copies: 1, line: 2 },
            Part::Text(" { } }"),
        ];
        assert_eq!(cut, expected);
    }

    proptest! {
        #[test]
        fn splitting_any_text_adds_nothing(text in "[a-z{}%# '\"\\\\|().\n]{0,40}") {
            if let Ok(cut) = parts(&text) {
                let length: usize = cut.iter().map(|part| match part {
                    Part::Text(text) => text.len(),
                    Part::Placeholder { expression, .. } => expression.len() + 4,
                }).sum();
                prop_assert!(length <= text.len());
            }
        }
    }
}
