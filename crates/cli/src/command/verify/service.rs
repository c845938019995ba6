//! `verify service`: the services that send codes.

use clap::Subcommand;
use switchboard::twilio::verify::{VerifyService, VerifyServiceSettings};

use crate::args::{DryRun, Limit};
use crate::context::Context;
use crate::dry_run::refused;
use crate::failure::Failure;
use crate::record::record;

record!(VerifyService {
    "SID" = "sid", "NAME" = "friendlyName", "DIGITS" = "codeLength", "CREATED" = "dateCreated",
});

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a service that sends codes
    Create {
        /// The name that its texts say, at most 32 characters
        name: String,
        /// How many digits a code has, 4 to 10; 6 by default
        #[arg(long, value_name = "DIGITS")]
        code_length: Option<u32>,
        #[command(flatten)]
        dry_run: DryRun,
    },
    /// List the services
    List {
        #[command(flatten)]
        limit: Limit,
    },
    /// Show one service
    Get {
        /// The SID of the service, VA…
        sid: String,
    },
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    match args.command {
        Command::Create { name, code_length, dry_run } => {
            let mut settings = VerifyServiceSettings::named(name.as_str());
            settings.code_length = code_length;
            settings.check().map_err(|error| refused(&error))?;
            if dry_run.dry_run {
                return context
                    .show_dry_run(&format!("would make the service {name}, which costs nothing"), &settings);
            }
            create(context, &settings).await
        }
        Command::List { limit } => {
            let services = context.account().await?.verify_services().list();
            context.out.list(limit.of(services), "no services").await
        }
        Command::Get { sid } => {
            let service = context.account().await?.verify_services().fetch(&sid).await?;
            context.out.item(&service)
        }
    }
}

async fn create(context: &Context, settings: &VerifyServiceSettings) -> Result<(), Failure> {
    context.out.check_fields::<VerifyService>()?;
    let account = context.account().await?;
    let made = context.hand_over(account.verify_services().create(settings)).await;
    let made = made.map_err(|failure| failure.find_out("switchboard verify service list"))?;
    let name = made.friendly_name.as_deref().unwrap_or_default();
    context.out.done(&format!("{}  {name}", made.sid), &made)
}
