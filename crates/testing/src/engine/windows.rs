//! The 24 hours after somebody wrote on WhatsApp, in which free text may be sent to them.
//!
//! They stand open for everybody until a test closes them: most tests are about something else.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::tenant::Tenant;

const OPEN_FOR: SignedDuration = SignedDuration::from_hours(24);
/// The code of a free text outside the window.
pub(super) const OUTSIDE: u32 = 63016;

/// Who wrote when.
#[derive(Default)]
pub(super) struct Windows {
    closed: bool,
    opened: HashMap<String, Timestamp>,
}

impl Windows {
    fn is_open(&self, address: &str, now: Timestamp) -> bool {
        let within = |opened: &Timestamp| now.duration_since(*opened) < OPEN_FOR;
        !self.closed || self.opened.get(bare(address)).is_some_and(within)
    }
}

fn bare(address: &str) -> &str {
    address.trim_start_matches("whatsapp:")
}

impl Tenant {
    /// Would WhatsApp take this just now: free text, or the template of this SID?
    pub(super) fn whatsapp_takes(&self, to: &str, content_sid: Option<&str>) -> bool {
        !to.starts_with("whatsapp:")
            || content_sid.is_some_and(|sid| self.is_template(sid))
            || self.windows.is_open(to, self.clock.now())
    }

    /// Closes every window.
    pub(crate) fn close_windows(&mut self) {
        self.windows.closed = true;
        self.windows.opened.clear();
    }

    /// Opens the window of one person for 24 hours.
    pub(crate) fn open_window(&mut self, address: &str) {
        self.windows.opened.insert(bare(address).to_owned(), self.clock.now());
    }
}
