//! Whose credentials they are, and what is shown of them.

use std::collections::BTreeMap;
use std::fmt;

use crate::{Purpose, SealContext};

/// Whose credentials these are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CredentialName<'a> {
    pub(super) user: &'a str,
    pub(super) provider: &'a str,
    pub(super) label: &'a str,
}

/// What a settings page may show of credentials. `Debug` does not show who they belong to, nor the number.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShownCredential {
    /// The id of the row.
    pub id: String,
    /// The user.
    pub user_id: String,
    /// The provider.
    pub provider: String,
    /// The label; empty if the user has one account only.
    pub label: String,
    /// The last four characters of `accountSid`, and the `phoneNumber`.
    pub shown: BTreeMap<String, String>,
    /// Whether the provider accepts them.
    pub status: CredentialStatus,
    /// Why the provider does not accept them.
    pub status_detail: Option<String>,
    /// When they were tested last, in microseconds since 1970 (UTC).
    pub checked_at_micros: Option<i64>,
    /// When the row was made, in microseconds since 1970 (UTC).
    pub created_at_micros: i64,
    /// When the credentials were saved last, in microseconds since 1970 (UTC).
    pub updated_at_micros: i64,
}

/// Whether the provider accepts credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CredentialStatus {
    /// They were not tested since they were saved.
    Unverified,
    /// The provider accepted them.
    Verified,
    /// The provider refused them.
    Failed,
}

impl<'a> CredentialName<'a> {
    /// Names the credentials that a user has with a provider.
    #[must_use]
    pub const fn new(user: &'a str, provider: &'a str) -> Self {
        Self { user, provider, label: "" }
    }

    /// Tells several accounts of one user apart, such as `production` and `staging`.
    #[must_use]
    pub const fn label(self, label: &'a str) -> Self {
        Self { label, ..self }
    }

    pub(super) const fn context(&self, id: &'a str, purpose: Purpose) -> SealContext<'a> {
        SealContext { purpose, tenant: self.user, provider: self.provider, row: id }
    }
}

impl fmt::Debug for ShownCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, provider, label, status, .. } = self;
        let mut out = f.debug_struct("ShownCredential");
        out.field("id", id).field("provider", provider).field("label", label).field("status", status);
        out.finish_non_exhaustive()
    }
}

impl CredentialStatus {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Unverified => "unverified",
            Self::Verified => "verified",
            Self::Failed => "failed",
        }
    }

    /// A word that is not known counts as not tested.
    pub(super) fn of(word: &str) -> Self {
        match word {
            "verified" => Self::Verified,
            "failed" => Self::Failed,
            _ => Self::Unverified,
        }
    }
}
