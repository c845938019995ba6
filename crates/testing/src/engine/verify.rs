//! Verify: verifications, their codes, and the checks of these codes.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::clock::iso8601;
use super::table::Table;
use super::verify_services::VerifyService;

/// The time for which a code is valid, in seconds.
const VALIDITY: i64 = 600;
/// The default code, of which a verification has as many digits as its service sets.
const CODE: &str = "1234567890";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum VerificationStatus {
    Pending,
    Approved,
    Canceled,
    MaxAttemptsReached,
}

impl VerificationStatus {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Canceled => "canceled",
            Self::MaxAttemptsReached => "max_attempts_reached",
        }
    }
}

/// A verification as the fake keeps it.
pub(crate) struct Verification {
    pub(super) service: String,
    pub(super) to: String,
    pub(super) channel: String,
    pub(super) code: String,
    pub(super) status: VerificationStatus,
    /// For each code that was sent: the time, the channel, and the SID of the attempt.
    pub(super) sends: Vec<(Timestamp, String, String)>,
    /// How many wrong codes were checked.
    pub(super) wrong: u32,
    pub(super) amount: Option<String>,
    pub(super) payee: Option<String>,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
}

impl Verification {
    /// Returns whether a code can still be checked: it is neither approved, nor canceled, nor expired.
    pub(super) fn is_open(&self, now: Timestamp) -> bool {
        let over = matches!(self.status, VerificationStatus::Approved | VerificationStatus::Canceled);
        !over && now.as_second() - self.created.as_second() < VALIDITY
    }

    pub(super) fn attempts(&self) -> Value {
        let attempt = |(time, channel, sid): &(Timestamp, String, String)| json!({ "time": iso8601(*time), "channel": channel, "attempt_sid": sid });
        self.sends.iter().map(attempt).collect()
    }

    /// Returns the JSON of a verification, and of a check of it.
    pub(super) fn view(&self, account: &str, sid: &str) -> Value {
        json!({
            "sid": sid,
            "service_sid": self.service,
            "account_sid": account,
            "to": self.to,
            "channel": self.channel,
            "status": self.status.word(),
            "valid": self.status == VerificationStatus::Approved,
            "amount": self.amount,
            "payee": self.payee,
            "date_created": iso8601(self.created),
            "date_updated": iso8601(self.updated),
        })
    }
}

/// The services of an account, and their verifications.
#[derive(Default)]
pub(crate) struct Verify {
    pub(super) services: Table<VerifyService>,
    pub(super) verifications: Table<Verification>,
    /// The code of later verifications, if a test set one.
    code: Option<String>,
}

impl Verify {
    pub(super) fn next_code(&self, length: usize) -> String {
        self.code.clone().unwrap_or_else(|| CODE.chars().take(length).collect())
    }

    /// Finds the open verification of an address.
    pub(super) fn open(&self, now: Timestamp, service: &str, to: &str) -> Option<String> {
        let newest = self.verifications.iter().rev().find(|(_, row)| row.service == service && row.to == to);
        newest.filter(|(_, row)| row.is_open(now)).map(|(sid, _)| sid.to_owned())
    }

    pub(super) fn settle(&mut self, now: Timestamp, sid: &str, status: VerificationStatus) {
        if let Some(verification) = self.verifications.get_mut(sid) {
            (verification.status, verification.updated) = (status, now);
        }
    }

    /// Sets the code of later verifications.
    pub(crate) fn set_code(&mut self, code: &str) {
        self.code = Some(code.to_owned());
    }

    /// Returns the code that is valid for an address now, in any Verify service.
    pub(super) fn code_of(&self, now: Timestamp, to: &str) -> Option<String> {
        let newest = self.verifications.iter().rev().find(|(_, row)| row.to == to && row.is_open(now));
        newest.map(|(_, row)| row.code.clone())
    }
}
