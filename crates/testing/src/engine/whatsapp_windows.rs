//! WhatsApp's windows: free text may be sent to a person for 24 hours after their last message.
//!
//! All windows are open until a test closes them, because most tests do not need them.

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
        !self.closed || self.opened.get(without_channel(address)).is_some_and(within)
    }

    /// Closes every window.
    pub(crate) fn close_all(&mut self) {
        self.closed = true;
        self.opened.clear();
    }

    /// Opens the window of one person for 24 hours.
    pub(super) fn open(&mut self, address: &str, now: Timestamp) {
        self.opened.insert(without_channel(address).to_owned(), now);
    }
}

fn without_channel(address: &str) -> &str {
    address.trim_start_matches("whatsapp:")
}
