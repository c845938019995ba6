//! What a field can be read as.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::{self, DeserializeOwned, MapAccess};
use serde_json::{Map, Value};

use super::{Key, Lenient};
use crate::phone::Address;
use crate::sms::Text;

/// A value as it was found, before anybody knows whether it is what was expected.
pub(crate) enum Found<'a> {
    Text(Cow<'a, str>),
    Whole(i64),
    Other(&'a Value),
}

impl<'a> Found<'a> {
    fn of(value: &'a Value) -> Self {
        match value {
            Value::String(text) => Self::Text(Cow::Borrowed(text)),
            other => other.as_i64().map_or(Self::Other(other), Self::Whole),
        }
    }
}

/// What a field can be read as.
pub(crate) trait Field: Sized {
    /// Returns `None` where it is something else.
    fn read(value: Found<'_>) -> Option<Self>;

    /// Reads an object.
    fn read_map<'de, A: MapAccess<'de>>(map: A) -> Result<Lenient<Self>, A::Error> {
        let value = Value::deserialize(de::value::MapAccessDeserializer::new(map))?;
        Ok(match Self::read(Found::Other(&value)) {
            Some(read) => Lenient::Read(read),
            None => Lenient::Kept(value),
        })
    }
}

/// The types of fields that are always present: SIDs and statuses.
pub(crate) trait Always: Field + Default {
    /// Did nothing come that could be read?
    fn is_missing(&self) -> bool;

    /// Fails where an answer without this field cannot be used.
    fn check<E: de::Error>(&self, name: &'static str) -> Result<(), E> {
        if self.is_missing() { Err(E::missing_field(name)) } else { Ok(()) }
    }
}

impl Always for String {
    fn is_missing(&self) -> bool {
        self.is_empty()
    }
}

impl Always for Address {
    fn is_missing(&self) -> bool {
        self.is_empty()
    }
}

impl Field for String {
    fn read(value: Found<'_>) -> Option<Self> {
        match value {
            Found::Text(text) => Some(text.into_owned()),
            Found::Whole(number) => Some(number.to_string()),
            Found::Other(_) => None,
        }
    }
}

impl Field for Text {
    fn read(value: Found<'_>) -> Option<Self> {
        String::read(value).map(Self::from)
    }
}

impl Field for Address {
    fn read(value: Found<'_>) -> Option<Self> {
        String::read(value).map(Self::from)
    }
}

impl Field for bool {
    fn read(value: Found<'_>) -> Option<Self> {
        match value {
            Found::Text(text) => text.parse().ok(),
            Found::Other(Value::Bool(flag)) => Some(*flag),
            _ => None,
        }
    }
}

macro_rules! whole_number {
    ($($kind:ty),+) => {$(
        impl Field for $kind {
            fn read(value: Found<'_>) -> Option<Self> {
                match value {
                    Found::Text(text) => text.parse().ok(),
                    Found::Whole(number) => number.try_into().ok(),
                    Found::Other(_) => None,
                }
            }
        }
    )+};
}
whole_number!(u32, u64, i64);

/// The 2010 API writes RFC 2822, the newer ones ISO 8601; both are taken everywhere.
impl Field for Timestamp {
    fn read(value: Found<'_>) -> Option<Self> {
        let Found::Text(text) = value else { return None };
        static RFC2822: jiff::fmt::rfc2822::DateTimeParser = jiff::fmt::rfc2822::DateTimeParser::new();
        match text.as_bytes().first() {
            Some(first) if first.is_ascii_alphabetic() => RFC2822.parse_timestamp(text.as_ref()).ok(),
            _ => text.parse().ok(),
        }
    }
}

impl Field for jiff::civil::Date {
    fn read(value: Found<'_>) -> Option<Self> {
        match value {
            Found::Text(text) => text.parse().ok(),
            _ => None,
        }
    }
}

impl Field for f64 {
    fn read(value: Found<'_>) -> Option<Self> {
        match value {
            Found::Text(text) => text.parse().ok().filter(|number: &f64| number.is_finite()),
            Found::Other(Value::Number(number)) => number.as_f64(),
            Found::Whole(number) => Some(number as f64),
            Found::Other(_) => None,
        }
    }
}

/// A list is read if each of its entries is, and else kept as it came.
impl<T: Field> Field for Vec<T> {
    fn read(value: Found<'_>) -> Option<Self> {
        let Found::Other(Value::Array(entries)) = value else { return None };
        entries.iter().map(|entry| T::read(Found::of(entry))).collect()
    }
}

impl Field for BTreeMap<String, String> {
    fn read(value: Found<'_>) -> Option<Self> {
        let Found::Other(value @ Value::Object(_)) = value else { return None };
        from_value(value)
    }

    /// Avoids building a `Value` as long as all entries are texts.
    fn read_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Lenient<Self>, A::Error> {
        let mut texts = Self::new();
        while let Some(key) = map.next_key::<Key<'de>>()? {
            match map.next_value::<Value>()? {
                Value::String(text) => {
                    texts.insert(key.0.into_owned(), text);
                }
                other => {
                    let mut kept: Map<String, Value> =
                        texts.into_iter().map(|(k, v)| (k, v.into())).collect();
                    kept.insert(key.0.into_owned(), other);
                    while let Some((key, value)) = map.next_entry()? {
                        kept.insert(key, value);
                    }
                    return Ok(Lenient::Kept(kept.into()));
                }
            }
        }
        Ok(Lenient::Read(texts))
    }
}

impl Field for Value {
    fn read(value: Found<'_>) -> Option<Self> {
        Some(match value {
            Found::Text(text) => Self::String(text.into_owned()),
            Found::Whole(number) => number.into(),
            Found::Other(value) => value.clone(),
        })
    }
}

fn from_value<T: DeserializeOwned>(value: &Value) -> Option<T> {
    T::deserialize(value).ok()
}
