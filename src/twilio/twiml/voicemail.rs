//! Voicemail: a greeting, a beep, a recording.

use super::{Record, Say, VoiceResponse};

/// A greeting, then a recording of what the caller says.
///
/// ```
/// use switchboard::twilio::twiml::Voicemail;
///
/// let voicemail = Voicemail::new("We are closed. Leave a message after the beep.", "/voicemail/done")
///     .recording_status_callback("https://example.com/recordings")
///     .max_length(120);
/// let answer = voicemail.document(); // to the call
/// let done = voicemail.done(); // at /voicemail/done
/// # let _ = (answer, done);
/// ```
///
/// The recording is available once Twilio reports it to the callback, not yet when the action is requested.
#[derive(Debug, Clone, PartialEq)]
#[must_use = "it is heard once its document is sent"]
pub struct Voicemail {
    greeting: Say,
    record: Record,
    thanks: Say,
    nothing: Say,
}

impl Voicemail {
    /// A greeting, and the URL of the document that runs when the caller has spoken. It must not be the URL of the greeting,
    /// which would record again without end.
    pub fn new(greeting: impl Into<Say>, action: impl AsRef<str>) -> Self {
        Self {
            greeting: greeting.into(),
            record: Record::new().action(action).max_length(180).play_beep(true),
            thanks: "Thank you. Goodbye.".into(),
            nothing: "We did not hear a message. Goodbye.".into(),
        }
    }

    /// Sets the URL that Twilio reports to: the recording is available, or there is none.
    pub fn recording_status_callback(mut self, url: impl AsRef<str>) -> Self {
        use crate::twilio::calls::RecordingEvent::{Absent, Completed};
        let record = self.record.recording_status_callback(url);
        self.record = record.recording_status_callback_event([Completed, Absent]);
        self
    }

    /// Sets the longest it may last, in seconds; 180 by default.
    pub fn max_length(mut self, seconds: u32) -> Self {
        self.record = self.record.max_length(seconds);
        self
    }

    /// Turns transcription on, and sets the URL that receives it. Twilio transcribes English of up to two minutes.
    pub fn transcribe(mut self, callback: impl AsRef<str>) -> Self {
        self.record = self.record.transcribe(true).transcribe_callback(callback);
        self
    }

    /// Changes other settings of the `Record`.
    pub fn record(mut self, change: impl FnOnce(Record) -> Record) -> Self {
        self.record = change(self.record);
        self
    }

    /// Sets what is said when the caller has spoken.
    pub fn thanks(mut self, words: impl Into<Say>) -> Self {
        self.thanks = words.into();
        self
    }

    /// Sets what is said to a caller who says nothing.
    pub fn nothing(mut self, words: impl Into<Say>) -> Self {
        self.nothing = words.into();
        self
    }

    /// Returns the document for the call.
    pub fn document(&self) -> VoiceResponse {
        VoiceResponse::new()
            .say(self.greeting.clone())
            .record(self.record.clone())
            .say(self.nothing.clone())
            .hangup()
    }

    /// Returns the answer of the action.
    pub fn done(&self) -> VoiceResponse {
        VoiceResponse::new().say(self.thanks.clone()).hangup()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twilio::twiml::lines;

    #[test]
    fn the_documents_have_the_expected_xml() {
        let voicemail = Voicemail::new("Leave a message after the beep.", "/done")
            .recording_status_callback("https://example.com/recordings?box=1&day=2")
            .max_length(60)
            .transcribe("https://example.com/text")
            .record(|record| record.finish_on_key("#"));
        insta::assert_snapshot!(lines(&voicemail.document().to_xml()), @r##"
    <?xml version="1.0" encoding="UTF-8"?>
    <Response>
    <Say>Leave a message after the beep.</Say>
    <Record action="/done" maxLength="60" playBeep="true" recordingStatusCallback="https://example.com/recordings?box=1&amp;day=2" recordingStatusCallbackEvent="completed absent" transcribe="true" transcribeCallback="https://example.com/text" finishOnKey="#"/>
    <Say>We did not hear a message. Goodbye.</Say>
    <Hangup/>
    </Response>
    "##);
        insta::assert_snapshot!(lines(&voicemail.done().to_xml()), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <Response>
    <Say>Thank you. Goodbye.</Say>
    <Hangup/>
    </Response>
    "#);
    }
}
