//! The numbers of the account.

use super::FakeTwilio;

impl FakeTwilio {
    /// Adds a number or a short code to the account's. A number in E.164 is listed with the others from then on.
    pub fn own_number(&self, number: &str) {
        self.account.with(|tenant| tenant.own_number(number));
    }

    /// Returns the SID of a number of the account's, bought or [added](Self::own_number): `PN…`. A short code has none.
    #[must_use]
    pub fn number_sid(&self, number: &str) -> Option<String> {
        self.account.with(|tenant| tenant.senders.sid_of(number))
    }
}
