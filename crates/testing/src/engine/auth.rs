//! Who may come in: the account SID with its token, or an API key with its secret.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header;

use super::error::Refusal;
use super::exchange::FakeRequest;
use super::sid::Sids;
use switchboard::secret::Secret;

/// The credentials of the only account there is.
#[derive(Debug)]
pub(super) struct Keys {
    pub(super) account_sid: String,
    pub(super) auth_token: Secret,
    pub(super) key_sid: String,
    pub(super) key_secret: Secret,
}

/// What a request proved to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Visitor {
    /// The account itself.
    Account,
    /// A standard API key: everything but `/Accounts` and `/Keys`.
    Key,
}

impl Keys {
    pub(super) fn new(sids: &mut Sids) -> Self {
        Self {
            account_sid: sids.next("AC"),
            auth_token: Secret::new(sids.token()),
            key_sid: sids.next("SK"),
            key_secret: Secret::new(sids.token()),
        }
    }

    /// Checks the credentials of a request.
    pub(super) fn admit(&self, request: &FakeRequest) -> Result<Visitor, Refusal> {
        let (user, password) = basic(request).ok_or_else(Refusal::unauthorized)?;
        if user == self.account_sid && password == self.auth_token.expose() {
            return Ok(Visitor::Account);
        }
        if user == self.key_sid && password == self.key_secret.expose() {
            return Ok(Visitor::Key);
        }
        Err(Refusal::unauthorized())
    }
}

/// Reads user and password out of a Basic `Authorization` header.
fn basic(request: &FakeRequest) -> Option<(String, String)> {
    let (scheme, coded) = request.header(header::AUTHORIZATION)?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(coded.trim()).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}
