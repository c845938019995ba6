//! Accounts that cannot be found, are found late, or change.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use switchboard::Credentials;
use switchboard_outbox::{Account, AccountError, Accounts, Enqueue, Outbox, State};
use switchboard_testing::{FakeTwilio, Fault};

use crate::database::{TestDatabase, on_both};
use crate::setup::{account, quick, text, until};

/// What a program's own code does with the name of a tenant.
#[derive(Debug)]
struct Resolver {
    account: Account,
    asked: AtomicU32,
}

impl Resolver {
    fn new(fake: &FakeTwilio) -> Self {
        Self { account: account(fake), asked: AtomicU32::new(0) }
    }
}

#[async_trait::async_trait]
impl Accounts for Resolver {
    async fn account(&self, tenant: &str) -> Result<Account, AccountError> {
        let asked = self.asked.fetch_add(1, Ordering::SeqCst);
        match tenant {
            "hangs" => std::future::pending().await,
            "panics" => panic!("a defect of the program"),
            "panics once it is asked again" if asked == 1 => panic!("a defect of the program"),
            "hangs once it is asked again" if asked == 1 => std::future::pending().await,
            _ => Ok(self.account.clone()),
        }
    }
}

async fn others_go_on(tenant: &str, database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let outbox = database.outbox().await;
    let of = |tenant: &str| Enqueue::new("k", text(tenant)).tenant(tenant);
    outbox.enqueue_all([of(tenant), of("one")]).await.unwrap();
    let worker = outbox.worker(Resolver::new(&fake)).timing(quick()).spawn().await.unwrap();
    for other in ["one", "two"] {
        outbox.enqueue_all([of(other)]).await.unwrap();
        let sent = tokio::time::timeout(Duration::from_secs(10), outbox.wait((other, "k"))).await;
        assert!(sent.is_ok_and(|sent| sent.unwrap().state.is_outcome()), "{other} waits for {tenant}");
    }
    assert!(worker.is_running());
    assert_eq!(outbox.get((tenant, "k")).await.unwrap().state, State::Ready);
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn a_tenant_whose_account_is_never_found_keeps_no_other_waiting(database: &TestDatabase) {
    others_go_on("hangs", database).await;
}

async fn a_tenant_whose_account_makes_the_program_panic_keeps_no_other_waiting(database: &TestDatabase) {
    others_go_on("panics", database).await;
}

async fn a_pause_ends(tenant: &str, database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let outbox = database.outbox().await;
    fake.fail_next(Fault::code(401, 20003));
    let mut timing = quick();
    timing.begin = Duration::from_secs(1);
    let worker = outbox.worker(Resolver::new(&fake)).timing(timing).spawn().await.unwrap();
    outbox.enqueue_all([Enqueue::new("k", text("Hi")).tenant(tenant)]).await.unwrap();
    until("it is sent after the pause", async || outbox.get((tenant, "k")).await.unwrap().state.is_outcome())
        .await;
    assert_eq!(fake.sent().len(), 1);
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn a_pause_ends_though_the_program_panics_when_the_account_is_asked_for_again(database: &TestDatabase) {
    a_pause_ends("panics once it is asked again", database).await;
}

async fn a_pause_ends_though_the_account_is_not_found_again_at_first(database: &TestDatabase) {
    a_pause_ends("hangs once it is asked again", database).await;
}

/// Its credentials are wrong until they are changed.
#[derive(Debug)]
struct Rotating {
    wrong: Account,
    right: Account,
    changed: std::sync::atomic::AtomicBool,
}

#[async_trait::async_trait]
impl Accounts for Rotating {
    async fn account(&self, _: &str) -> Result<Account, AccountError> {
        let account = if self.changed.load(Ordering::SeqCst) { &self.right } else { &self.wrong };
        Ok(account.clone().named("main"))
    }
}

async fn new_credentials_are_used_for_every_sender_of_the_account(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let sid = fake.credentials().get("accountSid").unwrap().to_owned();
    let wrong = Credentials::twilio(sid, "f".repeat(32)).phone_number(fake.phone_number());
    let rotating = std::sync::Arc::new(Rotating {
        wrong: Account::new(fake.adapter(), wrong),
        right: account(&fake),
        changed: false.into(),
    });
    let outbox = database.outbox().await;
    let senders: Vec<String> = (0..6).map(|n| format!("+1415555010{n}")).collect();
    senders.iter().for_each(|sender| fake.own_number(sender));
    let of = |sender: &String| Enqueue::new(sender.clone(), text(sender).from(sender.as_str()));
    outbox.enqueue_all(senders.iter().map(of)).await.unwrap();
    let worker = outbox.worker(rotating.clone()).timing(quick()).spawn().await.unwrap();
    until("the account pauses", async || !outbox.paused().await.unwrap().is_empty()).await;
    rotating.changed.store(true, Ordering::SeqCst);
    outbox.drained().await.unwrap();
    assert_eq!(fake.sent().len(), 6);

    let mut events = outbox.events("test").await.unwrap();
    let mut pauses = 0;
    while let Ok(event) = tokio::time::timeout(Duration::from_millis(300), events.next()).await {
        pauses += u32::from(event.unwrap().topic == "paused");
    }
    // One of them may have tried with the old ones while they were changed.
    assert!(pauses <= 2, "{pauses} pauses: each sender went on with the old credentials");
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

/// A PostgreSQL server that cannot be reached is waited for.
#[tokio::test]
async fn a_worker_whose_database_was_closed_ends_and_says_so() {
    let fake = FakeTwilio::start().await;
    let outbox = Outbox::memory().await.unwrap();
    let worker = outbox.worker(account(&fake)).timing(quick()).spawn().await.unwrap();
    outbox.store().close().await;
    let ended = tokio::time::timeout(Duration::from_secs(10), worker.ended()).await;
    assert!(ended.expect("it goes on without a database").is_err());
}

on_both! {
    a_tenant_whose_account_is_never_found_keeps_no_other_waiting,
    a_tenant_whose_account_makes_the_program_panic_keeps_no_other_waiting,
    a_pause_ends_though_the_program_panics_when_the_account_is_asked_for_again,
    a_pause_ends_though_the_account_is_not_found_again_at_first,
    new_credentials_are_used_for_every_sender_of_the_account,
}
