//! What a campaign would send, before anything is enqueued.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use futures_util::StreamExt;
use switchboard::phone::Address;
use switchboard::provider::{SendKind, Sender};
use switchboard::sms::{BillableMessage, Encoding, Estimate, PriceList, Segmentation, Text, estimate};
use tokio::task::spawn_blocking;

use super::fill::Filler;
use super::import::at_once;
use super::read::{self, Opened, Part};
use super::{CampaignError, Draft, Recipients, RejectReason, Rejected, Row};
use crate::preview::Unwanted;
use crate::rows::NewMessage;

/// The rejected rows that a plan keeps. Further ones are only counted.
const MOST_LISTED: usize = 100;

/// What a campaign would send. See [`Draft::plan`](super::Draft::plan).
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct CampaignPlan {
    /// The rows of the list, without blank ones.
    pub rows: u64,
    /// The messages that would be enqueued.
    pub messages: u64,
    /// The rows whose key is in the list before, so that no message is sent for them.
    pub duplicates: u64,
    /// The rows that cannot be used.
    pub rejected: u64,
    /// The first 100 of them.
    pub first_rejected: Vec<Rejected>,
    /// The segments of all messages; for calls, their number.
    pub segments: u64,
    /// How many messages have a given number of segments.
    pub by_segments: BTreeMap<usize, u64>,
    /// The longest message.
    pub longest: Option<Longest>,
    /// The messages that are encoded in UCS-2, where a segment has 70 characters instead of 160.
    pub ucs2: u64,
    /// The first of them: the line of its row, and the character that is the cause.
    pub first_ucs2: Option<(u64, char)>,
    /// How many messages each text rule warns of.
    pub warnings: BTreeMap<String, u64>,
    /// What the messages will cost, if [prices](super::Draft::prices) are set.
    pub estimate: Option<Estimate>,
}

/// The longest message of a plan; of several, the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Longest {
    /// The line of its row.
    pub line: u64,
    /// Its segments.
    pub segments: usize,
    /// Its characters.
    pub characters: usize,
}

/// A row whose message could be enqueued.
struct Planned {
    /// The rules that warn of it.
    warned: Vec<String>,
    line: u64,
    /// A hash of its key.
    key: u64,
    text: Text,
    to: Address,
    size: Size,
    /// What is asked about its recipient, if the plan heeds what people said.
    asked: Option<Box<(Row, NewMessage)>>,
}

struct Size {
    segments: usize,
    characters: usize,
    ucs2_cause: Option<char>,
}

pub(super) async fn plan(draft: &Draft, list: Recipients) -> Result<CampaignPlan, CampaignError> {
    let Opened { rows, .. } = read::open(list, None).await?;
    let filler = Arc::new(Filler::new(draft, rows.columns())?);
    let parts = read::parts(rows).into_stream();
    let hasher = RandomState::new();
    let planned = parts.map(|part| planned(Arc::clone(&filler), hasher.clone(), part)).buffered(at_once());
    let mut planned = std::pin::pin!(planned);
    let mut plan = CampaignPlan::default();
    let mut estimation = draft.prices.clone().filter(|_| draft.kind == SendKind::Text).map(Estimation::begin);
    let mut keys: HashSet<u64> = HashSet::new();
    while let Some(part) = planned.next().await {
        let mut billable = Vec::new();
        for one in part? {
            plan.rows += 1;
            match one {
                Err(rejected) => plan.reject(rejected),
                Ok(one) if !keys.insert(one.key) => plan.duplicates += 1,
                Ok(one) => {
                    plan.count(&one);
                    if estimation.is_some() {
                        billable.push(one.billable(draft.from.as_ref()));
                    }
                }
            }
        }
        if let Some(estimation) = &mut estimation {
            estimation.add(billable).await;
        }
    }
    if let Some(estimation) = estimation {
        plan.estimate = Some(estimation.end().await?);
    }
    Ok(plan)
}

async fn planned(
    filler: Arc<Filler>,
    hasher: RandomState,
    part: Result<Part, CampaignError>,
) -> Result<Vec<Result<Planned, Rejected>>, CampaignError> {
    let part = part?;
    let at = filler.draft.campaign.outbox.now();
    let (outbox, heeds) = (filler.draft.campaign.outbox.clone(), filler.draft.heeds_consents);
    let one = move |row: Result<Row, Rejected>| {
        let row = row?;
        let text = match filler.text(&row) {
            Ok(text) => text,
            Err(reason) => return Err(row.reject(reason)),
        };
        let (row, message) = filler.message(row, at)?;
        if let Some(because) = message.refused {
            return Err(row.reject(RejectReason::Blocked { because }));
        }
        let size = Size::of(text.as_str(), filler.draft.kind);
        let warned = message.warned.iter().map(|because| because.rule.clone()).collect();
        let (line, key, to) = (row.line, hasher.hash_one(&row.key), row.to.clone().into());
        let asked = heeds.then(|| Box::new((row, message)));
        Ok(Planned { warned, line, key, to, size, text, asked })
    };
    let done = spawn_blocking(move || part.into_iter().map(one).collect::<Vec<_>>());
    let mut done = done.await.map_err(|error| CampaignError::of_join(&error))?;
    for one in &mut done {
        let asked = one.as_mut().ok().and_then(|planned| planned.asked.take());
        if let Some((row, message)) = asked.map(|asked| *asked)
            && let Some(unwanted) = outbox.unwanted(message, at).await?
        {
            *one = Err(row.reject(match unwanted {
                Unwanted::Forgotten => RejectReason::Forgotten,
                Unwanted::OptedOut(because) => RejectReason::Blocked { because },
            }));
        }
    }
    Ok(done)
}

impl Size {
    fn of(text: &str, kind: SendKind) -> Self {
        let characters = text.chars().count();
        if kind == SendKind::Call {
            return Self { segments: 1, characters, ucs2_cause: None };
        }
        let cut = Segmentation::of(text);
        let is_outside = |c: &char| Encoding::Gsm7.units(*c).is_none();
        Self { segments: cut.segments(), characters, ucs2_cause: text.chars().find(is_outside) }
    }
}

impl Planned {
    fn billable(self, from: Option<&Sender>) -> BillableMessage {
        let message = BillableMessage::new(self.to, self.text);
        match from {
            Some(Sender::Number(number)) => message.sent_from(number),
            _ => message,
        }
    }
}

impl CampaignPlan {
    fn reject(&mut self, rejected: Rejected) {
        self.rejected += 1;
        if self.first_rejected.len() < MOST_LISTED {
            self.first_rejected.push(rejected);
        }
    }

    fn count(&mut self, one: &Planned) {
        let Size { segments, characters, ucs2_cause } = one.size;
        self.messages += 1;
        for rule in &one.warned {
            *self.warnings.entry(rule.clone()).or_default() += 1;
        }
        self.segments += segments as u64;
        *self.by_segments.entry(segments).or_default() += 1;
        if let Some(character) = ucs2_cause {
            self.ucs2 += 1;
            self.first_ucs2 = self.first_ucs2.or(Some((one.line, character)));
        }
        let is_longer =
            self.longest.is_none_or(|known| (known.segments, known.characters) < (segments, characters));
        if is_longer {
            self.longest = Some(Longest { line: one.line, segments, characters });
        }
    }
}

impl fmt::Display for CampaignPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rows, messages, duplicates, rejected, segments, ucs2, .. } = self;
        write!(f, "{rows} rows: {messages} messages of {segments} segments")?;
        if let Some(Longest { line, segments, characters }) = self.longest {
            write!(f, "; the longest has {segments} ({characters} characters, line {line})")?;
        }
        match self.first_ucs2 {
            Some((line, c)) => write!(f, "; {ucs2} in UCS-2 (first in line {line}, for {c:?})")?,
            None => write!(f, "; none in UCS-2")?,
        }
        write!(f, "; {duplicates} duplicates, {rejected} rejected")?;
        for (rule, messages) in &self.warnings {
            write!(f, "; {rule} warns of {messages}")?;
        }
        if let Some(estimate) = &self.estimate {
            let unpriced: u64 = estimate.unpriced.iter().map(|row| row.messages).sum();
            write!(f, "; {} {}", estimate.total, estimate.currency)?;
            if unpriced > 0 {
                write!(f, " and {unpriced} messages without a price")?;
            }
        }
        for one in self.first_rejected.iter().take(5) {
            write!(f, "\n  {one}")?;
        }
        Ok(())
    }
}

/// Adds up prices in a thread of its own.
struct Estimation {
    messages: tokio::sync::mpsc::Sender<Vec<BillableMessage>>,
    estimate: tokio::task::JoinHandle<Estimate>,
}

impl Estimation {
    fn begin(prices: PriceList) -> Self {
        let (messages, mut received) = tokio::sync::mpsc::channel::<Vec<BillableMessage>>(1);
        let next = move || received.blocking_recv();
        let all = std::iter::from_fn(next).flatten();
        Self { messages, estimate: spawn_blocking(move || estimate(all, &prices)) }
    }

    async fn add(&mut self, messages: Vec<BillableMessage>) {
        // It receives until this is dropped.
        drop(self.messages.send(messages).await);
    }

    async fn end(self) -> Result<Estimate, CampaignError> {
        drop(self.messages);
        self.estimate.await.map_err(|error| CampaignError::of_join(&error))
    }
}
