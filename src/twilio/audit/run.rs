//! One audit under way: what it has read so far, and what it has found.

use std::collections::{HashMap, VecDeque};
use std::ops::ControlFlow;

use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;

use super::finding::{AuditPart, Finding, FindingKind, FindingSeverity, Skipped};
use super::services::{self, Services};
use super::webhooks::{self, OwnedNumber};
use super::{Audit, AuditItem, alerts, balance, idle, messages, registrations};
use crate::phone::Address;
use crate::provider::ProviderError;
use crate::twilio::TwilioAccount;
use crate::twilio::page::Pages;

/// How many items a page has: the most that Twilio gives.
const PAGE: u32 = 1000;

/// The parts in their order: each may use what the ones before it have read.
const PARTS: &[AuditPart] = &[
    AuditPart::Login,
    AuditPart::Services,
    AuditPart::Numbers,
    AuditPart::Campaigns,
    AuditPart::TollFree,
    AuditPart::Messages,
    AuditPart::Usage,
    AuditPart::Alerts,
    AuditPart::Balance,
];

pub(super) struct Run {
    audit: Audit,
    parts: std::slice::Iter<'static, AuditPart>,
    /// What was found and not yet handed out.
    ready: VecDeque<AuditItem>,
    /// `None` where they could not be read.
    pub(super) services: Option<Services>,
    numbers: Vec<OwnedNumber>,
    /// The place of each number in `numbers`.
    places: HashMap<String, usize>,
}

impl Run {
    pub(super) fn new(audit: Audit) -> Self {
        Self {
            audit,
            parts: PARTS.iter(),
            ready: VecDeque::new(),
            services: None,
            numbers: Vec::new(),
            places: HashMap::new(),
        }
    }

    /// Returns the next item, after carrying out as many parts as that takes.
    pub(super) async fn next(&mut self) -> Option<AuditItem> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Some(item);
            }
            match self.parts.next()? {
                AuditPart::Login => self.login(),
                AuditPart::Services => services::read(self).await,
                AuditPart::Numbers => webhooks::check(self).await,
                AuditPart::Campaigns => registrations::campaigns(self).await,
                AuditPart::TollFree => registrations::toll_free(self).await,
                AuditPart::Messages => messages::check(self).await,
                AuditPart::Usage => idle::check(self).await,
                AuditPart::Alerts => alerts::check(self).await,
                _ => balance::check(self).await,
            }
        }
    }

    fn login(&mut self) {
        if self.account().uses_api_key() {
            return;
        }
        let finding = Finding::new(
            FindingKind::AuthToken,
            FindingSeverity::Notice,
            self.audit.account.sid(),
            "The account is opened with its auth token, which may do everything and cannot be limited.",
            "Create an API key for each program, and keep the token for what only the token may do.",
        );
        self.found(finding);
    }

    pub(super) fn audit(&self) -> &Audit {
        &self.audit
    }

    /// Returns the account, cheaply cloned, so that a part can change the run while it reads.
    pub(super) fn account(&self) -> TwilioAccount {
        self.audit.account.clone()
    }

    pub(super) const fn page(&self) -> u32 {
        PAGE
    }

    /// Returns the time that many days ago.
    pub(super) fn days_ago(&self, days: u32) -> Timestamp {
        let ago = SignedDuration::from_hours(24 * i64::from(days));
        self.audit.now.checked_sub(ago).unwrap_or(Timestamp::MIN)
    }

    pub(super) fn found(&mut self, finding: Finding) {
        self.ready.push_back(AuditItem::Finding(finding));
    }

    pub(super) fn skip(&mut self, part: AuditPart, what: &str, error: &ProviderError) {
        self.skipped(Skipped::because(part, what, error));
    }

    pub(super) fn skipped(&mut self, skipped: Skipped) {
        self.ready.push_back(AuditItem::Skipped(skipped));
    }

    /// Keeps the numbers of the account.
    pub(super) fn own(&mut self, numbers: Vec<OwnedNumber>) {
        let place = |(at, own): (usize, &OwnedNumber)| (own.number.as_str().to_owned(), at);
        self.places = numbers.iter().enumerate().map(place).collect();
        self.numbers = numbers;
    }

    pub(super) fn numbers(&self) -> impl Iterator<Item = &OwnedNumber> {
        self.numbers.iter()
    }

    pub(super) fn take_numbers(&mut self) -> Vec<OwnedNumber> {
        std::mem::take(&mut self.numbers)
    }

    /// Notes that a number was used, on whatever channel.
    pub(super) fn used(&mut self, address: Option<&Address>) {
        let Some(address) = address else { return };
        let number = address.as_str().rsplit(':').next().unwrap_or_default();
        if let Some(own) = self.places.get(number).and_then(|at| self.numbers.get_mut(*at)) {
            own.used = true;
        }
    }

    /// Reads a list to its end, one page in memory at a time.
    pub(super) async fn each<T>(
        &mut self,
        part: AuditPart,
        pages: Pages<T>,
        mut read: impl FnMut(T),
    ) -> Result<(), ProviderError>
    where
        T: DeserializeOwned + Send + 'static,
    {
        let all = |_: &mut Self, item| {
            read(item);
            ControlFlow::Continue(())
        };
        self.until(part, pages, all).await
    }

    /// Reads a list until `read` breaks. Rows that cannot be read are skipped, and said to be.
    pub(super) async fn until<T>(
        &mut self,
        part: AuditPart,
        mut pages: Pages<T>,
        mut read: impl FnMut(&mut Self, T) -> ControlFlow<()>,
    ) -> Result<(), ProviderError>
    where
        T: DeserializeOwned + Send + 'static,
    {
        let mut unreadable = 0;
        let result = loop {
            match pages.next_page().await {
                Ok(Some(page)) => {
                    unreadable += page.unreadable.len();
                    if page.items.into_iter().try_for_each(|item| read(self, item)).is_break() {
                        break Ok(());
                    }
                }
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        if unreadable > 0 {
            let why = format!("Twilio's answer has {unreadable} rows that cannot be read.");
            self.skipped(Skipped::new(part, "Some rows of a list were not checked.", why));
        }
        result
    }
}
