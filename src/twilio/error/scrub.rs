//! Takes out of Twilio's own words what must not be shown: secrets, what was sent, and whole numbers.

use percent_encoding::percent_decode_str;

use super::body::Context;
use crate::twilio::sid;

/// The longest message that is kept, in characters.
const MAX: usize = 300;

/// Returns a text as one line without secrets, without what was sent (`[To]` in its place), and with at most four digits
/// of any number.
pub(super) fn scrub(text: &str, context: &Context<'_>) -> String {
    let mut out = one_line(&percent_decode_str(text).decode_utf8_lossy());
    for secret in context.secrets.into_iter().filter(|secret| secret.len() >= 4) {
        out = out.replace(secret, "***");
    }
    let mut sent: Vec<(String, String)> = (context.sent)()
        .into_iter()
        .map(|(key, value)| (key, one_line(&value)))
        .filter(|(_, value)| value.chars().count() >= 4 && !sid::is_sid(value))
        .collect();
    // Longest first: a short value may be part of a long one.
    sent.sort_by_key(|(_, value)| std::cmp::Reverse(value.len()));
    for (key, value) in sent {
        out = replace_value(&out, &key, &value);
    }
    let out = mask_numbers(&out);
    match out.char_indices().nth(MAX) {
        Some((end, _)) => format!("{}…", out.get(..end).unwrap_or_default()),
        None => out,
    }
}

fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Replaces a value; of a long one also its beginning, which is how a service quotes a text it has cut.
fn replace_value(text: &str, key: &str, value: &str) -> String {
    const QUOTED: usize = 7;
    let whole = text.replace(value, &format!("[{key}]"));
    let Some((end, _)) = value.char_indices().nth(QUOTED) else { return whole };
    let Some(beginning) = value.get(..end) else { return whole };
    let Some((before, after)) = whole.split_once(beginning) else { return whole };
    // As far as the quotation goes on.
    let rest = value.get(end..).unwrap_or_default();
    let common = rest.chars().zip(after.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    format!("{before}[{key}]{}", after.get(common..).unwrap_or_default())
}

/// Masks runs of seven digits or more, with or without separators between them, unless they are part of a SID.
fn mask_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if let Some(sid) = sid_at(rest) {
            out.push_str(sid);
            rest = rest.get(sid.len()..).unwrap_or_default();
        } else if first.is_ascii_digit() {
            let run = number_at(rest);
            push_masked(&mut out, run);
            rest = rest.get(run.len()..).unwrap_or_default();
        } else {
            out.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        }
    }
    out
}

/// The SID that a text begins with.
fn sid_at(text: &str) -> Option<&str> {
    text.get(..34).filter(|start| sid::is_sid(start))
}

/// The digits that a text begins with, and the separators between them.
fn number_at(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '-' | '.' | '(' | ')' | ' ')));
    let run = text.get(..end.unwrap_or(text.len())).unwrap_or_default();
    run.trim_end_matches(|c: char| !c.is_ascii_digit())
}

fn push_masked(out: &mut String, run: &str) {
    let digits: Vec<char> = run.chars().filter(char::is_ascii_digit).collect();
    if digits.len() < 7 {
        out.push_str(run);
        return;
    }
    out.push('…');
    out.extend(digits.iter().skip(digits.len() - 4));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent() -> Vec<(String, String)> {
        [("To", "+1202"), ("Body", "hello there"), ("Note", "a long and secret note")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into()
    }

    fn scrubbed(text: &str) -> String {
        scrub(text, &Context { sent: &sent, secrets: ["s3cret", ""], ..Context::default() })
    }

    #[test]
    fn numbers_are_masked_and_the_rest_stays() {
        let cases = [
            ("to +14155551234 now", "to +…1234 now"),
            ("(415) 555-1234", "(…1234"),
            ("code 21610 at 2026", "code 21610 at 2026"),
            ("SM01234567890123456789012345678901", "SM01234567890123456789012345678901"),
            ("ends 4155551234", "ends …1234"),
            ("number14155551234is bad", "number…1234is bad"),
            ("?to=%2B14155551234", "?to=+…1234"),
            ("a\nb\tc", "a b c"),
            ("said hello there to [it]", "said [Body] to [it]"),
            ("said 'a long and sec...'", "said '[Note]...'"),
            ("token s3cret", "token ***"),
        ];
        for (text, expected) in cases {
            assert_eq!(scrubbed(text), expected);
        }
    }

    #[test]
    fn long_messages_are_cut_between_characters() {
        let cut = scrubbed(&"ü".repeat(1000));
        assert_eq!(cut.chars().count(), MAX + 1);
    }
}
