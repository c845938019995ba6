//! `consent`: who wants messages, and who wants none.

mod import;

use std::path::PathBuf;

use clap::Subcommand;
use futures_util::stream::{self, Stream, TryStreamExt as _};
use jiff::Timestamp;
use serde::Serialize;
use switchboard::phone::Address;
use switchboard::sms::Consent;
use switchboard_outbox::Outbox;
use switchboard_outbox::policy::{ConsentRecord, ConsentScope, ConsentSource, Purpose};

use crate::args::Limit;
use crate::context::Context;
use crate::database::DatabaseArgs;
use crate::failure::Failure;
use crate::record::own_record;

/// How many records are read at once.
const PAGE: u32 = 1_000;

own_record!(Said {
    "RECIPIENT" = "recipient", "CONSENT" = "consent", "SCOPE" = "scope", "PURPOSE" = "purpose", "SOURCE" = "source",
    "AT" = "at",
}, more: ["sender", "proof"]);

/// What somebody said.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Said {
    recipient: Address,
    consent: &'static str,
    /// `account`, `sender` or `everything`.
    scope: &'static str,
    /// The sender that it is about.
    sender: Option<Address>,
    purpose: Option<&'static str>,
    source: String,
    at: Timestamp,
    proof: Option<String>,
}

impl From<ConsentRecord> for Said {
    fn from(record: ConsentRecord) -> Self {
        let (scope, sender) = match record.scope {
            ConsentScope::Sender(sender) => ("sender", Some(sender)),
            ConsentScope::Tenant(_) => ("account", None),
            _ => ("everything", None),
        };
        Self {
            recipient: record.recipient,
            consent: if record.consent == Consent::OptedOut { "opted-out" } else { "opted-in" },
            scope,
            sender,
            purpose: record.purpose.map(Purpose::as_str),
            source: match record.source {
                ConsentSource::Keyword => "keyword".to_owned(),
                ConsentSource::Provider => "provider".to_owned(),
                ConsentSource::Import(from) => format!("import {from}"),
                _ => "person".to_owned(),
            },
            at: record.at,
            proof: record.proof,
        }
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List what people said about the messages of the account, the newest first
    List(ListArgs),
    /// Show what one person said
    Show(Person),
    /// Record that somebody wants no messages
    OptOut(Change),
    /// Record that somebody wants messages
    OptIn(Change),
    /// Record what many people said: a CSV file with the columns phone, consent (in or out), and at
    Import(ImportArgs),
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    /// What is said about the messages of this sender, too, if the file of accounts does not name it; may be repeated
    #[arg(long, value_name = "SENDER")]
    sender: Vec<String>,
    #[command(flatten)]
    limit: Limit,
}

#[derive(Debug, clap::Args)]
struct Person {
    /// The number, as in +14155551234
    number: String,
}

#[derive(Debug, clap::Args)]
struct Change {
    #[command(flatten)]
    person: Person,
    #[command(flatten)]
    about: About,
    /// When they said it; by default now: 2026-09-01T08:30:00Z
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// The proof: what they agreed to, a URL, a file's name
    #[arg(long, value_name = "TEXT")]
    proof: Option<String>,
}

#[derive(Debug, clap::Args)]
struct ImportArgs {
    /// The file
    list: PathBuf,
    /// The country of numbers that do not begin with +, as two letters: US
    #[arg(long, value_name = "XX")]
    country: Option<String>,
    /// Where the list is from: a form, a former provider
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    #[command(flatten)]
    about: About,
    /// Show what would be recorded
    #[arg(long)]
    dry_run: bool,
}

/// Whose messages it is about, and which.
#[derive(Debug, Clone, clap::Args)]
struct About {
    /// Only the messages of this sender: a number, or a messaging service, MG…
    #[arg(long, value_name = "SENDER", conflicts_with = "everything")]
    sender: Option<String>,
    /// The messages of all accounts in this database
    #[arg(long)]
    everything: bool,
    /// Only the messages for this purpose
    #[arg(long, value_enum)]
    purpose: Option<PurposeWord>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum PurposeWord {
    /// Advertising
    Marketing,
    /// What people expect: codes, receipts, reminders
    Transactional,
}

impl About {
    fn scope(&self, tenant: &str) -> ConsentScope {
        match &self.sender {
            Some(sender) => ConsentScope::Sender(sender.as_str().into()),
            None if self.everything => ConsentScope::Everything,
            None => ConsentScope::Tenant(tenant.to_owned()),
        }
    }

    fn record(&self, tenant: &str, number: Address, consent: Consent, at: Timestamp) -> ConsentRecord {
        let scope = self.scope(tenant);
        let record = match consent {
            Consent::OptedOut => ConsentRecord::opted_out(number, scope, at),
            _ => ConsentRecord::opted_in(number, scope, at),
        };
        match self.purpose {
            None => record,
            Some(PurposeWord::Marketing) => record.purpose(Purpose::Marketing),
            Some(PurposeWord::Transactional) => record.purpose(Purpose::Transactional),
        }
    }
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let Args { database, command } = args;
    let tenant = context.account_sid()?;
    match command {
        Command::List(ListArgs { sender, limit }) => {
            // A STOP counts for the sender that it was sent to.
            let senders = context.account_senders()?.into_iter().chain(sender);
            let mut scopes = vec![ConsentScope::Tenant(tenant), ConsentScope::Everything];
            scopes.extend(senders.map(|sender| ConsentScope::Sender(sender.as_str().into())));
            let said = said(database.outbox().await?, scopes, limit.limit);
            context.out.list(said, "nobody said anything").await
        }
        Command::Show(Person { number }) => {
            let number = checked(&number)?;
            let known = database.outbox().await?.consents(number).await?;
            // Another account's business is not shown.
            let is_of_others = |record: &ConsentRecord| matches!(&record.scope, ConsentScope::Tenant(other) if *other != tenant);
            let said = known
                .into_iter()
                .filter(|record| !is_of_others(record))
                .map(|record| Ok::<_, Failure>(Said::from(record)));
            context.out.list(stream::iter(said), "nothing is known about them").await
        }
        Command::OptOut(change) => record(context, &database, &tenant, change, Consent::OptedOut).await,
        Command::OptIn(change) => record(context, &database, &tenant, change, Consent::OptedIn).await,
        Command::Import(args) => import::run(context, &database, &tenant, args).await,
    }
}

/// A number as messages have it: one that is written in another way would protect nobody.
fn checked(number: &str) -> Result<Address, Failure> {
    let address = Address::from(number);
    let wrong = |why: String| Failure::usage(format!("NUMBER: {why}")).todo("for instance +14155551234");
    address.kind().map_err(|error| wrong(error.to_string()))?;
    if address.number().is_none() {
        return Err(wrong("this is not the number of a person".to_owned()));
    }
    Ok(address)
}

async fn record(
    context: &Context,
    database: &DatabaseArgs,
    tenant: &str,
    change: Change,
    consent: Consent,
) -> Result<(), Failure> {
    let number = checked(&change.person.number)?;
    let at = change.at.unwrap_or_else(Timestamp::now);
    let mut record = change.about.record(tenant, number.clone(), consent, at);
    record.proof = change.proof;
    let recorded = database.outbox().await?.record_consent(record.clone(), &Context::who()).await?;
    let who = context.out.masked(number.as_str());
    let sentence = match (recorded.changed, consent) {
        (false, _) => format!("{who} said something later, which counts"),
        (true, Consent::OptedOut) => format!("{who} gets no messages any more"),
        (true, _) => format!("{who} wants messages"),
    };
    context.out.done(&sentence, &Said::from(record))?;
    if recorded.too_late > 0 {
        context.out.warn(&format!("{} to them were handed over before, and may arrive", recorded.too_late));
    }
    Ok(())
}

fn said(outbox: Outbox, scopes: Vec<ConsentScope>, limit: u64) -> impl Stream<Item = Result<Said, Failure>> {
    let most = if limit == 0 { u64::MAX } else { limit };
    let start = (outbox, scopes, None::<ConsentRecord>, most);
    stream::try_unfold(start, async |(outbox, scopes, after, left)| {
        if left == 0 {
            return Ok::<_, Failure>(None);
        }
        let limit = u32::try_from(left).unwrap_or(PAGE).min(PAGE);
        let page = outbox.consents_of(&scopes, after.as_ref(), limit).await?;
        let Some(last) = page.last().cloned() else { return Ok(None) };
        let left = left.saturating_sub(page.len() as u64);
        let rows = stream::iter(page.into_iter().map(|record| Ok(Said::from(record))));
        Ok(Some((rows, (outbox, scopes, Some(last), left))))
    })
    .try_flatten()
}
