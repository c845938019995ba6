//! A live call: where in which document it is, what it waits for, and what was heard so far.
//!
//! Nothing here speaks HTTP. Whoever runs the engine takes an [`Ask`], makes the request and hands the answer in.

mod dial;
mod gather;
mod input;
mod verbs;
mod web;

use std::collections::VecDeque;

pub(crate) use self::input::Input;
use self::verbs::Flow;
use super::callbacks::Listener;
use super::calls::Status;
use super::hook::{Hook, Page, Params, Trouble, fallback_params};
use super::tenant::Tenant;
use super::twiml::{self, Verb};
use crate::phone::{Heard, WaitsFor};

/// Documents in a row without a word or a key of the person's: more are a loop.
const MOST_DOCUMENTS: u32 = 100;
const TOO_MANY_REDIRECTS: u32 = 11215;
const SCHEMA: u32 = 12200;

/// A call that somebody drives.
pub(super) struct Phone {
    /// Grows with each turn, so that an answer which comes too late is known.
    turn: u64,
    /// The URL of the document; a document that came over the API has none.
    base: Option<String>,
    rest: VecDeque<Verb>,
    stage: Stage,
    /// What is told after the call, and nobody waits for.
    farewells: VecDeque<Hook>,
    heard: Vec<Heard>,
    errors: Vec<Trouble>,
    warnings: Vec<String>,
    documents: u32,
    /// Was it dialled by another call? Then the end of its document puts it through.
    is_party: bool,
}

enum Stage {
    Running,
    Asking(Question),
    Waiting(Wait),
    Over,
}

/// A document that is on its way.
struct Question {
    hook: Hook,
    purpose: Purpose,
    /// Has somebody begun to ask?
    taken: bool,
}

enum Purpose {
    Document,
    /// The document for when another one failed.
    Fallback,
    /// What is played in a queue.
    Music(Wait),
}

/// What a call stands still for.
enum Wait {
    Input(Verb),
    Recording(Verb),
    Dial { verb: Verb, legs: Vec<String>, parties: Vec<String> },
    Conference { verb: Verb, name: String },
    Queue { verb: Verb, name: String, sid: String },
    Connect { verb: Verb },
    Pay { verb: Verb },
    HangUp,
}

/// A request that a live call needs made.
pub(crate) struct Ask {
    pub(crate) hook: Hook,
    /// The turn it belongs to; none when its answer does not matter.
    turn: Option<u64>,
}

impl Phone {
    fn new() -> Self {
        Self {
            turn: 0,
            base: None,
            rest: VecDeque::new(),
            stage: Stage::Running,
            farewells: VecDeque::new(),
            heard: Vec::new(),
            errors: Vec::new(),
            warnings: Vec::new(),
            documents: 0,
            is_party: false,
        }
    }

    /// Leaves what it is at.
    fn turn(&mut self, stage: Stage) {
        self.turn += 1;
        self.rest.clear();
        self.stage = stage;
    }

    pub(super) fn end(&mut self) {
        self.turn(Stage::Over);
    }

    fn waits_for(&self) -> WaitsFor {
        match &self.stage {
            Stage::Over => WaitsFor::Nothing,
            Stage::Running | Stage::Asking(_) => WaitsFor::Document,
            Stage::Waiting(wait) => wait.shown(self.base.as_deref()),
        }
    }
}

impl Tenant {
    /// Begins to drive a call.
    pub(super) fn drive(&mut self, sid: &str) {
        if let Some(call) = self.calls.get_mut(sid) {
            call.take_wheel();
            self.phones.insert(sid.to_owned(), Phone::new());
        }
    }

    /// Works with a phone, which stands apart meanwhile. `None` when nobody drives the call.
    fn with_phone<T>(&mut self, sid: &str, work: impl FnOnce(&mut Self, &mut Phone) -> T) -> Option<T> {
        let mut phone = self.phones.remove(sid)?;
        let result = work(self, &mut phone);
        let over = !self.calls.get(sid).is_some_and(|call| call.is_live());
        if over && !matches!(phone.stage, Stage::Over) {
            phone.end();
        }
        self.phones.insert(sid.to_owned(), phone);
        Some(result)
    }

    /// Takes the next request that a call needs made.
    pub(crate) fn phone_asks(&mut self, sid: &str) -> Option<Ask> {
        let phone = self.phones.get_mut(sid)?;
        if let Some(hook) = phone.farewells.pop_front() {
            return Some(Ask { hook, turn: None });
        }
        match &mut phone.stage {
            Stage::Asking(question) if !question.taken => {
                question.taken = true;
                Some(Ask { hook: question.hook.clone(), turn: Some(phone.turn) })
            }
            _ => None,
        }
    }

    /// Gives a request back that was not made after all.
    pub(crate) fn phone_gives_up(&mut self, sid: &str, ask: &Ask) {
        let Some(phone) = self.phones.get_mut(sid).filter(|phone| ask.turn == Some(phone.turn)) else {
            return;
        };
        if let Stage::Asking(question) = &mut phone.stage {
            question.taken = false;
        }
    }

    /// Takes the answer to a request. One that comes too late changes nothing.
    pub(crate) fn phone_hears(&mut self, sid: &str, ask: &Ask, answer: Result<Page, Trouble>) {
        self.with_phone(sid, |tenant, phone| tenant.hear(sid, phone, ask, answer));
    }

    fn hear(&mut self, sid: &str, phone: &mut Phone, ask: &Ask, answer: Result<Page, Trouble>) {
        let Some(turn) = ask.turn else {
            if let Err(trouble) = answer {
                self.note(sid, phone, &trouble, Some(&ask.hook));
            }
            return;
        };
        if turn != phone.turn {
            return;
        }
        let purpose = match std::mem::replace(&mut phone.stage, Stage::Running) {
            Stage::Asking(question) => question.purpose,
            other => {
                phone.stage = other;
                return;
            }
        };
        let read = answer.and_then(|page| Ok((twiml::of_page(&page)?, page.url)));
        match (purpose, read) {
            (Purpose::Music(wait), read) => self.play_music(sid, phone, wait, read, &ask.hook),
            (_, Ok((verbs, url))) => {
                phone.base = Some(url);
                phone.rest = verbs.into();
                self.run(sid, phone);
            }
            (purpose, Err(trouble)) => {
                let again = !matches!(purpose, Purpose::Fallback);
                self.give_up(sid, phone, &trouble, Some(&ask.hook), again);
            }
        }
    }

    /// Carries out verbs until something must be waited for.
    fn run(&mut self, sid: &str, phone: &mut Phone) {
        phone.stage = Stage::Running;
        while matches!(phone.stage, Stage::Running) {
            let Some(verb) = phone.rest.pop_front() else {
                if phone.is_party {
                    phone.stage = Stage::Waiting(Wait::HangUp);
                    return;
                }
                self.finish(sid, phone, Status::Completed);
                return;
            };
            for complaint in twiml::complaints(&verb, true) {
                self.warn(sid, SCHEMA);
                phone.warnings.push(complaint);
            }
            let flow = self.carry_out_verb(sid, phone, verb);
            self.go(sid, phone, flow);
        }
    }

    /// Does what came of a verb, or of what somebody did.
    fn go(&mut self, sid: &str, phone: &mut Phone, flow: Result<Flow, Trouble>) {
        match flow {
            Ok(Flow::Next) => phone.stage = Stage::Running,
            Ok(Flow::Ask(listener, extra)) => self.question(sid, phone, &listener, &extra, Purpose::Document),
            Ok(Flow::Music(listener, extra, wait)) => {
                self.question(sid, phone, &listener, &extra, Purpose::Music(wait));
            }
            Ok(Flow::Wait(wait)) => phone.stage = Stage::Waiting(wait),
            Ok(Flow::End(status)) => self.finish(sid, phone, status),
            Err(trouble) => self.give_up(sid, phone, &trouble, None, true),
        }
    }

    /// Goes on after something was waited for.
    fn proceed(&mut self, sid: &str, phone: &mut Phone, flow: Result<Flow, Trouble>) {
        phone.documents = 0;
        self.go(sid, phone, flow);
        if matches!(phone.stage, Stage::Running) {
            self.run(sid, phone);
        }
    }

    /// Asks for a document.
    fn question(
        &mut self,
        sid: &str,
        phone: &mut Phone,
        listener: &Listener,
        extra: &Params,
        purpose: Purpose,
    ) {
        phone.documents += 1;
        if phone.documents > MOST_DOCUMENTS {
            let why = format!("more than {MOST_DOCUMENTS} documents in a row without a word from anybody");
            self.give_up(sid, phone, &Trouble::new(TOO_MANY_REDIRECTS, why), None, false);
            return;
        }
        let params = self.web_params(sid, extra);
        let hook = self.hook(listener, &params);
        phone.turn += 1;
        phone.stage = Stage::Asking(Question { hook, purpose, taken: false });
    }

    /// A document cannot be had or cannot be carried out: the fallback is asked, or the call ends.
    fn give_up(&mut self, sid: &str, phone: &mut Phone, trouble: &Trouble, hook: Option<&Hook>, again: bool) {
        self.note(sid, phone, trouble, hook);
        let fallback = self.calls.get(sid).and_then(|call| call.fallback()).filter(|_| again);
        if let Some(fallback) = fallback {
            let mut extra = vec![("ErrorCode".to_owned(), trouble.code.to_string())];
            match hook {
                Some(hook) => extra = fallback_params(trouble, hook),
                None => extra.extend(phone.base.clone().map(|url| ("ErrorUrl".to_owned(), url))),
            }
            phone.rest.clear();
            self.question(sid, phone, &fallback, &extra, Purpose::Fallback);
            return;
        }
        self.answer_waiting(sid);
        phone.heard.push(Heard::ApplicationError);
        self.finish(sid, phone, Status::Completed);
    }

    fn note(&mut self, sid: &str, phone: &mut Phone, trouble: &Trouble, hook: Option<&Hook>) {
        self.webhook_failed(sid, hook, trouble);
        phone.errors.push(trouble.clone());
    }

    fn finish(&mut self, sid: &str, phone: &mut Phone, status: Status) {
        phone.end();
        if self.calls.get(sid).is_some_and(|call| call.is_live()) {
            self.set_call_status(sid, status);
        }
    }

    /// Goes on with the document that the call was given over the API.
    pub(super) fn phone_redirected(&mut self, sid: &str) {
        self.with_phone(sid, |tenant, phone| {
            tenant.end_legs(sid);
            phone.turn(Stage::Running);
            phone.documents = 0;
            tenant.begin_document(sid, phone);
        });
    }

    /// Begins with what the call has: a URL, or a document.
    fn begin_document(&mut self, sid: &str, phone: &mut Phone) {
        let Some((listener, twiml)) = self.calls.get(sid).map(|call| call.instructions()) else { return };
        phone.base = None;
        match (listener, twiml) {
            (Some(listener), _) => self.question(sid, phone, &listener, &Params::new(), Purpose::Document),
            (None, Some(twiml)) => match twiml::read(twiml.as_bytes()) {
                Ok(verbs) => {
                    phone.rest = verbs.into();
                    self.run(sid, phone);
                }
                Err(trouble) => self.give_up(sid, phone, &trouble, None, true),
            },
            (None, None) => {
                let why = "the call has no document: the fake knows a Url and Twiml, and no applications";
                self.give_up(sid, phone, &Trouble::new(web::BAD_URL, why), None, true);
            }
        }
    }
}
