//! Errors of campaigns.

use switchboard::sms::TemplateError;
use tokio::task::JoinError;

use super::{ListError, RejectsError};
use crate::error::OutboxError;

/// Why a campaign cannot be planned, started or imported. What was enqueued before stays enqueued.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CampaignError {
    /// The name is empty, too long, or has a slash or a control character.
    #[error("the name of a campaign must have 1 to {max} bytes, and neither a slash nor a control character")]
    Name {
        /// The maximum length in bytes.
        max: usize,
    },
    /// There is no such template.
    #[error("there is no template {template:?}: add it to the templates first")]
    NoTemplate {
        /// The name.
        template: String,
    },
    /// The template is wrong.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The template has a variable that is no column of the list.
    #[error(
        "the template needs {variable:?}, which is no column of the list ({}): rename the column or the variable",
        columns.join(", ")
    )]
    NoColumn {
        /// The variable.
        variable: String,
        /// The columns.
        columns: Vec<String>,
    },
    /// A campaign of calls needs a number that calls.
    #[error("a pool of numbers cannot call: set one number as the sender")]
    NoCaller,
    /// Texts cannot ask for keys, and no machine picks them up.
    #[error("only a campaign of calls can ask for keys or detect machines: use `Campaign::call`")]
    NotCalls,
    /// The list cannot be read.
    #[error(transparent)]
    List(#[from] ListError),
    /// The file of rejected rows cannot be written.
    #[error(transparent)]
    Rejects(#[from] RejectsError),
    /// The outbox refuses, or its database fails.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    /// The runtime ended.
    #[error("the import was interrupted: start the campaign again with the same list")]
    Interrupted,
    /// What the program gave to be read panicked, or there is a bug here.
    #[error("reading the list, or filling the template, panicked: starting the campaign again will not help")]
    Panicked,
}

impl CampaignError {
    pub(super) fn of_join(error: &JoinError) -> Self {
        if error.is_panic() { Self::Panicked } else { Self::Interrupted }
    }
}
