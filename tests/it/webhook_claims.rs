//! Webhooks whose claims store or token source fails or is slow.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use switchboard::http::StatusCode;
use switchboard::secret::Secret;
use switchboard::twilio::webhook::{
    Answer, Binding, Claim, ClaimError, Claims, InboundMessage, MemoryClaims, TenantVerifier, Ticket,
    TokenError, TokenSource, TwilioWebhook, WebhookDelivery, Webhooks,
};
use tokio::sync::{Notify, Semaphore};

use crate::webhooks::{Counted, SMS, Site, hooks};

/// A claims store that fails, like a database that is down.
#[derive(Debug, Default)]
struct Broken {
    inner: MemoryClaims,
    asked: AtomicUsize,
    bound: AtomicUsize,
}

#[async_trait::async_trait]
impl Claims for Broken {
    async fn claim(&self, delivery: &WebhookDelivery<'_>, lease: Duration) -> Result<Claim, ClaimError> {
        if self.asked.fetch_add(1, Ordering::SeqCst) == 0 {
            return Err(ClaimError::new("no connection"));
        }
        self.inner.claim(delivery, lease).await
    }

    async fn settle(&self, _: &str, _: Ticket, _: &Answer) -> Result<(), ClaimError> {
        Err(ClaimError::new("no connection"))
    }

    async fn renew(&self, key: &str, ticket: Ticket, lease: Duration) -> Result<bool, ClaimError> {
        self.inner.renew(key, ticket, lease).await
    }

    async fn release(&self, _: &str, _: Ticket, _: StatusCode) -> Result<(), ClaimError> {
        Err(ClaimError::new("no connection"))
    }

    async fn bind(&self, signature: &str, content: &str) -> Result<Binding, ClaimError> {
        if self.bound.fetch_add(1, Ordering::SeqCst) == 0 {
            return Err(ClaimError::new("no connection"));
        }
        self.inner.bind(signature, content).await
    }
}

#[tokio::test]
async fn if_claims_fail_nothing_is_handled_and_a_given_answer_is_not_lost() {
    async fn sms(State(runs): State<Arc<Semaphore>>, TwilioWebhook(_): TwilioWebhook<InboundMessage>) {
        runs.add_permits(1);
    }
    let runs = Arc::new(Semaphore::new(0));
    let site = Site::start(|verifier| {
        let routes = Router::new().route("/sms", post(sms));
        hooks(verifier).claims(Broken::default()).protect(routes).with_state(Arc::clone(&runs))
    })
    .await;
    // No handler runs, neither if signatures cannot be bound nor if deliveries cannot be claimed.
    for _ in 0..2 {
        assert_eq!(site.send("/sms", SMS).await.0, 503);
        assert_eq!(runs.available_permits(), 0);
    }
    assert_eq!(site.send("/sms", SMS).await.0, 200);
    assert_eq!(runs.available_permits(), 1);
}

/// A slow claims store, like one behind a slow connection.
#[derive(Debug)]
struct Slow {
    inner: MemoryClaims,
    claim: Arc<Notify>,
    settle: Arc<Notify>,
}

#[async_trait::async_trait]
impl Claims for Slow {
    async fn claim(&self, delivery: &WebhookDelivery<'_>, lease: Duration) -> Result<Claim, ClaimError> {
        self.claim.notified().await;
        self.inner.claim(delivery, lease).await
    }

    async fn settle(&self, key: &str, ticket: Ticket, answer: &Answer) -> Result<(), ClaimError> {
        self.settle.notified().await;
        self.inner.settle(key, ticket, answer).await
    }

    async fn renew(&self, key: &str, ticket: Ticket, lease: Duration) -> Result<bool, ClaimError> {
        self.inner.renew(key, ticket, lease).await
    }

    async fn release(&self, key: &str, ticket: Ticket, status: StatusCode) -> Result<(), ClaimError> {
        self.inner.release(key, ticket, status).await
    }

    async fn bind(&self, signature: &str, content: &str) -> Result<Binding, ClaimError> {
        self.inner.bind(signature, content).await
    }
}

#[tokio::test]
async fn slow_claims_neither_delay_an_answer_nor_lose_a_delivery() {
    async fn sms(
        State(counted): State<Counted>,
        TwilioWebhook(_): TwilioWebhook<InboundMessage>,
    ) -> &'static str {
        counted.run();
        "at once"
    }
    let (claim, settle) = (Arc::<Notify>::default(), Arc::<Notify>::default());
    let claims = Slow { inner: MemoryClaims::new(), claim: Arc::clone(&claim), settle: Arc::clone(&settle) };
    let counted = Counted::default();
    let site = Site::start(|verifier| {
        hooks(verifier)
            .claims(claims)
            .answer_within(Duration::from_millis(100))
            .protect(Router::new().route("/sms", post(sms)))
            .with_state(counted.clone())
    })
    .await;
    claim.notify_one();
    assert_eq!(site.send("/sms", SMS).await, (200, "at once".to_owned()));
    settle.notify_one();
    // The claim is not decided yet and Twilio does not wait; once it is granted, the delivery is handled.
    assert_eq!(site.send("/sms", &[("MessageSid", "SM2"), ("Body", "x")]).await.0, 503);
    assert_eq!(counted.runs(), 1);
    claim.notify_one();
    while counted.runs() == 1 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_claim_is_renewed_while_its_handler_runs() {
    async fn sms(
        State(counted): State<Counted>,
        TwilioWebhook(_): TwilioWebhook<InboundMessage>,
    ) -> &'static str {
        counted.run();
        counted.gate().notified().await;
        "late"
    }
    let counted = Counted::default();
    let site = Site::start(|verifier| {
        hooks(verifier)
            .lease(Duration::from_millis(500))
            .answer_within(Duration::from_millis(1500))
            .protect(Router::new().route("/sms", post(sms)))
            .with_state(counted.clone())
    })
    .await;
    assert!(site.send("/sms", SMS).await.1.ends_with("<Response/>"));
    // Three leases later, the repetition has still not been granted. It is not told that the first one was handled.
    assert_eq!(site.send("/sms", SMS).await, (503, String::new()));
    assert_eq!(counted.runs(), 1);
    counted.gate().notify_one();
    while site.send("/sms", SMS).await != (200, "late".to_owned()) {}
    assert_eq!(counted.runs(), 1);
}

#[tokio::test]
async fn a_limit_of_duration_max_is_no_limit() {
    async fn sms(TwilioWebhook(_): TwilioWebhook<InboundMessage>) -> &'static str {
        "done"
    }
    let site = Site::start(|verifier| {
        hooks(verifier)
            .answer_within(Duration::MAX)
            .lease(Duration::MAX)
            .protect(Router::new().route("/sms", post(sms)))
    })
    .await;
    for _ in 0..2 {
        assert_eq!(site.send("/sms", SMS).await, (200, "done".to_owned()));
    }
}

/// A token source whose database is down or does not answer.
#[derive(Debug)]
struct NoTokens(bool);

#[async_trait::async_trait]
impl TokenSource for NoTokens {
    async fn tokens(&self, _: Option<&str>) -> Result<Vec<Secret>, TokenError> {
        if self.0 { Err(TokenError::new("no connection")) } else { std::future::pending().await }
    }
}

#[tokio::test]
async fn if_the_token_source_fails_nothing_is_handled_and_twilio_gets_a_503() {
    async fn sms(State(counted): State<Counted>, TwilioWebhook(_): TwilioWebhook<InboundMessage>) {
        counted.run();
    }
    for broken in [true, false] {
        let counted = Counted::default();
        let site = Site::start(|_| {
            let verifier = TenantVerifier::new(NoTokens(broken)).public_url("https://example.com");
            Webhooks::new(verifier)
                .answer_within(Duration::from_millis(50))
                .protect(Router::new().route("/sms", post(sms)))
                .with_state(counted.clone())
        })
        .await;
        assert_eq!((site.send("/sms", SMS).await.0, counted.runs()), (503, 0));
    }
}
