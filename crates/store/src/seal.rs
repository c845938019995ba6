//! Encrypts single values of rows, each bound to its row, so that a copy of the database gives away no secret.
//!
//! # Format
//! A sealed value is the text `sb1.<key id>.<base64>`. The base64 (RFC 4648, with padding) holds a random nonce of 24
//! bytes, then the ciphertext of XChaCha20-Poly1305, then its tag of 16 bytes.
//!
//! - The encryption key is HKDF-SHA256 of the 32 bytes of the key with that id: no salt, and as `info` the text
//!   `switchboard seal v1 <label>`. The label names the purpose, see [`Purpose::label`].
//! - The associated data are `v1`, then tenant, provider and row id, each written as `|<length in bytes>:<text>`, for
//!   instance `v1|6:user-7|4:acme|4:row1`.
//!
//! So a value cannot be moved to another column, row, tenant or provider. `.ci/sealed` opens sealed values with
//! libsodium.

mod error;
mod keys;
mod sealed;

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use switchboard::secret::Secret;

pub use error::SealError;
pub use keys::Keys;
pub use sealed::Sealed;

/// Encrypts and decrypts single values. [`Keys`] does it in this process; an implementation of yours may call a key
/// management service.
///
/// # Contract
/// 1. `open` returns the text that was sealed with the same context. For any other context, and if any byte of the
///    sealed value was changed, it returns an error.
/// 2. Sealing the same text twice gives different values.
/// 3. `seal` uses the key that [`key_id`](Self::key_id) names; `open` uses the key that the sealed value names.
/// 4. No error and no `Debug` shows a key or a plain text.
#[async_trait]
pub trait Sealer: Debug + Send + Sync + 'static {
    /// Encrypts a text.
    ///
    /// # Errors
    /// [`SealError::Service`] if a key management service does not answer; `NoRandom`.
    async fn seal(&self, context: &SealContext<'_>, plain: &str) -> Result<Sealed, SealError>;

    /// Decrypts a text.
    ///
    /// # Errors
    /// [`SealError::MissingKey`]; [`SealError::Refused`] if the value was changed or belongs to another row.
    async fn open(&self, context: &SealContext<'_>, sealed: &Sealed) -> Result<Secret, SealError>;

    /// Returns the id of the key that [`seal`](Self::seal) uses.
    fn key_id(&self) -> &str;

    /// Returns whether [`open`](Self::open) has the key with this id.
    fn has_key(&self, key_id: &str) -> bool;
}

#[async_trait]
impl<S: Sealer + ?Sized> Sealer for Arc<S> {
    async fn seal(&self, context: &SealContext<'_>, plain: &str) -> Result<Sealed, SealError> {
        (**self).seal(context, plain).await
    }

    async fn open(&self, context: &SealContext<'_>, sealed: &Sealed) -> Result<Secret, SealError> {
        (**self).open(context, sealed).await
    }

    fn key_id(&self) -> &str {
        (**self).key_id()
    }

    fn has_key(&self, key_id: &str) -> bool {
        (**self).has_key(key_id)
    }
}

/// Where a sealed value belongs. It opens only there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SealContext<'a> {
    /// What the value is.
    pub purpose: Purpose,
    /// The tenant that owns the row: a user of a dashboard, or an account.
    pub tenant: &'a str,
    /// The name of the provider that the row is about.
    pub provider: &'a str,
    /// The id of the row.
    pub row: &'a str,
}

/// What a sealed value is. Each purpose has an encryption key of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Purpose {
    /// The credentials of a user.
    Credentials,
    /// A webhook token that was replaced.
    ReplacedToken,
    /// The parameters of a webhook.
    WebhookPayload,
    /// How a webhook was answered.
    WebhookAnswer,
}

impl Purpose {
    /// Returns the label for the derivation of the key: `credentials`, `replaced-token`, `webhook-payload`,
    /// `webhook-answer`.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Credentials => "credentials",
            Self::ReplacedToken => "replaced-token",
            Self::WebhookPayload => "webhook-payload",
            Self::WebhookAnswer => "webhook-answer",
        }
    }
}

impl SealContext<'_> {
    /// Returns the associated data of the encryption. The lengths are part of it, so that different contexts never
    /// have the same associated data.
    #[must_use]
    pub fn associated_data(&self) -> String {
        let parts = [self.tenant, self.provider, self.row];
        parts.iter().fold("v1".to_owned(), |all, part| format!("{all}|{}:{part}", part.len()))
    }
}
