//! Encodes any serialisable value as the pairs of a form or a query.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::Serialize;
use serde_json::Value;
use url::form_urlencoded::Serializer;

/// Writes a list of pairs, a map or a flat struct as `application/x-www-form-urlencoded`, in the same order. For a list, the
/// key is repeated; null values are left out. An error names the field and quotes no value.
pub(super) fn encode(pairs: impl Serialize) -> Result<String, String> {
    // The value is first converted to JSON, which keeps the order and null.
    let json = serde_json::to_string(&pairs).map_err(|_| "a value cannot be written".to_owned())?;
    let Pairs(pairs) =
        serde_json::from_str(&json).map_err(|_| "it is no list of pairs and no object".to_owned())?;
    let mut out = Serializer::new(String::new());
    for (name, value) in pairs {
        match value {
            Value::Array(entries) => {
                for (at, entry) in entries.into_iter().enumerate() {
                    append(&mut out, &name, entry).map_err(|kind| format!("`{name}[{at}]` is {kind}"))?;
                }
            }
            value => append(&mut out, &name, value).map_err(|kind| format!("`{name}` is {kind}"))?,
        }
    }
    Ok(out.finish())
}

fn append(out: &mut Serializer<'_, String>, name: &str, value: Value) -> Result<(), &'static str> {
    let text = match value {
        Value::Null => return Ok(()),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) if too_large(&number) => {
            return Err("a number too large to be exact: write it as text");
        }
        Value::Number(number) => number.to_string(),
        Value::String(text) => text,
        Value::Array(_) => return Err("a list in a list: write it as one text"),
        Value::Object(_) => return Err("an object: write it as one text"),
    };
    out.append_pair(name, &text);
    Ok(())
}

/// Does it need more than 64 bits? Such a number lost its last digits when it was read from JSON.
fn too_large(number: &serde_json::Number) -> bool {
    const LIMIT: f64 = 18_446_744_073_709_551_616.0;
    number.is_f64() && number.as_f64().is_some_and(|number| number.abs() >= LIMIT)
}

/// The pairs of a JSON object, or of a list of lists of two.
struct Pairs(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PairsVisitor)
    }
}

struct PairsVisitor;

impl<'de> Visitor<'de> for PairsVisitor {
    type Value = Pairs;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of pairs, or an object")
    }

    fn visit_unit<E>(self) -> Result<Pairs, E> {
        Ok(Pairs(Vec::new()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Pairs, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = seq.next_element()? {
            pairs.push(pair);
        }
        Ok(Pairs(pairs))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Pairs(pairs))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(serde::Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Sample {
        to: &'static str,
        body: Option<&'static str>,
        media_url: Vec<&'static str>,
        attempts: u8,
        share: f32,
        record: bool,
    }

    const SAMPLE: Sample =
        Sample { to: "+1 2", body: None, media_url: vec![], attempts: 3, share: 1.1, record: true };

    #[test]
    fn nulls_are_left_out_and_lists_repeat_their_key() {
        let media_url = vec!["https://a", "b&c"];
        assert_eq!(
            encode(Sample { media_url, ..SAMPLE }).unwrap(),
            "To=%2B1+2&MediaUrl=https%3A%2F%2Fa&MediaUrl=b%26c&Attempts=3&Share=1.1&Record=true"
        );
        assert_eq!(encode(SAMPLE).unwrap(), "To=%2B1+2&Attempts=3&Share=1.1&Record=true");
        assert_eq!(encode(json!({"B": null, "A": [1, null, "x"]})).unwrap(), "A=1&A=x");
        assert_eq!(encode([("A", json!(null)), ("A", json!([2])), ("B", json!(""))]).unwrap(), "A=2&B=");
    }

    #[test]
    fn pairs_keep_their_order_and_their_repeated_keys() {
        assert_eq!(encode([("b", "1"), ("a", "2"), ("b", "3")]).unwrap(), "b=1&a=2&b=3");
        assert_eq!(encode(()).unwrap(), "");
        assert_eq!(encode(None::<u8>).unwrap(), "");
    }

    #[test]
    fn what_cannot_be_written_names_its_field_and_quotes_nothing() {
        for (value, expected) in [
            (json!({"To": "x", "Tags": {"secret": 1}}), "`Tags` is an object: write it as one text"),
            (json!({"To": ["secret", ["secret"]]}), "`To[1]` is a list in a list: write it as one text"),
            (json!([["To", {"secret": 1}]]), "`To` is an object: write it as one text"),
            (json!(["secret"]), "it is no list of pairs and no object"),
            (json!([["a", "b", "secret"]]), "it is no list of pairs and no object"),
            (json!("secret"), "it is no list of pairs and no object"),
        ] {
            assert_eq!(encode(&value).unwrap_err(), expected);
        }
        let large = [("N", u128::from(u64::MAX) + 1)];
        assert_eq!(encode(large).unwrap_err(), "`N` is a number too large to be exact: write it as text");
        assert_eq!(encode([("N", u64::MAX)]).unwrap(), "N=18446744073709551615");
        let odd_key = std::collections::BTreeMap::from([((1, 2), "secret")]);
        assert_eq!(encode(odd_key).unwrap_err(), "a value cannot be written");
    }
}
