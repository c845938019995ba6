//! What an account has, each behind a handle of its own.

use super::resources::{self, Account, Balance};
use super::{
    Alerts, AvailableNumbers, Calls, Contents, Lookup, Messages, MessagingServices, PhoneNumbers, Prices,
    Recordings, Subaccounts, Transcriptions, TwilioAccount, Usage, Verify, VerifyServices,
};
use crate::provider::ProviderError;

/// What it has.
impl TwilioAccount {
    /// Returns the account's messages: send, fetch, list, cancel, redact, delete, media.
    #[must_use]
    pub fn messages(&self) -> Messages {
        Messages::of(self.clone())
    }

    /// Returns the account's calls: make, fetch, list, redirect, hang up, delete.
    #[must_use]
    pub fn calls(&self) -> Calls {
        Calls::of(self.clone())
    }

    /// Returns the account's recordings: list, fetch, delete, start, pause, resume, stop, download.
    #[must_use]
    pub fn recordings(&self) -> Recordings {
        Recordings::of(self.clone())
    }

    /// Returns the account's transcriptions: list, fetch, delete.
    #[must_use]
    pub fn transcriptions(&self) -> Transcriptions {
        Transcriptions::of(self.clone())
    }

    /// Returns the numbers that the account owns: list, fetch, buy, update, release.
    #[must_use]
    pub fn phone_numbers(&self) -> PhoneNumbers {
        PhoneNumbers::of(self.clone())
    }

    /// Returns the numbers that could be bought.
    #[must_use]
    pub fn available_numbers(&self) -> AvailableNumbers {
        AvailableNumbers::of(self.clone())
    }

    /// Returns what the account has used, and what it cost.
    #[must_use]
    pub fn usage(&self) -> Usage {
        Usage::of(self.clone())
    }

    /// Returns the prices that the account pays.
    #[must_use]
    pub fn prices(&self) -> Prices {
        Prices::of(self.clone())
    }

    /// Returns what went wrong in the account, as Twilio's debugger shows it.
    #[must_use]
    pub fn alerts(&self) -> Alerts {
        Alerts::of(self.clone())
    }

    /// Returns the account's subaccounts: list, create, suspend, activate, close.
    #[must_use]
    pub fn subaccounts(&self) -> Subaccounts {
        Subaccounts::of(self.clone())
    }

    /// Reads the account itself.
    ///
    /// <https://www.twilio.com/docs/iam/api/account#fetch-an-account-resource>
    ///
    /// # Errors
    /// `INVALID_REQUEST` with an API key, which may not read it; or any other [`ProviderError`].
    pub async fn details(&self) -> Result<Account, ProviderError> {
        resources::details(self).await
    }

    /// Reads what is left to spend. A subaccount has no balance of its own.
    ///
    /// <https://www.twilio.com/docs/usage/api/balance>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn balance(&self) -> Result<Balance, ProviderError> {
        resources::balance(self).await
    }

    /// Returns the verifications of a Verify service, `VA…`: start, check, fetch, cancel.
    #[must_use]
    pub fn verify(&self, service_sid: impl Into<String>) -> Verify {
        Verify::of(self.clone(), service_sid.into())
    }

    /// Returns the account's Verify services: make, fetch, list, change, delete.
    #[must_use]
    pub fn verify_services(&self) -> VerifyServices {
        VerifyServices::of(self.clone())
    }

    /// Returns what is known about numbers: is it one, what kind of line, whose.
    #[must_use]
    pub fn lookup(&self) -> Lookup {
        Lookup::of(self.clone())
    }

    /// Returns the account's message templates: make, fetch, list, delete, and their approval by WhatsApp.
    #[must_use]
    pub fn content(&self) -> Contents {
        Contents::of(self.clone())
    }

    /// Returns the account's messaging services: make, fetch, list, change, delete, and their numbers.
    #[must_use]
    pub fn messaging_services(&self) -> MessagingServices {
        MessagingServices::of(self.clone())
    }
}
