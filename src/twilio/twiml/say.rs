//! What the other hears: speech, sound and silence.

use super::macros::{made_of_text, verb};

verb! {
    /// Says a text, at most 4,096 characters. Markup in it is spoken, not obeyed; for pauses, emphasis and pronunciation
    /// see the methods that put SSML in.
    ///
    /// ```
    /// use switchboard::twilio::twiml::{InterpretAs, Say, SayAs, VoiceResponse};
    ///
    /// let say = Say::new("Your code is ")
    ///     .voice("Polly.Joanna")
    ///     .say_as(SayAs::new("1234", InterpretAs::Digits))
    ///     .silence("300ms")
    ///     .text("Good luck!");
    /// let document = VoiceResponse::new().say(say);
    /// # let _ = document;
    /// ```
    ///
    /// <https://www.twilio.com/docs/voice/twiml/say>
    Say = "Say" {
        /// Sets the voice: `Polly.Joanna`, `Google.en-US-Standard-C`, `man`.
        voice: text = "voice",
        /// Sets the language, as in `en-US`.
        language: text = "language",
        /// Sets how many times it is said; 0 is until the call ends. Once where it is not set.
        times: u32 = "loop",
    }
}

made_of_text!(Say, "Says a text.");

verb! {
    /// Plays a sound file, or sends keys.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/play>
    Play = "Play" {
        /// Sets how many times it is played; 0 is until the call ends. Once where it is not set.
        times: u32 = "loop",
        /// Sends keys: `0-9 * #`, and `w` for half a second of silence.
        digits: text = "digits",
    }
}

made_of_text!(Play, "Plays the sound file at a URL.");

impl Play {
    /// Sends keys and plays nothing.
    pub fn keys(digits: impl AsRef<str>) -> Self {
        Self::open().digits(digits)
    }
}

verb! {
    /// Is silent.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/pause>
    Pause = "Pause" {
        /// Sets for how long, in seconds; 1 where it is not set.
        length: u32 = "length",
    }
}

impl Pause {
    /// Is silent for so many seconds.
    pub fn new(seconds: u32) -> Self {
        Self::open().length(seconds)
    }
}

impl From<u32> for Pause {
    fn from(seconds: u32) -> Self {
        Self::new(seconds)
    }
}
