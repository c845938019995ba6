//! Telephone numbers: their shape, and who has which.
//!
//! The shape is checked here once more, and not by [`switchboard::phone`]: a mistake there must show.

use std::collections::BTreeSet;

/// The number that the first account owns from the start.
pub(super) const OWN: &str = "+14155550100";
/// Twilio's magic sender, which is always good.
const MAGIC_SENDER: &str = "+15005550006";

/// The number that an account owns from the start: the first one [`OWN`], the next ones those behind it.
pub(super) fn own(account: usize) -> String {
    format!("+1415555{:04}", 100 + account)
}

/// What stands in a `To` or a `From`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Phone,
    ShortCode,
    Alphanumeric,
    Channel,
}

/// Tells what an address is, or that it is none.
pub(super) fn kind(address: &str) -> Option<Kind> {
    if is_e164(address) {
        return Some(Kind::Phone);
    }
    if let Some((channel, rest)) = address.split_once(':') {
        let well_formed = if channel == "whatsapp" { is_e164(rest) } else { !rest.is_empty() };
        let known = ["whatsapp", "rcs", "messenger", "client", "sip"].contains(&channel);
        return (known && well_formed).then_some(Kind::Channel);
    }
    if (3..=8).contains(&address.len()) && address.bytes().all(|b| b.is_ascii_digit()) {
        return Some(Kind::ShortCode);
    }
    let letters = address.bytes().any(|b| b.is_ascii_alphabetic());
    let plain = address.bytes().all(|b| b.is_ascii_alphanumeric() || b" +-_&".contains(&b));
    (letters && plain && address.len() <= 11).then_some(Kind::Alphanumeric)
}

/// Is this a plus sign and 6 to 15 digits, the first not zero?
pub(super) fn is_e164(text: &str) -> bool {
    let Some(digits) = text.strip_prefix('+') else { return false };
    let plain = digits.bytes().all(|b| b.is_ascii_digit());
    plain && (6..=15).contains(&digits.len()) && !digits.starts_with('0')
}

/// The numbers the account knows something about.
#[derive(Debug)]
pub(crate) struct Numbers {
    owned: BTreeSet<String>,
    verified: BTreeSet<String>,
    /// Who wants no messages from which number; from no number at all, without one.
    opted_out: BTreeSet<(String, Option<String>)>,
}

impl Default for Numbers {
    fn default() -> Self {
        let owned = [MAGIC_SENDER.to_owned()].into();
        Self { owned, verified: BTreeSet::new(), opted_out: BTreeSet::new() }
    }
}

impl Numbers {
    pub(super) fn own(&mut self, number: &str) {
        self.owned.insert(number.to_owned());
    }

    /// Takes a number away; Twilio's magic one stays.
    pub(super) fn disown(&mut self, number: &str) {
        if number != MAGIC_SENDER {
            self.owned.remove(number);
        }
    }

    pub(super) fn owns(&self, number: &str) -> bool {
        self.owned.contains(number)
    }

    pub(crate) fn verify(&mut self, number: &str) {
        self.verified.insert(number.to_owned());
    }

    pub(super) fn is_verified(&self, address: &str) -> bool {
        self.verified.contains(address)
            || address.split_once(':').is_some_and(|(_, rest)| self.verified.contains(rest))
    }

    /// Notes that somebody wants no messages from one number, or from any.
    pub(crate) fn opt_out(&mut self, number: &str, sender: Option<&str>) {
        self.opted_out.insert((number.to_owned(), sender.map(str::to_owned)));
    }

    /// Takes back what somebody said to one number, or to any: the word against all numbers goes with either.
    pub(crate) fn opt_in(&mut self, number: &str, sender: Option<&str>) {
        let kept = |other: &Option<String>| sender.is_some() && other.is_some() && other.as_deref() != sender;
        self.opted_out.retain(|(who, other)| who != number || kept(other));
    }

    /// Does somebody refuse messages from this number?
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
    fn addresses_are_told_apart() {
        let cases = [
            ("+14155551234", Some(Kind::Phone)),
            ("72345", Some(Kind::ShortCode)),
            ("ACME Ltd", Some(Kind::Alphanumeric)),
            ("whatsapp:+14155551234", Some(Kind::Channel)),
            ("client:alice", Some(Kind::Channel)),
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
