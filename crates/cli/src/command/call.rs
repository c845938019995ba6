//! `call`: call people, and see what became of it.

mod make;

use clap::Subcommand;
use switchboard::twilio::Call;
use switchboard::twilio::calls::ListCalls;
use switchboard::twilio::page::DateOrTime;

use crate::args::Limit;
use crate::context::Context;
use crate::failure::Failure;
use crate::record::record;

record!(Call {
    "SID" = "sid", "STATUS" = "status", "FROM" = "from", "TO" = "to", "STARTED" = "startTime", "SECONDS" = "duration",
    "ANSWERED BY" = "answeredBy",
});

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Call somebody, and say a text or run a document
    Make(make::Args),
    /// List calls, the newest first
    List(ListArgs),
    /// Show one call and what became of it
    Get(Sid),
    /// End a call that is not answered yet
    Cancel(Sid),
    /// End a call, whether it is ringing or answered
    Hangup(Sid),
}

#[derive(Debug, clap::Args)]
struct Sid {
    /// The SID of the call, CA…
    sid: String,
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    /// Only calls to this number
    #[arg(long, value_name = "NUMBER")]
    to: Option<String>,
    /// Only calls from this number
    #[arg(long, value_name = "NUMBER")]
    from: Option<String>,
    /// Only calls with this status: queued, ringing, in-progress, completed, busy, failed, no-answer, canceled
    #[arg(long)]
    status: Option<String>,
    /// Only calls that started on this day or at this time, or later: 2026-09-01, 2026-09-01T08:30:00Z
    #[arg(long, value_name = "TIME")]
    since: Option<DateOrTime>,
    /// Only calls that started on this day or at this time, or earlier
    #[arg(long, value_name = "TIME")]
    until: Option<DateOrTime>,
    #[command(flatten)]
    limit: Limit,
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    match args.command {
        Command::Make(args) => make::run(context, args).await,
        Command::List(args) => list(context, args).await,
        Command::Get(Sid { sid }) => {
            let call = context.account().await?.calls().fetch(&sid).await?;
            context.out.item(&call)
        }
        Command::Cancel(Sid { sid }) => {
            let call = context.change(async |account| account.calls().cancel(&sid).await).await?;
            context.out.done(&format!("{sid} is {}", call.status), &call)
        }
        Command::Hangup(Sid { sid }) => {
            let call = context.change(async |account| account.calls().hang_up(&sid).await).await?;
            context.out.done(&format!("{sid} is {}", call.status), &call)
        }
    }
}

async fn list(context: &Context, args: ListArgs) -> Result<(), Failure> {
    let mut filter = ListCalls::new();
    filter.to = args.to.map(Into::into);
    filter.from = args.from.map(Into::into);
    filter.status = args.status.as_deref().map(Into::into);
    filter.started_on_or_after = args.since;
    filter.started_on_or_before = args.until;
    let account = context.account().await?;
    context.out.list(args.limit.of(account.calls().list(&filter)), "no calls").await
}
