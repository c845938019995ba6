//! The server on loopback that Twilio's webhooks arrive at.

use std::fmt;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use http::{StatusCode, header};
use jiff::Timestamp;
use switchboard::twilio::webhook::{Params, SignatureError, SignedRequest, Verified, Verifier};
use tokio::net::TcpListener;
use tokio::sync::Notify;

use super::forward::{Answered, Received, Target};
use super::webhook::Shown;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// As long as Twilio waits for an answer.
const LIMIT: Duration = Duration::from_secs(15);
/// Twilio's webhooks have some kilobytes.
const LONGEST: usize = 1 << 20;
/// What Twilio is answered with where there is no target: do nothing.
const NOTHING_TO_DO: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response/>";

/// What is done with a webhook.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    verifier: Verifier,
    public_path: String,
    target: Option<Target>,
    limit: Duration,
    out: Output,
}

impl Settings {
    /// Verifies with this verifier. With a public URL, that is the one that Twilio signs; without one, the headers of the tunnel
    /// say which one it is.
    pub(crate) fn new(verifier: Verifier, public_url: Option<&str>, out: Output) -> Self {
        let public_path = public_url.and_then(|url| url.parse::<http::Uri>().ok());
        let public_path =
            public_path.map(|url| url.path().trim_end_matches('/').to_owned()).unwrap_or_default();
        let verifier = match public_url {
            Some(url) => verifier.public_url(url),
            None => verifier.trust_proxy(),
        };
        Self { verifier, public_path, target: None, limit: LIMIT, out }
    }

    /// Passes webhooks on to this target.
    pub(crate) fn target(mut self, target: Option<Target>) -> Self {
        self.target = target;
        self
    }
}

/// A bound port on loopback.
#[derive(Debug)]
pub(crate) struct Listener {
    tcp: TcpListener,
    url: String,
}

impl Listener {
    /// Binds a port; 0 is any free one.
    pub(crate) async fn bind(port: u16) -> Result<Self, Failure> {
        let refused = |error: std::io::Error| {
            Failure::new(Exit::Failed, format!("--port: {port} on 127.0.0.1 cannot be used: {error}"))
                .todo("choose another one, for instance `--port 8788`, or `--port 0` for any free one")
        };
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(refused)?;
        let url = format!("http://{}", tcp.local_addr().map_err(refused)?);
        Ok(Self { tcp, url })
    }

    /// The URL for the tunnel: `http://127.0.0.1:8787`.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Serves until `stop`, and then finishes the webhooks that are under way. It also ends when standard output is closed.
    pub(crate) async fn serve(
        self,
        settings: Settings,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), Failure> {
        let shared = Arc::new(Shared { settings, closed: Notify::new() });
        let app = Router::new().fallback(receive).with_state(Arc::clone(&shared));
        let ended = async move {
            tokio::select! {
                () = stop => {}
                () = shared.closed.notified() => {}
            }
        };
        let served = axum::serve(self.tcp, app).with_graceful_shutdown(ended).await;
        served.map_err(|error| Failure::new(Exit::Failed, format!("the server ended: {error}")))
    }
}

struct Shared {
    settings: Settings,
    /// Nobody reads standard output any more.
    closed: Notify,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

async fn receive(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (started, time) = (Instant::now(), Timestamp::now());
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LONGEST).await else {
        shared.settings.out.warn("a request was refused with 413: it broke off, or is longer than 1 MB");
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let webhook = Received { method: head.method, uri: head.uri, headers: head.headers, body };
    let outcome = handle(&shared.settings, &webhook).await;
    let shown = Shown {
        time,
        method: webhook.method.as_str(),
        path: webhook.uri.path(),
        verified: outcome.diagnosis.is_none(),
        diagnosis: outcome.diagnosis,
        event: outcome.params.as_ref().map(Shown::told),
        params: outcome.params.unwrap_or_default(),
        status: outcome.response.status().as_u16(),
        answered_by: outcome.answered_by,
        milliseconds: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        error: outcome.error,
    };
    if show(&shared.settings.out, &shown).is_err() {
        shared.closed.notify_one();
    }
    outcome.response
}

fn show(out: &Output, shown: &Shown<'_>) -> Result<(), Failure> {
    if !out.is_json() {
        return out.say(&shown.line(out));
    }
    out.line(&out.value(shown)?)
}

/// What became of a webhook.
struct Outcome {
    response: Response,
    params: Option<Params>,
    diagnosis: Option<String>,
    answered_by: &'static str,
    error: Option<String>,
}

async fn handle(settings: &Settings, webhook: &Received) -> Outcome {
    let verified = match verify(&settings.verifier, webhook) {
        Ok(verified) => verified,
        Err(error) => return refused(&error),
    };
    let signed_url = verified.url().to_owned();
    let params = Some(verified.into_inner());
    let Some(target) = &settings.target else {
        let empty = ([(header::CONTENT_TYPE, "text/xml")], NOTHING_TO_DO).into_response();
        return Outcome { response: empty, params, diagnosis: None, answered_by: "listen", error: None };
    };
    match target.pass_on(webhook, &signed_url, &settings.public_path, settings.limit).await {
        Ok(answered) => {
            let response = passed_back(answered);
            Outcome { response, params, diagnosis: None, answered_by: "target", error: None }
        }
        Err((status, why)) => {
            let response = (status, why.clone()).into_response();
            Outcome { response, params, diagnosis: None, answered_by: "listen", error: Some(why) }
        }
    }
}

fn verify(verifier: &Verifier, webhook: &Received) -> Result<Verified<Params>, SignatureError> {
    let target = webhook.uri.path_and_query().map_or("/", |target| target.as_str());
    verifier.verify_params(&SignedRequest {
        method: &webhook.method,
        url: target,
        headers: &webhook.headers,
        body: &webhook.body,
    })
}

/// Whoever sent it gets no reason; the user does.
fn refused(error: &SignatureError) -> Outcome {
    let diagnosis = Some(error.to_string());
    let response = StatusCode::FORBIDDEN.into_response();
    Outcome { response, params: None, diagnosis, answered_by: "listen", error: None }
}

fn passed_back(answered: Answered) -> Response {
    let Answered { status, headers, body } = answered;
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}
