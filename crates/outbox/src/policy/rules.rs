//! The policy: the rules that a program sets, and the question that the outbox asks for each message.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;
use switchboard::phone::{Address, E164};
use switchboard::provider::SendKind;
use switchboard::sms::{Destination, PriceList, destination};

use super::consent::Known;
use super::{
    Budget, Charge, Findings, Limit, Opening, Passes, Purpose, QuietHours, Ruling, Sending, Spend, TextRules,
    Velocity, budget, consent, emergency, velocity,
};
use crate::enqueue::{Enqueue, Payload};
use crate::error::OutboxError;
use crate::message::timestamp;
use crate::timing::Micros;

/// The version of the rule about countries. The rule itself is the program's list.
const COUNTRIES: &str = "2026-11-22";

/// How far a STOP reaches beyond the sender that it was sent to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OptOutReach {
    /// The sender, as at the provider.
    #[default]
    Sender,
    /// All senders of the tenants that use this sender.
    Tenant,
    /// Everything that this outbox sends.
    Everything,
}

/// What may be sent, when, and why not. Opt-outs always count; every other rule is off until it is set.
///
/// Not legal advice.
///
/// ```
/// use switchboard_outbox::policy::{Policy, Purpose, QuietHours, TextRules};
///
/// let policy = Policy::new()
///     .countries(["US", "CA"])?
///     .quiet_hours(QuietHours::standard())
///     .text_rules(TextRules::standard())
///     .require_consent(Purpose::Marketing);
/// # let _ = policy;
/// # Ok::<(), switchboard_outbox::OutboxError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Policy {
    countries: Option<BTreeSet<String>>,
    needs_consent: BTreeSet<Purpose>,
    reach: OptOutReach,
    budgets: Vec<Budget>,
    velocities: Vec<Velocity>,
    /// One for all clones, because it remembers answers.
    quiet_hours: Option<Arc<QuietHours>>,
    /// With their identity.
    text_rules: Option<(Arc<TextRules>, String)>,
    emergencies: Option<Budget>,
}

/// A rule of a policy, and the version of its data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RuleInForce {
    /// Its name: `quiet-hours`.
    pub rule: String,
    /// The version, usually a date.
    pub version: String,
}

/// One message, as far as the policy asks.
#[derive(Debug)]
pub(crate) struct About<'m> {
    pub(crate) kind: SendKind,
    pub(crate) to: &'m str,
    pub(crate) purpose: Purpose,
    pub(crate) zone: Option<&'m str>,
    pub(crate) known: Option<&'m Known>,
    /// The rules that it passes because it is an emergency.
    pub(crate) passes: Option<Passes>,
}

/// The answer about one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    /// It may be sent, and delivered until a time.
    Allow { until: Option<Micros> },
    /// It may not be sent before a time.
    Defer { until: Micros, because: Ruling },
    /// It may not be sent.
    Block(Ruling),
}

impl Policy {
    /// Asks for nothing but that opt-outs count.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Allows numbers of these countries only, each by its two letters of ISO 3166. Numbers of networks without a
    /// country, such as `+870`, are refused then, and addresses that are no numbers are allowed.
    ///
    /// # Errors
    /// [`OutboxError::Invalid`] if a code does not have two letters, or if the list is empty.
    pub fn countries<C: AsRef<str>>(
        mut self,
        countries: impl IntoIterator<Item = C>,
    ) -> Result<Self, OutboxError> {
        let mut allowed = BTreeSet::new();
        for country in countries {
            let code = country.as_ref().to_ascii_uppercase();
            if code.len() != 2 || !code.bytes().all(|byte| byte.is_ascii_uppercase()) {
                return Err(OutboxError::invalid("a country has two letters, such as US"));
            }
            allowed.insert(code);
        }
        if allowed.is_empty() {
            return Err(OutboxError::invalid("name at least one country, or set no list of countries"));
        }
        self.countries = Some(allowed);
        Ok(self)
    }

    /// Sends messages of this purpose only to people whose consent is recorded.
    #[must_use]
    pub fn require_consent(mut self, purpose: Purpose) -> Self {
        self.needs_consent.insert(purpose);
        self
    }

    /// Sets how far a STOP reaches beyond the sender that it was sent to. A START reverses the same.
    #[must_use]
    pub const fn opt_out_reach(mut self, reach: OptOutReach) -> Self {
        self.reach = reach;
        self
    }

    /// Adds a budget. Two budgets must have different names; the later one of a name counts.
    #[must_use]
    pub fn budget(mut self, budget: Budget) -> Self {
        self.budgets.retain(|other| other.name() != budget.name());
        self.budgets.push(budget);
        self
    }

    /// Allows [emergencies](super::Emergency), at most so many on a day (UTC). Beyond that they wait for the next day.
    #[must_use]
    pub fn emergencies(mut self, most_per_day: u64) -> Self {
        self.emergencies = Some(Budget::of_emergencies(most_per_day));
        self
    }

    /// Returns the rules that it has, each with the version of its data. Those of the program itself, such as budgets, have
    /// the version of their kind.
    #[must_use]
    pub fn in_force(&self) -> Vec<RuleInForce> {
        let rule =
            |rule: &str, version: &str| RuleInForce { rule: rule.to_owned(), version: version.to_owned() };
        let mut all = vec![rule("consent", consent::VERSION)];
        all.extend(self.countries.as_ref().map(|_| rule("countries", COUNTRIES)));
        all.extend(self.quiet_hours.as_ref().map(|hours| rule("quiet-hours", hours.version())));
        all.extend(self.text_rules.as_ref().map(|(texts, _)| rule("text", texts.version())));
        all.extend(self.budgets.iter().map(|_| rule("budget", budget::VERSION)).take(1));
        all.extend(self.velocities.iter().map(|_| rule("velocity", velocity::VERSION)).take(1));
        all.extend(self.emergencies.as_ref().map(|_| rule("emergency", emergency::VERSION)));
        all
    }

    /// What a message uses of each budget, or the rule that refuses it.
    pub(crate) fn charges(&self, spend: &Spend<'_>, at: Micros) -> Result<Vec<Charge>, Ruling> {
        let emergencies = match (spend.is_emergency, &self.emergencies) {
            (true, None) => return Err(emergency::not_allowed()),
            (true, Some(budget)) => Some(budget),
            (false, _) => None,
        };
        let budgets = self.budgets.iter().chain(emergencies);
        let counting = budgets.filter(|budget| budget.counts(spend));
        counting.map(|budget| budget.charge(spend, timestamp(at))).collect()
    }

    /// Adds a limit on how many messages go to one recipient, or to one range of numbers. Of two that count the same
    /// messages in the same window, the later one counts.
    #[must_use]
    pub fn velocity(mut self, velocity: Velocity) -> Self {
        self.velocities.retain(|other| !other.counts_as(&velocity));
        self.velocities.push(velocity);
        self
    }

    /// Does it have rules that count what was sent recently?
    pub(crate) const fn has_velocity(&self) -> bool {
        !self.velocities.is_empty()
    }

    /// What the limits say about a message whose request begins at a time at the latest.
    pub(crate) fn limits(&self, sending: &Sending<'_>, begins: Micros) -> Vec<Limit<'_>> {
        self.velocities.iter().filter_map(|velocity| velocity.limit(sending, begins)).collect()
    }

    /// The prices of a budget.
    pub(crate) fn prices(&self) -> Option<&PriceList> {
        self.budgets.iter().find_map(Budget::prices)
    }

    pub(crate) const fn reach(&self) -> OptOutReach {
        self.reach
    }

    pub(crate) fn needs_consent(&self, purpose: Purpose) -> bool {
        self.needs_consent.contains(&purpose)
    }

    /// Delays messages in quiet hours until their window opens, and limits how long the provider may try to deliver a
    /// text to the end of its window. By default, this applies to [marketing](Purpose::Marketing).
    #[must_use]
    pub fn quiet_hours(mut self, quiet_hours: QuietHours) -> Self {
        self.quiet_hours = Some(Arc::new(quiet_hours));
        self
    }

    /// Refuses texts that carriers filter or that the provider forbids, before anything is enqueued. A text of a template
    /// at the provider, and what a call says, is not known or not read.
    ///
    /// What only deserves a warning is sent. [`findings`](Self::findings) shows it, and the outbox logs it as an event
    /// `warned`: once for a message, and for each rule once for the import of a campaign.
    #[must_use]
    pub fn text_rules(mut self, text_rules: TextRules) -> Self {
        let identity = text_rules.identity();
        self.text_rules = Some((Arc::new(text_rules), identity));
        self
    }

    /// Returns what the text rules find in a message, warnings too; `None` without text rules, or if the message has no
    /// text of its own.
    #[must_use]
    pub fn findings(&self, message: &Enqueue) -> Option<Findings<'_>> {
        self.text_findings(&message.payload, message.purpose)
    }

    pub(crate) fn text_findings(&self, payload: &Payload, purpose: Purpose) -> Option<Findings<'_>> {
        let (Some((rules, _)), Payload::Text(message)) = (&self.text_rules, payload) else { return None };
        Some(rules.check(message.text.as_ref()?.as_str(), purpose))
    }

    /// The text rule that refuses a message.
    pub(crate) fn refuses_text(&self, payload: &Payload, purpose: Purpose) -> Option<Ruling> {
        self.text_findings(payload, purpose)?.ruling()
    }

    /// The same for a stored message, if it was not held against the same rules when it was enqueued.
    pub(crate) fn refuses_request(
        &self,
        request: &str,
        purpose: Purpose,
        held_against: Option<&str>,
    ) -> Option<Ruling> {
        let (_, identity) = self.text_rules.as_ref()?;
        if held_against == Some(identity) {
            return None;
        }
        self.refuses_text(&serde_json::from_str(request).ok()?, purpose)
    }

    /// The identity of the text rules.
    pub(crate) fn text_version(&self) -> Option<String> {
        self.text_rules.as_ref().map(|(_, identity)| identity.clone())
    }

    /// Decides about a message at a time.
    pub(crate) fn ask(&self, about: &About<'_>, at: Micros) -> Asked {
        let refused = match about.passes {
            Some(Passes::ConsentToo) => None,
            _ => Known::refuses(about.known, self.needs_consent(about.purpose)),
        };
        match refused.or_else(|| self.country(about.to)) {
            Some(because) => Asked::Block(because),
            None => self.quiet(about, at),
        }
    }

    /// Returns the rule that will always refuse a message, whatever the time and the recipient's consent.
    pub(crate) fn refuses(&self, about: &About<'_>, at: Micros) -> Option<Ruling> {
        if let Some(because) = self.country(about.to) {
            return Some(because);
        }
        match self.quiet(about, at) {
            Asked::Block(because) => Some(because),
            _ => None,
        }
    }

    fn quiet(&self, about: &About<'_>, at: Micros) -> Asked {
        let Some(quiet_hours) = self.quiet_hours.as_ref().filter(|_| about.passes.is_none()) else {
            return Asked::Allow { until: None };
        };
        let About { kind, purpose, zone, .. } = *about;
        let to = Address::from(about.to);
        match quiet_hours.decide_for(kind, &to, purpose, zone, timestamp(at)) {
            Opening::Open { until, .. } => Asked::Allow { until: until.map(Timestamp::as_microsecond) },
            Opening::Closed { opens, because } => Asked::Defer { until: opens.as_microsecond(), because },
            Opening::Never { because } => Asked::Block(because),
        }
    }

    fn country(&self, to: &str) -> Option<Ruling> {
        let allowed = self.countries.as_ref()?;
        let (_, number) = to.rsplit_once(':').unwrap_or(("", to));
        let place = match destination(&E164::parse(number).ok()?) {
            Destination::Country(country) if allowed.contains(country) => return None,
            Destination::Country(country) => country.to_owned(),
            Destination::Code(code) => code,
            _ => "an unknown country".to_owned(),
        };
        let list: Vec<&str> = allowed.iter().map(String::as_str).collect();
        let reason = format!(
            "messages to {place} are not allowed, only to {}: add the country to the policy if you want to send there",
            list.join(", ")
        );
        Some(Ruling::new("countries", COUNTRIES, reason))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn country(to: &str) -> bool {
        let (kind, purpose) = (SendKind::Text, Purpose::Marketing);
        let about = About { kind, to, purpose, zone: None, known: None, passes: None };
        Policy::new().countries(["us", "CA"]).unwrap().refuses(&about, 0).is_some()
    }

    #[test]
    fn only_numbers_of_the_listed_countries_are_allowed() {
        assert!(!country("+14155551234"));
        assert!(!country("+16135551234"));
        assert!(!country("whatsapp:+14155551234"));
        assert!(country("+442071234567"));
        assert!(country("whatsapp:+442071234567"));
        assert!(country("+12425551234"), "the Bahamas");
        assert!(country("+870776123456"));
        assert!(!country("messenger:1234"));
    }

    #[test]
    fn a_list_of_countries_is_checked() {
        assert!(Policy::new().countries(["USA"]).is_err());
        assert!(Policy::new().countries(Vec::<String>::new()).is_err());
    }
}
