//! What a caller pressed or said.

use super::call::CallContext;
use super::read::{event, of_a_call};
use crate::sms::Text;

event! {
    /// What a caller pressed or said while `Gather` listened; also while they still speak, where partial results are
    /// asked for.
    ///
    /// Twilio expects TwiML within 15 seconds.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/gather#action>
    GatherResult {
        @within {
            /// The call.
            call: CallContext,
        }
        /// The keys; masked, because they may be a PIN. See [`digits`](GatherResult::digits).
        digits: Text = "Digits",
        /// The key that ended it, which is not among the others.
        finished_on_key: Text = "FinishedOnKey",
        /// What was said.
        speech_result: Text = "SpeechResult",
        /// How sure that is, 0 to 1.
        confidence: f64 = "Confidence",
        /// Of a partial result: what may still change.
        unstable_speech_result: Text = "UnstableSpeechResult",
        /// Of a partial result: what will hardly change.
        stable_speech_result: Text = "StableSpeechResult",
        /// Of a partial result: how sure that is, 0 to 1.
        stability: f64 = "Stability",
        /// Of a partial result: its place among them, from 0. They may arrive in another order.
        sequence_number: u32 = "SequenceNumber",
        /// The language that was listened for.
        language: String = "Language",
    }
}

of_a_call!(GatherResult);

impl GatherResult {
    /// Returns the keys that were pressed; `None` where there are none.
    #[must_use]
    pub fn digits(&self) -> Option<&str> {
        self.digits.as_ref().map(Text::as_str)
    }

    /// Returns what was said; `None` where nothing was.
    #[must_use]
    pub fn speech(&self) -> Option<&str> {
        self.speech_result.as_ref().map(Text::as_str)
    }

    /// Do they still speak?
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.unstable_speech_result.is_some() || self.stable_speech_result.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures;
    use super::super::mutation::{read_whole, survives};
    use super::*;

    #[test]
    fn keys_and_words_are_read_whole() {
        let pressed: GatherResult = read_whole(fixtures::GATHER);
        assert_eq!((pressed.digits(), pressed.speech()), (Some("8642"), None));
        assert!(!pressed.is_partial());
        let said: GatherResult = read_whole(fixtures::SPEECH);
        assert_eq!((said.speech(), said.confidence), (Some("planted words"), Some(0.9)));
        let partial: GatherResult = read_whole(fixtures::PARTIAL);
        assert!(partial.is_partial() && partial.stability == Some(0.8));
        for pairs in [fixtures::GATHER, fixtures::SPEECH, fixtures::PARTIAL] {
            survives::<GatherResult>(pairs);
        }
    }
}
