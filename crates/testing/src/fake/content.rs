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

    /// Closes the 24-hour window of every WhatsApp user. From now on free text to one of them is taken and then fails
    /// with 63016, unless [`open_window`](Self::open_window) was called for them; an approved template goes through, and
    /// so does one the fake was not told of. Until this is called every window stands open.
    pub fn close_windows(&self) {
        self.account.with(|tenant| tenant.windows.close_all());
    }

    /// Opens somebody's window for 24 hours of the fake's clock, as a message of theirs would. Takes the number with or
    /// without `whatsapp:`.
    pub fn open_window(&self, address: &str) {
        self.account.with(|tenant| tenant.open_window(address));
    }
}
