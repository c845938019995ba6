//! How many requests of a tenant are served.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use http::StatusCode;
use switchboard::ErrorCode;

use crate::answer::Problem;

const PER_SECOND: u32 = 1_000;
/// How often tenants that rest are forgotten, in requests.
const TIDY_EVERY: u32 = 65_536;

/// A clone is the same limit.
#[derive(Clone)]
pub(crate) struct RateLimit {
    limiter: Arc<DefaultKeyedRateLimiter<String>>,
    asked: Arc<AtomicU32>,
}

impl Default for RateLimit {
    fn default() -> Self {
        Self::per_second(PER_SECOND)
    }
}

impl RateLimit {
    pub(crate) fn per_second(requests: u32) -> Self {
        let requests = NonZeroU32::new(requests).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(requests)
            .allow_burst(requests.saturating_mul(NonZeroU32::MIN.saturating_add(2)));
        Self { limiter: Arc::new(RateLimiter::keyed(quota)), asked: Arc::default() }
    }

    pub(crate) fn check(&self, tenant: &str) -> Result<(), Problem> {
        if self.asked.fetch_add(1, Ordering::Relaxed) % TIDY_EVERY == TIDY_EVERY - 1 {
            self.limiter.retain_recent();
        }
        let key = tenant.to_owned();
        self.limiter.check_key(&key).map_err(|until| {
            let wait = until.wait_time_from(DefaultClock::default().now());
            let said = "too many requests: wait a moment";
            Problem::new(StatusCode::TOO_MANY_REQUESTS, ErrorCode::RateLimited, said)
                .retry_after(wait.as_secs().saturating_add(1))
        })
    }
}
