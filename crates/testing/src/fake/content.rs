//! WhatsApp: the approval of templates, and the windows for free text.

use super::FakeTwilio;

impl FakeTwilio {
    /// Approves a content template for WhatsApp.
    ///
    /// # Panics
    /// When there is no such template.
    #[track_caller]
    pub fn approve_content(&self, sid: &str) {
        assert!(self.account.with(|tenant| tenant.contents.approve(sid)), "the fake has no content {sid}");
    }

    /// Rejects a content template for WhatsApp.
    ///
    /// # Panics
    /// When there is no such template.
    #[track_caller]
    pub fn reject_content(&self, sid: &str, reason: &str) {
        assert!(
            self.account.with(|tenant| tenant.contents.reject(sid, reason)),
            "the fake has no content {sid}"
        );
    }

    /// Closes the 24-hour window of every WhatsApp user; until then every window is open. Free text outside a window is
    /// accepted and then fails with 63016. A message from the user, or [`open_window`](Self::open_window), opens a window
    /// again. Approved templates, and templates that the fake does not know, are delivered without a window.
    pub fn close_windows(&self) {
        self.account.with(|tenant| tenant.windows.close_all());
    }

    /// Opens the window of a user for 24 hours of the fake's clock. The prefix `whatsapp:` is optional.
    pub fn open_window(&self, address: &str) {
        self.account.with(|tenant| tenant.open_window(address));
    }
}
