//! Runs the calls of a script on a store, with a simulated clock.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use switchboard::phone::Address;
use switchboard::provider::{Outgoing, OutgoingCall, SendKind, Sender};

use super::call::{Call, Put, Ticking};
use super::subject::Subject;
use super::{BASE, show};
use crate::enqueue::{Enqueue, Payload, Prepared};
use crate::error::OutboxError;
use crate::policy::{Bucket, Budget, Count, Policy, Purpose, Purse, QuietHours};
use crate::rows::budget::Reserve;
use crate::rows::campaign::{NewCampaign, Tally};
use crate::rows::check::Claim;
use crate::rows::consent::{Consented, Consents};
use crate::rows::erase::Forget;
use crate::rows::history::Select;
use crate::rows::list::Listed;
use crate::rows::standing::Question;
use crate::rows::{Finished, Lease, NewMessage, NewSender, Pause, Take, Tick};
use crate::state::Event;
use crate::timing::Micros;
use crate::worker::pace::Pace;

const SECOND: Micros = 1_000_000;
/// A rate so high that it never delays a message.
const FAST: u32 = u32::MAX;

pub(super) struct Run<'s> {
    subject: &'s mut dyn Subject,
    now: Micros,
    epoch: i64,
    batch: i64,
    results: Vec<Finished>,
    pauses: Vec<Pause>,
    rates: BTreeMap<i64, u32>,
    /// When a sender may begin its next message, as each worker was told. 0 is the newest worker.
    free: BTreeMap<(i64, i64), Micros>,
    /// Events that were read.
    logged: usize,
    /// What the last attempt of a message counted for.
    counts: BTreeMap<i64, Vec<Count>>,
    /// Details that the answers do not show. They are compared at the end.
    more: String,
}

impl<'s> Run<'s> {
    pub(super) fn new(subject: &'s mut dyn Subject) -> Self {
        Self {
            subject,
            now: BASE,
            epoch: 0,
            batch: 0,
            results: Vec::new(),
            pauses: Vec::new(),
            rates: BTreeMap::new(),
            free: BTreeMap::new(),
            logged: 0,
            counts: BTreeMap::new(),
            more: String::new(),
        }
    }

    /// Makes a call, checks that each message is in exactly one table, and returns the answer as text.
    pub(super) async fn call(&mut self, call: &Call) -> String {
        let answer = self.answer(call).await;
        self.subject.check().await;
        answer.unwrap_or_else(|error| show::error(&error))
    }

    async fn answer(&mut self, call: &Call) -> Result<String, OutboxError> {
        let rows = self.subject.rows();
        Ok(match call {
            Call::At(now) => {
                self.now = *now;
                "ok".to_owned()
            }
            Call::Result(told) => {
                let mut told = told.clone();
                if matches!(told.event, Event::Refused { .. } | Event::Unmark { .. } | Event::Park { .. }) {
                    told.not_sent = self.counts.get(&told.id).cloned().unwrap_or_default();
                }
                self.results.push(told);
                "ok".to_owned()
            }
            Call::Pausing(pause) => {
                self.pauses.push(pause.clone());
                "ok".to_owned()
            }
            Call::Rate { sender, milli } => {
                self.rates.insert(*sender, *milli);
                "ok".to_owned()
            }
            Call::Put(puts) => {
                let new = puts.iter().map(message).collect();
                show::list(&rows.enqueue(self.now, new).await?, show::enqueued)
            }
            Call::Find(name) => {
                rows.find(name.clone()).await?.map_or("none".to_owned(), |row| show::row(&row))
            }
            Call::Show(name) => {
                rows.find(name.clone()).await?.map_or("none".to_owned(), |row| show::whole_row(&row))
            }
            Call::Release(epoch) => {
                rows.release(*epoch).await?;
                "ok".to_owned()
            }
            Call::Start { alone } => {
                let started = rows.start(self.now, *alone).await?;
                self.epoch = started.epoch;
                self.more += &format!("{started:?}");
                show::started(&started)
            }
            Call::Bind { queue, account, address } => {
                let (account, address) = (account.clone(), address.clone());
                let row = rows.bind(*queue, NewSender { account, kind: SendKind::Text, address }).await?;
                self.free.insert((0, row.id), row.next_free);
                let paused = row
                    .paused
                    .map_or(String::new(), |paused| format!(" paused until {}", show::time(paused.until)));
                format!("sender {} free {}{paused}", row.id, show::time(row.next_free))
            }
            Call::Tick(ticking) => self.tick(ticking).await?,
            Call::Apply { name, event, by } => {
                show::applied(&rows.apply(self.now, name.clone(), event.clone(), by.clone()).await?)
            }
            Call::Pause(pause, by) => {
                rows.pause(self.now, pause.clone(), by.clone()).await?;
                "ok".to_owned()
            }
            Call::Prove(proof) => show::applied(&rows.prove(self.now, proof.clone()).await?),
            Call::Reported(reported) => {
                show::list(&rows.reported(self.now, reported.clone()).await?, show::applied)
            }
            Call::Histories(select) => {
                let page = rows.histories(select.clone()).await?;
                format!("{}{}", show::list(&page.rows, show::history), show::next(page.next))
            }
            Call::List(list) => {
                let Listed { rows, next } = rows.list(list.clone()).await?;
                self.more += &show::list(&rows, show::whole_row);
                format!("{}{}", show::list(&rows, show::short_row), show::next(next))
            }
            Call::Messages(ids) => {
                let (found, requests) =
                    (rows.messages(ids.clone()).await?, rows.requests(ids.clone()).await?);
                self.more += &show::list(&found, show::whole_row);
                let requests = show::list(&requests, |(id, request)| format!("#{id} {request}"));
                format!("{}: {requests}", show::list(&found, show::short_row))
            }
            Call::Consent(consents, by) => {
                let (rows_of, actor) = (consents.clone(), by.clone());
                let many = by.as_deref() == Some("import");
                let consents = Consents { recorded: self.now, rows: rows_of, actor, many };
                let Consented { changed, open } = rows.consent(consents).await?;
                let open = if open > 0 { format!(" open {open}") } else { String::new() };
                format!("changed {changed}{open}")
            }
            Call::Consents(recipient) => show::list(&rows.consents(recipient.clone()).await?, show::consent),
            Call::ListConsents(list) => show::list(&rows.consents_of(list.clone()).await?, |row| {
                format!("{} {}", row.recipient.trim_start_matches("+1415555"), show::consent(row))
            }),
            Call::Reserve(bucket, want) => {
                let reserve = Reserve { at: self.now, bucket: bucket.clone(), want: *want };
                format!("granted {}", rows.reserve(reserve).await?)
            }
            Call::GiveBack(bucket, amount) => {
                rows.give_back(vec![(bucket.clone(), *amount)]).await?;
                "ok".to_owned()
            }
            Call::Campaign { tenant, name, by } => {
                let new = NewCampaign {
                    tenant: tenant.clone(),
                    name: name.clone(),
                    definition: r#"{"text":"hi"}"#.to_owned(),
                };
                show::campaign(&rows.open_campaign(self.now, new, by.clone()).await?, &Tally::default())
            }
            Call::Each(id, puts) => {
                let new = puts.iter().map(|put| NewMessage { campaign: *id, ..message(put) }).collect();
                let each = rows.enqueue_each(self.now, *id, new).await?;
                show::list(&each, |one| one.as_ref().map_or_else(show::error, show::enqueued))
            }
            Call::ChangeCampaign(id, change, by) => {
                let row = rows.change_campaign(self.now, *id, change.clone(), by.clone()).await?;
                show::campaign(&row, &Tally::default())
            }
            Call::CancelCampaign { id, limit, by } => {
                let stopped = rows.cancel_campaign(self.now, *id, *limit, by.clone()).await?;
                format!(
                    "cancelled {}{}",
                    stopped.cancelled,
                    if stopped.more { " and perhaps more" } else { "" }
                )
            }
            Call::Progress { tenant, name } => {
                let found = rows.campaign(tenant.clone(), name.clone()).await?;
                found.map_or("none".to_owned(), |(row, tally)| show::campaign(&row, &tally))
            }
            Call::Campaigns { before, limit } => {
                let found = rows.campaigns(String::new(), *before, *limit).await?;
                show::list(&found, |row| format!("#{} {}", row.id, row.name))
            }
            Call::Standing(put, bucket, velocity) => {
                let message = message(put);
                let policy = velocity.iter().cloned().fold(Policy::new(), Policy::velocity);
                let limits = policy.limits(&message.sending(), self.now);
                let counters = limits.iter().map(|limit| limit.counter.clone()).collect();
                let question = Question { at: self.now, message, buckets: vec![bucket.clone()], counters };
                let standing = rows.standing(question).await?;
                show::standing(&standing, &limits, self.now)
            }
            Call::SendersOf(addresses) => show::list(&rows.senders_of(addresses.clone()).await?, |one| {
                format!("{} of {}/{}", one.address, one.account, one.tenant)
            }),
            Call::Claim { limit, except } => {
                let (at, unknown_since) = (self.now, self.now - 60 * SECOND);
                let claim = Claim {
                    at,
                    unknown_since,
                    until: at + 60 * SECOND,
                    except: except.clone(),
                    limit: *limit,
                };
                let claimed = rows.claim(claim).await?;
                self.more += &show::list(&claimed, |row| format!("{row:?}"));
                show::list(&claimed, show::unknown)
            }
            Call::Checked(checked) => show::applied(&rows.checked(self.now, checked.clone()).await?),
            Call::Bound { id, sids, since } => {
                let bound = rows.bound(*id, sids.clone(), *since).await?;
                let rival = if bound.rival { " rival" } else { "" };
                format!("{}{rival}", show::list(&bound.sids, Clone::clone))
            }
            Call::Canaries { account, limit } => {
                let canaries = rows.canaries(account.clone(), SendKind::Text, *limit).await?;
                show::list(&canaries, |canary| format!("{} to {}", canary.sid, canary.recipient))
            }
            Call::Adopt => {
                rows.adopt(self.now, None, "ada".to_owned()).await?;
                "ok".to_owned()
            }
            Call::Guard(since) => {
                rows.guard(*since).await?;
                "ok".to_owned()
            }
            Call::UnknownSids(sids) => show::list(&rows.unknown_sids(sids.clone()).await?, Clone::clone),
            Call::Alike { queue, sender, to } => {
                let recipients = to.iter().map(|to| format!("+1415555{to}")).collect();
                show::list(&rows.alike(*queue, *sender, recipients).await?, |one| {
                    let sent = if one.perhaps_sent { " perhaps sent" } else { "" };
                    format!("#{} to {}{sent}", one.id, one.recipient)
                })
            }
            Call::Retire(retire) => {
                let retired = rows.retire(retire.clone()).await?;
                format!("deleted {}{}", retired.deleted, show::next(retired.next))
            }
            Call::Forget { tenant, to, after, limit } => {
                let forget = Forget {
                    at: self.now,
                    recipient: format!("+1415555{to}"),
                    tenant: tenant.clone(),
                    hash: hash(tenant.as_deref(), to),
                    after: *after,
                    limit: *limit,
                    actor: Some("ada".to_owned()),
                };
                let forgot = rows.forget(forget).await?;
                format!("deleted {} open {}{}", forgot.deleted, forgot.open, show::next(forgot.next))
            }
            Call::Remember { tenant, to } => {
                let hash = hash(tenant.as_deref(), to);
                rows.remember(hash, format!("+1415555{to}")).await?.to_string()
            }
            Call::Look => show::look(&rows.look().await?),
            Call::Counts => show::counts(&rows.counts().await?),
            Call::Unsettled { after, limit } => show::list(&rows.unsettled(*after, *limit).await?, show::row),
            Call::Log => {
                let events = self.subject.events().await;
                let new = events.get(self.logged..).unwrap_or_default();
                let text = show::list(new, show::logged);
                self.logged = events.len();
                text
            }
            Call::Reopen => {
                self.subject.reopen().await;
                "ok".to_owned()
            }
            Call::Sql(json) => self.subject.sql(json).await,
            Call::Statement(put) => {
                let message = Enqueue::new(put.key.as_str(), payload(put)).tenant(put.tenant.as_str());
                let due = Timestamp::from_microsecond(put.due.unwrap_or(self.now)).unwrap();
                self.subject.sql(&message.due(due).priority(put.priority).purpose(put.purpose).row()?).await
            }
        })
    }

    /// The pace of a sender, as a worker knows it.
    fn pace(&self, worker: i64, sender: i64) -> Pace {
        let next_free = self.free.get(&(worker, sender)).copied().unwrap_or(0);
        Pace { next_free, milli_per_second: self.rates.get(&sender).copied().unwrap_or(FAST) }
    }

    async fn tick(&mut self, ticking: &Ticking) -> Result<String, OutboxError> {
        self.batch += 1;
        let worker = ticking.epoch.unwrap_or(0);
        let tick = self.build(worker, ticking);
        let ticked = self.subject.rows().tick(tick).await?;
        let mut free = Vec::new();
        for (sender, pace) in &ticked.paces {
            if pace.milli_per_second != FAST && self.pace(worker, *sender) != *pace {
                free.push((*sender, pace.next_free));
            }
            self.free.insert((worker, *sender), pace.next_free);
        }
        self.more += &show::list(&ticked.marked, show::whole_mark);
        self.counts.extend(ticked.marked.iter().map(|marked| (marked.id, marked.counts.clone())));
        Ok(show::ticked(&ticked, self.now, &free))
    }

    fn build(&mut self, worker: i64, ticking: &Ticking) -> Tick {
        let rows = ticking.rows.unwrap_or(100);
        let until = self.now + SECOND / 4;
        let takes = ticking.take.iter().map(|(sender, queues)| {
            let pace = self.pace(worker, *sender);
            Take { sender: *sender, queues: queues.clone(), pace, until, rows, from: ticking.from }
        });
        let take = takes.collect();
        let lease = ticking.lease.map(|until| Lease {
            until,
            late: SECOND,
            lapse: ticking.lapse,
            held: ticking.held.clone(),
        });
        Tick {
            epoch: ticking.epoch.unwrap_or(self.epoch),
            batch: self.batch,
            at: self.now,
            results: std::mem::take(&mut self.results),
            forget: ticking.forget.clone(),
            pauses: std::mem::take(&mut self.pauses),
            lease,
            take,
            limit: ticking.limit.unwrap_or(100),
            begin_by: self.now,
            deadline: self.now + 45 * SECOND,
            equal_due: self.now + 60 * SECOND,
            clean: ticking.clean,
            policy: Arc::new(policy(ticking)),
            purse: Arc::new(purse(ticking, self.now)),
        }
    }

    /// Opens the store again.
    pub(super) async fn reopen(&mut self) {
        self.subject.reopen().await;
    }

    /// The answers to all queries.
    pub(super) async fn digest(&mut self) -> String {
        let mut parts = vec![self.more.clone()];
        let rows = self.subject.rows();
        for id in 1..=20 {
            let row = rows.find(crate::rows::Name::Id(id)).await.unwrap();
            parts.extend(row.map(|row| show::whole_row(&row)));
        }
        for to in ["0000", "0001", "0002"] {
            let [all, of_tenant, of_other] = [None, Some(""), Some("t")].map(|tenant| hash(tenant, to));
            let hashes = [all, of_tenant, of_other].map(|hash| format!("forgotten {hash}"));
            for recipient in [format!("+1415555{to}")].into_iter().chain(hashes) {
                parts.push(show::list(&rows.consents(recipient).await.unwrap(), show::consent));
            }
        }
        let all = Select {
            after: 0,
            since: 0,
            until: Micros::MAX,
            tenant: None,
            campaign: None,
            with_request: true,
            limit: 1_000,
        };
        parts.push(show::list(&rows.histories(all).await.unwrap().rows, show::history));
        parts.push(show::list(&rows.unsettled(0, 100).await.unwrap(), show::row));
        parts.push(show::counts(&rows.counts().await.unwrap()));
        let look = rows.look().await.unwrap();
        parts.extend([show::look(&look), show::names(&look)]);
        parts.extend(
            self.subject
                .events()
                .await
                .iter()
                .map(|event| format!("{} {}", show::time(event.at), show::logged(event))),
        );
        parts.join("\n")
    }
}

fn payload(put: &Put) -> Payload {
    let to = format!("+1415555{}", put.to);
    let from = put.from.as_ref().map(|from| format!("+1800555{from}"));
    if put.is_call {
        let call = OutgoingCall::say(to, put.text.as_str());
        Payload::Call(from.into_iter().fold(call, OutgoingCall::from))
    } else {
        let text = Outgoing::text(to, put.text.as_str());
        match put.pool.clone() {
            Some(id) => {
                let number = Some(Address::from("+18005550000"));
                Payload::Text(text.from(Sender::Pool { id, number }))
            }
            None => Payload::Text(from.into_iter().fold(text, Outgoing::from)),
        }
    }
}

fn policy(ticking: &Ticking) -> Policy {
    let mut policy = Policy::new();
    if ticking.needs_consent {
        policy = policy.require_consent(Purpose::Marketing);
    }
    if let Some((most, _)) = ticking.budget {
        policy = policy.budget(Budget::messages("b", most).unwrap().each_tenant());
    }
    if ticking.is_quiet {
        policy = policy.quiet_hours(QuietHours::us());
    }
    if ticking.emergencies.is_some() {
        policy = policy.emergencies(300);
    }
    ticking.velocity.iter().cloned().fold(policy, Policy::velocity)
}

fn purse(ticking: &Ticking, now: Micros) -> Purse {
    let mut purse = Purse::default();
    let part = |tenant: &str| Bucket { budget: "b".to_owned(), part: format!("total tenant {tenant}") };
    if let Some((_, left)) = ticking.budget.filter(|(_, left)| *left > 0) {
        purse.reserved(part(""), left, now);
        purse.reserved(part("t"), left, now);
    }
    if let Some(left) = ticking.emergencies.filter(|left| *left > 0) {
        let day = Timestamp::from_microsecond(now).unwrap().strftime("%F").to_string();
        purse.reserved(Bucket { budget: "emergency".to_owned(), part: day }, left, now);
    }
    if ticking.is_spent {
        purse.reserved(part(""), 0, now);
    }
    purse
}

/// What stands for the keyed hash of a recipient.
fn hash(tenant: Option<&str>, to: &str) -> String {
    format!("{}/{to}", tenant.unwrap_or("*"))
}

fn message(put: &Put) -> NewMessage {
    NewMessage {
        tenant: put.tenant.clone(),
        key: put.key.clone(),
        due: put.due,
        expires: put.expires,
        priority: put.priority,
        prepared: Prepared::of(&payload(put)).unwrap(),
        purpose: put.purpose,
        zone: put.zone.clone(),
        text_rules: None,
        emergency: put.emergency.clone(),
        campaign: 0,
        refused: None,
        warned: Vec::new(),
        needs_consent: put.needs_consent,
        hashes: [hash(None, &put.to), hash(Some(&put.tenant), &put.to)],
    }
}
