//! Which input a `Gather` accepts, and when the input is complete.

use crate::engine::twiml::Verb;
use crate::heard::WaitsFor;

pub(super) fn accepts(verb: &Verb, kind: &str) -> bool {
    verb.get("input").unwrap_or("dtmf").split_whitespace().any(|word| word == kind)
}

pub(super) fn max_digits(verb: &Verb) -> Option<usize> {
    verb.get("numDigits").and_then(|text| text.parse().ok()).filter(|count| *count > 0)
}

/// Returns the keys that end the input; none where the attribute is empty.
pub(super) fn finishing_key(verb: &Verb) -> &str {
    verb.given("finishOnKey").unwrap_or("#")
}

pub(super) fn waits_for(verb: &Verb) -> WaitsFor {
    WaitsFor::Input {
        digits: accepts(verb, "dtmf"),
        speech: accepts(verb, "speech"),
        count: max_digits(verb),
        finish_on_key: finishing_key(verb).to_owned(),
    }
}

/// Returns the digits of the input, and the key that ended it.
pub(super) fn read_digits(verb: &Verb, keys: &str) -> (String, String) {
    let mut digits = String::new();
    for key in keys.chars() {
        if finishing_key(verb).contains(key) {
            return (digits, key.to_string());
        }
        digits.push(key);
        if max_digits(verb).is_some_and(|count| digits.len() >= count) {
            break;
        }
    }
    (digits, String::new())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::twiml::read;

    #[test]
    fn an_entry_ends_with_its_count_its_key_or_the_time() {
        for (attributes, keys, expected) in [
            ("", "12", ("12", "")),
            ("", "12#3", ("12", "#")),
            ("numDigits='1'", "123", ("1", "")),
            ("numDigits='3'", "1#", ("1", "#")),
            ("finishOnKey='*'", "1#*", ("1#", "*")),
            ("finishOnKey=''", "1#", ("1#", "")),
            ("numDigits='0'", "12", ("12", "")),
            ("", "#", ("", "#")),
        ] {
            let verbs = read(format!("<Response><Gather {attributes}/></Response>").as_bytes()).ok().unwrap();
            let (digits, key) = read_digits(&verbs[0], keys);
            assert_eq!((digits.as_str(), key.as_str()), expected, "{attributes} {keys}");
        }
    }
}
