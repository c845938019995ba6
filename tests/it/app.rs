//! A webhook server for tests: it returns a configured response for each path, checks every signature and keeps every
//! request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use switchboard::twilio::webhook::Verifier;
use switchboard_testing::FakeTwilio;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinSet;

/// The response of a path.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) body: String,
    pub(crate) location: Option<String>,
    /// Answers only after it is notified.
    pub(crate) gate: Option<Arc<Notify>>,
}

impl Reply {
    pub(crate) fn xml(inner: &str) -> Self {
        Self::of(200, "text/xml", &format!("<Response>{inner}</Response>"))
    }

    pub(crate) fn of(status: u16, content_type: &'static str, body: &str) -> Self {
        Self { status, content_type, body: body.to_owned(), location: None, gate: None }
    }

    pub(crate) fn redirect(status: u16, location: &str) -> Self {
        Self { location: Some(location.to_owned()), ..Self::of(status, "text/plain", "") }
    }

    pub(crate) fn once_notified(self, gate: &Arc<Notify>) -> Self {
        Self { gate: Some(Arc::clone(gate)), ..self }
    }
}

/// A request that was received.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) token: String,
    params: Vec<(String, String)>,
}

impl Heard {
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.params.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str())
    }

    pub(crate) fn keys(&self) -> Vec<&str> {
        self.params.iter().map(|(key, _)| key.as_str()).collect()
    }
}

#[derive(Debug)]
struct Shared {
    verifier: Verifier,
    replies: Mutex<HashMap<String, Reply>>,
    heard: Mutex<Vec<Heard>>,
}

/// The server. It runs until it is dropped.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) url: String,
    shared: Arc<Shared>,
    _task: JoinSet<()>,
}

impl App {
    /// Starts a server that checks signatures with the auth token of a fake.
    pub(crate) async fn start(fake: &FakeTwilio) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let verifier = Verifier::new(fake.auth_token());
        let shared = Arc::new(Shared { verifier, replies: Mutex::default(), heard: Mutex::default() });
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        let mut task = JoinSet::new();
        task.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, shared, _task: task }
    }

    /// Sets the TwiML document of a path; `inner` is the content of its `Response` element.
    pub(crate) fn says(&self, path: &str, inner: &str) -> &Self {
        self.replies(path, Reply::xml(inner))
    }

    pub(crate) fn replies(&self, path: &str, reply: Reply) -> &Self {
        self.shared.replies.lock().unwrap().insert(path.to_owned(), reply);
        self
    }

    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// All requests received so far.
    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.shared.heard.lock().unwrap().clone()
    }

    /// The requested paths, in order.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.heard().into_iter().map(|heard| heard.path).collect()
    }

    /// The last request for a path.
    pub(crate) fn last(&self, path: &str) -> Heard {
        self.heard()
            .into_iter()
            .rfind(|heard| heard.path == path)
            .unwrap_or_else(|| panic!("{path} was not requested"))
    }
}

/// Answers with the configured response, or with 200 and an empty body.
async fn answer(
    State(app): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default();
    let mut user = String::new();
    if let Some(basic) = header("authorization").strip_prefix("Basic ") {
        let decoded = base64::engine::general_purpose::STANDARD.decode(basic).unwrap();
        user = format!("{}@", String::from_utf8(decoded).unwrap());
    }
    let url = format!("http://{user}{}{uri}", header("host"));
    let form: Vec<(String, String)> = serde_urlencoded::from_bytes(&body).unwrap();
    if header("x-twilio-signature") != app.verifier.sign_form(&url, &form) {
        return (StatusCode::FORBIDDEN, "bad signature").into_response();
    }
    assert!(!header("i-twilio-idempotency-token").is_empty() && header("user-agent") == "TwilioProxy/1.1");
    let query: Vec<(String, String)> = serde_urlencoded::from_str(uri.query().unwrap_or_default()).unwrap();
    let params = form.into_iter().chain(query).collect();
    let token = header("i-twilio-idempotency-token").to_owned();
    app.heard.lock().unwrap().push(Heard { method, path: uri.path().to_owned(), token, params });
    let reply = app.replies.lock().unwrap().get(uri.path()).cloned();
    let reply = reply.unwrap_or_else(|| Reply::of(200, "text/plain", ""));
    if let Some(gate) = reply.gate {
        gate.notified().await;
    }
    let mut response = (StatusCode::from_u16(reply.status).unwrap(), reply.body).into_response();
    response.headers_mut().remove(header::CONTENT_TYPE);
    if !reply.content_type.is_empty() {
        response.headers_mut().insert(header::CONTENT_TYPE, reply.content_type.parse().unwrap());
    }
    if let Some(location) = reply.location {
        response.headers_mut().insert(header::LOCATION, location.parse().unwrap());
    }
    response
}
