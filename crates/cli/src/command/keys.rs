//! `keys`: the keys that seal the credentials and webhooks of the dashboard.

use std::collections::BTreeMap;

use clap::Subcommand;
use jiff::Timestamp;
use serde_json::json;
use switchboard_store::{Keys, SealError, StoreError, UserCredentials, WebhookEvents};

use crate::context::Context;
use crate::database::DatabaseArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print a new key, for `SWITCHBOARD_KEYS` or a file that `SWITCHBOARD_KEYS_FILE` names
    New(NewArgs),
    /// Check that everything sealed in the database can be opened, and count what each key seals
    Check,
    /// Seal everything again with the first key, so that the others can be removed
    Rotate,
}

#[derive(Debug, clap::Args)]
struct NewArgs {
    /// The id of the key; by default today
    #[arg(value_name = "ID")]
    id: Option<String>,
}

/// What is sealed in a database.
struct SealedValues {
    users: UserCredentials,
    webhooks: WebhookEvents,
}

impl SealedValues {
    async fn open(database: &DatabaseArgs) -> Result<Self, Failure> {
        let keys = Keys::from_env()?;
        let database = database.open().await?;
        let users = UserCredentials::open(database.clone(), keys.clone()).await?;
        let webhooks = WebhookEvents::builder().seal(keys).users(users.clone()).open(database).await?;
        Ok(Self { users, webhooks })
    }

    /// How many values each key seals. All missing keys are named at once.
    async fn check(&self) -> Result<BTreeMap<String, u64>, Failure> {
        let (mut counts, mut missing) = (BTreeMap::new(), BTreeMap::new());
        for part in [self.users.check().await, self.webhooks.check().await] {
            match part {
                Ok(part) => {
                    part.into_iter().for_each(|(key, values)| *counts.entry(key).or_default() += values)
                }
                Err(StoreError::Seal(SealError::MissingKeys { keys })) => {
                    keys.into_iter().for_each(|(key, values)| *missing.entry(key).or_default() += values);
                }
                Err(error) => return Err(error.into()),
            }
        }
        if missing.is_empty() {
            return Ok(counts);
        }
        Err(SealError::MissingKeys { keys: missing.into_iter().collect() }.into())
    }
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let Args { database, command } = args;
    match command {
        Command::New(NewArgs { id }) => {
            let id = id.unwrap_or_else(|| Timestamp::now().strftime("%Y%m%d").to_string());
            let key = Keys::new_key(&id).map_err(|error| match error {
                SealError::BadKey { .. } => Failure::usage("ID: use 1 to 32 of a-z, A-Z, 0-9, _ and -")
                    .todo("for instance `keys new 2026b`"),
                error => error.into(),
            })?;
            // The only secret that this program prints, because it is asked for it.
            if context.out.is_json() {
                return context.out.say_or("", json!({ "id": id, "key": key.expose() }));
            }
            Output::raw(key.expose())?;
            context.out.note("keep it safe: what it seals cannot be opened without it");
            Ok(())
        }
        Command::Check => {
            let counts = SealedValues::open(&database).await?.check().await?;
            let lines = counts.iter().map(|(key, values)| format!("{key} seals {values}"));
            let sentence = lines.collect::<Vec<_>>().join("\n");
            let sentence = if sentence.is_empty() { "nothing is sealed yet".to_owned() } else { sentence };
            context.out.say_or(&sentence, json!({ "keys": counts }))
        }
        Command::Rotate => {
            let sealed = SealedValues::open(&database).await?;
            sealed.check().await?;
            let (users, webhooks) = (sealed.users.rotate().await?, sealed.webhooks.rotate().await?);
            let (resealed, damaged) = (users.resealed + webhooks.resealed, users.damaged + webhooks.damaged);
            let keys: Vec<String> = sealed.check().await?.into_keys().collect();
            let sentence = format!("{resealed} sealed again; needed now: {}", keys.join(", "));
            context
                .out
                .say_or(&sentence, json!({ "resealed": resealed, "damaged": damaged, "keys": keys }))?;
            if damaged == 0 {
                return Ok(());
            }
            Err(Failure::new(
                Exit::Failed,
                format!("{damaged} could not be opened, because they were changed: they stay as they are"),
            ))
        }
    }
}
