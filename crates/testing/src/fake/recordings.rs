//! Recordings and transcriptions that a test adds.

use super::FakeTwilio;

impl FakeTwilio {
    /// Adds a finished recording of ten seconds to a call; returns its SID. A call with the parameter `Record` is recorded
    /// without this method.
    ///
    /// # Panics
    /// When there is no such call.
    #[expect(clippy::expect_used, reason = "a test that names the wrong call can only stop")]
    #[track_caller]
    pub fn add_recording(&self, call_sid: &str) -> String {
        let added = self.account.with(|tenant| tenant.add_recording(call_sid));
        added.expect("the fake has a call of this SID")
    }

    /// Adds a finished recording of ten seconds to a conference that a call took part in; returns its SID. The
    /// conference may have any SID.
    ///
    /// # Panics
    /// When there is no such call.
    #[expect(clippy::expect_used, reason = "a test that names the wrong call can only stop")]
    #[track_caller]
    pub fn add_conference_recording(&self, conference_sid: &str, call_sid: &str) -> String {
        let added = self.account.with(|tenant| tenant.add_conference_recording(conference_sid, call_sid));
        added.expect("the fake has a call of this SID")
    }

    /// Sets the length of a recording's file in bytes, including its header. The bytes are generated while they are sent, so
    /// any length is possible.
    ///
    /// # Panics
    /// When there is no such recording.
    #[track_caller]
    pub fn set_recording_length(&self, sid: &str, bytes: u64) {
        let found = self.account.with(|tenant| tenant.recordings.set_length(sid, bytes));
        assert!(found, "the fake has no recording {sid}");
    }

    /// Sets whether a recording has one channel or two. A recording with two can also be downloaded with one.
    ///
    /// # Panics
    /// When there is no such recording.
    #[track_caller]
    pub fn set_recording_channels(&self, sid: &str, channels: u8) {
        let found = self.account.with(|tenant| tenant.recordings.set_channels(sid, channels));
        assert!(found, "the fake has no recording {sid}");
    }

    /// Sets whether a download of a recording is redirected (307) to a storage. Like a storage with signed URLs, it refuses
    /// requests with an `Authorization` header. By default there is no redirect.
    pub fn redirect_media(&self, redirected: bool) {
        self.account.with(|tenant| tenant.recordings.redirected = redirected);
    }

    /// Adds the text of a recording; returns the SID of the transcription.
    ///
    /// # Panics
    /// When there is no such recording.
    #[expect(clippy::expect_used, reason = "a test that names the wrong recording can only stop")]
    #[track_caller]
    pub fn add_transcription(&self, recording_sid: &str, text: &str) -> String {
        let added = self.account.with(|tenant| tenant.add_transcription(recording_sid, text));
        added.expect("the fake has a recording of this SID")
    }
}
