//! The calls of a script.

use crate::enqueue::Priority;
use crate::policy::{Bucket, Emergency, Purpose, Velocity, Want};
use crate::rows::campaign::CampaignChange;
use crate::rows::check::{Checked, Proof, Reported};
use crate::rows::consent::{ConsentRow, ListConsents};
use crate::rows::erase::Retire;
use crate::rows::history::Select;
use crate::rows::list::List;
use crate::rows::{Finished, Name, Pause};
use crate::state::Event;
use crate::timing::Micros;

/// A call, or an input for the next tick.
#[derive(Debug, Clone)]
pub(super) enum Call {
    /// Sets the clock.
    At(Micros),
    Put(Vec<Put>),
    Find(Name),
    /// Finds a message, and also shows the fields that never change.
    Show(Name),
    /// A worker starts; other workers may be alive.
    Start {
        alone: bool,
    },
    Release(i64),
    Bind {
        queue: i64,
        account: String,
        address: String,
    },
    /// Sets how many segments of a sender begin in 1,000 s, for later ticks.
    Rate {
        sender: i64,
        milli: u32,
    },
    Result(Finished),
    Pausing(Pause),
    Tick(Ticking),
    Apply {
        name: Name,
        event: Event,
        by: Option<String>,
    },
    Pause(Pause, Option<String>),
    Prove(Proof),
    Reported(Vec<Reported>),
    /// Reads what became of messages.
    Histories(Select),
    /// Lists messages.
    List(List),
    /// Reads messages by their ids, and their requests.
    Messages(Vec<i64>),
    /// Stores consents of one person.
    Consent(Vec<ConsentRow>, Option<String>),
    /// Reads what the person with this number said.
    Consents(String),
    /// Lists consents.
    ListConsents(ListConsents),
    SendersOf(Vec<String>),
    /// Reserves so much of a part of a budget with this limit.
    Reserve(Bucket, Want),
    GiveBack(Bucket, i64),
    /// Asks about a message that is not stored, with a part of a budget and limits.
    Standing(Put, Bucket, Vec<Velocity>),
    /// Creates a campaign.
    Campaign {
        tenant: String,
        name: String,
        by: Option<String>,
    },
    /// Enqueues messages of a campaign, by its number.
    Each(i64, Vec<Put>),
    ChangeCampaign(i64, CampaignChange, Option<String>),
    CancelCampaign {
        id: i64,
        limit: u32,
        by: Option<String>,
    },
    /// Shows a campaign.
    Progress {
        tenant: String,
        name: String,
    },
    Campaigns {
        before: i64,
        limit: u32,
    },
    /// Claims up to so many unknown messages, except those of some accounts.
    Claim {
        limit: u32,
        except: Vec<String>,
    },
    Checked(Checked),
    Bound {
        id: i64,
        sids: Vec<String>,
        since: Micros,
    },
    Canaries {
        account: String,
        limit: u32,
    },
    Adopt,
    Guard(Option<Micros>),
    UnknownSids(Vec<String>),
    /// The recipients are the last digits of their numbers.
    Alike {
        queue: i64,
        sender: i64,
        to: Vec<String>,
    },
    Retire(Retire),
    /// Forgets the person with this number.
    Forget {
        tenant: Option<String>,
        to: String,
        after: i64,
        limit: u32,
    },
    Remember {
        tenant: Option<String>,
        to: String,
    },
    Look,
    Counts,
    Unsettled {
        after: i64,
        limit: u32,
    },
    /// Reads the events since the last reading.
    Log,
    Reopen,
    /// Enqueues one row of plain JSON with the statement for the program's own transactions.
    Sql(String),
    /// Enqueues the result of `Enqueue::row` with the same statement.
    Statement(Put),
}

/// A message to enqueue.
#[derive(Debug, Clone)]
pub(super) struct Put {
    pub(super) tenant: String,
    pub(super) key: String,
    pub(super) to: String,
    pub(super) from: Option<String>,
    /// The pool that it names, with the number +18005550000.
    pub(super) pool: Option<String>,
    pub(super) text: String,
    pub(super) is_call: bool,
    pub(super) due: Option<Micros>,
    pub(super) expires: Option<Micros>,
    pub(super) priority: Priority,
    pub(super) purpose: Purpose,
    pub(super) zone: Option<String>,
    pub(super) emergency: Option<Emergency>,
    pub(super) needs_consent: bool,
}

/// The parameters of a tick, in addition to the collected results and pauses.
#[derive(Debug, Clone, Default)]
pub(super) struct Ticking {
    /// Each sender with its queues.
    pub(super) take: Vec<(i64, Vec<i64>)>,
    /// The epoch; that of the newest start by default.
    pub(super) epoch: Option<i64>,
    pub(super) forget: Vec<i64>,
    pub(super) limit: Option<u32>,
    pub(super) rows: Option<u32>,
    pub(super) clean: bool,
    /// Until when its senders are leased.
    pub(super) lease: Option<Micros>,
    /// The worker from which they are taken before its lease is over.
    pub(super) from: Option<i64>,
    pub(super) lapse: bool,
    pub(super) held: Vec<i64>,
    /// Marketing needs a consent.
    pub(super) needs_consent: bool,
    /// The limit of a budget for each tenant, and how much of each is reserved.
    pub(super) budget: Option<(u64, i64)>,
    /// How many emergencies are allowed, and how many are reserved.
    pub(super) emergencies: Option<i64>,
    /// The quiet hours of the United States apply to marketing.
    pub(super) is_quiet: bool,
    /// The budget of the empty tenant is spent.
    pub(super) is_spent: bool,
    /// Limits for each recipient or prefix.
    pub(super) velocity: Vec<Velocity>,
}
