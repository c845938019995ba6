//! Conferences that a test adds.

use super::FakeTwilio;

impl FakeTwilio {
    /// Adds a conference that these calls take part in; returns its SID. It is `in-progress` with two or more of them, and
    /// `init` with fewer. A live call that a [`Phone`](crate::Phone) drives joins a conference by its document.
    ///
    /// # Panics
    /// When there is no such call, or one is over.
    #[track_caller]
    pub fn add_conference(&self, room: &str, call_sids: &[&str]) -> String {
        self.account.with(|tenant| {
            for sid in call_sids {
                assert!(tenant.calls.is_live(sid), "the fake has no live call {sid}");
            }
            tenant.conferences.add(&mut tenant.core, room, call_sids)
        })
    }
}
