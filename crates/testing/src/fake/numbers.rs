//! The numbers of the account.

use super::FakeTwilio;

impl FakeTwilio {
    /// Adds a number or a short code to the account. The API lists numbers, but no short codes.
    pub fn own_number(&self, number: &str) {
        self.account.with(|tenant| tenant.own_number(number));
    }

    /// Returns the SID of a number that the account bought or [added](Self::own_number): `PN…`. A short code has none.
    #[must_use]
    pub fn number_sid(&self, number: &str) -> Option<String> {
        self.account.with(|tenant| tenant.senders.sid_of(number))
    }
}
