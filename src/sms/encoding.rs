//! The two encodings of a text message, and what each character costs in them.

/// The encoding of a text: one character outside GSM-7 switches the whole message to UCS-2.
///
/// 3GPP TS 23.038; <https://www.twilio.com/docs/glossary/what-is-gsm-7-character-encoding>,
/// <https://www.twilio.com/docs/glossary/what-sms-character-limit>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Seven bits a character, 160 of them in a message; `^ { } \ [ ~ ] | €` and form feed cost two.
    Gsm7,
    /// UTF-16 code units, 70 of them in a message; characters outside the basic plane, such as emoji, cost two.
    Ucs2,
}

impl Encoding {
    /// Units that one message of a single segment holds.
    #[must_use]
    pub const fn single(self) -> usize {
        match self {
            Self::Gsm7 => 160,
            Self::Ucs2 => 70,
        }
    }

    /// Units that each segment of a longer message holds. The header that joins the segments needs the rest.
    #[must_use]
    pub const fn part(self) -> usize {
        match self {
            Self::Gsm7 => 153,
            Self::Ucs2 => 67,
        }
    }

    /// Units that a character takes in this encoding; `None` where it cannot be written in it.
    #[must_use]
    #[inline]
    pub fn units(self, character: char) -> Option<usize> {
        match self {
            Self::Gsm7 => gsm7_units(character),
            Self::Ucs2 => Some(character.len_utf16()),
        }
    }
}

/// Septets of a character in the default alphabet (1) and its extension table (2).
#[inline]
fn gsm7_units(character: char) -> Option<usize> {
    let septets = match LATIN.get(character as usize) {
        Some(septets) => *septets,
        None => beyond_latin(character),
    };
    (septets > 0).then_some(usize::from(septets))
}

/// Septets of each character of Latin-1; 0 if it is not in GSM-7, such as the backtick and `ç`.
const LATIN: [u8; 256] = {
    let mut septets = [0; 256];
    let mut rest: &mut [u8] = &mut septets;
    let mut code: u8 = 0;
    while let [first, more @ ..] = rest {
        *first = match code as char {
            '\n' | '\r' | ' '..='Z' | 'a'..='z' | '_' => 1,
            '^' | '{' | '}' | '\\' | '[' | '~' | ']' | '|' | '\u{c}' => 2,
            '£' | '¥' | 'è' | 'é' | 'ù' | 'ì' | 'ò' | 'Ç' | 'Ø' | 'ø' | 'Å' | 'å' | 'Æ' | 'æ' | 'ß' | 'É' => {
                1
            }
            '¤' | '¡' | 'Ä' | 'Ö' | 'Ñ' | 'Ü' | '§' | '¿' | 'ä' | 'ö' | 'ñ' | 'ü' | 'à' => 1,
            _ => 0,
        };
        rest = more;
        code = code.wrapping_add(1);
    }
    septets
};

fn beyond_latin(character: char) -> u8 {
    match character {
        'Δ' | 'Φ' | 'Γ' | 'Λ' | 'Ω' | 'Π' | 'Ψ' | 'Σ' | 'Θ' | 'Ξ' => 1,
        '€' => 2,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_alphabet_has_127_characters_and_ten_extensions() {
        let counts = |n| ('\0'..=char::MAX).filter(|c| gsm7_units(*c) == Some(n)).count();
        assert_eq!((counts(1), counts(2)), (127, 10));
        for outside in ['`', 'ç', 'á', 'í', 'ó', 'ú', '\t', '\u{1b}', '’'] {
            assert_eq!(gsm7_units(outside), None, "{outside:?}");
        }
    }
}
