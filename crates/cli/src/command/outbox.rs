//! `outbox`: what was enqueued, what became of it, and what a person must decide.

use clap::Subcommand;
use futures_util::stream::{self, Stream, TryStreamExt as _};
use jiff::Timestamp;
use serde::Serialize;
use switchboard::phone::Address;
use switchboard::provider::SendKind;
use switchboard_outbox::campaign::Campaign;
use switchboard_outbox::{Key, Listing, Message, MessageId, Outbox, OutboxError, Payload, Settlement, State};

use crate::args::Limit;
use crate::context::Context;
use crate::database::DatabaseArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::record::own_record;

own_record!(Stored {
    "ID" = "id", "STATE" = "state", "TO" = "to", "SID" = "sid", "STATUS" = "deliveryStatus", "ENQUEUED" = "enqueued",
    "ERROR" = "errorCode",
}, more: ["key", "campaign", "kind", "from", "attempts", "at", "expires", "parked", "candidates", "errorMessage", "segments",
    "price", "currency", "text"]);

/// A message of the outbox.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Stored {
    id: i64,
    key: ShownKey,
    campaign: Option<i64>,
    kind: &'static str,
    to: Address,
    from: Option<String>,
    state: &'static str,
    sid: Option<String>,
    delivery_status: Option<String>,
    attempts: u32,
    enqueued: Timestamp,
    at: Timestamp,
    expires: Option<Timestamp>,
    parked: Option<String>,
    candidates: Vec<String>,
    error_code: Option<u32>,
    error_message: Option<String>,
    segments: Option<u32>,
    price: Option<String>,
    currency: Option<String>,
    /// What is sent; read by `show` only.
    text: Option<String>,
}

/// A key, which may end with somebody's number.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct ShownKey(String);

impl ShownKey {
    fn new(context: &Context, key: String) -> Self {
        let shown = match key.rsplit_once('/') {
            Some((front, number)) if !context.out.is_json() => {
                format!("{front}/{}", context.out.masked(number))
            }
            _ => key,
        };
        Self(shown)
    }
}

impl Stored {
    fn of(context: &Context, message: Message) -> Self {
        let (sid, status) = match &message.state {
            State::Accepted { sid, status, .. } => (sid.clone(), Some(status.to_string())),
            _ => (None, None),
        };
        Self {
            id: message.id.get(),
            key: ShownKey::new(context, message.key),
            campaign: message.campaign,
            kind: if message.kind == SendKind::Call { "call" } else { "text" },
            to: message.to,
            from: message.from.map(|from| from.address().to_owned()),
            state: message.state.as_str(),
            sid,
            delivery_status: status,
            attempts: message.attempts,
            enqueued: message.enqueued,
            at: message.at,
            expires: message.expires,
            parked: message.parked.map(|why| why.to_string()),
            candidates: message.candidates,
            error_code: message.error.as_ref().and_then(|error| error.provider_code()),
            error_message: message.error.as_ref().map(|error| error.message().to_owned()),
            segments: message.segments,
            price: message.price.as_ref().map(|price| price.amount.to_string()),
            currency: message.price.map(|price| price.currency),
            text: None,
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
    /// List messages, the newest first; those of a campaign with --campaign
    List(ListArgs),
    /// Show one message, and its text
    Show(One),
    /// Decide what became of a message of which nobody knows: accepted, not-sent, or give-up
    ///
    /// `not-sent` sends it again: if that is wrong, the person gets it twice.
    Settle(SettleArgs),
    /// Cancel a message that was not sent yet
    Cancel(One),
    /// Use a database that was copied or moved; the original must not be in use any more
    Adopt,
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    /// Only messages in this state: ready, sending, unknown, parked, accepted, rejected, blocked, …; may be repeated
    #[arg(long, value_name = "STATE")]
    state: Vec<String>,
    /// Only messages to this number
    #[arg(long, value_name = "NUMBER")]
    to: Option<String>,
    /// Only messages of this campaign
    #[arg(long, value_name = "NAME")]
    campaign: Option<String>,
    #[command(flatten)]
    limit: Limit,
}

#[derive(Debug, clap::Args)]
struct One {
    /// The message: its ID as `outbox list` shows it, or its key
    #[arg(value_name = "KEY")]
    key: String,
}

#[derive(Debug, clap::Args)]
struct SettleArgs {
    /// The messages: their IDs as `outbox list` shows them, or their keys
    #[arg(required = true, value_name = "KEY")]
    keys: Vec<String>,
    /// What became of it
    became: Became,
    /// The SID of a message that was accepted, if it is known
    #[arg(long, value_name = "SID")]
    sid: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Became {
    /// It was sent
    Accepted,
    /// It was not sent: send it again
    NotSent,
    /// Nobody can find out: do not send it again
    GiveUp,
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let Args { database, command } = args;
    let tenant = context.account_sid()?;
    match command {
        Command::List(args) => list(context, &database.outbox().await?, &tenant, args).await,
        Command::Show(One { key }) => {
            let outbox = database.outbox().await?;
            let message = find(&outbox, &tenant, &key).await?;
            let payload = outbox.payloads(&[message.id]).await?.pop().map(|(_, payload)| payload);
            let stored = Stored { text: payload.as_ref().and_then(text), ..Stored::of(context, message) };
            context.out.item(&stored)
        }
        Command::Settle(args) => settle(context, &database.outbox().await?, &tenant, args).await,
        Command::Cancel(One { key }) => cancel(context, &database.outbox().await?, &tenant, &key).await,
        Command::Adopt => {
            context.confirm("Use this copy of the database? The original must not be in use any more")?;
            database.outbox().await?.adopt_copy(&Context::who()).await?;
            context.out.say_or("the database is used from here on", serde_json::json!({ "adopted": true }))
        }
    }
}

fn text(payload: &Payload) -> Option<String> {
    match payload {
        Payload::Text(message) => message.text.as_ref().map(|text| text.as_str().to_owned()),
        _ => None,
    }
}

async fn list(context: &Context, outbox: &Outbox, tenant: &str, args: ListArgs) -> Result<(), Failure> {
    let mut listing =
        args.state.iter().fold(Listing::of(tenant), |listing, state| listing.state(state.as_str()));
    if !args.state.is_empty()
        && args.state.iter().all(|state| ["unknown", "parked"].contains(&state.as_str()))
    {
        // Those of campaigns, too.
        listing = listing.unsettled();
    }
    if let Some(name) = &args.campaign {
        listing = listing.campaign(number(&outbox.campaign(name).tenant(tenant)).await?);
    }
    if let Some(to) = &args.to {
        listing = listing.to(to.as_str());
    }
    let rows = messages(outbox.clone(), listing, args.limit.limit);
    let rows = rows.map_ok(|message| Stored::of(context, message));
    context.out.list(rows, "no messages").await
}

async fn number(campaign: &Campaign) -> Result<i64, Failure> {
    let progress = campaign.progress().await.map_err(|error| match error {
        OutboxError::NotFound => {
            Failure::new(Exit::Failed, format!("--campaign: there is no campaign {}", campaign.name()))
                .todo("see `switchboard bulk list`")
        }
        error => error.into(),
    })?;
    Ok(progress.id)
}

/// The messages of a listing, page by page. 0 is no limit.
pub(crate) fn messages(
    outbox: Outbox,
    listing: Listing,
    limit: u64,
) -> impl Stream<Item = Result<Message, Failure>> {
    let most = if limit == 0 { u64::MAX } else { limit };
    let start = (outbox, Some(listing), most);
    stream::try_unfold(start, async |(outbox, listing, left)| {
        let Some(listing) = listing.filter(|_| left > 0) else { return Ok::<_, Failure>(None) };
        let listing = listing.limit(u32::try_from(left).unwrap_or(Listing::MAX).min(Listing::MAX));
        let page = outbox.messages(&listing).await?;
        let left = left.saturating_sub(page.messages.len() as u64);
        let rows = stream::iter(page.messages.into_iter().map(Ok));
        let next = page.next.map(|next| listing.before(next));
        Ok(Some((rows, (outbox, next, left))))
    })
    .try_flatten()
}

/// The message with this key, else with this number. Those of other accounts are not found.
async fn find(outbox: &Outbox, tenant: &str, key: &str) -> Result<Message, Failure> {
    let missing = || {
        Failure::new(Exit::Failed, format!("KEY: there is no message {key}"))
            .todo("see `switchboard outbox list`, of the account that -a names")
    };
    match outbox.get(Key::from((tenant, key))).await {
        Ok(message) => return Ok(message),
        Err(OutboxError::NotFound) => {}
        Err(error) => return Err(error.into()),
    }
    let Ok(id) = key.parse::<i64>() else { return Err(missing()) };
    match outbox.get(MessageId::new(id)).await {
        Ok(message) if message.tenant == tenant => Ok(message),
        Ok(_) | Err(OutboxError::NotFound) => Err(missing()),
        Err(error) => Err(error.into()),
    }
}

async fn settle(context: &Context, outbox: &Outbox, tenant: &str, args: SettleArgs) -> Result<(), Failure> {
    if args.sid.is_some() && (args.became != Became::Accepted || args.keys.len() > 1) {
        return Err(Failure::usage("--sid: only one message that was accepted has it"));
    }
    // All of them are looked at before the first one is settled.
    let mut messages = Vec::new();
    for key in &args.keys {
        let message = find(outbox, tenant, key).await?;
        if !message.state.is_unsettled() {
            let what = format!("KEY: {} is {}, so there is nothing to decide", message.id, message.state);
            let todo = "see `switchboard outbox list --state unknown --state parked`";
            return Err(Failure::new(Exit::Failed, what).todo(todo));
        }
        messages.push(message);
    }
    if args.became == Became::NotSent {
        let whom = match messages.as_slice() {
            [only] => context.out.masked(only.to.as_str()),
            several => format!("{} people", several.len()),
        };
        context.confirm(&format!("Send it to {whom} again? Who got it before gets it twice"))?;
    }
    for message in messages {
        let (id, campaign) = (message.id, message.campaign);
        let settlement = match args.became {
            Became::Accepted => Settlement::WasSent(args.sid.clone()),
            Became::NotSent => Settlement::WasNotSent,
            Became::GiveUp => Settlement::GiveUp,
        };
        let state = outbox.settle(id, settlement, &Context::who()).await?;
        let stored = Stored::of(context, outbox.get(id).await?);
        let sentence = match (args.became, campaign) {
            (Became::NotSent, Some(_)) => {
                format!("{id} is {state}: `switchboard bulk resume` of its campaign sends it")
            }
            _ => format!("{id} is {state}"),
        };
        context.out.done(&sentence, &stored)?;
    }
    Ok(())
}

async fn cancel(context: &Context, outbox: &Outbox, tenant: &str, key: &str) -> Result<(), Failure> {
    let message = find(outbox, tenant, key).await?;
    let id = message.id;
    let is_sure = outbox.cancel(id, &Context::who()).await?;
    let stored = Stored::of(context, outbox.get(id).await?);
    if is_sure {
        return context.out.done(&format!("{id} is cancelled: it was not sent"), &stored);
    }
    context.out.done(&format!("{id} is not sent again"), &stored)?;
    Err(Failure::new(Exit::Unknown, format!("{id} may have gone out before"))
        .find_out(format!("switchboard outbox show {id}")))
}
