//! Calls that people make to the account.

use serde_json::json;

use super::call::{Call, NewCall};
use super::calling::Calling;
use super::status::CallStatus;
use crate::engine::senders::Senders;
use crate::engine::webhook::{Endpoint, Params};
use crate::inbound::InboundCall;

impl Calling<'_> {
    /// Receives a call; returns its SID.
    pub(in crate::engine) fn receive(&mut self, senders: &Senders, incoming: &InboundCall) -> String {
        let to = incoming.inbound.to.clone().unwrap_or_else(|| senders.reached_number());
        let of_number = |url, method| senders.number_endpoint(&to, url, method);
        let endpoint = match &incoming.inbound.url {
            Some(url) => Some(Endpoint { url: url.clone(), get: incoming.inbound.get }),
            None => of_number("voice_url", "voice_method"),
        };
        let call = NewCall {
            from: incoming.inbound.from.clone(),
            get: endpoint.as_ref().is_some_and(|endpoint| endpoint.get),
            url: endpoint.map(|endpoint| endpoint.url),
            fallback: of_number("voice_fallback_url", "voice_fallback_method")
                .filter(|_| incoming.inbound.url.is_none()),
            machine: None,
            twiml: None,
            time_limit: None,
            recording: None,
            endpoint: of_number("status_callback", "status_callback_method"),
            events: vec!["completed".to_owned()],
            to,
        };
        let extra = self.inbound_extra(incoming);
        let call = Call {
            direction: "inbound",
            status: CallStatus::Ringing,
            extra,
            ..Call::begin(call, self.core.now())
        };
        let sid = self.core.sids.next("CA");
        self.calls.rows.insert(&sid, call);
        sid
    }

    fn inbound_extra(&mut self, incoming: &InboundCall) -> Params {
        let token = json!({ "parentCallInfoToken": self.core.sids.token(), "identityHeaderTokens": [] });
        let mut extra = vec![("CallToken".to_owned(), token.to_string())];
        if incoming.inbound.from.starts_with("+1") {
            extra.push(("StirVerstat".to_owned(), "TN-Validation-Passed-A".to_owned()));
        }
        extra.retain(|(key, _)| !incoming.inbound.params.iter().any(|(own, _)| own == key));
        extra.extend(incoming.inbound.params.iter().cloned());
        extra
    }
}
