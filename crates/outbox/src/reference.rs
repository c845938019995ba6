//! The reference that the callbacks of an attempt bring back: `s1.<store>.<message>.<attempt>.<tag>`.
//!
//! The tag is a keyed MAC over the rest, so nobody else can make a reference of this database. References are not
//! stored.

use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::error::OutboxError;
use crate::rows::check::Identity;

/// The version of the form.
const VERSION: &str = "s1";
/// The bytes of the tag: 128 bits of an HMAC-SHA256.
const TAG: usize = 16;

/// Makes and reads the references of one database.
#[derive(Clone)]
pub(crate) struct References {
    store: String,
    mac: Hmac<Sha256>,
}

/// `Debug` does not show the key.
impl std::fmt::Debug for References {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("References").field("store", &self.store).finish_non_exhaustive()
    }
}

/// What a reference says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reference {
    /// It was made by this database, or by a copy of it.
    Ours { id: i64, attempt: u32 },
    /// It names another database, or has another form.
    Foreign,
    /// It names this database, and its tag is wrong.
    Forged,
}

impl References {
    pub(crate) fn new(identity: &Identity) -> Result<Self, OutboxError> {
        let key = bytes(&identity.key).filter(|key| key.len() >= 16);
        let key = key.ok_or(OutboxError::BadRow("the key of the references is not hex"))?;
        let mac = Hmac::new_from_slice(&key).map_err(|_| OutboxError::BadRow("the key of the references"))?;
        Ok(Self { store: identity.store.clone(), mac })
    }

    /// Returns the reference of an attempt. It consists of letters, digits and dots.
    pub(crate) fn of(&self, id: i64, attempt: u32) -> String {
        let named = format!("{VERSION}.{}.{id}.{attempt}", self.store);
        let tag = self.mac_of(&named).finalize().into_bytes();
        let tag: String = tag.iter().take(TAG).map(|byte| format!("{byte:02x}")).collect();
        format!("{named}.{tag}")
    }

    /// Reads a reference. The tag is compared in constant time.
    pub(crate) fn read(&self, reference: &str) -> Reference {
        let Some((named, tag)) = reference.rsplit_once('.') else { return Reference::Foreign };
        let parts: Vec<&str> = named.split('.').collect();
        let [VERSION, store, id, attempt] = parts.as_slice() else { return Reference::Foreign };
        if *store != self.store {
            return Reference::Foreign;
        }
        let tag = bytes(tag).filter(|tag| tag.len() == TAG);
        let right = tag.is_some_and(|tag| self.mac_of(named).verify_truncated_left(&tag).is_ok());
        match (right, id.parse(), attempt.parse()) {
            (true, Ok(id), Ok(attempt)) => Reference::Ours { id, attempt },
            _ => Reference::Forged,
        }
    }

    fn mac_of(&self, text: &str) -> Hmac<Sha256> {
        let mut mac = self.mac.clone();
        mac.update(text.as_bytes());
        mac
    }
}

/// Reads hex digits in lower case.
fn bytes(hex: &str) -> Option<Vec<u8>> {
    let lower = hex.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    if !lower || !hex.len().is_multiple_of(2) {
        return None;
    }
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn references(store: &str, key: &str) -> References {
        References::new(&Identity { store: store.to_owned(), key: key.repeat(32) }).unwrap()
    }

    /// The tag was computed with Python: `hmac.new(b"B"*32, b"s1.ab12.7.2", "sha256").hexdigest()[:32]`.
    #[test]
    fn a_reference_is_what_another_implementation_makes() {
        let made = references("ab12", "42").of(7, 2);
        assert_eq!(made, "s1.ab12.7.2.378ceb7f9fafb35f6821373a79a4821b");
        assert!(switchboard::provider::Callback::new("https://a.example").reference(made).to_url().is_ok());
    }

    #[test]
    fn only_the_same_database_reads_it() {
        let ours = references("ab12", "42");
        let made = ours.of(i64::MAX, u32::MAX);
        assert_eq!(ours.read(&made), Reference::Ours { id: i64::MAX, attempt: u32::MAX });
        assert_eq!(references("ab12", "43").read(&made), Reference::Forged);
        assert_eq!(references("ab13", "42").read(&made), Reference::Foreign);
        for foreign in ["", "s1", "order-7", "s2.ab12.7.1.00", "s1.ab12.7.00", "s1.ab12.7.1.1.00"] {
            assert_eq!(ours.read(foreign), Reference::Foreign, "{foreign}");
        }
    }

    #[test]
    fn every_changed_character_makes_it_invalid() {
        let ours = references("ab12", "42");
        let made = ours.of(71, 2);
        for place in 0..made.len() {
            for other in ["0", "1", "f", "F", ".", ""] {
                let mut changed = made.clone();
                changed.replace_range(place..=place, other);
                let read = ours.read(&changed);
                assert!(changed == made || !matches!(read, Reference::Ours { .. }), "{changed}: {read:?}");
            }
        }
        let tag = made.rsplit_once('.').unwrap().1;
        assert_eq!(ours.read(&format!("s1.ab12.071.2.{tag}")), Reference::Forged, "one form only");
        assert_eq!(
            ours.read(made.strip_suffix(tag.split_at(16).1).unwrap()),
            Reference::Forged,
            "a tag cannot be shortened"
        );
        assert_eq!(ours.read(&format!("{made}00")), Reference::Forged);
    }
}
