//! Numbers and addresses reduced to their last four digits, for errors and logs.

use std::fmt;

/// A number or an address without personal data, for errors and logs: `…1234`, `whatsapp:…1234`, `client:…`.
#[derive(Clone, PartialEq, Eq)]
pub struct Masked(String);

impl Masked {
    pub(super) fn of(text: &str) -> Self {
        match split_channel(text) {
            Some((prefix, rest)) => Self(format!("{prefix}:{}", Self::of_number(rest).0)),
            None => Self::of_number(text),
        }
    }

    /// As [`of`](Self::of), for a text without a channel: the text before a colon may be personal and is not shown.
    pub(super) fn of_number(text: &str) -> Self {
        let mut out = String::from("…");
        let digits: Vec<char> = text.chars().filter(char::is_ascii_digit).collect();
        let only_number = text.chars().all(|c| c.is_ascii_digit() || "+-(). \u{a0}".contains(c));
        // At least eight digits are needed, so that half of a short number stays hidden.
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

/// Splits `whatsapp:+1…` into channel and rest. A channel is two or more ASCII letters.
pub(super) fn split_channel(text: &str) -> Option<(&str, &str)> {
    let (prefix, rest) = text.split_once(':')?;
    let is_channel = (2..=20).contains(&prefix.len()) && prefix.bytes().all(|b| b.is_ascii_alphabetic());
    is_channel.then_some((prefix, rest))
}
