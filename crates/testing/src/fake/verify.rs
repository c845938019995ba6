//! Codes and lookups, as a test sets them.

use serde_json::Value;

use super::FakeTwilio;

impl FakeTwilio {
    /// Sets the code of later verifications. Until then it is `123456`, longer or shorter as the service wants it.
    pub fn set_code(&self, code: &str) {
        self.account.with(|tenant| tenant.verify.set_code(code));
    }

    /// Returns the code that an address has to give just now; `None` when nothing is to be verified. It reads what a
    /// person would read on their telephone.
    #[must_use]
    pub fn verification_code(&self, to: &str) -> Option<String> {
        self.account.with(|tenant| tenant.verification_code(to))
    }

    /// Sets what a lookup of this number, in E.164, answers: an object of packages and fields, each instead of the
    /// fake's own. A package is in the answer only where the request asks for it.
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
