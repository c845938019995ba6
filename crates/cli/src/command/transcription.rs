//! `transcription`: what was said in recordings, as text.

use clap::Subcommand;
use switchboard::twilio::transcriptions::Transcription;

use crate::args::Limit;
use crate::context::Context;
use crate::failure::Failure;
use crate::record::record;

record!(Transcription {
    "SID" = "sid", "STATUS" = "status", "RECORDING" = "recordingSid", "CREATED" = "dateCreated", "SECONDS" = "duration",
    "TEXT" = "transcriptionText",
});

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List transcriptions, the newest first
    List {
        /// Only those of this recording, RE…
        #[arg(long, value_name = "SID")]
        recording: Option<String>,
        #[command(flatten)]
        limit: Limit,
    },
    /// Show one transcription
    Get(Sid),
    /// Delete a transcription
    Delete(Sid),
}

#[derive(Debug, clap::Args)]
struct Sid {
    /// The SID of the transcription, TR…
    sid: String,
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    match args.command {
        Command::List { recording, limit } => {
            let transcriptions = context.account().await?.transcriptions();
            let list = match recording {
                Some(sid) => transcriptions.of_recording(&sid)?,
                None => transcriptions.list(),
            };
            context.out.list(limit.of(list), "no transcriptions").await
        }
        Command::Get(Sid { sid }) => {
            let transcription = context.account().await?.transcriptions().fetch(&sid).await?;
            context.out.item(&transcription)
        }
        Command::Delete(Sid { sid }) => {
            context.confirm(&format!("Delete {sid}? It cannot be brought back"))?;
            context.change(async |account| account.transcriptions().delete(&sid).await).await?;
            context
                .out
                .say_or(&format!("{sid} is deleted"), serde_json::json!({ "sid": sid, "deleted": true }))
        }
    }
}
