//! Counts messages into groups, one at a time.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use switchboard::provider::{DeliveryStatus, PickedUpBy, Price, Reason, SendKind};
use switchboard::sms::{PriceList, estimate};
use switchboard::{ErrorCode, ProviderError};

use super::figures::{CallFigures, FailureFigures, Figures, TextFigures, sender};
use super::times::Times;
use super::{Report, ReportOptions, groups};
use crate::collect::may_cost;
use crate::message::timestamp;
use crate::policy::{billable, country};
use crate::rows::history::History;
use crate::timing::Micros;

/// The maximum number of reasons that a group tells apart.
const REASONS: usize = 200;
/// The maximum number of inputs of keys that a group tells apart.
const INPUTS: usize = 200;
pub(super) const OTHER: &str = "other";

/// The provider's number, or where it has none, the words that tell reasons apart.
type FailureKey = (Option<u32>, String);

/// The counts of all groups.
pub(super) struct Tallies<'p> {
    zone: TimeZone,
    prices: Option<&'p PriceList>,
    total: Tally,
    by_campaign: BTreeMap<String, Tally>,
    by_sender: BTreeMap<String, Tally>,
    by_country: BTreeMap<String, Tally>,
    by_day: BTreeMap<String, Tally>,
    /// For each opt-out, by person and time: the last text before it, and its groups.
    opt_outs: HashMap<(String, Micros), (Micros, Names)>,
}

/// The groups of a message.
#[derive(Debug, Clone)]
struct Names {
    campaign: Option<String>,
    sender: String,
    country: String,
    day: String,
}

/// The counts of one group.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    figures: Figures,
    times: Times,
    /// By currency.
    billed: BTreeMap<String, Decimal>,
    estimated: Option<(Decimal, String)>,
    failures: BTreeMap<FailureKey, FailureFigures>,
}

/// One message, read once for all its groups.
struct Read<'h> {
    row: &'h History,
    error: Option<ProviderError>,
    /// What it costs by the price list, if there is one.
    estimated: Option<Result<Price, ()>>,
}

impl<'p> Tallies<'p> {
    pub(super) fn new(zone: TimeZone, prices: Option<&'p PriceList>) -> Self {
        Self {
            zone,
            prices,
            total: Tally::default(),
            by_campaign: BTreeMap::new(),
            by_sender: BTreeMap::new(),
            by_country: BTreeMap::new(),
            by_day: BTreeMap::new(),
            opt_outs: HashMap::new(),
        }
    }

    pub(super) fn add(&mut self, row: &History) {
        let campaign = row.campaign.as_ref();
        let names = Names {
            campaign: campaign.map(|(tenant, name)| match tenant.as_str() {
                "" => name.clone(),
                tenant => format!("{tenant}/{name}"),
            }),
            sender: sender(&row.sender),
            country: country(&row.recipient),
            day: timestamp(row.created).to_zoned(self.zone.clone()).date().to_string(),
        };
        let read = Read {
            row,
            error: row.error.as_deref().and_then(|error| serde_json::from_str(error).ok()),
            estimated: self.prices.filter(|_| is_accepted(row)).map(|prices| priced(row, prices)),
        };
        self.note_opt_out(&read, &names);
        self.each(&names, |tally| tally.add(&read));
    }

    fn each(&mut self, names: &Names, mut work: impl FnMut(&mut Tally)) {
        work(&mut self.total);
        let of_campaign = names.campaign.as_ref().map(|name| (&mut self.by_campaign, name));
        let of_all = [
            (&mut self.by_sender, &names.sender),
            (&mut self.by_country, &names.country),
            (&mut self.by_day, &names.day),
        ];
        for (groups, name) in of_all.into_iter().chain(of_campaign) {
            match groups.get_mut(name) {
                Some(tally) => work(tally),
                None => work(groups.entry(name.clone()).or_default()),
            }
        }
    }

    fn note_opt_out(&mut self, read: &Read<'_>, names: &Names) {
        let Read { row, error, .. } = read;
        let (Some(at), Some(marked)) = (row.opted_out, row.delivered.marked) else { return };
        // One that was refused because of an opt-out did not cause it.
        let refused = error.as_ref().is_some_and(|error| error.reason() == Reason::OptedOut);
        if !is_accepted(row) || refused || row.kind != SendKind::Text {
            return;
        }
        let person = (row.recipient.clone(), at);
        let last = self.opt_outs.entry(person).or_insert_with(|| (marked, names.clone()));
        if last.0 <= marked {
            *last = (marked, names.clone());
        }
    }

    pub(super) fn report(mut self, options: &ReportOptions, made: Timestamp) -> Report {
        for (_, names) in std::mem::take(&mut self.opt_outs).into_values() {
            self.each(&names, |tally| tally.figures.opt_outs += 1);
        }
        Report {
            since: Some(options.since).filter(|since| *since != Timestamp::MIN),
            until: Some(options.until).filter(|until| *until != Timestamp::MAX),
            made,
            time_zone: self.zone.iana_name().unwrap_or("UTC").to_owned(),
            total: self.total.figures(),
            by_campaign: groups(self.by_campaign),
            by_sender: groups(self.by_sender),
            by_country: groups(self.by_country),
            by_day: groups(self.by_day),
        }
    }
}

fn is_accepted(row: &History) -> bool {
    row.state == "accepted"
}

/// What a text costs by the price list. Calls have no price.
fn priced(row: &History, prices: &PriceList) -> Result<Price, ()> {
    let message = row.request.as_deref().and_then(billable).ok_or(())?;
    let estimate = estimate([message], prices);
    if estimate.unpriced.is_empty() {
        Ok(Price { amount: estimate.total, currency: estimate.currency })
    } else {
        Err(())
    }
}

impl Tally {
    fn add(&mut self, read: &Read<'_>) {
        let row = read.row;
        match row.kind {
            SendKind::Text => self.add_text(row),
            SendKind::Call => add_call(&mut self.figures.calls, row),
        }
        if is_accepted(row) {
            self.add_cost(read);
        }
        self.add_failure(read);
    }

    fn add_text(&mut self, row: &History) {
        let texts = &mut self.figures.texts;
        texts.states.add(&row.state);
        let Some(status) = row.status.as_ref().filter(|_| is_accepted(row)) else { return };
        *match status {
            status if status.is_success() => &mut texts.delivered,
            DeliveryStatus::Undelivered => &mut texts.undelivered,
            status if status.is_failure() => &mut texts.failed,
            _ => &mut texts.pending,
        } += 1;
        if status.is_success()
            && let (Some(marked), Some(done)) = (row.delivered.marked, row.delivered.done)
        {
            self.times.add(done - marked);
        }
        texts.segments.estimated += u64::from(row.weight.unwrap_or_default());
        match row.segments {
            Some(segments) => texts.segments.billed += u64::from(segments),
            None => texts.segments.not_billed_yet += 1,
        }
    }

    fn add_cost(&mut self, read: &Read<'_>) {
        let cost = &mut self.figures.cost;
        match (&read.row.delivered.price, &read.row.status) {
            (Some(Price { amount, currency }), _) => {
                cost.priced += 1;
                add(self.billed.entry(currency.clone()).or_default(), *amount);
            }
            (None, Some(status)) if !may_cost(status) => cost.not_billed += 1,
            (None, _) => cost.not_priced_yet += 1,
        }
        match &read.estimated {
            Some(Ok(Price { amount, currency })) => {
                let sum = self.estimated.get_or_insert_with(|| (Decimal::ZERO, currency.clone()));
                add(&mut sum.0, *amount);
            }
            Some(Err(())) => cost.not_estimated += 1,
            None => {}
        }
    }

    fn add_failure(&mut self, read: &Read<'_>) {
        let Some(is_refused) = is_refused(read.row) else { return };
        let mut key = failure_key(read.error.as_ref());
        let is_one_too_many = self.failures.len() >= REASONS && !self.failures.contains_key(&key);
        if is_one_too_many {
            key = (None, OTHER.to_owned());
        }
        let error = read.error.as_ref().filter(|_| !is_one_too_many);
        let failure = self.failures.entry(key).or_default();
        explain(failure, error, is_one_too_many);
        *(if is_refused { &mut failure.refused } else { &mut failure.failed }) += 1;
    }

    pub(super) fn figures(self) -> Figures {
        let Self { mut figures, times, billed, estimated, failures } = self;
        let texts = &mut figures.texts;
        texts.delivery_rate = rate(texts);
        texts.time_to_delivery = times.figures();
        let price = |(currency, amount)| Price { amount, currency };
        figures.cost.billed = billed.into_iter().map(price).collect();
        figures.cost.estimated = estimated.map(|(amount, currency)| Price { amount, currency });
        figures.failures = failures.into_values().collect();
        figures.failures.sort_by_key(|failure| std::cmp::Reverse(failure.messages()));
        figures
    }
}

/// Sums that do not fit into 96 bits, which is beyond any bill, stay at the highest.
fn add(sum: &mut Decimal, amount: Decimal) {
    *sum = sum.saturating_add(amount);
}

fn rate(texts: &TextFigures) -> Option<f64> {
    let accepted = texts.states.accepted;
    (accepted > 0).then(|| texts.delivered as f64 / accepted as f64)
}

fn add_call(calls: &mut CallFigures, row: &History) {
    calls.states.add(&row.state);
    let Some(status) = row.status.as_ref().filter(|_| is_accepted(row)) else { return };
    if let Some(keys) = &row.delivered.pressed {
        let is_one_too_many = calls.pressed.len() >= INPUTS && !calls.pressed.contains_key(keys);
        let keys = if is_one_too_many { OTHER } else { keys };
        *calls.pressed.entry(keys.to_owned()).or_default() += 1;
    }
    *match (status, row.delivered.picked_up_by) {
        (DeliveryStatus::NoAnswer, _) => &mut calls.no_answer,
        (DeliveryStatus::Busy, _) => &mut calls.busy,
        (status, _) if status.is_failure() => &mut calls.failed,
        (status, _) if !status.is_final() => &mut calls.pending,
        (_, Some(PickedUpBy::Person)) => &mut calls.person,
        (_, Some(PickedUpBy::Machine)) => &mut calls.machine,
        (_, Some(PickedUpBy::Fax)) => &mut calls.fax,
        (_, Some(PickedUpBy::Unknown) | None) => &mut calls.somebody,
    } += 1;
}

/// Was it refused, or did it not arrive? `None` if neither. A call that nobody picks up has not failed.
fn is_refused(row: &History) -> Option<bool> {
    let unanswered = matches!(row.status, Some(DeliveryStatus::NoAnswer | DeliveryStatus::Busy));
    let failed = row.status.as_ref().is_some_and(DeliveryStatus::is_failure) && !unanswered;
    match row.state.as_str() {
        "rejected" | "blocked" => Some(true),
        "accepted" if failed => Some(false),
        _ => None,
    }
}

fn failure_key(error: Option<&ProviderError>) -> FailureKey {
    match error.map(|error| (error, error.provider_code())) {
        None => (None, String::new()),
        Some((_, Some(code))) => (Some(code), String::new()),
        // The sentence of a rule of the policy tells the rules apart.
        Some((error, None)) if error.code() == ErrorCode::Blocked => (None, error.message().to_owned()),
        Some((error, None)) => (None, format!("{} {}", error.code(), error.reason())),
    }
}

/// Sets what a failure means. Of several sentences the shortest is kept: the others add the provider's words about one
/// message.
fn explain(failure: &mut FailureFigures, error: Option<&ProviderError>, is_other: bool) {
    let Some(error) = error else {
        failure.meaning = if is_other { "other reasons" } else { "the provider gave no reason" }.to_owned();
        return;
    };
    let rank = |text: &str| (text.len(), text.to_owned());
    if failure.code.is_empty() || rank(error.message()) < rank(&failure.meaning) {
        failure.code = error.code().as_str().to_owned();
        failure.provider_code = error.provider_code();
        failure.meaning = error.message().to_owned();
        failure.advice = error.advice().map(ToOwned::to_owned).or_else(|| failure.advice.take());
    }
}
