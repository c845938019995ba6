//! What a campaign would send, before anything is enqueued.

use std::path::Path;

use serde_json::{Value, json};
use switchboard::sms::PriceList;
use switchboard_outbox::campaign::{CampaignPlan, Draft};
use switchboard_outbox::report::Report;

use super::settings::Settings;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::price::{self, Cost};

/// How many rejected rows a dry run lists.
const LISTED: usize = 20;

/// The price list, if there is one.
#[derive(Debug)]
pub(super) struct Prices(Option<PriceList>);

impl Prices {
    pub(super) fn read(file: Option<&Path>) -> Result<Self, Failure> {
        Ok(Self(price::known(file)?))
    }

    pub(super) const fn list(&self) -> Option<&PriceList> {
        self.0.as_ref()
    }

    /// What the accepted messages of a report cost by them.
    pub(super) fn of_report(&self, report: &Report) -> Cost {
        let cost = &report.total.cost;
        let segments = Some(report.total.texts.segments.estimated);
        match (&self.0, &cost.estimated) {
            (Some(list), None) if cost.not_estimated == 0 => known(segments, "0", list.currency()),
            (Some(_), Some(price)) if cost.not_estimated == 0 => {
                known(segments, &price.amount.normalize().to_string(), &price.currency)
            }
            (Some(_), _) => {
                unknown(segments, format!("{} messages have no price in the list", cost.not_estimated))
            }
            (None, _) => Cost { segments, ..Cost::of(Vec::new(), None) },
        }
    }

    fn of_plan(plan: &CampaignPlan) -> Cost {
        let segments = Some(plan.segments);
        match &plan.estimate {
            None => Cost { segments, ..Cost::of(Vec::new(), None) },
            Some(estimate) => match estimate.unpriced.first() {
                None => known(segments, &estimate.total.normalize().to_string(), &estimate.currency),
                Some(row) => unknown(segments, row.reason.clone()),
            },
        }
    }
}

fn known(segments: Option<u64>, cost: &str, currency: &str) -> Cost {
    Cost { segments, cost: Some(cost.to_owned()), currency: Some(currency.to_owned()), unknown: None }
}

const fn unknown(segments: Option<u64>, why: String) -> Cost {
    Cost { segments, cost: None, currency: None, unknown: Some(why) }
}

pub(super) async fn of(draft: &Draft, settings: &Settings, prices: &Prices) -> Result<CampaignPlan, Failure> {
    let draft = match prices.list() {
        Some(prices) => draft.clone().prices(prices.clone()),
        None => draft.clone(),
    };
    let draft = draft.heed_consents();
    Ok(draft.plan(settings.recipients()?).await?)
}

/// Fails if no row of the list can be used.
pub(super) fn refuse_empty(plan: &CampaignPlan, settings: &Settings) -> Result<(), Failure> {
    if plan.messages > 0 {
        return Ok(());
    }
    let list = settings.list.display();
    let Some(first) = plan.first_rejected.first() else {
        return Err(Failure::new(
            Exit::Failed,
            format!("{list}: nobody is in the list, so nothing was sent"),
        ));
    };
    let what = format!("{list}: none of its {} rows can be used, so nothing was sent; {first}", plan.rows);
    let forbidden = plan.first_rejected.iter().all(|row| is_forbidden(&row.reason.word()));
    Err(Failure::new(if forbidden { Exit::Refused } else { Exit::Failed }, what))
}

/// Is it a rule, and not a mistake, that keeps the row from being sent? Rules have a version.
pub(super) fn is_forbidden(word: &str) -> bool {
    word.contains(" of ") || word == "forgotten"
}

pub(super) fn question(context: &Context, name: &str, settings: &Settings, plan: &CampaignPlan) -> String {
    let rejected = match plan.rejected {
        0 => String::new(),
        rows => format!(", and leave out {} that cannot be used", count(rows, "row")),
    };
    format!(
        "{name}: send {} from {} ({}){rejected}?",
        count(plan.messages, "text"),
        context.out.masked(settings.from.address()),
        Prices::of_plan(plan).words()
    )
}

/// Shows what is not sent in a dry run.
pub(super) fn show(
    context: &Context,
    name: &str,
    settings: &Settings,
    plan: &CampaignPlan,
) -> Result<(), Failure> {
    let cost = Prices::of_plan(plan);
    let from = context.out.masked(settings.from.address());
    let texts = count(plan.messages, "text");
    let mut lines = vec![format!("{name}: would send {texts} from {from}: {}", cost.words())];
    let more = [("cannot be used", plan.rejected), ("there before", plan.duplicates)];
    let more = more.iter().filter(|(_, rows)| *rows > 0);
    lines.extend(more.map(|(what, rows)| format!("{}: {what}", count(*rows, "row"))));
    if let Some((line, character)) = plan.first_ucs2 {
        lines.push(format!(
            "{} in segments of 70 characters instead of 160, the first in line {line}, for {character:?}",
            count(plan.ucs2, "text")
        ));
    }
    lines.extend(
        plan.warnings
            .iter()
            .map(|(rule, texts)| format!("the rule {rule} warns of {}", count(*texts, "text"))),
    );
    let rejected = plan.first_rejected.iter().take(LISTED);
    lines.extend(rejected.clone().map(ToString::to_string));
    let rejected: Vec<Value> =
        rejected.map(|row| json!({ "line": row.line, "reason": row.reason.to_string() })).collect();
    let verdict = json!({ "dryRun": true, "wouldSend": plan.messages > 0, "name": name, "from": from, "rows": plan.rows,
        "messages": plan.messages, "duplicates": plan.duplicates, "rejected": plan.rejected, "rejectedRows": rejected,
        "segments": plan.segments, "ucs2": plan.ucs2, "warnings": plan.warnings, "cost": cost.cost,
        "currency": cost.currency, "costUnknown": cost.unknown });
    context.out.say_or(&lines.join("\n"), verdict)
}

/// A number with its noun: `1 text`, `2 texts`.
pub(super) fn count(number: u64, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
