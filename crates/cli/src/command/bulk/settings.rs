//! What a campaign was started with, kept in the database beside it, so that only its name is needed to go on.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use switchboard::provider::Sender;
use switchboard::sms::Templates;
use switchboard_outbox::Outbox;
use switchboard_outbox::campaign::{Campaign, Draft, Recipients};
use switchboard_outbox::policy::{Policy, Purpose, QuietHours, TextRules};
use switchboard_store::{Migration, Migrations, PortableSql, SqlStatement};

use crate::context::Context;
use crate::failure::Failure;

/// The name of the only template.
const TEMPLATE: &str = "text";

static MIGRATIONS: Migrations = Migrations {
    room: "cli",
    list: &[Migration {
        number: 1,
        name: "what campaigns were started with",
        sql: "CREATE TABLE {p}cli_campaign (
  tenant TEXT NOT NULL, name TEXT NOT NULL, settings TEXT NOT NULL, -- JSON
  PRIMARY KEY (tenant, name)
) STRICT;",
        postgres: "CREATE TABLE {s}.cli_campaign (
  tenant text NOT NULL, name text NOT NULL, settings text NOT NULL, -- JSON
  PRIMARY KEY (tenant, name)
);",
    }],
};

/// What a campaign is started with.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Settings {
    pub(super) list: PathBuf,
    /// Tells whether the list is still the same.
    pub(super) list_state: ListState,
    pub(super) text: String,
    pub(super) from: Sender,
    pub(super) country: Option<String>,
    pub(super) number_column: Option<String>,
    pub(super) key_column: Option<String>,
    pub(super) rejects: PathBuf,
    /// Segments a second.
    pub(super) rate: Option<f64>,
    pub(super) purpose: Purpose,
    pub(super) rules: Rules,
}

/// The size and the time of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ListState {
    size: u64,
    modified: Option<std::time::SystemTime>,
}

/// The rules that are asked beside the opt-outs, which always count.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, clap::Args)]
pub(super) struct Rules {
    /// Send only at hours at which marketing is allowed where the person is; the others wait
    #[arg(long)]
    quiet_hours: bool,
    /// Refuse texts that carriers filter, or that Twilio forbids
    #[arg(long)]
    text_rules: bool,
    /// Send only to people of whom a consent is recorded: see `consent import`
    #[arg(long)]
    need_consent: bool,
}

impl ListState {
    pub(super) fn of(list: &Path) -> Result<Self, Failure> {
        let metadata = fs::metadata(list).map_err(|error| {
            Failure::usage(format!("LIST: {}: {error}", list.display()))
                .todo("give a CSV file whose first row names the columns, for instance `phone,name`")
        })?;
        Ok(Self { size: metadata.len(), modified: metadata.modified().ok() })
    }
}

impl Settings {
    pub(super) fn outbox(&self, outbox: Outbox) -> Outbox {
        let Rules { quiet_hours, text_rules, need_consent } = self.rules;
        let mut policy = Policy::new();
        if quiet_hours {
            policy = policy.quiet_hours(QuietHours::standard());
        }
        if text_rules {
            policy = policy.text_rules(TextRules::standard());
        }
        if need_consent {
            policy = policy.require_consent(self.purpose);
        }
        outbox.with_policy(policy)
    }

    pub(super) fn draft(&self, campaign: &Campaign) -> Result<Draft, Failure> {
        let templates = Templates::new().add(TEMPLATE, self.text.as_str());
        let templates = templates.map_err(|error| {
            Failure::usage(format!("--text: {error}"))
                .todo("for instance --text 'Hi {{name}}, your table is ready'")
        })?;
        let draft = campaign.text(&templates, TEMPLATE)?.from(self.from.clone()).purpose(self.purpose);
        Ok(draft.by(Context::who()))
    }

    pub(super) fn recipients(&self) -> Result<Recipients, Failure> {
        let file = fs::File::open(&self.list)
            .map_err(|error| Failure::usage(format!("LIST: {}: {error}", self.list.display())))?;
        let lines =
            self.list.extension().is_some_and(|extension| extension == "jsonl" || extension == "ndjson");
        let mut list = if lines { Recipients::json_lines(file) } else { Recipients::csv(file) };
        if let Some(country) = &self.country {
            list = list.country(country);
        }
        if let Some(column) = &self.number_column {
            list = list.number_column(column);
        }
        if let Some(column) = &self.key_column {
            list = list.key_column(column);
        }
        Ok(list)
    }

    /// Keeps them, before anything of the campaign is stored.
    pub(super) async fn keep(&self, outbox: &Outbox, tenant: &str, name: &str) -> Result<(), Failure> {
        let sql = PortableSql::open(outbox.store().clone(), &MIGRATIONS).await?;
        let text = "INSERT INTO {t}cli_campaign (tenant, name, settings) VALUES (?1, ?2, ?3)
                    ON CONFLICT (tenant, name) DO UPDATE SET settings = excluded.settings";
        let settings = serde_json::to_string(self).unwrap_or_default();
        let insert = SqlStatement::new(text).value(tenant).value(name).value(settings);
        sql.execute(vec![insert]).await?;
        Ok(())
    }

    /// Those of a campaign; `None` if another program has started it.
    pub(super) async fn of(outbox: &Outbox, tenant: &str, name: &str) -> Result<Option<Self>, Failure> {
        let sql = PortableSql::open(outbox.store().clone(), &MIGRATIONS).await?;
        let text = "SELECT settings FROM {t}cli_campaign WHERE tenant = ?1 AND name = ?2";
        let rows = sql.read(SqlStatement::new(text).value(tenant).value(name)).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        Ok(serde_json::from_str(row.text(0)?).ok())
    }
}
