//! Verification codes and lookup results that a test sets.

use serde_json::Value;

use super::FakeTwilio;

impl FakeTwilio {
    /// Sets the code of later verifications. The default is `123456`, with as many digits as the service sets.
    pub fn set_code(&self, code: &str) {
        self.account.with(|tenant| tenant.verify.set_code(code));
    }

    /// Returns the code that was sent to an address. `None` when no verification of the address is open.
    #[must_use]
    pub fn verification_code(&self, to: &str) -> Option<String> {
        self.account.with(|tenant| tenant.verification_code(to))
    }

    /// Sets the result of a lookup of this number in E.164: a JSON object whose packages and fields replace the fake's
    /// defaults. A package is in the answer only where the request asks for it.
    ///
    /// ```
    /// # async fn demo() {
    /// # let twilio = switchboard_testing::FakeTwilio::start().await;
    /// let landline = serde_json::json!({ "line_type_intelligence": { "type": "landline" } });
    /// twilio.set_lookup("+14155551234", landline);
    /// # }
    /// ```
    ///
    /// # Panics
    /// When the answer is not a JSON object.
    #[track_caller]
    pub fn set_lookup(&self, number: &str, answer: Value) {
        let taken = self.account.with(|tenant| tenant.lookups.set(number, answer));
        assert!(taken, "a lookup answers with an object");
    }
}
