//! `message media`: the pictures and files of a message.

use std::path::PathBuf;

use clap::Subcommand;
use switchboard::twilio::messages::{ListMedia, MediaItem};

use crate::args::Limit;
use crate::context::Context;
use crate::download::{self, Target};
use crate::failure::Failure;
use crate::record::record;

record!(MediaItem { "SID" = "sid", "TYPE" = "contentType", "CREATED" = "dateCreated" });

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the files of a message
    List {
        /// The SID of the message, SM… or MM…
        message: String,
        #[command(flatten)]
        limit: Limit,
    },
    /// Save a file of a message
    Download {
        /// The SID of the message, SM… or MM…
        message: String,
        /// The SID of the file, ME…
        media: String,
        /// Where to save it: a file, or a folder that exists
        #[arg(default_value = ".")]
        to: PathBuf,
        /// Replace a file that exists
        #[arg(long)]
        force: bool,
    },
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let account = context.account().await?;
    match args.command {
        Command::List { message, limit } => {
            let files = account.messages().media(message).list(&ListMedia::new())?;
            context.out.list(limit.of(files), "no files").await
        }
        Command::Download { message, media, to, force } => {
            let target = Target::new(&to, &media, force)?;
            let file = account.messages().media(message).download(&media).await?;
            download::save(context, file, target).await
        }
    }
}
