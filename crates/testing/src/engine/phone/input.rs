//! What the person at the telephone does, and what comes of it.

use std::ops::RangeInclusive;

use super::verbs::{Flow, sound};
use super::web::pairs;
use super::{Phone, Stage, Wait, gather};
use crate::engine::calls::Status;
use crate::engine::hook::{Hook, Params, Trouble};
use crate::engine::recordings::Plan;
use crate::engine::tenant::Tenant;
use crate::engine::twiml::Verb;
use crate::phone::{Heard, WaitsFor};

/// Something stands in the document of a queue that cannot.
const BAD_MUSIC: u32 = 13238;
/// Every key, as `Record` takes them.
const ANY_KEY: &str = "1234567890*#";
/// Seconds that somebody spoke who hung up in the middle of a recording.
const UNTIL_HANG_UP: u32 = 10;

/// What they said, if a test does not care.
const SOME_WORDS: &str = "Please call me back.";
/// Seconds that a recording has whose words are written down.
const TRANSCRIBED: RangeInclusive<u32> = 2..=120;

/// What was said into a recording, and how it ended.
struct Recorded<'a> {
    seconds: u32,
    digits: &'a str,
    words: &'a str,
}

/// Something that somebody does.
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

impl Wait {
    pub(super) fn shown(&self, base: Option<&str>) -> WaitsFor {
        match self {
            Self::Input(verb) => gather::shown(verb),
            Self::Recording(verb) => WaitsFor::Recording {
                max_seconds: verb.number("maxLength", 3600),
                finish_on_key: verb.given("finishOnKey").unwrap_or(ANY_KEY).to_owned(),
            },
            Self::Dial { parties, .. } => WaitsFor::DialedParty { parties: parties.clone() },
            Self::Conference { name, .. } => WaitsFor::Conference { name: name.clone() },
            Self::Queue { name, .. } => WaitsFor::Queue { name: name.clone() },
            Self::Connect { verb } => {
                let noun = verb.children.first();
                let url = noun.and_then(|noun| noun.get("url")).unwrap_or_default();
                let url = crate::engine::hook::resolve(base, url).unwrap_or_else(|| url.to_owned());
                WaitsFor::Stream { kind: noun.map(|noun| noun.name.clone()).unwrap_or_default(), url }
            }
            Self::Pay { .. } => WaitsFor::Payment,
            Self::HangUp => WaitsFor::HangUp,
        }
    }
}

impl Tenant {
    /// Lets somebody do something. Was it something that the call waits for?
    pub(crate) fn phone_input(&mut self, sid: &str, input: &Input) -> bool {
        let taken = self.with_phone(sid, |tenant, phone| {
            let wait = match std::mem::replace(&mut phone.stage, Stage::Running) {
                Stage::Waiting(wait) => wait,
                other => {
                    phone.stage = other;
                    return false;
                }
            };
            match tenant.carry_out_input(sid, phone, &wait, input) {
                Some(flow) => {
                    tenant.proceed(sid, phone, flow);
                    true
                }
                None => {
                    phone.stage = Stage::Waiting(wait);
                    false
                }
            }
        });
        taken.unwrap_or_default()
    }

    fn carry_out_input(
        &mut self,
        sid: &str,
        phone: &Phone,
        wait: &Wait,
        input: &Input,
    ) -> Option<Result<Flow, Trouble>> {
        match (wait, input) {
            (Wait::Input(verb), Input::Press(keys)) => Self::pressed(phone, verb, keys),
            (Wait::Input(verb), Input::Speak(words)) => self.spoken(sid, phone, verb, words),
            (Wait::Input(verb), Input::Silence) => Some(self.silent(sid, phone, verb)),
            (Wait::Recording(verb), Input::Record { seconds, key, words }) => {
                let keys = verb.given("finishOnKey").unwrap_or(ANY_KEY);
                if key.is_some_and(|key| !keys.contains(key)) {
                    return None;
                }
                let digits = key.map(String::from).unwrap_or_default();
                let words = words.as_deref().unwrap_or(SOME_WORDS);
                let recorded = self.record_verb(
                    sid,
                    phone,
                    verb,
                    Recorded { seconds: *seconds, digits: &digits, words },
                );
                Some(recorded.and_then(|extra| phone.act(verb, extra)))
            }
            // Nothing was said: there is nothing to tell of.
            (Wait::Recording(verb), Input::Silence) => {
                self.pass(sid, verb.number("timeout", 5));
                Some(Ok(Flow::Next))
            }
            (Wait::Dial { verb, legs, .. }, Input::Dialed { status, seconds }) => {
                self.dialed(sid, phone, verb, legs, (status, *seconds))
            }
            (Wait::Conference { verb, .. }, Input::Dialed { status, seconds }) => {
                self.dialed(sid, phone, verb, &[], (status, *seconds))
            }
            (Wait::Queue { verb, sid: queue, .. }, Input::LeaveQueue(result)) => {
                Some(phone.act_if_given(verb, queue_params(queue, result)))
            }
            (Wait::Connect { verb }, Input::LeaveStream) => Some(phone.act_if_given(verb, Params::new())),
            (Wait::Pay { verb }, Input::Pay(result)) => {
                Some(phone.act(verb, pairs([("Result", result.clone())])))
            }
            _ => None,
        }
    }

    /// Makes a recording of the whole length; returns what the action is told of it.
    fn record_verb(
        &mut self,
        sid: &str,
        phone: &Phone,
        verb: &Verb,
        recorded: Recorded<'_>,
    ) -> Result<Params, Trouble> {
        let seconds = recorded.seconds.min(verb.number("maxLength", 3600));
        self.pass(sid, seconds);
        let listener = phone.listener(verb, "recordingStatusCallback", "recordingStatusCallbackMethod")?;
        let recording = self.record_whole(sid, Plan::new(1, "RecordVerb", listener), seconds);
        if TRANSCRIBED.contains(&seconds) {
            self.transcribe(sid, phone, verb, &recording, recorded.words)?;
        }
        Ok(pairs([
            ("RecordingUrl", self.recording_url(&recording)),
            ("RecordingSid", recording),
            ("RecordingDuration", seconds.to_string()),
            ("Digits", recorded.digits.to_owned()),
        ]))
    }

    /// Writes down what a recording says, and tells whoever wants to know.
    fn transcribe(
        &mut self,
        sid: &str,
        phone: &Phone,
        verb: &Verb,
        recording: &str,
        words: &str,
    ) -> Result<(), Trouble> {
        let listener = phone.listener(verb, "transcribeCallback", "")?;
        if !verb.flag("transcribe") && listener.is_none() {
            return Ok(());
        }
        let Some(transcription) = self.add_transcription(recording, words) else { return Ok(()) };
        let Some(listener) = listener else { return Ok(()) };
        let account = &self.account.sid;
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
            ("RecordingUrl", self.recording_url(recording)),
        ]);
        let params = self.web_params(sid, &extra);
        self.call_back(&listener, sid, "transcription", &params);
        Ok(())
    }

    /// Lets the person hang up. What was under way is told to its action, whose answer does not matter any more.
    pub(crate) fn phone_hangs_up(&mut self, sid: &str) {
        self.with_phone(sid, |tenant, phone| {
            let Some(call) = tenant.calls.get(sid).filter(|call| call.is_live()) else { return };
            let end = if call.is_waiting() { Status::NoAnswer } else { Status::Completed };
            let stage = std::mem::replace(&mut phone.stage, Stage::Running);
            let told = match &stage {
                Stage::Waiting(wait) => tenant.last_words(sid, phone, wait),
                _ => Ok(None),
            };
            tenant.finish(sid, phone, end);
            match told {
                Ok(Some(Flow::Ask(listener, extra))) => {
                    let params = tenant.web_params(sid, &extra);
                    let hook = tenant.hook(&listener, &params);
                    phone.farewells.push_back(hook);
                }
                Ok(_) => {}
                Err(trouble) => tenant.note(sid, phone, &trouble, None),
            }
        });
    }

    fn last_words(&mut self, sid: &str, phone: &Phone, wait: &Wait) -> Result<Option<Flow>, Trouble> {
        match wait {
            Wait::Recording(verb) => {
                let recorded = Recorded { seconds: UNTIL_HANG_UP, digits: "hangup", words: SOME_WORDS };
                let extra = self.record_verb(sid, phone, verb, recorded)?;
                phone.act(verb, extra).map(Some)
            }
            Wait::Dial { verb, legs, .. } => self.dialed(sid, phone, verb, legs, ("canceled", 0)).transpose(),
            Wait::Conference { verb, .. } => self.dialed(sid, phone, verb, &[], ("completed", 0)).transpose(),
            Wait::Queue { verb, sid: queue, .. } => {
                phone.act_if_given(verb, queue_params(queue, "hangup")).map(Some)
            }
            Wait::Connect { verb } => phone.act_if_given(verb, Params::new()).map(Some),
            Wait::Input(_) | Wait::Pay { .. } | Wait::HangUp => Ok(None),
        }
    }

    /// Plays what a queue plays, once, then waits. `Leave` in it leaves the queue.
    pub(super) fn play_music(
        &mut self,
        sid: &str,
        phone: &mut Phone,
        wait: Wait,
        read: Result<(Vec<Verb>, String), Trouble>,
        hook: &Hook,
    ) {
        let verbs = match read {
            Ok((verbs, _)) => verbs,
            // The queue goes on in silence.
            Err(trouble) => {
                self.note(sid, phone, &trouble, Some(hook));
                Vec::new()
            }
        };
        for verb in verbs {
            if let Some(heard) = sound(phone, &verb) {
                phone.heard.push(heard);
            } else if let (true, Wait::Queue { verb, sid: queue, .. }) = (verb.name == "Leave", &wait) {
                let flow = phone.act_if_given(verb, queue_params(queue, "leave"));
                self.proceed(sid, phone, flow);
                return;
            } else {
                self.warn(sid, BAD_MUSIC);
                phone.warnings.push("the document of a queue can only say, play and pause".to_owned());
            }
        }
        phone.stage = Stage::Waiting(wait);
    }

    /// What was heard, what is waited for, what was wrong.
    pub(crate) fn phone_heard(&self, sid: &str) -> Vec<Heard> {
        self.phones.get(sid).map(|phone| phone.heard.clone()).unwrap_or_default()
    }

    pub(crate) fn phone_waits_for(&self, sid: &str) -> WaitsFor {
        self.phones.get(sid).map_or(WaitsFor::Nothing, Phone::waits_for)
    }

    pub(crate) fn phone_errors(&self, sid: &str) -> Vec<String> {
        self.phones.get(sid).map(|phone| phone.errors.iter().map(Trouble::text).collect()).unwrap_or_default()
    }

    pub(crate) fn phone_warnings(&self, sid: &str) -> Vec<String> {
        self.phones.get(sid).map(|phone| phone.warnings.clone()).unwrap_or_default()
    }
}

fn queue_params(queue: &str, result: &str) -> Params {
    pairs([("QueueResult", result.to_owned()), ("QueueSid", queue.to_owned()), ("QueueTime", "0".to_owned())])
}
