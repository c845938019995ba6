//! The first character that is not in GSM-7, which makes a message more expensive, and what to write instead.

mod instead;

use std::fmt;

use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation as _};

use super::Segmentation;

/// The first character that forced a text into UCS-2. From [`Segmentation::first_non_gsm`].
///
/// ```
/// use switchboard::sms::Segmentation;
///
/// let text = format!("{}\nSee you at the café’s door", "Your table is ready. ".repeat(5));
/// let found = Segmentation::of(&text).first_non_gsm().unwrap();
/// assert_eq!((found.cluster(), found.suggestion()), ("’", Some("'")));
/// assert_eq!((found.line(), found.column()), (2, 20));
/// assert_eq!(found.saves(), 1); // one segment instead of two
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct NonGsm<'a> {
    text: &'a str,
    cluster: &'a str,
    offset: usize,
    outside: usize,
    segments: usize,
}

impl<'a> NonGsm<'a> {
    pub(super) fn of(text: &'a str, outside: usize, segments: usize) -> Option<Self> {
        let next = outside + text.get(outside..)?.chars().next()?.len_utf8();
        // Starts at the boundary before this character's end: an accent belongs to the cluster of its letter.
        let offset = GraphemeCursor::new(next, text.len(), true).prev_boundary(text, 0).ok()??;
        let cluster = text.get(offset..)?.graphemes(true).next()?;
        Some(Self { text, cluster, offset, outside, segments })
    }

    /// Returns the whole grapheme cluster: the character with its combining marks, skin tone and joined emoji.
    #[must_use]
    pub const fn cluster(&self) -> &'a str {
        self.cluster
    }

    /// Returns the first code point of the cluster that is not in GSM-7.
    #[must_use]
    pub fn character(&self) -> char {
        self.text.get(self.outside..).and_then(|rest| rest.chars().next()).unwrap_or_default()
    }

    /// Returns where the cluster begins, in bytes of UTF-8.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// Returns where the cluster begins, in characters (code points), from 0.
    #[must_use]
    pub fn index(&self) -> usize {
        self.before().chars().count()
    }

    /// Returns its line, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.before().bytes().filter(|byte| *byte == b'\n').count() + 1
    }

    /// Returns its position in its line, in characters (code points), from 1.
    #[must_use]
    pub fn column(&self) -> usize {
        self.before().chars().rev().take_while(|c| *c != '\n').count() + 1
    }

    /// Returns a replacement in GSM-7; `None` if none has the same meaning.
    ///
    /// It is the replacement of Smart Encoding, else the letter without its accent, or a similar character. It is empty for
    /// invisible characters, such as a zero-width space.
    #[must_use]
    pub fn suggestion(&self) -> Option<&'a str> {
        instead::of(self.cluster)
    }

    /// Returns how many segments are saved if every occurrence is replaced by the [`suggestion`](Self::suggestion), or
    /// removed if there is none.
    ///
    /// 0 if another character needs UCS-2 as well, and the text does not get shorter by a whole segment.
    #[must_use]
    pub fn saves(&self) -> usize {
        let without = self.text.replace(self.cluster, self.suggestion().unwrap_or_default());
        self.segments.saturating_sub(Segmentation::of(&without).segments())
    }

    fn before(&self) -> &'a str {
        self.text.get(..self.offset).unwrap_or_default()
    }
}

/// Never shows the text; a single code point tells nobody what was written.
impl fmt::Debug for NonGsm<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NonGsm(U+{:04X} at byte {})", u32::from(self.character()), self.offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_character_outside_gsm_7_is_found_with_cluster_and_position() {
        let cases = [
            ("plain’", "’", 5, 5, Some("'")),
            ("é ok, cafe\u{301}", "e\u{301}", 10, 9, Some("é")),
            ("wow 👨‍👩‍👧 👍🏽", "👨‍👩‍👧", 4, 4, None),
            ("1\u{fe0f}\u{20e3} first", "1\u{fe0f}\u{20e3}", 0, 0, Some("1")),
            ("a\u{200b}b", "\u{200b}", 1, 1, Some("")),
            ("garçon", "ç", 3, 3, Some("c")),
            ("Привет", "П", 0, 0, None),
        ];
        for (text, cluster, offset, index, suggestion) in cases {
            let found = Segmentation::of(text).first_non_gsm().unwrap();
            assert_eq!((found.cluster(), found.offset(), found.index()), (cluster, offset, index));
            assert_eq!(found.suggestion(), suggestion, "{text}");
        }
        assert_eq!(Segmentation::of("Cr\u{e8}me [br\u{fc}l\u{e9}e] 5 €").first_non_gsm(), None);
        let found = Segmentation::of("a\r\nbc “d”").first_non_gsm().unwrap();
        assert_eq!((found.line(), found.column()), (2, 4));
        assert_eq!(format!("{found:?}"), "NonGsm(U+201C at byte 6)");
    }

    #[test]
    fn saved_segments_are_those_of_the_text_without_the_character() {
        let saves = |text: &str| Segmentation::of(text).first_non_gsm().map(|found| found.saves());
        assert_eq!(saves(&format!("{}’s’", "a".repeat(150))), Some(2));
        assert_eq!(saves(&format!("’🙂{}", "a".repeat(150))), Some(0));
        assert_eq!(saves("’"), Some(0));
    }
}
