//! WhatsApp: its templates, and when free text may be sent.

use super::FakeTwilio;

impl FakeTwilio {
    /// Lets WhatsApp approve a content template.
    ///
    /// # Panics
    /// When there is no such template.
    #[track_caller]
    pub fn approve_content(&self, sid: &str) {
        assert!(self.account.with(|tenant| tenant.contents.approve(sid)), "the fake has no content {sid}");
    }

    /// Lets WhatsApp reject a content template.
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

    /// Closes the 24-hour window of every WhatsApp user; every window is open until this is called. From now on the
    /// fake accepts free text to them and then lets it fail with 63016, unless [`open_window`](Self::open_window) was
    /// called for that user. An approved template is delivered, and so is a template that the fake does not know.
    pub fn close_windows(&self) {
        self.account.with(|tenant| tenant.windows.close_all());
    }

    /// Opens somebody's window for 24 hours of the fake's clock, as a message from them would. Takes the number with or
    /// without `whatsapp:`.
    pub fn open_window(&self, address: &str) {
        self.account.with(|tenant| tenant.open_window(address));
    }
}
