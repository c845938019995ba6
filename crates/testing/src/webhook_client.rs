//! A small HTTP client for requests to webhooks and status callbacks, over plain http.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, Request, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use url::{Position, Url};

use super::connection_overrides::ConnectionOverrides;

/// A request, signed and ready to be sent.
#[derive(Clone, Copy)]
pub(super) struct Outgoing<'a> {
    /// The URL without its fragment. For a GET it contains the parameters.
    pub(super) url: &'a str,
    /// The fragment of the URL, with the connection overrides.
    pub(super) fragment: &'a str,
    /// The form of a POST.
    pub(super) form: Option<&'a str>,
    pub(super) signature: &'a str,
    pub(super) token: &'a str,
}

/// The answer of a webhook.
pub(super) struct WebhookResponse {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    /// Whether the body was longer than the limit, and was truncated.
    pub(super) too_long: bool,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// The URL is not valid, or is not http.
    Url(String),
    Dns(String),
    Connect(String),
    /// The connection broke, or the answer was not valid HTTP.
    Exchange(String),
    /// There was no answer within this time.
    Time(Duration),
}

impl Failure {
    pub(super) fn text(&self) -> String {
        match self {
            Self::Url(text) | Self::Dns(text) | Self::Connect(text) | Self::Exchange(text) => text.clone(),
            Self::Time(total) => format!("no answer within {} ms", total.as_millis()),
        }
    }
}

/// Sends a request, repeats it as its connection overrides say, and reads the answer up to a limit.
pub(super) async fn exchange(request: Outgoing<'_>, limit: usize) -> Result<WebhookResponse, Failure> {
    let url = Url::parse(request.url).map_err(|error| Failure::Url(error.to_string()))?;
    if url.scheme() != "http" {
        let text = "the fake supports plain http only: use an http URL of your test server";
        return Err(Failure::Url(text.to_owned()));
    }
    let overrides = ConnectionOverrides::read(request.fragment);
    let mut left = overrides.retries;
    loop {
        let attempt = attempt(&url, request, limit, &overrides).await;
        if left == 0 || !overrides.repeats(&attempt) {
            return attempt;
        }
        left -= 1;
    }
}

async fn attempt(
    url: &Url,
    request: Outgoing<'_>,
    limit: usize,
    overrides: &ConnectionOverrides,
) -> Result<WebhookResponse, Failure> {
    let attempt = async {
        let stream = tokio::time::timeout(overrides.connect, connect(url)).await;
        let stream = stream.map_err(|_| {
            Failure::Connect(format!("no connection within {} ms", overrides.connect.as_millis()))
        })??;
        send_and_read(url, request, stream, limit).await
    };
    tokio::time::timeout(overrides.total, attempt).await.unwrap_or(Err(Failure::Time(overrides.total)))
}

async fn connect(url: &Url) -> Result<TcpStream, Failure> {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let port = url.port_or_known_default().unwrap_or(80);
    let found = tokio::net::lookup_host((host, port)).await;
    let addresses: Vec<_> = found.map_err(|error| Failure::Dns(error.to_string()))?.collect();
    TcpStream::connect(addresses.as_slice()).await.map_err(|error| Failure::Connect(error.to_string()))
}

async fn send_and_read(
    url: &Url,
    request: Outgoing<'_>,
    stream: TcpStream,
    limit: usize,
) -> Result<WebhookResponse, Failure> {
    let cut = |error: hyper::Error| Failure::Exchange(error.to_string());
    let request = build(url, request).map_err(|error| Failure::Url(error.to_string()))?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(cut)?;
    // The task of the connection ends when the set is dropped.
    let mut tasks = JoinSet::new();
    tasks.spawn(connection);
    let answer = sender.send_request(request).await.map_err(cut)?;
    let (head, body) = answer.into_parts();
    let (body, too_long) = read(body, limit).await.map_err(cut)?;
    Ok(WebhookResponse { status: head.status.as_u16(), headers: head.headers, body, too_long })
}

/// Reads the whole body, so that the program can send all of it, and keeps the bytes within the limit.
async fn read(mut body: Incoming, limit: usize) -> hyper::Result<(Vec<u8>, bool)> {
    let (mut kept, mut length) = (Vec::new(), 0_usize);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        length = length.saturating_add(data.len());
        kept.extend(data.iter().take(limit - kept.len()));
    }
    Ok((kept, length > limit))
}

fn build(url: &Url, outgoing: Outgoing<'_>) -> http::Result<Request<Full<Bytes>>> {
    let target = url[Position::BeforePath..Position::AfterQuery].to_owned();
    let authority = url[Position::BeforeHost..Position::AfterPort].to_owned();
    let mut request = Request::builder()
        .method(if outgoing.form.is_some() { "POST" } else { "GET" })
        .uri(target)
        .header(header::HOST, authority)
        .header(header::USER_AGENT, "TwilioProxy/1.1")
        .header(header::ACCEPT, "*/*")
        .header("x-twilio-signature", outgoing.signature)
        .header("i-twilio-idempotency-token", outgoing.token);
    if outgoing.form.is_some() {
        request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded; charset=utf-8");
    }
    if let Some(basic) = credentials(url) {
        request = request.header(header::AUTHORIZATION, basic);
    }
    request.body(outgoing.form.unwrap_or_default().to_owned().into())
}

/// Returns the user name and password of the URL as Basic credentials.
fn credentials(url: &Url) -> Option<String> {
    let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    let (user, password) = (decoded(url.username()), decoded(url.password().unwrap_or_default()));
    (!user.is_empty()).then(|| format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))))
}
