//! The actions of the person at the telephone, and their effects.

use std::ops::RangeInclusive;

use super::live_call::LiveCall;
use super::progress::{ANY_KEY, NextStep, Stage, Wait, pairs};
use super::sound::sound;
use crate::engine::calls::CallStatus;
use crate::engine::conferences::Exit;
use crate::engine::recording::RecordingOptions;
use crate::engine::recordings;
use crate::engine::tenant::Tenant;
use crate::engine::twiml::Verb;
use crate::engine::webhook::{Params, WebhookError, WebhookRequest};

/// The code of an element that is not allowed in the document of a `waitUrl`.
const BAD_WAIT_ELEMENT: u32 = 13238;
/// The length of a recording that ended with a hang-up, in seconds.
const HANG_UP_SECONDS: u32 = 10;

/// The words of a recording where the test gives none.
const DEFAULT_WORDS: &str = "Please call me back.";
/// The lengths, in seconds, of recordings that are transcribed.
const TRANSCRIBED: RangeInclusive<u32> = 2..=120;

/// The content of a recording, and how it ended.
struct Recorded<'a> {
    seconds: u32,
    digits: &'a str,
    words: &'a str,
}

/// An action of the person at the telephone.
#[derive(Clone)]
pub(crate) enum Input {
    Press(String),
    Speak(String),
    Silence,
    Record { seconds: u32, key: Option<char>, words: Option<String> },
    Dialed { status: String, seconds: u32 },
    LeaveQueue(String),
    LeaveStream,
    Pay(String),
}

impl LiveCall<'_> {
    /// Carries out an action of the person. Returns whether the call was waiting for it.
    pub(super) fn input(&mut self, input: &Input) -> bool {
        let wait = match std::mem::replace(&mut self.progress.stage, Stage::Running) {
            Stage::Waiting(wait) => wait,
            other => {
                self.progress.stage = other;
                return false;
            }
        };
        match self.apply_input(&wait, input) {
            Some(next) => {
                self.proceed(next);
                true
            }
            None => {
                self.progress.stage = Stage::Waiting(wait);
                false
            }
        }
    }

    fn apply_input(&mut self, wait: &Wait, input: &Input) -> Option<Result<NextStep, WebhookError>> {
        match (wait, input) {
            (Wait::Input(verb), Input::Press(keys)) => self.pressed(verb, keys),
            (Wait::Input(verb), Input::Speak(words)) => self.spoken(verb, words),
            (Wait::Input(verb), Input::Silence) => Some(self.silent(verb)),
            (Wait::Recording(verb), Input::Record { seconds, key, words }) => {
                let keys = verb.given("finishOnKey").unwrap_or(ANY_KEY);
                if key.is_some_and(|key| !keys.contains(key)) {
                    return None;
                }
                let digits = key.map(String::from).unwrap_or_default();
                let words = words.as_deref().unwrap_or(DEFAULT_WORDS);
                let recorded = self.record_verb(verb, Recorded { seconds: *seconds, digits: &digits, words });
                Some(recorded.and_then(|extra| self.progress.go_to_action(verb, extra)))
            }
            // Silence makes no recording.
            (Wait::Recording(verb), Input::Silence) => {
                self.tenant.calls.add_talk_time(self.sid, verb.number("timeout", 5));
                Some(Ok(NextStep::Next))
            }
            (Wait::Dial { verb, legs, .. }, Input::Dialed { status, seconds }) => {
                self.dialed(verb, legs, (status, *seconds))
            }
            (Wait::Conference { verb, .. }, Input::Dialed { status, seconds }) => {
                self.leave_conference();
                self.dialed(verb, &[], (status, *seconds))
            }
            (Wait::Queue { verb, sid: queue, .. }, Input::LeaveQueue(result)) => {
                Some(self.progress.go_to_action_if_given(verb, queue_params(queue, result)))
            }
            (Wait::Connect { verb }, Input::LeaveStream) => {
                Some(self.progress.go_to_action_if_given(verb, Params::new()))
            }
            (Wait::Pay { verb }, Input::Pay(result)) => {
                Some(self.progress.go_to_action(verb, pairs([("Result", result.clone())])))
            }
            _ => None,
        }
    }

    /// Adds the recording of a `Record`; returns the parameters about it for the action.
    fn record_verb(&mut self, verb: &Verb, recorded: Recorded<'_>) -> Result<Params, WebhookError> {
        let seconds = recorded.seconds.min(verb.number("maxLength", 3600));
        self.tenant.calls.add_talk_time(self.sid, seconds);
        let endpoint =
            self.progress.endpoint(verb, "recordingStatusCallback", "recordingStatusCallbackMethod")?;
        let recording = self.tenant.recordings.add_whole(
            &mut self.tenant.core,
            self.sid,
            RecordingOptions::new(1, "RecordVerb", endpoint),
            seconds,
        );
        if TRANSCRIBED.contains(&seconds) {
            self.transcribe(verb, &recording, recorded.words)?;
        }
        Ok(pairs([
            ("RecordingUrl", recordings::url(&self.tenant.core, &recording)),
            ("RecordingSid", recording),
            ("RecordingDuration", seconds.to_string()),
            ("Digits", recorded.digits.to_owned()),
        ]))
    }

    /// Adds the transcription of a recording, and reports it to its callback.
    fn transcribe(&mut self, verb: &Verb, recording: &str, words: &str) -> Result<(), WebhookError> {
        let endpoint = self.progress.endpoint(verb, "transcribeCallback", "")?;
        if !verb.flag("transcribe") && endpoint.is_none() {
            return Ok(());
        }
        let Some(transcription) = self.tenant.recordings.transcribe(&mut self.tenant.core, recording, words)
        else {
            return Ok(());
        };
        let Some(endpoint) = endpoint else { return Ok(()) };
        let account = &self.tenant.core.account.sid;
        let url =
            format!("https://api.twilio.com/2010-04-01/Accounts/{account}/Transcriptions/{transcription}");
        let extra = pairs([
            ("TranscriptionSid", transcription),
            ("TranscriptionText", words.to_owned()),
            ("TranscriptionStatus", "completed".to_owned()),
            ("TranscriptionType", "fast".to_owned()),
            ("TranscriptionUrl", url.clone()),
            ("url", url),
            ("RecordingSid", recording.to_owned()),
            ("RecordingUrl", recordings::url(&self.tenant.core, recording)),
        ]);
        let params = self.params(&extra);
        self.tenant.core.call_back(&endpoint, self.sid, "transcription", &params);
        Ok(())
    }

    /// Lets the person hang up. The action of the current verb is requested, and its answer is ignored.
    pub(super) fn hang_up(&mut self) {
        let Some(call) = self.call().filter(|call| call.is_live()) else { return };
        let end = if call.is_unanswered() { CallStatus::NoAnswer } else { CallStatus::Completed };
        let stage = std::mem::replace(&mut self.progress.stage, Stage::Running);
        let action = match &stage {
            Stage::Waiting(wait) => self.final_request(wait),
            _ => Ok(None),
        };
        self.finish(end);
        match action {
            Ok(Some(NextStep::Fetch(endpoint, extra))) => {
                let params = self.params(&extra);
                let request = self.tenant.core.webhook_request(&endpoint, &params);
                self.progress.last_requests.push_back(request);
            }
            Ok(_) => {}
            Err(error) => self.note_error(&error, None),
        }
    }

    fn leave_conference(&mut self) {
        let Tenant { core, conferences, .. } = &mut *self.tenant;
        conferences.leave(core, self.sid, Exit::Left);
    }

    fn final_request(&mut self, wait: &Wait) -> Result<Option<NextStep>, WebhookError> {
        match wait {
            Wait::Recording(verb) => {
                let recorded = Recorded { seconds: HANG_UP_SECONDS, digits: "hangup", words: DEFAULT_WORDS };
                let extra = self.record_verb(verb, recorded)?;
                self.progress.go_to_action(verb, extra).map(Some)
            }
            Wait::Dial { verb, legs, .. } => self.dialed(verb, legs, ("canceled", 0)).transpose(),
            Wait::Conference { verb, .. } => self.dialed(verb, &[], ("completed", 0)).transpose(),
            Wait::Queue { verb, sid: queue, .. } => {
                self.progress.go_to_action_if_given(verb, queue_params(queue, "hangup")).map(Some)
            }
            Wait::Connect { verb } => self.progress.go_to_action_if_given(verb, Params::new()).map(Some),
            Wait::Input(_) | Wait::Pay { .. } | Wait::HangUp => Ok(None),
        }
    }

    /// Plays the document of a queue's `waitUrl` once, then waits. A `Leave` in it leaves the queue.
    pub(super) fn play_music(
        &mut self,
        wait: Wait,
        read: Result<(Vec<Verb>, String), WebhookError>,
        request: &WebhookRequest,
    ) {
        let verbs = match read {
            Ok((verbs, _)) => verbs,
            // Without a document the caller waits in silence.
            Err(error) => {
                self.note_error(&error, Some(request));
                Vec::new()
            }
        };
        for verb in verbs {
            if let Some(heard) = sound(self.progress, &verb) {
                self.progress.heard.push(heard);
            } else if let (true, Wait::Queue { verb, sid: queue, .. }) = (verb.name == "Leave", &wait) {
                let next = self.progress.go_to_action_if_given(verb, queue_params(queue, "leave"));
                self.proceed(next);
                return;
            } else {
                self.tenant.core.warn(self.sid, BAD_WAIT_ELEMENT);
                self.progress
                    .warnings
                    .push("the document of a queue can only say, play and pause".to_owned());
            }
        }
        self.progress.stage = Stage::Waiting(wait);
    }
}

fn queue_params(queue: &str, result: &str) -> Params {
    pairs([("QueueResult", result.to_owned()), ("QueueSid", queue.to_owned()), ("QueueTime", "0".to_owned())])
}
