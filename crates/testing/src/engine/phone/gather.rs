//! `Gather`: the sounds in it, and the input of the person.

use super::gather_rules::{accepts, read_digits};
use super::live_call::LiveCall;
use super::progress::{NextStep, Wait, pairs};
use super::sound::sound;
use crate::engine::twiml::Verb;
use crate::engine::webhook::{Params, WebhookError};
use crate::heard::Heard;

/// The code of an element that is not allowed in a `Gather`.
const BAD_CHILD: u32 = 13320;
/// The confidence of the speech recognition.
const CONFIDENCE: &str = "0.9";

impl LiveCall<'_> {
    pub(super) fn gather(&mut self, verb: Verb) -> Result<NextStep, WebhookError> {
        for child in &verb.children {
            match sound(self.progress, child) {
                Some(heard) => {
                    self.tenant
                        .calls
                        .add_talk_time(self.sid, if let Heard::Pause(seconds) = heard { seconds } else { 0 });
                    self.progress.heard.push(heard);
                }
                None => {
                    self.tenant.core.warn(self.sid, BAD_CHILD);
                    let name: String = child.name.chars().take(40).collect();
                    self.progress.warnings.push(format!("{name} cannot stand in Gather"));
                }
            }
        }
        Ok(NextStep::Wait(Wait::Input(verb)))
    }

    /// Handles keys that were pressed as one input. `None` when the `Gather` accepts only speech.
    pub(super) fn pressed(&mut self, verb: &Verb, keys: &str) -> Option<Result<NextStep, WebhookError>> {
        if !accepts(verb, "dtmf") {
            return None;
        }
        let (digits, key) = read_digits(verb, keys);
        if digits.is_empty() {
            return Some(self.nothing_entered(verb));
        }
        if let Some(call) = self.tenant.calls.rows.get_mut(self.sid) {
            call.pressed.push(digits.clone());
        }
        Some(self.progress.go_to_action(verb, pairs([("Digits", digits), ("FinishedOnKey", key)])))
    }

    /// Handles spoken words. `None` when the `Gather` accepts only keys.
    pub(super) fn spoken(&mut self, verb: &Verb, words: &str) -> Option<Result<NextStep, WebhookError>> {
        if !accepts(verb, "speech") {
            return None;
        }
        let extra = [("SpeechResult", words.to_owned()), ("Confidence", CONFIDENCE.to_owned())];
        let reported = self.report_partial(verb, words);
        Some(reported.and_then(|()| self.progress.go_to_action(verb, pairs(extra))))
    }

    fn report_partial(&mut self, verb: &Verb, words: &str) -> Result<(), WebhookError> {
        let endpoint =
            self.progress.endpoint(verb, "partialResultCallback", "partialResultCallbackMethod")?;
        let Some(endpoint) = endpoint else { return Ok(()) };
        let extra = pairs([
            ("UnstableSpeechResult", words.to_owned()),
            ("StableSpeechResult", String::new()),
            ("Stability", "0.5".to_owned()),
            ("SequenceNumber", "0".to_owned()),
        ]);
        let params = self.params(&extra);
        self.tenant.core.call_back(&endpoint, self.sid, "partial-result", &params);
        Ok(())
    }

    /// Ends the `Gather` after its time-out without input.
    pub(super) fn silent(&mut self, verb: &Verb) -> Result<NextStep, WebhookError> {
        self.tenant.calls.add_talk_time(self.sid, verb.number("timeout", 5));
        self.nothing_entered(verb)
    }

    fn nothing_entered(&mut self, verb: &Verb) -> Result<NextStep, WebhookError> {
        if !verb.flag("actionOnEmptyResult") {
            return Ok(NextStep::Next);
        }
        let mut extra = Params::new();
        if accepts(verb, "dtmf") {
            extra.extend(pairs([("Digits", String::new()), ("FinishedOnKey", String::new())]));
        }
        if accepts(verb, "speech") {
            extra.extend(pairs([("SpeechResult", String::new())]));
        }
        self.progress.go_to_action(verb, extra)
    }
}
