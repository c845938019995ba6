//! One account of the list.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::file::Values;

/// Where an account is from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// The user's own file.
    User(PathBuf),
    /// The file of the working folder, which the user trusts.
    Project(PathBuf),
    /// The environment.
    Environment,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(path) | Self::Project(path) => path.display().fmt(f),
            Self::Environment => f.write_str("the environment"),
        }
    }
}

/// An account of the list. `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct Entry {
    pub(crate) name: String,
    pub(crate) values: Values,
    pub(crate) source: Source,
    pub(crate) overrides: Vec<String>,
}

impl Entry {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is for, in the user's words.
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        self.values.description.as_deref()
    }

    /// Where it is from.
    #[must_use]
    pub const fn source(&self) -> &Source {
        &self.source
    }

    /// The variables of the environment that replace values of its file. Tell the user about them: who has forgotten them
    /// texts from another account.
    #[must_use]
    pub fn overrides(&self) -> &[String] {
        &self.overrides
    }

    /// Its numbers, as the file lists them.
    #[must_use]
    pub fn phone_numbers(&self) -> &[String] {
        &self.values.phone_numbers
    }

    /// The SID of the account, as it is written; a placeholder, too.
    #[must_use]
    pub fn account_sid(&self) -> Option<&str> {
        self.values.account_sid.as_deref()
    }

    /// The number that sends by default.
    #[must_use]
    pub fn default_from(&self) -> Option<&str> {
        self.values.default_from.as_deref()
    }

    /// The messaging service that sends by default.
    #[must_use]
    pub fn messaging_service(&self) -> Option<&str> {
        self.values.messaging_service_sid.as_deref()
    }

    /// The service that sends codes.
    #[must_use]
    pub fn verify_service(&self) -> Option<&str> {
        self.values.verify_service_sid.as_deref()
    }

    /// Where each value is from, without the secrets themselves: `("auth_token", "the command pass")`.
    #[must_use]
    pub fn where_from(&self) -> Vec<(&'static str, String)> {
        let Values { account_sid, auth_token, api_key, api_secret, .. } = &self.values;
        let plain = [("account_sid", account_sid), ("api_key", api_key)];
        let plain = plain.into_iter().filter(|(_, value)| value.is_some());
        let source = |field: &str| {
            let variable = self.overrides.iter().find(|name| name.contains(&field.to_uppercase()));
            variable.map(|name| format!("the variable {name}"))
        };
        let plain = plain.map(|(field, _)| (field, source(field).unwrap_or_else(|| self.source.to_string())));
        let secret = [("auth_token", auth_token), ("api_secret", api_secret)];
        let secret = secret.into_iter().filter_map(|(field, value)| {
            let value = value.as_ref()?;
            let file = || match &self.source {
                Source::Environment => "the environment".to_owned(),
                source if value.here().is_some() => format!("written in {source}"),
                _ => value.described(),
            };
            Some((field, source(field).unwrap_or_else(file)))
        });
        plain.chain(secret).collect()
    }

    pub(crate) fn is_of(&self, path: &Path) -> bool {
        matches!(&self.source, Source::User(own) | Source::Project(own) if own == path)
    }
}
