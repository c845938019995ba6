//! Workers on PostgreSQL: several at once, and connections that are lost.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use switchboard::provider::Outgoing;
use switchboard_outbox::{
    Account, AccountError, Accounts, Enqueue, Outbox, OutboxError, State, Timing, Worker,
};
use switchboard_store::StoreError;
use switchboard_testing::FakeTwilio;

use crate::server::Server;
use crate::setup::{account, quick, text, until};

/// Starts a worker that sends as fast as it can.
async fn worker(outbox: &Outbox, fake: &FakeTwilio, timing: Timing) -> Worker {
    outbox.worker(account(fake)).timing(timing).rate(fake.phone_number(), 1e6).spawn().await.unwrap()
}

fn numbered(count: usize) -> impl Iterator<Item = Enqueue> {
    (0..count).map(|n| {
        Enqueue::new(format!("k{n}"), Outgoing::text(format!("+1415556{n:04}"), format!("text {n}")))
    })
}

/// How often each text arrived.
fn arrived(fake: &FakeTwilio) -> BTreeMap<String, usize> {
    let mut arrived = BTreeMap::new();
    for sent in fake.sent() {
        *arrived.entry(sent.body).or_insert(0) += 1;
    }
    arrived
}

fn each_arrived_once(fake: &FakeTwilio, count: usize) {
    let arrived = arrived(fake);
    let wrong: Vec<_> = arrived.iter().filter(|(_, times)| **times != 1).collect();
    assert!(wrong.is_empty(), "not once: {wrong:?}");
    assert_eq!(arrived.len(), count);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn two_workers_send_each_text_once() {
    let (server, fake) = (Server::start().await, FakeTwilio::start().await);
    let (one, two) = (server.outbox().await, server.outbox().await);
    let spawn =
        |outbox: &Outbox| outbox.worker(Tenants(account(&fake))).rate(fake.phone_number(), 1e6).spawn();
    let workers = [spawn(&one).await.unwrap(), spawn(&two).await.unwrap()];
    let tasks = (0..20).map(|tenant| {
        let outbox = if tenant % 2 == 0 { one.clone() } else { two.clone() };
        tokio::spawn(async move {
            for n in 0..20 {
                let n = tenant * 20 + n;
                let text = Outgoing::text(format!("+1415556{n:04}"), format!("text {n}"));
                let message = Enqueue::new(format!("k{n}"), text).tenant(format!("t{tenant}"));
                outbox.enqueue_all([message]).await.unwrap();
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    let counts = one.drained().await.unwrap();
    assert_eq!(counts.accepted, 400);
    each_arrived_once(&fake, 400);
    for worker in workers {
        worker.shutdown(Duration::from_secs(5)).await.unwrap();
    }
    drop((one, two));
    server.close().await;
}

/// An account for each tenant, so that each has a sender of its own, and both workers find one.
#[derive(Debug)]
struct Tenants(Account);

#[async_trait::async_trait]
impl Accounts for Tenants {
    async fn account(&self, _: &str) -> Result<Account, AccountError> {
        Ok(self.0.clone())
    }
}

/// The times at which texts arrived, as seen from outside.
async fn watch(fake: &FakeTwilio, until_count: usize) -> Vec<Instant> {
    let mut times = Vec::new();
    while times.len() < until_count {
        times.resize(fake.sent().len().max(times.len()), Instant::now());
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    times
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn two_workers_keep_the_rate_of_one_sender() {
    const RATE: f64 = 40.0;
    let (server, fake) = (Server::start().await, FakeTwilio::start().await);
    let mut timing = Timing::new();
    timing.begin = Duration::from_millis(300);
    timing.lease = Duration::from_millis(400);
    let (one, two) = (server.outbox().await, server.outbox().await);
    one.enqueue_all(numbered(120)).await.unwrap();
    let spawn = |outbox: &Outbox| {
        outbox.worker(account(&fake)).timing(timing).rate(fake.phone_number(), RATE).spawn()
    };
    let (first, second) = (spawn(&one).await.unwrap(), spawn(&two).await.unwrap());
    let ending = async {
        until("half of them are sent", async || fake.sent().len() >= 60).await;
        first.shutdown(Duration::from_secs(5)).await.unwrap();
    };
    let (times, ()) = tokio::join!(watch(&fake, 120), ending);
    each_arrived_once(&fake, 120);
    // In any window of T seconds at most rate × (T + 0.25), plus one, and a little for the watch itself.
    for (place, begin) in times.iter().enumerate() {
        let within = times[place..].iter().take_while(|at| **at - *begin <= Duration::from_secs(1)).count();
        assert!(within as f64 <= RATE * 1.25 + 3.0, "{within} within a second");
    }
    second.shutdown(Duration::from_secs(5)).await.unwrap();
    drop((one, two));
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn a_worker_that_is_started_later_gets_half_of_the_senders() {
    let (server, fake) = (Server::start().await, FakeTwilio::start().await);
    let (one, two) = (server.outbox().await, server.outbox().await);
    let numbers: Vec<String> = (0..6).map(|n| format!("+1500555100{n}")).collect();
    numbers.iter().for_each(|number| fake.own_number(number));
    let messages = (0..600_usize).map(|n| {
        let text = Outgoing::text(format!("+1415556{n:04}"), format!("text {n}"));
        Enqueue::new(format!("k{n}"), text.from(numbers[n % 6].as_str()))
    });
    one.enqueue_all(messages).await.unwrap();
    let spawn = |outbox: &Outbox| {
        // A sender that was taken over waits until the messages of the other worker have begun.
        let mut timing = quick();
        timing.begin = Duration::from_millis(300);
        let worker = outbox.worker(account(&fake)).timing(timing);
        numbers.iter().fold(worker, |worker, number| worker.rate(number, 25.0)).spawn()
    };
    let first = spawn(&one).await.unwrap();
    until("the first worker has all senders", async || server.owners().await == [6]).await;
    let second = spawn(&two).await.unwrap();
    until("each worker has half of them", async || server.owners().await == [3, 3]).await;
    let counts = one.drained().await.unwrap();
    assert_eq!(counts.accepted, 600);
    each_arrived_once(&fake, 600);
    for worker in [first, second] {
        worker.shutdown(Duration::from_secs(5)).await.unwrap();
    }
    drop((one, two));
    server.close().await;
}

/// A worker whose runtime is gone ends in the middle, as in a crash.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn another_worker_takes_over_after_the_lease_and_after_the_deadline() {
    let (server, fake) = (Server::start().await, FakeTwilio::start().await);
    let mut timing = quick();
    timing.begin = Duration::from_millis(300);
    timing.send = Duration::from_millis(300);
    timing.deadline = Duration::from_millis(900);
    timing.lease = Duration::from_millis(500);
    let outbox = server.outbox().await;
    outbox.enqueue_all(numbered(300)).await.unwrap();
    let (postgres, adapter) = (server.postgres.clone(), account(&fake));
    let (number, fake) = (fake.phone_number().to_owned(), Arc::new(fake));
    let sent = Arc::clone(&fake);
    let crashing = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let outbox = Outbox::open(postgres).await.unwrap();
            let worker = outbox.worker(adapter).timing(timing).rate(number, 200.0).spawn().await.unwrap();
            // In the middle: a busy machine may need longer than any fixed time for the first one.
            until("some are sent", async || sent.sent().len() >= 5).await;
            drop(worker);
        });
        runtime.shutdown_background();
    });
    crashing.join().unwrap();
    let before = fake.sent().len();
    assert!(before > 0 && before < 300, "{before}");
    let began = Instant::now();
    let second = worker(&outbox, &fake, timing).await;
    let counts = outbox.drained().await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(20));
    let arrived = arrived(&fake);
    assert!(arrived.values().all(|times| *times == 1), "{arrived:?}");
    assert_eq!(counts.accepted + counts.unknown + counts.parked, 300, "{counts:?}");
    assert!(arrived.len() as u64 >= counts.accepted);
    second.shutdown(Duration::from_secs(5)).await.unwrap();
    drop(outbox);
    server.close().await;
}

/// The worker's transaction waits for a lock on one table after the other, and its connection ends there.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn a_connection_lost_in_any_place_of_a_transaction_loses_nothing() {
    let (server, fake) = (Server::start().await, FakeTwilio::start().await);
    let outbox = server.outbox().await;
    let worker = worker(&outbox, &fake, quick()).await;
    let mut sent = 0;
    for table in ["open", "outcome", "outbox", "sender", "ready", "message", "tally", "log"] {
        let mut locking = server.postgres.connection().await.unwrap();
        // The connection that holds the lock has another name.
        locking.batch("SET application_name = 'locking'").await.unwrap();
        for round in 0..2 {
            let lock = locking.begin().await.unwrap();
            // While new messages cannot be inserted, those of the round before are sent.
            if table != "message" && table != "ready" {
                // Enqueuing reads who sends, and must go on.
                let mode = if table == "sender" { "EXCLUSIVE" } else { "ACCESS EXCLUSIVE" };
                lock.batch(&server.sql(&format!("LOCK TABLE {{s}}.{table} IN {mode} MODE"))).await.unwrap();
            }
            let batch = (0..10).map(|n| {
                let n = sent + n;
                Enqueue::new(format!("k{n}"), Outgoing::text(format!("+1415556{n:04}"), format!("text {n}")))
            });
            outbox.enqueue_all(batch).await.unwrap();
            sent += 10;
            if table == "message" || table == "ready" {
                lock.batch(&server.sql(&format!("LOCK TABLE {{s}}.{table} IN ACCESS EXCLUSIVE MODE")))
                    .await
                    .unwrap();
            }
            let waiting = "wait_event_type = 'Lock'";
            // A transaction that is not held up by this lock has sent its messages already.
            let began = Instant::now();
            let mut ended = 0;
            while ended == 0 && began.elapsed() < Duration::from_secs(2) {
                ended = server.terminate(waiting).await;
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            assert!(ended > 0 || table == "message" || table == "ready", "{table} {round}: nothing waited");
            lock.rollback().await.unwrap();
            until("all are sent", async || {
                outbox.counts().await.is_ok_and(|counts| counts.accepted == sent as u64)
            })
            .await;
        }
    }
    each_arrived_once(&fake, sent);
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
    drop(outbox);
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn connections_that_are_lost_at_random_lose_and_double_nothing() {
    let (server, fake) = (Server::start().await, FakeTwilio::start().await);
    let (one, two) = (server.outbox().await, server.outbox().await);
    let workers = [worker(&one, &fake, quick()).await, worker(&two, &fake, quick()).await];
    let enqueuing = tokio::spawn({
        let one = one.clone();
        async move {
            for message in numbered(600) {
                // After an error it is not known whether it was stored, and the same key is no second message.
                while one.enqueue_all([message.clone()]).await.is_err() {}
            }
        }
    });
    let mut ended = 0;
    while !enqueuing.is_finished() || fake.sent().len() < 600 {
        ended += server.terminate("random() < 0.2").await;
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
    enqueuing.await.unwrap();
    until("all are accepted", async || one.counts().await.is_ok_and(|counts| counts.accepted == 600)).await;
    each_arrived_once(&fake, 600);
    assert!(ended > 20, "only {ended} connections were ended");
    for worker in workers {
        worker.shutdown(Duration::from_secs(5)).await.unwrap();
    }
    drop((one, two));
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn a_key_that_another_transaction_holds_makes_only_its_caller_busy() {
    let server = Server::start().await;
    let outbox = server.outbox().await;
    let mut program = server.postgres.connection().await.unwrap();
    let transaction = program.begin().await.unwrap();
    let held = Enqueue::new("held", text("one"));
    let statement = Enqueue::postgres(server.postgres.schema());
    transaction.query(&statement, &[&held.row().unwrap()]).await.unwrap();
    let callers = (0..20).map(|n| {
        let outbox = outbox.clone();
        let key = if n == 7 { "held".to_owned() } else { format!("free {n}") };
        tokio::spawn(async move { outbox.enqueue_all([Enqueue::new(key, text("one"))]).await })
    });
    let mut busy = 0;
    for caller in callers.collect::<Vec<_>>() {
        match caller.await.unwrap() {
            Ok(enqueued) => assert!(enqueued[0].is_new()),
            Err(OutboxError::Store(StoreError::Busy { .. })) => busy += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(busy, 1);
    transaction.commit().await.unwrap();
    assert!(!outbox.enqueue_all([held]).await.unwrap()[0].is_new());
    assert_eq!(outbox.get("held").await.unwrap().state, State::Ready);
    let other = outbox.enqueue_all([Enqueue::new("held", text("two"))]).await;
    assert!(matches!(other, Err(OutboxError::KeyConflict { .. })));
    drop(outbox);
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn a_conflict_fails_its_caller_and_nobody_else() {
    let server = Server::start().await;
    let outbox = server.outbox().await;
    outbox.enqueue_all([Enqueue::new("taken", text("one"))]).await.unwrap();
    let callers = (0..30).map(|n| {
        let outbox = outbox.clone();
        let last = if n % 3 == 0 { "taken".to_owned() } else { format!("last {n}") };
        let batch = [Enqueue::new(format!("first {n}"), text("x")), Enqueue::new(last, text("two"))];
        tokio::spawn(async move { (n, outbox.enqueue_all(batch).await) })
    });
    for caller in callers.collect::<Vec<_>>() {
        let (n, told) = caller.await.unwrap();
        let first = outbox.get(format!("first {n}").as_str()).await;
        if n % 3 == 0 {
            assert!(matches!(told, Err(OutboxError::KeyConflict { place: 1, .. })), "{told:?}");
            assert!(matches!(first, Err(OutboxError::NotFound)), "it was kept");
        } else {
            assert!(told.unwrap().iter().all(|one| one.is_new()) && first.is_ok());
        }
    }
    assert_eq!(outbox.counts().await.unwrap().ready, 41);
    drop(outbox);
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn a_trigger_enqueues_in_the_transaction_of_its_row() {
    let (server, fake) = (Server::start().await, FakeTwilio::start().await);
    let outbox = server.outbox().await;
    let worker = worker(&outbox, &fake, quick()).await;
    server
        .batch(
            "CREATE TABLE {s}.invoice (id bigint PRIMARY KEY);
             CREATE FUNCTION {s}.failed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
               PERFORM {s}.enqueue(json_build_object('key', 'invoice/' || NEW.id,
                 'text', json_build_object('to', '+14155551234', 'text', 'Invoice ' || NEW.id))::text);
               RETURN NEW;
             END $$;
             CREATE TRIGGER failed AFTER INSERT ON {s}.invoice FOR EACH ROW EXECUTE FUNCTION {s}.failed();
             INSERT INTO {s}.invoice VALUES (7);",
        )
        .await;
    server.batch("BEGIN; INSERT INTO {s}.invoice VALUES (8); ROLLBACK;").await;
    let message = outbox.wait("invoice/7").await.unwrap();
    assert!(matches!(message.state, State::Accepted { .. }), "{}", message.state);
    assert!(matches!(outbox.get("invoice/8").await, Err(OutboxError::NotFound)));
    assert_eq!(fake.sent().len(), 1);
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
    drop(outbox);
    server.close().await;
}

/// A person's own client, in the transaction of the person.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn psql_enqueues_in_its_own_transaction() {
    let (server, fake) = (Server::start().await, FakeTwilio::start().await);
    let outbox = server.outbox().await;
    let worker = worker(&outbox, &fake, quick()).await;
    server.batch("CREATE TABLE {s}.invoice (id bigint PRIMARY KEY)").await;
    let bill = |id: u32, key: &str, end: &str| {
        let request = Enqueue::new(key, text(&format!("Invoice {id}"))).row().unwrap();
        let enqueue =
            Enqueue::postgres(server.postgres.schema()).replace("$1", &format!("$json${request}$json$"));
        server.psql(&format!("BEGIN; INSERT INTO {{s}}.invoice VALUES ({id}); {enqueue}; {end}"))
    };
    let id = bill(7, "invoice/7", "COMMIT").unwrap();
    bill(8, "invoice/8", "ROLLBACK").unwrap();
    let refused = bill(9, "invoice/7", "COMMIT").unwrap_err();
    assert!(refused.contains("ERROR:  SB409: SB409: the key is taken by another message"), "{refused}");
    let message = outbox.wait("invoice/7").await.unwrap();
    assert!(matches!(message.state, State::Accepted { .. }), "{}", message.state);
    assert_eq!(message.id.to_string(), id);
    assert!(matches!(outbox.get("invoice/8").await, Err(OutboxError::NotFound)));
    assert_eq!(server.psql("SELECT id FROM {s}.invoice").unwrap(), "7");
    assert_eq!(fake.sent().len(), 1);
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
    drop(outbox);
    server.close().await;
}

/// On SQLite, which does not check this, the message is parked.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn half_an_emoji_fails_the_statement() {
    let server = Server::start().await;
    let outbox = server.outbox().await;
    for request in [
        r#"{"key":"k","text":{"to":"+14155551234","text":"hi \ud83d"}}"#,
        r#"{"key":"k\ud83d","text":{"to":"+14155551234","text":"hi"}}"#,
        r#"{"tenant":"t\ud83d","key":"k","text":{"to":"+14155551234","text":"hi"}}"#,
    ] {
        let connection = server.postgres.connection().await.unwrap();
        let refused = connection.one(&Enqueue::postgres(server.postgres.schema()), &[&request]).await;
        let Err(StoreError::Postgres { sqlstate: Some(code), .. }) = refused else { panic!("{request}") };
        assert_eq!(code, "SB400", "{request}");
    }
    assert_eq!(outbox.counts().await.unwrap().ready, 0);
    drop(outbox);
    server.close().await;
}
