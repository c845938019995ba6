//! The parameters of a webhook: names and values, in the order in which they were sent.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use url::form_urlencoded;

/// The decoded parameters of a webhook, in the order in which they were sent, with repeated names.
///
/// `Debug` shows names and never a value. `Serialize` writes a list of pairs, values included.
///
/// ```
/// use switchboard::twilio::webhook::Params;
///
/// let params = Params::from_form(b"From=%2B14155551234&Body=Hello+there&Tag=a&Tag=b");
/// assert_eq!(params.get("Body"), Some("Hello there"));
/// assert_eq!(params.get_all("Tag").collect::<Vec<_>>(), ["a", "b"]);
/// assert!(!format!("{params:?}").contains("Hello"));
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Params {
    /// All names and values concatenated, so that a form needs only two allocations.
    text: String,
    /// Where each name and each value ends.
    ends: Vec<(usize, usize)>,
}

impl Params {
    /// Decodes a body of `application/x-www-form-urlencoded`.
    ///
    /// It never fails: invalid UTF-8 is replaced by `�`, a name without `=` has an empty value, and `%` without two hex digits
    /// is kept.
    #[must_use]
    pub fn from_form(form: &[u8]) -> Self {
        decode(form).unwrap_or_else(|| Self::from_pairs(form_urlencoded::parse(form)))
    }

    /// Decodes the query of a URL, without its `?`.
    #[must_use]
    pub fn from_query(query: &str) -> Self {
        Self::from_form(query.as_bytes())
    }

    /// Creates parameters from decoded pairs.
    #[must_use]
    pub fn from_pairs<K: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        let mut params = Self::default();
        for (key, value) in pairs {
            params.push(key.as_ref(), value.as_ref());
        }
        params
    }

    /// Creates parameters from the fields of a JSON object.
    ///
    /// Numbers and booleans become texts, null becomes an empty text, lists and objects become their JSON text. A body
    /// that is not an object becomes one value with an empty name.
    #[must_use]
    pub fn from_json(body: &Value) -> Self {
        let mut params = Self::default();
        match body {
            Value::Object(fields) => fields.iter().for_each(|(name, value)| params.push_json(name, value)),
            other => params.push_json("", other),
        }
        params
    }

    /// Returns the first value of a name. Names are case-sensitive.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.get_all(key).next()
    }

    /// Returns all values of a name, in the order they came.
    pub fn get_all(&self, key: &str) -> impl Iterator<Item = &str> {
        self.iter().filter(move |(name, _)| *name == key).map(|(_, value)| value)
    }

    /// Returns all pairs, in the order they came.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> + Clone {
        let mut start = 0;
        self.ends.iter().map(move |&(key_end, value_end)| {
            let pair = (self.slice(start, key_end), self.slice(key_end, value_end));
            start = value_end;
            pair
        })
    }

    /// Returns all pairs, owned, in the order they came.
    #[must_use]
    pub fn to_pairs(&self) -> Vec<(String, String)> {
        self.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// Returns how many pairs there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Are there no pairs?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub(crate) fn push(&mut self, key: &str, value: &str) {
        self.text.push_str(key);
        let key_end = self.text.len();
        self.text.push_str(value);
        self.ends.push((key_end, self.text.len()));
    }

    fn push_json(&mut self, name: &str, value: &Value) {
        match value {
            Value::Null => self.push(name, ""),
            Value::String(text) => self.push(name, text),
            other => self.push(name, &other.to_string()),
        }
    }

    fn slice(&self, start: usize, end: usize) -> &str {
        self.text.get(start..end).unwrap_or_default()
    }
}

impl<K: AsRef<str>, V: AsRef<str>> FromIterator<(K, V)> for Params {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self::from_pairs(pairs)
    }
}

/// Decodes a form into one buffer, in one pass. `None` where a name or a value is not UTF-8.
fn decode(mut form: &[u8]) -> Option<Params> {
    let mut text = Vec::with_capacity(form.len());
    let mut ends = Vec::with_capacity(32);
    let mut key_end = None;
    let mut is_pair = false;
    while let [first, rest @ ..] = form {
        form = rest;
        let byte = match first {
            b'&' => {
                if is_pair {
                    ends.push((key_end.unwrap_or(text.len()), text.len()));
                }
                (key_end, is_pair) = (None, false);
                continue;
            }
            b'=' if key_end.is_none() => {
                (key_end, is_pair) = (Some(text.len()), true);
                continue;
            }
            b'+' => b' ',
            b'%' => match rest {
                [high, low, after @ ..] => hex(*high, *low).map_or(b'%', |byte| {
                    form = after;
                    byte
                }),
                _ => b'%',
            },
            other => *other,
        };
        is_pair = true;
        text.push(byte);
    }
    if is_pair {
        ends.push((key_end.unwrap_or(text.len()), text.len()));
    }
    let text = String::from_utf8(text).ok()?;
    // Two values that are each invalid UTF-8 could be valid when concatenated, so the boundaries are checked, too.
    let whole = ends.iter().all(|(key, value)| text.is_char_boundary(*key) && text.is_char_boundary(*value));
    whole.then_some(Params { text, ends })
}

fn hex(high: u8, low: u8) -> Option<u8> {
    let digit = |byte| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

/// Shows names only. A body that is not a form is decoded as one long name, so text that does not look like a name is
/// hidden, too.
impl fmt::Debug for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.iter().map(|(name, _)| if is_name(name) { name } else { "…" });
        f.debug_list().entries(names).finish()
    }
}

/// Does it look like the name of a parameter, and not like text that a person wrote?
pub(super) fn is_name(text: &str) -> bool {
    let letters = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-[]".contains(&b));
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    letters && digits <= 4 && text.len() <= 64 && text.starts_with(|c: char| c.is_ascii_alphabetic())
}

impl Serialize for Params {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Params {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::<(String, String)>::deserialize(deserializer).map(Self::from_pairs)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn pairs(params: &Params) -> Vec<(&str, &str)> {
        params.iter().collect()
    }

    #[test]
    fn a_form_is_decoded_as_browsers_do() {
        let cases: &[(&str, &[(&str, &str)])] = &[
            ("", &[]),
            ("&&", &[]),
            ("a", &[("a", "")]),
            ("=b", &[("", "b")]),
            ("a=b=c", &[("a", "b=c")]),
            ("a=%2B1+2&a=%2b", &[("a", "+1 2"), ("a", "+")]),
            ("a=100%&b=%zz&c=%4", &[("a", "100%"), ("b", "%zz"), ("c", "%4")]),
            ("Body=Ol%C3%A1+%E2%98%95", &[("Body", "Olá ☕")]),
            ("a=%FF&b=x", &[("a", "\u{fffd}"), ("b", "x")]),
            // The two bytes of one letter, in a value and in the name after it.
            ("a=%C3&%A1=x", &[("a", "\u{fffd}"), ("\u{fffd}", "x")]),
        ];
        for (form, expected) in cases {
            assert_eq!(pairs(&Params::from_query(form)), *expected, "{form}");
        }
    }

    #[test]
    fn json_becomes_pairs() {
        let params =
            Params::from_json(&json!({"a": "x", "b": 1.5, "c": true, "d": null, "e": {"f": [1]}, "g": [2]}));
        let expected =
            [("a", "x"), ("b", "1.5"), ("c", "true"), ("d", ""), ("e", r#"{"f":[1]}"#), ("g", "[2]")];
        assert_eq!(pairs(&params), expected);
        assert_eq!(pairs(&Params::from_json(&json!([1, "x"]))), [("", r#"[1,"x"]"#)]);
    }

    #[test]
    fn debug_shows_no_value_and_no_body_that_is_not_a_form() {
        for body in ["Body=planted", "planted text&From=1", "14155551234", "a1b2c3d4e5=1", "=planted"] {
            let shown = format!("{:?}", Params::from_query(body));
            assert!(
                !shown.contains("planted") && !shown.contains("14155") && !shown.contains("a1b2"),
                "{shown}"
            );
        }
        assert_eq!(format!("{:?}", Params::from_query("MediaUrl0=x&To=y")), r#"["MediaUrl0", "To"]"#);
    }

    proptest! {
        #[test]
        fn the_fast_decoder_agrees_with_the_library(form in prop::collection::vec(
            prop_oneof![Just(b'&'), Just(b'='), Just(b'%'), Just(b'+'), Just(b'C'), Just(b'3'), Just(b'a'), any::<u8>()],
            0..80,
        )) {
            let params = Params::from_form(&form);
            let expected: Vec<_> = form_urlencoded::parse(&form).into_owned().collect();
            let found: Vec<_> = params.iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
            prop_assert_eq!(found, expected);
            prop_assert_eq!(params.len(), params.iter().count());
        }

        #[test]
        fn pairs_survive_serde_and_a_form(list in prop::collection::vec((any::<String>(), any::<String>()), 0..8)) {
            let params = Params::from_pairs(list.iter().map(|(k, v)| (k, v)));
            let json = serde_json::to_string(&params).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Params>(&json).unwrap(), &params);
            let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(&list).finish();
            prop_assert_eq!(Params::from_query(&form), params);
        }
    }
}
