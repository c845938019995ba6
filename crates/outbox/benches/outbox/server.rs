//! The least that can pass for Twilio: reads requests from bare sockets, a thread each, and answers with a message.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

/// A server that counts requests. Its threads end with the process, or when their client hangs up.
pub(crate) struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    started: Instant,
    requests: AtomicU64,
    /// Says so when there were this many requests.
    wanted: AtomicU64,
    reached: Notify,
    /// Nanoseconds from the start to the first byte of the first request since it was reset; 0 for none.
    first_byte: AtomicU64,
}

impl Server {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            started: Instant::now(),
            requests: AtomicU64::new(0),
            wanted: AtomicU64::new(u64::MAX),
            reached: Notify::new(),
            first_byte: AtomicU64::new(0),
        });
        let server = Self { address, shared: Arc::clone(&shared) };
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = Arc::clone(&shared);
                // A client that hangs up, or is killed, is no concern of the server's.
                std::thread::spawn(move || drop(serve(stream, &shared)));
            }
        });
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Requests so far.
    pub(crate) fn requests(&self) -> u64 {
        self.shared.requests.load(Ordering::Acquire)
    }

    /// Waits until there were so many requests since the start.
    pub(crate) async fn reached(&self, requests: u64) {
        self.shared.wanted.store(requests, Ordering::SeqCst);
        while self.requests() < requests {
            let notified = self.shared.reached.notified();
            tokio::time::timeout(Duration::from_secs(120), notified).await.expect("the requests arrive");
        }
        self.shared.wanted.store(u64::MAX, Ordering::SeqCst);
    }

    /// Forgets when the last request came.
    pub(crate) fn forget_first_byte(&self) {
        self.shared.first_byte.store(0, Ordering::SeqCst);
    }

    /// When the first byte of the first request came since [`forget_first_byte`](Self::forget_first_byte).
    pub(crate) fn first_byte(&self) -> Option<Instant> {
        let nanoseconds = self.shared.first_byte.load(Ordering::SeqCst);
        (nanoseconds > 0).then(|| self.shared.started + Duration::from_nanos(nanoseconds))
    }
}

impl Shared {
    fn byte_came(&self) {
        let nanoseconds = u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX);
        let _ = self.first_byte.compare_exchange(0, nanoseconds, Ordering::SeqCst, Ordering::Relaxed);
    }

    fn request_came(&self) -> u64 {
        let number = self.requests.fetch_add(1, Ordering::SeqCst) + 1;
        if number >= self.wanted.load(Ordering::SeqCst) {
            self.reached.notify_one();
        }
        number
    }
}

fn serve(mut stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = vec![0; 16 * 1024];
    let mut filled = 0;
    loop {
        let whole = loop {
            if let Some(length) = request_length(&buffer[..filled]).filter(|length| *length <= filled) {
                break length;
            }
            let read = stream.read(&mut buffer[filled..])?;
            if read == 0 {
                return Ok(());
            }
            if filled == 0 {
                shared.byte_came();
            }
            filled += read;
        };
        let answer = answer(shared.request_came());
        stream.write_all(answer.as_bytes())?;
        buffer.copy_within(whole..filled, 0);
        filled -= whole;
    }
}

/// The length of a request with its body, once its head is there.
fn request_length(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&bytes[..head]).ok()?;
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    Some(head + length.unwrap_or(0))
}

fn answer(number: u64) -> String {
    let json = format!(
        r#"{{"account_sid": "AC00000000000000000000000000000001", "api_version": "2010-04-01", "body": "Your table is ready, see you soon", "date_created": "Thu, 24 Aug 2023 05:01:45 +0000", "date_sent": null, "date_updated": "Thu, 24 Aug 2023 05:01:45 +0000", "direction": "outbound-api", "error_code": null, "error_message": null, "from": "+15005550006", "messaging_service_sid": null, "num_media": "0", "num_segments": "1", "price": null, "price_unit": "USD", "sid": "SM{number:032x}", "status": "queued"}}"#
    );
    format!(
        "HTTP/1.1 201 Created\r\nContent-Type: application/json;charset=utf-8\r\nContent-Length: {}\r\n\
         Twilio-Concurrent-Requests: 1\r\nTwilio-Request-Id: RQ00000000000000000000000000000004\r\n\r\n{json}",
        json.len()
    )
}
