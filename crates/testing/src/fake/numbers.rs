//! The numbers of the account, opt-outs, geo permissions, and the queues of senders.

use super::FakeTwilio;
use crate::sender_rates::SenderQueue;

impl FakeTwilio {
    /// Adds a number or a short code to the account. The API lists numbers, but no short codes.
    pub fn own_number(&self, number: &str) {
        self.account.with(|tenant| tenant.own_number(number));
    }

    /// Puts a local number up for sale, beside those that every fake has. Searches find it first.
    pub fn offer_number(&self, number: &str) {
        self.account.with(|tenant| tenant.senders.numbers.offer(number));
    }

    /// Returns the SID of a number that the account bought or [added](Self::own_number): `PN…`. A short code has none.
    #[must_use]
    pub fn number_sid(&self, number: &str) -> Option<String> {
        self.account.with(|tenant| tenant.senders.sid_of(number))
    }

    /// Verifies a number: a trial account can send to it, and any account can use it as caller ID.
    pub fn verify_number(&self, number: &str) {
        self.account.with(|tenant| tenant.verify_number(number));
    }

    /// Lets the owner of a number enter the code of a validation that the API started. Returns whether it was the right one:
    /// then the number is [verified](Self::verify_number). A wrong one ends the validation, too.
    ///
    /// # Panics
    /// When no validation of this number waits for a code.
    #[expect(clippy::expect_used, reason = "a test that names the wrong number can only stop")]
    #[track_caller]
    pub fn enter_validation_code(&self, number: &str, code: &str) -> bool {
        let right = self.account.with(|tenant| tenant.enter_validation_code(number, code));
        right.expect("a validation of this number waits for a code")
    }

    /// Lets messages go to a country (two letters, ISO 3166), or refuses them with 21408. The API does the same, except for
    /// countries with a high risk of fraud.
    ///
    /// # Panics
    /// When the fake does not know the country.
    #[track_caller]
    pub fn set_geo_permission(&self, country: &str, enabled: bool) {
        let known = self.account.with(|tenant| tenant.senders.geo.set(country, enabled));
        assert!(known, "the fake does not know the country {country}");
    }

    /// Opts somebody out of messages from every number: sending to them fails with 21610. A
    /// [received](Self::receive_sms) STOP opts them out of that one number only.
    pub fn opt_out(&self, number: &str) {
        self.account.with(|tenant| tenant.senders.numbers.opt_out(number, None));
    }

    /// Opts somebody in again.
    pub fn opt_in(&self, number: &str) {
        self.account.with(|tenant| tenant.senders.numbers.opt_in(number, None));
    }

    /// Returns what waits in the queue of a sender: a number, or a messaging service with a rate of its own. It is empty
    /// unless the fake has [`SenderRates`](crate::FakeTwilioBuilder::sender_rates).
    #[must_use]
    pub fn sender_queue(&self, sender: &str) -> SenderQueue {
        self.account.with(|tenant| tenant.sender_queue(sender))
    }
}
