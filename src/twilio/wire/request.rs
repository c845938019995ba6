//! What a request sends: the macro that defines it from a table, the form that its parameters are written into, and the
//! checks before it is sent.
//!
//! Each row of a table is a field, its setter and Twilio's name of the parameter. How a request is stored as JSON stands
//! in `stored.rs`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use url::form_urlencoded::Serializer;

use crate::phone::Address;
use crate::provider::{ApiRequest, ProviderError};
use crate::sms::Text;

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
            fn write(&self, form: &mut $crate::twilio::wire::Form) -> Result<(), $crate::provider::ProviderError> {
                $crate::twilio::wire::check_more(&self.more, &[$(($wire, stringify!($field))),+])?;
                $($crate::twilio::wire::Parameter::write(&self.$field, $wire, form);)+
                for (name, value) in &self.more {
                    form.put(name, value);
                }
                Ok(())
            }
        }

        $crate::twilio::wire::stored! { $name { $($($apart,)+)? } { $($field),+ } }
    };
}

pub(crate) use request;

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
            return Err(check::missing("the update changes nothing"));
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

/// Writes pairs as `application/x-www-form-urlencoded`, in the order they come. Lists are repeated keys.
pub(crate) struct Form(Serializer<'static, String>);

impl Form {
    pub(crate) fn new() -> Self {
        Self(Serializer::new(String::with_capacity(256)))
    }

    pub(crate) fn put(&mut self, key: &str, value: impl AsRef<str>) -> &mut Self {
        self.0.append_pair(key, value.as_ref());
        self
    }

    pub(crate) fn maybe<V: AsRef<str>>(&mut self, key: &str, value: Option<V>) -> &mut Self {
        if let Some(value) = value {
            self.0.append_pair(key, value.as_ref());
        }
        self
    }

    pub(crate) fn finish(mut self) -> String {
        self.0.finish()
    }
}

/// Refuses a parameter that has a setter of its own: set by [`request!`]'s `param`, it could be sent twice, and it
/// would not be checked.
pub(crate) fn check_more(more: &[(String, Text)], known: &[(&str, &str)]) -> Result<(), ProviderError> {
    match known.iter().find(|(wire, _)| more.iter().any(|(name, _)| name == wire)) {
        Some((wire, field)) => Err(check::refuse(format!(
            "{wire} is given as a parameter that has no setter here, but it has one: set {field}"
        ))),
        None => Ok(()),
    }
}

/// Checks of single values before a request is sent: they refuse what Twilio would certainly refuse, and nothing that
/// Twilio would accept.
pub(crate) mod check {
    use url::Url;

    use crate::phone::{Address, AddressKind};
    use crate::provider::{ProviderError, ProviderName, Reason};
    use crate::sms::Text;
    use crate::twilio::sid;

    pub(crate) fn refuse(message: impl Into<String>) -> ProviderError {
        ProviderError::invalid_request(message).with_provider(ProviderName::TWILIO)
    }

    pub(crate) fn missing(message: impl Into<String>) -> ProviderError {
        refuse(message).with_reason(Reason::MissingParameter)
    }

    /// Checks the recipient, and returns what kind of address it is.
    pub(crate) fn recipient(to: &Address) -> Result<AddressKind, ProviderError> {
        if to.is_empty() {
            return Err(missing("there is no recipient: set the number it goes to, as in +14155551234"));
        }
        to.kind().map_err(|error| {
            refuse(format!("the recipient cannot be reached: {error}")).with_reason(Reason::InvalidRecipient)
        })
    }

    /// Checks the sender. The SID of a SIM is allowed, too.
    pub(crate) fn sender(from: &Address) -> Result<(), ProviderError> {
        if sid::is_sid(from.as_str()) && from.as_str().starts_with("DE") {
            return Ok(());
        }
        from.kind().map(|_| ()).map_err(|error| {
            refuse(format!("the sender cannot be used: {error}")).with_reason(Reason::InvalidSender)
        })
    }

    /// Checks a URL that Twilio will request. It may end with a fragment of connection overrides.
    pub(crate) fn url(what: &str, text: &str) -> Result<(), ProviderError> {
        let bad = |why: &str| refuse(format!("the {what} {why}"));
        let url =
            Url::parse(text).map_err(|_| bad("is no URL: write it whole, as in https://example.com/path"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(bad("must start with https:// or http://"));
        }
        Ok(())
    }

    /// Checks a status callback URL.
    pub(crate) fn callback(text: Option<&Text>) -> Result<(), ProviderError> {
        let Some(text) = text.map(Text::as_str) else { return Ok(()) };
        url("status callback", text)?;
        if Url::parse(text).is_ok_and(|url| url.host_str().is_some_and(|host| host.contains('_'))) {
            return Err(refuse(
                "the status callback has an underscore in its host name, which Twilio does not call",
            ));
        }
        Ok(())
    }

    pub(crate) fn optional_url(what: &str, text: Option<&str>) -> Result<(), ProviderError> {
        text.map_or(Ok(()), |text| url(what, text))
    }

    pub(crate) fn optional_sid(what: &str, text: Option<&str>, prefix: &str) -> Result<(), ProviderError> {
        text.map_or(Ok(()), |text| sid::check(text, what, &[prefix]))
    }

    pub(crate) fn range(what: &str, value: Option<u32>, least: u32, most: u32) -> Result<(), ProviderError> {
        match value {
            Some(value) if !(least..=most).contains(&value) => {
                Err(refuse(format!("the {what} must be from {least} to {most}, this one is {value}")))
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn longest(what: &str, text: Option<&Text>, most: usize) -> Result<(), ProviderError> {
        match text.map(|text| text.as_str().chars().count()) {
            Some(length) if length > most => {
                Err(refuse(format!("the {what} has {length} characters, Twilio takes {most}")))
            }
            _ => Ok(()),
        }
    }

    /// Checks a country: two letters of ISO 3166.
    pub(crate) fn country(code: &str) -> Result<(), ProviderError> {
        if code.len() == 2 && code.bytes().all(|b| b.is_ascii_alphabetic()) {
            return Ok(());
        }
        Err(refuse("the country must be two letters of ISO 3166, as in US"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twilio::wire::fixtures::full;

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
    fn lists_are_repeated_and_everything_is_encoded() {
        let mut form = Form::new();
        form.put("To", "+1").put("MediaUrl", "a b").put("MediaUrl", "c&d").maybe("From", None::<&str>);
        assert_eq!(form.finish(), "To=%2B1&MediaUrl=a+b&MediaUrl=c%26d");
    }
}
