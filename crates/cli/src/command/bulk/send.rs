//! `bulk send` and `bulk resume`: the list is checked, enqueued, and then worked on until it has ended.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use switchboard::provider::{Messenger as _, SendKind, Sender};
use switchboard_outbox::campaign::{CampaignStatus, Imported};
use switchboard_outbox::policy::Purpose;
use switchboard_outbox::{Account, Outbox, OutboxError};

use super::plan::{self, Prices};
use super::settings::{ListState, Rules, Settings};
use super::work::Work;
use super::{pause_others, quoted};
use crate::context::Context;
use crate::database::DatabaseArgs;
use crate::exit::Exit;
use crate::failure::Failure;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The people: a CSV file whose first row names the columns, one of them `phone`; or JSON Lines, *.jsonl
    list: PathBuf,
    /// A file with the text, in which {{name}} is what stands in the column `name`
    #[arg(required_unless_present = "text", conflicts_with = "text")]
    template: Option<PathBuf>,
    /// The text itself, for instance 'Hi {{name}}, your table is ready'
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
    /// The name of the campaign; by default that of the file
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The sender: a number of the account, or a messaging service, MG…; by default that of the account
    #[arg(long, value_name = "SENDER")]
    from: Option<String>,
    /// The country of numbers that do not begin with +, as two letters: US
    #[arg(long, value_name = "XX")]
    country: Option<String>,
    /// The column with the numbers, if it has another name than `phone`, `number`, `mobile` or the like
    #[arg(long, value_name = "COLUMN")]
    number_column: Option<String>,
    /// The column that tells people apart; by default their number, so that nobody is texted twice
    #[arg(long, value_name = "COLUMN")]
    key_column: Option<String>,
    /// The file for the rows that cannot be used, with the reason; by default LIST.rejects.csv
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// What the texts are for; it decides which rules count
    #[arg(long, value_enum, default_value = "marketing")]
    purpose: PurposeWord,
    #[command(flatten)]
    rules: Rules,
    #[command(flatten)]
    work: WorkArgs,
    /// Show what would be sent and what it would cost, and make no request
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Resume {
    /// The name of the campaign, as `bulk list` shows it
    name: String,
    #[command(flatten)]
    work: WorkArgs,
}

/// How the messages are worked on.
#[derive(Debug, clap::Args)]
struct WorkArgs {
    /// How many segments leave in a second, as the sender's agreement with Twilio allows: 100/s, 30/min
    #[arg(long, value_name = "N/s")]
    rate: Option<Rate>,
    /// Wait until it is known what became of messages whose answer was lost: minutes, or hours
    #[arg(long)]
    settle: bool,
    /// Send those of them again that Twilio surely has not, as two complete lists prove; without it, you decide
    #[arg(long, requires = "settle")]
    resend_absent: bool,
    /// The prices, as JSON; by default those of `price refresh`
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum PurposeWord {
    /// It advertises something
    Marketing,
    /// People expect it: a code, a receipt, a reminder
    Transactional,
}

/// How many segments leave in a second.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Rate(f64);

impl FromStr for Rate {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (number, seconds) = match text.split_once('/') {
            None | Some((_, "s")) => (text.trim_end_matches("/s"), 1.0),
            Some((number, "min")) => (number, 60.0),
            Some(_) => return Err("write it as 100/s or 30/min"),
        };
        let number: f64 = number.trim().parse().map_err(|_| "write it as 100/s or 30/min")?;
        let rate = number / seconds;
        if (0.001..=10_000.0).contains(&rate) { Ok(Self(rate)) } else { Err("use 0.001/s to 10000/s") }
    }
}

impl Args {
    fn text(&self) -> Result<String, Failure> {
        match (&self.text, &self.template) {
            (Some(text), _) => Ok(text.clone()),
            (None, Some(path)) => {
                let text = std::fs::read_to_string(path).map_err(|error| {
                    Failure::usage(format!("TEMPLATE: {}: {error}", path.display()))
                        .todo("name a file with the text, or write --text 'Hi {{name}}, your table is ready'")
                })?;
                Ok(text.trim_end_matches(['\r', '\n']).to_owned())
            }
            (None, None) => Err(Failure::usage("TEMPLATE: there is no text")),
        }
    }

    fn settings(&self, from: Sender) -> Result<Settings, Failure> {
        let list_state = ListState::of(&self.list)?;
        let rejects = self.rejects.clone().unwrap_or_else(|| self.list.with_extension("rejects.csv"));
        Ok(Settings {
            list: absolute(&self.list),
            list_state,
            text: self.text()?,
            from,
            country: self.country.clone(),
            number_column: self.number_column.clone(),
            key_column: self.key_column.clone(),
            rejects: absolute(&rejects),
            rate: self.work.rate.map(|rate| rate.0),
            purpose: match self.purpose {
                PurposeWord::Marketing => Purpose::Marketing,
                PurposeWord::Transactional => Purpose::Transactional,
            },
            rules: self.rules,
        })
    }

    fn campaign_name(&self) -> Result<String, Failure> {
        let of_file = || Some(self.list.file_stem()?.to_str()?.to_owned());
        self.name.clone().or_else(of_file).ok_or_else(|| {
            Failure::usage("--name: the file has no name that can be used")
                .todo("name the campaign: --name friday")
        })
    }
}

/// A path as it is shown: without the working folder.
fn shown(path: &Path) -> &Path {
    let folder = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(folder).unwrap_or(path)
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// The account that works, and the sender that the account has.
async fn account(context: &Context, from: Option<&str>) -> Result<(Account, Sender, String), Failure> {
    let credentials = context.credentials().await?;
    let adapter = context.adapter_of_worker()?;
    let tenant = credentials.get("accountSid").unwrap_or_default().to_owned();
    let sender = match from {
        Some(service) if service.starts_with("MG") => Some(Sender::pool(service)),
        Some(number) => Some(Sender::from(number)),
        None => adapter.default_sender(&credentials, SendKind::Text)?,
    };
    let sender = sender.ok_or_else(|| {
        Failure::usage("--from: the account has no sender of its own").todo("name one: --from +14155550100")
    })?;
    Ok((Account::new(adapter, credentials), sender, tenant))
}

pub(super) async fn run(context: &Context, database: &DatabaseArgs, args: Args) -> Result<(), Failure> {
    context.out.check_fields::<super::Run>()?;
    let name = args.campaign_name()?;
    let (account, from, tenant) = account(context, args.from.as_deref()).await?;
    let settings = args.settings(from)?;
    let prices = Prices::read(args.work.prices.as_deref())?;
    if args.dry_run {
        // Nothing is stored: only what people said is read.
        let outbox = match database.open_if_there().await? {
            Some(database) => Outbox::open(database).await?,
            None => Outbox::memory().await?,
        };
        let outbox = settings.outbox(outbox);
        let draft = settings.draft(&outbox.campaign(&name).tenant(&tenant))?;
        let plan = plan::of(&draft, &settings, &prices).await?;
        return plan::show(context, &name, &settings, &plan);
    }
    let outbox = settings.outbox(database.outbox().await?);
    let campaign = outbox.campaign(&name).tenant(&tenant);
    let draft = settings.draft(&campaign)?;
    let plan = plan::of(&draft, &settings, &prices).await?;
    plan::refuse_empty(&plan, &settings)?;
    context.confirm(&plan::question(context, &name, &settings, &plan))?;
    // From here on interrupts are counted: what was enqueued can be gone on with.
    context.interrupts()?;
    pause_others(context, &outbox, &tenant, Some(&name)).await?;
    let work = Work {
        context,
        database,
        campaign,
        tenant,
        account,
        sender: settings.from.clone(),
        rate: settings.rate,
        settle: args.work.settle,
        resend_absent: args.work.resend_absent,
        prices,
    };
    import(&work, &outbox, &settings).await?;
    work.until_end(&outbox).await
}

/// Reads the list into the database. It ends before the first text is sent.
async fn import(work: &Work<'_>, outbox: &Outbox, settings: &Settings) -> Result<(), Failure> {
    let (campaign, name) = (&work.campaign, work.campaign.name());
    let known = match campaign.progress().await {
        Ok(progress) => Some(progress),
        Err(OutboxError::NotFound) => {
            settings.keep(outbox, &work.tenant, name).await?;
            None
        }
        Err(error) => return Err(error.into()),
    };
    let draft = settings.draft(campaign)?.rejects(&settings.rejects);
    let import = draft.start(settings.recipients()?).await?;
    if known.is_some_and(|progress| progress.status == CampaignStatus::Paused) {
        campaign.resume(&Context::who()).await?;
    }
    settings.keep(outbox, &work.tenant, name).await?;
    let interrupts = work.context.interrupts()?;
    let imported = tokio::select! {
        biased;
        () = interrupts.reached(1) => {
            let what = format!("interrupted while the list was read: nothing of {name} was sent in this run");
            return Err(Failure::new(Exit::Interrupted, what).todo(work.go_on()));
        }
        imported = import.finished() => imported?,
    };
    tell(work.context, &imported, settings);
    Ok(())
}

/// Tells what the list had that is not sent.
fn tell(context: &Context, imported: &Imported, settings: &Settings) {
    if imported.rejected == 0 {
        // It holds nothing but its header.
        drop(std::fs::remove_file(&settings.rejects));
    } else {
        let reasons: Vec<String> =
            imported.reasons.iter().map(|(reason, rows)| format!("{rows} for {reason}")).collect();
        context.out.warn(&format!(
            "left out: {} of {} ({}): see {}",
            imported.rejected,
            plan::count(imported.rows, "row"),
            reasons.join(", "),
            shown(&settings.rejects).display()
        ));
    }
    context.out.note(&imported.to_string());
}

pub(super) async fn resume(context: &Context, database: &DatabaseArgs, args: Resume) -> Result<(), Failure> {
    context.out.check_fields::<super::Run>()?;
    let Resume { name, work: WorkArgs { rate, settle, resend_absent, prices } } = args;
    let prices = Prices::read(prices.as_deref())?;
    let (account, default, tenant) = account(context, None).await?;
    let outbox = database.outbox().await?;
    let progress = super::progress(&outbox.campaign(&name).tenant(&tenant)).await?;
    let settings = Settings::of(&outbox, &tenant, &name).await?;
    let outbox = match &settings {
        Some(settings) => settings.outbox(outbox),
        None => outbox,
    };
    let campaign = outbox.campaign(&name).tenant(&tenant);
    context.interrupts()?;
    let was_paused = progress.status == CampaignStatus::Paused;
    if let Err(locked) = pause_others(context, &outbox, &tenant, Some(&name)).await {
        // Another process works, and only waits for the end of the pause.
        if !was_paused || locked.exit() != Exit::Later {
            return Err(locked);
        }
        campaign.resume(&Context::who()).await?;
        let run = super::Run::from(super::progress(&campaign).await?);
        let sentence = format!("{name} goes on in the process that works on it");
        return context.out.done(&sentence, &run);
    }
    let work = Work {
        context,
        database,
        campaign,
        tenant,
        account,
        sender: settings.as_ref().map_or(default, |settings| settings.from.clone()),
        rate: rate.map(|rate| rate.0).or(settings.as_ref().and_then(|settings| settings.rate)),
        settle,
        resend_absent,
        prices,
    };
    if matches!(progress.status, CampaignStatus::Importing | CampaignStatus::Interrupted)
        || progress.imported.is_none()
    {
        import(&work, &outbox, &whole_list(settings, &work)?).await?;
    } else if was_paused {
        work.campaign.resume(&Context::who()).await?;
    }
    work.until_end(&outbox).await
}

/// The settings, if the list is still the one that was not read to its end.
fn whole_list(settings: Option<Settings>, work: &Work<'_>) -> Result<Settings, Failure> {
    let name = work.campaign.name();
    let again = format!(
        "give the list again: `switchboard bulk send LIST --name {}` with the same text",
        quoted(name)
    );
    let Some(settings) = settings else {
        return Err(Failure::usage(format!(
            "NAME: the list of {name} was not read to its end by this program"
        ))
        .todo(again));
    };
    if ListState::of(&settings.list).ok().as_ref() != Some(&settings.list_state) {
        let what = format!(
            "NAME: the list of {name} was not read to its end, and {} is another one now",
            settings.list.display()
        );
        return Err(Failure::usage(what).todo(again));
    }
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_second_or_a_minute() {
        for (text, rate) in [("100/s", 100.0), ("2.5", 2.5), ("30/min", 0.5), ("1000/s", 1000.0)] {
            assert_eq!(text.parse(), Ok(Rate(rate)), "{text}");
        }
        for text in ["", "/s", "0", "-1/s", "1/h", "NaN", "inf/s", "1e9/s", "ten"] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
    }
}
