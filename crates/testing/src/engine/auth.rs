//! The credentials of a request: an account SID with its token, or an API key with its secret.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header;

use super::account::Account;
use super::wire::FakeRequest;

/// What the credentials of a request give access to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// Everything: the account's own token, or a main API key.
    Full,
    /// A standard API key: everything but `/Accounts` and `/Keys`.
    Standard,
}

/// User and password of a request.
pub(super) struct Basic {
    user: String,
    password: String,
}

impl Basic {
    /// Reads a Basic `Authorization` header.
    pub(super) fn of(request: &FakeRequest) -> Option<Self> {
        let (scheme, coded) = request.header(header::AUTHORIZATION)?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let text = String::from_utf8(STANDARD.decode(coded.trim()).ok()?).ok()?;
        let (user, password) = text.split_once(':')?;
        Some(Self { user: user.to_owned(), password: password.to_owned() })
    }

    /// Returns what they give access to; `None` where they are not credentials of this account.
    pub(super) fn access_to(&self, account: &Account) -> Option<Level> {
        if self.user == account.sid && account.has_token(&self.password) {
            return Some(Level::Full);
        }
        let key = account.keys.get(&self.user).filter(|key| key.opens_with(&self.password))?;
        Some(key.level)
    }
}
