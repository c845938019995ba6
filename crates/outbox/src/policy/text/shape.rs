//! The shape of a text: capitals and repeated signs.

use std::ops::Range;

use serde::Deserialize;

use super::words::Words;

/// Too many capitals.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Capitals {
    /// Shorter texts may be all capitals.
    letters: usize,
    /// From this percentage on.
    percent: usize,
    /// From so many words with two letters or more on: an acronym is no shouting.
    words: usize,
}

impl Capitals {
    pub(super) fn find(&self, text: &str, words: &Words) -> Option<Range<usize>> {
        let upper = text.chars().filter(|c| c.is_uppercase()).count();
        let lower = text.chars().filter(|c| c.is_lowercase()).count();
        let is_shouted =
            |written: &str| written.chars().count() > 1 && written.chars().all(char::is_uppercase);
        let shouted =
            words.iter().filter(|word| text.get(word.place.clone()).is_some_and(is_shouted)).count();
        let letters = upper + lower;
        (letters >= self.letters && upper * 100 >= letters * self.percent && shouted >= self.words)
            .then_some(0..text.len())
    }
}

/// The same signs too often in a row.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Repeats {
    runs: Vec<Run>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Run {
    /// Any of these.
    signs: String,
    /// So many in a row.
    length: usize,
}

impl Repeats {
    pub(super) fn len(&self) -> usize {
        self.runs.len()
    }

    pub(super) fn find(&self, text: &str) -> Option<Range<usize>> {
        self.runs.iter().find_map(|run| run.find(text))
    }
}

impl Run {
    fn find(&self, text: &str) -> Option<Range<usize>> {
        let mut start = 0;
        let mut length = 0;
        for (at, c) in text.char_indices() {
            // Most characters are letters.
            match !c.is_alphanumeric() && self.signs.contains(c) {
                false => length = 0,
                true if length == 0 => (start, length) = (at, 1),
                true => length += 1,
            }
            if length >= self.length && length > 0 {
                return Some(start..at + c.len_utf8());
            }
        }
        None
    }
}
