use http::HeaderMap;

use super::*;
use crate::twilio::webhook::Params;

fn answer(body: &'static str) -> Answer {
    Answer { body: body.into(), ..Answer::default() }
}

const FAILED: StatusCode = StatusCode::INTERNAL_SERVER_ERROR;
const LEASE: Duration = Duration::from_secs(60);

async fn claim(claims: &MemoryClaims, key: &str, lease: Duration) -> Claim {
    claims.claim(&WebhookDelivery::new(key, &Params::default()), lease).await.unwrap()
}

async fn granted(claims: &MemoryClaims, key: &str) -> Ticket {
    match claim(claims, key, LEASE).await {
        Claim::Granted(ticket) => ticket,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_claim_is_settled_or_released_or_expires() {
    let claims = MemoryClaims::new();
    let first = granted(&claims, "a").await;
    assert_eq!(claim(&claims, "a", LEASE).await, Claim::Running);
    claims.release("a", first, FAILED).await.unwrap();

    let second = granted(&claims, "a").await;
    tokio::time::advance(LEASE).await;
    // The lease has expired, so the ticket is invalid.
    claims.settle("a", second, &answer("late")).await.unwrap();
    let third = granted(&claims, "a").await;
    claims.settle("a", second, &answer("late")).await.unwrap();
    claims.release("a", second, FAILED).await.unwrap();
    assert_eq!(claim(&claims, "a", LEASE).await, Claim::Running);

    let given = answer("planted");
    claims.settle("a", third, &given).await.unwrap();
    claims.release("a", third, FAILED).await.unwrap();
    assert_eq!(claim(&claims, "a", LEASE).await, Claim::Settled(given.clone()));
    assert!(!format!("{claims:?} {given:?}").contains("planted"));
}

#[tokio::test(start_paused = true)]
async fn deliveries_that_are_too_old_or_too_many_are_forgotten() {
    let claims = MemoryClaims::new().capacity(2);
    for key in ["a", "b", "c"] {
        let ticket = granted(&claims, key).await;
        claims.settle(key, ticket, &Answer::default()).await.unwrap();
    }
    assert!(matches!(claim(&claims, "c", LEASE).await, Claim::Settled(_)));
    granted(&claims, "a").await;
    tokio::time::advance(DAY).await;
    granted(&claims, "c").await;
    // The lease of "a" has expired, too.
    assert_eq!(kept(&claims), (1, 0));
}

fn kept(claims: &MemoryClaims) -> (usize, usize) {
    let state = claims.state();
    (state.claims.len(), state.bytes)
}

async fn settled(claims: &MemoryClaims, key: &str, answer: &Answer) {
    let ticket = granted(claims, key).await;
    claims.settle(key, ticket, answer).await.unwrap();
}

#[tokio::test]
async fn large_answers_do_not_exceed_the_memory_limit() {
    let claims = MemoryClaims::new();
    let large = Answer { body: vec![0; 1024 * 1024].into(), ..Answer::default() };
    for n in 0..40 {
        settled(&claims, &n.to_string(), &large).await;
    }
    let (count, bytes) = kept(&claims);
    assert!(count == 15 && bytes <= MAX_BYTES, "{count} {bytes}");
    // An answer that is larger than the limit is not stored, and the others are kept.
    let huge = Answer { body: vec![0; MAX_BYTES].into(), ..Answer::default() };
    settled(&claims, "huge", &huge).await;
    assert_eq!(kept(&claims), (count, bytes));
}

#[tokio::test]
async fn headers_count_towards_the_memory_limit() {
    let claims = MemoryClaims::new();
    let mut headers = HeaderMap::new();
    for _ in 0..8 {
        headers.append("set-cookie", HeaderValue::from_bytes(&[b'x'; 1024]).unwrap());
    }
    let answer = Answer { headers, ..Answer::default() };
    for n in 0..10_000 {
        settled(&claims, &n.to_string(), &answer).await;
    }
    let (count, bytes) = kept(&claims);
    assert!(bytes <= MAX_BYTES && (1_700..2_000).contains(&count), "{count} {bytes}");
    assert_eq!(claim(&claims, "9999", LEASE).await, Claim::Settled(answer));
}

#[tokio::test(start_paused = true)]
async fn running_claims_are_forgotten_when_their_lease_expires() {
    let claims = MemoryClaims::new();
    for n in 0..50_000 {
        granted(&claims, &n.to_string()).await;
    }
    tokio::time::advance(LEASE).await;
    granted(&claims, "the next").await;
    assert_eq!(kept(&claims), (1, 0));
    assert_eq!(claims.state().leases.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_lease_may_be_endless() {
    let claims = MemoryClaims::new();
    for lease in [Duration::MAX, Duration::from_secs(u64::MAX)] {
        let Claim::Granted(ticket) = claim(&claims, "a", lease).await else { panic!("not granted") };
        tokio::time::advance(DAY * 1000).await;
        assert_eq!(claim(&claims, "a", LEASE).await, Claim::Running);
        claims.release("a", ticket, FAILED).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_signature_keeps_its_first_content_for_a_day() {
    let claims = MemoryClaims::new().signatures(2);
    assert_eq!(claims.bind("s", "one").await.unwrap(), Binding::New);
    tokio::time::advance(DAY / 2).await;
    assert_eq!(claims.bind("s", "one").await.unwrap(), Binding::Same);
    assert_eq!(claims.bind("s", "two").await.unwrap(), Binding::Different);
    assert_eq!(claims.bind("s", "one").await.unwrap(), Binding::Same);
    assert_eq!(claim(&claims, "s", LEASE).await, Claim::Granted(Ticket(1)));
    tokio::time::advance(DAY / 2).await;
    assert_eq!(claims.bind("s", "two").await.unwrap(), Binding::New);
    // The limit is two, so the third one replaces the first.
    for other in ["t", "u"] {
        claims.bind(other, "one").await.unwrap();
    }
    assert_eq!(claims.state().contents.len(), 2);
    assert_eq!(claims.bind("s", "one").await.unwrap(), Binding::New);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_at_once_one_is_granted_and_one_is_new() {
    let claims = Arc::new(MemoryClaims::new());
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..50 {
        let claims = Arc::clone(&claims);
        tasks.spawn(async move {
            let bound = claims.bind("s", &n.to_string()).await.unwrap();
            (claim(&claims, "a", LEASE).await, bound)
        });
    }
    let all = tasks.join_all().await;
    assert_eq!(all.iter().filter(|(claim, _)| matches!(claim, Claim::Granted(_))).count(), 1);
    assert_eq!(all.iter().filter(|(_, bound)| *bound == Binding::New).count(), 1);
}
