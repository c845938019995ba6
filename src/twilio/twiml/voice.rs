//! TwiML documents for a call, and for a caller who waits.

use super::document::document;
use super::macros::children;
use super::{
    Connect, Dial, Echo, Enqueue, Gather, Hangup, Leave, Pause, Pay, Play, Record, Redirect, Refer, Reject,
    Say, Sms, Start, Stop,
};

document! {
    /// What Twilio does with a call, verb by verb from the top: the answer to a webhook for calls, or the document that a call
    /// is made with.
    ///
    /// ```
    /// use switchboard::twilio::MakeCall;
    /// use switchboard::twilio::twiml::{Gather, Say, VoiceResponse};
    ///
    /// let answer = VoiceResponse::new()
    ///     .say(Say::new("Welcome").voice("Polly.Joanna"))
    ///     .gather(Gather::new().action("/menu").num_digits(1).say("For sales, press 1"))
    ///     .redirect("/menu");
    /// assert_eq!(
    ///     answer.to_xml(),
    ///     r#"<?xml version="1.0" encoding="UTF-8"?><Response><Say voice="Polly.Joanna">Welcome</Say><Gather action="/menu" numDigits="1"><Say>For sales, press 1</Say></Gather><Redirect>/menu</Redirect></Response>"#,
    /// );
    /// let call = MakeCall::twiml("+14155551234", answer);
    /// # let _ = call;
    /// ```
    ///
    /// A verb without a method is added as an [`Element`](super::Element). Nothing runs after a `redirect`, `reject`,
    /// `hangup` or `leave`.
    ///
    /// <https://www.twilio.com/docs/voice/twiml>
    VoiceResponse
}

children! { VoiceResponse {
    /// Says a text.
    say: Say,
    /// Plays the sound at a URL.
    play: Play,
    /// Waits for keys or speech.
    gather: Gather,
    /// Records what the caller says.
    record: Record,
    /// Connects the caller: to a number, or to what the [`Dial`] names.
    dial: Dial,
    /// Puts the caller into a queue.
    enqueue: Enqueue,
    /// Rejects the call; it must be the first verb.
    reject: Reject,
    /// Continues with the document at a URL.
    redirect: Redirect,
    /// Transfers a SIP call.
    refer: Refer,
    /// Starts a stream, a transcription or a recording while the call continues.
    start: Start,
    /// Stops what a [`Start`](super::Start) started.
    stop: Stop,
    /// Connects the call to a program, an agent or a room.
    connect: Connect,
    /// Takes a payment.
    pay: Pay,
    /// Sends a text to the caller.
    sms: Sms,
} }

impl VoiceResponse {
    /// Is silent for this many seconds.
    pub fn pause(self, seconds: u32) -> Self {
        self.element(Pause::new(seconds))
    }

    /// Adds all verbs of another document.
    pub fn followed_by(mut self, other: &Self) -> Self {
        self.0.append(&other.0);
        self
    }

    /// Leaves the queue.
    pub fn leave(self) -> Self {
        self.element(Leave::new())
    }

    /// Plays back what the caller says, to test a line.
    pub fn echo(self) -> Self {
        self.element(Echo::new())
    }

    /// Hangs up. With parameters it is an element: `.element(Hangup::new().parameter(..))`.
    pub fn hangup(self) -> Self {
        self.element(Hangup::new())
    }
}

document! {
    /// The document for a caller who waits in a queue or for a conference: the answer at a `waitUrl`. It may contain
    /// only speech, sound, silence and a redirect (13238); other verbs do not compile:
    ///
    /// ```compile_fail,E0599
    /// use switchboard::twilio::twiml::{Gather, WaitResponse};
    ///
    /// let music = WaitResponse::new().gather(Gather::new());
    /// ```
    ///
    /// In a queue it may also contain a `Leave`, which is added with [`element`](Self::element).
    WaitResponse
}

children! { WaitResponse {
    /// Says a text.
    say: Say,
    /// Plays the sound at a URL.
    play: Play,
    /// Continues with the document at a URL.
    redirect: Redirect,
} }

impl WaitResponse {
    /// Is silent for this many seconds.
    pub fn pause(self, seconds: u32) -> Self {
        self.element(Pause::new(seconds))
    }
}
