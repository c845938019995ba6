//! Working on a campaign until it has ended, with its progress on a terminal.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use switchboard::provider::Sender;
use switchboard_outbox::campaign::{Campaign, CampaignProgress, CampaignStatus};
use switchboard_outbox::{Account, AccountError, Accounts, IfAbsent, Listing, Outbox, Worker};

use super::plan::Prices;
use super::{end, quoted};
use crate::context::Context;
use crate::database::DatabaseArgs;
use crate::exit::Exit;
use crate::failure::Failure;

/// How often is it looked how far it is.
const LOOK: Duration = Duration::from_millis(200);
/// After this time in which nothing left, the reason is told.
const STUCK: Duration = Duration::from_secs(10);
/// How long the first interrupt waits for answers: longer than a request takes.
const ANSWERS: Duration = Duration::from_secs(120);
/// How many messages are marked ahead, at any rate. After a kill, it is not known of these whether they were sent, so they are
/// few: those of a twentieth of a second, as each mark waits for the disk.
const MARKED: std::ops::RangeInclusive<usize> = 4..=64;

/// What works on a campaign.
pub(super) struct Work<'c> {
    pub(super) context: &'c Context,
    pub(super) database: &'c DatabaseArgs,
    pub(super) campaign: Campaign,
    pub(super) tenant: String,
    pub(super) account: Account,
    pub(super) sender: Sender,
    pub(super) rate: Option<f64>,
    pub(super) settle: bool,
    pub(super) resend_absent: bool,
    pub(super) prices: Prices,
}

/// The account that the user means. Messages of other accounts in the same database wait.
#[derive(Debug)]
pub(crate) struct OnlyAccount {
    pub(crate) tenant: String,
    pub(crate) account: Account,
}

#[async_trait]
impl Accounts for OnlyAccount {
    async fn account(&self, tenant: &str) -> Result<Account, AccountError> {
        let only = || format!("this process sends for {} only", self.tenant);
        if tenant == self.tenant { Ok(self.account.clone()) } else { Err(only().into()) }
    }
}

impl Work<'_> {
    /// How to go on.
    pub(super) fn go_on(&self) -> String {
        let account = self.context.global.account.as_ref();
        let account = account.map(|name| format!(" -a {}", quoted(name))).unwrap_or_default();
        let name = quoted(self.campaign.name());
        format!(
            "go on with `switchboard bulk resume {name}{account}{}`: nobody is texted twice",
            self.database.again()
        )
    }

    /// Sends what waits, until the campaign has ended or is interrupted.
    pub(super) async fn until_end(&self, outbox: &Outbox) -> Result<(), Failure> {
        let only = OnlyAccount { tenant: self.tenant.clone(), account: self.account.clone() };
        self.forget_pause(outbox).await?;
        let mut worker = outbox.worker(only).marked_ahead(self.marked_ahead());
        if let Some(rate) = self.rate {
            worker = worker.rate(self.sender.address(), rate);
        }
        if self.resend_absent {
            worker = worker.if_absent(IfAbsent::Requeue);
        }
        let worker = worker.spawn().await?;
        // From here on texts may leave, whatever can be printed.
        self.context.out.was_done();
        let interrupts = self.context.interrupts()?;
        let bar = Bar::new(self.context);
        let ended = tokio::select! {
            biased;
            () = interrupts.reached(1) => Ended::Interrupted,
            ended = self.watch(outbox, &worker, &bar) => ended.unwrap_or_else(Ended::Unreadable),
        };
        if matches!(ended, Ended::Interrupted) {
            let note = "waiting for the answers of what was handed over; interrupt again to stop waiting";
            bar.0.suspend(|| self.context.out.note(note));
        }
        tokio::select! {
            biased;
            () = interrupts.reached(2) => {
                bar.0.finish_and_clear();
                return Err(Failure::new(Exit::Unknown, "you stopped waiting for answers: some texts may have gone out")
                    .todo(self.go_on())
                    .find_out("switchboard outbox list --state unknown"));
            }
            stopped = worker.shutdown(ANSWERS) => stopped.map(drop).map_err(|error| self.unreadable(error.into()))?,
        };
        bar.0.finish_and_clear();
        if let Ended::Unreadable(failure) = ended {
            return Err(self.unreadable(failure));
        }
        if !matches!(ended, Ended::Over) && !super::progress(&self.campaign).await?.is_over() {
            // Nobody else goes on with it, until the user says so.
            self.campaign.pause(&Context::who()).await?;
        }
        end::tell(self, outbox, ended).await
    }

    /// The database failed while texts were sent, so it is not known which of them went out.
    fn unreadable(&self, failure: Failure) -> Failure {
        let what = format!("the database failed while texts were sent: {}", failure.lines().0);
        Failure::new(Exit::Unknown, what).todo(format!("mend that first; then {}", self.go_on()))
    }

    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rate is positive, and the cast saturates"
    )]
    fn marked_ahead(&self) -> usize {
        let twentieth = self.rate.map_or(0, |rate| (rate / 20.0) as usize);
        twentieth.clamp(*MARKED.start(), *MARKED.end())
    }

    /// Ends a pause that a former run ended with: whoever goes on has mended it.
    async fn forget_pause(&self, outbox: &Outbox) -> Result<(), Failure> {
        let paused = outbox.paused().await?;
        if paused.iter().any(|pause| pause.account == self.tenant && lasting(&pause.reason).is_some()) {
            outbox.resume(&self.tenant, &Context::who()).await?;
        }
        Ok(())
    }

    async fn watch(&self, outbox: &Outbox, worker: &Worker, bar: &Bar) -> Result<Ended, Failure> {
        let mut watch = self.campaign.watch_every(LOOK);
        let mut stuck = Stuck::new(bar);
        loop {
            if !worker.is_running() {
                return Ok(Ended::Failed);
            }
            let Some(progress) = watch.next().await.transpose()? else {
                let progress = super::progress(&self.campaign).await?;
                if !self.settle || progress.status != CampaignStatus::Settling {
                    return Ok(Ended::Over);
                }
                bar.show(&progress);
                tokio::time::sleep(Duration::from_secs(1)).await;
                watch = self.campaign.watch_every(LOOK);
                continue;
            };
            bar.show(&progress);
            if let Some(failure) = self.paused_account(outbox, &mut stuck).await? {
                return Ok(Ended::AccountPaused(failure));
            }
            self.tell_if_stuck(outbox, &progress, &mut stuck).await?;
        }
    }

    /// The failure, if the whole account cannot send, and not only for a moment.
    async fn paused_account(&self, outbox: &Outbox, stuck: &mut Stuck) -> Result<Option<Failure>, Failure> {
        for pause in outbox.paused().await? {
            if pause.account != self.tenant {
                continue;
            }
            let Some((exit, what)) = lasting(&pause.reason) else {
                let who = if pause.sender.is_some() { "the sender" } else { "the account" };
                stuck.tell(self.context, format!("{who} pauses until {:.0}: {}", pause.until, pause.reason));
                continue;
            };
            return Ok(Some(Failure::new(exit, what)));
        }
        Ok(None)
    }

    async fn tell_if_stuck(
        &self,
        outbox: &Outbox,
        progress: &CampaignProgress,
        stuck: &mut Stuck,
    ) -> Result<(), Failure> {
        if progress.status == CampaignStatus::Paused {
            stuck.tell(self.context, format!("{} is paused: another terminal can resume it", progress.name));
            return Ok(());
        }
        if !stuck.is_stuck(progress.done()) {
            return Ok(());
        }
        let waiting = Listing::of(&self.tenant).campaign(progress.id).state("ready").limit(1);
        let error = outbox.messages(&waiting).await?.messages.pop().and_then(|message| message.error);
        let why = error
            .map_or_else(|| "the texts wait for their time".to_owned(), |error| error.message().to_owned());
        stuck.tell(self.context, format!("nothing leaves at the moment: {why}"));
        Ok(())
    }
}

/// What a pause means that does not end by itself.
fn lasting(reason: &str) -> Option<(Exit, &'static str)> {
    Some(match reason {
        "bad_credentials" | "permission_denied" => (Exit::Credentials, "Twilio refuses the credentials"),
        "account_suspended" => (Exit::Credentials, "the account is suspended"),
        "budget_spent" => (Exit::Later, "the account has no balance left"),
        "invalid_sender" => {
            (Exit::Failed, "Twilio refuses the sender: it is not one of the account, or cannot text")
        }
        "sender_not_registered" => (Exit::Failed, "the sender is not registered with the carriers"),
        _ => return None,
    })
}

/// How the work ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// No message waits.
    Over,
    Interrupted,
    AccountPaused(Failure),
    /// The database cannot be read any more.
    Unreadable(Failure),
    /// The worker ended by itself; its shutdown says why.
    Failed,
}

/// Tells each reason once why nothing leaves.
#[derive(Debug)]
struct Stuck {
    bar: ProgressBar,
    told: BTreeSet<String>,
    moved: Option<(Instant, u64)>,
}

impl Stuck {
    fn new(bar: &Bar) -> Self {
        Self { bar: bar.0.clone(), told: BTreeSet::new(), moved: None }
    }

    fn tell(&mut self, context: &Context, why: String) {
        if self.told.insert(why.clone()) {
            self.bar.suspend(|| context.out.note(&why));
        }
    }

    fn is_stuck(&mut self, done: u64) -> bool {
        match self.moved {
            Some((since, before)) if before == done => {
                let is_stuck = since.elapsed() >= STUCK;
                if is_stuck {
                    self.moved = Some((Instant::now(), done));
                }
                is_stuck
            }
            _ => {
                self.moved = Some((Instant::now(), done));
                false
            }
        }
    }
}

/// The progress on a terminal; nothing elsewhere.
struct Bar(ProgressBar);

impl Bar {
    fn new(context: &Context) -> Self {
        let target =
            if context.out.is_quiet() { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}") {
            bar.set_style(style);
        }
        Self(bar)
    }

    fn show(&self, progress: &CampaignProgress) {
        let mut words = vec![progress.status.to_string()];
        let counts = [
            ("rejected", progress.rejected),
            ("blocked", progress.blocked),
            ("unknown", progress.unknown + progress.parked),
        ];
        words.extend(
            counts.iter().filter(|(_, count)| *count > 0).map(|(word, count)| format!("{count} {word}")),
        );
        if let Some(rate) = progress.rate {
            words.push(format!("{rate:.1} a second"));
        }
        if let Some(left) = progress.time_left {
            words.push(format!("about {} left", indicatif::HumanDuration(left)));
        }
        self.0.set_length(progress.messages);
        self.0.set_position(progress.done());
        self.0.set_message(words.join(", "));
    }
}
