//! Replacements for characters that are not in GSM-7: the table of Smart Encoding, and letters without their accents.

use crate::sms::Encoding;
use crate::sms::segment::smart::replacement;

/// Finds the replacement of a cluster.
pub(super) fn of(cluster: &str) -> Option<&str> {
    let mut characters = cluster.chars();
    let base = characters.next()?;
    let Some(mark) = characters.next() else { return alone(base) };
    // A letter with one accent may be in GSM-7 as a single character; else the accents are dropped.
    let composed = characters.next().is_none().then(|| composed(base, mark)).flatten();
    composed.or_else(|| bare(cluster, base)).or_else(|| alone(base))
}

fn alone(character: char) -> Option<&'static str> {
    replacement(character).or_else(|| near(character))
}

fn bare(cluster: &str, base: char) -> Option<&str> {
    Encoding::Gsm7.units(base).and_then(|_| cluster.get(..base.len_utf8()))
}

/// The letters of GSM-7 that can also be written as a letter and a combining mark.
fn composed(base: char, mark: char) -> Option<&'static str> {
    Some(match (base, mark) {
        ('a', '\u{300}') => "à",
        ('e', '\u{300}') => "è",
        ('i', '\u{300}') => "ì",
        ('o', '\u{300}') => "ò",
        ('u', '\u{300}') => "ù",
        ('e', '\u{301}') => "é",
        ('E', '\u{301}') => "É",
        ('n', '\u{303}') => "ñ",
        ('N', '\u{303}') => "Ñ",
        ('a', '\u{308}') => "ä",
        ('o', '\u{308}') => "ö",
        ('u', '\u{308}') => "ü",
        ('A', '\u{308}') => "Ä",
        ('O', '\u{308}') => "Ö",
        ('U', '\u{308}') => "Ü",
        ('a', '\u{30A}') => "å",
        ('A', '\u{30A}') => "Å",
        ('C', '\u{327}') => "Ç",
        _ => return None,
    })
}

/// Letters and signs that Smart Encoding does not replace, but a person could.
fn near(character: char) -> Option<&'static str> {
    Some(match character {
        'Á' | 'À' | 'Â' | 'Ã' | 'Ā' | 'Ă' | 'Ą' | 'Ǎ' | 'Α' => "A",
        'á' | 'â' | 'ã' | 'ā' | 'ă' | 'ą' | 'ǎ' | 'ª' => "a",
        'Ć' | 'Ĉ' | 'Ċ' | 'Č' => "C",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'Ď' | 'Đ' | 'Ð' => "D",
        'ď' | 'đ' | 'ð' => "d",
        'È' | 'Ê' | 'Ë' | 'Ē' | 'Ĕ' | 'Ė' | 'Ę' | 'Ě' | 'Ε' => "E",
        'ê' | 'ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => "e",
        'Ĝ' | 'Ğ' | 'Ġ' | 'Ģ' => "G",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'Ĥ' | 'Ħ' | 'Η' => "H",
        'ĥ' | 'ħ' => "h",
        'Ì' | 'Í' | 'Î' | 'Ï' | 'Ĩ' | 'Ī' | 'Ĭ' | 'Į' | 'İ' | 'Ι' => "I",
        'í' | 'î' | 'ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => "i",
        'Ĵ' => "J",
        'ĵ' => "j",
        'Ķ' | 'Κ' => "K",
        'ķ' => "k",
        'Ĺ' | 'Ļ' | 'Ľ' | 'Ł' => "L",
        'ĺ' | 'ļ' | 'ľ' | 'ł' => "l",
        'Ń' | 'Ņ' | 'Ň' | 'Ν' => "N",
        'ń' | 'ņ' | 'ň' => "n",
        'Ò' | 'Ó' | 'Ô' | 'Õ' | 'Ō' | 'Ŏ' | 'Ο' => "O",
        'ó' | 'ô' | 'õ' | 'ō' | 'ŏ' | 'º' => "o",
        'Ő' => "Ö",
        'ő' => "ö",
        'Ŕ' | 'Ŗ' | 'Ř' => "R",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'Ś' | 'Ŝ' | 'Ş' | 'Š' | 'Ș' => "S",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
        'Ţ' | 'Ť' | 'Ŧ' | 'Ț' | 'Τ' => "T",
        'ţ' | 'ť' | 'ŧ' | 'ț' => "t",
        'Ù' | 'Ú' | 'Û' | 'Ũ' | 'Ū' | 'Ŭ' | 'Ů' | 'Ų' => "U",
        'ú' | 'û' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ų' => "u",
        'Ű' => "Ü",
        'ű' => "ü",
        'Ŵ' => "W",
        'ŵ' => "w",
        'Ý' | 'Ŷ' | 'Ÿ' | 'Υ' => "Y",
        'ý' | 'ÿ' | 'ŷ' => "y",
        'Ź' | 'Ż' | 'Ž' | 'Ζ' => "Z",
        'ź' | 'ż' | 'ž' => "z",
        'Œ' => "OE",
        'œ' => "oe",
        'Þ' => "Th",
        'þ' => "th",
        'ẞ' => "SS",
        // Greek capitals that GSM-7 does not have, because they look like Latin letters.
        'Β' => "B",
        'Μ' => "M",
        'Ρ' => "P",
        'Χ' => "X",
        '©' => "(c)",
        '®' => "(R)",
        '™' => "TM",
        '№' => "No.",
        '×' | '✕' | '✖' => "x",
        '−' | '\u{2011}' | '\u{2012}' => "-",
        '→' => "->",
        '←' => "<-",
        '≤' => "<=",
        '≥' => ">=",
        '≈' => "~",
        '·' => ".",
        '¹' => "1",
        '²' => "2",
        '³' => "3",
        '¢' => "c",
        '′' => "'",
        '″' => "\"",
        '\u{AD}' | '\u{200E}' | '\u{200F}' | '\u{FE0F}' => "",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_suggestion_is_gsm_7_and_only_for_what_is_not() {
        let mut known = 0;
        for character in '\0'..=char::MAX {
            let Some(written) = near(character) else { continue };
            known += 1;
            assert_eq!(Encoding::Gsm7.units(character), None, "{character}");
            assert_eq!(replacement(character), None, "{character}");
            assert!(written.chars().all(|c| Encoding::Gsm7.units(c).is_some()), "{character}");
        }
        assert!(known > 150, "{known}");
    }
}
