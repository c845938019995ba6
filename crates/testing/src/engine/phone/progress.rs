//! The state of a live call: the rest of its document, what it waits for, what was heard, and the errors.

use std::collections::VecDeque;

use super::gather_rules;
use crate::engine::calls::CallStatus;
use crate::engine::twiml::Verb;
use crate::engine::webhook::{Endpoint, Params, WebhookError, WebhookRequest, resolve};
use crate::heard::{Heard, WaitsFor};

pub(super) const BAD_URL: u32 = 11100;

/// Every key. Each one ends a `Record` by default.
pub(super) const ANY_KEY: &str = "1234567890*#";
/// The state of a live call.
pub(crate) struct Progress {
    /// Counts the documents that were requested or stopped. An answer to a request of an older generation comes too late.
    pub(super) generation: u64,
    /// The URL of the document; a document that came over the API has none.
    pub(super) base: Option<String>,
    pub(super) verbs: VecDeque<Verb>,
    pub(super) stage: Stage,
    /// Requests to send after the end of the call. Their answers are ignored.
    pub(super) last_requests: VecDeque<WebhookRequest>,
    pub(super) heard: Vec<Heard>,
    pub(super) errors: Vec<WebhookError>,
    pub(super) warnings: Vec<String>,
    pub(super) documents: u32,
    /// Whether another call dialled it; the end of its document then connects the two.
    pub(super) is_dialed_party: bool,
    /// The number of redirects of the call over the API that were applied already.
    pub(super) redirects: u32,
}

pub(super) enum Stage {
    Running,
    Fetching(PendingRequest),
    Waiting(Wait),
    Over,
}

/// A request for a document that was not answered yet.
pub(super) struct PendingRequest {
    pub(super) request: WebhookRequest,
    pub(super) purpose: Purpose,
    /// Whether the request was handed out.
    pub(super) taken: bool,
}

pub(super) enum Purpose {
    Document,
    /// The fallback document.
    Fallback,
    /// The document of a queue's `waitUrl`.
    WaitMusic(Wait),
}

/// What a live call waits for.
pub(super) enum Wait {
    Input(Verb),
    Recording(Verb),
    Dial { verb: Verb, legs: Vec<String>, parties: Vec<String> },
    Conference { verb: Verb, name: String, sid: String },
    Queue { verb: Verb, name: String, sid: String },
    Connect { verb: Verb },
    Pay { verb: Verb },
    HangUp,
}

/// A request to be sent for a live call.
pub(crate) struct DocumentRequest {
    pub(crate) request: WebhookRequest,
    /// The generation of [`Progress`] when it was made; `None` when its answer is ignored.
    pub(super) generation: Option<u64>,
}

impl Progress {
    pub(super) fn new(redirects: u32) -> Self {
        Self {
            generation: 0,
            base: None,
            verbs: VecDeque::new(),
            stage: Stage::Running,
            last_requests: VecDeque::new(),
            heard: Vec::new(),
            errors: Vec::new(),
            warnings: Vec::new(),
            documents: 0,
            is_dialed_party: false,
            redirects,
        }
    }

    /// Stops the current document.
    pub(super) fn stop_document(&mut self, stage: Stage) {
        self.generation += 1;
        self.verbs.clear();
        self.stage = stage;
    }

    pub(super) fn end(&mut self) {
        self.stop_document(Stage::Over);
    }

    pub(super) fn waits_for(&self) -> WaitsFor {
        match &self.stage {
            Stage::Over => WaitsFor::Nothing,
            Stage::Running | Stage::Fetching(_) => WaitsFor::Document,
            Stage::Waiting(wait) => wait.waits_for(self.base.as_deref()),
        }
    }

    /// Resolves a URL of the document.
    pub(super) fn url(&self, url: &str) -> Result<String, WebhookError> {
        resolve(self.base.as_deref(), url).ok_or_else(|| {
            let why = match self.base {
                Some(_) => "a URL in the document is not valid",
                None => "the document has no URL, so every URL and action in it must be absolute",
            };
            WebhookError::new(BAD_URL, why)
        })
    }

    /// Returns the step that requests a URL of the document.
    pub(super) fn go_to(&self, url: &str, get: bool, extra: Params) -> Result<NextStep, WebhookError> {
        Ok(NextStep::Fetch(Endpoint { url: self.url(url)?, get }, extra))
    }

    /// Returns the step that requests the action of a verb; without one, the document itself again.
    pub(super) fn go_to_action(&self, verb: &Verb, extra: Params) -> Result<NextStep, WebhookError> {
        self.go_to(verb.get("action").unwrap_or_default(), verb.is_get("method"), extra)
    }

    /// Returns the step that requests the action of a verb; without one, that goes to the next verb.
    pub(super) fn go_to_action_if_given(&self, verb: &Verb, extra: Params) -> Result<NextStep, WebhookError> {
        if verb.get("action").is_some() { self.go_to_action(verb, extra) } else { Ok(NextStep::Next) }
    }

    /// Returns the endpoint in an attribute.
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

/// What the call does after a verb.
pub(super) enum NextStep {
    Next,
    Fetch(Endpoint, Params),
    /// Requests the document of a `waitUrl`, plays it, then waits.
    WaitMusic(Endpoint, Params, Wait),
    Wait(Wait),
    End(CallStatus),
}

impl Wait {
    pub(super) fn waits_for(&self, base: Option<&str>) -> WaitsFor {
        match self {
            Self::Input(verb) => gather_rules::waits_for(verb),
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

/// Makes parameters from pairs.
pub(super) fn pairs<const N: usize>(pairs: [(&str, String); N]) -> Params {
    pairs.map(|(key, value)| (key.to_owned(), value)).to_vec()
}
