//! Unknown messages are settled by what the provider lists, with intervals short enough for a test.

use std::time::{Duration, Instant};

use switchboard::provider::{Outgoing, OutgoingCall};
use switchboard_outbox::{
    Account, AccountError, Accounts, Enqueue, IfAbsent, Outbox, ParkReason, Settlement, State, Timing,
    Worker, WorkerBuilder,
};
use switchboard_testing::{FakeTwilio, Fault};

use crate::database::{TestDatabase, on_both};
use crate::setup::{account, text, until};

const MS: Duration = Duration::from_millis(1);

/// Dates are whole seconds, so the time between two reads cannot be much shorter.
fn timing() -> Timing {
    let mut timing = Timing::new();
    timing.deadline = 1_600 * MS;
    timing.send = 1_000 * MS;
    timing.begin = 500 * MS;
    timing.equal = 100 * MS;
    timing.backoff = 20 * MS;
    timing.pause = 100 * MS;
    timing.settle = 20 * MS;
    timing.checks = [500 * MS, 800 * MS, 1_100 * MS];
    timing.check_every = 300 * MS;
    timing.check_for = Duration::from_secs(60);
    timing.absent_gap = Duration::from_secs(2);
    timing.created_before = Duration::from_secs(2);
    timing.list_every = 5 * MS;
    timing
}

async fn fake() -> FakeTwilio {
    FakeTwilio::builder().real_time().start().await
}

fn worker(fake: &FakeTwilio, outbox: &Outbox) -> WorkerBuilder {
    outbox.worker(account(fake)).timing(timing()).rate(fake.phone_number(), 1e6)
}

async fn start(fake: &FakeTwilio, database: &TestDatabase) -> (Outbox, Worker) {
    let outbox = database.outbox().await;
    let worker = worker(fake, &outbox).if_absent(IfAbsent::Requeue).spawn().await.unwrap();
    (outbox, worker)
}

/// Loses the answer to a text, which is not sent with `Fault::cut`.
async fn lose(fake: &FakeTwilio, outbox: &Outbox, key: &str, fault: Fault) {
    fake.fail_next(fault);
    outbox.enqueue(key, text(key)).await.unwrap();
    assert_eq!(outbox.wait(key).await.unwrap().state, State::Unknown);
}

async fn state(outbox: &Outbox, key: &str) -> State {
    outbox.get(key).await.unwrap().state
}

async fn is_accepted(outbox: &Outbox, key: &str) -> bool {
    matches!(state(outbox, key).await, State::Accepted { .. })
}

/// Sends texts to other people, as a program with traffic does, until a condition is true.
async fn with_traffic<F: Future<Output = bool>>(what: &str, outbox: &Outbox, condition: impl Fn() -> F) {
    for n in 0..300 {
        if condition().await {
            return;
        }
        let other = Outgoing::text(format!("+1415556{n:04}"), "something else");
        outbox.enqueue(format!("traffic {what} {n}"), other).await.unwrap();
        tokio::time::sleep(100 * MS).await;
    }
    panic!("it never happens: {what}");
}

async fn what_arrived_is_accepted_with_its_id_and_status(database: &TestDatabase) {
    let fake = fake().await;
    let (outbox, worker) = start(&fake, database).await;
    for (key, fault) in [("a", Fault::cut_after()), ("b", Fault::status_after(502))] {
        lose(&fake, &outbox, key, fault).await;
    }
    for (n, key) in ["a", "b"].into_iter().enumerate() {
        until(key, async || is_accepted(&outbox, key).await).await;
        let State::Accepted { sid, .. } = state(&outbox, key).await else { panic!("{key}") };
        assert_eq!(sid.as_ref(), fake.sent().get(n).map(|sent| &sent.sid));
    }
    assert_eq!(fake.sent().len(), 2, "nothing was sent again");
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn what_never_arrived_is_sent_again_after_two_lists_with_canaries(database: &TestDatabase) {
    let fake = fake().await;
    let (outbox, worker) = start(&fake, database).await;
    let began = Instant::now();
    lose(&fake, &outbox, "a", Fault::cut()).await;
    with_traffic("a", &outbox, async || is_accepted(&outbox, "a").await).await;
    assert!(began.elapsed() >= Duration::from_secs(2), "{:?}", began.elapsed());
    assert!(matches!(state(&outbox, "a").await, State::Accepted { attempt: 2.., .. }));
    assert_eq!(fake.sent().iter().filter(|sent| sent.body == "a").count(), 1);
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn what_never_arrived_is_parked_unless_the_program_says_otherwise(database: &TestDatabase) {
    let fake = fake().await;
    let outbox = database.outbox().await;
    let worker = worker(&fake, &outbox).spawn().await.unwrap();
    lose(&fake, &outbox, "a", Fault::cut()).await;
    with_traffic("a", &outbox, async || state(&outbox, "a").await == State::Parked).await;
    assert_eq!(outbox.get("a").await.unwrap().parked, Some(ParkReason::Absent));
    outbox.settle("a", Settlement::WasNotSent, "ada").await.unwrap();
    until("it is sent", async || is_accepted(&outbox, "a").await).await;
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn without_a_canary_nothing_is_absent(database: &TestDatabase) {
    let fake = fake().await;
    let (outbox, worker) = start(&fake, database).await;
    outbox.enqueue("before", text("before")).await.unwrap();
    until("a message before the loss is no canary", async || is_accepted(&outbox, "before").await).await;
    lose(&fake, &outbox, "a", Fault::cut()).await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(state(&outbox, "a").await, State::Unknown);
    // A list that does not show what was just sent has no canary either.
    fake.set_list_lag(Duration::MAX);
    outbox.enqueue("after", text("after")).await.unwrap();
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(state(&outbox, "a").await, State::Unknown);
    fake.set_list_lag(Duration::ZERO);
    with_traffic("a", &outbox, async || is_accepted(&outbox, "a").await).await;
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn two_equal_texts_at_the_provider_are_parked_with_their_ids_and_the_next_one_goes(
    database: &TestDatabase,
) {
    let fake = fake().await;
    let (outbox, worker) = start(&fake, database).await;
    lose(&fake, &outbox, "a", Fault::cut_after()).await;
    // Another program sends the same text to the same person.
    fake.account().send_sms(crate::setup::TO, "a").await.unwrap();
    outbox.enqueue("equal", text("a")).await.unwrap();
    until("parked", async || state(&outbox, "a").await == State::Parked).await;
    let message = outbox.get("a").await.unwrap();
    assert_eq!(message.parked, Some(ParkReason::Several));
    let mut sids: Vec<String> = fake.sent().into_iter().take(2).map(|sent| sent.sid).collect();
    sids.reverse();
    assert_eq!(message.candidates, sids, "the newest first");
    until("the equal one is sent", async || is_accepted(&outbox, "equal").await).await;
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn a_deleted_text(exclusive: bool, database: &TestDatabase) {
    let fake = fake().await;
    let outbox = database.outbox().await;
    let mut builder = worker(&fake, &outbox);
    if exclusive {
        builder = builder.exclusive(fake.phone_number());
    }
    let worker = builder.spawn().await.unwrap();
    lose(&fake, &outbox, "a", Fault::cut_after()).await;
    let sid = fake.sent().into_iter().next().unwrap().sid;
    fake.account().messages().redact(&sid).await.unwrap();
    until("settled", async || state(&outbox, "a").await != State::Unknown).await;
    let message = outbox.get("a").await.unwrap();
    assert_eq!(matches!(message.state, State::Accepted { .. }), exclusive, "{}", message.state);
    assert_eq!(message.parked, (!exclusive).then_some(ParkReason::Opaque));
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn a_deleted_text_from_a_shared_sender_is_parked(database: &TestDatabase) {
    a_deleted_text(false, database).await;
}

async fn a_deleted_text_from_an_exclusive_sender_is_accepted(database: &TestDatabase) {
    a_deleted_text(true, database).await;
}

async fn a_lost_call(exclusive: bool, database: &TestDatabase) {
    let fake = fake().await;
    let outbox = database.outbox().await;
    let mut builder = worker(&fake, &outbox);
    if exclusive {
        builder = builder.exclusive(fake.phone_number());
    }
    let worker = builder.spawn().await.unwrap();
    fake.fail_next(Fault::cut_after());
    outbox.enqueue("call", OutgoingCall::say(crate::setup::TO, "Hi")).await.unwrap();
    until("settled", async || {
        !matches!(state(&outbox, "call").await, State::Unknown | State::Ready | State::Sending)
    })
    .await;
    let message = outbox.get("call").await.unwrap();
    assert_eq!(matches!(message.state, State::Accepted { .. }), exclusive, "{}", message.state);
    assert_eq!(message.parked, (!exclusive).then_some(ParkReason::Unlisted));
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn a_lost_call_from_a_shared_sender_is_parked(database: &TestDatabase) {
    a_lost_call(false, database).await;
}

async fn a_lost_call_from_an_exclusive_sender_is_looked_up(database: &TestDatabase) {
    a_lost_call(true, database).await;
}

async fn what_earlier_reads_showed_survives_a_restart(database: &TestDatabase) {
    let fake = fake().await;
    let outbox = database.outbox().await;
    // The second list of a proof is 60 s away in this process.
    let mut slow = timing();
    slow.absent_gap = Duration::from_secs(60);
    let first = worker(&fake, &outbox).timing(slow).spawn().await.unwrap();
    lose(&fake, &outbox, "a", Fault::cut()).await;
    let seen = async || database.text("SELECT coalesce(seen, '') FROM {t}open WHERE state = 'unknown'").await;
    with_traffic("the first list is stored", &outbox, async || seen().await.contains("absent")).await;
    first.shutdown(Duration::from_secs(5)).await.unwrap();
    outbox.store().close().await;

    let outbox = database.outbox().await;
    let second = worker(&fake, &outbox).if_absent(IfAbsent::Requeue).spawn().await.unwrap();
    outbox.enqueue("canary", text("canary")).await.unwrap();
    // The check that the first process planned is a minute away; it is asked for now.
    database.run("UPDATE {t}open SET next_check = 0 WHERE state = 'unknown'").await;
    until("one more list is enough", async || is_accepted(&outbox, "a").await).await;
    assert_eq!(fake.sent().iter().filter(|sent| sent.body == "a").count(), 1);
    second.shutdown(Duration::from_secs(5)).await.unwrap();
}

/// Returns the account for sending, and hangs or panics for the loop, which asks later.
#[derive(Debug)]
struct Failing {
    account: Account,
    asked: std::sync::atomic::AtomicU32,
}

#[async_trait::async_trait]
impl Accounts for Failing {
    async fn account(&self, _: &str) -> Result<Account, AccountError> {
        match self.asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
            0 => Ok(self.account.clone().named("")),
            1 => panic!("a defect of the program"),
            2 => std::future::pending().await,
            3 => Err("not now".into()),
            _ => Ok(self.account.clone().named("")),
        }
    }
}

async fn a_provider_and_a_program_that_fail_and_hang_delay_no_send_and_stop_nothing(database: &TestDatabase) {
    let fake = fake().await;
    let outbox = database.outbox().await;
    let accounts = Failing { account: account(&fake), asked: 0.into() };
    let worker =
        outbox.worker(accounts).timing(timing()).rate(fake.phone_number(), 1e6).spawn().await.unwrap();
    lose(&fake, &outbox, "a", Fault::cut_after()).await;
    tokio::time::sleep(250 * MS).await;
    // The lists hang, fail, and are not JSON; while they do, texts are sent at once.
    for fault in [Fault::slow(Duration::from_secs(3600)), Fault::status(500), Fault::MalformedJson] {
        fake.fail_next(fault);
    }
    tokio::time::sleep(300 * MS).await;
    for n in 0..20 {
        let (key, began) = (format!("{n}"), Instant::now());
        outbox.enqueue(key.as_str(), text(&key)).await.unwrap();
        until("it is sent", async || state(&outbox, &key).await != State::Ready).await;
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    }
    until("it is settled in the end", async || is_accepted(&outbox, "a").await).await;
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn shutting_down_does_not_wait_for_a_list(database: &TestDatabase) {
    let fake = fake().await;
    let mut slow = timing();
    slow.send = Duration::from_secs(60);
    let outbox = database.outbox().await;
    let worker = worker(&fake, &outbox).timing(slow).spawn().await.unwrap();
    lose(&fake, &outbox, "a", Fault::cut_after()).await;
    fake.fail_next(Fault::slow(Duration::from_secs(3600)));
    let before = fake.requests();
    until("the list is asked for", async || fake.requests() > before).await;
    let began = Instant::now();
    worker.shutdown(Duration::from_secs(30)).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

async fn an_account_is_asked_for_lists_at_a_limited_rate(database: &TestDatabase) {
    let fake = fake().await;
    let mut slow = timing();
    slow.list_every = 100 * MS;
    let outbox = database.outbox().await;
    let worker = worker(&fake, &outbox).timing(slow).spawn().await.unwrap();
    fake.fail_rate(Fault::cut_after(), 100);
    outbox.enqueue_all((0..30).map(|n| Enqueue::new(format!("{n}"), text(&format!("{n}"))))).await.unwrap();
    outbox.drained().await.unwrap();
    fake.fail_rate(Fault::cut_after(), 0);
    let (before, began) = (fake.requests(), Instant::now());
    until("all are settled", async || outbox.counts().await.unwrap().accepted == 30).await;
    let (requests, time) = (fake.requests() - before, began.elapsed());
    assert!(requests >= 29, "one list for each");
    let most = time.as_millis() / 100 + 2;
    assert!(u128::from(requests) <= most, "{requests} in {time:?}");
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

on_both! {
    what_arrived_is_accepted_with_its_id_and_status,
    what_never_arrived_is_sent_again_after_two_lists_with_canaries,
    what_never_arrived_is_parked_unless_the_program_says_otherwise,
    without_a_canary_nothing_is_absent,
    two_equal_texts_at_the_provider_are_parked_with_their_ids_and_the_next_one_goes,
    a_deleted_text_from_a_shared_sender_is_parked,
    a_deleted_text_from_an_exclusive_sender_is_accepted,
    a_lost_call_from_a_shared_sender_is_parked,
    a_lost_call_from_an_exclusive_sender_is_looked_up,
    what_earlier_reads_showed_survives_a_restart,
    a_provider_and_a_program_that_fail_and_hang_delay_no_send_and_stop_nothing,
    shutting_down_does_not_wait_for_a_list,
    an_account_is_asked_for_lists_at_a_limited_rate,
}
