//! `auth-token`: a second token beside the first, which takes its place without an interruption.

use clap::Subcommand;
use serde_json::json;
use switchboard::secret::Secret;
use switchboard_accounts::NewAccount;

use crate::args::DryRun;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::keep::Keep;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Create the secondary token, and keep it; the primary one goes on
    Create {
        #[command(flatten)]
        keep: Keep,
        #[command(flatten)]
        dry_run: DryRun,
    },
    /// Make the secondary token the primary one; the old one is refused from then on
    Promote,
    /// Delete the secondary token
    Delete,
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    match args.command {
        Command::Create { keep, dry_run } => {
            if dry_run.dry_run {
                return context.out.say_or("would create a secondary token", json!({ "dryRun": true }));
            }
            create(context, keep).await
        }
        Command::Promote => {
            context.confirm("Promote the secondary token? Who uses the old one is refused from then on, and webhooks are signed with the new one")?;
            let account = context.account().await?;
            let promoted = context.hand_over(account.auth_tokens().promote()).await;
            promoted.map_err(|failure| {
                failure.find_out("switchboard account check, with the old token and with the new one")
            })?;
            context.out.say_or("the secondary token is the primary one now", json!({ "promoted": true }))
        }
        Command::Delete => {
            context.confirm("Delete the secondary token? Who uses it is refused from now on")?;
            context.change(async |account| account.auth_tokens().delete_secondary().await).await?;
            context.out.say_or("there is no secondary token any more", json!({ "deleted": true }))
        }
    }
}

async fn create(context: &Context, keep: Keep) -> Result<(), Failure> {
    let account = context.account().await?;
    let kept = keep.prepare(context)?;
    let made = match context.hand_over(account.auth_tokens().create_secondary()).await {
        Ok(made) => made,
        Err(failure) => {
            kept.give_up();
            return Err(
                failure.find_out("switchboard auth-token delete, which is safe before it is promoted")
            );
        }
    };
    let token = made.secondary_auth_token.as_ref().map(|token| token.expose().to_owned());
    let Some(token) = token.filter(|token| !token.is_empty()) else {
        kept.give_up();
        return Err(Failure::new(
            Exit::Failed,
            "a secondary token was created, but Twilio's answer does not have it",
        )
        .todo("run `switchboard auth-token delete`, and create another"));
    };
    let mut new = NewAccount::new(account.sid());
    new.auth_token = Some(Secret::new(token.as_str()));
    new.default_from = account.phone_number().map(|number| number.as_str().to_owned());
    let place = kept.keep(context, &token, new).map_err(|failure| {
        failure.todo("the token is lost: run `switchboard auth-token delete`, and create another")
    })?;
    context.out.say_or(&format!("the secondary token is in {place}"), json!({ "secretIn": place }))
}
