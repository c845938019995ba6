//! Where accounts are looked for.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use crate::AccountsError;

/// The file in the user's folder of settings.
const FILE: &str = "accounts.json";
/// The list of files that the user trusts.
const TRUSTED: &str = "trusted.json";
/// The file in a project's folder, as the old helper names it.
const PROJECT: &str = "configs/twilio-config.json";

/// The folders and the environment that accounts are read from. Programs use [`Places::of_user`]; tests make their own.
///
/// `Debug` shows no values of the environment.
#[derive(Clone)]
pub struct Places {
    settings: PathBuf,
    user_file: Option<PathBuf>,
    project: Option<PathBuf>,
    environment: BTreeMap<String, OsString>,
}

impl Places {
    /// The places of this process: `$XDG_CONFIG_HOME/switchboard` or `~/.config/switchboard` on Linux and macOS,
    /// `%APPDATA%\switchboard` on Windows; the working folder; and the environment.
    ///
    /// # Errors
    /// [`AccountsError::NoFolder`].
    pub fn of_user() -> Result<Self, AccountsError> {
        let absolute =
            |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let folder = if cfg!(windows) {
            absolute("APPDATA")
        } else {
            absolute("XDG_CONFIG_HOME").or_else(|| absolute("HOME").map(|home| home.join(".config")))
        };
        let settings = folder.ok_or(AccountsError::NoFolder)?.join("switchboard");
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
            .filter(|(name, _)| name.starts_with("TWILIO_"));
        let places =
            environment.fold(Self::new(settings), |places, (name, value)| places.variable(name, value));
        Ok(match std::env::current_dir() {
            Ok(folder) => places.project(folder),
            Err(_) => places,
        })
    }

    /// The user's settings are in this folder; there is no working folder, and the environment is empty.
    pub fn new(settings: impl Into<PathBuf>) -> Self {
        Self { settings: settings.into(), user_file: None, project: None, environment: BTreeMap::new() }
    }

    /// Sets the working folder.
    #[must_use]
    pub fn project(mut self, folder: impl Into<PathBuf>) -> Self {
        self.project = Some(folder.into());
        self
    }

    /// Reads this file instead of the user's own one in the folder of settings.
    #[must_use]
    pub fn user_file_at(mut self, file: impl Into<PathBuf>) -> Self {
        self.user_file = Some(file.into());
        self
    }

    /// Sets a variable of the environment.
    #[must_use]
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<OsString>) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    /// The user's own file.
    #[must_use]
    pub fn user_file(&self) -> PathBuf {
        self.user_file.clone().unwrap_or_else(|| self.settings.join(FILE))
    }

    /// The file of the working folder, if there is a working folder.
    #[must_use]
    pub fn project_file(&self) -> Option<PathBuf> {
        self.project.as_ref().map(|folder| folder.join(PROJECT))
    }

    pub(crate) fn trusted_file(&self) -> PathBuf {
        self.settings.join(TRUSTED)
    }

    /// A variable with a value. What is not UTF-8 counts as missing, because no value of Twilio is.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.environment.get(name)?.to_str().filter(|value| !value.is_empty())
    }
}

impl fmt::Debug for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Places")
            .field("settings", &self.settings)
            .field("project", &self.project)
            .field("environment", &self.environment.keys().collect::<Vec<_>>())
            .finish()
    }
}
