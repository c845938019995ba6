//! Alerts that a test adds.

use super::FakeTwilio;

impl FakeTwilio {
    /// Adds an alert with one of Twilio's codes; returns its SID. A callback that is not answered with 2xx adds the alert
    /// 11200 itself, which exists once [`wait_for_callbacks`](Self::wait_for_callbacks) has returned.
    pub fn add_alert(&self, code: u32) -> String {
        self.account.with(|tenant| tenant.core.add_alert(code))
    }
}
