//! Adapters, accounts and credentials that work with the fake.

use std::time::Duration;

use super::FakeTwilio;
use switchboard::provider::Credentials;
use switchboard::twilio::{RetryPolicy, TwilioAccount, TwilioAdapter, TwilioBuilder};

impl FakeTwilio {
    /// Returns credentials of the fake's account, with its number as the default sender.
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        let credentials = Credentials::twilio(self.account_sid(), self.auth_token());
        match self.phone_number() {
            "" => credentials,
            number => credentials.phone_number(number),
        }
    }

    /// Returns a builder of adapters that send to the fake, for further settings. Waits between retries are short, to keep
    /// tests fast.
    pub fn adapter_builder(&self) -> TwilioBuilder {
        let overrides = RetryPolicy::default().base(Duration::from_millis(5));
        TwilioAdapter::builder().base_url(self.url()).retry(overrides)
    }

    /// Returns an adapter that sends to the fake.
    ///
    /// # Panics
    /// When no HTTP client can be made on this machine.
    #[expect(clippy::expect_used, reason = "a test without a client can only stop")]
    #[must_use]
    pub fn adapter(&self) -> TwilioAdapter {
        self.adapter_builder().build().expect("a loopback URL is a base URL")
    }

    /// Returns the fake's account, as the adapter opens it.
    ///
    /// # Panics
    /// In the same cases as [`adapter`](Self::adapter).
    #[expect(clippy::expect_used, reason = "a test without an account can only stop")]
    #[must_use]
    pub fn account(&self) -> TwilioAccount {
        self.adapter().account(&self.credentials()).expect("the fake's own credentials are well formed")
    }
}
