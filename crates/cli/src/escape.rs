//! What comes from outside must not steer a terminal.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Writes characters that steer a terminal, or turn the direction of what follows, as `\u{…}`.
pub(crate) fn escaped(text: &str) -> Cow<'_, str> {
    if !text.chars().any(steers) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            other if steers(other) => drop(write!(out, "\\u{{{:x}}}", u32::from(other))),
            other => out.push(other),
        }
    }
    Cow::Owned(out)
}

/// The same for JSON that is already written, where only strings can hold such characters.
pub(crate) fn escaped_json(json: &str) -> Cow<'_, str> {
    if !json.chars().any(steers) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + 16);
    for character in json.chars() {
        if steers(character) {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(character);
        }
    }
    Cow::Owned(out)
}

/// C0 and C1 controls, delete, separators of lines, and marks that turn or hide text.
fn steers(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_is_left() {
        let text = "a\u{1b}[2Jb\u{9b}31m\r\nc\u{202e}d\u{7f}\u{feff}\u{e0041} – ä 😀";
        let shown = escaped(text);
        assert!(!shown.chars().any(steers), "{shown}");
        assert_eq!(shown, "a\\u{1b}[2Jb\\u{9b}31m\\r\\nc\\u{202e}d\\u{7f}\\u{feff}\\u{e0041} – ä 😀");
        assert!(matches!(escaped("plain"), Cow::Borrowed(_)));
    }

    #[test]
    fn json_stays_the_same_value() {
        let text = "a\u{1b}\u{9b}\u{202e}\u{7f}\u{e0041}\n";
        let json = serde_json::to_string(text).unwrap();
        let shown = escaped_json(&json);
        assert!(!shown.chars().any(steers), "{shown}");
        assert_eq!(serde_json::from_str::<String>(&shown).unwrap(), text);
    }
}
