//! Checks before a request is sent: they refuse what Twilio would certainly refuse, and nothing that Twilio would
//! accept.

use url::Url;

use crate::phone::Address;
use crate::provider::{ProviderError, Reason};
use crate::sms::Text;
use crate::twilio::error::invalid_request;
use crate::twilio::sid;

pub(super) fn refuse(message: impl Into<String>) -> ProviderError {
    invalid_request(message)
}

pub(super) fn missing(message: impl Into<String>) -> ProviderError {
    invalid_request(message).with_reason(Reason::MissingParameter)
}

/// Checks the recipient.
pub(super) fn recipient(to: &Address) -> Result<(), ProviderError> {
    if to.is_empty() {
        return Err(missing("there is no recipient: set the number it goes to, as in +14155551234"));
    }
    to.kind().map(|_| ()).map_err(|error| {
        refuse(format!("the recipient cannot be reached: {error}")).with_reason(Reason::InvalidRecipient)
    })
}

/// Checks the sender. The SID of a SIM is allowed, too.
pub(super) fn sender(from: &Address) -> Result<(), ProviderError> {
    if sid::is_sid(from.as_str()) && from.as_str().starts_with("DE") {
        return Ok(());
    }
    from.kind().map(|_| ()).map_err(|error| {
        refuse(format!("the sender cannot be used: {error}")).with_reason(Reason::InvalidSender)
    })
}

/// Checks a URL that Twilio will request. It may end with a fragment of connection overrides.
pub(super) fn url(what: &str, text: &str) -> Result<(), ProviderError> {
    let bad = |why: &str| refuse(format!("the {what} {why}"));
    let url =
        Url::parse(text).map_err(|_| bad("is no URL: write it whole, as in https://example.com/path"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(bad("must start with https:// or http://"));
    }
    Ok(())
}

/// Checks a status callback URL.
pub(super) fn callback(text: Option<&Text>) -> Result<(), ProviderError> {
    let Some(text) = text.map(Text::as_str) else { return Ok(()) };
    url("status callback", text)?;
    if Url::parse(text).is_ok_and(|url| url.host_str().is_some_and(|host| host.contains('_'))) {
        return Err(refuse(
            "the status callback has an underscore in its host name, which Twilio does not call",
        ));
    }
    Ok(())
}

pub(super) fn optional_url(what: &str, text: Option<&str>) -> Result<(), ProviderError> {
    text.map_or(Ok(()), |text| url(what, text))
}

pub(super) fn optional_sid(what: &str, text: Option<&str>, prefix: &str) -> Result<(), ProviderError> {
    text.map_or(Ok(()), |text| sid::check(text, what, &[prefix]))
}

pub(super) fn range(what: &str, value: Option<u32>, least: u32, most: u32) -> Result<(), ProviderError> {
    match value {
        Some(value) if !(least..=most).contains(&value) => {
            Err(refuse(format!("the {what} must be from {least} to {most}, this one is {value}")))
        }
        _ => Ok(()),
    }
}

pub(super) fn longest(what: &str, text: Option<&Text>, most: usize) -> Result<(), ProviderError> {
    match text.map(|text| text.as_str().chars().count()) {
        Some(length) if length > most => {
            Err(refuse(format!("the {what} has {length} characters, Twilio takes {most}")))
        }
        _ => Ok(()),
    }
}

/// Checks a country: two letters of ISO 3166.
pub(super) fn country(code: &str) -> Result<(), ProviderError> {
    if code.len() == 2 && code.bytes().all(|b| b.is_ascii_alphabetic()) {
        return Ok(());
    }
    Err(refuse("the country must be two letters of ISO 3166, as in US"))
}
