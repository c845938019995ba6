//! How Twilio's JSON is read: open vocabularies, and fields that never turn a success into an error.
//!
//! An unknown word is kept; a field that is missing, null or of a wrong type becomes `None`. A value of a wrong type is
//! kept in `extra`, together with all unknown fields. Only an answer without the SID of what it describes cannot be
//! read.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// Makes an enum of words that Twilio may add to.
macro_rules! wire_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$doc])* $variant,)+
            /// A word that this version does not know, as Twilio sent it.
            Unknown(String),
        }

        impl $name {
            /// The words that are known here.
            pub const KNOWN: &'static [&'static str] = &[$($word),+];

            /// Returns the word as Twilio writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Unknown(word) => word,
                }
            }
        }

        impl From<&str> for $name {
            fn from(word: &str) -> Self {
                match word {
                    $($word => Self::$variant,)+
                    other => Self::Unknown(other.to_owned()),
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::convert::Infallible;
            fn from_str(word: &str) -> Result<Self, Self::Err> {
                Ok(word.into())
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                std::borrow::Cow::<str>::deserialize(deserializer).map(|word| Self::from(word.as_ref()))
            }
        }

        /// No word at all, as where Twilio leaves it out.
        impl Default for $name {
            fn default() -> Self {
                Self::Unknown(String::new())
            }
        }

        impl $crate::twilio::wire::Always for $name {
            fn is_missing(&self) -> bool {
                self.as_str().is_empty()
            }

            fn check<E: serde::de::Error>(&self, _: &'static str) -> Result<(), E> {
                Ok(())
            }
        }

        impl $crate::twilio::wire::Parameter for $name {
            fn write(&self, name: &str, form: &mut $crate::twilio::wire::Form) {
                form.put(name, self);
            }
        }

        impl $crate::twilio::wire::Field for $name {
            fn read(value: $crate::twilio::wire::Found<'_>) -> Option<Self> {
                match value {
                    $crate::twilio::wire::Found::Text(word) => Some(Self::from(word.as_ref())),
                    _ => None,
                }
            }
        }
    };
}

/// Makes an answer: a struct whose fields are read leniently.
///
/// Twilio's names are read in both spellings, `date_created` and `dateCreated`, and written as `dateCreated`, which is
/// what dashboards read. What is not known is written as it came.
///
/// A type that is also sent to Twilio is written `= "as Twilio"` instead.
///
/// What stands under `always` is plain: a SID that is missing fails the reading, a missing status is `Unknown("")`.
macro_rules! answer {
    ($(#[$meta:meta])* $name:ident $(= $spelling:literal)?
        $(always { $($(#[$plain_doc:meta])* $plain:ident: $plain_kind:ty = $plain_key:literal),+ $(,)? })?
        { $($(#[$doc:meta])* $field:ident: $kind:ty = $key:literal),+ $(,)? }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Default)]
        #[non_exhaustive]
        pub struct $name {
            $($($(#[$plain_doc])* pub $plain: $plain_kind,)+)?
            $($(#[$doc])* pub $field: Option<$kind>,)+
            /// Fields that this version does not know, and values that it could not read, as they came.
            pub extra: $crate::twilio::wire::Extra,
        }

        impl $name {
            /// The names of its fields as they are written in JSON.
            #[must_use]
            pub fn json_fields() -> Vec<String> {
                let spelling: &[&str] = &[$($spelling)?];
                let always = [$($($crate::twilio::wire::camel_case($plain_key).to_string(),)+)?];
                let more = [$($crate::twilio::wire::json_name($key, spelling).into_owned(),)+];
                always.into_iter().chain(more).collect()
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Fields;
                impl<'de> serde::de::Visitor<'de> for Fields {
                    type Value = $name;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("a JSON object")
                    }
                    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<$name, A::Error> {
                        const NAMES: &[&str] = &[$($($plain_key,)+)? $($key),+];
                        let mut answer = $name::default();
                        while let Some(key) = map.next_key::<$crate::twilio::wire::Key<'de>>()? {
                            let mut name = key.as_ref();
                            loop {
                                match name {
                                    $($($plain_key => {
                                        let value = map.next_value::<$crate::twilio::wire::Lenient<$plain_kind>>()?;
                                        answer.$plain =
                                            value.or_keep($plain_key, &mut answer.extra).unwrap_or_default();
                                    })+)?
                                    $($key => {
                                        let value = map.next_value::<$crate::twilio::wire::Lenient<$kind>>()?;
                                        answer.$field = value.or_keep($key, &mut answer.extra);
                                    })+
                                    other => {
                                        // Only a name that is not known may be one in camelCase.
                                        if let Some(known) = $crate::twilio::wire::in_camel_case(other, NAMES) {
                                            name = known;
                                            continue;
                                        }
                                        answer.extra.keep(key.as_ref().to_owned(), map.next_value()?);
                                    }
                                }
                                break;
                            }
                        }
                        $($($crate::twilio::wire::Always::check(&answer.$plain, $plain_key)?;)+)?
                        Ok(answer)
                    }
                }
                deserializer.deserialize_map(Fields)
            }
        }

        impl $crate::twilio::wire::Field for $name {
            fn read(value: $crate::twilio::wire::Found<'_>) -> Option<Self> {
                match value {
                    $crate::twilio::wire::Found::Other(value @ serde_json::Value::Object(_)) => {
                        serde::Deserialize::deserialize(value).ok()
                    }
                    _ => None,
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap as _;
                let spelling: &[&str] = &[$($spelling)?];
                let mut map = serializer.serialize_map(None)?;
                $($(if !$crate::twilio::wire::Always::is_missing(&self.$plain) {
                    map.serialize_entry(&$crate::twilio::wire::camel_case($plain_key), &self.$plain)?;
                })+)?
                $(if let Some(value) = &self.$field {
                    map.serialize_entry(&$crate::twilio::wire::json_name($key, spelling), value)?;
                })+
                for (name, value) in self.extra.iter() {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    };
}

#[cfg(test)]
pub(crate) mod mutation;

pub(crate) use {answer, wire_enum};

mod amount;
mod extra;
mod field;
#[cfg(test)]
mod fixtures;
mod request;
mod secret;
mod setter;
mod stored;

pub use amount::Amount;
pub use extra::Extra;
pub(crate) use field::{Always, Field, Found};
pub use request::Pairs;
pub(crate) use request::{Form, Parameter, Parameters, check, check_more, request};
pub(crate) use secret::wire_secret;
pub(crate) use setter::setter;
pub(crate) use stored::{RequestMap, camel_case, stored};

/// Returns the name of a field in JSON: in camelCase, or as Twilio writes it where the type asks for that.
pub(crate) fn json_name<'n>(name: &'n str, spelling: &[&str]) -> Cow<'n, str> {
    if spelling.is_empty() { Cow::Owned(camel_case(name)) } else { Cow::Borrowed(name) }
}

/// Returns the one of Twilio's names that is written like this in camelCase.
pub(crate) fn in_camel_case(written: &str, names: &[&'static str]) -> Option<&'static str> {
    // `russell3000` was `russell_3000`: a digit may hide an underscore, too.
    if !written.bytes().any(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()) {
        return None;
    }
    // Undoing the camelCase would be a guess: `last3Months` was `last_3_months`, and `psd2Enabled` was `psd2_enabled`.
    names.iter().find(|name| camel_case(name) == written).copied()
}

/// A field that is read if it can be, and kept if not.
pub(crate) enum Lenient<T> {
    Read(T),
    Null,
    Kept(Value),
}

impl<T> Lenient<T> {
    pub(crate) fn or_keep(self, name: &str, extra: &mut Extra) -> Option<T> {
        match self {
            Self::Read(value) => Some(value),
            Self::Null => None,
            Self::Kept(value) => {
                extra.keep(name.to_owned(), value);
                None
            }
        }
    }
}

impl<'de, T: Field> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LenientVisitor(std::marker::PhantomData))
    }
}

struct LenientVisitor<T>(std::marker::PhantomData<T>);

impl<T: Field> LenientVisitor<T> {
    fn other<E>(value: Value) -> Result<Lenient<T>, E> {
        Ok(match T::read(Found::Other(&value)) {
            Some(read) => Lenient::Read(read),
            None => Lenient::Kept(value),
        })
    }
}

impl<'de, T: Field> Visitor<'de> for LenientVisitor<T> {
    type Value = Lenient<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(match T::read(Found::Text(Cow::Borrowed(text))) {
            Some(read) => Lenient::Read(read),
            None => Lenient::Kept(text.into()),
        })
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(match T::read(Found::Whole(number)) {
            Some(read) => Lenient::Read(read),
            None => Lenient::Kept(number.into()),
        })
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
        match i64::try_from(number) {
            Ok(number) => self.visit_i64(number),
            Err(_) => Self::other(number.into()),
        }
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Self::other(number.into())
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Self::Value, E> {
        Self::other(flag.into())
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Lenient::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        Self::other(Value::deserialize(de::value::SeqAccessDeserializer::new(seq))?)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::read_map(map)
    }
}

/// A name in an object, not copied where the text can lend it.
pub(crate) struct Key<'de>(Cow<'de, str>);

impl AsRef<str> for Key<'_> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }
            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Borrowed(name)))
            }
            fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

#[cfg(test)]
#[expect(unreachable_pub, dead_code, reason = "the macros make public types, which a test keeps to itself")]
mod tests {
    use std::collections::BTreeMap;

    use jiff::Timestamp;
    use serde_json::json;

    use super::*;
    use crate::sms::Text;

    wire_enum! {
        /// A word.
        Word {
            /// One.
            One = "one",
        }
    }

    answer! {
        /// A sample.
        Sample {
            /// Word.
            word: Word = "word",
            /// Number.
            number: u32 = "number",
            /// Date.
            date: Timestamp = "date",
            /// Price.
            price: Amount = "price",
            /// Text.
            text: Text = "text",
            /// Links.
            links: BTreeMap<String, String> = "links",
        }
    }

    #[test]
    fn numbers_dates_and_prices_are_read_in_every_form_they_come_in() {
        for (number, date, price) in [
            (json!("3"), json!("Thu, 24 Aug 2023 05:01:45 +0000"), json!("-0.00750")),
            (json!(3), json!("2023-08-24T05:01:45Z"), json!(-0.0075)),
        ] {
            let sample: Sample =
                serde_json::from_value(json!({"number": number, "date": date, "price": price})).unwrap();
            assert_eq!(sample.number, Some(3));
            assert_eq!(sample.date.unwrap().to_string(), "2023-08-24T05:01:45Z");
            assert!(sample.price.unwrap().as_str().starts_with("-0.0075"));
            assert!(sample.extra.is_empty());
        }
    }

    #[test]
    fn every_field_of_every_wrong_type_is_kept_and_nothing_fails() {
        for name in ["word", "number", "date", "price", "text", "links", "brand_new"] {
            for value in [json!("?"), json!([1, "x"]), json!({"a": {"b": 1}}), json!(true)] {
                let body = json!({ name: value });
                let sample: Sample = serde_json::from_value(body.clone()).unwrap();
                assert_eq!(serde_json::to_value(&sample).unwrap(), body, "{name}");
            }
            let null: Sample = serde_json::from_value(json!({ name: null })).unwrap();
            assert!(name == "brand_new" || null == Sample::default());
        }
        assert!(serde_json::from_str::<Sample>("[]").is_err());
    }

    #[test]
    fn debug_shows_neither_texts_nor_what_could_not_be_read() {
        let sample: Sample =
            serde_json::from_value(json!({"text": "planted", "links": "planted", "other": "planted"}))
                .unwrap();
        let shown = format!("{sample:?}");
        assert!(!shown.contains("planted") && shown.contains("other"), "{shown}");
    }

    #[test]
    fn unknown_words_round_trip() {
        let word: Word = serde_json::from_value(json!("new-word")).unwrap();
        assert_eq!(word, Word::Unknown("new-word".into()));
        assert_eq!(serde_json::to_value(&word).unwrap(), json!("new-word"));
        assert_eq!("one".parse::<Word>(), Ok(Word::One));
    }
}
