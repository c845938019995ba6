//! Twilio's Smart Encoding, computed before a message is sent.

mod table;

use std::borrow::Cow;
use std::fmt;

use super::{Counts, Segmentation};
use crate::sms::Encoding;

pub(in crate::sms) use table::replacement;

/// A text as Twilio's Smart Encoding rewrites it, and its segments. From [`Segmentation::smart`].
///
/// ```
/// use switchboard::sms::{Encoding, Segmentation};
///
/// let smart = Segmentation::smart("It’s ready – come in…");
/// assert_eq!(smart.text(), "It's ready - come in...");
/// assert_eq!((smart.encoding(), smart.segments(), smart.replaced()), (Encoding::Gsm7, 1, 3));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SmartEncoded<'a> {
    text: Cow<'a, str>,
    replaced: usize,
    counts: Counts,
}

impl<'a> SmartEncoded<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let counts = Counts::of(text);
        // Characters of GSM-7 are never replaced.
        let (text, replaced) =
            counts.scan.outside.map_or((Cow::Borrowed(text), 0), |from| rewrite(text, from));
        let counts = if replaced == 0 { counts } else { Counts::of(&text) };
        Self { text, replaced, counts }
    }

    /// Returns the text that would be sent.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the text that would be sent: borrowed if nothing was replaced.
    #[must_use]
    pub fn into_text(self) -> Cow<'a, str> {
        self.text
    }

    /// Returns how many characters were replaced or removed.
    #[must_use]
    pub const fn replaced(&self) -> usize {
        self.replaced
    }

    /// Returns the [`Segmentation`] of [`text`](Self::text).
    #[must_use]
    pub fn segmentation(&self) -> Segmentation<'_> {
        Segmentation { text: &self.text, counts: self.counts }
    }

    /// Returns the encoding in which the rewritten text is sent.
    #[must_use]
    pub const fn encoding(&self) -> Encoding {
        self.counts.scan.encoding
    }

    /// Returns the number of segments of the rewritten text, which are billed.
    #[must_use]
    pub const fn segments(&self) -> usize {
        self.counts.cuts.segments
    }

    /// Returns the length of the rewritten text in septets (GSM-7) or UTF-16 code units (UCS-2).
    #[must_use]
    pub const fn units(&self) -> usize {
        self.counts.scan.units
    }

    /// Returns the units that still fit into the last segment.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.counts.remaining(&self.text)
    }
}

/// Never shows the text.
impl fmt::Debug for SmartEncoded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmartEncoded")
            .field("replaced", &self.replaced)
            .field("segmentation", &self.segmentation())
            .finish()
    }
}

/// Rewrites a text, whose first character outside GSM-7 begins at `from`.
fn rewrite(text: &str, from: usize) -> (Cow<'_, str>, usize) {
    let (mut written, mut replaced, mut copied) = (String::new(), 0, 0);
    for (at, character) in text.char_indices().skip_while(|(at, _)| *at < from) {
        if let Some(instead) = replacement(character) {
            written.push_str(text.get(copied..at).unwrap_or_default());
            written.push_str(instead);
            copied = at + character.len_utf8();
            replaced += 1;
        }
    }
    if replaced == 0 {
        return (Cow::Borrowed(text), 0);
    }
    written.push_str(text.get(copied..).unwrap_or_default());
    (Cow::Owned(written), replaced)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unchanged_text_is_borrowed() {
        for text in ["", "plain", "na\u{ef}ve", "日本"] {
            let smart = Segmentation::smart(text);
            assert_eq!(smart.replaced(), 0);
            assert!(matches!(smart.into_text(), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn some_replacements_are_longer_and_invisible_characters_are_removed() {
        for (text, written) in
            [("a\u{a0}b", "a  b"), ("\t", "       "), ("½", "1/2"), ("a\u{200b}b\0", "ab"), ("‹`›", "<'>")]
        {
            assert_eq!(Segmentation::smart(text).text(), written);
        }
        // A flag is no word of the table; what can be replaced beside it still is.
        let smart = Segmentation::smart("“🇩🇪”");
        assert_eq!((smart.text(), smart.encoding(), smart.units()), ("\"🇩🇪\"", Encoding::Ucs2, 6));
        assert_eq!(format!("{smart:?}").find("🇩🇪"), None);
    }
}
