//! The calls of an account, and the products that placing a call uses.

use super::call::{Call, NewCall};
use crate::engine::conferences::Conferences;
use crate::engine::core::Core;
use crate::engine::recordings::Recordings;
use crate::engine::table::Table;
use crate::placed::PlacedCall;

/// The calls of an account.
#[derive(Default)]
pub(crate) struct Calls {
    pub(in crate::engine) rows: Table<Call>,
}

impl Calls {
    /// Returns the calls that were placed over the API, oldest first.
    pub(crate) fn placed(&self) -> Vec<PlacedCall> {
        let placed = self.rows.iter().filter(|(_, call)| call.direction == "outbound-api");
        placed.map(|(sid, call)| call.record(sid)).collect()
    }

    /// Adds seconds to the duration of a call. The clock does not move.
    pub(in crate::engine) fn add_talk_time(&mut self, sid: &str, seconds: u32) {
        if let Some(call) = self.rows.get_mut(sid) {
            call.talk_seconds = call.talk_seconds.saturating_add(seconds.into());
        }
    }

    /// Returns whether there is such a call, and it is not over.
    pub(crate) fn is_live(&self, sid: &str) -> bool {
        self.rows.get(sid).is_some_and(Call::is_live)
    }

    /// Returns the status of a call as Twilio writes it.
    pub(crate) fn status(&self, sid: &str) -> &'static str {
        self.rows.get(sid).map_or("deleted", |call| call.status.word())
    }
}

/// The calls of an account with the products that they depend on.
pub(crate) struct Calling<'a> {
    pub(in crate::engine) core: &'a mut Core,
    pub(in crate::engine) recordings: &'a mut Recordings,
    pub(in crate::engine) conferences: &'a mut Conferences,
    pub(in crate::engine) calls: &'a mut Calls,
}

impl Calling<'_> {
    /// Places a call that was checked.
    pub(in crate::engine) fn place(&mut self, call: NewCall) -> String {
        let sid = self.core.sids.next("CA");
        let call = Call { listed_from: self.core.listed_from(), ..Call::begin(call, self.core.now()) };
        self.calls.rows.insert(&sid, call);
        self.schedule_next(&sid);
        sid
    }
}
