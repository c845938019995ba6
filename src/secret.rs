//! A value that is never printed, and is overwritten in memory when it is dropped.

use std::fmt;

use zeroize::Zeroizing;

/// A secret text: an auth token, an API secret.
///
/// `Debug` prints stars, there is no `Display` and no `Serialize`, and the memory is overwritten on drop. Read it
/// with [`expose`](Secret::expose), where it is needed and nowhere else.
#[derive(Clone, Eq, Default)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Wraps a text.
    pub fn new(value: impl Into<String>) -> Self {
        Self(Zeroizing::new(value.into()))
    }

    /// Returns the text itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Is it empty?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Takes as long where the first letter differs as where the last does.
impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        let (mine, theirs) = (self.0.as_bytes(), other.0.as_bytes());
        let differences = mine.iter().zip(theirs).fold(0, |all, (a, b)| std::hint::black_box(all | (a ^ b)));
        mine.len() == theirs.len() && differences == 0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl From<String> for Secret {
    fn from(value: String) -> Self {
        Self::new(value)
    }
}

impl From<&str> for Secret {
    fn from(value: &str) -> Self {
        Self::new(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_stars_only() {
        let secret = Secret::new("hunter2");
        assert_eq!(format!("{secret:?} {:?}", Some(&secret)), "*** Some(***)");
        assert_eq!(secret.expose(), "hunter2");
        assert_eq!(secret, Secret::new("hunter2"));
        for other in ["hunter3", "Hunter2", "hunter", "hunter22", ""] {
            assert_ne!(secret, Secret::new(other));
        }
        assert!(!secret.is_empty());
    }
}
