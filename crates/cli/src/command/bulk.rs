//! `bulk`: one text to everybody of a list, each once, also if the program is interrupted or killed.

mod end;
mod plan;
mod send;
mod settings;
mod work;

use clap::Subcommand;
use futures_util::stream::{self, Stream};
use serde::Serialize;
use switchboard_outbox::campaign::{Campaign, CampaignProgress, CampaignStatus};
use switchboard_outbox::{Outbox, OutboxError};

use crate::args::Limit;
use crate::context::Context;
use crate::database::DatabaseArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::record::own_record;

/// How many campaigns are read at once.
const PAGE: u32 = 100;

own_record!(Run {
    "NAME" = "name", "STATUS" = "status", "MESSAGES" = "messages", "WAITING" = "waiting", "ACCEPTED" = "accepted",
    "DELIVERED" = "delivered", "UNDELIVERED" = "undelivered", "REJECTED" = "rejected", "BLOCKED" = "blocked",
    "UNKNOWN" = "unknown", "PARKED" = "parked", "CREATED" = "created",
}, more: ["id", "segments", "expired", "cancelled", "abandoned", "imported", "cost", "currency", "costUnknown"]);

/// How far a campaign is.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    #[serde(flatten)]
    progress: CampaignProgress,
    /// What its accepted messages cost by the price list; known when its end is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost_unknown: Option<String>,
}

impl From<CampaignProgress> for Run {
    fn from(progress: CampaignProgress) -> Self {
        Self { progress, cost: None, currency: None, cost_unknown: None }
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Text everybody of a list, each once, and wait until it has ended
    ///
    /// The same line again goes on where it was: nobody is texted twice. The campaign has the name of the file, if --name
    /// gives no other one.
    Send(send::Args),
    /// Show how far a campaign is
    Status(Name),
    /// Let the messages of a campaign wait
    Pause(Name),
    /// Go on with a campaign that was interrupted, killed or paused
    Resume(send::Resume),
    /// End a campaign for good: what waits is not sent any more
    Stop(Name),
    /// List campaigns, the newest first
    List(Limit),
}

#[derive(Debug, clap::Args)]
struct Name {
    /// The name of the campaign, as `bulk list` shows it
    name: String,
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let Args { database, command } = args;
    match command {
        Command::Send(args) => send::run(context, &database, args).await,
        Command::Resume(args) => send::resume(context, &database, args).await,
        Command::Status(Name { name }) => {
            context.out.check_fields::<Run>()?;
            let progress = progress(&campaign(context, &database, &name).await?).await?;
            let sentence = progress.to_string();
            context.out.done(&sentence, &Run::from(progress))
        }
        Command::Pause(Name { name }) => pause(context, &database, &name).await,
        Command::Stop(Name { name }) => stop(context, &database, &name).await,
        Command::List(limit) => {
            let tenant = context.account_sid()?;
            let outbox = database.outbox().await?;
            context.out.list(campaigns(&outbox, &tenant, limit.limit), "no campaigns").await
        }
    }
}

async fn pause(context: &Context, database: &DatabaseArgs, name: &str) -> Result<(), Failure> {
    let campaign = campaign(context, database, name).await?;
    let before = progress(&campaign).await?;
    if before.is_over() {
        return Err(Failure::new(Exit::Failed, format!("{name} is {}: nothing of it waits", before.status)));
    }
    campaign.pause(&Context::who()).await?;
    let run = Run::from(progress(&campaign).await?);
    let sentence = format!("{name} is paused; go on with `switchboard bulk resume {}`", quoted(name));
    context.out.done(&sentence, &run)
}

async fn stop(context: &Context, database: &DatabaseArgs, name: &str) -> Result<(), Failure> {
    let campaign = campaign(context, database, name).await?;
    let before = progress(&campaign).await?;
    context
        .confirm(&format!("Stop {name} for good? {} messages wait, and are not sent then", before.waiting))?;
    let cancelled = campaign.stop(&Context::who()).await?;
    let run = Run::from(progress(&campaign).await?);
    context.out.done(&format!("{name} is stopped: {cancelled} messages are not sent"), &run)
}

/// The campaign of the account that the user means.
async fn campaign(context: &Context, database: &DatabaseArgs, name: &str) -> Result<Campaign, Failure> {
    let tenant = context.account_sid()?;
    Ok(database.outbox().await?.campaign(name).tenant(tenant))
}

async fn progress(campaign: &Campaign) -> Result<CampaignProgress, Failure> {
    campaign.progress().await.map_err(|error| match error {
        OutboxError::NotFound => {
            Failure::new(Exit::Failed, format!("there is no campaign {}", campaign.name()))
                .todo("see `switchboard bulk list`, of the account that -a names")
        }
        error => error.into(),
    })
}

fn campaigns(outbox: &Outbox, tenant: &str, limit: u64) -> impl Stream<Item = Result<Run, Failure>> {
    let most = if limit == 0 { u64::MAX } else { limit };
    let start = (outbox.clone(), tenant.to_owned(), None::<i64>, most);
    let pages = stream::try_unfold(start, async |(outbox, tenant, before, left)| {
        if left == 0 {
            return Ok::<_, Failure>(None);
        }
        let page = outbox.campaigns(&tenant, before, u32::try_from(left).unwrap_or(PAGE).min(PAGE)).await?;
        let Some(last) = page.last().map(|progress| progress.id) else { return Ok(None) };
        let left = left.saturating_sub(page.len() as u64);
        let runs = stream::iter(page.into_iter().map(|progress| Ok(Run::from(progress))));
        Ok(Some((runs, (outbox, tenant, Some(last), left))))
    });
    futures_util::TryStreamExt::try_flatten(pages)
}

/// Lets other campaigns of the account wait that nobody works on: whoever starts one does not mean the others. Without another
/// worker, they were interrupted or killed.
pub(crate) async fn pause_others(
    context: &Context,
    outbox: &Outbox,
    tenant: &str,
    name: Option<&str>,
) -> Result<(), Failure> {
    // Who works on a PostgreSQL server is not known here, so nothing is paused.
    let Some(sqlite) = outbox.store().sqlite() else { return Ok(()) };
    // It is let go at once: the worker takes it itself.
    let alone = sqlite.lock("worker")?;
    for other in outbox.campaigns(tenant, None, PAGE).await? {
        let is_moving = matches!(
            other.status,
            CampaignStatus::Importing | CampaignStatus::Interrupted | CampaignStatus::Sending
        );
        if is_moving && other.waiting > 0 && name != Some(other.name.as_str()) {
            outbox.campaign(&other.name).tenant(tenant).pause(&Context::who()).await?;
            context.out.note(&format!(
                "the campaign {} did not end, and is paused now: go on with `switchboard bulk resume {}`",
                other.name,
                quoted(&other.name)
            ));
        }
    }
    drop(alone);
    Ok(())
}

/// A name as it is typed in a shell.
fn quoted(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.,+@".contains(c);
    if name.chars().all(is_plain) { name.to_owned() } else { format!("'{}'", name.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_quoted_for_a_shell() {
        for (name, typed) in
            [("friday", "friday"), ("a b", "'a b'"), ("it's", "'it'\\''s'"), ("$HOME", "'$HOME'")]
        {
            assert_eq!(quoted(name), typed);
        }
    }
}
