//! The contract of `ProviderAdapter`: one request, its outcome, and how often it is sent.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use switchboard::provider::{ApiRequest, RequestClass};
use switchboard::{Credentials, ErrorCode, Outcome, ProviderAdapter, ProviderError};

use super::peer::{Answer, Behaviour, Peer, ReceivedRequest, closed_port};
use super::violation::{Findings, Violation};

/// What the suite needs to test an adapter.
pub trait AdapterUnderTest: Send + Sync {
    /// Makes an adapter that sends every request to `base_url`, plain http on this machine.
    fn adapter(&self, base_url: &str) -> Arc<dyn ProviderAdapter>;

    /// Returns credentials that are well formed. No value that must stay secret may be shorter than eight characters.
    fn credentials(&self) -> Credentials;

    /// Returns the secret values in these credentials.
    fn secrets(&self) -> Vec<String>;

    /// Returns the answer to `test_connection` with right credentials.
    fn connected(&self) -> Answer;

    /// Returns an answer with which the provider refuses a request that is wrong: a 4xx and its body.
    fn refused(&self) -> Answer;
}

/// The text in every request of the suites. No error or debug output may contain it.
pub(super) const PLANTED: &str = "planted words";
/// The read timeout for a server that never answers. Within this time the request must reach the server, even on a busy
/// machine.
pub(super) const STALLED: Duration = Duration::from_secs(1);
/// The read timeout for every other server.
pub(super) const ANSWERED: Duration = Duration::from_secs(30);

/// One row of the table of outcomes: what the server does, and what the adapter must do then.
struct Row {
    rule: &'static str,
    behaviour: Behaviour,
    /// Each array has the values for a read, an update and a create.
    outcome: [Outcome; 3],
    repeated: [bool; 3],
    retryable: [bool; 3],
}

impl Row {
    /// Returns outcome, repeated and retryable for one class.
    fn of(&self, class: RequestClass) -> (Outcome, bool, bool) {
        let ([read, update, create], [r, u, c], [x, y, z]) = (self.outcome, self.repeated, self.retryable);
        match class {
            RequestClass::Read => (read, r, x),
            RequestClass::Update => (update, u, y),
            RequestClass::Create => (create, c, z),
        }
    }
}

pub(super) const CLASSES: [RequestClass; 3] =
    [RequestClass::Read, RequestClass::Update, RequestClass::Create];

pub(super) fn status(status: u16) -> Behaviour {
    Behaviour::Answer(Answer::json(status, "{}"))
}

fn rows(refused: Answer) -> Vec<Row> {
    use Outcome::{Applied, NotApplied, Unknown};
    let row =
        |rule, behaviour, outcome, repeated, retryable| Row { rule, behaviour, outcome, repeated, retryable };
    let unknown =
        |rule, behaviour| row(rule, behaviour, [Unknown; 3], [true, true, false], [true, true, false]);
    let refusal = |rule, behaviour| row(rule, behaviour, [NotApplied; 3], [false; 3], [false; 3]);
    let redirect = |status| {
        let answer = Answer::json(status, "").header("Location", "http://127.0.0.1:9/elsewhere");
        Behaviour::Answer(answer)
    };
    let json = || Answer::json(200, "{\"note\": \"created\"}");
    vec![
        unknown("the connection is closed after the request", Behaviour::Close),
        unknown("no answer comes in time", Behaviour::Stall),
        unknown("the answer is not HTTP", Behaviour::Garbage),
        unknown("500", status(500)),
        unknown("502", status(502)),
        unknown("503", status(503)),
        unknown("504", status(504)),
        unknown("408", status(408)),
        unknown("599", status(599)),
        unknown("101", status(101)),
        row("429", status(429), [NotApplied; 3], [true; 3], [true; 3]),
        row("301", redirect(301), [NotApplied; 3], [false; 3], [false; 3]),
        row("302", redirect(302), [NotApplied; 3], [false; 3], [false; 3]),
        row("307", redirect(307), [NotApplied; 3], [false; 3], [false; 3]),
        row("303", redirect(303), [NotApplied, NotApplied, Unknown], [false; 3], [false; 3]),
        refusal("400", status(400)),
        refusal("401", status(401)),
        refusal("403", status(403)),
        refusal("404", status(404)),
        refusal("409", status(409)),
        refusal("422", status(422)),
        refusal("a refusal in the provider's own words", Behaviour::Answer(refused)),
        row(
            "a success whose body is incomplete",
            Behaviour::Cut(json()),
            [Applied; 3],
            [true, false, false],
            [true, true, false],
        ),
    ]
}

/// Tests an adapter against the contract of [`ProviderAdapter`].
///
/// It checks every row of the table of outcomes for reads, updates and creates, the paths, the credentials, and that no
/// secret is printed.
///
/// # Errors
/// An [`std::io::Error`] where no port of this machine can be opened.
pub async fn provider_adapter<A: AdapterUnderTest>(subject: &A) -> std::io::Result<Vec<Violation>> {
    let mut findings = Findings::default();
    for row in rows(subject.refused()) {
        for class in CLASSES {
            check_row(subject, &row, class, &mut findings).await?;
        }
    }
    check_refused_connection(subject, &mut findings).await?;
    check_repeat_succeeds(subject, &mut findings).await?;
    check_paths(subject, &mut findings).await?;
    check_credentials(subject, &mut findings).await?;
    Ok(findings.finish())
}

fn request(class: RequestClass, read: Duration) -> ApiRequest {
    let request = match class {
        RequestClass::Read => ApiRequest::get("/things").query([("note", PLANTED)]),
        RequestClass::Update | RequestClass::Create => {
            ApiRequest::new(Method::POST, "/things").json(serde_json::json!({"note": PLANTED}))
        }
    };
    let limits = switchboard::provider::Timeouts::new().read(read);
    request.class(class).timeouts(limits).max_attempts(2)
}

/// Returns the read timeout for a server with this behaviour.
pub(super) const fn read_timeout(behaviour: &Behaviour) -> Duration {
    if matches!(behaviour, Behaviour::Stall) { STALLED } else { ANSWERED }
}

async fn check_row<A: AdapterUnderTest>(
    subject: &A,
    row: &Row,
    class: RequestClass,
    findings: &mut Findings,
) -> std::io::Result<()> {
    let peer = Peer::start([row.behaviour.clone()]).await?;
    let adapter = subject.adapter(peer.url());
    let read = read_timeout(&row.behaviour);
    let result = adapter.request(&subject.credentials(), request(class, read)).await;
    findings.rule(format!("{}, {class:?}", row.rule));
    let Err(error) = result else {
        findings.expect(false, || "it counts as a success".to_owned());
        return Ok(());
    };
    let (outcome, repeated, retryable) = row.of(class);
    let sent = peer.received().len();
    findings
        .expect(error.outcome() == outcome, || {
            format!("the outcome is {:?}, not {outcome:?}", error.outcome())
        })
        .expect(error.is_retryable() == retryable, || {
            format!("is_retryable() is {}, not {retryable}", error.is_retryable())
        })
        .expect(sent == 1 + usize::from(repeated), || {
            format!("it was sent {sent} times, not {}", 1 + usize::from(repeated))
        });
    check_error(&error, subject, findings);
    Ok(())
}

/// Checks that no secret is printed and that the provider is named.
pub(super) fn check_error<A: AdapterUnderTest + ?Sized>(
    error: &ProviderError,
    subject: &A,
    findings: &mut Findings,
) {
    let printed = format!("{error} {error:?} {error:#?} {:?}", std::error::Error::source(error));
    for secret in subject.secrets().iter().map(String::as_str).chain([PLANTED]) {
        findings.expect(!printed.contains(secret), || "the error prints a secret or the text".to_owned());
    }
    findings.expect(error.provider().is_some(), || "the error does not name the provider".to_owned());
    findings.expect(!error.message().is_empty(), || "the error has no message".to_owned());
}

async fn check_refused_connection<A: AdapterUnderTest>(
    subject: &A,
    findings: &mut Findings,
) -> std::io::Result<()> {
    let adapter = subject.adapter(&closed_port().await?);
    for class in CLASSES {
        findings.rule(format!("no server listens, {class:?}"));
        let result = adapter.request(&subject.credentials(), request(class, ANSWERED)).await;
        let Err(error) = result else {
            findings.expect(false, || "it counts as a success".to_owned());
            continue;
        };
        findings
            .expect(error.outcome() == Outcome::NotApplied, || {
                format!("the outcome is {:?}", error.outcome())
            })
            .expect(error.is_retryable(), || "it is not retryable".to_owned());
        check_error(&error, subject, findings);
    }
    Ok(())
}

/// Checks that reads, updates, and requests that were certainly not carried out are repeated and then succeed.
async fn check_repeat_succeeds<A: AdapterUnderTest>(
    subject: &A,
    findings: &mut Findings,
) -> std::io::Result<()> {
    for (class, first) in
        [(RequestClass::Read, 503), (RequestClass::Update, 503), (RequestClass::Create, 429)]
    {
        findings.rule(format!("{first} and then a success, {class:?}"));
        let peer = Peer::start([status(first), status(200)]).await?;
        let adapter = subject.adapter(peer.url());
        let result = adapter.request(&subject.credentials(), request(class, ANSWERED)).await;
        findings.expect(result.is_ok(), || "it fails".to_owned());
    }
    Ok(())
}

async fn check_paths<A: AdapterUnderTest>(subject: &A, findings: &mut Findings) -> std::io::Result<()> {
    for path in ["/../x", "/a/../../x", "/%2e%2e/x", "/a/%2E%2e/x", "/x?y=1", "/x#y", "/{place}"] {
        findings.rule(format!("the path {path} is refused"));
        let peer = Peer::start([status(200)]).await?;
        let adapter = subject.adapter(peer.url());
        let result = adapter.request(&subject.credentials(), ApiRequest::get(path)).await;
        let sent = peer.received().len();
        findings.expect(result.is_err(), || "it is accepted".to_owned());
        findings.expect(sent == 0, || "something was sent".to_owned());
    }
    let peer = Peer::start([status(200)]).await?;
    let adapter = subject.adapter(peer.url());
    let request = ApiRequest::get("/things/{id}").segment("../a b").query([("q", "1&2")]);
    let result = adapter.request(&subject.credentials(), request).await;
    findings.rule("a value in a path is one encoded segment, and the query is sent");
    findings.expect(result.is_ok(), || "it fails".to_owned());
    let received = peer.received();
    let target = received.first().map(ReceivedRequest::target).unwrap_or_default().to_owned();
    findings.expect(target.ends_with("/things/..%2Fa%20b?q=1%262"), || format!("the target is {target}"));
    Ok(())
}

async fn check_credentials<A: AdapterUnderTest>(subject: &A, findings: &mut Findings) -> std::io::Result<()> {
    let peer = Peer::start([Behaviour::Answer(subject.connected())]).await?;
    let adapter = subject.adapter(peer.url());
    findings.rule("credentials that are missing are refused before anything is sent");
    let missing = Credentials::new();
    let refused = [
        adapter.validate_credentials(&missing).err(),
        adapter.auth_headers(&missing).err(),
        adapter.test_connection(&missing).await.err(),
        adapter.request(&missing, ApiRequest::get("/things")).await.err(),
    ];
    let codes = refused.map(|error| error.map(|error| (error.code(), error.outcome())));
    let expected = Some((ErrorCode::InvalidCredentials, Outcome::NotApplied));
    findings.expect(codes.iter().all(|code| *code == expected), || format!("{codes:?}"));
    findings.expect(peer.received().is_empty(), || "something was sent".to_owned());

    findings.rule("right credentials connect, and their headers are marked as sensitive");
    let credentials = subject.credentials();
    let headers = adapter.auth_headers(&credentials).unwrap_or_default();
    let sensitive = |value: &http::HeaderValue| value.is_sensitive();
    findings.expect(!headers.is_empty() && headers.values().all(sensitive), || "they are not".to_owned());
    let connection = adapter.test_connection(&credentials).await;
    findings.expect(connection.is_ok(), || format!("{:?}", connection.err().map(|error| error.code())));

    findings.rule("wrong credentials are UNAUTHORIZED");
    let peer = Peer::start([status(401)]).await?;
    let result = subject.adapter(peer.url()).test_connection(&credentials).await;
    let code = result.err().map(|error| error.code());
    findings.expect(code == Some(ErrorCode::Unauthorized), || format!("{code:?}"));

    findings.rule("Debug shows no secret");
    let printed = format!("{adapter:?} {credentials:?} {headers:?}");
    let leaks = subject.secrets().iter().any(|secret| printed.contains(secret));
    findings.expect(!leaks, || "it does".to_owned());

    findings.rule("messenger and shared_messenger agree");
    let borrowed = adapter.messenger().is_some();
    findings.expect(borrowed == adapter.shared_messenger().is_some(), || "they do not".to_owned());
    Ok(())
}
