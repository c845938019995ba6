//! A server of raw TCP that counts whole requests. It shares no code with any client or server library.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;

/// How often a complete request with each `Body=` arrived.
pub(crate) type Counts = HashMap<String, u32>;

pub(crate) struct RawServer {
    pub(crate) port: u16,
    /// The address from which the last connection is opened.
    last: Arc<OnceLock<SocketAddr>>,
    running: tokio::task::JoinHandle<()>,
    counts: Arc<Mutex<Counts>>,
}

impl RawServer {
    /// Listens on every address of the loopback network: each has ephemeral ports of its own.
    pub(crate) async fn start() -> Self {
        Self::answering(None).await
    }

    /// Gives this answer to every request, instead of a created message.
    pub(crate) async fn answering(answer: Option<String>) -> Self {
        let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (last, counts) = (Arc::default(), Arc::default());
        let running =
            tokio::spawn(accept(listener, Arc::clone(&last), Arc::clone(&counts), answer.map(Arc::from)));
        Self { port, last, running, counts }
    }

    /// Waits until every connection that was opened is closed, and returns what arrived over them.
    pub(crate) async fn finish(self) -> Counts {
        // Connections are accepted in the order in which they were opened, so this one comes after all others.
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        self.last.set(socket.local_addr().unwrap()).unwrap();
        let last = socket.connect(([127, 0, 0, 1], self.port).into()).await.unwrap();
        self.running.await.unwrap();
        drop(last);
        std::mem::take(&mut *self.counts.lock().unwrap())
    }
}

async fn accept(
    listener: TcpListener,
    last: Arc<OnceLock<SocketAddr>>,
    counts: Arc<Mutex<Counts>>,
    answer: Option<Arc<str>>,
) {
    let mut connections = JoinSet::new();
    loop {
        let (stream, from) = listener.accept().await.unwrap();
        if last.get() == Some(&from) {
            break;
        }
        connections.spawn(serve(stream, Arc::clone(&counts), answer.clone()));
    }
    while connections.join_next().await.is_some() {}
}

async fn serve(mut stream: TcpStream, counts: Arc<Mutex<Counts>>, answer: Option<Arc<str>>) {
    let mut buffer = Vec::new();
    loop {
        while let Some((body, length)) = whole_request(&buffer) {
            *counts.lock().unwrap().entry(body.clone()).or_default() += 1;
            buffer.drain(..length);
            if let Some(answer) = &answer {
                let _ = stream.write_all(answer.as_bytes()).await;
                continue;
            }
            let json = format!(r#"{{"sid":"SM{body:0>32}","status":"queued","to":"+14155551234"}}"#);
            let answer = format!("HTTP/1.1 201 Created\r\nContent-Length: {}\r\n\r\n{json}", json.len());
            if stream.write_all(answer.as_bytes()).await.is_err() {
                break;
            }
        }
        match stream.read_buf(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
}

/// The text of the first request in the buffer and its length, if it is complete.
fn whole_request(buffer: &[u8]) -> Option<(String, usize)> {
    let length = message_length(buffer)?;
    let request = std::str::from_utf8(&buffer[..length]).unwrap();
    let (_, form) = request.split_once("\r\n\r\n").unwrap();
    let body = form.split('&').find_map(|pair| pair.strip_prefix("Body=")).unwrap_or("none");
    Some((body.to_owned(), length))
}

/// The length of the message at the start of the buffer, if it is complete.
pub(crate) fn message_length(buffer: &[u8]) -> Option<usize> {
    let head = buffer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let lines = std::str::from_utf8(&buffer[..head]).unwrap().to_ascii_lowercase();
    let length = lines.lines().find_map(|line| line.strip_prefix("content-length:"));
    let whole = head + length.map_or(0, |length| length.trim().parse().unwrap());
    (buffer.len() >= whole).then_some(whole)
}
