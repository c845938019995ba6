//! `api-key`: keys of the account, whose secrets are kept and never printed.

use clap::Subcommand;
use serde_json::json;
use switchboard::secret::Secret;
use switchboard::twilio::api_keys::ApiKey;
use switchboard_accounts::NewAccount;

use crate::args::{DryRun, Limit};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::keep::Keep;
use crate::record::record;

record!(ApiKey { "SID" = "sid", "NAME" = "friendlyName", "CREATED" = "dateCreated" });

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the keys
    List(Limit),
    /// Create a key, and keep its secret
    Create {
        /// What it is for, for instance "worker 7"
        name: String,
        #[command(flatten)]
        keep: Keep,
        #[command(flatten)]
        dry_run: DryRun,
    },
    /// Revoke a key: who uses it is refused from now on
    Revoke {
        /// The SID of the key, SK…
        sid: String,
    },
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    match args.command {
        Command::List(limit) => {
            let account = context.account().await?;
            context.out.list(limit.of(account.api_keys().list()), "no keys").await
        }
        Command::Create { name, keep, dry_run } => {
            if dry_run.dry_run {
                let json = json!({ "dryRun": true, "friendlyName": name });
                return context.out.say_or(&format!("would create the key {name}"), json);
            }
            create(context, &name, keep).await
        }
        Command::Revoke { sid } => {
            context.confirm(&format!("Revoke {sid}? Who uses it is refused from now on"))?;
            context.change(async |account| account.api_keys().revoke(&sid).await).await?;
            context.out.say_or(&format!("{sid} is revoked"), json!({ "sid": sid, "revoked": true }))
        }
    }
}

async fn create(context: &Context, name: &str, keep: Keep) -> Result<(), Failure> {
    let account = context.account().await?;
    let kept = keep.prepare(context)?;
    let key = match context.hand_over(account.api_keys().create(name)).await {
        Ok(key) => key,
        Err(failure) => {
            kept.give_up();
            return Err(failure.find_out("switchboard api-key list"));
        }
    };
    let secret =
        key.secret.as_ref().map(|secret| secret.expose().to_owned()).filter(|secret| !secret.is_empty());
    let Some(secret) = secret else {
        kept.give_up();
        let what = format!("{} was created, but Twilio's answer has no secret", key.sid);
        return Err(Failure::new(Exit::Failed, what)
            .todo(format!("run `switchboard api-key revoke {}`, and create another", key.sid)));
    };
    let mut new = NewAccount::new(account.sid());
    new.api_key = Some((key.sid.clone(), Secret::new(secret.as_str())));
    new.default_from = account.phone_number().map(|number| number.as_str().to_owned());
    new.description = Some(format!("API key {name}"));
    let sid = &key.sid;
    let place = kept.keep(context, &secret, new).map_err(|failure| {
        failure
            .todo(format!("its secret is lost: run `switchboard api-key revoke {sid}`, and create another"))
    })?;
    context.out.say_or(&format!("{sid}; its secret is in {place}"), json!({ "sid": sid, "secretIn": place }))
}
