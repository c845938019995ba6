//! Takes out of Twilio's own words what must not be shown: secrets, what was sent, and whole numbers.

use url::form_urlencoded;

use super::body::Context;
use crate::twilio::sid;

/// The longest message that is kept, in characters.
const MAX: usize = 300;

/// Returns a text as one line without secrets, without the values of the form that was sent (`[To]` in their place),
/// and with at most four digits of any number.
pub(super) fn scrub(text: &str, context: &Context<'_>) -> String {
    let mut out = text.split(|c: char| c.is_whitespace() || c.is_control()).collect::<Vec<_>>().join(" ");
    for secret in context.secrets.into_iter().filter(|secret| secret.len() >= 4) {
        out = out.replace(secret, "***");
    }
    let mut sent: Vec<_> = form_urlencoded::parse(context.form.as_bytes())
        .map(|(key, value)| (key, value.split_whitespace().collect::<Vec<_>>().join(" ")))
        .filter(|(_, value)| value.len() >= 4 && !sid::is_sid(value))
        .collect();
    // Longest first: a short value may be part of a long one.
    sent.sort_by_key(|(_, value)| std::cmp::Reverse(value.len()));
    for (key, value) in sent {
        out = out.replace(&value, &format!("[{key}]"));
    }
    let out = mask_numbers(&out);
    match out.char_indices().nth(MAX) {
        Some((end, _)) => format!("{}…", out.get(..end).unwrap_or_default()),
        None => out,
    }
}

/// Masks runs of seven digits or more, with or without separators, that are no part of a word such as a SID.
fn mask_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = String::new();
    let mut before = None;
    for c in text.chars().chain([' ']) {
        let continues = c.is_ascii_digit() || (!run.is_empty() && matches!(c, '-' | '.' | '(' | ')' | ' '));
        if continues && !(run.is_empty() && before.is_some_and(|b: char| b.is_alphanumeric())) {
            run.push(c);
            continue;
        }
        if !run.is_empty() {
            flush(&mut out, &run, c.is_alphanumeric());
            run.clear();
        }
        out.push(c);
        before = Some(c);
    }
    if !run.is_empty() {
        flush(&mut out, &run, false);
    }
    out.trim_end().to_owned()
}

fn flush(out: &mut String, run: &str, inside_word: bool) {
    let number = run.trim_end_matches(|c: char| !c.is_ascii_digit());
    let rest = run.strip_prefix(number).unwrap_or_default();
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    let part_of_a_word = inside_word && rest.is_empty();
    if digits.len() < 7 || part_of_a_word {
        out.push_str(run);
        return;
    }
    out.push('…');
    out.extend(digits.iter().skip(digits.len() - 4));
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scrubbed(text: &str) -> String {
        scrub(
            text,
            &Context { form: "To=%2B1202&Body=hello+there", secrets: ["s3cret", ""], ..Context::default() },
        )
    }

    #[test]
    fn numbers_are_masked_and_the_rest_stays() {
        let cases = [
            ("to +14155551234 now", "to +…1234 now"),
            ("(415) 555-1234", "(…1234"),
            ("code 21610 at 2026", "code 21610 at 2026"),
            ("SM01234567890123456789012345678901", "SM01234567890123456789012345678901"),
            ("ends 4155551234", "ends …1234"),
            ("a\nb\tc", "a b c"),
            ("said hello there to [it]", "said [Body] to [it]"),
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
