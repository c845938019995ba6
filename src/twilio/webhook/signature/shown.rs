//! Writes a URL for a log or an error: without secrets, values and telephone numbers, and shortened.

use super::url::{Parts, encoded};
use crate::twilio::webhook::params::is_name;

/// How many names of a query are shown.
const MAX_NAMES: usize = 10;
/// How many characters of a path or a host are shown.
const MAX_CHARACTERS: usize = 120;
/// The shortest sequence of digits that is treated as a telephone number.
const MIN_DIGITS: usize = 7;

/// Writes a URL without user, password and the values of its query. A parameter that does not look like a name is hidden, too.
pub(super) fn shown(url: &str) -> String {
    let Some(parts) = Parts::of(url) else { return "a text that is not a URL".to_owned() };
    let host = parts.host.rsplit_once('@').map_or(parts.host, |(_, host)| host);
    let names = parts.query.map(|query| {
        let names = query.split('&').map(|pair| pair.split('=').next().unwrap_or_default());
        let mut shown = names.map(|name| if is_name(name) { format!("{name}=…") } else { "…".to_owned() });
        let mut first = shown.by_ref().take(MAX_NAMES).collect::<Vec<_>>();
        first.extend(shown.next().map(|_| "…".to_owned()));
        first.join("&")
    });
    let (host, port) = (cut(host), cut(parts.port));
    Parts { host: &host, ..parts }.with(&port, &shown_path(parts.path), names.as_deref())
}

/// Writes a path with telephone numbers masked.
pub(in crate::twilio::webhook) fn shown_path(path: &str) -> String {
    mask_numbers(&cut(path))
}

fn cut(text: &str) -> String {
    let mut shown: String = text.chars().filter(|c| !c.is_control()).take(MAX_CHARACTERS).collect();
    if text.chars().nth(MAX_CHARACTERS).is_some() {
        // A number that was cut off here might be too short to be masked, so its remaining digits are removed.
        shown.truncate(shown.trim_end_matches(|c: char| c.is_ascii_digit() || "+-.() %".contains(c)).len());
        shown.push('…');
    }
    shown
}

/// Masks everything but the last four digits of what may be a telephone number: seven or more digits, plain or
/// percent-encoded, also with separators such as spaces or brackets. SIDs are kept, because people search logs for them.
fn mask_numbers(path: &str) -> String {
    let mut shown = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(next) = rest.chars().next() {
        let (digits, length) = number(rest);
        if let Some(sid) = sid(rest).filter(|_| !shown.ends_with(|c: char| c.is_ascii_alphanumeric())) {
            shown.push_str(sid);
            rest = rest.get(sid.len()..).unwrap_or_default();
        } else if digits.len() >= MIN_DIGITS {
            shown.push('…');
            shown.push_str(digits.get(digits.len() - 4..).unwrap_or_default());
            rest = rest.get(length..).unwrap_or_default();
        } else {
            shown.push(next);
            rest = rest.get(next.len_utf8()..).unwrap_or_default();
        }
    }
    shown
}

/// Returns the SID at the beginning of a text: two capital letters and 32 hex digits, with no letter or digit after them.
fn sid(text: &str) -> Option<&str> {
    let (sid, rest) = text.split_at_checked(34)?;
    let (letters, digits) = sid.split_at_checked(2)?;
    let is_sid = letters.bytes().all(|b| b.is_ascii_uppercase())
        && digits.bytes().all(|b| b.is_ascii_hexdigit())
        && !rest.starts_with(|c: char| c.is_ascii_alphanumeric());
    is_sid.then_some(sid)
}

/// Returns the digits of a number at the beginning of a text, and the length of the number with its separators.
fn number(text: &str) -> (String, usize) {
    let (mut digits, mut length, mut at) = (String::new(), 0, 0);
    while let Some((&byte, rest)) = text.as_bytes().get(at..).and_then(<[u8]>::split_first) {
        let (plain, width) = encoded(byte, rest).map_or((byte, 1), |(plain, ..)| (plain, 3));
        at += width;
        if plain.is_ascii_digit() {
            digits.push(char::from(plain));
            length = at;
        } else if !b"+-.() ".contains(&plain) {
            break;
        }
    }
    (digits, length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_values_and_without_a_password() {
        assert_eq!(shown("https://u:p@a.b:1/x?From=%2B1&Body=hi&z"), "https://a.b:1/x?From=…&Body=…&z=…");
        assert_eq!(shown("https://a.b/?+14155551234&planted%20words"), "https://a.b/?…&…");
        assert_eq!(shown("hello"), "a text that is not a URL");
        let many: Vec<String> = (0..20_000).map(|n| format!("k{n}=1")).collect();
        assert!(shown(&format!("https://a.b/{}?{}", "p".repeat(50_000), many.join("&"))).len() < 500);
    }

    #[test]
    fn numbers_in_paths_are_masked_in_any_spelling() {
        for (path, expected) in [
            ("/sms/+14155551234", "/sms/…1234"),
            ("/sms/14155551234/x", "/sms/…1234/x"),
            ("/sms/%2B14155551234", "/sms/…1234"),
            ("/sms/%2b1%20(415)%20555-1234/x", "/sms/…1234/x"),
            ("/sms/%2B%31%34%31%35%35%35%35%31%32%33%34", "/sms/…1234"),
            ("/to14155551234from14155550100", "/to…1234from…0100"),
            ("/1.415.555.1234,", "/…1234,"),
            ("/v1/sms/123456", "/v1/sms/123456"),
            ("/é/4155551234/é", "/é/…1234/é"),
            ("/AC01234567890123456789012345678901/x", "/AC01234567890123456789012345678901/x"),
            // One digit more than a SID, or a letter before it.
            ("/AC012345678901234567890123456789012", "/AC…9012"),
            ("/xAC01234567890123456789012345678901", "/xAC…8901"),
        ] {
            assert_eq!(shown_path(path), expected, "{path}");
        }
        for before in 100..MAX_CHARACTERS {
            let path = shown_path(&format!("/{}+14155551234", "p".repeat(before)));
            assert!(!path.contains("141"), "{path}");
        }
        assert!(shown_path(&"1.".repeat(100_000)).len() < 20);
    }
}
