//! How far a live call has come in its documents: what it waits for, what was heard, what went wrong.

use std::collections::VecDeque;

use super::gather_rules;
use crate::engine::calls::Status;
use crate::engine::twiml::Verb;
use crate::engine::webhook::{Endpoint, Params, WebhookError, WebhookRequest, resolve};
use crate::heard::{Heard, WaitsFor};

pub(super) const BAD_URL: u32 = 11100;

/// Every key, as `Record` takes them.
pub(super) const ANY_KEY: &str = "1234567890*#";
/// A call that somebody drives.
pub(crate) struct Progress {
    /// Grows with each turn, so that an answer which comes too late is known.
    pub(super) turn: u64,
    /// The URL of the document; a document that came over the API has none.
    pub(super) base: Option<String>,
    pub(super) rest: VecDeque<Verb>,
    pub(super) stage: Stage,
    /// What is told after the call, and nobody waits for.
    pub(super) farewells: VecDeque<WebhookRequest>,
    pub(super) heard: Vec<Heard>,
    pub(super) errors: Vec<WebhookError>,
    pub(super) warnings: Vec<String>,
    pub(super) documents: u32,
    /// Was it dialled by another call? Then the end of its document puts it through.
    pub(super) is_party: bool,
    /// How often the API had given the call another document when that was last looked at.
    pub(super) redirects: u32,
}

pub(super) enum Stage {
    Running,
    Asking(Question),
    Waiting(Wait),
    Over,
}

/// A document that is on its way.
pub(super) struct Question {
    pub(super) hook: WebhookRequest,
    pub(super) purpose: Purpose,
    /// Has somebody begun to ask?
    pub(super) taken: bool,
}

pub(super) enum Purpose {
    Document,
    /// The document for when another one failed.
    Fallback,
    /// What is played in a queue.
    Music(Wait),
}

/// What a call stands still for.
pub(super) enum Wait {
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
pub(crate) struct DocumentRequest {
    pub(crate) hook: WebhookRequest,
    /// The turn it belongs to; none when its answer does not matter.
    pub(super) turn: Option<u64>,
}

impl Progress {
    pub(super) fn new(redirects: u32) -> Self {
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
            redirects,
        }
    }

    /// Leaves what it is at.
    pub(super) fn turn(&mut self, stage: Stage) {
        self.turn += 1;
        self.rest.clear();
        self.stage = stage;
    }

    pub(super) fn end(&mut self) {
        self.turn(Stage::Over);
    }

    pub(super) fn waits_for(&self) -> WaitsFor {
        match &self.stage {
            Stage::Over => WaitsFor::Nothing,
            Stage::Running | Stage::Asking(_) => WaitsFor::Document,
            Stage::Waiting(wait) => wait.shown(self.base.as_deref()),
        }
    }

    /// Resolves a URL of the document.
    pub(super) fn url(&self, url: &str) -> Result<String, WebhookError> {
        resolve(self.base.as_deref(), url).ok_or_else(|| {
            let why = match self.base {
                Some(_) => "a URL in the document is not valid",
                None => "the document has no URL of its own, so it needs whole URLs, in each action too",
            };
            WebhookError::new(BAD_URL, why)
        })
    }

    /// Goes to a URL of the document with a method.
    pub(super) fn ask(&self, url: &str, get: bool, extra: Params) -> Result<NextStep, WebhookError> {
        Ok(NextStep::Ask(Endpoint { url: self.url(url)?, get }, extra))
    }

    /// Goes to the action of a verb, or to the document itself.
    pub(super) fn act(&self, verb: &Verb, extra: Params) -> Result<NextStep, WebhookError> {
        self.ask(verb.get("action").unwrap_or_default(), verb.is_get("method"), extra)
    }

    /// Goes to the action of a verb, or on without one.
    pub(super) fn act_if_given(&self, verb: &Verb, extra: Params) -> Result<NextStep, WebhookError> {
        if verb.get("action").is_some() { self.act(verb, extra) } else { Ok(NextStep::Next) }
    }

    /// The endpoint that an attribute names.
    pub(super) fn endpoint(
        &self,
        verb: &Verb,
        url: &str,
        method: &str,
    ) -> Result<Option<Endpoint>, WebhookError> {
        let endpoint = |url| Ok(Endpoint { url: self.url(url)?, get: verb.is_get(method) });
        verb.get(url).map(endpoint).transpose()
    }
}

/// What comes after a verb.
pub(super) enum NextStep {
    Next,
    Ask(Endpoint, Params),
    /// Plays a document's sound, then waits.
    Music(Endpoint, Params, Wait),
    Wait(Wait),
    End(Status),
}

impl Wait {
    pub(super) fn shown(&self, base: Option<&str>) -> WaitsFor {
        match self {
            Self::Input(verb) => gather_rules::shown(verb),
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
                let url = resolve(base, url).unwrap_or_else(|| url.to_owned());
                WaitsFor::Stream { kind: noun.map(|noun| noun.name.clone()).unwrap_or_default(), url }
            }
            Self::Pay { .. } => WaitsFor::Payment,
            Self::HangUp => WaitsFor::HangUp,
        }
    }
}

/// Owns the keys of some pairs.
pub(super) fn pairs<const N: usize>(pairs: [(&str, String); N]) -> Params {
    pairs.map(|(key, value)| (key.to_owned(), value)).to_vec()
}
