//! Places of a template that were not filled: `{{name}}`, `Hi ,`, `Dear null`.

use std::ops::Range;

use serde::Deserialize;

use super::words::{Word, Words};

/// A place is looked for in at most so many bytes, so that the search is linear.
const LONGEST: usize = 80;

/// What tells an empty place.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EmptyPlaces {
    /// Words after which a name stands: `dear`.
    greetings: Vec<String>,
    /// Words after which a value stands: `is`, `order`.
    before: Vec<String>,
    /// What programs write for a missing value, and what is never part of a sentence: `[object Object]`.
    values: Vec<String>,
    /// What programs write for a missing value, and is a word too: `null`. It counts where a value stands.
    words: Vec<String>,
    /// What stands in square brackets: `name`, `date`.
    names: Vec<String>,
    /// What stands in square brackets beside one of the names: `first`, `your`.
    beside: Vec<String>,
}

impl EmptyPlaces {
    pub(super) fn len(&self) -> usize {
        [&self.greetings, &self.before, &self.values, &self.words, &self.names, &self.beside]
            .iter()
            .map(|list| list.len())
            .sum()
    }

    /// Finds the first empty place.
    pub(super) fn find(&self, text: &str, words: &Words) -> Option<Range<usize>> {
        self.marked(text)
            .or_else(|| self.value(text))
            .or_else(|| self.word(text, words))
            .or_else(|| self.nothing(text, words))
    }

    /// A name between marks: `{{name}}`, `%NAME%`.
    fn marked(&self, text: &str) -> Option<Range<usize>> {
        text.char_indices().filter(|(_, c)| "{$%<[*@#_".contains(*c)).find_map(|(at, _)| {
            let rest = text.get(at..)?;
            let before = text.get(..at)?.chars().next_back();
            self.mark(rest, before).map(|length| at..at + length)
        })
    }

    /// The length of the mark with which `rest` begins.
    fn mark(&self, rest: &str, before: Option<char>) -> Option<usize> {
        /// What opens a place, what closes it, and what must be inside.
        type Mark = (&'static str, &'static str, fn(&str) -> bool);
        const MARKS: [Mark; 10] = [
            ("{{", "}}", |_| true),
            ("${", "}", |_| true),
            ("<%", "%>", |_| true),
            ("%(", ")", is_name),
            ("{", "}", is_name),
            ("<", ">", is_words),
            ("*|", "|*", |_| true),
            ("@@", "@@", is_name),
            ("__", "__", is_name),
            ("#", "#", is_written_as_name),
        ];
        let marked = MARKS.iter().find_map(|(open, close, is_place)| {
            let inside = between(rest, open, close)?;
            is_place(inside.trim()).then_some(open.len() + inside.len() + close.len())
        });
        let after_word = before.is_some_and(char::is_alphanumeric);
        marked
            .or_else(|| percent(rest).filter(|_| !after_word))
            .or_else(|| variable(rest).filter(|_| !after_word))
            .or_else(|| {
                let inside = between(rest, "[", "]").filter(|_| !after_word)?;
                self.is_bracketed_place(inside).then_some(inside.len() + 2)
            })
    }

    fn is_bracketed_place(&self, inside: &str) -> bool {
        let lower = inside.to_lowercase();
        let parts: Vec<&str> = lower.split([' ', '_', '-', '.']).collect();
        let is_name = |part: &&str| self.names.iter().any(|name| name == part);
        let is_beside = |part: &&str| self.beside.iter().any(|word| word == part);
        is_written_as_name(inside) && inside.contains('_') && !inside.chars().any(|c| c.is_ascii_digit())
            || parts.iter().any(is_name) && parts.iter().all(|part| is_name(part) || is_beside(part))
    }

    /// `[object Object]`, in exactly these letters.
    fn value(&self, text: &str) -> Option<Range<usize>> {
        self.values.iter().find_map(|value| {
            text.match_indices(value.as_str())
                .map(|(at, found)| at..at + found.len())
                .find(|place| is_apart(text, place))
        })
    }

    /// `Dear null`, `Your code is None.`
    fn word(&self, text: &str, words: &Words) -> Option<Range<usize>> {
        let before = std::iter::once(None).chain(words.iter().map(Some));
        words
            .iter()
            .zip(before)
            .find(|(word, before)| self.is_missing(text, words, word, *before))
            .map(|(word, _)| word.place.clone())
    }

    fn is_missing(&self, text: &str, words: &Words, word: &Word, before: Option<&Word>) -> bool {
        let written = text.get(word.place.clone()).unwrap_or_default();
        let Some(before) =
            before.filter(|_| !word.begins && self.words.iter().any(|listed| listed == written))
        else {
            return false;
        };
        let ends = text
            .get(word.place.end..)
            .is_some_and(|rest| rest.trim_start().is_empty() || rest.starts_with(['.', ',', '!', ';', '?']));
        let key = words.key(before);
        is_one_of(&self.greetings, key) || is_one_of(&self.before, key) && (ends || !is_linking(key))
    }

    /// `Hi ,`, `on  at .`, `Order # is`, `$.`
    fn nothing(&self, text: &str, words: &Words) -> Option<Range<usize>> {
        words.iter().find_map(|word| {
            let rest = text.get(word.place.end..)?;
            let after = rest.trim_start_matches(' ');
            let blanks = rest.len() - after.len();
            let key = words.key(word);
            let mut next = after.chars();
            let (first, second) = (next.next(), next.next());
            let closes = second.is_none_or(|c| c == ' ' || c == '\n');
            let missing = match first {
                Some(',' | '!' | ':') if is_one_of(&self.greetings, key) => blanks > 0,
                Some(',' | '.' | ';') if closes && is_one_of(&self.before, key) => blanks > 0,
                Some('#') if closes => blanks > 0 && second.is_some() && is_one_of(&self.before, key),
                Some('$' | '€' | '£') => {
                    blanks > 0
                        && matches!(second, Some('.' | ','))
                        && after.chars().nth(2).is_none_or(|c| c == ' ')
                }
                _ => false,
            };
            missing.then(|| word.place.start..word.place.end + blanks + 1)
        })
    }
}

/// Two blanks inside a sentence, beside a word that a value follows or precedes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DoubleBlanks {
    /// `is`, `at`: a value stands before or after it.
    beside: Vec<String>,
}

impl DoubleBlanks {
    pub(super) fn len(&self) -> usize {
        self.beside.len()
    }

    pub(super) fn find(&self, text: &str, words: &Words) -> Option<Range<usize>> {
        let next = words.iter().skip(1);
        words.iter().zip(next).find_map(|(word, next)| {
            let between = word.place.end..next.place.start;
            let only_blanks = text.get(between.clone())?.chars().all(|c| c == ' ') && between.len() == 2;
            let is_beside =
                is_one_of(&self.beside, words.key(word)) || is_one_of(&self.beside, words.key(next));
            (only_blanks && is_beside).then_some(between)
        })
    }
}

fn is_one_of(list: &[String], key: &str) -> bool {
    list.iter().any(|listed| listed == key)
}

/// Words after which `none` is a word too: `This is none of your business`.
fn is_linking(key: &str) -> bool {
    key.len() <= 3
}

/// What stands between two marks, on one line.
fn between<'t>(text: &'t str, open: &str, close: &str) -> Option<&'t str> {
    let rest = text.strip_prefix(open)?;
    let near = rest
        .char_indices()
        .take_while(|(at, c)| *at < LONGEST && *c != '\n')
        .last()
        .map_or(0, |(at, c)| at + c.len_utf8());
    let near = rest.get(..near)?;
    near.split_once(close).map(|(inside, _)| inside).filter(|inside| !inside.is_empty())
}

/// `first_name`, `contact.name`, `0`, `order-id`.
fn is_name(inside: &str) -> bool {
    !inside.is_empty() && inside.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-'))
}

/// `first name`.
fn is_words(inside: &str) -> bool {
    inside.starts_with(char::is_alphabetic)
        && inside.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | ' '))
}

/// `first_name`, `NAME`: as programs write names.
fn is_written_as_name(inside: &str) -> bool {
    is_name(inside)
        && inside.starts_with(|c: char| c.is_ascii_alphabetic())
        && (inside.contains('_')
            || inside.chars().all(|c| c.is_ascii_uppercase())
            || inside.to_lowercase().contains("name"))
}

/// `%NAME%`, `%s`.
fn percent(rest: &str) -> Option<usize> {
    let name: &str = rest.strip_prefix('%')?;
    if let Some(inside) = between(rest, "%", "%").filter(|inside| is_written_as_name(inside)) {
        return Some(inside.len() + 2);
    }
    let mut next = name.chars();
    let is_format =
        matches!(next.next(), Some('s' | 'd')) && next.next().is_none_or(|c| !c.is_alphanumeric());
    is_format.then_some(2)
}

/// `$name`, `$contact_name`.
fn variable(rest: &str) -> Option<usize> {
    let name = rest.strip_prefix('$')?;
    let length = name.bytes().take(LONGEST).take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
    let name = name.get(..length)?;
    (length > 2 && name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')).then_some(length + 1)
}

/// Is a place not a part of a longer word?
fn is_apart(text: &str, place: &Range<usize>) -> bool {
    let before = text.get(..place.start).and_then(|before| before.chars().next_back());
    let after = text.get(place.end..).and_then(|after| after.chars().next());
    !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
}
