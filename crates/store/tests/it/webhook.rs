//! Webhooks at several processes that share one database: each delivery is handled once, and again after a kill.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use switchboard::reqwest::{Client, RequestBuilder};
use switchboard::twilio::twiml::MessagingResponse;
use switchboard::twilio::webhook::{InboundMessage, TwilioWebhook, Verifier, Webhooks};
use switchboard_store::{Database, Keys, WebhookEvents, rusqlite};

use crate::process::{Process, Site, note, say, task};

const TOKEN: &str = "12345";
const KEY: &str = "2026a:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const LEASE: Duration = Duration::from_secs(2);

fn verifier() -> Verifier {
    Verifier::new(TOKEN).public_url("https://example.com")
}

/// Notes each run, and answers with the process that ran. `hang` never answers.
async fn handle(
    State(hangs): State<bool>,
    TwilioWebhook(message): TwilioWebhook<InboundMessage>,
) -> MessagingResponse {
    let process = std::process::id();
    note(&format!("{} at {process}", message.sid.as_deref().unwrap()));
    if hangs {
        say("handling");
        std::future::pending::<()>().await;
    }
    // The others arrive while this one is being handled.
    tokio::time::sleep(Duration::from_millis(30)).await;
    message.reply(format!("handled at {process}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the other process of the tests below"]
async fn other_process() {
    let Some((task, database)) = task().await else { return };
    let events = WebhookEvents::builder().seal(Keys::parse(KEY).unwrap()).open(database).await.unwrap();
    let routes = Router::new().route("/sms", post(handle)).with_state(task == "hang");
    let hooks = Webhooks::new(verifier()).claims(events).lease(LEASE).answer_within(LEASE * 3);
    let app = hooks.protect(routes);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    say(&listener.local_addr().unwrap().to_string());
    axum::serve(listener, app).await.unwrap();
}

/// A process that serves webhooks.
struct Server {
    process: Process,
    url: String,
    http: Client,
}

impl Server {
    fn start(site: &Site, task: &str) -> Self {
        let mut process = site.start("webhook::other_process", task);
        let url = format!("http://{}/sms", process.hears());
        Self { process, url, http: Client::builder().no_proxy().build().unwrap() }
    }

    /// A text message, signed as Twilio signs it: each process has the same public URL.
    fn delivery(&self, sid: &str) -> RequestBuilder {
        self.signed(sid, &format!("AccountSid=AC1&Body=Hello&From=%2B14155551234&MessageSid={sid}"))
    }

    /// The signature of the text message, whatever the body says.
    fn signed(&self, sid: &str, body: &str) -> RequestBuilder {
        let form = [("AccountSid", "AC1"), ("Body", "Hello"), ("From", "+14155551234"), ("MessageSid", sid)];
        let signature = verifier().sign_form("https://example.com/sms", &form);
        let request = self.http.post(&self.url).header("X-Twilio-Signature", signature);
        request.header("Content-Type", "application/x-www-form-urlencoded").body(body.to_owned())
    }

    async fn answer(&self, sid: &str) -> (u16, String) {
        let answer = self.delivery(sid).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}

async fn fifty_deliveries_at_two_processes_run_the_handler_once(site: Site) {
    let servers = [Server::start(&site, "serve"), Server::start(&site, "serve")];
    let rounds = 10;
    for round in 0..rounds {
        let sid = format!("SM{round}");
        let deliveries = (0..50).map(|n| tokio::spawn(servers[n % 2].delivery(&sid).send()));
        let mut answers = Vec::new();
        for delivery in deliveries.collect::<Vec<_>>() {
            let answer = delivery.await.unwrap().unwrap();
            answers.push((answer.status().as_u16(), answer.text().await.unwrap()));
        }
        assert!(answers[0].0 == 200 && answers[0].1.contains("handled at"), "{answers:?}");
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    }
    let mut noted = site.noted();
    noted.sort();
    let sids: Vec<&str> = noted.iter().map(|line| line.split(' ').next().unwrap()).collect();
    let expected: Vec<String> = (0..rounds).map(|round| format!("SM{round}")).collect();
    assert_eq!(sids, expected, "{noted:?}");
    drop(servers);
    site.end().await;
}

async fn after_a_kill_in_the_handler_the_repetition_runs_it_again(site: Site) {
    let (mut first, second) = (Server::start(&site, "hang"), Server::start(&site, "serve"));
    let delivery = tokio::spawn(first.delivery("SM1").send());
    assert_eq!(first.process.hears(), "handling");
    assert!(first.process.kill());
    assert!(delivery.await.unwrap().is_err(), "the connection is broken, so Twilio repeats the delivery");

    // It waits until the lease of the killed process has expired.
    let answer = second.answer("SM1").await;
    assert!(answer.0 == 200 && answer.1.contains("handled at"), "{answer:?}");
    assert_eq!(site.noted().len(), 2);
    assert_eq!(second.answer("SM1").await, answer);
    assert_eq!(site.noted().len(), 2);

    // A process that is started afterwards knows it, too.
    let third = Server::start(&site, "serve");
    assert_eq!(third.answer("SM1").await, answer);
    let events = WebhookEvents::builder().seal(Keys::parse(KEY).unwrap());
    let [row] = &events.open(site.open().await).await.unwrap().recent(None, 9).await.unwrap()[..] else {
        panic!("not one row")
    };
    assert_eq!((row.attempts, row.answer_status, row.params.get("Body")), (2, Some(200), Some("Hello")));
    drop((first, second, third));
    site.end().await;
}

/// A claim is renewed while its handler runs, however short the lease is.
async fn a_handler_that_outlives_its_lease_runs_once(site: Site) {
    let (mut first, second) = (Server::start(&site, "hang"), Server::start(&site, "serve"));
    let delivery = tokio::spawn(first.delivery("SM1").send());
    assert_eq!(first.process.hears(), "handling");
    // The second waits for the answer, longer than the lease, in vain.
    assert_eq!(second.answer("SM1").await, (503, String::new()));
    assert_eq!(site.noted().len(), 1);
    assert_eq!(
        delivery.await.unwrap().unwrap().status().as_u16(),
        200,
        "an empty document, as the handler runs on"
    );
    drop((first, second));
    site.end().await;
}

/// Twilio's signature does not cover where a name or a value ends. What one process has seen, the others refuse with other
/// borders.
async fn a_signature_that_one_process_saw_is_bound_at_the_other(site: Site) {
    let servers = [Server::start(&site, "serve"), Server::start(&site, "serve")];
    assert_eq!(servers[0].answer("SM1").await.0, 200);
    // `BodyHelloFrom+1415…` signed as one value, and as another name and value.
    for forged in [
        "AccountSid=AC1&Body=HelloFrom%2B14155551234&MessageSid=SM1",
        "AccountSid=AC1&Body=Hello&From=%2B14155551234MessageSidSM1",
        "AccountSid=AC1&BodyHello=From%2B14155551234&MessageSid=SM1",
    ] {
        for server in &servers {
            let answer = server.signed("SM1", forged).send().await.unwrap();
            assert_eq!(answer.status().as_u16(), 403, "{forged}");
        }
    }
    // Before any process has seen the genuine one, such a form passes: the signature alone is valid.
    let first = servers[0].signed("SM2", "AccountSid=AC1&Body=HelloFrom%2B14155551234&MessageSid=SM2");
    assert_eq!(first.send().await.unwrap().status().as_u16(), 200);
    assert_eq!(servers[1].answer("SM2").await.0, 403);
    assert_eq!(site.noted().len(), 2);
    drop(servers);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bound_signature_on_sqlite() {
    a_signature_that_one_process_saw_is_bound_at_the_other(Site::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL"]
async fn a_bound_signature_on_postgres() {
    a_signature_that_one_process_saw_is_bound_at_the_other(Site::postgres("bound").await).await;
}

/// Another program holds the database: nothing is handled, and Twilio is told so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_database_is_a_503_and_no_run() {
    let site = Site::sqlite();
    let server = Server::start(&site, "serve");
    assert_eq!(server.answer("SM1").await.0, 200);
    let Database::Sqlite(sqlite) = site.open().await else { panic!("not SQLite") };
    let holder = rusqlite::Connection::open(sqlite.path().unwrap()).unwrap();
    holder.execute_batch("BEGIN EXCLUSIVE").unwrap();
    assert_eq!(server.answer("SM2").await, (503, String::new()));
    assert_eq!(site.noted().len(), 1);
    holder.execute_batch("ROLLBACK").unwrap();
    let answer = server.answer("SM2").await;
    assert!(answer.0 == 200 && answer.1.contains("handled at"), "{answer:?}");
    assert_eq!(site.noted().len(), 2);
    drop(server);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_deliveries_at_two_processes_on_sqlite() {
    fifty_deliveries_at_two_processes_run_the_handler_once(Site::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_in_the_handler_on_sqlite() {
    after_a_kill_in_the_handler_the_repetition_runs_it_again(Site::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_handler_on_sqlite() {
    a_handler_that_outlives_its_lease_runs_once(Site::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL"]
async fn fifty_deliveries_at_two_processes_on_postgres() {
    fifty_deliveries_at_two_processes_run_the_handler_once(Site::postgres("fifty").await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL"]
async fn a_kill_in_the_handler_on_postgres() {
    after_a_kill_in_the_handler_the_repetition_runs_it_again(Site::postgres("kill").await).await;
}
