//! What an audit finds, and what it could not look at.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::phone::Address;
use crate::provider::ProviderError;
use crate::twilio::value::Amount;
use crate::twilio::wire::wire_enum;

wire_enum! {
    /// The kind of a finding.
    FindingKind {
        /// Calls or texts to a number reach nobody, because it has no webhook for them.
        NumberWithoutWebhook = "number-without-webhook",
        /// A number or a messaging service has a webhook with plain http.
        InsecureWebhook = "insecure-webhook",
        /// A US number that can text is in no messaging service with an approved campaign.
        UnregisteredLongCode = "unregistered-long-code",
        /// A toll-free number that can text has no approved verification.
        UnverifiedTollFree = "unverified-toll-free",
        /// A number had no message and no call for a month.
        IdleNumber = "idle-number",
        /// Alerts with the same code.
        RecentAlerts = "recent-alerts",
        /// More messages fail than in the week before.
        ErrorRate = "error-rate",
        /// The balance is used up soon.
        LowBalance = "low-balance",
        /// The account is opened with its auth token, where an API key would do.
        AuthToken = "auth-token",
    }
}

wire_enum! {
    /// What an audit looks at, one part after the other.
    AuditPart {
        /// How the account is opened.
        Login = "login",
        /// The messaging services and their numbers.
        Services = "services",
        /// The numbers and their webhooks.
        Numbers = "numbers",
        /// The campaigns of US numbers.
        Campaigns = "campaigns",
        /// The verifications of toll-free numbers.
        TollFree = "toll-free",
        /// The messages of the last two weeks.
        Messages = "messages",
        /// Which numbers were used in the last month.
        Usage = "usage",
        /// The monthly prices of numbers.
        Prices = "prices",
        /// The alerts of the last week.
        Alerts = "alerts",
        /// The balance and what is spent.
        Balance = "balance",
    }
}

/// How serious a finding is. They are ordered: `Notice < Warning < Critical`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FindingSeverity {
    /// Worth knowing.
    Notice,
    /// Something should be changed.
    Warning,
    /// Something does not work now, or soon will not.
    Critical,
}

impl FindingSeverity {
    /// Returns the word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// Why a text is no severity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[error("no severity: use notice, warning or critical")]
pub struct ParseSeverityError;

impl FromStr for FindingSeverity {
    type Err = ParseSeverityError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let all = [Self::Notice, Self::Warning, Self::Critical];
        all.into_iter().find(|severity| severity.as_str() == text).ok_or(ParseSeverityError)
    }
}

impl fmt::Display for FindingSeverity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Something that should be changed, or known.
///
/// The sentences show no more than the last four digits of a number; the field `number` is the whole one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Finding {
    /// What kind of thing it is.
    pub kind: FindingKind,
    /// How serious it is.
    pub severity: FindingSeverity,
    /// The SID of what it is about: a number, `PN…`, a messaging service, `MG…`, or the account, `AC…`.
    pub sid: String,
    /// The number that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<Address>,
    /// What was found, in one sentence.
    pub what: String,
    /// What to do, in one sentence.
    pub what_to_do: String,
    /// A command of the program `switchboard` that does it or shows more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// Twilio's error code, for alerts and for refused registrations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<u32>,
    /// How many there are: alerts of seven days, messages that failed, or days that the balance lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// An amount of money: the price of an idle number for a month, or the balance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// The currency of the amount, ISO 4217.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
}

impl Finding {
    /// Starts a finding; the sentences begin with a capital letter and end with a full stop.
    pub(super) fn new(
        kind: FindingKind,
        severity: FindingSeverity,
        sid: &str,
        what: impl Into<String>,
        what_to_do: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            severity,
            sid: sid.to_owned(),
            number: None,
            what: what.into(),
            what_to_do: what_to_do.into(),
            command: None,
            code: None,
            count: None,
            amount: None,
            currency: None,
        }
    }

    pub(super) fn number(mut self, number: &Address) -> Self {
        self.number = Some(number.clone());
        self
    }

    pub(super) fn command(mut self, command: impl Into<String>) -> Self {
        self.command = Some(command.into());
        self
    }

    pub(super) fn code(mut self, code: Option<u32>) -> Self {
        self.code = code;
        self
    }

    pub(super) fn count(mut self, count: u64) -> Self {
        self.count = Some(count);
        self
    }

    pub(super) fn amount(mut self, amount: Decimal, currency: Option<&str>) -> Self {
        self.amount = Some(amount.into());
        self.currency = currency.map(str::to_ascii_uppercase);
        self
    }

    /// Returns what it is about, as logs may show it: `PN… (…0100)`, or only the SID.
    #[must_use]
    pub fn subject(&self) -> String {
        match &self.number {
            Some(number) => format!("{} ({})", self.sid, number.masked()),
            None => self.sid.clone(),
        }
    }
}

/// A part of an audit that could not be read, or not whole. What depends on it was not checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Skipped {
    /// The part.
    pub part: AuditPart,
    /// What was not checked, in one sentence.
    pub what: String,
    /// Why, in one sentence.
    pub why: String,
    /// What to do about it, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub what_to_do: Option<String>,
    /// Twilio's error code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<u32>,
}

impl Skipped {
    pub(super) fn new(part: AuditPart, what: &str, why: impl Into<String>) -> Self {
        Self { part, what: what.to_owned(), why: why.into(), what_to_do: None, code: None }
    }

    pub(super) fn because(part: AuditPart, what: &str, error: &ProviderError) -> Self {
        Self {
            what_to_do: error.advice().map(str::to_owned),
            code: error.provider_code(),
            ..Self::new(part, what, error.to_string())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_survives_json_and_hides_its_number_in_debug() {
        let finding = Finding::new(FindingKind::IdleNumber, FindingSeverity::Notice, "PN1", "What.", "Do.")
            .number(&"+14155550100".into())
            .amount("1.15".parse().unwrap(), Some("usd"))
            .command("switchboard number release PN1");
        let json = serde_json::to_value(&finding).unwrap();
        assert_eq!((&json["kind"], &json["severity"]), (&"idle-number".into(), &"notice".into()));
        assert_eq!((&json["amount"], &json["currency"]), (&"1.15".into(), &"USD".into()));
        assert_eq!((&json["whatToDo"], json.get("code")), (&"Do.".into(), None));
        assert_eq!(serde_json::from_value::<Finding>(json).unwrap(), finding);
        assert_eq!(finding.subject(), "PN1 (…0100)");
        assert!(!format!("{finding:?}").contains("5550100"));
        assert_eq!("warning".parse(), Ok(FindingSeverity::Warning));
        assert_eq!("bad".parse::<FindingSeverity>(), Err(ParseSeverityError));
        assert!(FindingSeverity::Notice < FindingSeverity::Warning);
        assert!(FindingSeverity::Warning < FindingSeverity::Critical);
    }
}
