//! One pass over a text, which finds its encoding, its length, and whether clusters affect its segments.

use crate::sms::Encoding;

/// How many bytes of ASCII are measured together: compilers turn plain loops over such arrays into SIMD instructions.
const BLOCK: usize = 32;

/// The result of one pass over a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scan {
    pub(super) encoding: Encoding,
    pub(super) units: usize,
    /// Where the first character outside GSM-7 begins.
    pub(super) outside: Option<usize>,
    /// Whether each character is one unit and no part of a cluster. Then all segments but the last have the same length.
    pub(super) uniform: bool,
}

impl Scan {
    pub(super) fn of(text: &str) -> Self {
        let mut all = Sum::default();
        let mut at = 0;
        while at < text.len() {
            at += all.take_ascii(text.as_bytes().get(at..).unwrap_or_default());
            match all.take_characters(text.get(at..).unwrap_or_default()) {
                Ok(taken) => at += taken,
                Err(taken) => return Self::ucs2(text, at + taken),
            }
        }
        Self {
            encoding: Encoding::Gsm7,
            units: all.units,
            outside: None,
            uniform: !(all.escapes || all.returns),
        }
    }

    fn ucs2(text: &str, outside: usize) -> Self {
        let units = utf16_units(text);
        Self { encoding: Encoding::Ucs2, units, outside: Some(outside), uniform: false }
    }
}

/// The sums over the part of the text that is GSM-7.
#[derive(Default)]
struct Sum {
    units: usize,
    /// Characters of two septets.
    escapes: bool,
    /// Carriage returns, which form a cluster with a line feed.
    returns: bool,
}

impl Sum {
    /// Counts the leading blocks that are entirely ASCII and GSM-7; returns their length.
    fn take_ascii(&mut self, bytes: &[u8]) -> usize {
        let (blocks, _) = bytes.as_chunks::<BLOCK>();
        let mut taken = 0;
        for block in blocks {
            let (outside, escapes, returns) = measure(block);
            if outside {
                break;
            }
            self.units += BLOCK + escapes;
            self.escapes |= escapes > 0;
            self.returns |= returns;
            taken += BLOCK;
        }
        taken
    }

    /// Counts up to one block of characters; returns their length, or where the first one outside GSM-7 begins.
    fn take_characters(&mut self, text: &str) -> Result<usize, usize> {
        for (at, character) in text.char_indices() {
            if at >= BLOCK {
                return Ok(at);
            }
            let units = Encoding::Gsm7.units(character).ok_or(at)?;
            self.units += units;
            self.escapes |= units > 1;
            self.returns |= character == '\r';
        }
        Ok(text.len())
    }
}

/// Is a byte of the block outside GSM-7? How many take two septets? Is there a carriage return?
fn measure(block: &[u8; BLOCK]) -> (bool, usize, bool) {
    let (mut outside, mut escapes, mut returns) = (0_u8, 0_u8, 0_u8);
    for &byte in block {
        // `[ \ ] ^`, and `{ | } ~`, which differ from them by one bit.
        let escape = (byte & 0xDF).wrapping_sub(b'[') < 4 || byte == 0x0C;
        let control = byte < b' ' && byte != b'\n' && byte != b'\r' && byte != 0x0C;
        outside |= u8::from(byte > b'~' || byte == b'`' || control);
        escapes += u8::from(escape);
        returns |= u8::from(byte == b'\r');
    }
    (outside != 0, usize::from(escapes), returns != 0)
}

/// Counts UTF-16 code units from the bytes of UTF-8: each character is one unit, and one that takes four bytes is two.
/// A continuation byte starts no character.
fn utf16_units(text: &str) -> usize {
    let (blocks, rest) = text.as_bytes().as_chunks::<BLOCK>();
    let count = |bytes: &[u8]| {
        let units = bytes.iter().map(|byte| u8::from(byte & 0xC0 != 0x80) + u8::from(*byte >= 0xF0));
        usize::from(units.sum::<u8>())
    };
    blocks.iter().map(|block| count(block)).sum::<usize>() + count(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_ascii_are_measured_as_characters_are() {
        for byte in 0..=0xFF_u8 {
            let (outside, escapes, returns) = measure(&[byte; BLOCK]);
            let units = Encoding::Gsm7.units(char::from(byte)).filter(|_| byte.is_ascii());
            assert_eq!((outside, returns), (units.is_none(), byte == b'\r'), "{byte}");
            assert!(outside || escapes == BLOCK * (units.unwrap_or_default() - 1), "{byte}");
        }
    }

    #[test]
    fn the_first_character_outside_is_found_wherever_it_stands() {
        for before in 0..200 {
            let text = format!("{}’ and “more”", "é[a".repeat(before));
            let scan = Scan::of(&text);
            assert_eq!((scan.encoding, scan.outside), (Encoding::Ucs2, Some(before * 4)));
            assert_eq!(scan.units, text.encode_utf16().count());
        }
    }
}
