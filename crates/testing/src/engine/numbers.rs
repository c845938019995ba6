//! Telephone numbers: their format, ownership and opt-outs.
//!
//! The format is checked without [`switchboard::phone`], so that tests with the fake find a mistake there.

use std::collections::BTreeSet;

/// The number that the first account owns from the start.
pub(super) const OWN: &str = "+14155550100";
/// Twilio's magic sender, which is always valid.
const MAGIC_SENDER: &str = "+15005550006";

/// The number that an account owns from the start: [`OWN`] for the first account, and the following numbers for the
/// next ones.
pub(super) fn own(account: usize) -> String {
    format!("+1415555{:04}", 100 + account)
}

/// The kind of a `To` or `From`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AddressKind {
    Phone,
    ShortCode,
    Alphanumeric,
    Channel,
}

/// Returns the kind of an address; `None` when it is not valid.
pub(super) fn kind(address: &str) -> Option<AddressKind> {
    if is_e164(address) {
        return Some(AddressKind::Phone);
    }
    if let Some((channel, rest)) = address.split_once(':') {
        let well_formed = if channel == "whatsapp" { is_e164(rest) } else { !rest.is_empty() };
        let known = ["whatsapp", "rcs", "messenger", "client", "sip"].contains(&channel);
        return (known && well_formed).then_some(AddressKind::Channel);
    }
    if (3..=8).contains(&address.len()) && address.bytes().all(|b| b.is_ascii_digit()) {
        return Some(AddressKind::ShortCode);
    }
    let letters = address.bytes().any(|b| b.is_ascii_alphabetic());
    let plain = address.bytes().all(|b| b.is_ascii_alphanumeric() || b" +-_&".contains(&b));
    (letters && plain && address.len() <= 11).then_some(AddressKind::Alphanumeric)
}

/// Returns whether this is a plus sign and 6 to 15 digits, the first not zero.
pub(super) fn is_e164(text: &str) -> bool {
    let Some(digits) = text.strip_prefix('+') else { return false };
    let plain = digits.bytes().all(|b| b.is_ascii_digit());
    plain && (6..=15).contains(&digits.len()) && !digits.starts_with('0')
}

/// The numbers that the account owns or has verified, and the opt-outs.
#[derive(Debug)]
pub(crate) struct Numbers {
    owned: BTreeSet<String>,
    verified: BTreeSet<String>,
    /// Numbers for sale beside those of every fake.
    for_sale: BTreeSet<String>,
    /// People who opted out, each with the number that they opted out of; `None` means all numbers.
    opted_out: BTreeSet<(String, Option<String>)>,
}

impl Default for Numbers {
    fn default() -> Self {
        let owned = [MAGIC_SENDER.to_owned()].into();
        let none = BTreeSet::new;
        Self { owned, verified: none(), for_sale: none(), opted_out: BTreeSet::new() }
    }
}

impl Numbers {
    pub(super) fn own(&mut self, number: &str) {
        self.owned.insert(number.to_owned());
    }

    /// Removes a number, except for Twilio's magic one.
    pub(super) fn disown(&mut self, number: &str) {
        if number != MAGIC_SENDER {
            self.owned.remove(number);
        }
    }

    pub(super) fn owns(&self, number: &str) -> bool {
        self.owned.contains(number)
    }

    pub(crate) fn offer(&mut self, number: &str) {
        self.for_sale.insert(number.to_owned());
    }

    /// Returns the numbers that were offered and are not owned.
    pub(super) fn for_sale(&self) -> impl Iterator<Item = &str> {
        self.for_sale.iter().filter(|number| !self.owns(number)).map(String::as_str)
    }

    pub(super) fn verify(&mut self, number: &str) {
        self.verified.insert(number.to_owned());
    }

    pub(super) fn forget(&mut self, number: &str) {
        self.verified.remove(number);
    }

    pub(super) fn is_verified(&self, address: &str) -> bool {
        self.verified.contains(address)
            || address.split_once(':').is_some_and(|(_, rest)| self.verified.contains(rest))
    }

    /// Adds an opt-out from one number, or from all.
    pub(crate) fn opt_out(&mut self, number: &str, sender: Option<&str>) {
        self.opted_out.insert((number.to_owned(), sender.map(str::to_owned)));
    }

    /// Removes the opt-out from one number, or all opt-outs of a person. Both remove an opt-out from every number.
    pub(crate) fn opt_in(&mut self, number: &str, sender: Option<&str>) {
        let kept = |other: &Option<String>| sender.is_some() && other.is_some() && other.as_deref() != sender;
        self.opted_out.retain(|(who, other)| who != number || kept(other));
    }

    /// Returns whether a person opted out of messages from this number.
    pub(super) fn is_opted_out(&self, number: &str, sender: &str) -> bool {
        let refuses =
            |sender: Option<&str>| self.opted_out.contains(&(number.to_owned(), sender.map(str::to_owned)));
        !self.opted_out.is_empty() && (refuses(None) || refuses(Some(sender)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kinds_of_addresses_are_recognised() {
        let cases = [
            ("+14155551234", Some(AddressKind::Phone)),
            ("72345", Some(AddressKind::ShortCode)),
            ("ACME Ltd", Some(AddressKind::Alphanumeric)),
            ("whatsapp:+14155551234", Some(AddressKind::Channel)),
            ("client:alice", Some(AddressKind::Channel)),
            ("whatsapp:4155551234", None),
            ("4155551234", None),
            ("+1415555123x", None),
            ("+04155551234", None),
            ("+1234567890123456", None),
            ("much too long a name", None),
            ("", None),
        ];
        for (address, expected) in cases {
            assert_eq!(kind(address), expected, "{address}");
        }
    }
}
