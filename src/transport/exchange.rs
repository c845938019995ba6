//! An exchange: one request and its repeats, within one deadline.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Method, StatusCode};
use serde::de::DeserializeOwned;
use tokio::time::Instant;
use tracing::Instrument as _;
use url::Url;

use super::attempt::{Answer, Failure, Interpret, unless_stopped};
use super::client::Transport;
use super::handover::earlier;
use super::path::url_under;
use crate::provider::{
    ApiRequest, ApiResponse, Earlier, Outcome, ProviderError, Repeat, RequestBody, path_template, verdict,
};

/// A request that is ready to be sent: its URL, its headers, and the [`Interpret`] for its answer.
pub struct Exchange<'a> {
    pub(super) request: &'a ApiRequest,
    pub(super) url: Cow<'a, Url>,
    pub(super) headers: Cow<'a, HeaderMap>,
    pub(super) interpret: &'a dyn Interpret,
}

impl<'a> Exchange<'a> {
    /// Prepares a request: fills the placeholders of its path, appends path and query to `base`, and adds the content
    /// type of its body if `headers` have none. `headers` contain the authentication.
    ///
    /// # Errors
    /// `INVALID_REQUEST` where the request has a [problem](ApiRequest::problem), or where its path would lead out of
    /// `base`. In both cases nothing is sent.
    pub fn new(
        base: &Url,
        mut headers: HeaderMap,
        request: &'a ApiRequest,
        interpret: &'a dyn Interpret,
    ) -> Result<Self, ProviderError> {
        let by_us = |error: ProviderError| error.with_provider(interpret.provider());
        let url = url_under(base, request).map_err(by_us)?;
        if let Some(kind) = content_type(request.body_ref()) {
            headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static(kind));
        }
        Ok(Self { request, url: Cow::Owned(url), headers: Cow::Owned(headers), interpret })
    }

    /// Makes an exchange of parts that were prepared and checked before.
    pub(crate) const fn prepared(
        url: Cow<'a, Url>,
        headers: &'a HeaderMap,
        request: &'a ApiRequest,
        interpret: &'a dyn Interpret,
    ) -> Self {
        Self { request, url, headers: Cow::Borrowed(headers), interpret }
    }

    pub(super) fn body(&self) -> Bytes {
        match self.request.body_ref() {
            RequestBody::Form(form) => Bytes::copy_from_slice(form.as_bytes()),
            RequestBody::Json(json) => json.clone(),
            RequestBody::Empty => Bytes::new(),
        }
    }

    /// Completes the error of a success whose JSON cannot be read.
    fn unreadable(&self, error: ProviderError, answer: &ApiResponse) -> ProviderError {
        let mut error = self.named(error);
        if let Some(id) = self.interpret.made(answer.body()) {
            error = error.with_sid(id);
        }
        match self.interpret.request_id(answer.headers()) {
            Some(id) => error.with_request_id(id),
            None => error,
        }
    }

    /// Adds the provider and the recipient to an error.
    fn named(&self, error: ProviderError) -> ProviderError {
        let error = error.with_provider(self.interpret.provider());
        match self.request.recipient_ref() {
            Some(recipient) => error.with_recipient(recipient.clone()),
            None => error,
        }
    }
}

const fn content_type(body: &RequestBody) -> Option<&'static str> {
    match body {
        RequestBody::Form(_) => Some("application/x-www-form-urlencoded"),
        RequestBody::Json(_) => Some("application/json"),
        RequestBody::Empty => None,
    }
}

impl std::fmt::Debug for Exchange<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exchange").field("request", &self.request).finish_non_exhaustive()
    }
}

impl Transport {
    /// Sends a request, repeats it where that is safe, and returns the answer of a success, read whole.
    ///
    /// # Errors
    /// Any [`ProviderError`]: its outcome says what became of the request, by [`verdict`](super::verdict).
    pub async fn exchange(&self, exchange: Exchange<'_>) -> Result<ApiResponse, ProviderError> {
        self.whole(&exchange).await
    }

    /// Sends a request as [`exchange`](Self::exchange) does, and reads its answer as JSON.
    ///
    /// # Errors
    /// Any [`ProviderError`]. Where the answer cannot be read as `T`, the request was still carried out: the outcome is
    /// then `Applied`, with the id of what was made if [`Interpret::made`] finds it.
    pub async fn json<T: DeserializeOwned>(
        &self,
        exchange: Exchange<'_>,
    ) -> Result<(T, HeaderMap), ProviderError> {
        let answer = self.whole(&exchange).await?;
        match answer.json() {
            Ok(value) => Ok((value, answer.headers().clone())),
            Err(error) => Err(exchange.unreadable(error, &answer)),
        }
    }

    async fn whole(&self, exchange: &Exchange<'_>) -> Result<ApiResponse, ProviderError> {
        match self.answer(exchange, false).await? {
            Answer::Whole(answer) => Ok(answer),
            Answer::Streamed(_) => Err(ProviderError::invalid_request("a streamed answer was not requested")),
        }
    }

    pub(super) async fn answer(
        &self,
        exchange: &Exchange<'_>,
        streamed: bool,
    ) -> Result<Answer, ProviderError> {
        let span = tracing::debug_span!(
            "request",
            method = %exchange.request.method(),
            path = &*path_template(exchange.request.path()),
            class = ?exchange.request.class_of(),
        );
        if span.is_disabled() {
            return self.repeat(exchange, streamed).await;
        }
        self.repeat(exchange, streamed).instrument(span).await
    }

    async fn repeat(&self, exchange: &Exchange<'_>, streamed: bool) -> Result<Answer, ProviderError> {
        let request = exchange.request;
        let begun = Instant::now();
        let deadline = begun.checked_add(request.own_timeouts().total.unwrap_or(self.limits.total));
        let last_begin = earlier(deadline, request.own_begin_by().and_then(|by| by.monotonic()));
        let max_attempts = request.own_max_attempts().unwrap_or(self.retry.max_attempts);
        let mut perhaps_done = false;
        let mut attempt = 0_u32;
        loop {
            attempt = attempt.saturating_add(1);
            let failure = match self.attempt(exchange, attempt, deadline, streamed).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let in_grace = request.grace().is_some_and(|grace| begun.elapsed() < grace);
            let Failure { seen, fact, error } = failure;
            let class = request.class_of();
            let earlier = Earlier { perhaps_done, in_grace };
            let verdict = verdict(seen, class, fact, earlier, request.duplicates_allowed());
            if verdict.is_done() {
                return Ok(no_content());
            }
            perhaps_done |= verdict.outcome() != Outcome::NotApplied;
            let error = exchange.named(error.with_verdict(verdict, class));
            let repeat = match verdict.repeat() {
                Repeat::No => false,
                Repeat::Counted => attempt < max_attempts,
                Repeat::Uncounted => true,
            };
            let wait = self.retry.wait(attempt, error.retry_after(), fastrand::f64());
            let left =
                last_begin.map_or(Duration::MAX, |last| last.saturating_duration_since(Instant::now()));
            // If the wait would leave no time for another attempt, the failure is returned at once.
            let repeat = repeat && !self.is_stopped();
            let Some(wait) = wait.filter(|wait| repeat && *wait < left) else { return Err(error) };
            let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
            tracing::debug!(attempt, wait_ms, code = %error.code(), "repeating");
            if let Some(hook) = &self.on_retry {
                hook(&RetryEvent { attempt, wait, error: &error });
            }
            if unless_stopped(self.stop.as_ref(), tokio::time::sleep(wait)).await.is_none() {
                return Err(error);
            }
        }
    }
}

/// The answer of a delete that was already carried out by an earlier attempt.
fn no_content() -> Answer {
    Answer::Whole(ApiResponse::new(StatusCode::NO_CONTENT, HeaderMap::new(), Bytes::new()))
}

/// Is it a `DELETE`? A repeat of one gets a 404 if an earlier attempt was carried out.
pub(super) fn is_delete(exchange: &Exchange<'_>) -> bool {
    exchange.request.method() == Method::DELETE
}

/// How often, and after which waits, a request that may be repeated is repeated; with full jitter.
///
/// *Whether* it may be repeated is not set here: that follows from its class and from the failure. The total time-out
/// limits all attempts together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// How often a request is sent at most, including the first time. Default: 3.
    pub max_attempts: u32,
    /// The longest first wait; each further wait may be twice as long as the one before. Default: 200 ms.
    pub base: Duration,
    /// The longest wait if the provider does not say how long. Default: 5 s.
    pub cap: Duration,
    /// The longest wait that a `Retry-After` may ask for. Default: 5 min.
    pub retry_after_cap: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 3,
            base: Duration::from_millis(200),
            cap: Duration::from_secs(5),
            retry_after_cap: Duration::from_secs(300),
        }
    }
}

impl RetryPolicy {
    /// Repeats nothing.
    #[must_use]
    pub fn never() -> Self {
        Self { max_attempts: 1, ..Self::default() }
    }

    /// Sets how often a request is sent at most; 0 counts as 1.
    #[must_use]
    pub const fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = if attempts == 0 { 1 } else { attempts };
        self
    }

    /// Sets the longest first wait.
    #[must_use]
    pub const fn base(mut self, base: Duration) -> Self {
        self.base = base;
        self
    }

    /// Sets the longest wait where the provider does not say how long.
    #[must_use]
    pub const fn cap(mut self, cap: Duration) -> Self {
        self.cap = cap;
        self
    }

    /// Sets the longest wait that a `Retry-After` may ask for; where it asks for more, the error is returned at once.
    #[must_use]
    pub const fn retry_after_cap(mut self, cap: Duration) -> Self {
        self.retry_after_cap = cap;
        self
    }

    /// Returns the wait before the attempt that follows number `attempt`; `random` is from 0 to 1. `None` where the
    /// provider asks for a longer wait than the policy allows.
    fn wait(&self, attempt: u32, retry_after: Option<Duration>, random: f64) -> Option<Duration> {
        let doubled =
            self.base.saturating_mul(1_u32.checked_shl(attempt.saturating_sub(1)).unwrap_or(u32::MAX));
        let longest = doubled.min(self.cap);
        // A very long duration can be rounded up as a float, to more than a `Duration` can hold.
        let jitter =
            Duration::try_from_secs_f64(longest.as_secs_f64() * random.clamp(0.0, 1.0)).unwrap_or(longest);
        match retry_after {
            // Never earlier than the provider asked for, and with jitter, so that clients do not all repeat at the same
            // moment.
            Some(asked) if asked > self.retry_after_cap => None,
            Some(asked) => Some(asked.saturating_add(jitter.min(asked / 10))),
            None => Some(jitter),
        }
    }
}

/// A repeat that is about to happen, for the hook that [`on_retry`](super::TransportBuilder::on_retry) sets.
#[derive(Debug)]
#[non_exhaustive]
pub struct RetryEvent<'a> {
    /// The number of the attempt that failed, from 1.
    pub attempt: u32,
    /// How long the wait before the next attempt is.
    pub wait: Duration,
    /// Why it failed.
    pub error: &'a ProviderError,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::ProviderName;

    struct Nobody;

    impl Interpret for Nobody {
        fn provider(&self) -> ProviderName {
            ProviderName::of("nobody")
        }
    }

    fn to(base: &str, request: &ApiRequest) -> Result<(String, HeaderMap), ProviderError> {
        let exchange = Exchange::new(&base.parse().unwrap(), HeaderMap::new(), request, &Nobody)?;
        Ok((exchange.url.to_string(), exchange.headers.into_owned()))
    }

    #[test]
    fn path_query_and_content_type_of_the_request_are_used() {
        let request = ApiRequest::post("/notes/{id}").segment("a/b").query([("q", "1")]).json([1]);
        let (url, headers) = to("https://api.example/v1/", &request).unwrap();
        assert_eq!(url, "https://api.example/v1/notes/a%2Fb?q=1");
        assert_eq!(headers.get(CONTENT_TYPE).unwrap(), "application/json");
        assert_eq!(
            to("https://api.example", &ApiRequest::get("notes")).unwrap().0,
            "https://api.example/notes"
        );
    }

    #[test]
    fn a_request_stays_under_its_base() {
        for path in ["/../x", "/%2e%2e/x", "/%252e%252e/x", "/..%2fx", "/x?y", "/x#y", "//evil.example/.."] {
            let error = to("https://api.example/v1", &ApiRequest::get(path)).unwrap_err();
            assert_eq!(error.provider(), Some(&ProviderName::of("nobody")), "{path}");
        }
        let odd = ApiRequest::post("/x").form(serde_json::json!({"to": {"number": "+1"}}));
        assert!(to("https://api.example", &odd).is_err());
    }

    #[test]
    fn waits_double_up_to_the_cap_and_are_spread_from_zero() {
        let policy = RetryPolicy::default().base(Duration::from_millis(100)).cap(Duration::from_millis(300));
        let longest: Vec<u128> = (1..5).map(|n| policy.wait(n, None, 1.0).unwrap().as_millis()).collect();
        assert_eq!(longest, [100, 200, 300, 300]);
        assert_eq!(policy.wait(3, None, 0.0), Some(Duration::ZERO));
        assert_eq!(policy.wait(u32::MAX, None, 1.0), Some(Duration::from_millis(300)));
        let unlimited = RetryPolicy::default().base(Duration::MAX).cap(Duration::MAX);
        assert_eq!(unlimited.wait(9, None, 1.0), Some(Duration::MAX));
    }

    #[test]
    fn the_wait_is_at_least_retry_after_which_is_capped() {
        let policy = RetryPolicy::default().retry_after_cap(Duration::from_secs(10));
        let asked = Duration::from_secs(2);
        for random in [0.0, 0.5, 1.0] {
            assert!(policy.wait(1, Some(asked), random) >= Some(asked));
        }
        assert_eq!(policy.wait(1, Some(Duration::from_secs(11)), 0.0), None);
        assert_eq!(policy.wait(1, Some(Duration::ZERO), 1.0), Some(Duration::ZERO));
    }
}
