//! The media of messages.

use bytes::Bytes;

use super::FakeTwilio;

impl FakeTwilio {
    /// Returns the SIDs of a message's media, in the order of its URLs.
    #[must_use]
    pub fn media(&self, message_sid: &str) -> Vec<String> {
        self.account.with(|tenant| tenant.media.of_message(message_sid))
    }

    /// Sets the content type and the bytes of a medium. By default they are generated from the URL, which is never fetched.
    ///
    /// # Panics
    /// When there is no such medium.
    #[track_caller]
    pub fn set_media(&self, sid: &str, content_type: &str, bytes: impl Into<Bytes>) {
        let bytes = bytes.into();
        let found = self.account.with(|tenant| tenant.media.set_bytes(sid, content_type, bytes));
        assert!(found, "the fake has no medium {sid}");
    }

    /// Sets the length of a medium in bytes. The bytes are generated while they are sent, so any length is possible.
    ///
    /// # Panics
    /// When there is no such medium.
    #[track_caller]
    pub fn set_media_length(&self, sid: &str, content_type: &str, length: u64) {
        let found = self.account.with(|tenant| tenant.media.set_length(sid, content_type, length));
        assert!(found, "the fake has no medium {sid}");
    }
}
