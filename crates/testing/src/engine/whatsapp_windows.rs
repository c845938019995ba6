//! The 24 hours after somebody wrote on WhatsApp, in which free text may be sent to them.
//!
//! All windows are open until a test closes them: most tests are about something else.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

const OPEN_FOR: SignedDuration = SignedDuration::from_hours(24);
/// The code of a free text outside the window.
pub(super) const OUTSIDE: u32 = 63016;

/// The time of each person's last message.
#[derive(Default)]
pub(crate) struct WhatsAppWindows {
    closed: bool,
    opened: HashMap<String, Timestamp>,
}

impl WhatsAppWindows {
    pub(super) fn is_open(&self, address: &str, now: Timestamp) -> bool {
        let within = |opened: &Timestamp| now.duration_since(*opened) < OPEN_FOR;
        !self.closed || self.opened.get(bare(address)).is_some_and(within)
    }

    /// Closes every window.
    pub(crate) fn close_all(&mut self) {
        self.closed = true;
        self.opened.clear();
    }

    /// Opens the window of one person for 24 hours.
    pub(super) fn open(&mut self, address: &str, now: Timestamp) {
        self.opened.insert(bare(address).to_owned(), now);
    }
}

fn bare(address: &str) -> &str {
    address.trim_start_matches("whatsapp:")
}
