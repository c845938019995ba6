use switchboard::ProviderError;

use crate::{SealError, StoreError};

/// Why stored credentials could not be tested.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialError {
    /// The provider refuses them, or does not answer.
    #[error(transparent)]
    Provider(ProviderError),
    /// The account belongs to other credentials, of this user or of another.
    #[error(
        "this account is connected already, with another label or by another user: delete those credentials first"
    )]
    AccountTaken,
    /// The provider names another account than the credentials do.
    #[error("the credentials name another account than the one that they open: check the account's id")]
    OtherAccount,
    /// There are no credentials with this name.
    #[error("there are no credentials with this name")]
    NotFound,
    /// They were saved again during the test.
    #[error("the credentials were changed during the test: test them again")]
    Changed,
    /// The database failed, or the credentials cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<SealError> for CredentialError {
    fn from(error: SealError) -> Self {
        Self::Store(error.into())
    }
}
