//! Telephone numbers and channel addresses, checked by shape.
//!
//! [`E164`] is a number that is surely well formed. [`Address`] is whatever stands in a `To` or a `From`: a number, a
//! short code, an alphanumeric sender, `whatsapp:+14155551234`, `client:alice`. Both mask themselves in `Debug`, so
//! that requests and answers can be printed; `Display` and `Serialize` give the real thing.
//!
//! The shape is not ownership: `+15005550006` is well formed, and nobody has that telephone.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Fewest digits an international number can have, country code included (Austria's shortest).
const MIN_DIGITS: usize = 6;
/// Most digits of an international number, ITU-T E.164 §6.2.1.
const MAX_DIGITS: usize = 15;

/// Why a text is not a number or an address. Says what to change; never quotes more than the last four digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParsePhoneError {
    /// There was nothing.
    #[error("the number is empty: write it as +14155551234, with the country code")]
    Empty,
    /// Spaces or newlines around it, as pasting leaves them.
    #[error("there are spaces or line breaks around the number {0}: remove them")]
    Surrounded(Masked),
    /// No plus sign: the country would have to be guessed.
    #[error(
        "the number {0} does not start with \"+\": write it with plus and country code, as in +14155551234"
    )]
    NoPlus(Masked),
    /// Something that is no digit, as in `+1 (415) 555-1234`.
    #[error("the number {0} has a {1:?} in it: write plus and digits only, as in +14155551234")]
    NotADigit(Masked, char),
    /// A country code never starts with zero.
    #[error("the number {0} starts with +0: country codes start with 1 to 9")]
    LeadingZero(Masked),
    /// Fewer than six digits.
    #[error("the number {0} has {1} digits: an international number has at least 6")]
    TooShort(Masked, usize),
    /// More than fifteen digits.
    #[error("the number {0} has {1} digits: an international number has at most 15")]
    TooLong(Masked, usize),
    /// A channel prefix with nothing behind it.
    #[error("the address ends after {0:?}: write what comes behind it, as in whatsapp:+14155551234")]
    NoIdentity(String),
    /// An alphanumeric sender has 1 to 11 letters, digits, spaces and `+ - _ &`, at least one of them a letter.
    #[error(
        "the sender {0} is neither a number nor an alphanumeric sender: at most 11 letters, digits, spaces, and at least one letter"
    )]
    BadAlphanumeric(Masked),
    /// Anything else that cannot be an address.
    #[error("the address {0} has a {1:?} in it, which no address can have")]
    BadCharacter(Masked, char),
}

/// A number or an address as it may be shown: `…1234`, `whatsapp:…1234`, `client:…`.
#[derive(Clone, PartialEq, Eq)]
pub struct Masked(String);

impl Masked {
    fn of(text: &str) -> Self {
        let (prefix, rest) = split_channel(text).map_or((None, text), |(p, r)| (Some(p), r));
        let mut out = prefix.map_or_else(String::new, |p| format!("{p}:"));
        out.push('…');
        let digits: Vec<char> = rest.chars().filter(char::is_ascii_digit).collect();
        let only_number = rest.chars().all(|c| c.is_ascii_digit() || "+-(). \u{a0}".contains(c));
        // Four of at least eight: a short code is not shown whole.
        if only_number && digits.len() >= 8 {
            out.extend(digits.iter().skip(digits.len() - 4));
        }
        Self(out)
    }
}

impl fmt::Display for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A telephone number of E.164 shape: a plus sign and 6 to 15 digits, the first of them not zero.
///
/// ```
/// use switchboard::phone::E164;
///
/// let number = E164::parse("+14155551234")?;
/// assert_eq!(number.as_str(), "+14155551234");
/// assert_eq!(format!("{number:?}"), "E164(…1234)");
/// assert!(E164::parse("415 555 1234").is_err()); // whose country?
/// # Ok::<(), switchboard::phone::ParsePhoneError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct E164(Box<str>);

impl E164 {
    /// Takes a number that is written out in full, `+14155551234`, and nothing that would have to be guessed.
    ///
    /// # Errors
    /// [`ParsePhoneError`] says what to change.
    pub fn parse(input: &str) -> Result<Self, ParsePhoneError> {
        check_e164(input).map(|()| Self(input.into()))
    }

    /// Returns the number with its plus sign.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the form for screens and logs: `…1234`.
    #[must_use]
    pub fn masked(&self) -> Masked {
        Masked::of(&self.0)
    }
}

fn check_e164(input: &str) -> Result<(), ParsePhoneError> {
    use ParsePhoneError as E;
    if input.is_empty() {
        return Err(E::Empty);
    }
    let masked = || Masked::of(input);
    let digits = input.strip_prefix('+');
    // What is surely right is found without a look at single characters.
    if let Some([b'1'..=b'9', rest @ ..]) = digits.map(str::as_bytes)
        && (MIN_DIGITS - 1..MAX_DIGITS).contains(&rest.len())
        && rest.iter().all(u8::is_ascii_digit)
    {
        return Ok(());
    }
    if input.trim() != input {
        return Err(E::Surrounded(masked()));
    }
    let Some(digits) = digits else { return Err(E::NoPlus(masked())) };
    if let Some(other) = digits.chars().find(|c| !c.is_ascii_digit()) {
        return Err(E::NotADigit(masked(), other));
    }
    if digits.starts_with('0') {
        return Err(E::LeadingZero(masked()));
    }
    match digits.len() {
        n if n < MIN_DIGITS => Err(E::TooShort(masked(), n)),
        n if n > MAX_DIGITS => Err(E::TooLong(masked(), n)),
        _ => Ok(()),
    }
}

impl FromStr for E164 {
    type Err = ParsePhoneError;
    fn from_str(input: &str) -> Result<Self, Self::Err> {
        Self::parse(input)
    }
}

impl AsRef<str> for E164 {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "E164({})", self.masked())
    }
}

impl Serialize for E164 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for E164 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

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

/// Whatever stands in a `To` or a `From`.
///
/// `From<&str>` takes any text as it is, because an answer may hold anything; [`Address::parse`] and
/// [`Address::kind`] say whether it can be one. Requests are checked before they are sent.
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
    /// Takes a text that can be an address.
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
        E164::parse(rest).ok()
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

/// Facts: at most 11 of `[A-Za-z0-9 ]` and a few signs, with at least one letter.
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

/// Splits `whatsapp:+1…` into channel and rest. A channel is two or more ASCII letters.
fn split_channel(text: &str) -> Option<(&str, &str)> {
    let (prefix, rest) = text.split_once(':')?;
    let is_channel = (2..=20).contains(&prefix.len()) && prefix.bytes().all(|b| b.is_ascii_alphabetic());
    is_channel.then_some((prefix, rest))
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
        Self(number.0.into())
    }
}

impl From<&E164> for Address {
    fn from(number: &E164) -> Self {
        Self(number.0.to_string())
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
    fn numbers_written_out_are_taken() {
        for number in ["+14155551234", "+15005550006", "+442071838750", "+431117", "+123456789012345"] {
            assert_eq!(E164::parse(number).unwrap().as_str(), number);
        }
    }

    #[test]
    fn what_would_be_a_guess_is_refused() {
        use ParsePhoneError as E;
        type Expected = fn(&E) -> bool;
        let cases: [(&str, Expected); 10] = [
            ("", |e| matches!(e, E::Empty)),
            (" +14155551234", |e| matches!(e, E::Surrounded(_))),
            ("+14155551234\n", |e| matches!(e, E::Surrounded(_))),
            ("14155551234", |e| matches!(e, E::NoPlus(_))),
            ("4155551234", |e| matches!(e, E::NoPlus(_))),
            ("+1 415 555 1234", |e| matches!(e, E::NotADigit(_, ' '))),
            ("+1415555１234", |e| matches!(e, E::NotADigit(_, '１'))),
            ("+04155551234", |e| matches!(e, E::LeadingZero(_))),
            ("+12345", |e| matches!(e, E::TooShort(_, 5))),
            ("+1234567890123456", |e| matches!(e, E::TooLong(_, 16))),
        ];
        for (input, expected) in cases {
            let error = E164::parse(input).unwrap_err();
            assert!(expected(&error), "{input:?}: {error:?}");
        }
    }

    #[test]
    fn errors_show_four_digits_at_most() {
        let error = E164::parse("2025550187").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("2025550187"));
        assert!(error.to_string().contains("…0187"));
    }

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

    #[test]
    fn serde_gives_the_number_and_checks_it() {
        let number = E164::parse("+14155551234").unwrap();
        let json = serde_json::to_string(&number).unwrap();
        assert_eq!(json, "\"+14155551234\"");
        assert_eq!(serde_json::from_str::<E164>(&json).unwrap(), number);
        assert!(serde_json::from_str::<E164>("\"415\"").is_err());
        assert_eq!(Address::from(&number).number(), Some(number.clone()));
        assert_eq!(Address::whatsapp(&number).number(), Some(number));
    }
}
