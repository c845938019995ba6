//! What a caller left on tape.

use super::call::CallContext;
use super::read::{event, of_a_call};
use crate::sms::Text;

event! {
    /// What a caller left after `Record` beeped.
    ///
    /// Twilio expects TwiML within 15 seconds. The recording may not be there yet; its
    /// [status](super::RecordingStatusUpdate) says when it is.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/record#action>
    RecordResult {
        @within {
            /// The call.
            call: CallContext,
        }
        /// The key that ended it, or `hangup`; see [`hung_up`](RecordResult::hung_up).
        digits: Text = "Digits",
        /// Where the recording can be downloaded.
        recording_url: Text = "RecordingUrl",
        /// The recording, `RE…`.
        recording_sid: String = "RecordingSid",
        /// How long it is, in seconds.
        recording_duration: u32 = "RecordingDuration",
    }
}

of_a_call!(RecordResult);

impl RecordResult {
    /// Returns the key that ended it; `None` where none did.
    #[must_use]
    pub fn digits(&self) -> Option<&str> {
        self.digits.as_ref().map(Text::as_str).filter(|pressed| *pressed != "hangup")
    }

    /// Did the caller end it by hanging up?
    #[must_use]
    pub fn hung_up(&self) -> bool {
        self.digits.as_ref().is_some_and(|pressed| pressed == "hangup")
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures;
    use super::super::mutation::{read_whole, survives};
    use super::*;

    #[test]
    fn a_hangup_is_no_key() {
        let result: RecordResult = read_whole(fixtures::RECORD);
        assert_eq!((result.hung_up(), result.digits(), result.recording_duration), (true, None, Some(9)));
        let pressed = RecordResult { digits: Some("#".into()), ..Default::default() };
        assert_eq!((pressed.hung_up(), pressed.digits()), (false, Some("#")));
        survives::<RecordResult>(fixtures::RECORD);
    }
}
