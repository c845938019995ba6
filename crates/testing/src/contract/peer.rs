//! A server on raw TCP that follows a script and counts the complete requests that it received.
//!
//! It shares no code with the adapters under test or with an HTTP library, so that its count does not depend on them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What the server does with one request.
#[derive(Debug, Clone)]
pub(super) enum Behaviour {
    /// It answers.
    Answer(Answer),
    /// It states the length of the whole body, sends half of it, and closes.
    Cut(Answer),
    /// It reads the request and closes.
    Close,
    /// It reads the request and never answers.
    Stall,
    /// It reads the request, and answers with bytes that are not HTTP.
    Garbage,
}

/// An answer of the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers without `Content-Length`.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Answer {
    /// Answers with a status and a body of JSON.
    pub fn json(status: u16, body: impl Into<String>) -> Self {
        let headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
        Self { status, headers, body: body.into() }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Returns the bytes of the answer, with only the first `sent` bytes of its body.
    fn bytes(&self, sent: usize) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} X\r\nContent-Length: {}\r\n", self.status, self.body.len());
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        bytes.extend(self.body.bytes().take(sent));
        bytes
    }
}

/// A complete request.
#[derive(Debug, Clone)]
pub(super) struct ReceivedRequest {
    /// The request line and the headers.
    pub(super) head: String,
    pub(super) body: String,
}

impl ReceivedRequest {
    /// The path and the query.
    pub(super) fn target(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }
}

#[derive(Debug, Default)]
struct Shared {
    script: VecDeque<Behaviour>,
    received: Vec<ReceivedRequest>,
}

/// The server. It ends when it is dropped.
#[derive(Debug)]
pub(super) struct Peer {
    url: String,
    shared: Arc<Mutex<Shared>>,
    accepting: JoinHandle<()>,
}

impl Peer {
    /// Starts a server that follows a script, one behaviour for each request, and repeats the last one.
    pub(super) async fn start(script: impl IntoIterator<Item = Behaviour>) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let shared =
            Arc::new(Mutex::new(Shared { script: script.into_iter().collect(), received: Vec::new() }));
        let accepting = tokio::spawn({
            let shared = Arc::clone(&shared);
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(serve(stream, Arc::clone(&shared)));
                }
            }
        });
        Ok(Self { url, shared, accepting })
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn received(&self) -> Vec<ReceivedRequest> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner).received.clone()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Returns the URL of a port of this machine on which no server listens.
pub(super) async fn closed_port() -> std::io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    Ok(format!("http://{}", listener.local_addr()?))
}

async fn serve(mut stream: TcpStream, shared: Arc<Mutex<Shared>>) {
    let mut buffer = Vec::new();
    while let Some(request) = read_request(&mut stream, &mut buffer).await {
        let behaviour = {
            let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
            shared.received.push(request);
            if shared.script.len() > 1 { shared.script.pop_front() } else { shared.script.front().cloned() }
        };
        let written = match behaviour {
            Some(Behaviour::Answer(answer)) => stream.write_all(&answer.bytes(usize::MAX)).await.is_ok(),
            Some(Behaviour::Cut(answer)) => {
                let _ = stream.write_all(&answer.bytes(answer.body.len() / 2)).await;
                false
            }
            Some(Behaviour::Garbage) => {
                let _ = stream.write_all(b"220 mail.example ESMTP\r\n").await;
                false
            }
            Some(Behaviour::Stall) => {
                // Returns when the client closes the connection.
                let _ = stream.read(&mut [0; 1]).await;
                false
            }
            Some(Behaviour::Close) | None => false,
        };
        if !written {
            return;
        }
    }
}

/// Reads a complete request: its head, and a body with a length or in chunks.
async fn read_request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<ReceivedRequest> {
    loop {
        if let Some(end) = find(buffer, b"\r\n\r\n") {
            let head = String::from_utf8_lossy(buffer.get(..end)?).into_owned();
            if let Some((body, used)) = body_of(&head, buffer.get(end + 4..)?) {
                buffer.drain(..end + 4 + used);
                return Some(ReceivedRequest { head, body });
            }
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
}

/// Returns the body and its length on the wire; `None` while it is incomplete.
fn body_of(head: &str, rest: &[u8]) -> Option<(String, usize)> {
    let header = |name: &str| {
        head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    if header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
        return chunks(rest);
    }
    let length = header("content-length").and_then(|value| value.parse().ok()).unwrap_or(0);
    Some((String::from_utf8_lossy(rest.get(..length)?).into_owned(), length))
}

fn chunks(rest: &[u8]) -> Option<(String, usize)> {
    let (mut body, mut at) = (Vec::new(), 0);
    loop {
        let line = find(rest.get(at..)?, b"\r\n")?;
        let size = std::str::from_utf8(rest.get(at..at + line)?).ok()?;
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        at += line + 2;
        body.extend_from_slice(rest.get(at..at + size)?);
        // A line break follows the data of each chunk, also the empty data of the last one.
        rest.get(at + size..at + size + 2)?;
        at += size + 2;
        if size == 0 {
            return Some((String::from_utf8_lossy(&body).into_owned(), at));
        }
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
