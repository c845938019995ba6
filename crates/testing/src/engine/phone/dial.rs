//! `Dial`: calls to other parties. Each party is a leg, and each leg is a call with a SID.

use super::live_call::LiveCall;
use super::progress::{NextStep, Wait, pairs};
use crate::engine::calls::{CallStatus, Leg};
use crate::engine::numbers::is_e164;
use crate::engine::recording::RecordingOptions;
use crate::engine::recordings;
use crate::engine::tenant::Tenant;
use crate::engine::twiml::Verb;
use crate::engine::webhook::{Params, WebhookError};

/// The code of a number that cannot be dialled.
const BAD_NUMBER: u32 = 13224;

/// The values of `DialCallStatus`.
const OUTCOMES: &[&str] = &["completed", "answered", "busy", "no-answer", "failed", "canceled"];

/// Returns the address of a party: `+14155551234`, `client:alice`, `sip:…`.
fn address(noun: &Verb) -> String {
    let child =
        |name: &str| noun.children.iter().find(|child| child.name == name).map(|child| child.text.clone());
    let text = child("Identity").or_else(|| child("Uri")).unwrap_or_else(|| noun.own_text.clone());
    match noun.name.as_str() {
        "Client" => format!("client:{text}"),
        "Queue" => format!("queue:{text}"),
        "WhatsApp" => format!("whatsapp:{text}"),
        "Sim" => format!("sim:{text}"),
        "Number" | "Dial" => number(&text),
        _ => text,
    }
}

/// Reads a number with spaces and punctuation. As at Twilio, ten digits are a number of the United States.
fn number(text: &str) -> String {
    let bare: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')')).collect();
    let all_digits = bare.bytes().all(|b| b.is_ascii_digit());
    match bare.len() {
        10 if all_digits => format!("+1{bare}"),
        11 if all_digits && bare.starts_with('1') => format!("+{bare}"),
        _ => bare,
    }
}

impl LiveCall<'_> {
    pub(super) fn dial(&mut self, verb: Verb) -> Result<NextStep, WebhookError> {
        if let Some(room) = verb.children.iter().find(|child| child.name == "Conference") {
            let name = room.own_text.clone();
            let Tenant { core, conferences, .. } = &mut *self.tenant;
            let sid = conferences.join(core, &name, self.sid, Some(room));
            return Ok(NextStep::Wait(Wait::Conference { verb, name, sid }));
        }
        let nouns: Vec<&Verb> =
            if verb.children.is_empty() { vec![&verb] } else { verb.children.iter().collect() };
        let parties: Vec<String> = nouns.iter().map(|noun| address(noun)).collect();
        let dialable = |(noun, party): (&&Verb, &String)| {
            !party.is_empty() && (!matches!(noun.name.as_str(), "Number" | "Dial") || is_e164(party))
        };
        if !nouns.iter().zip(&parties).all(dialable) {
            self.note_error(&WebhookError::new(BAD_NUMBER, "a number to dial is not valid"), None);
            return self
                .progress
                .go_to_action_if_given(&verb, pairs([("DialCallStatus", "failed".to_owned())]));
        }
        let mut legs = Vec::new();
        for (noun, party) in nouns.iter().zip(&parties) {
            let endpoint = self.progress.endpoint(noun, "statusCallback", "statusCallbackMethod")?;
            let events = noun.get("statusCallbackEvent").unwrap_or("completed");
            let events = events.split_whitespace().map(str::to_owned).collect();
            let whisper =
                if noun.name == "Dial" { None } else { self.progress.endpoint(noun, "url", "method")? };
            let leg = Leg { party, caller: verb.get("callerId"), whisper, endpoint, events };
            legs.push(self.tenant.calling().begin_leg(self.sid, leg));
        }
        Ok(NextStep::Wait(Wait::Dial { verb, legs, parties }))
    }

    /// Ends a `Dial` with a status and the seconds of talk. `None` for a status that Twilio does not have.
    pub(super) fn dialed(
        &mut self,
        verb: &Verb,
        legs: &[String],
        (status, seconds): (&str, u32),
    ) -> Option<Result<NextStep, WebhookError>> {
        let status = OUTCOMES.iter().find(|word| **word == status)?;
        let talked = matches!(*status, "completed" | "answered");
        // A person who answered, heard the whisper and hung up was never connected.
        let calls = &self.tenant.calls.rows;
        let is_gone = |leg: &String| calls.get(leg).is_some_and(|call| call.picked_up && !call.is_answered());
        let bridged = talked && !legs.first().is_some_and(is_gone);
        for (n, leg) in legs.iter().enumerate() {
            let end = match *status {
                "completed" | "answered" if n == 0 => CallStatus::Completed,
                "busy" => CallStatus::Busy,
                "no-answer" => CallStatus::NoAnswer,
                "failed" => CallStatus::Failed,
                _ => CallStatus::Canceled,
            };
            self.tenant.calling().end_leg(leg, end, seconds);
        }
        let mut extra =
            pairs([("DialCallStatus", (*status).to_owned()), ("DialBridged", bridged.to_string())]);
        extra.extend(legs.first().map(|leg| ("DialCallSid".to_owned(), leg.clone())));
        if *status == "no-answer" {
            self.tenant.calls.add_talk_time(self.sid, verb.number("timeout", 30));
        }
        if talked {
            self.tenant.calls.add_talk_time(self.sid, seconds);
            extra.extend(pairs([("DialCallDuration", seconds.to_string())]));
        }
        let next = self.record_dial(verb, talked.then_some(seconds)).and_then(|recorded| {
            extra.extend(recorded);
            self.progress.go_to_action_if_given(verb, extra)
        });
        Some(next)
    }

    /// Adds the recording that a `Dial` asks for, and returns the parameters about it.
    fn record_dial(&mut self, verb: &Verb, talked: Option<u32>) -> Result<Params, WebhookError> {
        let how = verb.get("record").unwrap_or("do-not-record");
        let (true, Some(seconds)) = (how.starts_with("record-from"), talked) else {
            return Ok(Params::new());
        };
        let endpoint =
            self.progress.endpoint(verb, "recordingStatusCallback", "recordingStatusCallbackMethod")?;
        let channels = if how.ends_with("-dual") { 2 } else { 1 };
        let recording = self.tenant.recordings.add_whole(
            &mut self.tenant.core,
            self.sid,
            RecordingOptions::new(channels, "DialVerb", endpoint),
            seconds,
        );
        Ok(pairs([
            ("RecordingUrl", recordings::url(&self.tenant.core, &recording)),
            ("RecordingSid", recording),
            ("RecordingDuration", seconds.to_string()),
        ]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        assert_eq!(number("(415) 555-1234"), "+14155551234");
        assert_eq!(number("+44 20 7946 0000"), "+442079460000");
        assert_eq!(number("1 415 555 1234"), "+14155551234");
        assert_eq!(number("911"), "911");
    }
}
