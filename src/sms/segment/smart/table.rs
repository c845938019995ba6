//! Twilio's table of Smart Encoding: replacements in GSM-7 for 271 characters.

/// Returns the replacement of a character; `None` if Smart Encoding does not change it.
///
/// The list is that of Twilio's calculator, version 1.3.0, where some replacements are several spaces:
/// <https://www.twilio.com/docs/messaging/services/smart-encoding-char-list>
pub(in crate::sms) fn replacement(character: char) -> Option<&'static str> {
    Some(match character {
        '\u{0000}'
        | '\u{0003}'
        | '\u{0004}'
        | '\u{0010}'..='\u{0014}'
        | '\u{0017}'
        | '\u{0019}'
        | '\u{200B}'
        | '\u{200C}'
        | '\u{2060}'
        | '\u{FEFF}' => "",
        '\u{2001}' | '\u{2028}' | '\u{2029}' => " ",
        '\u{0080}'
        | '\u{008D}'
        | '\u{0090}'
        | '\u{009B}'
        | '\u{009F}'
        | '\u{00A0}'
        | '\u{2000}'
        | '\u{2002}'..='\u{200A}'
        | '\u{202F}'
        | '\u{205F}'
        | '\u{3000}' => "  ",
        '\u{0009}' => "       ",
        '\u{01C3}' | '\u{FE15}' | '\u{FE57}' | '\u{FF01}' => "!",
        '\u{203C}' => "!!",
        '\u{00AB}'
        | '\u{00BB}'
        | '\u{02BA}'
        | '\u{02EE}'
        | '\u{201C}'..='\u{201F}'
        | '\u{275D}'
        | '\u{275E}'
        | '\u{301D}'
        | '\u{301E}'
        | '\u{FF02}' => "\"",
        '\u{FE5F}' | '\u{FF03}' => "#",
        '\u{FE69}' | '\u{FF04}' => "$",
        '\u{FE6A}' | '\u{FF05}' => "%",
        '\u{FE60}' | '\u{FF06}' => "&",
        '\u{0060}'
        | '\u{00B4}'
        | '\u{02B9}'
        | '\u{02BB}'..='\u{02BD}'
        | '\u{02C8}'
        | '\u{02CA}'
        | '\u{02CB}'
        | '\u{0313}'
        | '\u{0314}'
        | '\u{2018}'
        | '\u{2019}'
        | '\u{201B}'
        | '\u{275B}'
        | '\u{275C}'
        | '\u{FE10}'
        | '\u{FE11}'
        | '\u{FF07}' => "'",
        '\u{2768}' | '\u{276A}' | '\u{27EE}' | '\u{2985}' | '\u{FE59}' | '\u{FF08}' => "(",
        '\u{2769}' | '\u{276B}' | '\u{27EF}' | '\u{2986}' | '\u{FE5A}' | '\u{FF09}' => ")",
        '\u{204E}'
        | '\u{2217}'
        | '\u{229B}'
        | '\u{2722}'..='\u{2725}'
        | '\u{2731}'..='\u{2733}'
        | '\u{273A}'..='\u{273D}'
        | '\u{2743}'
        | '\u{2749}'..='\u{274B}'
        | '\u{29C6}'
        | '\u{FE61}'
        | '\u{FF0A}' => "*",
        '\u{02D6}' | '\u{FE62}' | '\u{FF0B}' => "+",
        '\u{0326}' | '\u{201A}' | '\u{3001}' | '\u{FE50}' | '\u{FE51}' | '\u{FF0C}' | '\u{FF64}' => ",",
        '\u{2010}'
        | '\u{2013}'..='\u{2015}'
        | '\u{2022}'
        | '\u{2043}'
        | '\u{23BC}'
        | '\u{23BD}'
        | '\u{FE63}'
        | '\u{FF0D}' => "-",
        '\u{3002}' | '\u{FE52}' | '\u{FF0E}' | '\u{FF61}' => ".",
        '\u{2026}' => "...",
        '\u{00F7}' | '\u{0337}' | '\u{0338}' | '\u{2044}' | '\u{2215}' | '\u{29F8}' | '\u{FF0F}' => "/",
        '\u{FF10}' => "0",
        '\u{FF11}' => "1",
        '\u{00BD}' => "1/2",
        '\u{00BC}' => "1/4",
        '\u{FF12}' => "2",
        '\u{FF13}' => "3",
        '\u{00BE}' => "3/4",
        '\u{FF14}' => "4",
        '\u{FF15}' => "5",
        '\u{FF16}' => "6",
        '\u{FF17}' => "7",
        '\u{FF18}' => "8",
        '\u{FF19}' => "9",
        '\u{02D0}' | '\u{02F8}' | '\u{2982}' | '\u{A789}' | '\u{FE13}' | '\u{FF1A}' => ":",
        '\u{204F}' | '\u{FE14}' | '\u{FE54}' | '\u{FF1B}' => ";",
        '\u{2039}' | '\u{FE64}' | '\u{FF1C}' => "<",
        '\u{0347}' | '\u{A78A}' | '\u{FE66}' | '\u{FF1D}' => "=",
        '\u{203A}' | '\u{FE65}' | '\u{FF1E}' => ">",
        '\u{FE16}' | '\u{FE56}' | '\u{FF1F}' => "?",
        '\u{FE6B}' | '\u{FF20}' => "@",
        '\u{1D00}' | '\u{FF21}' => "A",
        '\u{0299}' | '\u{FF22}' => "B",
        '\u{1D04}' | '\u{FF23}' => "C",
        '\u{1D05}' | '\u{FF24}' => "D",
        '\u{1D07}' | '\u{FF25}' => "E",
        '\u{A730}' | '\u{FF26}' => "F",
        '\u{0262}' | '\u{FF27}' => "G",
        '\u{029C}' | '\u{FF28}' => "H",
        '\u{026A}' | '\u{FF29}' => "I",
        '\u{1D0A}' | '\u{FF2A}' => "J",
        '\u{1D0B}' | '\u{FF2B}' => "K",
        '\u{029F}' | '\u{FF2C}' => "L",
        '\u{1D0D}' | '\u{FF2D}' => "M",
        '\u{0274}' | '\u{FF2E}' => "N",
        '\u{1D0F}' | '\u{FF2F}' => "O",
        '\u{1D18}' | '\u{FF30}' => "P",
        '\u{FF31}' => "Q",
        '\u{0280}' | '\u{FF32}' => "R",
        '\u{A731}' | '\u{FF33}' => "S",
        '\u{1D1B}' | '\u{FF34}' => "T",
        '\u{1D1C}' | '\u{FF35}' => "U",
        '\u{1D20}' | '\u{FF36}' => "V",
        '\u{1D21}' | '\u{FF37}' => "W",
        '\u{FF38}' => "X",
        '\u{028F}' | '\u{FF39}' => "Y",
        '\u{1D22}' | '\u{FF3A}' => "Z",
        '\u{FF3B}' => "[",
        '\u{20E5}' | '\u{29F5}' | '\u{29F9}' | '\u{FE68}' | '\u{FF3C}' => "\\",
        '\u{FF3D}' => "]",
        '\u{02C6}' | '\u{0302}' | '\u{1DCD}' | '\u{FF3E}' => "^",
        '\u{0332}' | '\u{2017}' | '\u{FF3F}' => "_",
        '\u{2774}' | '\u{FE5B}' | '\u{FF5B}' => "{",
        '\u{20D2}' | '\u{20D3}' | '\u{2223}' | '\u{239C}' | '\u{239F}' | '\u{23B8}' | '\u{23B9}'
        | '\u{23D0}' | '\u{FF5C}' => "|",
        '\u{2775}' | '\u{FE5C}' | '\u{FF5D}' => "}",
        '\u{02DC}' | '\u{02F7}' | '\u{0303}' | '\u{0330}' | '\u{0334}' | '\u{223C}' | '\u{FF5E}' => "~",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sms::Encoding;

    #[test]
    fn the_table_has_271_characters_outside_gsm_7_and_gives_gsm_7_only() {
        let known = ('\0'..=char::MAX).filter_map(|c| Some((c, replacement(c)?)));
        let known: Vec<_> = known.collect();
        assert_eq!(known.len(), 271);
        for (character, written) in known {
            assert_eq!(Encoding::Gsm7.units(character), None, "{character:?}");
            assert!(written.chars().all(|c| Encoding::Gsm7.units(c).is_some()), "{character:?}");
        }
    }
}
