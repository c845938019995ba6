//! "Press 1 to acknowledge": proof that a person heard the message.

use super::keys::{is_pressed, one_key};
use super::{MAX_BYTES, Say, VoiceResponse};
use crate::sms::Text;

/// A text that is read out until somebody presses a key.
///
/// An answered call does not prove it, because voicemail answers, too. A key in the request to the action is, provided
/// that the signature of the request was verified and the URL of the action names what is acknowledged, such as the
/// incident and the attempt. If nobody presses a key, the action is requested with empty `Digits`.
///
/// ```
/// use switchboard::twilio::MakeCall;
/// use switchboard::twilio::twiml::{Acknowledge, Acknowledgement, VoiceResponse};
///
/// let page = Acknowledge::new("Disk full on db 1.", "https://example.com/ack?incident=7&attempt=1");
/// let call = MakeCall::twiml("+14155551234", page.document());
///
/// /// The answer at `/ack`.
/// fn answer(page: &Acknowledge, digits: &str) -> VoiceResponse {
///     match page.answer(digits) {
///         Acknowledgement::Given(thanks) => thanks, // and note that somebody takes care
///         Acknowledgement::Missing(goodbye) => goodbye, // and call the next one
///     }
/// }
/// # assert!(answer(&page, "1").to_xml().contains("Acknowledged"));
/// # assert!(answer(&page, "").to_xml().contains("Not acknowledged"));
/// # let _ = call;
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use = "it is heard once its document is sent"]
pub struct Acknowledge {
    text: Say,
    action: Text,
    key: char,
    prompt: Say,
    times: u32,
    timeout: u32,
    thanks: Say,
    goodbye: Say,
}

/// The result of asking for the key.
#[derive(Debug, Clone, PartialEq)]
#[must_use = "it says whether anybody takes care"]
pub enum Acknowledgement {
    /// Somebody pressed the key: answer with this document.
    Given(VoiceResponse),
    /// Nobody did, or it was another key: answer with this document.
    Missing(VoiceResponse),
}

impl Acknowledge {
    /// A text, and the URL that receives the key.
    pub fn new(text: impl Into<Say>, action: impl Into<Text>) -> Self {
        Self {
            text: text.into(),
            action: action.into(),
            key: '1',
            prompt: "Press 1 to acknowledge.".into(),
            times: 3,
            timeout: 10,
            thanks: "Acknowledged. Thank you.".into(),
            goodbye: "Not acknowledged. Goodbye.".into(),
        }
    }

    /// Sets the key, `0` to `9`, `*` or `#`, and the words that ask for it.
    pub fn key(mut self, key: char, prompt: impl Into<Say>) -> Self {
        self.key = key;
        self.prompt = prompt.into();
        self
    }

    /// Sets how many times the text is read out; 3 by default, and at least 1.
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// Sets how long it waits after that, in seconds; 10 by default.
    pub fn timeout(mut self, seconds: u32) -> Self {
        self.timeout = seconds;
        self
    }

    /// Sets what is said after the key.
    pub fn thanks(mut self, words: impl Into<Say>) -> Self {
        self.thanks = words.into();
        self
    }

    /// Sets what is said after silence or another key.
    pub fn goodbye(mut self, words: impl Into<Say>) -> Self {
        self.goodbye = words.into();
        self
    }

    /// Returns the document for the call. Its `check` reports more repeats than fit into a document.
    pub fn document(&self) -> VoiceResponse {
        let mut gather =
            one_key([self.key]).action(&self.action).timeout(self.timeout).action_on_empty_result(true);
        for time in 0..self.times.max(1) {
            // The document is too large already, which `check` reports.
            if gather.0.content().len() > MAX_BYTES {
                break;
            }
            if time > 0 {
                gather = gather.pause(1);
            }
            gather = gather.say(self.text.clone()).say(self.prompt.clone());
        }
        VoiceResponse::new().gather(gather).say(self.goodbye.clone()).hangup()
    }

    /// Reads an answer: the key pressed, empty for none.
    pub fn answer(&self, digits: &str) -> Acknowledgement {
        let say = |words: &Say| VoiceResponse::new().say(words.clone()).hangup();
        if is_pressed(digits, self.key) {
            Acknowledgement::Given(say(&self.thanks))
        } else {
            Acknowledgement::Missing(say(&self.goodbye))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twilio::twiml::TwimlError;
    use crate::twilio::twiml::lines;

    fn page() -> Acknowledge {
        Acknowledge::new("Disk full on <db1> & db2.", "/ack?incident=7&attempt=1").times(2)
    }

    #[test]
    fn the_document_has_the_expected_xml() {
        insta::assert_snapshot!(lines(&page().document().to_xml()), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <Response>
    <Gather numDigits="1" action="/ack?incident=7&amp;attempt=1" timeout="10" actionOnEmptyResult="true">
    <Say>Disk full on &lt;db1&gt; &amp; db2.</Say>
    <Say>Press 1 to acknowledge.</Say>
    <Pause length="1"/>
    <Say>Disk full on &lt;db1&gt; &amp; db2.</Say>
    <Say>Press 1 to acknowledge.</Say>
    </Gather>
    <Say>Not acknowledged. Goodbye.</Say>
    <Hangup/>
    </Response>
    "#);
    }

    #[test]
    fn only_the_key_acknowledges() {
        assert!(matches!(page().answer("1"), Acknowledgement::Given(_)));
        for other in ["", " ", "2", "11", "#", "one"] {
            assert!(matches!(page().answer(other), Acknowledgement::Missing(_)), "{other:?}");
        }
        let hash = page().key('#', "Press hash.");
        assert!(hash.document().to_xml().contains(r#"finishOnKey="""#));
        assert!(matches!(hash.answer("#"), Acknowledgement::Given(_)));
        assert!(matches!(hash.answer("1"), Acknowledgement::Missing(_)));
    }

    #[test]
    fn too_many_repeats_are_reported_by_check() {
        let endless = Acknowledge::new("", "").times(u32::MAX).document();
        assert!(matches!(endless.check(), Err(TwimlError::TooLarge { .. })));
        assert_eq!(page().times(0).document(), page().times(1).document());
    }
}
