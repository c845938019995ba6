//! Limits for each recipient and each range of numbers, with many that enqueue and several workers: what arrives at the
//! provider never passes them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use switchboard::provider::Outgoing;
use switchboard_outbox::policy::{Emergency, Policy, Purpose, Velocity};
use switchboard_outbox::{Account, AccountError, Accounts, Enqueue, Outbox, Person, State, Timing, Worker};
use switchboard_testing::FakeTwilio;
use tokio::task::JoinHandle;

use crate::database::{TestDatabase, on_both};
use crate::setup::{TO, account, quick, until};

const TASKS: u32 = 64;
const EACH: u32 = 10;
const SENDERS: u32 = 8;
const RECIPIENTS: u32 = 40;
const HOUR: Duration = Duration::from_secs(3_600);

fn sender(number: u32) -> String {
    format!("+1500555{:04}", 100 + number % SENDERS)
}

fn recipient(number: u32) -> String {
    format!("+1415555{:04}", 1_000 + number % RECIPIENTS)
}

/// A mark that is used at once, so that the window is not much longer.
fn timing() -> Timing {
    let mut timing = quick();
    timing.begin = Duration::from_millis(400);
    timing
}

/// Serves some tenants only, so that each of two workers has senders of its own from the beginning.
#[derive(Debug)]
struct Only {
    account: Account,
    serves: fn(&str) -> bool,
}

#[async_trait::async_trait]
impl Accounts for Only {
    async fn account(&self, tenant: &str) -> Result<Account, AccountError> {
        if (self.serves)(tenant) { Ok(self.account.clone()) } else { Err("another worker has it".into()) }
    }
}

/// The tenant of a sender.
fn tenant(number: u32) -> &'static str {
    if (number % SENDERS).is_multiple_of(2) { "even" } else { "odd" }
}

async fn worker(fake: &FakeTwilio, outbox: &Outbox, serves: fn(&str) -> bool) -> Worker {
    let account = account(fake).named("all");
    let worker = outbox.worker(Only { account, serves }).timing(timing());
    let worker = (0..SENDERS).fold(worker, |worker, number| worker.rate(sender(number), 1e6));
    worker.rate(fake.phone_number(), 1e6).spawn().await.unwrap()
}

/// As many workers as the database allows, each with connections of its own.
async fn workers(fake: &FakeTwilio, database: &TestDatabase, policy: &Policy) -> (Outbox, Vec<Worker>) {
    (0..SENDERS).for_each(|number| fake.own_number(&sender(number)));
    let outbox = database.outbox().await.with_policy(policy.clone());
    if matches!(database, TestDatabase::Sqlite(_)) {
        let all = vec![worker(fake, &outbox, |_| true).await];
        return (outbox, all);
    }
    let other = database.outbox().await.with_policy(policy.clone());
    let even = worker(fake, &outbox, |tenant| tenant != "odd").await;
    let odd = worker(fake, &other, |tenant| tenant == "odd").await;
    (outbox, vec![even, odd])
}

/// 64 tasks enqueue 640 messages to 40 recipients at the same time, and all of them are due at once. Those to one recipient
/// have different senders, so that different workers have them.
async fn enqueue(outbox: &Outbox) {
    let due = Timestamp::now() + Duration::from_secs(2);
    let tasks = (0..TASKS).map(|task| {
        let outbox = outbox.clone();
        tokio::spawn(async move {
            for number in 0..EACH {
                let number = task * EACH + number;
                let text =
                    Outgoing::text(recipient(number / SENDERS), format!("Hi {number}")).from(sender(number));
                let message = Enqueue::new(format!("message {number}"), text).tenant(tenant(number));
                let message = message.purpose(Purpose::Marketing).due(due);
                outbox.enqueue_all([message]).await.unwrap();
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
}

/// Waits until nothing was sent for a while, and returns how many were, by recipient.
async fn at_rest(fake: &FakeTwilio, least: usize) -> BTreeMap<String, usize> {
    until("enough is sent", async || fake.sent().len() >= least).await;
    let mut before = 0;
    while fake.sent().len() != before {
        before = fake.sent().len();
        tokio::time::sleep(Duration::from_millis(900)).await;
    }
    let mut counts = BTreeMap::new();
    for text in fake.sent() {
        *counts.entry(text.to).or_default() += 1;
    }
    counts
}

async fn shutdown(workers: Vec<Worker>) {
    for worker in workers {
        worker.shutdown(Duration::from_secs(5)).await.unwrap();
    }
}

async fn nobody_gets_more_than_the_limit(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let policy = Policy::new().velocity(Velocity::per_recipient(3, HOUR).unwrap());
    let (outbox, workers) = workers(&fake, database, &policy).await;
    enqueue(&outbox).await;
    let counts = at_rest(&fake, 120).await;
    assert_eq!(counts.len(), 40);
    assert!(counts.values().all(|count| *count == 3), "{counts:?}");
    shutdown(workers).await;
    let counts = outbox.counts().await.unwrap();
    assert_eq!((counts.accepted, counts.ready), (120, 520), "the others wait");
}

async fn a_range_of_numbers_gets_no_more_than_the_limit(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let policy = Policy::new().velocity(Velocity::per_prefix(100, HOUR).unwrap());
    let (outbox, workers) = workers(&fake, database, &policy).await;
    enqueue(&outbox).await;
    let counts = at_rest(&fake, 100).await;
    assert_eq!(counts.values().sum::<usize>(), 100);
    // Another range is not concerned.
    outbox.enqueue("elsewhere", Outgoing::text("+12125550100", "Hi").from(sender(0))).await.unwrap();
    assert!(matches!(outbox.wait("elsewhere").await.unwrap().state, State::Accepted { .. }));
    shutdown(workers).await;
    assert_eq!(outbox.counts().await.unwrap().ready, 540);
}

async fn a_range_that_is_attacked_is_blocked(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let policy = Policy::new().velocity(Velocity::per_prefix(100, HOUR).unwrap().block());
    let (outbox, workers) = workers(&fake, database, &policy).await;
    enqueue(&outbox).await;
    let counts = outbox.drained().await.unwrap();
    shutdown(workers).await;
    assert_eq!((counts.accepted, counts.blocked), (100, 540));
    let mut events = outbox.events("audit").await.unwrap();
    let blocked = loop {
        let event = events.next().await.unwrap();
        if event.topic == "blocked" {
            break event;
        }
    };
    assert_eq!(blocked.detail["rule"], "velocity/prefix");
    assert!(!blocked.detail.to_string().contains("415"), "{}", blocked.detail);
}

/// Notes when the texts arrive at the provider.
struct Arrivals {
    stop: Arc<AtomicBool>,
    watch: JoinHandle<HashMap<String, Vec<Instant>>>,
}

impl Arrivals {
    fn of(fake: &Arc<FakeTwilio>) -> Self {
        let (stop, fake) = (Arc::new(AtomicBool::new(false)), Arc::clone(fake));
        let stopped = Arc::clone(&stop);
        let watch = tokio::spawn(async move {
            let mut seen = 0;
            let mut arrivals: HashMap<String, Vec<Instant>> = HashMap::new();
            while !stopped.load(Ordering::Relaxed) {
                for text in fake.sent().into_iter().skip(seen) {
                    seen += 1;
                    arrivals.entry(text.to).or_default().push(Instant::now());
                }
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            arrivals
        });
        Self { stop, watch }
    }

    async fn end(self) -> HashMap<String, Vec<Instant>> {
        self.stop.store(true, Ordering::Relaxed);
        self.watch.await.unwrap()
    }
}

/// How many arrive in a window at most, and how long all took.
fn most_in(window: Duration, arrivals: &[Instant]) -> (usize, Duration) {
    let within = |from: &Instant| arrivals.iter().filter(|at| *at >= from && **at - *from < window).count();
    (arrivals.iter().map(within).max().unwrap(), *arrivals.last().unwrap() - arrivals[0])
}

async fn the_window_slides_and_what_waits_goes_out_when_it_may(database: &TestDatabase) {
    const WINDOW: Duration = Duration::from_secs(2);
    let fake = Arc::new(FakeTwilio::start().await);
    let person = Velocity::per_recipient(3, WINDOW).unwrap();
    let range = Velocity::per_prefix(30, WINDOW).unwrap();
    let policy = Policy::new().velocity(person).velocity(range);
    let arrivals = Arrivals::of(&fake);
    let (outbox, workers) = workers(&fake, database, &policy).await;
    let text = |number: u32, to: String| {
        let text = Outgoing::text(to, format!("Hi {number}")).from(sender(number));
        Enqueue::new(format!("message {number}"), text).tenant(tenant(number)).purpose(Purpose::Marketing)
    };
    // Nine to one person, and 90 to others of another range.
    let few = (0..9).map(|number| text(number, "+12125550100".to_owned()));
    let many = (9..99).map(|number| text(number, format!("+1415555{number:04}")));
    outbox.enqueue_all(few.chain(many)).await.unwrap();
    let counts = outbox.drained().await.unwrap();
    assert_eq!(counts.accepted, 99, "all of them go out");
    shutdown(workers).await;
    let mut arrivals = arrivals.end().await;
    let (most, took) = most_in(WINDOW, &arrivals.remove("+12125550100").unwrap());
    assert_eq!(most, 3);
    assert!(took < 3 * (WINDOW + timing().begin), "the last one waited too long: {took:?}");
    let mut range: Vec<Instant> = arrivals.into_values().flatten().collect();
    range.sort_unstable();
    let (most, took) = most_in(WINDOW, &range);
    assert!(most <= 30, "{most} of 30");
    assert!(took < 4 * (WINDOW + timing().begin), "the last one waited too long: {took:?}");
}

async fn what_the_provider_refuses_is_given_back(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let policy = Policy::new().velocity(Velocity::per_recipient(1, HOUR).unwrap().every_purpose());
    let (outbox, workers) = workers(&fake, database, &policy).await;
    let too_long = Outgoing::text(TO, "long ".repeat(400)).from(sender(0));
    outbox.enqueue("refused", too_long).await.unwrap();
    assert_eq!(outbox.wait("refused").await.unwrap().state, State::Rejected);
    outbox.enqueue("first", Outgoing::text(TO, "one").from(sender(1))).await.unwrap();
    assert!(matches!(outbox.wait("first").await.unwrap().state, State::Accepted { .. }));
    outbox.enqueue("second", Outgoing::text(TO, "two").from(sender(2))).await.unwrap();
    let later = Timestamp::now() + Duration::from_secs(3_000);
    until("it is put off", async || outbox.get("second").await.unwrap().at > later).await;
    let emergency = Emergency::new("ada", "flood");
    let policy = policy.emergencies(5);
    shutdown(workers).await;
    let outbox = outbox.with_policy(policy);
    let worker = worker(&fake, &outbox, |_| true).await;
    let flood = Enqueue::new("flood", Outgoing::text(TO, "Leave the cellar").from(sender(3)));
    outbox.enqueue_all([flood.emergency(emergency)]).await.unwrap();
    assert!(matches!(outbox.wait("flood").await.unwrap().state, State::Accepted { .. }), "it passes");
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn nothing_is_left_of_a_person_who_is_forgotten(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let person = || Velocity::per_recipient(1, HOUR).unwrap().every_purpose();
    let policy = Policy::new().velocity(person()).velocity(Velocity::per_prefix(9, HOUR).unwrap());
    let (outbox, workers) = workers(&fake, database, &policy).await;
    for (key, to) in [("theirs", format!("whatsapp:{TO}")), ("other", "+14155550100".to_owned())] {
        let from = if key == "theirs" { format!("whatsapp:{}", sender(0)) } else { sender(0) };
        outbox.enqueue(key, Outgoing::text(to, "Hi").from(from)).await.unwrap();
        assert!(matches!(outbox.wait(key).await.unwrap().state, State::Accepted { .. }), "{key}");
    }
    shutdown(workers).await;
    let of = async |who: &str| {
        let sql =
            format!("SELECT CAST(coalesce(sum(count), 0) AS TEXT) FROM {{t}}recent WHERE who = '{who}'");
        database.text(&sql).await
    };
    assert_eq!([of(TO).await, of("+1415555").await].map(|count| count.parse::<u32>().unwrap()), [1, 2]);
    outbox.forget(&Person::new(format!("whatsapp:{TO}")), "ada").await.unwrap();
    assert_eq!([of(TO).await, of("+14155550100").await].map(|count| count.parse::<u32>().unwrap()), [0, 1]);
}

async fn what_counts_no_longer_is_deleted(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let policy =
        Policy::new().velocity(Velocity::per_recipient(1, Duration::from_secs(1)).unwrap().every_purpose());
    let (outbox, workers) = workers(&fake, database, &policy).await;
    let rows =
        async || database.text("SELECT CAST(count(*) AS TEXT) FROM {t}recent").await.parse::<u32>().unwrap();
    for number in 0..20 {
        let text = Outgoing::text(recipient(number), format!("Hi {number}")).from(sender(number));
        outbox.enqueue(format!("early {number}"), text).await.unwrap();
    }
    outbox.drained().await.unwrap();
    assert!(rows().await > 0);
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    for number in 20..40 {
        let text = Outgoing::text(recipient(number), format!("Hi {number}")).from(sender(number));
        outbox.enqueue(format!("late {number}"), text).await.unwrap();
    }
    outbox.drained().await.unwrap();
    shutdown(workers).await;
    let early = database
        .text(&format!("SELECT CAST(count(*) AS TEXT) FROM {{t}}recent WHERE who < '{}'", recipient(20)))
        .await;
    assert_eq!(early, "0");
    assert!(rows().await <= 20);
}

on_both! {
    nobody_gets_more_than_the_limit,
    a_range_of_numbers_gets_no_more_than_the_limit,
    a_range_that_is_attacked_is_blocked,
    the_window_slides_and_what_waits_goes_out_when_it_may,
    what_the_provider_refuses_is_given_back,
    nothing_is_left_of_a_person_who_is_forgotten,
    what_counts_no_longer_is_deleted,
}
