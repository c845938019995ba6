//! The calls that `Dial` starts: one for each party.

use super::call::{Call, NewCall};
use super::calling::Calling;
use super::status::CallStatus;
use crate::engine::webhook::Endpoint;

/// A party to dial.
pub(in crate::engine) struct Leg<'a> {
    pub(in crate::engine) party: &'a str,
    /// The caller ID; without it, that of the first call.
    pub(in crate::engine) caller: Option<&'a str>,
    /// The document that the party hears before the connection (`url` of a `Number`).
    pub(in crate::engine) whisper: Option<Endpoint>,
    pub(in crate::engine) endpoint: Option<Endpoint>,
    pub(in crate::engine) events: Vec<String>,
}

impl Calling<'_> {
    /// Starts a call to a dialled party; returns its SID.
    pub(in crate::engine) fn begin_leg(&mut self, parent: &str, leg: Leg<'_>) -> String {
        let shown = self.calls.rows.get(parent).map(|call| call.from.clone()).unwrap_or_default();
        let call = NewCall {
            to: leg.party.to_owned(),
            from: leg.caller.map_or(shown, str::to_owned),
            get: leg.whisper.as_ref().is_some_and(|whisper| whisper.get),
            url: leg.whisper.map(|whisper| whisper.url),
            fallback: None,
            machine: None,
            twiml: None,
            time_limit: None,
            recording: None,
            endpoint: leg.endpoint,
            events: leg.events,
        };
        let call = Call {
            direction: "outbound-dial",
            parent: Some(parent.to_owned()),
            manual: true,
            ..Call::begin(call, self.core.now())
        };
        let sid = self.core.sids.next("CA");
        self.calls.rows.insert(&sid, call);
        if let Some(parent) = self.calls.rows.get_mut(parent) {
            parent.legs.push(sid.clone());
        }
        self.set_status(&sid, CallStatus::Ringing);
        sid
    }

    /// Ends a leg. A completed one gets this duration, in seconds.
    pub(in crate::engine) fn end_leg(&mut self, sid: &str, end: CallStatus, seconds: u32) {
        if !self.calls.rows.get(sid).is_some_and(Call::is_live) {
            return;
        }
        if end == CallStatus::Completed {
            self.answer_if_unanswered(sid);
            self.calls.add_talk_time(sid, seconds);
        }
        self.set_status(sid, end);
    }

    /// Cancels the legs of a call that are still live.
    pub(in crate::engine) fn end_legs(&mut self, parent: &str) {
        let legs = self.calls.rows.get(parent).map(|call| call.legs.clone()).unwrap_or_default();
        for leg in legs {
            self.end_leg(&leg, CallStatus::Canceled, 0);
        }
    }
}
