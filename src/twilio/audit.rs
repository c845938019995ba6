//! An audit of an account: what should be changed, each finding with what to do.

mod alerts;
mod balance;
mod finding;
mod idle;
mod messages;
mod plan;
mod registrations;
mod run;
mod services;
mod webhooks;

pub use finding::{AuditPart, Finding, FindingKind, FindingSeverity, ParseSeverityError, Skipped};

use std::fmt;
use std::pin::Pin;

use futures_core::Stream;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use self::run::Run;
use super::TwilioAccount;

/// An audit of an account. It only reads.
///
/// It looks at the webhooks of numbers and messaging services, the registrations of US and toll-free numbers, numbers that
/// nobody used for 30 days, the alerts of 7 days, the error rate of messages against the week before, the balance against
/// what is spent, and how the account is opened. A part that cannot be read is [`Skipped`], and the others go on.
///
/// ```no_run
/// # async fn run(account: switchboard::twilio::TwilioAccount) {
/// use switchboard::twilio::audit::FindingSeverity;
///
/// let report = account.audit().run().await;
/// for finding in &report.findings {
///     println!("{:8} {}: {} {}", finding.severity, finding.subject(), finding.what, finding.what_to_do);
/// }
/// let fail = report.worst() >= Some(FindingSeverity::Warning);
/// # let _ = fail; }
/// ```
///
/// # Requests
/// They are made one after the other, so an audit never meets a limit of Twilio's. An account with *n* numbers in *s*
/// messaging services takes, with lists of up to 1,000 rows:
///
/// - 2 for the lists of services and numbers, and *s* for the numbers of each service;
/// - 1 for each service with US numbers that is not registered, and 1 for toll-free verifications, where there are such
///   numbers;
/// - 1 for each 1,000 messages of the last two weeks, at least 2; 22 at most, unless
///   [`max_messages`](Self::max_messages) says otherwise;
/// - none for a number that these messages show, 1 to 6 for each other number, 1 for the prices of each country with an
///   idle number, and 1 more for an idle number outside the United States;
/// - 1 to 5 for alerts, 1 for the balance, 2 for what is spent.
///
/// So 50 US numbers in one registered service take 9 requests where all of them text, and 310 where all of them are idle.
///
/// # Memory
/// One page of a list at a time, counters, and a few fields of each number and each service; never all messages.
#[derive(Clone)]
#[must_use = "an audit does nothing until it is run"]
pub struct Audit {
    account: TwilioAccount,
    now: Timestamp,
    max_messages: u64,
    days_left: u32,
}

/// How many messages of each week are read by default.
const MAX_MESSAGES: u64 = 10_000;
/// With fewer days left, the balance is a finding.
const DAYS_LEFT: u32 = 14;

/// What an audit yields, one after the other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum AuditItem {
    /// Something that should be changed, or known.
    Finding(Finding),
    /// A part that could not be read.
    Skipped(Skipped),
}

/// All that an audit found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AuditReport {
    /// What should be changed, or known; empty for a clean account.
    pub findings: Vec<Finding>,
    /// The parts that could not be read. What depends on them was not checked.
    pub skipped: Vec<Skipped>,
}

impl AuditReport {
    /// Returns the severity of the most serious finding.
    #[must_use]
    pub fn worst(&self) -> Option<FindingSeverity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }

    /// Was everything read, and nothing found?
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty() && self.skipped.is_empty()
    }
}

impl TwilioAccount {
    /// Returns an audit of the account: what should be changed, each finding with what to do.
    pub fn audit(&self) -> Audit {
        Audit {
            account: self.clone(),
            now: Timestamp::now(),
            max_messages: MAX_MESSAGES,
            days_left: DAYS_LEFT,
        }
    }
}

impl Audit {
    /// Sets the time from which days are counted back; the current time by default.
    pub const fn now(mut self, now: Timestamp) -> Self {
        self.now = now;
        self
    }

    /// Sets how many messages of each of the two weeks are read, the newest first: 10,000 by default.
    pub const fn max_messages(mut self, messages: u64) -> Self {
        self.max_messages = messages;
        self
    }

    /// Sets how many days the balance must last: 14 by default.
    pub const fn days_left(mut self, days: u32) -> Self {
        self.days_left = days;
        self
    }

    /// Returns the findings as they come, part by part.
    #[must_use]
    pub fn stream(self) -> Pin<Box<dyn Stream<Item = AuditItem> + Send>> {
        let next = |mut run: Run| async move { Some((run.next().await?, run)) };
        Box::pin(futures_util::stream::unfold(Run::new(self), next))
    }

    /// Carries out the audit. It never fails: what could not be read is in [`AuditReport::skipped`].
    pub async fn run(self) -> AuditReport {
        let (mut run, mut report) = (Run::new(self), AuditReport::default());
        while let Some(item) = run.next().await {
            match item {
                AuditItem::Finding(finding) => report.findings.push(finding),
                AuditItem::Skipped(skipped) => report.skipped.push(skipped),
            }
        }
        report
    }
}

impl fmt::Debug for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Audit")
            .field("account", &self.account)
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}
