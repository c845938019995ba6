//! Time-outs and retries of requests to webhooks, which the fragment of a URL can override.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::webhook_client::{Failure, WebhookResponse};

/// The connection overrides in the fragment of a URL: `#ct=2000&rt=5000&tt=9000&rc=2&rp=5xx,ct`.
///
/// <https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides>
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ConnectionOverrides {
    pub(super) connect: Duration,
    /// The time-out of a whole attempt: the smaller one of Twilio's total time (`tt`) and read time (`rt`).
    pub(super) total: Duration,
    /// The number of attempts after the first one.
    pub(super) retries: u32,
    policies: Vec<String>,
}

impl ConnectionOverrides {
    /// Reads a fragment. Twilio's default applies where a setting is missing or out of range.
    pub(super) fn read(fragment: &str) -> Self {
        let value = |key: &str| {
            let pairs = fragment.split('&').filter_map(|pair| pair.split_once('='));
            pairs.filter(|(k, _)| *k == key).map(|(_, v)| v).next_back()
        };
        let number = |key: &str, range: RangeInclusive<u64>, own: u64| {
            value(key).and_then(|text| text.parse().ok()).filter(|n| range.contains(n)).unwrap_or(own)
        };
        let connect = number("ct", 100..=10_000, 5000);
        let total = number("tt", 100..=15_000, 15_000).min(number("rt", 100..=15_000, 15_000));
        let retries = number("rc", 0..=5, 1);
        let policies = value("rp").unwrap_or("ct").split(',').map(str::to_owned).collect();
        Self {
            connect: Duration::from_millis(connect),
            total: Duration::from_millis(total),
            retries: u32::try_from(retries).unwrap_or(1),
            policies,
        }
    }

    /// Returns whether the policies allow another attempt after this result.
    pub(super) fn repeats(&self, outcome: &Result<WebhookResponse, Failure>) -> bool {
        let policy = match outcome {
            Ok(answer) if (400..500).contains(&answer.status) => "4xx",
            Ok(answer) if answer.status >= 500 => "5xx",
            Err(Failure::Connect(_) | Failure::Dns(_)) => "ct",
            Err(Failure::Time(_)) => "rt",
            _ => return false,
        };
        self.policies.iter().any(|p| p == policy || p == "all")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_fragment_does_not_say_is_twilios_own() {
        let own = ConnectionOverrides::read("");
        assert_eq!((own.connect.as_secs(), own.total.as_secs(), own.retries), (5, 15, 1));
        assert!(own.repeats(&Err(Failure::Connect(String::new()))));
        assert!(!own.repeats(&Err(Failure::Time(own.total))));
        assert_eq!(ConnectionOverrides::read("ct=99&rc=6&tt=x&e=dublin"), own);
        let set = ConnectionOverrides::read("ct=200&tt=900&rt=300&rc=0&rp=rt,5xx");
        assert_eq!((set.connect.as_millis(), set.total.as_millis(), set.retries), (200, 300, 0));
        assert!(set.repeats(&Err(Failure::Time(set.total))));
        assert!(ConnectionOverrides::read("rp=all").repeats(&Err(Failure::Connect(String::new()))));
    }
}
