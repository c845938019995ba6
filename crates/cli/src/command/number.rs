//! `number`: the numbers of the account, those for sale, and what a text means as a number.

mod buy;
mod parse;
mod search;
mod settings;

use clap::Subcommand;
use serde::Serialize;
use switchboard::phone::{E164, LineKind};
use switchboard::twilio::TwilioAccount;
use switchboard::twilio::numbers::{ListPhoneNumbers, NumberType, PhoneNumber, ReleaseNumber};
use switchboard::twilio::prices::NumberPrices;

use crate::args::Limit;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::price;
use crate::record::{own_record, record};

record!(PhoneNumber, open: true {
    "NUMBER" = "phoneNumber", "SID" = "sid", "NAME" = "friendlyName", "CAN" = "capabilities", "TEXTS TO" = "smsUrl",
    "CALLS TO" = "voiceUrl",
});

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the numbers of the account
    List(ListArgs),
    /// Search for numbers to buy
    Search(search::Args),
    /// Buy a number: it costs money every month
    Buy(buy::Args),
    /// Release a number: it cannot be undone, and somebody else may get it
    Release {
        /// The number, or its SID, PN…
        number: String,
    },
    /// Say where Twilio sends the texts and calls of a number
    Configure(settings::Args),
    /// Read a number as people write it, without asking Twilio
    Parse(parse::Args),
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    /// Only numbers with these digits; `*` stands for any digit
    #[arg(long, value_name = "DIGITS")]
    number: Option<String>,
    /// Only numbers with this name
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    limit: Limit,
}

/// A number that is given back.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Released {
    sid: String,
    phone_number: Option<String>,
    released: bool,
}

own_record!(Released, open: true { "NUMBER" = "phoneNumber", "SID" = "sid", "RELEASED" = "released" });

pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    match args.command {
        Command::List(args) => list(context, args).await,
        Command::Search(args) => search::run(context, args).await,
        Command::Buy(args) => buy::run(context, args).await,
        Command::Release { number } => release(context, &number).await,
        Command::Configure(args) => settings::run(context, args).await,
        Command::Parse(args) => parse::run(context, &args).await,
    }
}

async fn list(context: &Context, args: ListArgs) -> Result<(), Failure> {
    let mut filter = ListPhoneNumbers::new();
    filter.phone_number = args.number.map(Into::into);
    filter.friendly_name = args.name.map(Into::into);
    let account = context.account().await?;
    context.out.list(args.limit.of(account.phone_numbers().list(&filter)), "no numbers").await
}

async fn release(context: &Context, number: &str) -> Result<(), Failure> {
    let question = format!(
        "Release {number}? It cannot be undone, and somebody else may get it. To release it, type {number} again"
    );
    context.out.check_fields::<Released>()?;
    check(number)?;
    context.confirm_by_typing(&question, number)?;
    let account = context.account().await?;
    let owned = find(&account, number).await?;
    context.hand_over(account.phone_numbers().release(&ReleaseNumber::new(&owned.sid).confirm())).await?;
    let phone_number = owned.phone_number.map(|number| number.as_str().to_owned());
    let released = Released { sid: owned.sid, phone_number, released: true };
    context.out.done(&format!("{number} is released"), &released)
}

/// Is it a number, or the SID of one? Without asking Twilio.
fn check(number: &str) -> Result<(), Failure> {
    if number.starts_with("PN") { Ok(()) } else { e164(number).map(drop) }
}

fn e164(number: &str) -> Result<E164, Failure> {
    E164::parse(number).map_err(|error| Failure::usage(format!("NUMBER: {error}")))
}

/// Finds a number of the account, by itself or by its SID.
async fn find(account: &TwilioAccount, number: &str) -> Result<PhoneNumber, Failure> {
    if number.starts_with("PN") {
        return Ok(account.phone_numbers().fetch(number).await?);
    }
    let wanted = e164(number)?;
    // Twilio also lists numbers that only begin like it.
    let mut numbers = account.phone_numbers().list(&ListPhoneNumbers::new().phone_number(wanted.as_str()));
    while let Some(owned) = numbers.next().await {
        let owned = owned?;
        if owned.phone_number.as_ref().is_some_and(|number| number.as_str() == wanted.as_str()) {
            return Ok(owned);
        }
    }
    Err(Failure::new(Exit::Failed, format!("the account has no number {wanted}"))
        .todo("see `switchboard number list`; another account is named with -a"))
}

/// The word of the price list for a kind of number.
const fn priced_as(kind: &NumberType) -> &'static str {
    match kind {
        NumberType::TollFree => "toll free",
        NumberType::Mobile => "mobile",
        NumberType::National => "national",
        _ => "local",
    }
}

/// The kind of a number, as its country's plan has it.
fn kind_of(number: &E164) -> NumberType {
    match number.line_kind() {
        LineKind::TollFree => NumberType::TollFree,
        LineKind::Mobile => NumberType::Mobile,
        _ => NumberType::Local,
    }
}

/// What a number costs each month, such as `1.15` and `USD`.
fn monthly(prices: &NumberPrices, kind: &NumberType) -> Option<(String, String)> {
    let price = prices.monthly(priced_as(kind))?;
    Some((price::written(price), prices.price_unit.clone()?))
}
