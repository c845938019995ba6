//! `caller-id`: numbers of others that the account may show when it calls.

use clap::Subcommand;
use serde_json::json;
use switchboard::twilio::outgoing_caller_ids::{
    CallerIdValidation, ListOutgoingCallerIds, OutgoingCallerId, VerifyCallerId,
};

use crate::args::{DryRun, Limit};
use crate::context::Context;
use crate::failure::Failure;
use crate::record::record;

record!(OutgoingCallerId, open: true { "SID" = "sid", "NUMBER" = "phoneNumber", "NAME" = "friendlyName", "CREATED" = "dateCreated" });
record!(CallerIdValidation, open: true { "NUMBER" = "phoneNumber", "CODE" = "validationCode", "CALL" = "callSid" });

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the verified caller IDs
    List(Limit),
    /// Verify a number: Twilio calls it at once, and who answers enters the code that is printed here
    Verify {
        /// The number, for instance +14155551234
        number: String,
        /// What to call it
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        dry_run: DryRun,
    },
    /// Delete a caller ID
    Delete {
        /// The SID of the caller ID, PN…
        sid: String,
    },
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    match args.command {
        Command::List(limit) => {
            let account = context.account().await?;
            let numbers = account.outgoing_caller_ids().list(&ListOutgoingCallerIds::new());
            context.out.list(limit.of(numbers), "no caller IDs").await
        }
        Command::Verify { number, name, dry_run } => {
            let mut verify = VerifyCallerId::new(number.as_str());
            verify.friendly_name = name.map(Into::into);
            let shown = context.out.masked(&number);
            if dry_run.dry_run {
                return context
                    .out
                    .say_or(&format!("would call {shown}"), json!({ "dryRun": true, "to": shown }));
            }
            context.confirm(&format!("Call {shown} now? Who answers must enter the code"))?;
            let account = context.account().await?;
            let begun = context.hand_over(account.outgoing_caller_ids().verify(&verify)).await;
            let begun = begun.map_err(|failure| failure.find_out("switchboard caller-id list"))?;
            let code =
                begun.validation_code.as_ref().map(|code| code.as_str().to_owned()).unwrap_or_default();
            context.out.done(&format!("Twilio calls {shown}; the code to enter is {code}"), &begun)
        }
        Command::Delete { sid } => {
            context.confirm(&format!("Delete {sid}? The account cannot show this number any more"))?;
            context.change(async |account| account.outgoing_caller_ids().delete(&sid).await).await?;
            context.out.say_or(&format!("{sid} is deleted"), json!({ "sid": sid, "deleted": true }))
        }
    }
}
