//! Velocity: how many messages may go to one recipient, or to the numbers of one range, in a certain time.

mod count;

use std::time::Duration;

use switchboard::phone::E164;
use switchboard::provider::SendKind;

pub(crate) use self::count::{Count, Counter, Counting, Exceeded, Limit, Recent};

use super::{Purpose, Ruling};
use crate::error::OutboxError;
use crate::timing::{Micros, micros};

/// The version of the rules below. The limits are the program's.
pub(super) const VERSION: &str = "2026-11-22";
/// The number of digits of a number that are not part of its prefix: ranges of 10,000 numbers are given to operators.
const LAST_DIGITS: usize = 4;
/// Up to this limit, the time of each message is stored. Above it, the window is divided into this many parts.
const PARTS: i64 = 24;
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(400 * 24 * 3_600);

/// A limit on how many messages are sent in a window of time, which slides: to one recipient, or to the numbers with the
/// same first digits.
///
/// A message counts when it is marked to be sent, from the latest time at which its request may begin. What surely was not
/// sent is given back, if its worker learns it from the answer; what a crash left unknown counts. Counting begins when the
/// rule is set, so set it on all workers.
///
/// By default, a message beyond the limit waits until it may be sent. With limits above 24, the window is counted in 24
/// parts, so that a message waits up to a 24th of the window longer. The limit is never passed, whatever the number of
/// workers.
///
/// A number is the same recipient in texts, in calls, and on each channel. Emergencies pass this rule, and do not count.
///
/// ```
/// use std::time::Duration;
///
/// use switchboard_outbox::policy::{Policy, Purpose, Velocity};
///
/// const HOUR: Duration = Duration::from_secs(3_600);
/// let policy = Policy::new()
///     // Florida allows three sales messages to a person in 24 hours (Florida Statutes 501.616 (6)(b)).
///     .velocity(Velocity::per_recipient(3, 24 * HOUR)?)
///     // Somebody who asks for thousands of codes uses numbers of one range.
///     .velocity(Velocity::per_prefix(100, HOUR)?.block())
///     .velocity(Velocity::per_recipient(5, HOUR)?.purpose(Purpose::Transactional).block());
/// # let _ = policy;
/// # Ok::<(), switchboard_outbox::OutboxError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Velocity {
    each: Each,
    most: i64,
    window: Duration,
    purpose: Option<Purpose>,
    kind: Option<SendKind>,
    each_tenant: bool,
    blocks: bool,
}

/// Which messages are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Each {
    Recipient,
    /// With the number of first digits; `None`: all but the last four.
    Prefix(Option<u8>),
}

/// What the rules ask about a message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sending<'m> {
    pub(crate) kind: SendKind,
    pub(crate) to: &'m str,
    pub(crate) tenant: &'m str,
    pub(crate) purpose: Purpose,
}

impl Velocity {
    /// Limits the marketing messages to one recipient. The others follow with [`purpose`](Self::purpose) or
    /// [`every_purpose`](Self::every_purpose).
    ///
    /// # Errors
    /// [`OutboxError::Invalid`] if nothing would be allowed, or if the window is shorter than a second or longer than 400
    /// days.
    pub fn per_recipient(most: u32, window: Duration) -> Result<Self, OutboxError> {
        Self::new(Each::Recipient, most, window, Some(Purpose::Marketing))
    }

    /// Limits the messages to numbers with the same prefix: all digits but the last four, with the country code. The prefix
    /// of +1 415 555 1234 is `+1415555`, which begins a range of 10,000 numbers.
    ///
    /// Addresses that are no numbers have no prefix, and do not count.
    ///
    /// # Errors
    /// As [`per_recipient`](Self::per_recipient).
    pub fn per_prefix(most: u32, window: Duration) -> Result<Self, OutboxError> {
        Self::new(Each::Prefix(None), most, window, None)
    }

    fn new(each: Each, most: u32, window: Duration, purpose: Option<Purpose>) -> Result<Self, OutboxError> {
        if most == 0 {
            return Err(OutboxError::invalid("a limit of 0 sends nothing: allow at least one message"));
        }
        if !(SHORTEST..=LONGEST).contains(&window) {
            return Err(OutboxError::invalid("the window of a limit has between one second and 400 days"));
        }
        let most = i64::from(most);
        Ok(Self { each, most, window, purpose, kind: None, each_tenant: false, blocks: false })
    }

    /// Takes the first digits of a number as its prefix, with the country code: `4` for `+1415…`.
    ///
    /// # Errors
    /// [`OutboxError::Invalid`] if the limit is one for each recipient, or if there are not 1 to 15 digits.
    pub fn first_digits(mut self, digits: u8) -> Result<Self, OutboxError> {
        if self.each == Each::Recipient || !(1..=15).contains(&digits) {
            return Err(OutboxError::invalid(
                "only a limit for each prefix has first digits, 1 to 15 of them",
            ));
        }
        self.each = Each::Prefix(Some(digits));
        Ok(self)
    }

    /// Counts the messages for this purpose only.
    #[must_use]
    pub const fn purpose(mut self, purpose: Purpose) -> Self {
        self.purpose = Some(purpose);
        self
    }

    /// Counts the messages for every purpose.
    #[must_use]
    pub const fn every_purpose(mut self) -> Self {
        self.purpose = None;
        self
    }

    /// Counts texts only, or calls only.
    #[must_use]
    pub const fn kind(mut self, kind: SendKind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// Counts the messages of each tenant apart.
    #[must_use]
    pub const fn each_tenant(mut self) -> Self {
        self.each_tenant = true;
        self
    }

    /// Refuses a message beyond the limit, instead of letting it wait.
    #[must_use]
    pub const fn block(mut self) -> Self {
        self.blocks = true;
        self
    }

    /// Do both count the same messages?
    pub(super) fn counts_as(&self, other: &Self) -> bool {
        (self.each, self.each_tenant) == (other.each, other.each_tenant) && self.rule() == other.rule()
    }

    /// What the messages that it counts have in common, except recipient and tenant: `recipient 86400s marketing`.
    fn rule(&self) -> String {
        let mut rule = match self.each {
            Each::Recipient => "recipient".to_owned(),
            Each::Prefix(None) => "prefix".to_owned(),
            Each::Prefix(Some(digits)) => format!("prefix {digits}"),
        };
        rule += &format!(" {:?}", self.window);
        rule += self.purpose.map_or("", |purpose| match purpose {
            Purpose::Transactional => " transactional",
            Purpose::Marketing => " marketing",
        });
        rule += match self.kind {
            None => "",
            Some(SendKind::Text) => " text",
            Some(SendKind::Call) => " call",
        };
        rule
    }

    /// What this rule says about a message whose request begins at a time at the latest; `None` if it does not count.
    pub(super) fn limit(&self, sending: &Sending<'_>, begins: Micros) -> Option<Limit<'_>> {
        let counts = self.purpose.is_none_or(|purpose| purpose == sending.purpose)
            && self.kind.is_none_or(|kind| kind == sending.kind);
        if !counts {
            return None;
        }
        let who = match self.each {
            Each::Recipient => person(sending.to),
            Each::Prefix(digits) => prefix(sending.to, digits)?,
        };
        let scope = if self.each_tenant { format!("tenant {}", sending.tenant) } else { "all".to_owned() };
        let counter = Counter { who, rule: self.rule(), scope };
        Some(Limit { velocity: self, counter, until: self.until(begins) })
    }

    /// Until when a message counts: to the end of the part of the window in which it is sent, and a window longer.
    fn until(&self, begins: Micros) -> Micros {
        let window = micros(self.window);
        let part = if self.most <= PARTS { 1 } else { (window / PARTS).max(1) };
        let part_end = begins.saturating_add(part - 1).div_euclid(part).saturating_mul(part);
        part_end.saturating_add(window)
    }

    /// The reason names no number, and no part of one.
    fn exceeded(&self) -> Ruling {
        let (rule, whose) = match self.each {
            Each::Recipient => ("velocity/recipient", "to one recipient"),
            Each::Prefix(_) => ("velocity/prefix", "to numbers with the same first digits"),
        };
        let (what, most) = (self.what(), self.most);
        let reached = format!("at most {most} {what} in {} go {whose}, and as many went", span(self.window));
        let reason = match (self.blocks, self.each) {
            (false, _) => format!("{reached}: the message waits"),
            (true, Each::Recipient) => format!("{reached}: send it later, under another key"),
            (true, Each::Prefix(_)) => format!(
                "{reached}: check whether somebody makes you send to many numbers of one range, and raise the limit if not"
            ),
        };
        Ruling::new(rule, VERSION, reason)
    }

    fn what(&self) -> String {
        let kind = match self.kind {
            None => "messages",
            Some(SendKind::Text) => "texts",
            Some(SendKind::Call) => "calls",
        };
        self.purpose.map_or(kind.to_owned(), |purpose| format!("{} {kind}", purpose.as_str()))
    }
}

/// The number, on whatever channel; or the whole address if it is no number.
pub(crate) fn person(to: &str) -> String {
    number(to).map_or_else(|| to.to_owned(), |number| number.as_str().to_owned())
}

fn prefix(to: &str, digits: Option<u8>) -> Option<String> {
    let number = number(to)?;
    let number = number.as_str();
    let plus_and_digits = match digits {
        Some(digits) => usize::from(digits) + 1,
        None => number.len().saturating_sub(LAST_DIGITS).max(2),
    };
    Some(number.get(..plus_and_digits).unwrap_or(number).to_owned())
}

fn number(to: &str) -> Option<E164> {
    let (_, number) = to.rsplit_once(':').unwrap_or(("", to));
    E164::parse(number).ok()
}

/// `24 hours`, `90 seconds`.
fn span(window: Duration) -> String {
    let seconds = window.as_secs();
    let (many, unit) = match seconds {
        _ if window.subsec_nanos() > 0 => return format!("{window:?}"),
        _ if seconds.is_multiple_of(3_600) => (seconds / 3_600, "hour"),
        _ if seconds.is_multiple_of(60) => (seconds / 60, "minute"),
        _ => (seconds, "second"),
    };
    format!("{many} {unit}{}", if many == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests;
