//! Why a command failed, in words that say what to do.

use std::fmt::Write as _;

use serde_json::{Value, json};
use switchboard::provider::EnvelopeError;
use switchboard::{ErrorCode, Outcome, ProviderError, Reason};
use switchboard_accounts::AccountsError;

use crate::escape::escaped;
use crate::exit::Exit;

/// Why a command failed: what happened, why, what to do, and the command that finds out more.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    what: String,
    todo: Option<String>,
    find_out: Option<String>,
    provider: Option<Box<ProviderError>>,
    /// Was it told before, item by item?
    told: bool,
}

impl Failure {
    pub(crate) fn new(exit: Exit, what: impl Into<String>) -> Self {
        Self { exit, what: what.into(), todo: None, find_out: None, provider: None, told: false }
    }

    /// The command line is wrong. Name the argument, and show an example.
    pub(crate) fn usage(what: impl Into<String>) -> Self {
        Self::new(Exit::Usage, what)
    }

    /// It ended with this status, and everything about it was told.
    pub(crate) fn told(exit: Exit) -> Self {
        Self { told: true, ..Self::new(exit, "") }
    }

    /// What a person should do.
    pub(crate) fn todo(mut self, todo: impl Into<String>) -> Self {
        self.todo = Some(todo.into());
        self
    }

    /// The command that finds out what became of it, if that is unknown.
    pub(crate) fn find_out(mut self, command: impl Into<String>) -> Self {
        self.find_out = Some(command.into());
        self
    }

    /// Says what was tried: `the text was not sent: …`.
    pub(crate) fn while_doing(mut self, doing: &str) -> Self {
        self.what = format!("{doing}: {}", self.what);
        self
    }

    pub(crate) const fn exit(&self) -> Exit {
        self.exit
    }

    /// The command that finds out, with the options that choose the account: another one would not know of it.
    fn to_find_out(&self, options: &str) -> Option<String> {
        let command = self.find_out.as_ref().filter(|_| self.exit == Exit::Unknown)?;
        let is_command =
            command.starts_with("switchboard ") && !command.contains(',') && !command.contains(" -a ");
        Some(if is_command { format!("{command}{options}") } else { command.clone() })
    }

    pub(crate) const fn is_told(&self) -> bool {
        self.told
    }

    /// The lines for a person, without colour: `what`, then what to do.
    pub(crate) fn lines(&self) -> (String, String) {
        self.lines_with("")
    }

    /// The same; the command that finds out has these options, too.
    pub(crate) fn lines_with(&self, options: &str) -> (String, String) {
        let mut more = String::new();
        let mut line = |name: &str, text: &str| {
            let _ = writeln!(more, "  {name}: {}", escaped(text));
        };
        if let Some(error) = &self.provider {
            error.details().iter().for_each(|detail| line("detail", detail));
        }
        if let Some(todo) = &self.todo {
            line("what to do", todo);
        }
        if let Some(error) = &self.provider {
            let about =
                [("where", error.console()), ("see", error.more_info()), ("request", error.request_id())];
            about.into_iter().for_each(|(name, text)| {
                if let Some(text) = text {
                    line(name, text);
                }
            });
        }
        if let Some(command) = self.to_find_out(options) {
            line("find out", &command);
        }
        (escaped(&self.what).into_owned(), more)
    }

    /// The error of an envelope, for `--json`.
    pub(crate) fn json(&self, options: &str) -> Value {
        let error = match &self.provider {
            Some(error) => json!(EnvelopeError::from(error.as_ref())),
            None => {
                let code = match self.exit {
                    Exit::Credentials => ErrorCode::InvalidCredentials,
                    Exit::Refused => ErrorCode::Blocked,
                    Exit::Unknown => ErrorCode::NetworkError,
                    _ => ErrorCode::InvalidRequest,
                };
                let outcome = if self.exit == Exit::Unknown { Outcome::Unknown } else { Outcome::NotApplied };
                let error = ProviderError::new(code, outcome).with_message(self.what.as_str());
                let error = match &self.todo {
                    Some(todo) => error.with_advice(todo.clone()),
                    None => error,
                };
                json!(EnvelopeError::from(&error))
            }
        };
        json!({ "success": false, "error": error, "exit": self.exit.code(), "findOut": self.to_find_out(options) })
    }
}

/// The exit status of a provider's error.
pub(crate) fn exit_of(error: &ProviderError) -> Exit {
    match (error.outcome(), error.code(), error.reason()) {
        (_, _, Reason::Stopped) => Exit::Interrupted,
        (_, ErrorCode::InvalidCredentials | ErrorCode::Unauthorized, _) => Exit::Credentials,
        (Outcome::Applied, ..) => Exit::Done,
        // Found before anything was sent: a mistake in what was typed.
        (Outcome::NotApplied, ErrorCode::InvalidRequest, _) if error.provider_status().is_none() => {
            Exit::Usage
        }
        // Safe to repeat also covers reads and changes whose answer was lost.
        _ if error.is_retryable() => Exit::Later,
        (Outcome::Unknown, ..) => Exit::Unknown,
        (_, ErrorCode::Blocked, _) | (_, _, Reason::OptedOut | Reason::QuietHours | Reason::BudgetSpent) => {
            Exit::Refused
        }
        (_, ErrorCode::Forbidden, Reason::PermissionDenied | Reason::BadCredentials) => Exit::Credentials,
        _ => Exit::Failed,
    }
}

impl From<ProviderError> for Failure {
    fn from(error: ProviderError) -> Self {
        let code = error.provider_code().map(|code| format!(" (Twilio {code})")).unwrap_or_default();
        let what = format!("{}{code}", error.message());
        let what = match (error.outcome(), error.sid()) {
            // A warning: only the answer is incomplete.
            (Outcome::Applied, Some(sid)) => format!("{sid}: it was done, but {what}"),
            (Outcome::Applied, None) => format!("it was done, but {what}"),
            _ => what,
        };
        let mut failure = Self::new(exit_of(&error), what);
        failure.todo = error.advice().map(str::to_owned);
        failure.provider = Some(Box::new(error));
        failure
    }
}

impl From<AccountsError> for Failure {
    fn from(error: AccountsError) -> Self {
        let exit =
            if matches!(error, AccountsError::Unknown { .. }) { Exit::Usage } else { Exit::Credentials };
        Self::new(exit, error.to_string())
    }
}
