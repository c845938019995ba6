use std::fmt;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use sha2::Sha256;
use switchboard::secret::Secret;
use zeroize::{Zeroize as _, Zeroizing};

use super::sealed::is_key_id;
use super::{Purpose, SealContext, SealError, Sealed, Sealer};

const KEY: usize = 32;
const NONCE: usize = 24;
const VARIABLE: &str = "SWITCHBOARD_KEYS";
const FILE_VARIABLE: &str = "SWITCHBOARD_KEYS_FILE";

/// Keys that seal in this process, with XChaCha20-Poly1305. The first key seals, and all of them open.
///
/// To replace a key: add the new one behind the old one in every process, then put it first, call `rotate` of what is
/// sealed, and remove the old key.
///
/// ```
/// use switchboard_store::Keys;
///
/// let new = Keys::new_key("2026b")?; // or: openssl rand -base64 32
/// let keys = Keys::parse(&format!("{},2026a:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", new.expose()))?;
/// assert_eq!(format!("{keys:?}"), r#"Keys(["2026b", "2026a"])"#);
/// # Ok::<(), switchboard_store::SealError>(())
/// ```
#[derive(Clone)]
pub struct Keys {
    first: Key,
    older: Vec<Key>,
}

#[derive(Clone)]
struct Key {
    id: String,
    bytes: Zeroizing<[u8; KEY]>,
}

impl Keys {
    /// Reads keys from a text: `<id>:<base64 of 32 bytes>`, separated by commas or lines, the newest first.
    ///
    /// # Errors
    /// `NoKeys`, and `BadKey` with the place of the key in the list.
    pub fn parse(text: &str) -> Result<Self, SealError> {
        let parts = text.split([',', '\n']).map(str::trim).filter(|part| !part.is_empty());
        let mut keys: Vec<Key> = Vec::new();
        for (part, position) in parts.zip(1..) {
            let key = Key::parse(part).map_err(|problem| SealError::BadKey { position, problem })?;
            if keys.iter().any(|other| other.id == key.id) {
                return Err(SealError::BadKey { position, problem: "has the id of another key" });
            }
            keys.push(key);
        }
        let mut keys = keys.into_iter();
        let first = keys.next().ok_or(SealError::NoKeys)?;
        Ok(Self { first, older: keys.collect() })
    }

    /// Reads keys from `SWITCHBOARD_KEYS`, or from the file that `SWITCHBOARD_KEYS_FILE` names.
    ///
    /// # Errors
    /// As [`parse`](Self::parse); `TwoSources`, `Unreadable`.
    pub fn from_env() -> Result<Self, SealError> {
        let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        match (set(VARIABLE), set(FILE_VARIABLE)) {
            (Some(_), Some(_)) => Err(SealError::TwoSources),
            (Some(text), None) => {
                let text = Zeroizing::new(text.into_string().unwrap_or_default());
                Self::parse(&text)
            }
            (None, Some(path)) => {
                let text = std::fs::read_to_string(path)
                    .map_err(|error| SealError::Unreadable { kind: error.kind() })?;
                Self::parse(&Zeroizing::new(text))
            }
            (None, None) => Err(SealError::NoKeys),
        }
    }

    /// Makes a random key and returns it in the form that [`parse`](Self::parse) reads.
    ///
    /// # Errors
    /// `BadKey` if the id is not 1 to 32 of `a-z`, `A-Z`, `0-9`, `_` and `-`; `NoRandom`.
    pub fn new_key(id: &str) -> Result<Secret, SealError> {
        if !is_key_id(id) {
            return Err(SealError::BadKey { position: 1, problem: BAD_ID });
        }
        let mut bytes = Zeroizing::new([0; KEY]);
        getrandom::fill(&mut *bytes).map_err(|_| SealError::NoRandom)?;
        Ok(Secret::new(format!("{id}:{}", STANDARD.encode(*bytes))))
    }

    fn find(&self, id: &str) -> Result<&Key, SealError> {
        let mut all = std::iter::once(&self.first).chain(&self.older);
        all.find(|key| key.id == id).ok_or_else(|| SealError::MissingKey { key_id: id.to_owned() })
    }
}

const BAD_ID: &str = "has no id of 1 to 32 of a-z, A-Z, 0-9, _ and -";

impl Key {
    fn parse(text: &str) -> Result<Self, &'static str> {
        let (id, key) = text.split_once(':').ok_or("has no `:` between its id and its bytes")?;
        if !is_key_id(id) {
            return Err(BAD_ID);
        }
        let decoded = Zeroizing::new(STANDARD.decode(key).map_err(|_| "is not base64")?);
        let bytes = <[u8; KEY]>::try_from(decoded.as_slice()).map_err(|_| "does not have 32 bytes")?;
        Ok(Self { id: id.to_owned(), bytes: Zeroizing::new(bytes) })
    }

    fn cipher(&self, purpose: Purpose) -> Option<XChaCha20Poly1305> {
        let mut derived = Zeroizing::new([0; KEY]);
        let info = [b"switchboard seal v1 ", purpose.label().as_bytes()];
        Hkdf::<Sha256>::new(None, &*self.bytes).expand_multi_info(&info, &mut *derived).ok()?;
        XChaCha20Poly1305::new_from_slice(&*derived).ok()
    }
}

#[async_trait]
impl Sealer for Keys {
    async fn seal(&self, context: &SealContext<'_>, plain: &str) -> Result<Sealed, SealError> {
        let refused = || SealError::Refused { key_id: self.first.id.clone() };
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|_| SealError::NoRandom)?;
        let aad = context.associated_data();
        let payload = Payload { msg: plain.as_bytes(), aad: aad.as_bytes() };
        let cipher = self.first.cipher(context.purpose).ok_or_else(refused)?;
        let encrypted = cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| refused())?;
        Sealed::new(&self.first.id, &[&nonce[..], &encrypted].concat())
    }

    async fn open(&self, context: &SealContext<'_>, sealed: &Sealed) -> Result<Secret, SealError> {
        let key = self.find(sealed.key_id())?;
        let refused = || SealError::Refused { key_id: key.id.clone() };
        let bytes = sealed.bytes()?;
        let (nonce, encrypted) = bytes.split_first_chunk::<NONCE>().ok_or_else(refused)?;
        let aad = context.associated_data();
        let payload = Payload { msg: encrypted, aad: aad.as_bytes() };
        let cipher = key.cipher(context.purpose).ok_or_else(refused)?;
        let plain = cipher.decrypt(&XNonce::from(*nonce), payload).map_err(|_| refused())?;
        let plain = String::from_utf8(plain).map_err(|error| {
            error.into_bytes().zeroize();
            refused()
        })?;
        Ok(Secret::new(plain))
    }

    fn key_id(&self) -> &str {
        &self.first.id
    }

    fn has_key(&self, key_id: &str) -> bool {
        self.find(key_id).is_ok()
    }
}

/// Shows the ids.
impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<&str> = std::iter::once(&self.first).chain(&self.older).map(|key| &*key.id).collect();
        f.debug_tuple("Keys").field(&ids).finish()
    }
}

#[cfg(test)]
mod tests;
