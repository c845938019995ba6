//! Alerts, as a test adds them.

use super::FakeTwilio;

impl FakeTwilio {
    /// Adds an error of one of Twilio's codes to the monitor; returns its SID. A callback that is not answered with
    /// 2xx adds an alert by itself, 11200, which is there once [`wait_for_callbacks`](Self::wait_for_callbacks) is done.
    pub fn add_alert(&self, code: u32) -> String {
        self.account.with(|tenant| tenant.core.add_alert(code))
    }
}
