//! The macro that defines a request from a table: each row is a field, its setter and Twilio's name of the parameter.
//!
//! In JSON a request is written in camelCase, and read in any of `statusCallback`, `status_callback` and
//! `StatusCallback`. A name that is unknown or comes twice is an error, so that no parameter is silently ignored.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::de::{self, Deserialize, MapAccess};

use crate::phone::Address;
use crate::provider::{ApiRequest, ProviderError, ProviderName, Reason};
use crate::sms::Text;
use crate::transport::Form;

/// Names, each with a text; sent to Twilio as one JSON object.
pub type Pairs = BTreeMap<String, Text>;

/// Defines a request: plain data, with a setter for each parameter.
///
/// A row is `field: Type = "Twilio's name"`, or `field as setter: Type = …` where the setter has a shorter name, `as _`
/// where the setter is written by hand. The type is `Option<T>`, `Vec<T>`, [`Pairs`], or, for what the constructor
/// sets, a plain one without a setter. The fields under `apart` are stored with the request but not sent as parameters.
macro_rules! request {
    (
        $(#[$meta:meta])*
        $name:ident {
            $($(#[$doc:meta])* $field:ident $(as $setter:tt)?: $shape:ident $(<$kind:ident>)? = $wire:literal),+ $(,)?
        }
        $(apart { $($(#[$apart_doc:meta])* $apart:ident: $apart_kind:ty),+ $(,)? })?
    ) => {
        $(#[$meta])*
        ///
        /// In JSON its names are in `camelCase`; `snake_case` is read, too.
        #[derive(Debug, Clone, Default, PartialEq)]
        #[non_exhaustive]
        pub struct $name {
            $($($(#[$apart_doc])* pub $apart: $apart_kind,)+)?
            $(
                $(#[$doc])*
                #[doc = concat!("\n\nTwilio's `", $wire, "`.")]
                pub $field: $shape $(<$kind>)?,
            )+
            /// Parameters that have no field here, by Twilio's names, sent as they are.
            pub more: Vec<(String, $crate::sms::Text)>,
        }

        /// Its parameters.
        impl $name {
            $($crate::twilio::wire::setter! { [$(#[$doc])*] $field [$($setter)?] $wire, $shape $($kind)? })+

            /// Adds a parameter that has no setter here, by Twilio's name.
            #[must_use]
            pub fn param(mut self, name: impl Into<String>, value: impl Into<$crate::sms::Text>) -> Self {
                self.more.push((name.into(), value.into()));
                self
            }
        }

        impl $crate::twilio::wire::Parameters for $name {
            fn write(&self, form: &mut $crate::transport::Form) -> Result<(), $crate::provider::ProviderError> {
                $crate::twilio::wire::check_more(&self.more, &[$(($wire, stringify!($field))),+])?;
                $($crate::twilio::wire::Parameter::write(&self.$field, $wire, form);)+
                for (name, value) in &self.more {
                    form.put(name, value);
                }
                Ok(())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use $crate::twilio::wire::{Parameter as _, camel_case};
                use serde::ser::SerializeMap as _;
                let mut map = serializer.serialize_map(None)?;
                $($(map.serialize_entry(&camel_case(stringify!($apart)), &self.$apart)?;)+)?
                $(if self.$field.is_set() {
                    map.serialize_entry(&camel_case(stringify!($field)), &self.$field)?;
                })+
                if !self.more.is_empty() {
                    map.serialize_entry("more", &self.more)?;
                }
                map.end()
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Fields;
                impl<'de> serde::de::Visitor<'de> for Fields {
                    type Value = $name;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("an object")
                    }
                    fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<$name, A::Error> {
                        let mut request = $name::default();
                        let mut map = $crate::twilio::wire::RequestMap::new(map);
                        while let Some(name) = map.next_name()? {
                            $($(if map.is(&name, stringify!($apart))? {
                                request.$apart = map.value()?;
                                continue;
                            })+)?
                            $(if map.is(&name, stringify!($field))? {
                                request.$field = map.value()?;
                                continue;
                            })+
                            if map.is(&name, "more")? {
                                request.more = map.value()?;
                                continue;
                            }
                            return Err(map.unknown(&name, &[$($(stringify!($apart),)+)? $(stringify!($field)),+]));
                        }
                        Ok(request)
                    }
                }
                deserializer.deserialize_map(Fields)
            }
        }
    };
}

/// Makes the setter of one row of a request.
macro_rules! setter {
    ([$($doc:tt)*] $field:ident [] $($rest:tt)*) => {
        $crate::twilio::wire::setter! { @ [$($doc)*] $field $field $($rest)* }
    };
    ([$($doc:tt)*] $field:ident [_] $($rest:tt)*) => {};
    ([$($doc:tt)*] $field:ident [$setter:ident] $($rest:tt)*) => {
        $crate::twilio::wire::setter! { @ [$($doc)*] $field $setter $($rest)* }
    };
    (@ $doc:tt $field:ident $setter:ident $wire:literal, Option bool) => {
        $crate::twilio::wire::setter! { @value $doc $field $setter $wire bool }
    };
    (@ $doc:tt $field:ident $setter:ident $wire:literal, Option u32) => {
        $crate::twilio::wire::setter! { @value $doc $field $setter $wire u32 }
    };
    (@ $doc:tt $field:ident $setter:ident $wire:literal, Option Timestamp) => {
        $crate::twilio::wire::setter! { @value $doc $field $setter $wire Timestamp }
    };
    (@ $doc:tt $field:ident $setter:ident $wire:literal, Option Date) => {
        $crate::twilio::wire::setter! { @value $doc $field $setter $wire Date }
    };
    (@value [$($doc:tt)*] $field:ident $setter:ident $wire:literal $kind:ident) => {
        $($doc)*
        #[doc = concat!("\n\nTwilio's `", $wire, "`.")]
        #[must_use]
        pub fn $setter(mut self, value: $kind) -> Self {
            self.$field = Some(value);
            self
        }
    };
    (@ [$($doc:tt)*] $field:ident $setter:ident $wire:literal, Option $kind:ident) => {
        $($doc)*
        #[doc = concat!("\n\nTwilio's `", $wire, "`.")]
        #[must_use]
        pub fn $setter(mut self, value: impl Into<$kind>) -> Self {
            self.$field = Some(value.into());
            self
        }
    };
    (@ [$($doc:tt)*] $field:ident $setter:ident $wire:literal, Vec Text) => {
        $($doc)*
        #[doc = concat!("\n\nAdds one; call it again for more. Twilio's `", $wire, "`.")]
        #[must_use]
        pub fn $setter(mut self, value: impl Into<Text>) -> Self {
            self.$field.push(value.into());
            self
        }
    };
    (@ [$($doc:tt)*] $field:ident $setter:ident $wire:literal, Vec $kind:ident) => {
        $($doc)*
        #[doc = concat!("\n\nSets all of them. Twilio's `", $wire, "`.")]
        #[must_use]
        pub fn $setter(mut self, values: impl IntoIterator<Item = $kind>) -> Self {
            self.$field = values.into_iter().collect();
            self
        }
    };
    (@ [$($doc:tt)*] $field:ident $setter:ident $wire:literal, Pairs) => {
        $($doc)*
        #[doc = concat!("\n\nAdds one; call it again for more. Twilio's `", $wire, "`.")]
        #[must_use]
        pub fn $setter(mut self, name: impl Into<String>, value: impl Into<$crate::sms::Text>) -> Self {
            self.$field.insert(name.into(), value.into());
            self
        }
    };
    // A plain type is set by the constructor and has no setter.
    (@ $doc:tt $field:ident $setter:ident $wire:literal, $plain:ident) => {};
}

pub(crate) use {request, setter};

/// A request that can be encoded as Twilio expects it.
pub(crate) trait Parameters {
    /// Writes the parameters that are set.
    ///
    /// # Errors
    /// `INVALID_REQUEST` where `param` was used for a parameter that has a setter.
    fn write(&self, form: &mut Form) -> Result<(), ProviderError>;

    /// Returns them encoded, for a body.
    fn encoded(&self) -> Result<String, ProviderError> {
        let mut form = Form::new();
        self.write(&mut form)?;
        Ok(form.finish())
    }

    /// Returns them encoded, where there are any.
    ///
    /// # Errors
    /// `INVALID_REQUEST` where nothing is set.
    fn encoded_update(&self) -> Result<String, ProviderError> {
        let form = self.encoded()?;
        if form.is_empty() {
            return Err(refused("the update changes nothing").with_reason(Reason::MissingParameter));
        }
        Ok(form)
    }

    /// Writes them into the query of a request. Where one is wrong, the request is refused when it is sent.
    fn in_query(&self, request: ApiRequest) -> ApiRequest {
        match self.encoded() {
            Ok(query) => request.encoded_query(query),
            Err(error) => request.refuse(error.message().to_owned()),
        }
    }
}

/// How a field is written into a form or a query.
pub(crate) trait Parameter {
    /// Writes it under Twilio's name, unless it is not set.
    fn write(&self, name: &str, form: &mut Form);

    /// Is there anything to write?
    fn is_set(&self) -> bool {
        true
    }
}

impl<T: Parameter> Parameter for Option<T> {
    fn write(&self, name: &str, form: &mut Form) {
        if let Some(value) = self {
            value.write(name, form);
        }
    }

    fn is_set(&self) -> bool {
        self.is_some()
    }
}

/// A list is a repeated name.
impl<T: Parameter> Parameter for Vec<T> {
    fn write(&self, name: &str, form: &mut Form) {
        for value in self {
            value.write(name, form);
        }
    }

    fn is_set(&self) -> bool {
        !self.is_empty()
    }
}

impl Parameter for Pairs {
    fn write(&self, name: &str, form: &mut Form) {
        if !self.is_empty() {
            let object = self.iter().map(|(name, value)| (name.clone(), value.as_str().into()));
            form.put(name, serde_json::Value::Object(object.collect()).to_string());
        }
    }

    fn is_set(&self) -> bool {
        !self.is_empty()
    }
}

macro_rules! written_as_text {
    ($($kind:ty),+) => {$(
        impl Parameter for $kind {
            fn write(&self, name: &str, form: &mut Form) {
                form.put(name, self);
            }
        }
    )+};
}
written_as_text!(String, Text, Address);

macro_rules! written_by_display {
    ($($kind:ty),+) => {$(
        impl Parameter for $kind {
            fn write(&self, name: &str, form: &mut Form) {
                form.put(name, self.to_string());
            }
        }
    )+};
}
written_by_display!(bool, u32, Date);

impl Parameter for Timestamp {
    fn write(&self, name: &str, form: &mut Form) {
        form.put(name, self.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    }
}

/// Refuses a parameter that has a setter of its own: set by [`request!`]'s `param`, it could be sent twice, and it
/// would not be checked.
pub(crate) fn check_more(more: &[(String, Text)], known: &[(&str, &str)]) -> Result<(), ProviderError> {
    match known.iter().find(|(wire, _)| more.iter().any(|(name, _)| name == wire)) {
        Some((wire, field)) => Err(refused(format!(
            "{wire} is given as a parameter that has no setter here, but it has one: set {field}"
        ))),
        None => Ok(()),
    }
}

fn refused(message: impl Into<String>) -> ProviderError {
    ProviderError::invalid_request(message).with_provider(ProviderName::TWILIO)
}

/// Turns the name of a field into camelCase, as JSON has it.
pub(crate) fn camel_case(field: &str) -> String {
    let mut camel = String::with_capacity(field.len());
    let mut upper = false;
    for c in field.chars() {
        match c {
            '_' => upper = true,
            c if upper => {
                camel.push(c.to_ascii_uppercase());
                upper = false;
            }
            c => camel.push(c),
        }
    }
    camel
}

fn letters(name: &str) -> impl Iterator<Item = u8> {
    name.bytes().filter(|b| *b != b'_').map(|b| b.to_ascii_lowercase())
}

/// The entries of a request in JSON, each of which may come once.
pub(crate) struct RequestMap<A> {
    map: A,
    seen: Vec<&'static str>,
}

impl<'de, A: MapAccess<'de>> RequestMap<A> {
    pub(crate) const fn new(map: A) -> Self {
        Self { map, seen: Vec::new() }
    }

    pub(crate) fn next_name(&mut self) -> Result<Option<super::Key<'de>>, A::Error> {
        self.map.next_key()
    }

    /// Is it this field's name, in any of its spellings?
    ///
    /// # Errors
    /// Where the field occurs a second time.
    pub(crate) fn is(&mut self, name: &super::Key<'de>, field: &'static str) -> Result<bool, A::Error> {
        if !letters(name.as_ref()).eq(letters(field)) {
            return Ok(false);
        }
        if self.seen.contains(&field) {
            return Err(de::Error::duplicate_field(field));
        }
        self.seen.push(field);
        Ok(true)
    }

    /// Reads the value; null counts as missing.
    pub(crate) fn value<T: Deserialize<'de> + Default>(&mut self) -> Result<T, A::Error> {
        Ok(self.map.next_value::<Option<T>>()?.unwrap_or_default())
    }

    pub(crate) fn unknown(&self, name: &super::Key<'de>, fields: &[&str]) -> A::Error {
        let known: Vec<String> = fields.iter().map(|field| camel_case(field)).collect();
        let name = name.as_ref();
        de::Error::custom(format_args!("unknown field `{name}`, there are {}", known.join(", ")))
    }
}

#[cfg(test)]
#[expect(unreachable_pub, reason = "the macro makes public types, which a test keeps to itself")]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    request! {
        /// A sample.
        Sample {
            /// Whom it is for.
            to: Address = "To",
            /// Where it is reported.
            status_callback: Option<Text> = "StatusCallback",
            /// How long.
            validity_period as valid_for: Option<u32> = "ValidityPeriod",
            /// When.
            send_at: Option<Timestamp> = "SendAt",
            /// Pictures.
            media_url: Vec<Text> = "MediaUrl",
            /// Notes.
            tags as tag: Pairs = "Tags",
        }
        apart {
            /// Which way.
            kind: String,
        }
    }

    fn full() -> Sample {
        let at = "2026-01-05T10:00:00.25Z".parse().unwrap();
        let sample = Sample { to: "+1415".into(), kind: "x".into(), ..Sample::default() };
        sample
            .status_callback("https://e.com")
            .valid_for(60)
            .send_at(at)
            .media_url("a")
            .media_url("b")
            .tag("k", "v")
    }

    #[test]
    fn each_row_is_written_by_twilios_name() {
        let mut form = Form::new();
        full().param("Brand", "New").write(&mut form).unwrap();
        assert_eq!(
            form.finish(),
            "To=%2B1415&StatusCallback=https%3A%2F%2Fe.com&ValidityPeriod=60&SendAt=2026-01-05T10%3A00%3A00Z&\
             MediaUrl=a&MediaUrl=b&Tags=%7B%22k%22%3A%22v%22%7D&Brand=New"
        );
        let past = full().param("MediaUrl", "c").write(&mut Form::new()).unwrap_err();
        assert!(past.to_string().contains("set media_url"), "{past}");
    }

    #[test]
    fn json_is_camel_case_and_every_spelling_is_read() {
        let json = json!({
            "kind": "x", "to": "+1415", "statusCallback": "https://e.com", "validityPeriod": 60,
            "sendAt": "2026-01-05T10:00:00.25Z", "mediaUrl": ["a", "b"], "tags": {"k": "v"}
        });
        assert_eq!(serde_json::to_value(full()).unwrap(), json);
        for respell in [|name: &str| name.to_owned(), snake_case, pascal_case] {
            let respelled =
                json.as_object().unwrap().iter().map(|(name, value)| (respell(name), value.clone()));
            assert_eq!(serde_json::from_value::<Sample>(Value::Object(respelled.collect())).unwrap(), full());
        }
        let with_more = full().param("Brand", "New");
        let stored = serde_json::to_string(&with_more).unwrap();
        assert_eq!(serde_json::from_str::<Sample>(&stored).unwrap(), with_more);
        let empty = json!({"kind": null, "to": null, "statusCallback": null, "mediaUrl": null});
        assert_eq!(serde_json::from_value::<Sample>(empty).unwrap(), Sample::default());
    }

    fn snake_case(name: &str) -> String {
        let lower = |c: char| if c.is_uppercase() { format!("_{}", c.to_lowercase()) } else { c.to_string() };
        name.chars().map(lower).collect()
    }

    fn pascal_case(name: &str) -> String {
        let (first, rest) = name.split_at(1);
        format!("{}{rest}", first.to_uppercase())
    }

    #[test]
    fn what_is_not_known_or_comes_twice_is_an_error() {
        let error = |json: Value| serde_json::from_value::<Sample>(json).unwrap_err().to_string();
        let unknown = error(json!({"to": "+1", "statusCalback": "x"}));
        assert!(
            unknown.starts_with("unknown field `statusCalback`, there are kind, to, statusCallback"),
            "{unknown}"
        );
        assert!(error(json!({"statusCallback": "x", "status_callback": "y"})).contains("duplicate field"));
        assert!(error(json!([1])).contains("an object"));
    }
}
