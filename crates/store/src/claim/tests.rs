use switchboard::bytes::Bytes;
use switchboard::http::{HeaderMap, HeaderValue};
use switchboard::twilio::webhook::Params;
use switchboard_testing::contract::{self, ClaimsUnderTest, assert_none};

mod host;

use super::*;
use crate::test_site::{Kind, Site, number as counted, on_both, run};
use crate::{Keys, Postgres, Sqlite};

const LEASE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const OLD: &str = "2026a:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const NEW: &str = "2026b:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";

on_both!(
    a_webhook_is_stored_with_its_parameters_and_its_answer,
    an_unfinished_handler_is_told_of,
    a_missing_or_wrong_key_is_an_error_and_nothing_is_handled_again,
    a_moved_payload_or_answer_does_not_open,
    old_webhooks_are_deleted_and_running_or_foreign_ones_kept,
    deliveries_delete_the_old_ones_by_themselves,
    rotation_leaves_only_the_new_key,
    a_webhook_names_the_user_of_its_account,
);

async fn open(site: &Site, database: &Database, keys: &str) -> WebhookEvents {
    let mut builder = WebhookEvents::builder();
    builder.clock = site.clock.clone();
    if !keys.is_empty() {
        builder = builder.seal(Keys::parse(keys).unwrap());
    }
    builder.open(database.clone()).await.unwrap()
}

struct Subject<'s>(&'s Site, &'static str);

#[async_trait]
impl ClaimsUnderTest for Subject<'_> {
    async fn claims(&self) -> Arc<dyn Claims> {
        Arc::new(open(self.0, &self.0.database().await, self.1).await)
    }

    async fn pass(&self, time: Duration) {
        self.0.pass(time).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn webhook_events_pass_the_suite_of_claims() {
    for (kind, keys) in [(Kind::Memory, ""), (Kind::Memory, OLD), (Kind::File, OLD)] {
        assert_none(&contract::claims(&Subject(&Site::new(kind), keys)).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs PostgreSQL"]
async fn webhook_events_on_postgres_pass_the_suite_of_claims() {
    for keys in ["", OLD] {
        let site = Site::new(Kind::Postgres);
        assert_none(&contract::claims(&Subject(&site, keys)).await);
        site.end().await;
    }
}

async fn claimed(events: &WebhookEvents, key: &str, params: &Params) -> Claim {
    let delivery = WebhookDelivery::new(key, params).event_type("inbound_message").account_sid(Some("AC1"));
    events.claim(&delivery, LEASE).await.unwrap()
}

async fn granted(events: &WebhookEvents, key: &str) -> Ticket {
    match claimed(events, key, &params()).await {
        Claim::Granted(ticket) => ticket,
        other => panic!("{other:?}"),
    }
}

fn params() -> Params {
    Params::from_pairs([("Body", "planted text"), ("From", "+14155551234"), ("Tag", "one"), ("Tag", "two")])
}

fn answer() -> Answer {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static("text/xml"));
    Answer::new(StatusCode::OK, headers, Bytes::from_static(b"<Response>planted answer</Response>"))
}

async fn settled(events: &WebhookEvents, key: &str) {
    let ticket = granted(events, key).await;
    events.settle(key, ticket, &answer()).await.unwrap();
}

/// How many rows have this text in the clear.
async fn in_the_clear(database: &Database, text: &str) -> i64 {
    let body = match database {
        Database::Sqlite(_) => "CAST(answer_body AS TEXT)",
        Database::Postgres(_) => "encode(answer_body, 'escape')",
    };
    let sql = format!(
        "SELECT count(*) FROM {{t}}webhook_events
         WHERE payload || answer_headers || coalesce({body}, '') LIKE '%{text}%'"
    );
    counted(database, &sql).await
}

async fn a_webhook_is_stored_with_its_parameters_and_its_answer(site: &Site) {
    for keys in ["", OLD] {
        let database = site.database().await;
        let events = open(site, &database, keys).await;
        let ticket = granted(&events, "key").await;
        events.release("key", ticket, StatusCode::BAD_GATEWAY).await.unwrap();
        let [failed] = &events.recent(None, 9).await.unwrap()[..] else { panic!("not one row") };
        assert_eq!(failed.error.as_deref(), Some("the handler answered 502"));

        granted(&events, "key").await;
        site.pass(LEASE).await;
        settled(&events, "key").await;
        let [handled] = &events.recent(None, 9).await.unwrap()[..] else { panic!("not one row") };
        assert_eq!((handled.attempts, handled.answer_status, &handled.error), (3, Some(200), &None));
        assert_eq!(
            (handled.event_type.as_str(), handled.account_sid.as_deref()),
            ("inbound_message", Some("AC1"))
        );
        assert_eq!(handled.params, params());
        assert!(handled.handled_at_micros > Some(handled.received_at_micros));
        assert_eq!(claimed(&events, "key", &Params::default()).await, Claim::Settled(answer()));
        assert_eq!(in_the_clear(&database, "planted").await, i64::from(keys.is_empty()));
        assert!(!format!("{events:?} {handled:?}").contains("planted"));
    }
}

async fn an_unfinished_handler_is_told_of(site: &Site) {
    let events = open(site, &site.database().await, "").await;
    granted(&events, "key").await;
    site.pass(LEASE).await;
    granted(&events, "key").await;
    let [row] = &events.recent(None, 9).await.unwrap()[..] else { panic!("not one row") };
    assert_eq!(row.error.as_deref(), Some("the handler did not finish within its lease"));
}

async fn a_missing_or_wrong_key_is_an_error_and_nothing_is_handled_again(site: &Site) {
    let database = site.database().await;
    settled(&open(site, &database, OLD).await, "key").await;
    let wrong = OLD.replace("AAEC", "AAED");
    for (keys, expected) in
        [("", "`2026a` is missing"), (NEW, "`2026a` is missing"), (&wrong, "does not open")]
    {
        let events = open(site, &database, keys).await;
        let params = params();
        let error = events.claim(&WebhookDelivery::new("key", &params), LEASE).await.unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert!(events.recent(None, 9).await.is_err());
    }
    let both = open(site, &database, &format!("{NEW},{OLD}")).await;
    assert_eq!(claimed(&both, "key", &params()).await, Claim::Settled(answer()));
}

async fn a_moved_payload_or_answer_does_not_open(site: &Site) {
    let database = site.database().await;
    let events = open(site, &database, OLD).await;
    for key in ["one", "two"] {
        settled(&events, key).await;
    }
    let swap = "UPDATE {t}webhook_events AS a SET payload = b.payload, answer_headers = b.answer_headers
                FROM {t}webhook_events AS b WHERE b.dedupe_key <> a.dedupe_key";
    run(&database, swap).await;
    let params = params();
    let error = events.claim(&WebhookDelivery::new("one", &params), LEASE).await.unwrap_err();
    assert!(error.to_string().contains("does not open"), "{error}");
    assert!(events.recent(None, 9).await.is_err());
}

async fn count(database: &Database, table: &str) -> i64 {
    counted(database, &format!("SELECT count(*) FROM {{t}}{table}")).await
}

async fn old_webhooks_are_deleted_and_running_or_foreign_ones_kept(site: &Site) {
    let database = site.database().await;
    // At least a day, whatever is set.
    let mut builder = WebhookEvents::builder().keep(Duration::from_secs(1));
    builder.clock = site.clock.clone();
    let events = builder.open(database.clone()).await.unwrap();
    for n in 0..1200 {
        settled(&events, &n.to_string()).await;
        events.rows.bind(&n.to_string(), "content").await.unwrap();
    }
    let params = Params::default();
    let endless = WebhookDelivery::new("endless", &params);
    events.claim(&endless, Duration::MAX).await.unwrap();
    let foreign = "INSERT INTO {t}webhook_events (provider, dedupe_key, event_type, payload, received_at)
                   VALUES ('stripe', '1', 'x', '{}', 0)";
    run(&database, foreign).await;
    site.pass(DAY - Duration::from_secs(60)).await;
    assert_eq!(events.sweep().await.unwrap(), 0);
    site.pass(Duration::from_secs(60)).await;
    assert_eq!(events.sweep().await.unwrap(), 2400);
    assert_eq!(
        (count(&database, "webhook_events").await, count(&database, "webhook_signatures").await),
        (2, 0)
    );
    assert_eq!(claimed(&events, "endless", &params).await, Claim::Running);
}

async fn deliveries_delete_the_old_ones_by_themselves(site: &Site) {
    let database = site.database().await;
    let events = open(site, &database, "").await;
    for n in 0..300 {
        events.bind(&format!("old {n}"), "content").await.unwrap();
    }
    site.pass(DAY).await;
    for n in 0..SWEEP_EVERY {
        events.bind(&format!("new {n}"), "content").await.unwrap();
    }
    assert_eq!(count(&database, "webhook_signatures").await, i64::from(SWEEP_EVERY));
}

#[tokio::test]
async fn a_database_that_fails_grants_nothing() {
    let sqlite = Sqlite::memory().await.unwrap();
    let events = WebhookEvents::open(sqlite.clone()).await.unwrap();
    sqlite.close().await;
    fails(&events).await;
}

async fn fails(events: &WebhookEvents) {
    let params = params();
    assert!(events.claim(&WebhookDelivery::new("key", &params), LEASE).await.is_err());
    assert!(events.bind("signature", "content").await.is_err());
    assert!(events.settle("key", Ticket(1), &answer()).await.is_err());
    assert!(events.renew("key", Ticket(1), LEASE).await.is_err());
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn a_connection_that_is_lost_is_opened_again() {
    let site = Site::new(Kind::Postgres);
    let Database::Postgres(postgres) = site.database().await else { panic!("not PostgreSQL") };
    let url = std::env::var("SWITCHBOARD_TEST_POSTGRES").unwrap();
    let joint = if url.contains('?') { '&' } else { '?' };
    let named = format!("{url}{joint}application_name={}", postgres.schema());
    let named = Postgres::builder(&named).schema(postgres.schema()).connect().await.unwrap();
    let events = WebhookEvents::open(named).await.unwrap();
    for n in 0..4 {
        settled(&events, &n.to_string()).await;
    }
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = $1";
    postgres.connection().await.unwrap().query(end, &[&postgres.schema()]).await.unwrap();
    // Each of the lost connections fails at most once, and what was settled stays settled.
    let mut failures = 0;
    for n in (0..4).cycle().take(40) {
        let params = params();
        match events.claim(&WebhookDelivery::new(&n.to_string(), &params), LEASE).await {
            Ok(claim) => assert_eq!(claim, Claim::Settled(answer())),
            Err(_) => failures += 1,
        }
    }
    assert!(failures <= 4, "{failures}");
    assert!(matches!(claimed(&events, "new", &params()).await, Claim::Granted(_)));
    site.end().await;
}

async fn of_many_one_is_granted(handles: [WebhookEvents; 2]) {
    for round in 0..20 {
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..50 {
            let events = handles[n % 2].clone();
            tasks.spawn(async move {
                let bound = events.bind(&format!("signature {round}"), &n.to_string()).await.unwrap();
                (claimed(&events, &format!("key {round}"), &params()).await, bound)
            });
        }
        let all = tasks.join_all().await;
        assert_eq!(all.iter().filter(|(claim, _)| matches!(claim, Claim::Granted(_))).count(), 1);
        assert_eq!(all.iter().filter(|(_, bound)| *bound == Binding::New).count(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_callers_at_two_handles_one_is_granted() {
    let site = Site::new(Kind::File);
    let Database::Sqlite(first) = site.database().await else { panic!("not SQLite") };
    let second = Sqlite::open(first.path().unwrap()).await.unwrap();
    let handles = [open(&site, &first.into(), OLD).await, open(&site, &second.into(), OLD).await];
    of_many_one_is_granted(handles).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs PostgreSQL"]
async fn of_many_callers_at_two_handles_on_postgres_one_is_granted() {
    let site = Site::new(Kind::Postgres);
    let database = site.database().await;
    let handles = [open(&site, &database, OLD).await, open(&site, &database, OLD).await];
    of_many_one_is_granted(handles).await;
    site.end().await;
}

async fn rotation_leaves_only_the_new_key(site: &Site) {
    let database = site.database().await;
    let (clear, old) = (open(site, &database, "").await, open(site, &database, OLD).await);
    settled(&clear, "in the clear").await;
    for n in 0..600 {
        settled(&old, &n.to_string()).await;
    }
    let keys = |key: &str, count| BTreeMap::from([(key.to_owned(), count)]);
    assert_eq!(old.check().await.unwrap(), keys("2026a", 1200));
    for without in [open(site, &database, NEW).await, clear] {
        for error in [without.check().await.unwrap_err(), without.rotate().await.unwrap_err()] {
            assert!(
                error.to_string().contains("key `2026a` is missing, which sealed 1200 values"),
                "{error}"
            );
        }
    }
    let both = open(site, &database, &format!("{NEW},{OLD}")).await;
    assert_eq!(both.rotate().await.unwrap(), Rotated { resealed: 1200, damaged: 0 });
    let new = open(site, &database, NEW).await;
    assert_eq!(new.check().await.unwrap(), keys("2026b", 1200));
    assert_eq!(claimed(&new, "599", &params()).await, Claim::Settled(answer()));
    assert_eq!(claimed(&new, "in the clear", &params()).await, Claim::Settled(answer()));
    assert!(new.recent(None, 1000).await.unwrap().iter().all(|webhook| webhook.params == params()));
}

async fn a_webhook_names_the_user_of_its_account(site: &Site) {
    let database = site.database().await;
    let users = crate::UserCredentials::open(database.clone(), Keys::parse(OLD).unwrap()).await.unwrap();
    let credentials = switchboard::Credentials::twilio("AC1", "token");
    users.save(&crate::CredentialName::new("user-7", "twilio"), &credentials).await.unwrap();
    let mut builder = WebhookEvents::builder().users(users);
    builder.clock = site.clock.clone();
    let events = builder.open(database.clone()).await.unwrap();
    settled(&events, "before").await;
    // What a test with the provider writes.
    run(&database, "UPDATE {t}user_credentials SET verified_account = account_sid").await;
    settled(&events, "after").await;
    let users =
        |webhooks: Vec<StoredWebhook>| webhooks.into_iter().map(|row| row.user_id).collect::<Vec<_>>();
    assert_eq!(users(events.recent(None, 9).await.unwrap()), [Some("user-7".to_owned()), None]);
    assert_eq!(events.recent(Some("user-7"), 9).await.unwrap().len(), 1);
    assert!(events.recent(Some("user-8"), 9).await.unwrap().is_empty());
}
