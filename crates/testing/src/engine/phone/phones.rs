//! The live calls that a test drives, each with a `Phone`.

use std::collections::HashMap;

use super::input::Input;
use super::live_call::LiveCall;
use super::progress::{DocumentRequest, Progress, Stage, Wait};
use crate::engine::tenant::Tenant;
use crate::engine::webhook::{FetchedDocument, WebhookError};
use crate::heard::Heard;
use crate::heard::WaitsFor;
use crate::inbound::InboundCall;
use crate::placed::PickedUpBy;

/// The state of each live call that a test drives, by SID.
#[derive(Default)]
pub(crate) struct Phones(HashMap<String, Progress>);

impl Phones {
    /// Calls a function with a live call. `None` when no test drives it.
    fn with<T>(
        &mut self,
        tenant: &mut Tenant,
        sid: &str,
        work: impl FnOnce(&mut LiveCall<'_>) -> T,
    ) -> Option<T> {
        let mut live = LiveCall { sid, progress: self.0.get_mut(sid)?, tenant };
        live.catch_up();
        let result = work(&mut live);
        live.catch_up();
        Some(result)
    }

    /// Hands control of a call over to the test.
    fn take(&mut self, tenant: &mut Tenant, sid: &str) {
        if let Some(call) = tenant.calls.rows.get_mut(sid) {
            (call.manual, call.picked_up, call.due) = (true, true, None);
            self.0.insert(sid.to_owned(), Progress::new(call.redirects));
        }
    }

    /// Lets somebody or something answer a call that was placed over the API, and starts its document. Returns whether
    /// that was possible.
    pub(crate) fn pick_up(&mut self, tenant: &mut Tenant, sid: &str, by: PickedUpBy) -> bool {
        let call = tenant.calls.rows.get(sid).filter(|call| call.is_live() && call.is_placed());
        let Some(waiting) = call.map(|call| call.is_unanswered()).filter(|_| !self.0.contains_key(sid))
        else {
            return false;
        };
        self.take(tenant, sid);
        if waiting {
            tenant.calling().answer(sid);
        }
        tenant.calling().report_machine_detection(sid, by);
        self.with(tenant, sid, |live| live.begin_document()).is_some()
    }

    /// Receives a call, and starts its document; returns its SID.
    pub(crate) fn call_in(&mut self, tenant: &mut Tenant, incoming: &InboundCall) -> String {
        let sid = tenant.receive_call(incoming);
        self.take(tenant, &sid);
        self.with(tenant, &sid, |live| live.begin_document());
        sid
    }

    /// Lets the first dialled party answer, and starts the document that they hear before the connection. Returns the SID
    /// of their call; `None` when nobody is dialled.
    pub(crate) fn party_picks_up(&mut self, tenant: &mut Tenant, sid: &str) -> Option<String> {
        let Stage::Waiting(Wait::Dial { legs, .. }) = &self.0.get(sid)?.stage else { return None };
        let leg = legs.first()?.clone();
        if self.0.contains_key(&leg) {
            return Some(leg);
        }
        self.take(tenant, &leg);
        tenant.calling().answer_if_unanswered(&leg);
        self.with(tenant, &leg, |live| live.begin_whisper());
        Some(leg)
    }

    /// Returns the next request to be sent for a call.
    pub(crate) fn next_request(&mut self, tenant: &mut Tenant, sid: &str) -> Option<DocumentRequest> {
        self.with(tenant, sid, |live| live.next_request())?
    }

    /// Takes back a request that was not sent, so that it is returned again.
    pub(crate) fn give_back(&mut self, tenant: &mut Tenant, sid: &str, request: &DocumentRequest) {
        self.with(tenant, sid, |live| live.give_back(request));
    }

    /// Handles the answer to a request. An answer that comes too late changes nothing.
    pub(crate) fn take_answer(
        &mut self,
        tenant: &mut Tenant,
        sid: &str,
        request: &DocumentRequest,
        answer: Result<FetchedDocument, WebhookError>,
    ) {
        self.with(tenant, sid, |live| live.take_answer(request, answer));
    }

    /// Carries out an action of the person. Returns whether the call was waiting for it.
    pub(crate) fn input(&mut self, tenant: &mut Tenant, sid: &str, input: &Input) -> bool {
        self.with(tenant, sid, |live| live.input(input)).unwrap_or_default()
    }

    /// Lets the person hang up.
    pub(crate) fn hang_up(&mut self, tenant: &mut Tenant, sid: &str) {
        self.with(tenant, sid, |live| live.hang_up());
    }

    /// Returns what was heard so far.
    pub(crate) fn heard(&mut self, tenant: &mut Tenant, sid: &str) -> Vec<Heard> {
        self.with(tenant, sid, |live| live.progress.heard.clone()).unwrap_or_default()
    }

    /// Returns what the call waits for.
    pub(crate) fn waits_for(&mut self, tenant: &mut Tenant, sid: &str) -> WaitsFor {
        self.with(tenant, sid, |live| live.progress.waits_for()).unwrap_or(WaitsFor::Nothing)
    }

    /// Returns the errors so far, in order.
    pub(crate) fn errors(&mut self, tenant: &mut Tenant, sid: &str) -> Vec<String> {
        self.with(tenant, sid, |live| live.progress.errors.iter().map(WebhookError::text).collect())
            .unwrap_or_default()
    }

    /// Returns the warnings so far, in order.
    pub(crate) fn warnings(&mut self, tenant: &mut Tenant, sid: &str) -> Vec<String> {
        self.with(tenant, sid, |live| live.progress.warnings.clone()).unwrap_or_default()
    }
}
