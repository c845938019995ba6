//! A live call: it carries out its documents, verb by verb, until it has to wait for the person or for a document.
//!
//! There is no HTTP here. The caller takes a [`DocumentRequest`], sends it, and hands the answer in.

use super::progress::{BAD_URL, DocumentRequest, NextStep, PendingRequest, Progress, Purpose, Stage, Wait};
use crate::engine::calls::{Call, CallStatus};
use crate::engine::tenant::Tenant;
use crate::engine::twiml;
use crate::engine::webhook::{
    Endpoint, FetchedDocument, Params, WebhookError, WebhookRequest, fallback_params,
};
use crate::heard::Heard;

/// The most documents in a row without input of the person. More are a loop.
const MAX_DOCUMENTS: u32 = 100;
const TOO_MANY_REDIRECTS: u32 = 11215;
pub(super) const SCHEMA: u32 = 12200;

/// One live call of an account.
pub(super) struct LiveCall<'a> {
    pub(super) sid: &'a str,
    pub(super) progress: &'a mut Progress,
    pub(super) tenant: &'a mut Tenant,
}

impl LiveCall<'_> {
    /// Returns the next request to be sent for this call.
    pub(super) fn next_request(&mut self) -> Option<DocumentRequest> {
        if let Some(request) = self.progress.last_requests.pop_front() {
            return Some(DocumentRequest { request, generation: None });
        }
        match &mut self.progress.stage {
            Stage::Fetching(pending) if !pending.taken => {
                pending.taken = true;
                Some(DocumentRequest {
                    request: pending.request.clone(),
                    generation: Some(self.progress.generation),
                })
            }
            _ => None,
        }
    }

    /// Takes back a request that was not sent, so that [`next_request`](Self::next_request) returns it again.
    pub(super) fn give_back(&mut self, request: &DocumentRequest) {
        if request.generation != Some(self.progress.generation) {
            return;
        }
        if let Stage::Fetching(pending) = &mut self.progress.stage {
            pending.taken = false;
        }
    }

    /// Handles the answer to a request. An answer that comes too late changes nothing.
    pub(super) fn take_answer(
        &mut self,
        asked: &DocumentRequest,
        answer: Result<FetchedDocument, WebhookError>,
    ) {
        let Some(generation) = asked.generation else {
            if let Err(error) = answer {
                self.note_error(&error, Some(&asked.request));
            }
            return;
        };
        if generation != self.progress.generation {
            return;
        }
        let purpose = match std::mem::replace(&mut self.progress.stage, Stage::Running) {
            Stage::Fetching(pending) => pending.purpose,
            other => {
                self.progress.stage = other;
                return;
            }
        };
        let read = answer.and_then(|page| Ok((twiml::read_fetched(&page)?, page.url)));
        match (purpose, read) {
            (Purpose::WaitMusic(wait), read) => self.play_music(wait, read, &asked.request),
            (_, Ok((verbs, url))) => {
                self.progress.base = Some(url);
                self.progress.verbs = verbs.into();
                self.run();
            }
            (purpose, Err(error)) => {
                let again = !matches!(purpose, Purpose::Fallback);
                self.fail_over(&error, Some(&asked.request), again);
            }
        }
    }

    /// Carries out verbs until the call has to wait.
    pub(super) fn run(&mut self) {
        self.progress.stage = Stage::Running;
        while matches!(self.progress.stage, Stage::Running) {
            let Some(verb) = self.progress.verbs.pop_front() else {
                if self.progress.is_dialed_party {
                    self.progress.stage = Stage::Waiting(Wait::HangUp);
                    return;
                }
                self.finish(CallStatus::Completed);
                return;
            };
            for warning in twiml::schema_warnings(&verb, true) {
                self.tenant.core.warn(self.sid, SCHEMA);
                self.progress.warnings.push(warning);
            }
            let next = self.carry_out(verb);
            self.go(next);
        }
    }

    /// Carries out the next step after a verb or an input.
    pub(super) fn go(&mut self, next: Result<NextStep, WebhookError>) {
        match next {
            Ok(NextStep::Next) => self.progress.stage = Stage::Running,
            Ok(NextStep::Fetch(endpoint, extra)) => self.pending(&endpoint, &extra, Purpose::Document),
            Ok(NextStep::WaitMusic(endpoint, extra, wait)) => {
                self.pending(&endpoint, &extra, Purpose::WaitMusic(wait));
            }
            Ok(NextStep::Wait(wait)) => self.progress.stage = Stage::Waiting(wait),
            Ok(NextStep::End(status)) => self.finish(status),
            Err(error) => self.fail_over(&error, None, true),
        }
    }

    /// Continues after an input.
    pub(super) fn proceed(&mut self, next: Result<NextStep, WebhookError>) {
        self.progress.documents = 0;
        self.go(next);
        if matches!(self.progress.stage, Stage::Running) {
            self.run();
        }
    }

    /// Makes the request for a document.
    pub(super) fn pending(&mut self, endpoint: &Endpoint, extra: &Params, purpose: Purpose) {
        self.progress.documents += 1;
        if self.progress.documents > MAX_DOCUMENTS {
            let why = format!("more than {MAX_DOCUMENTS} documents in a row without input");
            self.fail_over(&WebhookError::new(TOO_MANY_REDIRECTS, why), None, false);
            return;
        }
        let params = self.params(extra);
        let request = self.tenant.core.webhook_request(endpoint, &params);
        self.progress.generation += 1;
        self.progress.stage = Stage::Fetching(PendingRequest { request, purpose, taken: false });
    }

    /// Handles a document that was not received or cannot be carried out: requests the fallback, or ends the call.
    pub(super) fn fail_over(&mut self, error: &WebhookError, request: Option<&WebhookRequest>, again: bool) {
        self.note_error(error, request);
        let fallback = self.call().and_then(|call| call.fallback()).filter(|_| again);
        if let Some(fallback) = fallback {
            let mut extra = vec![("ErrorCode".to_owned(), error.code.to_string())];
            match request {
                Some(request) => extra = fallback_params(error, request),
                None => extra.extend(self.progress.base.clone().map(|url| ("ErrorUrl".to_owned(), url))),
            }
            self.progress.verbs.clear();
            self.pending(&fallback, &extra, Purpose::Fallback);
            return;
        }
        self.tenant.calling().answer_if_unanswered(self.sid);
        self.progress.heard.push(Heard::ApplicationError);
        self.finish(CallStatus::Completed);
    }

    pub(super) fn note_error(&mut self, error: &WebhookError, request: Option<&WebhookRequest>) {
        self.tenant.core.webhook_failed(self.sid, request, error);
        self.progress.errors.push(error.clone());
    }

    pub(super) fn finish(&mut self, status: CallStatus) {
        self.progress.end();
        if self.call().is_some_and(|call| call.is_live()) {
            self.tenant.calling().set_status(self.sid, status);
        }
    }

    /// Applies changes that were made elsewhere: the call ended, or the API gave it another document.
    pub(super) fn catch_up(&mut self) {
        let (live, redirects) = self.call().map_or((false, 0), |call| (call.is_live(), call.redirects));
        if !live {
            if !matches!(self.progress.stage, Stage::Over) {
                self.progress.end();
            }
        } else if self.progress.redirects != redirects {
            self.progress.redirects = redirects;
            self.progress.documents = 0;
            self.progress.stop_document(Stage::Running);
            self.begin_document();
        } else {
            self.go_on_after_conference();
        }
    }

    /// Goes on with the document where the conference that the call was in has ended, or the API removed the call from it.
    fn go_on_after_conference(&mut self) {
        let Stage::Waiting(Wait::Conference { verb, sid, .. }) = &self.progress.stage else { return };
        if self.tenant.conferences.has(sid, self.sid) {
            return;
        }
        let verb = verb.clone();
        if let Some(next) = self.dialed(&verb, &[], ("completed", 0)) {
            self.proceed(next);
        }
    }

    /// Starts the document that a dialled party hears before the connection.
    pub(super) fn begin_whisper(&mut self) {
        self.progress.is_dialed_party = true;
        let whispers = self.call().is_some_and(|call| call.instructions().0.is_some());
        if whispers { self.begin_document() } else { self.run() }
    }

    pub(super) fn call(&self) -> Option<&Call> {
        self.tenant.calls.rows.get(self.sid)
    }

    /// Returns the parameters of a request for a document.
    pub(super) fn params(&self, extra: &Params) -> Params {
        let Some(call) = self.call() else { return extra.clone() };
        let mut params = call.document_params(self.sid, self.tenant.core.account_sid());
        params.retain(|(key, _)| !extra.iter().any(|(own, _)| own == key));
        params.extend(extra.iter().cloned());
        params
    }

    /// Starts the document of the call: the one at its URL, or the one that came with the call.
    pub(super) fn begin_document(&mut self) {
        let Some((endpoint, twiml)) = self.call().map(|call| call.instructions()) else { return };
        self.progress.base = None;
        match (endpoint, twiml) {
            (Some(endpoint), _) => self.pending(&endpoint, &Params::new(), Purpose::Document),
            (None, Some(twiml)) => match twiml::read(twiml.as_bytes()) {
                Ok(verbs) => {
                    self.progress.verbs = verbs.into();
                    self.run();
                }
                Err(error) => self.fail_over(&error, None, true),
            },
            (None, None) => {
                let why = "the call has no document: the fake knows a Url and Twiml, and no applications";
                self.fail_over(&WebhookError::new(BAD_URL, why), None, true);
            }
        }
    }
}
