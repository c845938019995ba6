//! Calls that a test drives through their documents, and what their webhooks are told.

use serde_json::json;

use super::check::Draft;
use super::{Call, Status};
use crate::engine::callbacks::Listener;
use crate::engine::hook::Params;
use crate::engine::places;
use crate::engine::tenant::Tenant;
use crate::phone::InboundCall;

impl Call {
    pub(in crate::engine) fn is_live(&self) -> bool {
        self.status.is_live()
    }

    /// Has nobody answered it yet?
    pub(in crate::engine) fn is_waiting(&self) -> bool {
        self.status.is_waiting()
    }

    /// From now on it goes nowhere by itself.
    pub(in crate::engine) fn take_wheel(&mut self) {
        (self.driven, self.due) = (true, None);
    }

    /// Where to ask when a document fails.
    pub(in crate::engine) fn fallback(&self) -> Option<Listener> {
        self.fallback.clone()
    }

    /// Where its document is, or the document.
    pub(in crate::engine) fn instructions(&self) -> (Option<Listener>, Option<String>) {
        let listener = self.url.clone().map(|url| Listener { url, get: self.get });
        (listener, self.twiml.clone())
    }

    /// The account's number, and the other one.
    pub(in crate::engine) fn parties(&self) -> (String, String) {
        let (from, to) = (self.from.clone(), self.to.clone());
        if self.direction == "inbound" { (to, from) } else { (from, to) }
    }

    /// The parameters of a request for a document.
    pub(in crate::engine) fn web_params(&self, sid: &str, account: &str) -> Params {
        let mut params = [
            ("CallSid", sid),
            ("AccountSid", account),
            ("From", &self.from),
            ("To", &self.to),
            ("Caller", &self.from),
            ("Called", &self.to),
            ("CallStatus", self.status.word()),
            ("Direction", self.direction),
            ("ApiVersion", "2010-04-01"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .to_vec();
        params.extend(self.circumstances());
        params
    }

    /// What every request of a call is told beyond who and what.
    pub(super) fn circumstances(&self) -> Params {
        let parties = [("From", &self.from), ("To", &self.to), ("Caller", &self.from), ("Called", &self.to)];
        let mut params: Params =
            self.parent.iter().map(|sid| ("ParentCallSid".to_owned(), sid.clone())).collect();
        params.extend(parties.into_iter().flat_map(|(party, number)| places::params(party, number)));
        params.retain(|(key, _)| !self.extra.iter().any(|(own, _)| own == key));
        params.extend(self.extra.iter().cloned());
        params
    }
}

impl Tenant {
    /// Lets somebody, or a machine, answer a call of the API's, and begins its document. Could they?
    pub(crate) fn pick_up(&mut self, sid: &str, machine: bool) -> bool {
        if self.phones.contains_key(sid) {
            return false;
        }
        let Some(call) =
            self.calls.get(sid).filter(|call| call.is_live() && call.direction == "outbound-api")
        else {
            return false;
        };
        let waiting = call.is_waiting();
        self.drive(sid);
        if waiting {
            self.answer_call(sid);
        }
        self.detect(sid, machine);
        self.phone_redirected(sid);
        true
    }

    /// Lets somebody call the account; returns the SID of the call.
    pub(crate) fn call_in(&mut self, incoming: &InboundCall) -> String {
        let to = incoming.to.clone().unwrap_or_else(|| self.reached_number());
        let of_number = |url, method| self.number_listener(&to, url, method);
        let listener = match &incoming.url {
            Some(url) => Some(Listener { url: url.clone(), get: incoming.get }),
            None => of_number("voice_url", "voice_method"),
        };
        let draft = Draft {
            from: incoming.from.clone(),
            get: listener.as_ref().is_some_and(|listener| listener.get),
            url: listener.map(|listener| listener.url),
            fallback: of_number("voice_fallback_url", "voice_fallback_method")
                .filter(|_| incoming.url.is_none()),
            machine: None,
            twiml: None,
            time_limit: None,
            recording: None,
            listener: of_number("status_callback", "status_callback_method"),
            events: vec!["completed".to_owned()],
            to,
        };
        let extra = self.inbound_extra(incoming);
        let call = Call {
            direction: "inbound",
            status: Status::Ringing,
            extra,
            ..Call::begin(draft, self.clock.now())
        };
        let sid = self.sids.next("CA");
        self.calls.insert(&sid, call);
        self.drive(&sid);
        self.phone_redirected(&sid);
        sid
    }

    fn inbound_extra(&mut self, incoming: &InboundCall) -> Params {
        let token = json!({ "parentCallInfoToken": self.sids.token(), "identityHeaderTokens": [] });
        let mut extra = vec![("CallToken".to_owned(), token.to_string())];
        if incoming.from.starts_with("+1") {
            extra.push(("StirVerstat".to_owned(), "TN-Validation-Passed-A".to_owned()));
        }
        extra.retain(|(key, _)| !incoming.params.iter().any(|(own, _)| own == key));
        extra.extend(incoming.params.iter().cloned());
        extra
    }

    /// Answers a call that rings.
    pub(in crate::engine) fn answer_waiting(&mut self, sid: &str) {
        if self.calls.get(sid).is_some_and(Call::is_waiting) {
            self.set_call_status(sid, Status::InProgress);
        }
    }

    /// Lets time pass in a call, while the clock of the fake stands still.
    pub(in crate::engine) fn pass(&mut self, sid: &str, seconds: u32) {
        if let Some(call) = self.calls.get_mut(sid) {
            call.talked = call.talked.saturating_add(seconds.into());
        }
    }

    /// Twilio's word for the status of a call.
    pub(crate) fn call_status(&self, sid: &str) -> &'static str {
        self.calls.get(sid).map_or("deleted", |call| call.status.word())
    }
}
