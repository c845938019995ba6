//! Delivers callbacks: a POST each, those of one resource in their order, those of several side by side.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use url::{Position, Url};

use crate::sms::Text;

use super::engine::Callback;

/// Side by side at most.
const LANES: usize = 8;
/// Twilio's own times: for a connection, and for all of it.
const CONNECT: Duration = Duration::from_secs(5);
const TOTAL: Duration = Duration::from_secs(15);

/// What became of one callback.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeliveredCallback {
    /// The resource that changed.
    pub sid: String,
    /// What it changed to: `delivered`, `completed`.
    pub event: String,
    /// The URL of the listener, without a fragment and without what a GET adds.
    pub url: Text,
    /// The status that came back.
    pub status: Option<u16>,
    /// Why none came back.
    pub error: Option<String>,
}

impl DeliveredCallback {
    fn is_taken(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// Takes callbacks and sends them from tasks of its own, which end with it.
#[derive(Debug)]
pub(super) struct Delivery {
    lanes: Vec<mpsc::UnboundedSender<Callback>>,
    log: Arc<Log>,
    _tasks: JoinSet<()>,
}

#[derive(Debug, Default)]
struct Log {
    done: Mutex<Vec<DeliveredCallback>>,
    /// Those of them that failed, each with its method, until somebody takes them.
    failed: Mutex<Vec<(DeliveredCallback, &'static str)>>,
    pending: watch::Sender<usize>,
}

impl Delivery {
    /// Starts the tasks on the caller's runtime.
    pub(super) fn start() -> Self {
        let log = Arc::new(Log::default());
        let mut tasks = JoinSet::new();
        let mut lane = || {
            let (sender, receiver) = mpsc::unbounded_channel();
            tasks.spawn(run(receiver, Arc::clone(&log)));
            sender
        };
        let lanes = (0..LANES).map(|_| lane()).collect();
        Self { lanes, log, _tasks: tasks }
    }

    /// Queues a callback.
    pub(super) fn send(&self, callback: Callback) {
        let mut hasher = DefaultHasher::new();
        callback.sid.hash(&mut hasher);
        let lane = usize::try_from(hasher.finish() % LANES as u64).unwrap_or(0);
        self.log.pending.send_modify(|pending| *pending += 1);
        let sent = self.lanes.get(lane).is_some_and(|lane| lane.send(callback).is_ok());
        if !sent {
            self.log.pending.send_modify(|pending| *pending -= 1);
        }
    }

    /// Takes the callbacks that failed since the last time, each with its method.
    pub(super) fn take_failed(&self) -> Vec<(DeliveredCallback, &'static str)> {
        std::mem::take(&mut *self.log.failed.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until nothing is queued or under way.
    pub(super) async fn settled(&self) {
        // Fails only without a sender, and the log holds it.
        let _ = self.log.pending.subscribe().wait_for(|pending| *pending == 0).await;
    }

    /// Returns what became of the callbacks so far.
    pub(super) fn done(&self) -> Vec<DeliveredCallback> {
        self.log.done.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn run(mut queue: mpsc::UnboundedReceiver<Callback>, log: Arc<Log>) {
    while let Some(callback) = queue.recv().await {
        let method = callback.method();
        let answer = deliver(&callback).await;
        let (status, error) = answer.map_or_else(|error| (None, Some(error)), |status| (Some(status), None));
        let done = DeliveredCallback {
            sid: callback.sid,
            event: callback.event,
            url: callback.listener.into(),
            status,
            error,
        };
        if !done.is_taken() {
            log.failed.lock().unwrap_or_else(PoisonError::into_inner).push((done.clone(), method));
        }
        log.done.lock().unwrap_or_else(PoisonError::into_inner).push(done);
        log.pending.send_modify(|pending| *pending -= 1);
    }
}

/// Sends one callback, and once more if no connection could be made.
async fn deliver(callback: &Callback) -> Result<u16, String> {
    let url = Url::parse(&callback.url).map_err(|error| error.to_string())?;
    if url.scheme() != "http" {
        return Err("the fake delivers callbacks over plain http only".to_owned());
    }
    let exchange = async {
        let stream = match connect(&url).await {
            Ok(stream) => stream,
            Err(_) => connect(&url).await?,
        };
        post(&url, callback, stream).await
    };
    tokio::time::timeout(TOTAL, exchange)
        .await
        .unwrap_or_else(|_| Err("no answer within 15 seconds".to_owned()))
}

async fn connect(url: &Url) -> Result<TcpStream, String> {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let target = (host, url.port_or_known_default().unwrap_or(80));
    let attempt = tokio::time::timeout(CONNECT, TcpStream::connect(target)).await;
    attempt.map_err(|_| "no connection within 5 seconds".to_owned())?.map_err(|error| error.to_string())
}

async fn post(url: &Url, callback: &Callback, stream: TcpStream) -> Result<u16, String> {
    let request = request(url, callback).map_err(|error| error.to_string())?;
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
    // Dropping the set ends the connection with this exchange.
    let mut tasks = JoinSet::new();
    tasks.spawn(connection);
    let answer = sender.send_request(request).await.map_err(|error| error.to_string())?;
    let status = answer.status().as_u16();
    // A receiver must be able to finish its answer; what it says is nobody's business.
    let _ = answer.into_body().collect().await;
    Ok(status)
}

fn request(url: &Url, callback: &Callback) -> http::Result<Request<Full<Bytes>>> {
    let target = url[Position::BeforePath..Position::AfterQuery].to_owned();
    let authority = url[Position::BeforeHost..Position::AfterPort].to_owned();
    let mut request = Request::builder()
        .method(callback.method())
        .uri(target)
        .header(header::HOST, authority)
        .header(header::USER_AGENT, "TwilioProxy/1.1")
        .header(header::ACCEPT, "*/*")
        .header("x-twilio-signature", &callback.signature)
        .header("i-twilio-idempotency-token", &callback.token);
    if callback.form.is_some() {
        request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded; charset=utf-8");
    }
    if !url.username().is_empty() {
        let pair = format!("{}:{}", url.username(), url.password().unwrap_or_default());
        request = request.header(header::AUTHORIZATION, format!("Basic {}", STANDARD.encode(pair)));
    }
    request.body(callback.form.clone().unwrap_or_default().into())
}
