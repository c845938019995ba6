//! The value of a `To` or a `From`: a number, a sender name, or the address of a channel.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::masked::split_channel;
use super::{E164, Masked, ParsePhoneError, check_e164};

/// What an [`Address`] is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AddressKind {
    /// A telephone number: `+14155551234`.
    Phone,
    /// A short code: 3 to 8 digits without a plus sign.
    ShortCode,
    /// A sender name: at most 11 letters, digits and spaces. Nobody can answer to it.
    Alphanumeric,
    /// `whatsapp:+14155551234`.
    WhatsApp,
    /// `rcs:…`.
    Rcs,
    /// `messenger:…`.
    Messenger,
    /// A Voice SDK client: `client:alice`.
    Client,
    /// A SIP address: `sip:alice@example.com`.
    Sip,
    /// Another channel, by its prefix.
    Other(String),
}

/// The value of a `To` or a `From`: a number, a sender name, or the address of a channel.
///
/// `From<&str>` accepts any text, because a provider's response may contain any. [`Address::parse`] and
/// [`Address::kind`] check the text, and so do requests before they are sent: a number must be written exactly as
/// `+14155551234`. For a number with separators, use [`E164::parse`] first.
///
/// ```
/// use switchboard::phone::{Address, AddressKind};
///
/// let address = Address::parse("whatsapp:+14155551234")?;
/// assert_eq!(address.kind()?, AddressKind::WhatsApp);
/// assert_eq!(format!("{address:?}"), "Address(whatsapp:…1234)");
/// # Ok::<(), switchboard::phone::ParsePhoneError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Default, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Address(String);

impl Address {
    /// Parses an address.
    ///
    /// # Errors
    /// [`ParsePhoneError`] says what to change.
    pub fn parse(input: &str) -> Result<Self, ParsePhoneError> {
        kind_of(input).map(|_| Self(input.to_owned()))
    }

    /// Returns the WhatsApp address of a number. The prefix is added once.
    #[must_use]
    pub fn whatsapp(number: &E164) -> Self {
        Self(format!("whatsapp:{number}"))
    }

    /// Returns the text itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Is there nothing in it?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns what kind of address this is.
    ///
    /// # Errors
    /// [`ParsePhoneError`] where it cannot be an address at all.
    pub fn kind(&self) -> Result<AddressKind, ParsePhoneError> {
        kind_of(&self.0)
    }

    /// Returns the telephone number in it, with or without a channel before it.
    #[must_use]
    pub fn number(&self) -> Option<E164> {
        let rest = split_channel(&self.0).map_or(self.0.as_str(), |(_, rest)| rest);
        check_e164(rest).is_ok().then(|| E164::parse(rest).ok()).flatten()
    }

    /// Returns the form for screens and logs: `…1234`, `whatsapp:…1234`, `client:…`.
    #[must_use]
    pub fn masked(&self) -> Masked {
        Masked::of(&self.0)
    }
}

fn kind_of(input: &str) -> Result<AddressKind, ParsePhoneError> {
    use ParsePhoneError as E;
    if input.starts_with('+') {
        return check_e164(input).map(|()| AddressKind::Phone);
    }
    if input.is_empty() {
        return Err(E::Empty);
    }
    if input.trim() != input {
        return Err(E::Surrounded(Masked::of(input)));
    }
    if let Some(control) = input.chars().find(|c| c.is_control()) {
        return Err(E::BadCharacter(Masked::of(input), control));
    }
    if let Some((prefix, rest)) = split_channel(input) {
        return channel_kind(prefix, rest);
    }
    if input.bytes().all(|b| b.is_ascii_digit()) {
        return if (3..=8).contains(&input.len()) {
            Ok(AddressKind::ShortCode)
        } else {
            Err(E::NoPlus(Masked::of(input)))
        };
    }
    alphanumeric_kind(input)
}

fn channel_kind(prefix: &str, rest: &str) -> Result<AddressKind, ParsePhoneError> {
    if rest.is_empty() {
        return Err(ParsePhoneError::NoIdentity(format!("{prefix}:")));
    }
    Ok(match prefix.to_ascii_lowercase().as_str() {
        "whatsapp" => {
            check_e164(rest)?;
            AddressKind::WhatsApp
        }
        "rcs" => AddressKind::Rcs,
        "messenger" => AddressKind::Messenger,
        "client" => AddressKind::Client,
        "sip" | "sips" => AddressKind::Sip,
        other => AddressKind::Other(other.to_owned()),
    })
}

/// Twilio's rule: at most 11 characters of `[A-Za-z0-9 ]` and a few signs, at least one of them a letter.
fn alphanumeric_kind(input: &str) -> Result<AddressKind, ParsePhoneError> {
    let letters = input.chars().any(|c| c.is_ascii_alphabetic());
    let allowed = input.chars().all(|c| c.is_ascii_alphanumeric() || " +-_&".contains(c));
    if letters && allowed && input.len() <= 11 {
        return Ok(AddressKind::Alphanumeric);
    }
    if !letters {
        return Err(ParsePhoneError::NoPlus(Masked::of(input)));
    }
    Err(ParsePhoneError::BadAlphanumeric(Masked::of(input)))
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({})", self.masked())
    }
}

impl From<&str> for Address {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for Address {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&String> for Address {
    fn from(text: &String) -> Self {
        Self(text.clone())
    }
}

impl From<&Address> for Address {
    fn from(address: &Address) -> Self {
        address.clone()
    }
}

impl From<E164> for Address {
    fn from(number: E164) -> Self {
        Self(number.into())
    }
}

impl From<&E164> for Address {
    fn from(number: &E164) -> Self {
        Self(number.as_str().to_owned())
    }
}

impl FromStr for Address {
    type Err = ParsePhoneError;
    fn from_str(input: &str) -> Result<Self, Self::Err> {
        Self::parse(input)
    }
}

impl AsRef<str> for Address {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for Address {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for Address {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl PartialEq<String> for Address {
    fn eq(&self, other: &String) -> bool {
        self.0 == *other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_know_their_kind() {
        let cases = [
            ("+14155551234", AddressKind::Phone),
            ("72345", AddressKind::ShortCode),
            ("ACME Ltd", AddressKind::Alphanumeric),
            ("whatsapp:+14155551234", AddressKind::WhatsApp),
            ("messenger:1234567", AddressKind::Messenger),
            ("rcs:acme_agent", AddressKind::Rcs),
            ("client:alice", AddressKind::Client),
            ("sip:bob@example.com", AddressKind::Sip),
            ("viber:x", AddressKind::Other("viber".into())),
        ];
        for (input, kind) in cases {
            assert_eq!(Address::parse(input).unwrap().kind().unwrap(), kind, "{input}");
        }
        for junk in
            ["", "whatsapp:", "whatsapp:4155551234", "4155551234", "much too long a name", "+1 415", "\u{7}"]
        {
            assert!(Address::parse(junk).is_err(), "{junk:?}");
        }
    }

    #[test]
    fn debug_masks_and_display_does_not() {
        let cases = [
            ("+14155551234", "Address(…1234)"),
            ("whatsapp:+14155551234", "Address(whatsapp:…1234)"),
            ("client:alice", "Address(client:…)"),
            ("my secret text", "Address(…)"),
            ("72345", "Address(…)"),
        ];
        for (input, shown) in cases {
            let address = Address::from(input);
            assert_eq!(format!("{address:?}"), shown);
            assert_eq!(address.to_string(), input);
        }
    }
}
