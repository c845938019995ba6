//! `Gather`: what is said meanwhile, and what the person does.

use super::verbs::{Flow, sound};
use super::web::pairs;
use super::{Phone, Wait};
use crate::engine::hook::{Params, Trouble};
use crate::engine::tenant::Tenant;
use crate::engine::twiml::Verb;
use crate::phone::{Heard, WaitsFor};

/// Something stands in a `Gather` that cannot.
const BAD_CHILD: u32 = 13320;
/// How sure Twilio is of what was said.
const CONFIDENCE: &str = "0.9";

fn takes(verb: &Verb, kind: &str) -> bool {
    verb.get("input").unwrap_or("dtmf").split_whitespace().any(|word| word == kind)
}

fn count(verb: &Verb) -> Option<usize> {
    verb.get("numDigits").and_then(|text| text.parse().ok()).filter(|count| *count > 0)
}

/// An empty attribute is no key at all.
fn finishing_key(verb: &Verb) -> &str {
    verb.given("finishOnKey").unwrap_or("#")
}

/// What of the keys counts, and the key that ended it.
fn entry(verb: &Verb, keys: &str) -> (String, String) {
    let mut digits = String::new();
    for key in keys.chars() {
        if finishing_key(verb).contains(key) {
            return (digits, key.to_string());
        }
        digits.push(key);
        if count(verb).is_some_and(|count| digits.len() >= count) {
            break;
        }
    }
    (digits, String::new())
}

pub(super) fn shown(verb: &Verb) -> WaitsFor {
    WaitsFor::Input {
        digits: takes(verb, "dtmf"),
        speech: takes(verb, "speech"),
        count: count(verb),
        finish_on_key: finishing_key(verb).to_owned(),
    }
}

impl Tenant {
    pub(super) fn gather(&mut self, sid: &str, phone: &mut Phone, verb: Verb) -> Result<Flow, Trouble> {
        for child in &verb.children {
            match sound(phone, child) {
                Some(heard) => {
                    self.pass(sid, if let Heard::Pause(seconds) = heard { seconds } else { 0 });
                    phone.heard.push(heard);
                }
                None => {
                    self.warn(sid, BAD_CHILD);
                    let name: String = child.name.chars().take(40).collect();
                    phone.warnings.push(format!("{name} cannot stand in Gather"));
                }
            }
        }
        Ok(Flow::Wait(Wait::Input(verb)))
    }

    /// Somebody presses keys in one go. `None` when only speech is listened to.
    pub(super) fn pressed(phone: &Phone, verb: &Verb, keys: &str) -> Option<Result<Flow, Trouble>> {
        if !takes(verb, "dtmf") {
            return None;
        }
        let (digits, key) = entry(verb, keys);
        if digits.is_empty() {
            return Some(Self::nothing_entered(phone, verb));
        }
        Some(phone.act(verb, pairs([("Digits", digits), ("FinishedOnKey", key)])))
    }

    /// Somebody speaks. `None` when only keys are listened to.
    pub(super) fn spoken(
        &mut self,
        sid: &str,
        phone: &Phone,
        verb: &Verb,
        words: &str,
    ) -> Option<Result<Flow, Trouble>> {
        if !takes(verb, "speech") {
            return None;
        }
        let heard = |tenant: &mut Self| {
            tenant.report_partial(sid, phone, verb, words)?;
            phone
                .act(verb, pairs([("SpeechResult", words.to_owned()), ("Confidence", CONFIDENCE.to_owned())]))
        };
        Some(heard(self))
    }

    fn report_partial(&mut self, sid: &str, phone: &Phone, verb: &Verb, words: &str) -> Result<(), Trouble> {
        let listener = phone.listener(verb, "partialResultCallback", "partialResultCallbackMethod")?;
        let Some(listener) = listener else { return Ok(()) };
        let extra = pairs([
            ("UnstableSpeechResult", words.to_owned()),
            ("StableSpeechResult", String::new()),
            ("Stability", "0.5".to_owned()),
            ("SequenceNumber", "0".to_owned()),
        ]);
        let params = self.web_params(sid, &extra);
        self.call_back(&listener, sid, "partial-result", &params);
        Ok(())
    }

    /// Nothing came, till the time ran out.
    pub(super) fn silent(&mut self, sid: &str, phone: &Phone, verb: &Verb) -> Result<Flow, Trouble> {
        self.pass(sid, verb.number("timeout", 5));
        Self::nothing_entered(phone, verb)
    }

    fn nothing_entered(phone: &Phone, verb: &Verb) -> Result<Flow, Trouble> {
        if !verb.flag("actionOnEmptyResult") {
            return Ok(Flow::Next);
        }
        let mut extra = Params::new();
        if takes(verb, "dtmf") {
            extra.extend(pairs([("Digits", String::new()), ("FinishedOnKey", String::new())]));
        }
        if takes(verb, "speech") {
            extra.extend(pairs([("SpeechResult", String::new())]));
        }
        phone.act(verb, extra)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::twiml::read;

    #[test]
    fn an_entry_ends_with_its_count_its_key_or_the_time() {
        for (attributes, keys, expected) in [
            ("", "12", ("12", "")),
            ("", "12#3", ("12", "#")),
            ("numDigits='1'", "123", ("1", "")),
            ("numDigits='3'", "1#", ("1", "#")),
            ("finishOnKey='*'", "1#*", ("1#", "*")),
            ("finishOnKey=''", "1#", ("1#", "")),
            ("numDigits='0'", "12", ("12", "")),
            ("", "#", ("", "#")),
        ] {
            let verbs = read(format!("<Response><Gather {attributes}/></Response>").as_bytes()).ok().unwrap();
            let (digits, key) = entry(&verbs[0], keys);
            assert_eq!((digits.as_str(), key.as_str()), expected, "{attributes} {keys}");
        }
    }
}
