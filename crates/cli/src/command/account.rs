//! `account`: the named accounts, and what they have left.

mod add;
mod audit;

use clap::Subcommand;
use serde::Serialize;
use switchboard::provider::{AccountKind, Connection};
use switchboard::twilio::accounts::Balance;
use switchboard::twilio::usage::{ListUsage, UsagePeriod, UsageRecord};
use switchboard_accounts::{Accounts, Entry, Source};

use crate::args::Limit;
use crate::context::Context;
use crate::escape::escaped;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::record::{own_record, record};

pub(crate) use add::AddArgs;
pub(crate) use add::add;

record!(UsageRecord {
    "CATEGORY" = "category", "FROM" = "startDate", "TO" = "endDate", "COUNT" = "count", "USAGE" = "usage",
    "UNIT" = "usageUnit", "PRICE" = "price", "CURRENCY" = "priceUnit",
});
record!(Balance { "BALANCE" = "balance", "CURRENCY" = "currency" });

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the accounts and where each is from
    List,
    /// Ask Twilio whether the credentials are right
    Check,
    /// Add an account to your file, after Twilio has taken its credentials
    Add(AddArgs),
    /// Remove an account from your file
    Remove {
        /// Its name
        name: String,
    },
    /// Use the file ./configs/twilio-config.json as it is now
    Trust,
    /// What is left to spend
    Balance,
    /// What was used, and what it cost
    Usage(UsageArgs),
    /// What should be changed: webhooks, registrations, idle numbers, errors, balance
    Audit(audit::AuditArgs),
}

#[derive(Debug, clap::Args)]
struct UsageArgs {
    /// One record for each day or month; without it, one for all time
    #[arg(long, value_enum)]
    period: Option<Period>,
    /// Only this category, for instance sms-outbound
    #[arg(long)]
    category: Option<String>,
    /// From this day on, in UTC
    #[arg(long, value_name = "DAY")]
    since: Option<jiff::civil::Date>,
    /// Up to this day, in UTC
    #[arg(long, value_name = "DAY")]
    until: Option<jiff::civil::Date>,
    /// Also categories without any use
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    limit: Limit,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Period {
    Day,
    Month,
    Year,
}

/// An account, without its secrets.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct AccountRow {
    name: String,
    account_sid: Option<String>,
    description: Option<String>,
    sender: Option<String>,
    phone_numbers: Vec<String>,
    source: String,
    default: bool,
}

own_record!(AccountRow, open: true {
    "NAME" = "name", "ACCOUNT" = "accountSid", "SENDER" = "sender", "DESCRIPTION" = "description", "FROM" = "source",
    "DEFAULT" = "default",
}, more: ["phoneNumbers"]);

pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    match args.command {
        Command::List => list(context).await,
        Command::Check => check(context).await,
        Command::Add(args) => add(context, args).await,
        Command::Remove { name } => {
            context.confirm(&format!("Remove account {name} from your file? Its secrets in it are lost"))?;
            context.places()?.remove(&name)?;
            context
                .out
                .say_or(&format!("{name} is removed"), serde_json::json!({ "name": name, "removed": true }))
        }
        Command::Trust => trust(context),
        Command::Balance => {
            let balance = context.account().await?.balance().await?;
            let amount = balance.balance.as_ref().map(ToString::to_string).unwrap_or_default();
            let sentence = format!("{amount} {}", balance.currency.as_deref().unwrap_or_default());
            context.out.done(&sentence, &balance)
        }
        Command::Usage(args) => usage(context, args).await,
        Command::Audit(args) => audit::audit(context, args).await,
    }
}

async fn list(context: &Context) -> Result<(), Failure> {
    let accounts = context.accounts()?;
    let default = accounts.default().map(Entry::name);
    let rows = accounts.iter().map(|entry| Ok::<_, Failure>(row(entry, default == Some(entry.name()))));
    let rows: Vec<_> = rows.collect();
    context
        .out
        .list(futures_util::stream::iter(rows), "no accounts: run `switchboard account add NAME`")
        .await
}

fn row(entry: &Entry, default: bool) -> AccountRow {
    let only = || match entry.phone_numbers() {
        [only] => Some(only.as_str()),
        _ => None,
    };
    AccountRow {
        name: entry.name().to_owned(),
        account_sid: entry.account_sid().map(str::to_owned),
        description: entry.description().map(str::to_owned),
        sender: entry.messaging_service().or(entry.default_from()).or_else(only).map(str::to_owned),
        phone_numbers: entry.phone_numbers().to_vec(),
        source: entry.source().to_string(),
        default,
    }
}

/// What Twilio says about the credentials.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Checked {
    account_id: String,
    friendly_name: Option<String>,
    status: Option<String>,
    kind: Option<AccountKind>,
    username: String,
    limited: bool,
}

impl From<Connection> for Checked {
    fn from(connection: Connection) -> Self {
        let Connection { account_id, friendly_name, status, kind, username, limited, .. } = connection;
        Self { account_id, friendly_name, status, kind, username, limited }
    }
}

own_record!(Checked {
    "ACCOUNT" = "accountId", "NAME" = "friendlyName", "STATUS" = "status", "KIND" = "kind",
}, more: ["username", "limited"]);

async fn check(context: &Context) -> Result<(), Failure> {
    let connection = context.account().await?.test_connection().await?;
    let sentence = described(&connection);
    context.out.done(&sentence, &Checked::from(connection))
}

pub(crate) fn described(connection: &Connection) -> String {
    let name = escaped(connection.friendly_name.as_deref().unwrap_or("connected"));
    let status = connection.status.as_deref().unwrap_or("the credentials are right");
    let kind = connection.kind.as_ref().map(|kind| format!(", {}", kind.as_str())).unwrap_or_default();
    let limited = if connection.limited { "; the key lacks a permission that the test needs" } else { "" };
    format!("{name}: {status}{kind} ({}){limited}", connection.account_id)
}

fn trust(context: &Context) -> Result<(), Failure> {
    let places = context.places()?;
    let path = places.project_file().filter(|path| path.exists());
    let Some(path) = path else {
        let what = "there is no file ./configs/twilio-config.json in this folder";
        return Err(Failure::usage(what).todo("change to the folder of the project, and run it again"));
    };
    context.confirm(&format!(
        "Use the accounts of {} as it is now? It may name programs that are run for a secret",
        path.display()
    ))?;
    let trusted = places.trust()?.ok_or_else(|| Failure::new(Exit::Failed, "the file is gone"))?;
    let names: Vec<String> = Accounts::load_from(places)?
        .iter()
        .filter(|entry| matches!(entry.source(), Source::Project(_)))
        .map(|entry| entry.name().to_owned())
        .collect();
    let shown = trusted.display().to_string();
    let sentence = format!(
        "{shown} is trusted as it is now; it adds {}",
        if names.is_empty() { "no account".to_owned() } else { names.join(", ") }
    );
    context.out.say_or(&sentence, serde_json::json!({ "path": shown, "accounts": names }))
}

async fn usage(context: &Context, args: UsageArgs) -> Result<(), Failure> {
    let period = match args.period {
        Some(Period::Day) => UsagePeriod::Daily,
        Some(Period::Month) => UsagePeriod::Monthly,
        Some(Period::Year) => UsagePeriod::Yearly,
        None => UsagePeriod::Whole,
    };
    let mut filter = ListUsage::new(period);
    filter.category = args.category;
    filter.start_date = args.since;
    filter.end_date = args.until;
    // The limit counts what is shown: Twilio lists hundreds of categories, most of them without use.
    let (all, limit) = (Limit { limit: 0 }, args.limit.limit);
    let records = all.of(context.account().await?.usage().list(&filter));
    let used = |record: &UsageRecord| {
        let zero = |amount: &Option<switchboard::twilio::value::Amount>| {
            amount
                .as_ref()
                .is_none_or(|amount| amount.as_str().bytes().all(|byte| matches!(byte, b'0' | b'.' | b'-')))
        };
        args.all || !(zero(&record.count) && zero(&record.usage) && zero(&record.price))
    };
    let records = futures_util::StreamExt::filter(records, move |record| {
        std::future::ready(record.as_ref().map_or(true, &used))
    });
    let most = if limit == 0 { usize::MAX } else { usize::try_from(limit).unwrap_or(usize::MAX) };
    let records = futures_util::StreamExt::take(records, most);
    context.out.list(records, "nothing was used").await
}
