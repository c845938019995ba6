//! Removes from Twilio's error messages what must not be shown: secrets, text that was sent, and whole numbers.

mod echo;
mod number;

use percent_encoding::percent_decode_str;

use self::echo::Pieces;
use super::explain::Context;
use crate::twilio::sid;

/// The maximum length of a scrubbed message, in characters.
const MAX: usize = 300;
/// The maximum length of a text that is searched; Twilio's sentences are far shorter.
const MAX_READ: usize = 4096;
/// Shorter values are not searched for, because they occur in most sentences by chance.
const MIN_LENGTH: usize = 4;

/// Returns a text as one line without secrets, with each sent value replaced by its name (`[To]`), and with at most four
/// digits of any number. The rest of Twilio's sentence is not changed.
pub(super) fn scrub(text: &str, context: &Context<'_>) -> String {
    let text = text.char_indices().nth(MAX_READ).map_or(text, |(end, _)| text.get(..end).unwrap_or_default());
    let mut out = one_line(&decoded(text));
    for secret in context.secrets.into_iter().filter(|secret| secret.len() >= MIN_LENGTH) {
        out = echo::hide_secret(&out, secret);
    }
    let mut pieces = Pieces::of(&out);
    let mut sent: Vec<(String, String)> = (context.sent)()
        .into_iter()
        .map(|(name, value)| (name, one_line(&decoded(&value))))
        .filter(|(_, value)| value.chars().count() >= MIN_LENGTH && !sid::is_sid(value))
        .filter(|(_, value)| pieces.may_be_of(value))
        .collect();
    // Longest first: a short value may be part of a long one.
    sent.sort_by_key(|(_, value)| std::cmp::Reverse(value.len()));
    for (name, value) in sent {
        if pieces.may_be_of(&value) {
            out = echo::hide_sent(&out, &name, &value);
            pieces = Pieces::of(&out);
        }
    }
    let out = number::mask(&out);
    match out.char_indices().nth(MAX) {
        Some((end, _)) => format!("{}…", out.get(..end).unwrap_or_default()),
        None => out,
    }
}

/// Decodes URL, JSON and HTML encodings, in which a service may quote what it was sent. The sent values are decoded in the
/// same way before the comparison.
fn decoded(text: &str) -> String {
    let mut text = text.to_owned();
    // A URL within a URL is encoded twice.
    for _ in 0..3 {
        let once = percent_decode_str(&text).decode_utf8_lossy().into_owned();
        if once == text {
            break;
        }
        text = once;
    }
    for (written, meant) in [
        ("\\u002b", "+"),
        ("\\u002B", "+"),
        ("\\\"", "\""),
        ("\\/", "/"),
        ("\\n", " "),
        ("\\r", " "),
        ("\\t", " "),
        ("&#43;", "+"),
        ("&#x2B;", "+"),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&apos;", "'"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ] {
        if text.contains(written) {
            text = text.replace(written, meant);
        }
    }
    text
}

fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENT: &[(&str, &str)] = &[
        ("To", "+14155551234"),
        ("Code", "+1202"),
        ("Body", "hello there, your \"door code\" is 4711 & more"),
        ("Note", "a long and secret note"),
        ("Word", "messages"),
        ("Name", "Ottokar"),
        ("Callback", "https://example.com/hook?key=abc&x=1"),
    ];

    fn sent() -> Vec<(String, String)> {
        SENT.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn scrubbed(text: &str) -> String {
        let secrets = ["s3cret-of-the-account", "QUM6czNjcmV0"];
        scrub(text, &Context { sent: &sent, secrets, ..Context::default() })
    }

    fn check(cases: &[(&str, &str)]) {
        for (text, expected) in cases {
            assert_eq!(scrubbed(text), *expected, "{text}");
        }
    }

    #[test]
    fn numbers_are_masked_and_the_rest_is_unchanged() {
        check(&[
            ("to +14155559999 now", "to +…9999 now"),
            ("(415) 555-9999", "(…9999"),
            ("code 21610 at 2026", "code 21610 at 2026"),
            ("SM01234567890123456789012345678901", "SM01234567890123456789012345678901"),
            ("ends 4155559999", "ends …9999"),
            ("number14155559999is bad", "number…9999is bad"),
            ("?to=%2B14155559999", "?to=+…9999"),
            ("a\nb\tc", "a b c"),
        ]);
    }

    #[test]
    fn another_number_is_not_taken_for_the_recipient() {
        check(&[
            ("opted out of messages from +14155550100", "opted out of messages from +…0100"),
            ("from +14155551234 or +141555512345", "from [To] or +…2345"),
            ("+12025550100 is none", "+…0100 is none"),
        ]);
    }

    #[test]
    fn dates_and_api_paths_are_not_masked() {
        let path = "The requested resource /2010-04-01/Accounts/AC01234567890123456789012345678901/Messages.json was not found";
        check(&[
            (path, path),
            (
                "since 2026-01-05 09:00:30 and 2026-01-05T09:00:30Z",
                "since 2026-01-05 09:00:30 and 2026-01-05T09:00:30Z",
            ),
            ("Thu, 30 Jul 2015 20:12:31 +0000", "Thu, 30 Jul 2015 20:12:31 +0000"),
            ("call 2010-04-0199 or 32010-04-01", "call …0199 or …0401"),
            ("2026-99-05-12", "…0512"),
        ]);
    }

    #[test]
    fn a_common_word_does_not_rewrite_twilios_sentence() {
        let sentence = "The recipient has opted out of messages; no messages are sent";
        check(&[(sentence, sentence), ("the name Ottokar is taken", "the name [Name] is taken")]);
    }

    #[test]
    fn echoes_are_found_encoded_quoted_and_in_part() {
        let whole = "[Body] it";
        check(&[
            ("hello there, your \"door code\" is 4711 & more it", whole),
            ("hello there, your \\\"door code\\\" is 4711 &amp; more it", whole),
            ("hello+there%2C+your+%22door+code%22+is+4711+%26+more it", whole),
            (
                "hello%2520there%252C%2520your%2520%2522door%2520code%2522%2520is%25204711%2520%2526%2520more it",
                whole,
            ),
            ("said 'a long and sec...'", "said '[Note]...'"),
            ("said '...ng and secret note'", "said '...[Note]'"),
            ("twice: a long and secret note, a long and secret note", "twice: [Note], [Note]"),
            ("the \"door code\" is 4711 they say", "the [Body] they say"),
            ("to &#43;14155551234 or %252B14155551234", "to [To] or [To]"),
            ("cannot fetch https://example.com/hook?key=abc&amp;x=1", "cannot fetch [Callback]"),
        ]);
    }

    #[test]
    fn secrets_are_found_in_part() {
        check(&[
            ("token s3cret-of-the-account", "token ***"),
            ("token s3cret-of-th… is wrong", "token ***… is wrong"),
            ("masked s3cret-of-thXXXXX", "masked ***XXXXX"),
            ("xs3cret-of-thx", "x***x"),
            ("Basic QUM6czNjcmV0", "Basic ***"),
        ]);
    }

    #[test]
    fn long_messages_are_cut_between_characters() {
        let cut = scrubbed(&"ü".repeat(10_000));
        assert_eq!(cut.chars().count(), MAX + 1);
    }
}
