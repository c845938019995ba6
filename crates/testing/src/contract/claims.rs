//! The contract of `Claims`: each delivery is handled once, and each signature is accepted with one content only.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, SET_COOKIE};
use http::{HeaderMap, HeaderValue, StatusCode};
use switchboard::twilio::webhook::{Answer, Binding, Claim, Claims, Params, Ticket, WebhookDelivery};

use super::violation::{Findings, Violation};

/// What the suite needs to test an implementation.
#[async_trait]
pub trait ClaimsUnderTest: Send + Sync {
    /// Makes an empty store of claims that holds at least 1,000 deliveries and signatures.
    async fn claims(&self) -> Arc<dyn Claims>;

    /// Moves the clock that these claims use.
    async fn pass(&self, time: Duration);
}

const LEASE: Duration = Duration::from_secs(30);
const DAY: Duration = Duration::from_secs(24 * 3600);
/// The number of concurrent callers.
const CALLERS: usize = 64;

/// Tests an implementation against the contract of [`Claims`].
pub async fn claims<C: ClaimsUnderTest>(subject: &C) -> Vec<Violation> {
    let mut findings = Findings::default();
    check_one_is_granted(subject, &mut findings).await;
    check_settled(subject, &mut findings).await;
    check_released(subject, &mut findings).await;
    check_leases(subject, &mut findings).await;
    check_old_tickets(subject, &mut findings).await;
    check_bindings(subject, &mut findings).await;
    check_separate_keys(subject, &mut findings).await;
    findings.finish()
}

/// Returns an answer with everything that a store could lose.
fn answer() -> Answer {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/xml; charset=utf-8"));
    headers.append(SET_COOKIE, HeaderValue::from_static("a=1"));
    headers.append(SET_COOKIE, HeaderValue::from_static("b=2"));
    if let Ok(value) = HeaderValue::from_bytes(b"caf\xe9") {
        headers.insert("x-latin-1", value);
    }
    Answer::new(StatusCode::IM_USED, headers, Bytes::from_static(b"<Response>\0\xff</Response>"))
}

async fn claim(claims: &dyn Claims, key: &str, lease: Duration) -> Option<Claim> {
    let params =
        Params::from_pairs([("AccountSid", "AC1"), ("Body", "caf\u{e9}\0"), ("Tag", "a"), ("Tag", "b")]);
    let delivery = WebhookDelivery::new(key, &params).event_type("inbound_message").account_sid(Some("AC1"));
    claims.claim(&delivery, lease).await.ok()
}

async fn granted(claims: &dyn Claims, key: &str, lease: Duration) -> Option<Ticket> {
    match claim(claims, key, lease).await {
        Some(Claim::Granted(ticket)) => Some(ticket),
        _ => None,
    }
}

async fn join_all<T: Send + 'static>(tasks: impl Iterator<Item = tokio::task::JoinHandle<T>>) -> Vec<T> {
    let mut done = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        done.extend(task.await.ok());
    }
    done
}

async fn check_one_is_granted(subject: &impl ClaimsUnderTest, findings: &mut Findings) {
    findings.rule("of concurrent callers one is granted, and the others get Running");
    let claims = subject.claims().await;
    let all = join_all((0..CALLERS).map(|_| {
        let claims = Arc::clone(&claims);
        tokio::spawn(async move { claim(&*claims, "key", LEASE).await })
    }))
    .await;
    let count = |wanted: fn(&Claim) -> bool| all.iter().flatten().filter(|claim| wanted(claim)).count();
    let (granted, running) =
        (count(|claim| matches!(claim, Claim::Granted(_))), count(|claim| *claim == Claim::Running));
    findings
        .expect((granted, running) == (1, CALLERS - 1), || format!("{granted} granted, {running} running"));
}

async fn check_settled(subject: &impl ClaimsUnderTest, findings: &mut Findings) {
    findings.rule("a settled key returns its answer, byte for byte");
    let claims = subject.claims().await;
    let Some(ticket) = granted(&*claims, "key", LEASE).await else {
        findings.expect(false, || "a free key is not granted".to_owned());
        return;
    };
    let settled = claims.settle("key", ticket, &answer()).await;
    findings.expect(settled.is_ok(), || format!("{settled:?}"));
    for _ in 0..2 {
        let again = claim(&*claims, "key", LEASE).await;
        findings.expect(again == Some(Claim::Settled(answer())), || format!("{again:?}"));
    }
    subject.pass(LEASE * 4).await;
    findings.rule("a settled key is kept beyond its lease");
    let later = claim(&*claims, "key", LEASE).await;
    findings.expect(matches!(later, Some(Claim::Settled(_))), || format!("{later:?}"));
}

async fn check_released(subject: &impl ClaimsUnderTest, findings: &mut Findings) {
    findings.rule("a released key is granted again, with another ticket");
    let claims = subject.claims().await;
    let first = granted(&*claims, "key", LEASE).await;
    if let Some(ticket) = first {
        let released = claims.release("key", ticket, StatusCode::BAD_GATEWAY).await;
        findings.expect(released.is_ok(), || format!("{released:?}"));
    }
    let second = granted(&*claims, "key", LEASE).await;
    findings.expect(second.is_some() && second != first, || format!("{first:?}, then {second:?}"));
}

async fn check_leases(subject: &impl ClaimsUnderTest, findings: &mut Findings) {
    let claims = subject.claims().await;
    findings.rule("a running key is free after its lease, and not before");
    let first = granted(&*claims, "key", LEASE).await;
    subject.pass(LEASE / 2).await;
    let before = claim(&*claims, "key", LEASE).await;
    findings.expect(before == Some(Claim::Running), || format!("{before:?}"));
    subject.pass(LEASE).await;
    let after = granted(&*claims, "key", LEASE).await;
    findings.expect(after.is_some() && after != first, || format!("{after:?}"));

    if let Some(ticket) = after {
        findings.rule("a renewed lease begins again");
        subject.pass(LEASE / 2).await;
        let renewed = claims.renew("key", ticket, LEASE).await.ok();
        findings.expect(renewed == Some(true), || format!("{renewed:?}"));
        subject.pass(LEASE / 4 * 3).await;
        let running = claim(&*claims, "key", LEASE).await;
        findings.expect(running == Some(Claim::Running), || format!("{running:?}"));
        subject.pass(LEASE / 2).await;
        let free = granted(&*claims, "key", LEASE).await;
        findings.expect(free.is_some(), || "it does not end".to_owned());
    }

    findings.rule("a lease of Duration::MAX never ends");
    let endless = granted(&*claims, "endless", Duration::MAX).await;
    findings.expect(endless.is_some(), || "it is not granted".to_owned());
    subject.pass(DAY / 2).await;
    let still = claim(&*claims, "endless", LEASE).await;
    findings.expect(still == Some(Claim::Running), || format!("{still:?}"));
}

async fn check_old_tickets(subject: &impl ClaimsUnderTest, findings: &mut Findings) {
    findings.rule("a ticket changes nothing after its lease");
    let claims = subject.claims().await;
    let Some(old) = granted(&*claims, "key", LEASE).await else { return };
    subject.pass(LEASE * 2).await;
    let Some(new) = granted(&*claims, "key", LEASE).await else {
        findings.expect(false, || "the key is not free".to_owned());
        return;
    };
    let renewed = claims.renew("key", old, LEASE).await.ok();
    findings.expect(renewed == Some(false), || format!("renewed: {renewed:?}"));
    let accepted = claims.settle("key", old, &answer()).await.is_ok()
        && claims.release("key", old, StatusCode::BAD_GATEWAY).await.is_ok();
    findings.expect(accepted, || "settle or release with it is an error".to_owned());
    let now = claim(&*claims, "key", LEASE).await;
    findings.expect(now == Some(Claim::Running), || format!("{now:?}"));

    findings.rule("a ticket that was used changes nothing");
    let other = Answer::new(StatusCode::OK, HeaderMap::new(), Bytes::from_static(b"other"));
    let used = claims.settle("key", new, &answer()).await.is_ok()
        && claims.settle("key", new, &other).await.is_ok()
        && claims.release("key", new, StatusCode::BAD_GATEWAY).await.is_ok();
    findings.expect(used, || "settle or release with it is an error".to_owned());
    let renewed = claims.renew("key", new, LEASE).await.ok();
    findings.expect(renewed == Some(false), || format!("renewed: {renewed:?}"));
    let now = claim(&*claims, "key", LEASE).await;
    findings.expect(now == Some(Claim::Settled(answer())), || format!("{now:?}"));
}

async fn check_bindings(subject: &impl ClaimsUnderTest, findings: &mut Findings) {
    findings.rule("of concurrent callers one binds a signature");
    let claims = subject.claims().await;
    let all = join_all((0..CALLERS).map(|_| {
        let claims = Arc::clone(&claims);
        tokio::spawn(async move { claims.bind("signature", "content").await.ok() })
    }))
    .await;
    let count = |wanted| all.iter().flatten().filter(|binding| **binding == wanted).count();
    let (new, same) = (count(Binding::New), count(Binding::Same));
    findings.expect((new, same) == (1, CALLERS - 1), || format!("{new} new, {same} the same"));

    findings.rule("a signature is accepted with its first content only");
    let different = claims.bind("signature", "forged").await.ok();
    findings.expect(different == Some(Binding::Different), || format!("{different:?}"));
    let same = claims.bind("signature", "content").await.ok();
    findings.expect(same == Some(Binding::Same), || format!("{same:?}"));

    findings.rule("a signature is kept for at least 24 hours less a minute, and removed after 24 hours");
    subject.pass(DAY - Duration::from_secs(60)).await;
    let late = claims.bind("signature", "forged").await.ok();
    findings.expect(late == Some(Binding::Different), || format!("{late:?}"));
    subject.pass(Duration::from_secs(120)).await;
    let forgotten = claims.bind("signature", "later").await.ok();
    findings.expect(forgotten == Some(Binding::New), || format!("{forgotten:?}"));
}

async fn check_separate_keys(subject: &impl ClaimsUnderTest, findings: &mut Findings) {
    findings.rule("keys are separate from each other and from signatures");
    let claims = subject.claims().await;
    let first = granted(&*claims, "text", LEASE).await;
    let second = granted(&*claims, "texT", LEASE).await;
    let bound = claims.bind("text", "content").await.ok();
    findings.expect(first.is_some() && second.is_some() && bound == Some(Binding::New), || {
        format!("{first:?} {second:?} {bound:?}")
    });
    if let (Some(_), Some(ticket)) = (first, second) {
        let _ = claims.release("texT", ticket, StatusCode::BAD_GATEWAY).await;
    }
    let running = claim(&*claims, "text", LEASE).await;
    findings.expect(running == Some(Claim::Running), || format!("{running:?}"));

    findings.rule("what is claimed is the key, whatever else the delivery has");
    let params = Params::from_pairs([("Body", "other")]);
    let other = WebhookDelivery::new("text", &params).event_type("opted_out").account_sid(Some("AC2"));
    let running = claims.claim(&other, LEASE).await.ok();
    findings.expect(running == Some(Claim::Running), || format!("{running:?}"));
}
