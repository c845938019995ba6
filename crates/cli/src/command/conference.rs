//! `conference`: rooms of calls.

use clap::Subcommand;
use switchboard::twilio::conferences::{Conference, ListConferences, ListParticipants, Participant};

use crate::args::Limit;
use crate::context::Context;
use crate::failure::Failure;
use crate::record::record;

record!(Conference {
    "SID" = "sid", "STATUS" = "status", "NAME" = "friendlyName", "CREATED" = "dateCreated", "ENDED" = "reasonConferenceEnded",
});
record!(Participant { "CALL" = "callSid", "STATUS" = "status", "MUTED" = "muted", "HOLD" = "hold", "LABEL" = "label" });

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List conferences, the newest first
    List(Limit),
    /// Show one conference
    Get(Sid),
    /// The calls that are in it
    Participants(Sid),
    /// End a conference: everybody in it is hung up
    End(Sid),
}

#[derive(Debug, clap::Args)]
struct Sid {
    /// The SID of the conference, CF…
    sid: String,
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    match args.command {
        Command::List(limit) => {
            let account = context.account().await?;
            context
                .out
                .list(limit.of(account.conferences().list(&ListConferences::new())), "no conferences")
                .await
        }
        Command::Get(Sid { sid }) => {
            context.out.item(&context.account().await?.conferences().fetch(&sid).await?)
        }
        Command::Participants(Sid { sid }) => {
            let account = context.account().await?;
            let calls = account.conferences().participants(sid).list(&ListParticipants::new())?;
            context.out.list(calls, "nobody is in it").await
        }
        Command::End(Sid { sid }) => {
            context.confirm(&format!("End {sid}? Everybody in it is hung up"))?;
            let ended = context.change(async |account| account.conferences().end(&sid).await).await?;
            context.out.done(&format!("{sid} is ended"), &ended)
        }
    }
}
