//! What the account may do, and what it has left to spend.

use super::FakeTwilio;

impl FakeTwilio {
    /// Refuses every request whose path contains this, with 403 and 70051: as Twilio does for a restricted API key without
    /// the permission.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// use switchboard_testing::FakeTwilio;
    ///
    /// let fake = FakeTwilio::start().await;
    /// fake.forbid("/Balance.json");
    /// assert_eq!(fake.account().balance().await.unwrap_err().provider_code(), Some(70051));
    /// # }
    /// ```
    pub fn forbid(&self, part_of_path: &str) {
        self.account.shared.with(|engine| engine.forbid(part_of_path));
    }

    /// Sets what the account has left to spend, in dollars and cents. A new account has 100 dollars.
    pub fn set_balance(&self, dollars: i32, cents: u8) {
        let left = i64::from(dollars) * 100_000 + i64::from(cents) * 1000;
        self.account.with(|tenant| tenant.core.ledger.set_balance(left));
    }

    /// Makes this a trial account: it can send to [verified](Self::verify_number) numbers only, and each text begins with a
    /// notice.
    pub fn trial(&self) {
        self.account.with(|tenant| tenant.core.begin_trial());
    }
}
