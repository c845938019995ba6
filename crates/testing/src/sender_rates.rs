//! How fast senders send, and what waits in their queues.

use std::collections::BTreeMap;
use std::time::Duration;

/// How much may wait, in time: ten hours of sending, or four hours for WhatsApp and other channels.
const QUEUE: Duration = Duration::from_secs(10 * 3600);
const CHANNEL_QUEUE: Duration = Duration::from_secs(4 * 3600);

/// The toll-free area codes of North America.
const TOLL_FREE: [&str; 7] = ["+1800", "+1833", "+1844", "+1855", "+1866", "+1877", "+1888"];

/// How many segments each sender sends in a second, and how long its queue may become.
///
/// With these rates a message stays `queued` until it is its turn: the messages of one sender leave its queue in the order in
/// which they came in. Without a rate of its own, a sender has the rate that Twilio documents:
///
/// | sender | segments a second |
/// |---|---|
/// | long code of the United States or Canada | 1 |
/// | toll-free number | 3 |
/// | long code of another country, alphanumeric sender | 10 |
/// | WhatsApp and other channels | 80 |
/// | short code | 100 |
///
/// A message to a messaging service waits in the queue of the number that the service picks, unless the service has a
/// [rate](Self::rate) of its own: then all its messages wait in one queue of the service.
///
/// When a queue is full, a create that names the number as `From` is refused with 21611. A message to a messaging service is
/// accepted and then fails with 30001. A message that waits longer than its `ValidityPeriod` fails with 30036.
///
/// ```
/// use std::time::Duration;
/// use switchboard_testing::{FakeEngine, SenderRates};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut twilio = FakeEngine::new(1, "2026-01-05T09:00:00Z".parse()?);
/// twilio.set_sender_rates(SenderRates::new().queue_length(Duration::from_secs(2)));
/// let messages = format!("/2010-04-01/Accounts/{}/Messages.json", twilio.account_sid());
/// let from = twilio.phone_number().to_owned();
/// let text = [("To", "+14155551234"), ("From", &from), ("Body", "Hello")];
///
/// assert_eq!(twilio.post(&messages, &text)?.status, 201);
/// assert_eq!(twilio.post(&messages, &text)?.status, 201);
/// assert_eq!(twilio.post(&messages, &text)?.json()["code"], 21611);
/// assert_eq!(twilio.sender_queue(&from).wait, Duration::from_secs(2));
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Default)]
pub struct SenderRates {
    rates: BTreeMap<String, u32>,
    queue_length: Option<Duration>,
    full_status: Option<u16>,
}

impl SenderRates {
    /// Begins with the rates that Twilio documents.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the rate of one sender: a number, or the SID of a messaging service. 0 counts as 1.
    #[must_use]
    pub fn rate(mut self, sender: impl Into<String>, segments_per_second: u32) -> Self {
        self.rates.insert(sender.into(), segments_per_second.max(1));
        self
    }

    /// Sets how long the queue of every sender may become: the time that sending what waits would take. Without it that is
    /// ten hours, and four hours for channels such as WhatsApp.
    #[must_use]
    pub const fn queue_length(mut self, length: Duration) -> Self {
        self.queue_length = Some(length);
        self
    }

    /// Sets the HTTP status that comes with 21611: 400 unless set. Twilio does not document it, and 429 was seen, too.
    #[must_use]
    pub const fn full_status(mut self, status: u16) -> Self {
        self.full_status = Some(status);
        self
    }

    pub(super) fn has_rate(&self, sender: &str) -> bool {
        self.rates.contains_key(sender)
    }

    pub(super) fn rate_of(&self, sender: &str) -> u32 {
        self.rates.get(sender).copied().unwrap_or_else(|| default_rate(sender))
    }

    /// Returns how many segments may wait for a sender.
    pub(super) fn capacity_of(&self, sender: &str) -> u64 {
        let default = if sender.contains(':') { CHANNEL_QUEUE } else { QUEUE };
        let length = self.queue_length.unwrap_or(default).as_millis();
        u64::try_from(length * u128::from(self.rate_of(sender)) / 1000).unwrap_or(u64::MAX)
    }

    pub(super) fn refusal_status(&self) -> u16 {
        self.full_status.unwrap_or(400)
    }
}

fn default_rate(sender: &str) -> u32 {
    let is_toll_free = || TOLL_FREE.iter().any(|code| sender.starts_with(code));
    match sender.as_bytes() {
        _ if sender.contains(':') => 80,
        [b'+', b'1', ..] if is_toll_free() => 3,
        [b'+', b'1', ..] => 1,
        [b'0'..=b'9', ..] if sender.bytes().all(|byte| byte.is_ascii_digit()) => 100,
        _ => 10,
    }
}

/// What waits to be sent by one sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct SenderQueue {
    /// The messages that wait.
    pub messages: usize,
    /// Their segments.
    pub segments: u64,
    /// How long a message that is created now would wait.
    pub wait: Duration,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_sender_has_its_rate_and_its_queue() {
        let rates = SenderRates::new().rate("+14155550101", 5).rate("MG1", 0);
        for (sender, rate, capacity) in [
            ("+14155550100", 1, 36_000),
            ("+18335550100", 3, 108_000),
            ("+18125550100", 1, 36_000),
            ("+442071838750", 10, 360_000),
            ("72345", 100, 3_600_000),
            ("ACME Ltd", 10, 360_000),
            ("whatsapp:+14155238886", 80, 1_152_000),
            ("+14155550101", 5, 180_000),
            ("MG1", 1, 36_000),
        ] {
            assert_eq!((rates.rate_of(sender), rates.capacity_of(sender)), (rate, capacity), "{sender}");
        }
        let short = SenderRates::new().queue_length(Duration::from_millis(1500));
        assert_eq!((short.capacity_of("72345"), short.capacity_of("whatsapp:+14155238886")), (150, 120));
        assert_eq!(SenderRates::new().queue_length(Duration::MAX).capacity_of("72345"), u64::MAX);
    }
}
