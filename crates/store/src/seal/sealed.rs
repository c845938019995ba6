use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::SealError;

/// The first part of every sealed value.
const VERSION: &str = "sb1";
const MAX_KEY_ID: usize = 32;

/// A sealed value: the text `sb1.<key id>.<base64>`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Sealed {
    text: String,
    /// Where the key id ends.
    key_end: usize,
}

impl Sealed {
    /// Makes a sealed value of the encrypted bytes, for implementors of [`Sealer`](super::Sealer).
    ///
    /// # Errors
    /// `NotSealed` if the key id is not 1 to 32 of `a-z`, `A-Z`, `0-9`, `_` and `-`.
    pub fn new(key_id: &str, bytes: &[u8]) -> Result<Self, SealError> {
        Self::parse(format!("{VERSION}.{key_id}.{}", STANDARD.encode(bytes)))
    }

    /// Reads the text of a sealed value.
    ///
    /// # Errors
    /// `NotSealed`.
    pub fn parse(text: impl Into<String>) -> Result<Self, SealError> {
        let text = text.into();
        let mut parts = text.split('.');
        let (version, key_id, bytes) = (parts.next(), parts.next(), parts.next());
        let key_id = key_id.filter(|id| is_key_id(id) && version == Some(VERSION));
        if let (Some(key_id), Some(_), None) = (key_id, bytes, parts.next()) {
            let key_end = VERSION.len() + 1 + key_id.len();
            return Ok(Self { text, key_end });
        }
        Err(SealError::NotSealed)
    }

    /// Returns the id of the key that sealed it.
    #[must_use]
    pub fn key_id(&self) -> &str {
        self.text.get(VERSION.len() + 1..self.key_end).unwrap_or_default()
    }

    /// Returns the encrypted bytes.
    ///
    /// # Errors
    /// `NotSealed` if they are not base64 in its only valid spelling.
    pub fn bytes(&self) -> Result<Vec<u8>, SealError> {
        let base64 = self.text.get(self.key_end + 1..).unwrap_or_default();
        STANDARD.decode(base64).map_err(|_| SealError::NotSealed)
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Converts into the text.
    #[must_use]
    pub fn into_string(self) -> String {
        self.text
    }
}

pub(super) fn is_key_id(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=MAX_KEY_ID).contains(&text.len()) && text.bytes().all(allowed)
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({}, {} bytes)", self.key_id(), self.text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_strictly() {
        let sealed = Sealed::parse("sb1.2026a.AAAA").unwrap();
        assert_eq!((sealed.key_id(), sealed.bytes().unwrap()), ("2026a", vec![0; 3]));
        assert_eq!(Sealed::new("2026a", &[0; 3]).unwrap(), sealed);
        for text in [
            "",
            "sb1",
            "sb1.a",
            "sb2.a.AAAA",
            "sb1..AAAA",
            "sb1.a.AAAA.",
            "sb1.a b.AAAA",
            " sb1.a.AAAA",
            "{}",
        ] {
            assert!(matches!(Sealed::parse(text), Err(SealError::NotSealed)), "{text}");
        }
        for text in ["sb1.a.AAAB=", "sb1.a.AAB=", "sb1.a.AAA", "sb1.a.AA-A", "sb1.a.AAAA\n"] {
            assert!(Sealed::parse(text).unwrap().bytes().is_err(), "{text}");
        }
        assert!(Sealed::new(&"a".repeat(33), b"").is_err());
    }
}
