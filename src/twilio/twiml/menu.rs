//! A menu: the caller presses a key, or is asked again.

use super::keys::{is_pressed, one_key};
use super::{Say, VoiceResponse};
use crate::sms::Text;

/// The parameter that counts the attempts, in the query of the menu's URL.
const ATTEMPT: &str = "attempt";

/// A menu that is answered with one key, and repeated a few times if no option is chosen.
///
/// The URL of the menu receives each answer: the key as `Digits`, empty if none was pressed, and the number of the attempt as
/// `attempt` in the query. So the server stores nothing between two requests.
///
/// ```
/// use switchboard::twilio::twiml::{Choice, Menu, VoiceResponse};
///
/// fn menu() -> Menu {
///     Menu::new("/menu", "Welcome.").option('1', "For sales, press 1.").option('2', "For support, press 2.")
/// }
///
/// /// The answer at `/menu`; the same URL starts it.
/// fn answer(digits: Option<&str>, attempt: Option<u32>) -> VoiceResponse {
///     let Some(attempt) = attempt else { return menu().first() };
///     match menu().answer(digits.unwrap_or_default(), attempt) {
///         Choice::Picked('1') => VoiceResponse::new().dial("+14155550101"),
///         Choice::Picked(_) => VoiceResponse::new().dial("+14155550102"),
///         Choice::Again(document) | Choice::Over(document) => document,
///     }
/// }
///
/// assert!(answer(None, None).to_xml().contains("/menu?attempt=1"));
/// assert!(answer(Some("1"), Some(1)).to_xml().contains("+14155550101"));
/// assert!(answer(Some("9"), Some(1)).to_xml().contains("not an option"));
/// assert!(answer(None, Some(3)).to_xml().contains("Goodbye"));
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a menu is heard once its document is sent"]
pub struct Menu {
    action: Text,
    prompt: Say,
    options: Vec<(char, Say)>,
    timeout: u32,
    attempts: u32,
    wrong: Say,
    fallback: VoiceResponse,
}

/// The result of an answer to a [`Menu`].
#[derive(Debug, Clone, PartialEq)]
#[must_use = "it says what happens next"]
pub enum Choice {
    /// An option was chosen, by its key.
    Picked(char),
    /// No option was chosen: answer with this document, which asks again.
    Again(VoiceResponse),
    /// No option was chosen at the last attempt: answer with this document.
    Over(VoiceResponse),
}

impl Menu {
    /// A menu at a URL, with what is said before its options.
    pub fn new(action: impl Into<Text>, prompt: impl Into<Say>) -> Self {
        Self {
            action: action.into(),
            prompt: prompt.into(),
            options: Vec::new(),
            timeout: 5,
            attempts: 3,
            wrong: "That is not an option.".into(),
            fallback: VoiceResponse::new().say("Goodbye.").hangup(),
        }
    }

    /// Adds an option: its key (`0` to `9`, `*`, `#`), and what is said about it. A key that is added again gets the new text.
    /// The document's `check` reports a key that no telephone has.
    pub fn option(mut self, key: char, words: impl Into<Say>) -> Self {
        match self.options.iter_mut().find(|(known, _)| *known == key) {
            Some(option) => option.1 = words.into(),
            None => self.options.push((key, words.into())),
        }
        self
    }

    /// Sets how long it waits for a key, in seconds; 5 by default.
    pub fn timeout(mut self, seconds: u32) -> Self {
        self.timeout = seconds;
        self
    }

    /// Sets how many times the menu is heard at most; 3 by default, and at least 1.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// Sets what is said after a key that is not an option; `That is not an option.` by default.
    pub fn wrong(mut self, words: impl Into<Say>) -> Self {
        self.wrong = words.into();
        self
    }

    /// Sets what happens after the last attempt; a goodbye by default.
    pub fn fallback(mut self, document: VoiceResponse) -> Self {
        self.fallback = document;
        self
    }

    /// Returns the document that the call hears first.
    pub fn first(&self) -> VoiceResponse {
        self.ask(VoiceResponse::new(), 1)
    }

    /// Reads an answer: the pressed key (empty for none), and the attempt from the query. 0 counts as the first attempt.
    pub fn answer(&self, digits: &str, attempt: u32) -> Choice {
        if let Some((key, _)) = self.options.iter().find(|(key, _)| is_pressed(digits, *key)) {
            return Choice::Picked(*key);
        }
        let silent = digits.trim().is_empty();
        let feedback =
            if silent { VoiceResponse::new() } else { VoiceResponse::new().say(self.wrong.clone()) };
        let attempt = attempt.max(1);
        if attempt < self.attempts {
            Choice::Again(self.ask(feedback, attempt + 1))
        } else {
            Choice::Over(feedback.followed_by(&self.fallback))
        }
    }

    fn ask(&self, document: VoiceResponse, attempt: u32) -> VoiceResponse {
        let url = with_parameter(self.action.as_str(), ATTEMPT, attempt);
        let gather = one_key(self.options.iter().map(|(key, _)| *key)).action(&url).timeout(self.timeout);
        let words = std::iter::once(&self.prompt).chain(self.options.iter().map(|(_, words)| words));
        let gather = words.fold(gather, |gather, words| gather.say(words.clone()));
        // Twilio requests the action after silence, too. The redirect is only needed if somebody turns that off in the
        // document.
        document.gather(gather.action_on_empty_result(true)).redirect(&url)
    }
}

/// Sets a parameter in the query of a URL. Other parameters stay as they are, and so does the fragment, where Twilio reads
/// connection settings (`#rc=2`).
fn with_parameter(url: &str, name: &str, value: u32) -> String {
    let (address, fragment) = match url.split_once('#') {
        Some((address, fragment)) => (address, Some(fragment)),
        None => (url, None),
    };
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let mut out = String::with_capacity(url.len() + name.len() + 8);
    out.push_str(path);
    out.push('?');
    let others = query.split('&').filter(|pair| !pair.is_empty() && pair.split('=').next() != Some(name));
    for pair in others {
        out.push_str(pair);
        out.push('&');
    }
    out.push_str(name);
    out.push('=');
    out.push_str(&value.to_string());
    if let Some(fragment) = fragment {
        out.push('#');
        out.push_str(fragment);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twilio::twiml::TwimlError;
    use crate::twilio::twiml::lines;

    fn menu() -> Menu {
        Menu::new("/menu?lang=en#rc=2", Say::new("Welcome.").voice("Polly.Amy"))
            .option('1', "For sales, press 1.")
            .option('2', "For support, press 2.")
    }

    #[test]
    fn the_first_document_has_the_expected_xml() {
        insta::assert_snapshot!(lines(&menu().first().to_xml()), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <Response>
    <Gather numDigits="1" action="/menu?lang=en&amp;attempt=1#rc=2" timeout="5" actionOnEmptyResult="true">
    <Say voice="Polly.Amy">Welcome.</Say>
    <Say>For sales, press 1.</Say>
    <Say>For support, press 2.</Say>
    </Gather>
    <Redirect>/menu?lang=en&amp;attempt=1#rc=2</Redirect>
    </Response>
    "#);
    }

    #[test]
    fn a_wrong_key_gets_feedback_and_silence_does_not() {
        let Choice::Again(wrong) = menu().answer("7", 1) else { panic!("no repeat") };
        assert!(wrong.to_xml().contains("<Say>That is not an option.</Say><Gather"));
        assert!(wrong.to_xml().contains("/menu?lang=en&amp;attempt=2#rc=2"));
        let Choice::Again(silent) = menu().answer("", 2) else { panic!("no repeat") };
        assert!(!silent.to_xml().contains("not an option") && silent.to_xml().contains("attempt=3"));
    }

    #[test]
    fn the_menu_ends_after_its_last_attempt() {
        for attempt in [3, 4, u32::MAX] {
            assert!(matches!(menu().answer("", attempt), Choice::Over(_)), "{attempt}");
        }
        assert!(matches!(menu().attempts(0).answer("", 0), Choice::Over(_)));
        assert!(matches!(menu().attempts(u32::MAX).answer("", u32::MAX), Choice::Over(_)));
        let to_a_person = menu().fallback(VoiceResponse::new().dial("+14155550100"));
        insta::assert_snapshot!(lines(&match to_a_person.answer("9", 3) {
            Choice::Over(document) => document.to_xml(),
            other => panic!("{other:?}"),
        }), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <Response>
    <Say>That is not an option.</Say>
    <Dial>
    <Number>+14155550100</Number>
    </Dial>
    </Response>
    "#);
    }

    #[test]
    fn an_option_is_chosen_at_any_attempt() {
        assert_eq!(menu().answer("2", 3), Choice::Picked('2'));
        assert!(matches!(menu().answer("12", 1), Choice::Again(_)));
        let hash = menu().option('#', "For the rest, press hash.");
        assert!(hash.first().to_xml().contains(r#"finishOnKey="""#));
        assert_eq!(hash.answer("#", 1), Choice::Picked('#'));
    }

    #[test]
    fn a_key_that_no_telephone_has_is_reported_by_check() {
        assert_eq!(menu().option('x', "Press x").first().check(), Err(TwimlError::NoSuchKey));
        assert_eq!(menu().first().check(), Ok(()));
    }

    #[test]
    fn other_query_parameters_are_kept() {
        for (url, expected) in [
            ("/menu", "/menu?attempt=2"),
            ("", "?attempt=2"),
            ("https://example.com/menu?", "https://example.com/menu?attempt=2"),
            ("/menu?a=1&b=%20", "/menu?a=1&b=%20&attempt=2"),
            ("/menu?attempt=1&a=1", "/menu?a=1&attempt=2"),
            ("/menu?attempts=1&flag", "/menu?attempts=1&flag&attempt=2"),
            ("/menu?a=1#rc=2&rp=all", "/menu?a=1&attempt=2#rc=2&rp=all"),
        ] {
            assert_eq!(with_parameter(url, "attempt", 2), expected, "{url}");
        }
    }
}
