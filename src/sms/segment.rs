//! How many segments a text is billed as, what each holds, and which character makes the text need more of them.
//!
//! One pass ([`scan`]) tells the encoding and the length. [`cut`] finds where segments end, between the clusters that
//! [`cluster`] knows. [`smart`] rewrites a text as Twilio's Smart Encoding does, [`non_gsm`] names the character that forced
//! UCS-2 and what to write instead.

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

/// A text cut into the segments that it travels and is billed in.
///
/// Segments are counted as Twilio's own calculator counts them. A text of one segment has up to 160 septets of GSM-7 or 70
/// UTF-16 code units of UCS-2. Each segment of a longer text has up to 153 or 67: a header that joins them takes the rest.
/// No escape pair, surrogate pair or grapheme cluster (a flag, a family, a letter with its accents, CR LF) is split, with two
/// exceptions:
/// - A cluster that is larger than a segment is split between two of its code points.
/// - The calculator knows the clusters of Unicode 10 and splits later ones, such as 🧑‍🤝‍🧑. Where its number of segments is too
///   low to keep all of today's clusters whole, the number stands, and as few clusters are split as it allows.
///
/// Twilio bills the `num_segments` of the message once it is sent; this is what to expect.
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
    /// Cuts a text as it is.
    #[must_use]
    pub fn of(text: &'a str) -> Self {
        Self { text, counts: Counts::of(text) }
    }

    /// Cuts a text as Twilio's Smart Encoding rewrites it: 271 typographic characters become what GSM-7 has for them.
    ///
    /// What a messaging service with Smart Encoding sends, or a message with `SmartEncoded`.
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

    /// Returns the segments it is billed as; an empty text is one, as at Twilio's calculator.
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
    /// When a text of one segment outgrows it, both of its segments hold a little less than the one did.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.counts.remaining(self.text)
    }

    /// Returns what each segment holds; joined it is the whole text.
    #[must_use]
    pub fn texts(&self) -> Texts<'a> {
        Texts::new(self.text, self.encoding(), self.counts.cuts.decided(self.text, &self.counts.scan))
    }

    /// Returns the first character that GSM-7 lacks, where it stands and what to write instead; `None` in GSM-7.
    #[must_use]
    pub fn first_non_gsm(&self) -> Option<NonGsm<'a>> {
        NonGsm::of(self.text, self.counts.scan.outside?, self.segments())
    }

    /// Returns the segments that Smart Encoding would save; 0 if it saves none, or makes the text longer.
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
