//! `message`: send texts, and see what became of them.

mod media;
mod send;

use clap::Subcommand;
use switchboard::twilio::Message;
use switchboard::twilio::messages::ListMessages;
use switchboard::twilio::page::DateOrTime;

use crate::args::Limit;
use crate::context::Context;
use crate::failure::Failure;
use crate::record::record;

pub(crate) use send::{Prices, checked, send, send_from};

record!(Message {
    "SID" = "sid", "STATUS" = "status", "FROM" = "from", "TO" = "to", "SENT" = "dateSent", "SEGMENTS" = "numSegments",
    "ERROR" = "errorCode",
});

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Send a text to one or more people
    Send(send::Args),
    /// List messages, the newest first
    List(ListArgs),
    /// Show one message and what became of it
    Get(Sid),
    /// Cancel a message that is scheduled and not sent yet
    Cancel(Sid),
    /// Remove the text of a message, and keep the rest
    Redact(Sid),
    /// Delete a message
    Delete(Sid),
    /// The pictures and files of a message
    Media(media::Args),
}

#[derive(Debug, clap::Args)]
struct Sid {
    /// The SID of the message, SM… or MM…
    sid: String,
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    /// Only messages to this number
    #[arg(long, value_name = "NUMBER")]
    to: Option<String>,
    /// Only messages from this number
    #[arg(long, value_name = "NUMBER")]
    from: Option<String>,
    /// Only messages sent on this day or at this time, or later: 2026-09-01, 2026-09-01T08:30:00Z
    #[arg(long, value_name = "TIME")]
    since: Option<DateOrTime>,
    /// Only messages sent on this day or at this time, or earlier
    #[arg(long, value_name = "TIME")]
    until: Option<DateOrTime>,
    #[command(flatten)]
    limit: Limit,
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    match args.command {
        Command::Send(args) => send::run(context, args).await,
        Command::List(args) => list(context, args).await,
        Command::Get(Sid { sid }) => {
            let message = context.account().await?.messages().fetch(&sid).await?;
            context.out.item(&message)
        }
        Command::Cancel(Sid { sid }) => {
            let message = context.change(async |account| account.messages().cancel(&sid).await).await?;
            context.out.done(&format!("{sid} is cancelled"), &message)
        }
        Command::Redact(Sid { sid }) => {
            context.confirm(&format!("Remove the text of {sid}? It cannot be brought back"))?;
            let message = context.change(async |account| account.messages().redact(&sid).await).await?;
            context.out.done(&format!("{sid} has no text any more"), &message)
        }
        Command::Delete(Sid { sid }) => {
            context.confirm(&format!("Delete {sid}? It cannot be brought back"))?;
            context.change(async |account| account.messages().delete(&sid).await).await?;
            context
                .out
                .say_or(&format!("{sid} is deleted"), serde_json::json!({ "sid": sid, "deleted": true }))
        }
        Command::Media(args) => media::run(context, args).await,
    }
}

async fn list(context: &Context, args: ListArgs) -> Result<(), Failure> {
    let mut filter = ListMessages::new();
    filter.to = args.to.map(Into::into);
    filter.from = args.from.map(Into::into);
    filter.sent_on_or_after = args.since;
    filter.sent_on_or_before = args.until;
    let account = context.account().await?;
    context.out.list(args.limit.of(account.messages().list(&filter)), "no messages").await
}
