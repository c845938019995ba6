//! `recording`: what was recorded in calls.

use std::path::PathBuf;

use clap::Subcommand;
use switchboard::twilio::page::DateOrTime;
use switchboard::twilio::recordings::{DownloadRecording, ListRecordings, Recording};

use crate::args::Limit;
use crate::context::Context;
use crate::download::{self, Target};
use crate::failure::Failure;
use crate::record::record;

record!(Recording {
    "SID" = "sid", "STATUS" = "status", "CALL" = "callSid", "STARTED" = "startTime", "SECONDS" = "duration",
    "CHANNELS" = "channels", "SOURCE" = "source",
});

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List recordings, the newest first
    List(ListArgs),
    /// Show one recording
    Get(Sid),
    /// Save the sound of a recording
    Download(DownloadArgs),
    /// Delete a recording
    Delete(Sid),
}

#[derive(Debug, clap::Args)]
struct Sid {
    /// The SID of the recording, RE…
    sid: String,
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    /// Only recordings of this call, CA…
    #[arg(long, value_name = "SID")]
    call: Option<String>,
    /// Only recordings made on this day or at this time, or later: 2026-09-01, 2026-09-01T08:30:00Z
    #[arg(long, value_name = "TIME")]
    since: Option<DateOrTime>,
    /// Only recordings made on this day or at this time, or earlier
    #[arg(long, value_name = "TIME")]
    until: Option<DateOrTime>,
    #[command(flatten)]
    limit: Limit,
}

#[derive(Debug, clap::Args)]
struct DownloadArgs {
    /// The SID of the recording, RE…
    sid: String,
    /// Where to save it: a file, or a folder; a name that ends with / is a folder, and is made
    #[arg(default_value = ".")]
    to: PathBuf,
    /// The format
    #[arg(long, value_enum, default_value_t = Format::Wav)]
    format: Format,
    /// One channel for both sides of the call, or two; by default as it was recorded
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=2))]
    channels: Option<u8>,
    /// Replace a file that exists
    #[arg(long)]
    force: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Wav,
    Mp3,
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    match args.command {
        Command::List(args) => list(context, args).await,
        Command::Get(Sid { sid }) => {
            let recording = context.account().await?.recordings().fetch(&sid).await?;
            context.out.item(&recording)
        }
        Command::Download(args) => save(context, args).await,
        Command::Delete(Sid { sid }) => {
            context.confirm(&format!("Delete {sid}? It cannot be brought back"))?;
            context.change(async |account| account.recordings().delete(&sid).await).await?;
            context
                .out
                .say_or(&format!("{sid} is deleted"), serde_json::json!({ "sid": sid, "deleted": true }))
        }
    }
}

async fn list(context: &Context, args: ListArgs) -> Result<(), Failure> {
    let mut filter = ListRecordings::new();
    filter.call_sid = args.call;
    filter.created_on_or_after = args.since;
    filter.created_on_or_before = args.until;
    let account = context.account().await?;
    context.out.list(args.limit.of(account.recordings().list(&filter)), "no recordings").await
}

async fn save(context: &Context, args: DownloadArgs) -> Result<(), Failure> {
    let account = context.account().await?;
    let target = Target::new(&args.to, &args.sid, args.force)?;
    let mut wish = match args.format {
        Format::Wav => DownloadRecording::wav(),
        Format::Mp3 => DownloadRecording::mp3(),
    };
    wish.channels = args.channels;
    let sound = account.recordings().download(&args.sid, &wish).await?;
    download::save(context, sound, target).await
}
