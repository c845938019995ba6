//! The server, a minimal substitute for Twilio: it reads the form, waits if it is configured to, and always answers with the
//! same message.
//!
//! It runs in its own process; the measuring process controls it through [`Server`].

use std::convert::Infallible;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

use crate::CONTENDERS;

/// The environment variable that starts this program as the server; its value is the latency in milliseconds.
pub(crate) const LATENCY_VARIABLE: &str = "SWITCHBOARD_BENCH_SERVER_LATENCY_MS";

const MESSAGE: &str = r#"{"account_sid": "AC00000000000000000000000000000001", "api_version": "2010-04-01", "body": "Hello! Your code is 123456, it holds for 10 minutes. Don't share it.", "date_created": "Thu, 24 Aug 2023 05:01:45 +0000", "date_sent": null, "date_updated": "Thu, 24 Aug 2023 05:01:45 +0000", "direction": "outbound-api", "error_code": null, "error_message": null, "from": "+15005550006", "messaging_service_sid": null, "num_media": "0", "num_segments": "1", "price": null, "price_unit": "USD", "sid": "SM00000000000000000000000000000003", "status": "queued", "subresource_uris": {"media": "/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages/SM00000000000000000000000000000003/Media.json"}, "tags": null, "to": "+14155551234", "uri": "/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages/SM00000000000000000000000000000003.json"}"#;

const HEADERS: [(&str, &str); 8] = [
    ("content-type", "application/json;charset=utf-8"),
    ("twilio-concurrent-requests", "1"),
    ("twilio-request-id", "RQ00000000000000000000000000000004"),
    ("twilio-request-duration", "0.080"),
    ("x-home-region", "us1"),
    ("x-api-domain", "api.twilio.com"),
    ("x-powered-by", "AT-5000"),
    ("strict-transport-security", "max-age=31536000"),
];

/// The server's process. It ends when its standard input closes, so it also ends if this process is killed.
pub(crate) struct Server {
    process: Child,
    ask: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// The base URL for each contender.
    pub(crate) bases: [String; CONTENDERS],
}

impl Server {
    pub(crate) fn start(latency: Duration) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .env(LATENCY_VARIABLE, latency.as_millis().to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program starts again as the server");
        let ask = process.stdin.take().unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap());
        let mut server = Self { process, ask, answers, bases: Default::default() };
        server.bases = server.read_numbers().map(|port| format!("http://127.0.0.1:{port}"));
        server
    }

    /// Returns the largest number of connections that each contender had open since the last call.
    pub(crate) fn peaks(&mut self) -> [usize; CONTENDERS] {
        writeln!(self.ask).expect("the server listens");
        self.read_numbers()
    }

    fn read_numbers(&mut self) -> [usize; CONTENDERS] {
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("the server answers");
        let numbers: Vec<usize> = line.split_whitespace().map(|word| word.parse().unwrap()).collect();
        numbers.try_into().expect("a number for each contender")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The process may have ended already, so errors are ignored.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Connections of one contender.
#[derive(Default)]
struct Connections {
    open: AtomicUsize,
    peak: AtomicUsize,
}

/// Serves until standard input closes.
#[tokio::main(flavor = "current_thread")]
pub(crate) async fn run(latency: Duration) {
    let mut ports = Vec::new();
    let mut all = Vec::new();
    for _ in crate::NAMES {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        ports.push(listener.local_addr().unwrap().port().into());
        let connections = Arc::new(Connections::default());
        all.push(Arc::clone(&connections));
        tokio::spawn(accept(listener, connections, latency));
    }
    print_numbers(&ports);
    // Reads from standard input block, so they run on another thread than the server.
    tokio::task::spawn_blocking(move || {
        for _ in std::io::stdin().lock().lines().map_while(Result::ok) {
            let peaks: Vec<usize> = all.iter().map(|it| it.take_peak()).collect();
            print_numbers(&peaks);
        }
    })
    .await
    .unwrap();
}

fn print_numbers(numbers: &[usize]) {
    let words: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", words.join(" ")).and_then(|()| out.flush()).expect("the client listens");
}

async fn accept(listener: TcpListener, connections: Arc<Connections>, latency: Duration) {
    while let Ok((stream, _)) = listener.accept().await {
        connections.opened();
        let connections = Arc::clone(&connections);
        tokio::spawn(async move {
            serve(stream, latency).await;
            connections.open.fetch_sub(1, Ordering::Relaxed);
        });
    }
}

async fn serve(stream: TcpStream, latency: Duration) {
    stream.set_nodelay(true).expect("a socket without delay");
    let service = service_fn(move |request| answer(request, latency));
    // A connection that the client closes is no error of the server.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(request: Request<Incoming>, latency: Duration) -> Result<Response<Full<Bytes>>, Infallible> {
    let authorised = request.headers().contains_key(header::AUTHORIZATION);
    let form = request.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let whole = authorised && form.windows(5).any(|part| part == b"Body=");
    let mut response = Response::new(Full::from(Bytes::from_static(MESSAGE.as_bytes())));
    *response.status_mut() = if whole { StatusCode::CREATED } else { StatusCode::BAD_REQUEST };
    for (name, value) in HEADERS {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    Ok(response)
}

impl Connections {
    fn opened(&self) {
        let open = self.open.fetch_add(1, Ordering::Relaxed) + 1;
        self.peak.fetch_max(open, Ordering::Relaxed);
    }

    fn take_peak(&self) -> usize {
        self.peak.swap(self.open.load(Ordering::Relaxed), Ordering::Relaxed)
    }
}
