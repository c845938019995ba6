//! Makes the message for one row of a list.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use switchboard::provider::{Outgoing, SendKind};
use switchboard::sms::{TemplateError, Text};

use super::{CampaignError, Draft, RejectReason, Rejected, Row};
use crate::enqueue::{Enqueue, Payload};
use crate::error::OutboxError;
use crate::rows::NewMessage;
use crate::timing::Micros;

/// Makes the messages of a campaign.
#[derive(Debug)]
pub(super) struct Filler {
    pub(super) draft: Draft,
    /// The campaign's number; 0 for a plan.
    id: i64,
    /// The column of each variable, where its name differs in upper and lower case.
    columns: BTreeMap<String, String>,
}

impl Filler {
    /// `columns` are those of a CSV file; none for other lists. Each variable of the template without a `default` must have
    /// one.
    pub(super) fn new<'c>(
        draft: &Draft,
        columns: impl Iterator<Item = &'c str>,
    ) -> Result<Self, CampaignError> {
        draft.check()?;
        let mut filler = Self { draft: draft.clone(), id: 0, columns: BTreeMap::new() };
        let columns: Vec<&str> = columns.collect();
        let variables: Vec<String> =
            draft.templates.variables(&draft.template)?.map(ToOwned::to_owned).collect();
        for variable in variables.iter().filter(|_| !columns.is_empty()) {
            let same = |column: &&&str| column.to_lowercase() == variable.to_lowercase();
            match columns.iter().find(same) {
                Some(column) if column != variable => {
                    filler.columns.insert(variable.clone(), (*column).to_owned());
                }
                Some(_) => {}
                None => filler.check_default(variable, &variables, &columns)?,
            }
        }
        Ok(filler)
    }

    /// Makes messages of a campaign that exists.
    pub(super) const fn of(mut self, id: i64) -> Self {
        self.id = id;
        self
    }

    /// Fails if the template cannot be filled without a variable.
    fn check_default(
        &self,
        missing: &str,
        variables: &[String],
        columns: &[&str],
    ) -> Result<(), CampaignError> {
        let others = variables.iter().filter(|variable| *variable != missing);
        let values: Map<String, Value> = others.map(|name| (name.clone(), Value::from("1"))).collect();
        match self.draft.templates.render(&self.draft.template, &values) {
            Err(TemplateError::MissingVariable { variable, .. }) if variable == missing => {
                let columns = columns.iter().map(|column| (*column).to_owned()).collect();
                Err(CampaignError::NoColumn { variable: missing.to_owned(), columns })
            }
            _ => Ok(()),
        }
    }

    /// The text for one row. An empty cell is a missing value.
    pub(super) fn text(&self, row: &Row) -> Result<Text, RejectReason> {
        let is_blank = |value: &Value| value.as_str().is_some_and(|text| text.trim().is_empty());
        let mut values: Map<String, Value> = Map::new();
        for variable in
            self.draft.templates.variables(&self.draft.template).map_err(RejectReason::template)?
        {
            let column = self.columns.get(variable).map_or(variable, String::as_str);
            if let Some(value) = row.values.get(column).filter(|value| !is_blank(value)) {
                values.insert(variable.to_owned(), value.clone());
            }
        }
        self.draft.templates.render(&self.draft.template, &values).map_err(RejectReason::template)
    }

    /// The message for one row, as the outbox enqueues it.
    pub(super) fn message(&self, row: Row, at: Micros) -> Result<(Row, NewMessage), Rejected> {
        match self.try_message(&row, at) {
            Ok(message) => Ok((row, message)),
            Err(reason) => Err(row.reject(reason)),
        }
    }

    fn try_message(&self, row: &Row, at: Micros) -> Result<NewMessage, RejectReason> {
        let (draft, campaign) = (&self.draft, &self.draft.campaign);
        let key = format!("{}{}", campaign.key_prefix(), row.key);
        if key.len() > Enqueue::MAX_NAME {
            let max = Enqueue::MAX_NAME.saturating_sub(campaign.key_prefix().len());
            return Err(RejectReason::LongKey { column: "the key".to_owned(), max });
        }
        let text = self.text(row)?;
        let payload = match draft.kind {
            SendKind::Text => {
                let mut message = Outgoing::text(row.to.clone(), text);
                message.from.clone_from(&draft.from);
                Payload::Text(message)
            }
            SendKind::Call => Payload::Call(draft.outgoing_call(row.to.clone().into(), text)),
        };
        let mut enqueue = Enqueue::new(key, payload)
            .tenant(&campaign.tenant)
            .priority(draft.priority)
            .purpose(draft.purpose);
        (enqueue.due, enqueue.expires, enqueue.zone) = (draft.due, draft.expires, row.zone.clone());
        match campaign.outbox.new_message(at, enqueue) {
            Ok(message) => Ok(NewMessage { campaign: self.id, ..message }),
            Err(error) => Err(RejectReason::of(&error)),
        }
    }
}

impl RejectReason {
    fn template(error: TemplateError) -> Self {
        Self::Template { error }
    }

    /// The reason why the outbox does not take a message.
    pub(super) fn of(error: &OutboxError) -> Self {
        match error {
            OutboxError::Blocked { because, .. } => Self::Blocked { because: because.clone() },
            OutboxError::Forgotten { .. } => Self::Forgotten,
            OutboxError::KeyConflict { .. } => Self::KeyConflict,
            OutboxError::Invalid(problem) => Self::Other(problem.clone()),
            other => Self::Other(other.to_string()),
        }
    }
}
