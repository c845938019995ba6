//! HMAC under an auth token.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use sha2::Sha256;

/// An auth token or the secret of a shared key, made ready to sign. It never prints itself.
#[derive(Clone)]
pub(super) struct Key {
    sha1: Hmac<Sha1>,
    sha256: Hmac<Sha256>,
    pub(super) looks_odd: bool,
}

impl Key {
    /// Takes a token, unless there is nothing in it: whoever signs with an empty token proves nothing.
    pub(super) fn new(token: &str) -> Option<Self> {
        if token.trim().is_empty() {
            return None;
        }
        let bytes = token.as_bytes();
        // HMAC takes a key of any length.
        let (sha1, sha256) = (Hmac::new_from_slice(bytes).ok()?, Hmac::new_from_slice(bytes).ok()?);
        let looks_odd = token.len() != 32 || !token.bytes().all(|b| b.is_ascii_hexdigit());
        Some(Self { sha1, sha256, looks_odd })
    }

    /// Signs the URL and what follows it, as Twilio does unless it was set up otherwise.
    pub(super) fn sign(&self, url: &str, rest: &[u8]) -> String {
        STANDARD.encode(over(&self.sha1, url, rest).finalize().into_bytes())
    }

    /// Is this the signature? Takes the same time wherever the difference is.
    pub(super) fn fits(&self, url: &str, rest: &[u8], signature: &Signature) -> bool {
        match signature {
            Signature::Sha1(bytes) => over(&self.sha1, url, rest).verify_slice(bytes).is_ok(),
            Signature::Sha256(bytes) => over(&self.sha256, url, rest).verify_slice(bytes).is_ok(),
        }
    }
}

fn over<M: hmac::Mac + Clone>(mac: &M, url: &str, rest: &[u8]) -> M {
    let mut mac = mac.clone();
    mac.update(url.as_bytes());
    mac.update(rest);
    mac
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// How a signature is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Sha1,
    Sha256,
}

/// The bytes of an `X-Twilio-Signature`.
pub(super) enum Signature {
    Sha1([u8; 20]),
    Sha256([u8; 32]),
}

impl Signature {
    /// Reads the only way to write so many bytes in base64: of the right length, padded, no bit left over.
    pub(super) fn read(header: &str, algorithm: Algorithm) -> Option<Self> {
        match algorithm {
            Algorithm::Sha1 => decode(header).map(Self::Sha1),
            Algorithm::Sha256 => decode(header).map(Self::Sha256),
        }
    }
}

fn decode<const N: usize>(header: &str) -> Option<[u8; N]> {
    // Its length is looked at first, so that what is long costs nothing.
    if header.len() != N.div_ceil(3) * 4 {
        return None;
    }
    STANDARD.decode(header).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_has_one_spelling() {
        assert!(Signature::read("RSOYDt4T1cUTdK1PDd93/VVr8B8=", Algorithm::Sha1).is_some());
        // The last character before the padding carries two bits that mean nothing; they must be zero.
        for wrong in [
            "",
            "RSOYDt4T1cUTdK1PDd93/VVr8B8",
            "RSOYDt4T1cUTdK1PDd93/VVr8B9=",
            "RSOYDt4T1cUTdK1PDd93_VVr8B8=",
            "RSOYDt4T1cUTdK1PDd93/VVr8B8= ",
            "RSOYDt4T1cUTdK1PDd93/VVr8BAA",
        ] {
            assert!(Signature::read(wrong, Algorithm::Sha1).is_none(), "{wrong}");
        }
    }

    #[test]
    fn an_empty_token_signs_nothing() {
        assert!(Key::new("").is_none() && Key::new("  \n").is_none());
        assert_eq!(format!("{:?}", Key::new("hunter2")), "Some(***)");
    }
}
