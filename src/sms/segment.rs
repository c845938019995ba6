//! How many segments a text is billed as.

use super::Encoding;

/// A text cut into the segments that it travels and is billed in.
///
/// ```
/// use switchboard::sms::{Encoding, Segmentation};
///
/// let plain = Segmentation::of("Your table is ready");
/// assert_eq!((plain.encoding(), plain.segments()), (Encoding::Gsm7, 1));
///
/// let quoted = Segmentation::of(&"It’s ready. ".repeat(10)); // one curly quote: 70 instead of 160 a message
/// assert_eq!((quoted.encoding(), quoted.segments()), (Encoding::Ucs2, 2));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Segmentation {
    encoding: Encoding,
    units: usize,
    segments: usize,
    remaining: usize,
}

impl Segmentation {
    /// Cuts a text as it is.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let gsm7 = text.chars().all(|c| Encoding::Gsm7.units(c).is_some());
        let encoding = if gsm7 { Encoding::Gsm7 } else { Encoding::Ucs2 };
        let sizes = || text.chars().filter_map(move |c| encoding.units(c));
        let units: usize = sizes().sum();
        if units <= encoding.single() {
            return Self {
                encoding,
                units,
                segments: usize::from(units > 0),
                remaining: encoding.single() - units,
            };
        }
        let (mut segments, mut filled) = (1, 0);
        for size in sizes() {
            // An escape pair or a surrogate pair is never split over two segments.
            if filled + size > encoding.part() {
                segments += 1;
                filled = 0;
            }
            filled += size;
        }
        Self { encoding, units, segments, remaining: encoding.part() - filled }
    }

    /// Returns how the text travels.
    #[must_use]
    pub const fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Returns the segments it is billed as; an empty text has none.
    #[must_use]
    pub const fn segments(&self) -> usize {
        self.segments
    }

    /// Returns its length in septets (GSM-7) or UTF-16 code units (UCS-2).
    #[must_use]
    pub const fn units(&self) -> usize {
        self.units
    }

    /// Returns the units that still fit into the last segment.
    #[must_use]
    pub const fn remaining(&self) -> usize {
        self.remaining
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
            (String::new(), 0),
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
