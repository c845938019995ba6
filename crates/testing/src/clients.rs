//! Adapters, accounts and credentials for the fake, as a program under test uses them.

use std::time::Duration;

use super::FakeTwilio;
use switchboard::provider::Credentials;
use switchboard::twilio::{RetryPolicy, TwilioAccount, TwilioAdapter, TwilioBuilder};

impl FakeTwilio {
    /// Returns credentials that the fake takes, with its phone number to send from.
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        let credentials = Credentials::twilio(self.account_sid(), self.auth_token());
        match self.phone_number() {
            "" => credentials,
            number => credentials.phone_number(number),
        }
    }

    /// Returns a builder of adapters that speak to the fake, for settings of your own. Its waits between retries are
    /// short, to keep tests fast.
    pub fn adapter_builder(&self) -> TwilioBuilder {
        let overrides = RetryPolicy::default().base(Duration::from_millis(5));
        TwilioAdapter::builder().base_url(self.url()).retry(overrides)
    }

    /// Returns an adapter that speaks to the fake.
    ///
    /// # Panics
    /// Where no HTTP client can be made on this machine.
    #[expect(clippy::expect_used, reason = "a test without a client can only stop")]
    #[must_use]
    pub fn adapter(&self) -> TwilioAdapter {
        self.adapter_builder().build().expect("a loopback URL is a base URL")
    }

    /// Opens the fake's account.
    ///
    /// # Panics
    /// As [`adapter`](Self::adapter).
    #[expect(clippy::expect_used, reason = "a test without an account can only stop")]
    #[must_use]
    pub fn account(&self) -> TwilioAccount {
        self.adapter().account(&self.credentials()).expect("the fake's own credentials are well formed")
    }
}
