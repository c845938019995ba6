//! The API keys of an account.

use jiff::Timestamp;
use serde_json::{Value, json};
use switchboard::secret::Secret;

use super::auth::Level;
use super::clock::rfc2822;

/// A key that can be used. Its SID is the user name.
#[derive(Debug)]
pub(super) struct ApiKey {
    secret: Secret,
    pub(super) name: String,
    pub(super) level: Level,
    created: Timestamp,
    pub(super) updated: Timestamp,
}

impl ApiKey {
    pub(super) fn new(secret: Secret, name: &str, level: Level, now: Timestamp) -> Self {
        Self { secret, name: name.to_owned(), level, created: now, updated: now }
    }

    /// Returns whether this is its secret.
    pub(super) fn opens_with(&self, password: &str) -> bool {
        self.secret.expose() == password
    }

    pub(super) fn view(&self, sid: &str) -> Value {
        json!({
            "sid": sid,
            "friendly_name": self.name,
            "date_created": rfc2822(self.created),
            "date_updated": rfc2822(self.updated),
        })
    }
}
