//! Splits a text into the segments that are billed, and finds the character that forces UCS-2.
//!
//! One pass ([`scan`]) finds the encoding and the length. [`cut`] finds where segments end, without splitting a grapheme
//! cluster ([`cluster`]). [`smart`] rewrites a text as Twilio's Smart Encoding does. [`non_gsm`] finds the character that
//! forces UCS-2, and what to write instead.

mod cluster;
mod cut;
mod non_gsm;
mod scan;
mod smart;

use std::fmt;

pub use cut::Texts;
pub use non_gsm::NonGsm;
pub use smart::SmartEncoded;

use super::Encoding;
use cut::{Cuts, Ends};
use scan::Scan;

/// A text split into the segments in which it is sent and billed.
///
/// Segments are counted as Twilio's own calculator counts them. A text of one segment has up to 160 septets of GSM-7 or 70
/// UTF-16 code units of UCS-2. Each segment of a longer text has up to 153 or 67: a header that joins them takes the rest.
/// No escape pair, surrogate pair or grapheme cluster (a flag, a family, a letter with its accents, CR LF) is split, with two
/// exceptions:
/// - A cluster that is larger than a segment is split between two of its code points.
/// - The calculator knows the clusters of Unicode 10 and splits later ones, such as 🧑‍🤝‍🧑. If its number of segments is too
///   low to keep all of today's clusters whole, that number is kept, and as few clusters as possible are split.
///
/// Twilio bills the `num_segments` of the sent message, which should be equal to this number.
///
/// ```
/// use switchboard::sms::{Encoding, Segmentation};
///
/// let plain = Segmentation::of("Your table is ready");
/// assert_eq!((plain.encoding(), plain.segments(), plain.remaining()), (Encoding::Gsm7, 1, 141));
///
/// let text = "It’s ready. ".repeat(10); // one curly quote: 70 instead of 160 a message
/// let quoted = Segmentation::of(&text);
/// assert_eq!((quoted.encoding(), quoted.segments()), (Encoding::Ucs2, 2));
/// assert_eq!(quoted.texts().collect::<String>(), text);
/// assert_eq!(quoted.first_non_gsm().and_then(|found| found.suggestion()), Some("'"));
/// assert_eq!(Segmentation::smart(&text).segments(), 1);
/// ```
///
/// <https://www.twilio.com/docs/glossary/what-sms-character-limit>
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Segmentation<'a> {
    text: &'a str,
    counts: Counts,
}

/// What one pass over a text found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Counts {
    scan: Scan,
    cuts: Cuts,
}

impl Counts {
    fn of(text: &str) -> Self {
        let scan = Scan::of(text);
        let cuts = Cuts::of(text, &scan);
        Self { scan, cuts }
    }

    fn remaining(&self, text: &str) -> usize {
        let limit = match self.cuts.ends {
            Ends::OneSegment => self.scan.encoding.single(),
            Ends::Greedy(_) | Ends::Mixed | Ends::Undecided => self.scan.encoding.part(),
        };
        limit.saturating_sub(self.cuts.decided(text, &self.scan).last)
    }
}

impl<'a> Segmentation<'a> {
    /// Splits a text without changing it.
    #[must_use]
    pub fn of(text: &'a str) -> Self {
        Self { text, counts: Counts::of(text) }
    }

    /// Splits a text as Twilio's Smart Encoding rewrites it: 271 typographic characters are replaced by characters of GSM-7.
    ///
    /// A messaging service with Smart Encoding sends this, and so does a message with `SmartEncoded`.
    ///
    /// <https://www.twilio.com/docs/messaging/services/smart-encoding-char-list>
    #[must_use]
    pub fn smart(text: &'a str) -> SmartEncoded<'a> {
        SmartEncoded::of(text)
    }

    /// Returns the encoding in which the text is sent.
    #[must_use]
    pub const fn encoding(&self) -> Encoding {
        self.counts.scan.encoding
    }

    /// Returns the number of segments, which are billed. An empty text has one, as in Twilio's calculator.
    #[must_use]
    pub const fn segments(&self) -> usize {
        self.counts.cuts.segments
    }

    /// Returns its length in septets (GSM-7) or UTF-16 code units (UCS-2).
    #[must_use]
    pub const fn units(&self) -> usize {
        self.counts.scan.units
    }

    /// Returns the units that still fit into the last segment.
    ///
    /// Each segment of a longer text holds fewer units than a single segment.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.counts.remaining(self.text)
    }

    /// Returns the text of each segment; concatenated, they are the whole text.
    #[must_use]
    pub fn texts(&self) -> Texts<'a> {
        Texts::new(self.text, self.encoding(), self.counts.cuts.decided(self.text, &self.counts.scan))
    }

    /// Returns the first character that is not in GSM-7, its position, and what to write instead; `None` in GSM-7.
    #[must_use]
    pub fn first_non_gsm(&self) -> Option<NonGsm<'a>> {
        NonGsm::of(self.text, self.counts.scan.outside?, self.segments())
    }

    /// Returns the number of segments that Smart Encoding would save; 0 if it saves none or makes the text longer.
    #[must_use]
    pub fn saved_by_smart(&self) -> usize {
        self.segments().saturating_sub(Self::smart(self.text).segments())
    }
}

/// Never shows the text.
impl fmt::Debug for Segmentation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Segmentation")
            .field("encoding", &self.encoding())
            .field("units", &self.units())
            .field("segments", &self.segments())
            .field("remaining", &self.remaining())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segments(text: &str) -> usize {
        Segmentation::of(text).segments()
    }

    #[test]
    fn boundaries_of_both_encodings() {
        let cases = [
            (String::new(), 1),
            ("1".repeat(160), 1),
            ("1".repeat(161), 2),
            ("1".repeat(306), 2),
            ("1".repeat(307), 3),
            (format!("€{}", "1".repeat(158)), 1),
            (format!("€{}", "1".repeat(159)), 2),
            (format!("😜{}", "1".repeat(68)), 1),
            (format!("😜{}", "1".repeat(69)), 2),
            (format!("😜{}", "1".repeat(133)), 3),
            ("ç".repeat(70), 1),
            ("ç".repeat(71), 2),
            ("]".repeat(153), 3),
            (format!("{}\r\n{}", "a".repeat(80), "a".repeat(79)), 2),
            (format!("{}\n{}", "a".repeat(80), "a".repeat(79)), 1),
        ];
        for (text, expected) in cases {
            assert_eq!(segments(&text), expected, "{} characters", text.chars().count());
        }
    }
}
