//! A server that accepts every text and counts it. It uses plain TCP, so that it shares no code with the program under
//! test.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

#[derive(Debug, Clone)]
pub(super) struct Counter {
    address: SocketAddr,
    counts: Arc<Mutex<HashMap<u64, u64>>>,
}

impl Counter {
    /// Starts the server. It waits for this many milliseconds before each answer.
    pub(super) async fn start(millis: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let counts: Arc<Mutex<HashMap<u64, u64>>> = Arc::default();
        let shared = Arc::clone(&counts);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&shared), millis));
            }
        });
        Self { address, counts }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns how often the text with this number arrived.
    pub(super) fn count(&self, message: u64) -> u64 {
        self.counts.lock().unwrap().get(&message).copied().unwrap_or(0)
    }

    pub(super) fn total(&self) -> u64 {
        self.counts.lock().unwrap().values().sum()
    }
}

/// Reads requests one after the other. A request counts as soon as its last byte has arrived, as at a real provider.
async fn serve(stream: TcpStream, counts: Arc<Mutex<HashMap<u64, u64>>>, millis: u64) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut stream = BufReader::new(stream);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.ok()? == 0 {
                return None;
            }
            if line == "\r\n" {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.ok()?;
        let body = String::from_utf8(body).ok()?;
        let text = body.split('&').find_map(|pair| pair.strip_prefix("Body=message"))?;
        let text = text.strip_prefix('+').or_else(|| text.strip_prefix("%20"))?;
        let message: u64 = text.parse().ok()?;
        let sid = {
            let mut counts = counts.lock().unwrap();
            let count = counts.entry(message).or_default();
            *count += 1;
            format!("SM{message:024x}{count:08x}")
        };
        if millis > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(millis)).await;
        }
        let json = format!(r#"{{"sid":"{sid}","status":"queued","num_segments":"1"}}"#);
        let head = "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: ";
        let answer = format!("{head}{}\r\n\r\n{json}", json.len());
        stream.write_all(answer.as_bytes()).await.ok()?;
    }
}
