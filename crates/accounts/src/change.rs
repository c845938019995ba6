//! Changes of the user's file: everything else in it stays as it is.

use std::io::Write as _;
use std::path::Path;

use serde_json::{Map, Value, json};
use switchboard::secret::Secret;

use crate::file;
use crate::{AccountsError, Places};

/// A new account for the user's file. `Debug` shows no secret.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NewAccount {
    /// Its SID, `AC…`.
    pub account_sid: String,
    /// Its auth token, if it has no API key.
    pub auth_token: Option<Secret>,
    /// The SID and the secret of its API key.
    pub api_key: Option<(String, Secret)>,
    /// What it is for.
    pub description: Option<String>,
    /// The number that sends.
    pub default_from: Option<String>,
    /// The messaging service that sends.
    pub messaging_service_sid: Option<String>,
}

impl NewAccount {
    /// Starts an account without any secret.
    pub fn new(account_sid: impl Into<String>) -> Self {
        Self {
            account_sid: account_sid.into(),
            auth_token: None,
            api_key: None,
            description: None,
            default_from: None,
            messaging_service_sid: None,
        }
    }

    fn written(&self) -> Value {
        let mut values = Map::new();
        let mut put = |name: &str, value: Option<&str>| {
            if let Some(value) = value {
                values.insert(name.to_owned(), json!(value));
            }
        };
        put("account_sid", Some(&self.account_sid));
        put("auth_token", self.auth_token.as_ref().map(Secret::expose));
        put("api_key", self.api_key.as_ref().map(|(sid, _)| sid.as_str()));
        put("api_secret", self.api_key.as_ref().map(|(_, secret)| secret.expose()));
        put("description", self.description.as_deref());
        put("default_from", self.default_from.as_deref());
        put("messaging_service_sid", self.messaging_service_sid.as_deref());
        Value::Object(values)
    }
}

impl Places {
    /// Adds an account to the user's file, which only the user may read then. An account of this name is replaced.
    ///
    /// # Errors
    /// [`AccountsError`] if the file cannot be used or written. It is left as it was then.
    pub fn add(&self, name: &str, account: &NewAccount) -> Result<(), AccountsError> {
        self.change(|accounts| {
            accounts.insert(name.to_owned(), account.written());
            Ok(())
        })
    }

    /// Makes sure that the user's file can be changed: writes it as it is.
    ///
    /// # Errors
    /// [`AccountsError`] if it cannot be used or written.
    pub fn prepare(&self) -> Result<(), AccountsError> {
        self.change(|_| Ok(()))
    }

    /// Removes an account from the user's file.
    ///
    /// # Errors
    /// [`AccountsError::Unknown`] if the file has no such account.
    pub fn remove(&self, name: &str) -> Result<(), AccountsError> {
        self.change(|accounts| {
            let removed = accounts.remove(name);
            let known = || accounts.keys().cloned().collect();
            removed.map(drop).ok_or_else(|| AccountsError::Unknown { name: name.to_owned(), known: known() })
        })
    }

    fn change(
        &self,
        change: impl FnOnce(&mut Map<String, Value>) -> Result<(), AccountsError>,
    ) -> Result<(), AccountsError> {
        let path = self.user_file();
        let mut whole = match file::open(&path)? {
            Some(opened) => {
                // Everything that would be refused when it is read is refused before it is changed.
                opened.content(&path)?;
                serde_json::from_slice(&opened.bytes).unwrap_or_default()
            }
            None => json!({}),
        };
        if let Some(object) = whole.as_object_mut() {
            let accounts = object.entry("accounts").or_insert_with(|| json!({}));
            if let Some(accounts) = accounts.as_object_mut() {
                change(accounts)?;
            }
        }
        replace(&path, &serde_json::to_vec_pretty(&whole).unwrap_or_default())
    }
}

/// Replaces a file of the user, so that nobody reads half of it, and nobody else reads it.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), AccountsError> {
    let failed = |error| AccountsError::File { path: path.to_owned(), error };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    // A link stays a link: its target is replaced.
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let new = target.with_extension(format!("{}.new", std::process::id()));
    // Left by a process that was killed; the mode counts only for a file that is made.
    drop(std::fs::remove_file(&new));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&new).map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)?;
    std::fs::rename(&new, &target).map_err(failed)
}
