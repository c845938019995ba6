//! What became of a campaign, in a sentence and in the exit status.

use futures_util::TryStreamExt as _;
use switchboard_outbox::campaign::CampaignProgress;
use switchboard_outbox::report::{Report, ReportOptions};
use switchboard_outbox::{Listing, Outbox};

use super::work::{Ended, Work};
use super::{Run, plan};
use crate::command::outbox;
use crate::exit::Exit;
use crate::failure::{Failure, exit_of as exit_of_error};

/// Tells how the campaign is, and ends with the worst of what became of its messages.
pub(super) async fn tell(work: &Work<'_>, outbox: &Outbox, ended: Ended) -> Result<(), Failure> {
    let progress = super::progress(&work.campaign).await?;
    let options = ReportOptions::new();
    let options = match work.prices.list() {
        Some(prices) => options.prices(prices.clone()),
        None => options,
    };
    let report = work.campaign.report(options).await?;
    let cost = work.prices.of_report(&report);
    let exit = refusals(work, outbox, &progress).await?.worse(exit_of(&progress));
    let (name, words) = (progress.name.clone(), cost.words());
    let sentence = format!("{}; {words}", without_rate(progress.clone()));
    let run = Run {
        progress: progress.clone(),
        cost: cost.cost,
        currency: cost.currency,
        cost_unknown: cost.unknown,
    };
    work.context.out.done(&sentence, &run)?;
    let failure = match ended {
        _ if exit == Exit::Unknown => unknown(&progress),
        // An interrupt after the last answer changes nothing.
        Ended::Over | Ended::Failed | Ended::Interrupted if progress.waiting == 0 && exit == Exit::Done => {
            return Ok(());
        }
        Ended::Interrupted if progress.waiting == 0 => Failure::new(exit, what(&name, &progress, &report)),
        Ended::Over | Ended::Failed => Failure::new(exit, what(&name, &progress, &report)),
        Ended::Unreadable(failure) => failure,
        Ended::AccountPaused(failure) => failure.todo(format!("when that is mended, {}", work.go_on())),
        Ended::Interrupted => {
            let what = format!(
                "interrupted: {} of {} wait",
                progress.waiting,
                plan::count(progress.messages, "text")
            );
            // 130 says that nothing could leave. Going on is safe in any case.
            let some_left = progress.accepted + progress.rejected > 0;
            let status = if some_left { Exit::Later.worse(exit) } else { Exit::Interrupted };
            Failure::new(status, what).todo(work.go_on())
        }
    };
    Err(failure)
}

fn without_rate(mut progress: CampaignProgress) -> CampaignProgress {
    (progress.rate, progress.time_left) = (None, None);
    progress
}

fn unknown(progress: &CampaignProgress) -> Failure {
    let count = progress.unknown + progress.parked + progress.abandoned;
    let what = format!("{}: not known whether they went out, so not sent again", plan::count(count, "text"));
    Failure::new(Exit::Unknown, what)
        .todo(format!(
            "find out with `switchboard bulk resume {} --settle`, which asks Twilio, or decide with `switchboard outbox settle`",
            super::quoted(&progress.name)
        ))
        .find_out("switchboard outbox list --state unknown --state parked")
}

/// The worst of what became of its messages and of the rows of its list.
fn exit_of(progress: &CampaignProgress) -> Exit {
    let rows = progress.imported.iter().flat_map(|imported| imported.reasons.keys());
    let rows = rows.map(|reason| if plan::is_forbidden(reason) { Exit::Refused } else { Exit::Failed });
    let states = [
        (progress.unknown + progress.parked + progress.abandoned, Exit::Unknown),
        (progress.blocked + progress.cancelled, Exit::Refused),
        (progress.expired + progress.rejected, Exit::Failed),
    ];
    let states = states.into_iter().filter(|(count, _)| *count > 0).map(|(_, exit)| exit);
    rows.chain(states).fold(Exit::Done, Exit::worse)
}

/// Has Twilio refused some because of what a person said?
async fn refusals(work: &Work<'_>, outbox: &Outbox, progress: &CampaignProgress) -> Result<Exit, Failure> {
    if progress.rejected == 0 {
        return Ok(Exit::Done);
    }
    let rejected = Listing::of(&work.tenant).campaign(progress.id).state("rejected");
    let mut rejected = std::pin::pin!(outbox::messages(outbox.clone(), rejected, 0));
    while let Some(message) = rejected.try_next().await? {
        if message.error.as_ref().map(exit_of_error) == Some(Exit::Refused) {
            return Ok(Exit::Refused);
        }
    }
    Ok(Exit::Failed)
}

/// What was not sent, and why.
fn what(name: &str, progress: &CampaignProgress, report: &Report) -> String {
    let mut parts = Vec::new();
    let counts = [
        (progress.rejected, "refused by Twilio"),
        (progress.blocked, "forbidden by a rule"),
        (progress.cancelled, "stopped"),
        (progress.expired, "too late"),
        (progress.imported.as_ref().map_or(0, |imported| imported.rejected), "not usable in the list"),
    ];
    parts.extend(counts.iter().filter(|(count, _)| *count > 0).map(|(count, why)| format!("{count} {why}")));
    let mut what = format!("{name}: not all texts were sent: {}", parts.join(", "));
    for failure in report.total.failures.iter().filter(|failure| failure.refused > 0).take(3) {
        let code = failure.provider_code.map(|code| format!(" (Twilio {code})")).unwrap_or_default();
        what.push_str(&format!("; {} for: {}{code}", failure.refused, failure.meaning));
    }
    what
}
