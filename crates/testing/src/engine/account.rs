//! The data of an account: its credentials, its name and its status.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use switchboard::secret::Secret;

use super::api_keys::ApiKey;
use super::auth::Level;
use super::clock::rfc2822;
use super::sid::Sids;
use super::table::Table;

/// An account, or a subaccount.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) sid: String,
    /// The account that a subaccount belongs to.
    pub(super) owner: Option<String>,
    /// The primary token, which also signs webhooks.
    pub(super) token: Secret,
    pub(super) secondary_token: Option<SecondaryToken>,
    /// The API keys that can be used; a revoked one is not among them.
    pub(super) keys: Table<ApiKey>,
    /// The credentials of the two keys that every account begins with.
    pub(super) standard_key: KeyPair,
    pub(super) main_key: KeyPair,
    pub(super) trial: bool,
    pub(super) name: String,
    pub(super) status: AccountStatus,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
}

/// A token that authenticates as the primary one does, and signs nothing until it is promoted.
#[derive(Debug)]
pub(super) struct SecondaryToken {
    pub(super) token: Secret,
    pub(super) created: Timestamp,
}

/// The credentials of an API key: its SID is the user, its secret the password.
#[derive(Debug, Clone)]
pub(super) struct KeyPair {
    pub(super) sid: String,
    pub(super) secret: Secret,
}

impl KeyPair {
    fn new(sids: &mut Sids) -> Self {
        Self { sid: sids.next("SK"), secret: Secret::new(sids.token()) }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AccountStatus {
    Active,
    Suspended,
    Closed,
}

impl AccountStatus {
    const ALL: &[Self] = &[Self::Active, Self::Suspended, Self::Closed];

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Closed => "closed",
        }
    }

    pub(super) fn read(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|status| status.word() == word)
    }
}

impl Account {
    /// Makes an account with a SID and a token that the fake generates.
    pub(super) fn new(name: &str, owner: Option<&str>, now: Timestamp, sids: &mut Sids) -> Self {
        let (sid, token) = (sids.next("AC"), Secret::new(sids.token()));
        let (standard_key, main_key) = (KeyPair::new(sids), KeyPair::new(sids));
        let mut keys = Table::default();
        for (pair, name, level) in
            [(&main_key, "Main key", Level::Full), (&standard_key, "Standard key", Level::Standard)]
        {
            keys.insert(&pair.sid, ApiKey::new(pair.secret.clone(), name, level, now));
        }
        Self {
            sid,
            owner: owner.map(str::to_owned),
            token,
            secondary_token: None,
            keys,
            standard_key,
            main_key,
            trial: false,
            name: name.to_owned(),
            status: AccountStatus::Active,
            created: now,
            updated: now,
        }
    }

    /// Returns whether this is one of its auth tokens.
    pub(super) fn has_token(&self, password: &str) -> bool {
        let secondary = self.secondary_token.as_ref().map(|secondary| &secondary.token);
        [Some(&self.token), secondary].into_iter().flatten().any(|token| token.expose() == password)
    }

    /// Returns the SID of the account that a subaccount belongs to; for any other account, its own SID.
    pub(super) fn owner(&self) -> &str {
        self.owner.as_deref().unwrap_or(&self.sid)
    }

    pub(super) fn view(&self) -> Value {
        let sid = &self.sid;
        json!({
            "sid": sid,
            "owner_account_sid": self.owner(),
            "friendly_name": self.name,
            "status": self.status.word(),
            "type": if self.trial { "Trial" } else { "Full" },
            "auth_token": self.token.expose(),
            "date_created": rfc2822(self.created),
            "date_updated": rfc2822(self.updated),
            "uri": format!("/2010-04-01/Accounts/{sid}.json"),
            "subresource_uris": subresources(sid),
        })
    }
}

fn subresources(sid: &str) -> Map<String, Value> {
    [
        ("available_phone_numbers", "AvailablePhoneNumbers"),
        ("balance", "Balance"),
        ("calls", "Calls"),
        ("conferences", "Conferences"),
        ("incoming_phone_numbers", "IncomingPhoneNumbers"),
        ("keys", "Keys"),
        ("messages", "Messages"),
        ("outgoing_caller_ids", "OutgoingCallerIds"),
        ("recordings", "Recordings"),
        ("transcriptions", "Transcriptions"),
        ("usage", "Usage"),
    ]
    .into_iter()
    .map(|(key, name)| (key.to_owned(), json!(format!("/2010-04-01/Accounts/{sid}/{name}.json"))))
    .collect()
}
