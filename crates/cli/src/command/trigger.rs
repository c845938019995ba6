//! `trigger`: Twilio calls a URL when usage or its cost reaches a value.

use clap::{Subcommand, ValueEnum};
use serde_json::json;
use switchboard::twilio::usage_triggers::{
    CreateUsageTrigger, ListUsageTriggers, TriggerField, TriggerRecurrence, UsageTrigger,
};

use crate::args::{DryRun, Limit};
use crate::context::Context;
use crate::failure::Failure;
use crate::record::record;

record!(UsageTrigger {
    "SID" = "sid", "CATEGORY" = "usageCategory", "BY" = "triggerBy", "AT" = "triggerValue", "NOW" = "currentValue",
    "EVERY" = "recurring", "FIRED" = "dateFired",
});

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the triggers
    List(Limit),
    /// Create a trigger, for instance `trigger create totalprice 25 https://example.com/usage --by price --every day`
    Create(CreateArgs),
    /// Delete a trigger
    Delete {
        /// The SID of the trigger, UT…
        sid: String,
    },
}

#[derive(Debug, clap::Args)]
struct CreateArgs {
    /// The category of usage: sms-outbound, calls, totalprice
    category: String,
    /// The value at which it fires; with a plus, that much more than now
    value: String,
    /// The URL that Twilio calls
    url: String,
    /// What it watches
    #[arg(long, value_enum, default_value_t = By::Usage)]
    by: By,
    /// How often it may fire; once without it
    #[arg(long, value_enum)]
    every: Option<Every>,
    #[command(flatten)]
    dry_run: DryRun,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum By {
    Count,
    Usage,
    Price,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Every {
    Day,
    Month,
    Year,
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    match args.command {
        Command::List(limit) => {
            let account = context.account().await?;
            let triggers = account.usage_triggers().list(&ListUsageTriggers::new());
            context.out.list(limit.of(triggers), "no triggers").await
        }
        Command::Create(args) => create(context, args).await,
        Command::Delete { sid } => {
            context.confirm(&format!("Delete {sid}?"))?;
            context.change(async |account| account.usage_triggers().delete(&sid).await).await?;
            context.out.say_or(&format!("{sid} is deleted"), json!({ "sid": sid, "deleted": true }))
        }
    }
}

async fn create(context: &Context, args: CreateArgs) -> Result<(), Failure> {
    let mut trigger = CreateUsageTrigger::new(args.category, args.value, args.url);
    trigger.trigger_by = Some(match args.by {
        By::Count => TriggerField::Count,
        By::Usage => TriggerField::Usage,
        By::Price => TriggerField::Price,
    });
    trigger.recurring = args.every.map(|every| match every {
        Every::Day => TriggerRecurrence::Daily,
        Every::Month => TriggerRecurrence::Monthly,
        Every::Year => TriggerRecurrence::Yearly,
    });
    if args.dry_run.dry_run {
        let sentence =
            format!("would create a trigger on {} at {}", trigger.usage_category, trigger.trigger_value);
        return context.out.say_or(&sentence, json!({ "dryRun": true, "request": trigger }));
    }
    let account = context.account().await?;
    let made = context.hand_over(account.usage_triggers().create(&trigger)).await;
    let made = made.map_err(|failure| failure.find_out("switchboard trigger list"))?;
    context.out.done(&format!("{}  fires at {}", made.sid, trigger.trigger_value), &made)
}
