//! Escaping, so that an XML parser reads back exactly what was given.

use std::fmt;

/// Writes escaped text. Characters that XML 1.0 forbids are left out, and the first of them is remembered.
pub(super) struct Escaped<'a> {
    out: &'a mut String,
    attribute: bool,
    pub(super) forbidden: Option<char>,
}

impl<'a> Escaped<'a> {
    pub(super) fn text(out: &'a mut String) -> Self {
        Self { out, attribute: false, forbidden: None }
    }

    pub(super) fn attribute(out: &'a mut String) -> Self {
        Self { out, attribute: true, forbidden: None }
    }

    /// Copies runs of characters that need no escaping at once.
    pub(super) fn push(&mut self, text: &str) {
        let mut rest = text;
        while let Some(at) = rest.bytes().position(may_need_escape) {
            // These are first bytes of characters only, so this never splits one.
            let (plain, tail) = rest.split_at(at);
            self.out.push_str(plain);
            let mut characters = tail.chars();
            if let Some(c) = characters.next() {
                self.push_char(c);
            }
            rest = characters.as_str();
        }
        self.out.push_str(rest);
    }

    fn push_char(&mut self, c: char) {
        let escape = match c {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            // A parser would change an unescaped carriage return into a line feed.
            '\r' => "&#13;",
            // A parser would change unescaped white space in an attribute into spaces.
            '\t' if self.attribute => "&#9;",
            '\n' if self.attribute => "&#10;",
            '"' if self.attribute => "&quot;",
            '\'' if self.attribute => "&apos;",
            c if is_allowed(c) => return self.out.push(c),
            c => {
                self.forbidden.get_or_insert(c);
                return;
            }
        };
        self.out.push_str(escape);
    }
}

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text);
        Ok(())
    }
}

/// Bytes that are escaped in a text or an attribute, control characters, and the first byte of U+FFFE and U+FFFF.
const fn may_need_escape(byte: u8) -> bool {
    matches!(byte, 0..=0x1f | b'&' | b'<' | b'>' | b'"' | b'\'' | 0xef)
}

/// Does XML 1.0 allow the character? <https://www.w3.org/TR/xml/#charsets>
pub(super) const fn is_allowed(c: char) -> bool {
    !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

/// Is it a valid name of an element? Stricter than XML: no letters outside ASCII and no colons, which TwiML never uses.
pub(super) fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}

/// Is it a valid name of an attribute? As [`is_name`], and with the prefix `xml:`, which needs no declaration. `xmlns` is
/// refused: a namespace would change what the elements mean.
pub(super) fn is_attribute_name(name: &str) -> bool {
    name != "xmlns" && is_name(name.strip_prefix("xml:").unwrap_or(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(given: &str) -> (String, Option<char>) {
        let mut out = String::new();
        let mut escaped = Escaped::text(&mut out);
        escaped.push(given);
        let forbidden = escaped.forbidden;
        (out, forbidden)
    }

    fn attribute(given: &str) -> String {
        let mut out = String::new();
        Escaped::attribute(&mut out).push(given);
        out
    }

    #[test]
    fn text_is_escaped() {
        assert_eq!(text("a & b < c > d ]]> \"e\" 'f'").0, "a &amp; b &lt; c &gt; d ]]&gt; \"e\" 'f'");
        assert_eq!(text("1\r\n2\t3").0, "1&#13;\n2\t3");
        assert_eq!(
            text("日本 ｶﾅ \u{1f600} \u{fffd}\u{7f}"),
            ("日本 ｶﾅ \u{1f600} \u{fffd}\u{7f}".to_owned(), None)
        );
    }

    #[test]
    fn attributes_keep_their_quotes_and_white_space() {
        assert_eq!(attribute("\"x\" 'y'\t\r\n<&>"), "&quot;x&quot; &apos;y&apos;&#9;&#13;&#10;&lt;&amp;&gt;");
    }

    #[test]
    fn forbidden_characters_are_left_out_and_reported() {
        assert_eq!(text("a\0b\u{1b}c\u{fffe}d\u{ffff}"), ("abcd".to_owned(), Some('\0')));
    }

    #[test]
    fn names_are_checked() {
        for good in ["Say", "say-as", "_x", "A.b-1"] {
            assert!(is_name(good) && is_attribute_name(good), "{good}");
        }
        for bad in ["", "1a", "-a", "a b", "a>", "a=", "a:b", "é", "a\0"] {
            assert!(!is_name(bad) && !is_attribute_name(bad), "{bad}");
        }
        assert!(is_attribute_name("xml:lang") && !is_name("xml:lang"));
        assert!(!is_attribute_name("xmlns") && !is_attribute_name("xml:") && !is_attribute_name("xmlns:x"));
    }
}
