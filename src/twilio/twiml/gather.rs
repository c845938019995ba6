//! Waiting for keys or speech.

use super::macros::{children, made_empty, verb};
use super::{GatherInput, Pause, Play, Say};
use crate::twilio::calls::HttpMethod;

verb! {
    /// Waits for keys or speech, and posts them to its action. Meanwhile it can say a text, play a sound or pause; it can
    /// contain nothing else (13320), and other verbs do not compile:
    ///
    /// ```compile_fail,E0599
    /// use switchboard::twilio::twiml::{Dial, Gather};
    ///
    /// let gather = Gather::new().say("Press 1").dial(Dial::new().number("+14155550100"));
    /// ```
    ///
    /// If nothing came in time, the next verb runs, unless
    /// [`action_on_empty_result`](Self::action_on_empty_result) is set.
    ///
    /// ```
    /// use switchboard::twilio::twiml::{Gather, VoiceResponse};
    ///
    /// let document = VoiceResponse::new()
    ///     .gather(Gather::new().action("/menu").num_digits(1).timeout(5).say("For sales, press 1"))
    ///     .say("Goodbye");
    /// # let _ = document;
    /// ```
    ///
    /// <https://www.twilio.com/docs/voice/twiml/gather>
    Gather = "Gather" {
        /// Sets what it listens for; keys by default.
        input: [GatherInput] = "input",
        /// Sets the URL that receives the input; the URL of this document by default.
        action: text = "action",
        /// Sets the HTTP method of that request.
        method: HttpMethod = "method",
        /// Sets how long it waits for the next key or for speech, in seconds; 5 by default.
        timeout: u32 = "timeout",
        /// Sets how many seconds of silence end speech, or `auto`.
        speech_timeout: text = "speechTimeout",
        /// Sets how long somebody may speak, in seconds; 60 by default.
        max_speech_time: u32 = "maxSpeechTime",
        /// Sets the key that ends the input, `#` by default; an empty text means no key.
        finish_on_key: text = "finishOnKey",
        /// Sets how many keys end the input.
        num_digits: u32 = "numDigits",
        /// Sets the URL that receives partial results while somebody still speaks.
        partial_result_callback: text = "partialResultCallback",
        /// Sets the HTTP method of those requests.
        partial_result_callback_method: HttpMethod = "partialResultCallbackMethod",
        /// Sets the language that is spoken; `en-US` by default.
        language: text = "language",
        /// Sets words that are likely to be said, separated by commas.
        hints: text = "hints",
        /// Sets whether a key or speech interrupts what is said.
        barge_in: bool = "bargeIn",
        /// Sets whether swear words become asterisks.
        profanity_filter: bool = "profanityFilter",
        /// Sets the speech recognition model.
        speech_model: text = "speechModel",
        /// Sets whether the enhanced version of that model is used.
        enhanced: bool = "enhanced",
        /// Sets whether the action is also requested when nothing came.
        action_on_empty_result: bool = "actionOnEmptyResult",
        /// Sets whether Twilio logs more about it.
        debug: bool = "debug",
    }
}

made_empty!(Gather, "Waits for keys.");

children! { Gather {
    /// Says a text meanwhile.
    say: Say,
    /// Plays a sound meanwhile.
    play: Play,
} }

impl Gather {
    /// Is silent meanwhile, for this many seconds.
    pub fn pause(mut self, seconds: u32) -> Self {
        self.0.child(Pause::new(seconds).0);
        self
    }
}
