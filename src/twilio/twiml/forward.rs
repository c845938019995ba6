//! Call forwarding: the person who answers hears the caller's number, and may decline.

use super::keys::{is_pressed, one_key};
use super::{Dial, InterpretAs, Number, Say, SayAs, VoiceResponse};
use crate::sms::Text;

/// A call that is forwarded, with a [`Whisper`] for the person who answers.
///
/// It needs three URLs: that of the call, which answers with [`document`](Self::document); that of the whisper; and the
/// action, which receives the result.
///
/// ```
/// use switchboard::twilio::twiml::{Forward, VoiceResponse, Voicemail, Whisper};
///
/// // At the number's URL.
/// let forward = Forward::to("+14155550100", "/whisper", "/forwarded").caller_id("+14155550199").timeout(20);
/// let answer = forward.document();
///
/// // At /whisper, for the one who answered.
/// let whisper = Whisper::from_caller("+14155551234", "/whispered");
/// let asked = whisper.document();
/// // At /whispered.
/// let taken = whisper.answer("1");
///
/// // At /forwarded, for the caller, with the parameters DialCallStatus and DialBridged.
/// let end = if Forward::was_taken("completed", Some("true")) {
///     VoiceResponse::new().hangup()
/// } else {
///     Voicemail::new("Nobody is free. Leave a message.", "/voicemail/done").document()
/// };
/// # let _ = (answer, asked, taken, end);
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use = "nothing is put through until its document is sent"]
pub struct Forward {
    dial: Dial,
    numbers: Vec<Number>,
    whisper: Text,
}

impl Forward {
    /// Forwards to a number, with the URL of the whisper and that of the action.
    pub fn to(number: impl Into<Number>, whisper: impl Into<Text>, action: impl AsRef<str>) -> Self {
        let dial = Dial::new().action(action).answer_on_bridge(true);
        Self { dial, numbers: vec![number.into()], whisper: whisper.into() }
    }

    /// Calls one more number at the same time, ten in all. The first to accept gets the call.
    pub fn or(mut self, number: impl Into<Number>) -> Self {
        self.numbers.push(number.into());
        self
    }

    /// Sets the number that is shown: the caller's, or one of yours.
    pub fn caller_id(mut self, number: impl AsRef<str>) -> Self {
        self.dial = self.dial.caller_id(number);
        self
    }

    /// Sets how long it rings, in seconds; 30 by default.
    pub fn timeout(mut self, seconds: u32) -> Self {
        self.dial = self.dial.timeout(seconds);
        self
    }

    /// Changes other settings of the `Dial`.
    pub fn dial(mut self, change: impl FnOnce(Dial) -> Dial) -> Self {
        self.dial = change(self.dial);
        self
    }

    /// Returns the document for the caller's call.
    pub fn document(&self) -> VoiceResponse {
        let ring = |dial: Dial, number: &Number| dial.number(number.clone().url(&self.whisper));
        VoiceResponse::new().dial(self.numbers.iter().fold(self.dial.clone(), ring))
    }

    /// Did somebody accept the call? Takes the parameters `DialCallStatus` and `DialBridged` of the action's request. The
    /// status alone is not enough: it is `completed` also for a call that was answered and declined.
    #[must_use]
    pub fn was_taken(dial_call_status: &str, dial_bridged: Option<&str>) -> bool {
        match dial_bridged {
            Some(bridged) => bridged == "true",
            None => matches!(dial_call_status, "completed" | "answered"),
        }
    }
}

/// What the person who answers hears before the two are connected: press 1 to accept. A voicemail cannot accept.
#[derive(Debug, Clone, PartialEq)]
#[must_use = "it is heard once its document is sent"]
pub struct Whisper {
    words: Say,
    action: Text,
    timeout: u32,
}

impl Whisper {
    /// A whisper with a text that asks for the key 1, and the URL that receives the key.
    pub fn new(words: impl Into<Say>, action: impl Into<Text>) -> Self {
        Self { words: words.into(), action: action.into(), timeout: 10 }
    }

    /// A whisper that says "Call from …. Press 1 to take it."
    pub fn from_caller(caller: impl AsRef<str>, action: impl Into<Text>) -> Self {
        let words = Say::new("Call from ")
            .say_as(SayAs::new(caller, InterpretAs::Telephone))
            .text(". Press 1 to take it.");
        Self::new(words, action)
    }

    /// Sets how long it waits for the key, in seconds; 10 by default.
    pub fn timeout(mut self, seconds: u32) -> Self {
        self.timeout = seconds;
        self
    }

    /// Returns the document for the person who answered. Silence declines.
    pub fn document(&self) -> VoiceResponse {
        let gather = one_key(['1']).action(&self.action).timeout(self.timeout).say(self.words.clone());
        VoiceResponse::new().gather(gather).hangup()
    }

    /// Returns the answer to the key: 1 connects the two, by an empty document; anything else declines.
    pub fn answer(&self, digits: &str) -> VoiceResponse {
        if is_pressed(digits, '1') { VoiceResponse::new() } else { VoiceResponse::new().hangup() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twilio::twiml::lines;

    #[test]
    fn the_documents_have_the_expected_xml() {
        let forward = Forward::to("+14155550100", "/whisper?to=1&from=2", "/forwarded")
            .or(Number::new("+14155550101").send_digits("ww12"))
            .caller_id("+14155550199")
            .timeout(20)
            .dial(|dial| dial.hangup_on_star(true));
        insta::assert_snapshot!(lines(&forward.document().to_xml()), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <Response>
    <Dial action="/forwarded" answerOnBridge="true" callerId="+14155550199" timeout="20" hangupOnStar="true">
    <Number url="/whisper?to=1&amp;from=2">+14155550100</Number>
    <Number sendDigits="ww12" url="/whisper?to=1&amp;from=2">+14155550101</Number>
    </Dial>
    </Response>
    "#);
        insta::assert_snapshot!(
            lines(&Whisper::from_caller("+14155551234", "/whispered").timeout(7).document().to_xml()), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <Response>
    <Gather numDigits="1" action="/whispered" timeout="7">
    <Say>Call from <say-as interpret-as="telephone">+14155551234</say-as>. Press 1 to take it.</Say>
    </Gather>
    <Hangup/>
    </Response>
    "#);
    }

    #[test]
    fn only_the_key_1_accepts_the_call() {
        let whisper = Whisper::new("Sales. Press 1.", "/whispered");
        assert_eq!(whisper.answer("1"), VoiceResponse::new());
        for other in ["", "2", "11", "#"] {
            assert_eq!(whisper.answer(other), VoiceResponse::new().hangup(), "{other:?}");
        }
    }

    #[test]
    fn a_declined_call_was_not_taken() {
        assert!(Forward::was_taken("completed", Some("true")) && Forward::was_taken("completed", None));
        assert!(!Forward::was_taken("completed", Some("false")) && !Forward::was_taken("no-answer", None));
    }
}
