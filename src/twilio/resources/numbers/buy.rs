//! Buying and releasing a number: requests that must be confirmed, because they cost money or cannot be undone.

use serde::{Deserialize, Serialize};

use super::UpdateNumber;
use crate::phone::Address;
use crate::provider::ProviderError;
use crate::twilio::wire::Parameters as _;
use crate::twilio::wire::{Form, check};

/// A number to buy: a certain one, or any in an area of the US or Canada. **It costs money every month.**
///
/// Start with [`number`](Self::number) or [`area_code`](Self::area_code): without either there is nothing to buy, so there is
/// no `new`.
///
/// ```
/// use switchboard::twilio::numbers::{BuyNumber, UpdateNumber};
///
/// let number = BuyNumber::number("+14155550123")
///     .with(UpdateNumber::new().sms_url("https://example.com/sms"))
///     .confirm(); // without it nothing is bought
/// # let _ = number;
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct BuyNumber {
    /// The number, as returned by a search.
    #[serde(alias = "phone_number", skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<Address>,
    /// The area code, three digits, US and Canada only.
    #[serde(alias = "area_code", skip_serializing_if = "Option::is_none")]
    pub area_code: Option<String>,
    /// The settings of the new number.
    pub configuration: UpdateNumber,
    /// Whether `confirm()` was called. Not stored: a stored request must be confirmed again.
    #[serde(skip)]
    confirmed: bool,
}

impl BuyNumber {
    /// Buys this number.
    pub fn number(number: impl Into<Address>) -> Self {
        Self { phone_number: Some(number.into()), ..Self::default() }
    }

    /// Buys any number of an area of the US or Canada.
    pub fn area_code(code: impl ToString) -> Self {
        Self { area_code: Some(code.to_string()), ..Self::default() }
    }

    /// Sets the webhooks and other settings of the new number.
    #[must_use]
    pub fn with(mut self, configuration: UpdateNumber) -> Self {
        self.configuration = configuration;
        self
    }

    /// Confirms that buying the number costs money.
    #[must_use]
    pub fn confirm(mut self) -> Self {
        self.confirmed = true;
        self
    }

    /// Checks the request without sending it: it refuses what Twilio would certainly refuse.
    /// [`buy`](super::PhoneNumbers::buy) does this, too.
    ///
    /// # Errors
    /// `INVALID_REQUEST`, saying what to change.
    pub fn check(&self) -> Result<(), ProviderError> {
        if self.phone_number.is_none() && self.area_code.is_none() {
            return Err(check::missing("there is nothing to buy: set a number or an area code"));
        }
        if let Some(number) = &self.phone_number {
            check::recipient(number)?;
        }
        if let Some(code) = &self.area_code
            && !(code.len() == 3 && code.bytes().all(|b| b.is_ascii_digit()))
        {
            return Err(check::refuse("the area code must have three digits, as in 415"));
        }
        self.configuration.check()
    }

    pub(super) fn form(&self) -> Result<String, ProviderError> {
        if !self.confirmed {
            return Err(check::refuse("buying a number costs money every month: confirm it with confirm()"));
        }
        self.check()?;
        let mut form = Form::new();
        form.maybe("PhoneNumber", self.phone_number.as_ref()).maybe("AreaCode", self.area_code.as_ref());
        self.configuration.write(&mut form)?;
        Ok(form.finish())
    }
}

/// A request to release a number. **It cannot be undone.**
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseNumber {
    sid: String,
    confirmed: bool,
}

impl ReleaseNumber {
    /// Releases the number with this SID, `PN…`.
    pub fn new(sid: impl Into<String>) -> Self {
        Self { sid: sid.into(), confirmed: false }
    }

    /// Confirms that releasing the number cannot be undone.
    #[must_use]
    pub fn confirm(mut self) -> Self {
        self.confirmed = true;
        self
    }

    pub(super) fn confirmed(&self) -> Result<&str, ProviderError> {
        if self.confirmed {
            return Ok(&self.sid);
        }
        Err(check::refuse("releasing a number cannot be undone: confirm it with confirm()"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_bought_or_given_back_without_a_yes() {
        let buy = BuyNumber::number("+14155550123");
        assert!(buy.form().unwrap_err().to_string().contains("confirm()"));
        let confirmed = buy.confirm();
        assert_eq!(confirmed.form().unwrap(), "PhoneNumber=%2B14155550123");
        let stored = serde_json::to_string(&confirmed).unwrap();
        assert!(
            serde_json::from_str::<BuyNumber>(&stored).unwrap().form().is_err(),
            "the confirmation is not stored"
        );
        let release = ReleaseNumber::new("PN1");
        assert!(release.confirmed().is_err() && release.confirm().confirmed().is_ok());
    }

    #[test]
    fn without_a_number_or_an_area_there_is_nothing_to_buy() {
        let stored: BuyNumber = serde_json::from_str("{}").unwrap();
        for empty in [stored, BuyNumber::default()] {
            let error = empty.confirm().form().unwrap_err();
            assert!(error.to_string().contains("nothing to buy"), "{error}");
        }
    }

    #[test]
    fn an_area_has_three_digits() {
        assert_eq!(BuyNumber::area_code(415).confirm().form().unwrap(), "AreaCode=415");
        for code in ["41", "4155", "abc"] {
            assert!(BuyNumber::area_code(code).confirm().form().is_err(), "{code}");
        }
    }
}
