//! Keys and speech, asked for.

use super::macros::{children, made_empty, verb};
use super::{GatherInput, Pause, Play, Say};
use crate::twilio::HttpMethod;

verb! {
    /// Waits for keys or speech while it says, plays or is silent, and posts them to its action. Nothing else may stand
    /// in it (13320), and a document that tries does not compile:
    ///
    /// ```compile_fail,E0599
    /// use switchboard::twilio::twiml::{Dial, Gather};
    ///
    /// let gather = Gather::new().say("Press 1").dial(Dial::new().number("+14155550100"));
    /// ```
    ///
    /// What stands after it in the document runs when nothing came in time, unless
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
        /// Sets what it listens for; keys where it is not set.
        input: [GatherInput] = "input",
        /// Sets where what came is posted; the URL of this document where it is not set.
        action: text = "action",
        /// Sets how it is posted.
        method: HttpMethod = "method",
        /// Sets how long it waits for the next key or for speech, in seconds; 5 where it is not set.
        timeout: u32 = "timeout",
        /// Sets after how many seconds of silence speech has ended, or `auto`.
        speech_timeout: text = "speechTimeout",
        /// Sets how long somebody may speak, in seconds; 60 where it is not set.
        max_speech_time: u32 = "maxSpeechTime",
        /// Sets the key that ends it, or none where the text is empty; `#` where it is not set.
        finish_on_key: text = "finishOnKey",
        /// Sets after how many keys it ends.
        num_digits: u32 = "numDigits",
        /// Sets where speech is posted while somebody still speaks.
        partial_result_callback: text = "partialResultCallback",
        /// Sets how that is posted.
        partial_result_callback_method: HttpMethod = "partialResultCallbackMethod",
        /// Sets the language that is spoken; `en-US` where it is not set.
        language: text = "language",
        /// Sets words that are likely, with commas between them.
        hints: text = "hints",
        /// Sets whether a key or speech cuts off what is said.
        barge_in: bool = "bargeIn",
        /// Sets whether swear words become asterisks.
        profanity_filter: bool = "profanityFilter",
        /// Sets the model that hears.
        speech_model: text = "speechModel",
        /// Sets whether the better model of that name hears.
        enhanced: bool = "enhanced",
        /// Sets whether the action is asked, too, when nothing came.
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
    /// Is silent meanwhile, for so many seconds.
    pub fn pause(mut self, seconds: u32) -> Self {
        self.0.child(Pause::new(seconds).0);
        self
    }
}
