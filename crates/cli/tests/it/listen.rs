//! `listen`: webhooks are verified, shown, forwarded and answered; numbers get back what they had, however it ends.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::IntoResponse;
use http::{HeaderMap, Method, StatusCode, Uri};
use rustix::process::Signal;
use serde_json::Value;
use switchboard::twilio::numbers::{PhoneNumber, UpdateNumber};
use switchboard::twilio::webhook::{Event, SignedRequest, Verifier};
use switchboard_testing::{FakeTwilio, FaultProxy, InboundSms, ProxyMode};

use crate::running::{Home, Program};

const PERSON: &str = "+14155551234";
const SECOND_NUMBER: &str = "+14155550177";
const APPLICATION: &str = "AP0123456789abcdef0123456789abcdef";
const PUBLIC: &str = "https://example.ngrok.app";

/// A fake whose number has URLs, methods and an application of its own.
async fn fake() -> FakeTwilio {
    let fake = FakeTwilio::start().await;
    fake.own_number(SECOND_NUMBER);
    for (number, name) in [(fake.phone_number(), "main"), (SECOND_NUMBER, "second")] {
        let update = UpdateNumber::new()
            .sms_url(format!("https://old.example/{name}/sms"))
            .sms_method("GET")
            .voice_url(format!("https://old.example/{name}/voice"))
            .voice_application(APPLICATION)
            .status_callback("https://old.example/status");
        fake.account().phone_numbers().update(&fake.number_sid(number).unwrap(), &update).await.unwrap();
    }
    fake
}

async fn number(fake: &FakeTwilio, number: &str) -> PhoneNumber {
    fake.account().phone_numbers().fetch(&fake.number_sid(number).unwrap()).await.unwrap()
}

/// All settings of a number, except when it last changed.
async fn settings(fake: &FakeTwilio, of: &str) -> Value {
    let mut settings = serde_json::to_value(number(fake, of).await).unwrap();
    settings.as_object_mut().unwrap().remove("dateUpdated");
    settings
}

fn text<T: AsRef<str>>(value: &Option<T>) -> &str {
    value.as_ref().map_or("", AsRef::as_ref)
}

async fn configured(home: &Home, fake: &FakeTwilio, url: &str, number: &str) -> Program {
    let arguments =
        ["listen", "--port", "0", "--public-url", PUBLIC, "--configure", number, "--sms-path", "/sms"];
    let mut program = Program::start(home, fake, url, &arguments);
    program.tells("listening at").await;
    program
}

async fn holds_ours(fake: &FakeTwilio, of: &str) {
    let now = number(fake, of).await;
    assert_eq!((text(&now.sms_url), text(&now.sms_method)), ("https://example.ngrok.app/sms", "POST"));
    assert_eq!((text(&now.voice_url), text(&now.voice_application_sid)), (PUBLIC, ""));
    assert_eq!(text(&now.status_callback), "https://old.example/status");
}

#[tokio::test]
async fn int_term_and_hup_put_the_old_urls_back() {
    let (home, fake) = (Home::new(), fake().await);
    let before = settings(&fake, fake.phone_number()).await;
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let mut program = configured(&home, &fake, &fake.url(), fake.phone_number()).await;
        holds_ours(&fake, fake.phone_number()).await;
        let journals = home.journals();
        assert_eq!(journals.len(), 1);
        let journal = std::fs::read_to_string(&journals[0]).unwrap();
        assert!(journal.contains("https://old.example/main/sms") && !journal.contains(&fake.auth_token()));
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&journals[0]).unwrap().permissions().mode() & 0o777, 0o600);
        program.signal(signal);
        assert_eq!(program.code().await, 0, "{signal:?} {:#?}", program.told);
        assert!(program.has_told("the old URLs of …0100 are back"), "{:#?}", program.told);
        assert_eq!(settings(&fake, fake.phone_number()).await, before, "{signal:?}");
        assert!(home.journals().is_empty());
    }
}

#[tokio::test]
async fn the_next_start_after_kill_9_says_so_and_puts_them_back() {
    let (home, fake) = (Home::new(), fake().await);
    let before = settings(&fake, fake.phone_number()).await;
    let later: [&[&str]; 3] = [
        &["listen", "--restore"],
        &["listen", "--port", "0"],
        &["listen", "--port", "0", "--public-url", PUBLIC, "--configure", fake.phone_number()],
    ];
    for arguments in later {
        let mut killed = configured(&home, &fake, &fake.url(), fake.phone_number()).await;
        killed.signal(Signal::KILL);
        killed.ends().await;
        holds_ours(&fake, fake.phone_number()).await;
        assert_eq!(home.journals().len(), 1);

        let mut next = Program::start(&home, &fake, &fake.url(), arguments);
        next.tells("…0100 was left configured at 20").await;
        next.tells("the old URLs of …0100 are back").await;
        if !arguments.contains(&"--restore") {
            next.tells("listening at").await;
            next.signal(Signal::INT);
        }
        assert_eq!(next.code().await, 0, "{:#?}", next.told);
        assert_eq!(settings(&fake, fake.phone_number()).await, before, "{arguments:?}");
        assert!(home.journals().is_empty());
    }
    let mut nothing = Program::start(&home, &fake, &fake.url(), &["listen", "--restore"]);
    nothing.tells("there is nothing to put back").await;
    assert_eq!(nothing.code().await, 0);
}

#[tokio::test]
async fn a_dead_network_keeps_the_journal_for_the_next_start() {
    let (home, fake) = (Home::new(), fake().await);
    let before = settings(&fake, fake.phone_number()).await;
    let network = FaultProxy::to(fake.url());
    for (mode, interrupts) in [(ProxyMode::Refuse, 1), (ProxyMode::Stall, 2)] {
        let mut program = configured(&home, &fake, &network.url(), fake.phone_number()).await;
        network.set(mode);
        program.signal(Signal::INT);
        if interrupts == 2 {
            // The first one has reached it, as signals of one kind may merge.
            while network.open_connections() == 0 {
                tokio::task::yield_now().await;
            }
            program.signal(Signal::TERM);
        }
        assert_eq!(program.code().await, 5, "{:#?}", program.told);
        assert!(
            program.has_told("the old URLs of …0100 are not put back, and are kept"),
            "{:#?}",
            program.told
        );
        assert!(program.has_told("switchboard listen --restore"), "{:#?}", program.told);
        holds_ours(&fake, fake.phone_number()).await;

        // Still no network: it fails, and loses nothing.
        network.set(ProxyMode::Refuse);
        let mut early = Program::start(&home, &fake, &network.url(), &["listen", "--restore"]);
        assert_eq!(early.code().await, 5, "{:#?}", early.told);
        assert_eq!(home.journals().len(), 1);

        network.set(ProxyMode::Pass);
        let mut next = Program::start(&home, &fake, &network.url(), &["listen", "--restore"]);
        assert_eq!(next.code().await, 0, "{:#?}", next.told);
        assert!(next.has_told("the old URLs of …0100 are back"));
        assert_eq!(settings(&fake, fake.phone_number()).await, before);
        assert!(home.journals().is_empty());
    }
}

#[tokio::test]
async fn a_change_of_somebody_else_is_left_alone_and_told() {
    let (home, fake) = (Home::new(), fake().await);
    let mut program = configured(&home, &fake, &fake.url(), fake.phone_number()).await;
    let theirs = UpdateNumber::new().sms_url("https://theirs.example/sms");
    let sid = fake.number_sid(fake.phone_number()).unwrap();
    fake.account().phone_numbers().update(&sid, &theirs).await.unwrap();
    program.signal(Signal::INT);
    assert_eq!(program.code().await, 0, "{:#?}", program.told);
    assert!(
        program.has_told("somebody else changed where texts to …0100 go: left alone"),
        "{:#?}",
        program.told
    );
    let now = number(&fake, fake.phone_number()).await;
    assert_eq!((text(&now.sms_url), text(&now.sms_method)), ("https://theirs.example/sms", "POST"));
    assert_eq!(
        (text(&now.voice_url), text(&now.voice_application_sid)),
        ("https://old.example/main/voice", APPLICATION)
    );
    assert!(home.journals().is_empty());
}

#[tokio::test]
async fn journals_of_several_processes_do_not_meet() {
    let (home, fake) = (Home::new(), fake().await);
    let mut dead = configured(&home, &fake, &fake.url(), fake.phone_number()).await;
    let mut alive = configured(&home, &fake, &fake.url(), SECOND_NUMBER).await;
    assert_eq!(home.journals().len(), 2);

    let again = ["listen", "--port", "0", "--public-url", PUBLIC, "--configure", SECOND_NUMBER];
    let mut second = Program::start(&home, &fake, &fake.url(), &again);
    assert_eq!(second.code().await, 1, "{:#?}", second.told);
    assert!(second.has_told("another `switchboard listen` has …0177 already"), "{:#?}", second.told);

    dead.signal(Signal::KILL);
    dead.ends().await;
    let mut next = Program::start(&home, &fake, &fake.url(), &["listen", "--restore"]);
    assert_eq!(next.code().await, 0, "{:#?}", next.told);
    assert!(
        next.has_told("the old URLs of …0100 are back") && next.has_told("still runs: left to it"),
        "{:#?}",
        next.told
    );
    holds_ours(&fake, SECOND_NUMBER).await;
    assert_eq!(text(&number(&fake, fake.phone_number()).await.sms_url), "https://old.example/main/sms");

    alive.signal(Signal::INT);
    assert_eq!(alive.code().await, 0, "{:#?}", alive.told);
    assert_eq!(text(&number(&fake, SECOND_NUMBER).await.sms_url), "https://old.example/second/sms");
    assert!(home.journals().is_empty());
}

#[tokio::test]
async fn two_interrupts_end_a_configuration_that_hangs() {
    let (home, fake) = (Home::new(), fake().await);
    let network = FaultProxy::to(fake.url());
    network.set(ProxyMode::Stall);
    let arguments = ["listen", "--port", "0", "--public-url", PUBLIC, "--configure", fake.phone_number()];
    let mut program = Program::start(&home, &fake, &network.url(), &arguments);
    while network.open_connections() == 0 {
        tokio::task::yield_now().await;
    }
    program.signal(Signal::INT);
    program.signal(Signal::TERM);
    assert_eq!(program.code().await, 5, "{:#?}", program.told);
    assert!(program.has_told("switchboard listen --restore"), "{:#?}", program.told);
}

#[tokio::test]
async fn a_kill_at_any_moment_loses_nothing() {
    let (home, fake) = (Home::new(), fake().await);
    let before = settings(&fake, fake.phone_number()).await;
    let arguments = ["listen", "--port", "0", "--public-url", PUBLIC, "--configure", fake.phone_number()];
    let mut configured = 0;
    for round in 0..24 {
        // It reads the number, and then changes it.
        let (request, yields) = (1 + round % 2, round * 40);
        let requests = fake.requests();
        let mut program = Program::start(&home, &fake, &fake.url(), &arguments);
        while fake.requests() < requests + request {
            tokio::task::yield_now().await;
        }
        for _ in 0..yields {
            tokio::task::yield_now().await;
        }
        program.signal(Signal::KILL);
        program.ends().await;
        configured += u32::from(settings(&fake, fake.phone_number()).await != before);
        let mut next = Program::start(&home, &fake, &fake.url(), &["listen", "--restore"]);
        assert_eq!(next.code().await, 0, "{round} {:#?}", next.told);
        assert_eq!(settings(&fake, fake.phone_number()).await, before, "{round}");
        assert!(home.journals().is_empty());
    }
    assert!(configured >= 12, "only {configured} were killed after their update");
}

#[tokio::test]
async fn a_journal_of_another_account_stays_for_that_account() {
    let (home, fake, other) = (Home::new(), fake().await, FakeTwilio::start().await);
    let before = settings(&fake, fake.phone_number()).await;
    let mut killed = configured(&home, &fake, &fake.url(), fake.phone_number()).await;
    killed.signal(Signal::KILL);
    killed.ends().await;
    let requests = other.requests();
    let mut next = Program::start(&home, &other, &other.url(), &["listen", "--restore"]);
    assert_eq!(next.code().await, 1, "{:#?}", next.told);
    assert!(
        next.has_told(&format!("in the account {} are not put back yet", fake.account_sid())),
        "{:#?}",
        next.told
    );
    assert_eq!((other.requests(), home.journals().len()), (requests, 1));
    let mut own = Program::start(&home, &fake, &fake.url(), &["listen", "--restore"]);
    assert_eq!(own.code().await, 0, "{:#?}", own.told);
    assert_eq!((settings(&fake, fake.phone_number()).await, home.journals().len()), (before, 0));
}

#[tokio::test]
async fn a_process_killed_before_its_update_leaves_a_journal_that_changes_nothing() {
    let (home, fake) = (Home::new(), fake().await);
    let before = settings(&fake, fake.phone_number()).await;
    let mut killed = configured(&home, &fake, &fake.url(), fake.phone_number()).await;
    let journal = home.journals().remove(0);
    let written = std::fs::read(&journal).unwrap();
    killed.signal(Signal::INT);
    assert_eq!(killed.code().await, 0);
    // The journal is written before the update, so this is what such a process leaves.
    std::fs::write(&journal, written).unwrap();
    let requests = fake.requests();
    let mut next = Program::start(&home, &fake, &fake.url(), &["listen", "--restore"]);
    assert_eq!(next.code().await, 0, "{:#?}", next.told);
    assert_eq!(fake.requests() - requests, 1, "it looks, and changes nothing");
    assert_eq!((settings(&fake, fake.phone_number()).await, home.journals().len()), (before, 0));

    // A journal that is broken is told by its path, and nothing is changed.
    std::fs::write(&journal, "{").unwrap();
    let mut next = Program::start(&home, &fake, &fake.url(), &["listen", "--restore"]);
    assert_eq!(next.code().await, 1, "{:#?}", next.told);
    assert!(next.has_told("cannot be read") && journal.exists());
}

#[tokio::test]
async fn a_refused_configuration_leaves_nothing_behind() {
    let (home, fake) = (Home::new(), fake().await);
    let unknown = ["listen", "--port", "0", "--public-url", PUBLIC, "--configure", "+14155550199"];
    let mut program = Program::start(&home, &fake, &fake.url(), &unknown);
    assert_eq!(program.code().await, 2, "{:#?}", program.told);
    assert!(program.has_told("the account owns no number"), "{:#?}", program.told);

    let requests = fake.requests();
    for wrong in [
        &["listen", "--configure", "+14155550100"][..],
        &["listen", "--forward", "localhost:3000"],
        &["listen", "--public-url", "example.com"],
        &["listen", "--sms-path", "sms"],
        &["listen", "--fake", "--restore"],
        &["listen", "--json=sid"],
        &["listen", "--public-url", PUBLIC, "--configure", "4155550100"],
    ] {
        let mut program = Program::start(&home, &fake, &fake.url(), wrong);
        assert_eq!(program.code().await, 2, "{wrong:?} {:#?}", program.told);
    }
    assert_eq!((fake.requests(), home.journals().len()), (requests, 0));
}

/// What a target has seen: whether its own verifier accepts each webhook, and the path.
#[derive(Clone)]
struct Seen {
    verifier: Verifier,
    webhooks: Arc<Mutex<Vec<(bool, String)>>>,
    answer: &'static str,
}

async fn answer(
    State(seen): State<Seen>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> impl IntoResponse {
    // As a target must do it: with the URL that Twilio signed, which is told in a header.
    let url = headers["x-original-url"].to_str().unwrap();
    let request = SignedRequest { method: &method, url, headers: &headers, body: &body };
    let verified = seen.verifier.verify(&request);
    let token = headers.contains_key("i-twilio-idempotency-token");
    let is_message = verified
        .is_ok_and(|event| matches!(event.into_inner(), Event::InboundMessage(_) | Event::InboundCall(_)));
    seen.webhooks.lock().unwrap().push((is_message && token, uri.to_string()));
    (StatusCode::OK, [("content-type", "text/xml"), ("x-own", "kept")], seen.answer)
}

/// A program of the user's own, and its URL.
async fn target(fake_token: &str, answer_with: &'static str) -> (Seen, String) {
    let seen = Seen { verifier: Verifier::new(fake_token), webhooks: Arc::default(), answer: answer_with };
    let app = Router::new().fallback(answer).with_state(seen.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/app", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (seen, url)
}

/// A port that is free now.
fn free_port() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port().to_string()
}

const THANKS: &str = "<Response><Message>Thank you</Message></Response>";

#[tokio::test]
async fn a_webhook_is_verified_shown_forwarded_and_answered() {
    let (home, fake) = (Home::new(), fake().await);
    let (seen, target) = target(&fake.auth_token(), THANKS).await;
    let port = free_port();
    let public = format!("http://127.0.0.1:{port}/dev");
    let arguments = [
        "listen",
        "--port",
        &port,
        "--public-url",
        &public,
        "--configure",
        fake.phone_number(),
        "--forward",
        &target,
    ];
    let mut program = Program::start(&home, &fake, &fake.url(), &arguments);
    program.tells("listening at").await;

    let received = fake.receive(InboundSms::new(PERSON, "hi\u{1b}[2J\nthere")).await;
    assert_eq!((received.error(), received.replies()[0].body.as_str()), (None, "Thank you"));
    let line = program.prints("inbound message").await;
    assert!(line.contains("POST /dev  inbound message  SM") && line.contains("…1234 → …0100"), "{line}");
    assert!(line.contains("\"hi\\u{1b}[2J\\nthere\"  200 in ") && !line.contains("5551234"), "{line}");
    assert_eq!(*seen.webhooks.lock().unwrap(), [(true, "/app".to_owned())]);

    let forged = format!("{public}/sms");
    let status = reply_to_a_forged_request(&forged).await;
    assert_eq!(status, 403);
    let line = program.prints("REFUSED").await;
    assert!(
        line.contains("POST /dev/sms  REFUSED with 403: the signature") && !line.contains("planted"),
        "{line}"
    );
    assert_eq!(seen.webhooks.lock().unwrap().len(), 1, "nothing that is not signed reaches the target");
    program.signal(Signal::INT);
    assert_eq!(program.code().await, 0);
}

/// Posts a form with a signature of somebody else.
async fn reply_to_a_forged_request(url: &str) -> u16 {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let form = "MessageSid=SM1&Body=planted&From=%2B14155551234";
    let signature = Verifier::new("00000000000000000000000000000000").sign_form(url, &[("Body", "planted")]);
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = tokio::net::TcpStream::connect(host).await.unwrap();
    let request = format!(
        "POST /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nX-Twilio-Signature: {signature}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn json_is_one_object_a_line_and_a_dead_target_is_told() {
    let (home, fake) = (Home::new(), fake().await);
    let port = free_port();
    let public = format!("http://127.0.0.1:{port}");
    let dead = format!("http://127.0.0.1:{}", free_port());
    let arguments = [
        "listen",
        "--json",
        "--port",
        &port,
        "--public-url",
        &public,
        "--configure",
        fake.phone_number(),
        "--forward",
        &dead,
    ];
    let mut program = Program::start(&home, &fake, &fake.url(), &arguments);
    program.tells("listening at").await;
    let received = fake.receive_sms(PERSON, "hello").await;
    assert_eq!(received.status(), Some(502));
    let line: Value = serde_json::from_str(&program.prints("{").await).unwrap();
    assert_eq!((&line["event"], &line["params"]["Body"]), (&"inbound_message".into(), &"hello".into()));
    assert_eq!(
        (&line["verified"], &line["status"], &line["answeredBy"]),
        (&true.into(), &502.into(), &"listen".into())
    );
    assert_eq!(line["params"]["From"], PERSON);
    assert!(line["error"].as_str().unwrap().contains("cannot be reached"), "{line}");
    program.signal(Signal::INT);
    assert_eq!(program.code().await, 0);
}

#[tokio::test]
async fn without_a_target_twilio_is_told_to_do_nothing_and_a_closed_output_ends_it() {
    let (home, fake) = (Home::new(), fake().await);
    let before = settings(&fake, fake.phone_number()).await;
    let port = free_port();
    let public = format!("http://127.0.0.1:{port}");
    let arguments = ["listen", "--port", &port, "--public-url", &public, "--configure", fake.phone_number()];
    let mut program = Program::start(&home, &fake, &fake.url(), &arguments);
    program.tells("listening at").await;
    let received = fake.receive_sms(PERSON, "hello").await;
    assert_eq!((received.status(), received.error(), received.replies().len()), (Some(200), None, 0));
    program.prints("hello").await;

    program.close_output();
    // The reader ends when the next line comes, and the line after that finds nobody.
    for _ in 0..2 {
        fake.receive_sms(PERSON, "is anybody there").await;
    }
    assert_eq!(program.code().await, 0, "{:#?}", program.told);
    assert_eq!(settings(&fake, fake.phone_number()).await, before);
}

#[tokio::test]
async fn people_of_a_fake_do_what_is_typed() {
    let home = Home::new();
    let unused = fake().await;
    let requests = unused.requests();
    let port = free_port();
    let (seen, target) = target("unknown", "<Response><Gather><Say>Press 1</Say></Gather></Response>").await;
    let arguments = ["listen", "--fake", "--port", &port, "--forward", &target, "--voice-path", "/voice"];
    let mut program = Program::start(&home, &unused, &unused.url(), &arguments);
    program.tells("type help").await;
    program.types("text 4155551234 hello").await;
    program.tells("as in `text +14155551234 hello`").await;
    program.types("press 1").await;
    program.tells("nobody is calling").await;
    program.types("text +14155551234 hello there").await;
    program.prints("inbound message").await;
    program.types("call +14155551234").await;
    let line = program.prints("inbound call").await;
    assert!(line.contains("POST /voice") && line.contains("…1234"), "{line}");
    program.prints("the caller hears: \"Press 1\"").await;
    program.prints("the call is in-progress").await;
    program.types("press 1").await;
    program.prints("gather result").await;
    program.types("hangup").await;
    program.prints("the call is completed").await;
    program.types("quit").await;
    assert_eq!(program.code().await, 0, "{:#?}", program.told);
    let paths: Vec<_> = seen.webhooks.lock().unwrap().iter().map(|(_, path)| path.clone()).collect();
    assert_eq!(paths, ["/app", "/app/voice", "/app/voice"]);
    assert_eq!(unused.requests(), requests, "the account of the user is not touched");
}
