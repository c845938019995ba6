//! What the caller hears: speech, sound and silence.

use super::macros::{made_of_text, verb};

verb! {
    /// Says a text of at most 4,096 characters. Markup in the text is spoken, not interpreted; pauses, emphasis and
    /// pronunciation have methods of their own (SSML).
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
        /// Sets how many times it is said; 0 is until the call ends. Once by default.
        times: u32 = "loop",
    }
}

made_of_text!(Say, "Says a text.");

verb! {
    /// Plays a sound file, or sends DTMF tones.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/play>
    Play = "Play" {
        /// Sets how many times it is played; 0 is until the call ends. Once by default.
        times: u32 = "loop",
        /// Sends DTMF tones: `0-9 * #`, and `w` for half a second of silence.
        digits: text = "digits",
    }
}

made_of_text!(Play, "Plays the sound file at a URL.");

impl Play {
    /// Sends DTMF tones and plays no file.
    pub fn keys(digits: impl AsRef<str>) -> Self {
        Self::open().digits(digits)
    }
}

verb! {
    /// Pauses.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/pause>
    Pause = "Pause" {
        /// Sets for how long, in seconds; 1 by default.
        length: u32 = "length",
    }
}

impl Pause {
    /// Pauses for this many seconds.
    pub fn new(seconds: u32) -> Self {
        Self::open().length(seconds)
    }
}

impl From<u32> for Pause {
    fn from(seconds: u32) -> Self {
        Self::new(seconds)
    }
}
