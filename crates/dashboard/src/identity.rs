//! Who asks: the host's own login decides.

use async_trait::async_trait;
use http::request::Parts;
use jiff::Timestamp;

/// Finds out who sends a request, from what the host's login put into it: a cookie, a header, an extension.
#[async_trait]
pub trait Identity: Send + Sync + 'static {
    /// Returns the login of a request; `None` is answered with 401.
    async fn login(&self, parts: &Parts) -> Option<Login>;

    /// Is a login still good? It is asked every 30 seconds for each stream.
    async fn still_valid(&self, login: &Login) -> bool;
}

/// Somebody who is logged in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Login {
    /// Whose data it is. Credentials, messages and consents belong to a tenant.
    pub tenant: String,
    /// The person. The audit log names them.
    pub user: String,
    /// What the person may do.
    pub roles: Roles,
    /// When the login ends.
    pub expires: Option<Timestamp>,
}

/// What somebody may do. No role contains another one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Roles {
    /// May read what was sent and received.
    pub view: bool,
    /// May send, look at a text before it is sent, and see what became of their own.
    pub send: bool,
    /// May change credentials, campaigns and consents, settle messages, and read the audit log.
    pub manage: bool,
}

impl Login {
    /// Names a tenant and a person, who may do nothing yet.
    pub fn new(tenant: impl Into<String>, user: impl Into<String>) -> Self {
        Self { tenant: tenant.into(), user: user.into(), roles: Roles::default(), expires: None }
    }

    /// Sets what the person may do.
    #[must_use]
    pub const fn roles(mut self, roles: Roles) -> Self {
        self.roles = roles;
        self
    }

    /// Sets when the login ends.
    #[must_use]
    pub const fn expires(mut self, at: Timestamp) -> Self {
        self.expires = Some(at);
        self
    }
}

impl Roles {
    /// Nothing.
    #[must_use]
    pub const fn none() -> Self {
        Self { view: false, send: false, manage: false }
    }

    /// Everything.
    #[must_use]
    pub const fn all() -> Self {
        Self { view: true, send: true, manage: true }
    }

    /// Adds the role to read.
    #[must_use]
    pub const fn view(self) -> Self {
        Self { view: true, ..self }
    }

    /// Adds the role to send.
    #[must_use]
    pub const fn send(self) -> Self {
        Self { send: true, ..self }
    }

    /// Adds the role to manage.
    #[must_use]
    pub const fn manage(self) -> Self {
        Self { manage: true, ..self }
    }
}
