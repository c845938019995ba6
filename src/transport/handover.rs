//! Handing a request to a connection: its body, which can be withdrawn until the connection takes it, and how long the
//! sender waits.
//!
//! hyper polls the body right before it writes the request: in the same call that puts the head into its buffer, and
//! before that buffer is flushed (`poll_write` in `proto/h1/dispatch.rs`). So if the body was not polled, no byte was
//! sent. And if the poll returns an error, the head is not sent either: hyper drops the connection with its buffer.
//!
//! Three methods have to agree for that, because hyper skips the poll where it expects no data: of an empty body it
//! calls only [`is_end_stream`](Body::is_end_stream), so that method marks the request as taken; and a body that was
//! revoked says that it has not ended and that one byte is left. With no bytes, or with an unknown number of them in a
//! `GET`, hyper would send the head without a poll (`set_length` in `proto/h1/role.rs`).

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Instant, timeout_at};

use super::mark::Mark;
use crate::provider::{BeginBy, StopSignal};

#[derive(Debug)]
struct Handover {
    mark: Mark,
    created: Instant,
    begin_by: Option<BeginBy>,
    stop: Option<StopSignal>,
}

/// The sender's side: dropping it withdraws what no connection has taken.
#[derive(Debug)]
pub(super) struct Withdrawal(Arc<Handover>);

/// The connection's side.
#[derive(Debug)]
pub(super) struct RevocableBody {
    bytes: Option<Bytes>,
    handover: Arc<Handover>,
}

/// Makes a body, and the handle that withdraws it. The connection cannot take it after `begin_by`,
/// nor after `stop`.
pub(super) fn revocable(
    bytes: Bytes,
    begin_by: Option<BeginBy>,
    stop: Option<StopSignal>,
) -> (RevocableBody, Withdrawal) {
    let handover = Arc::new(Handover { mark: Mark::new(), created: Instant::now(), begin_by, stop });
    let bytes = Some(bytes).filter(|bytes| !bytes.is_empty());
    (RevocableBody { bytes, handover: Arc::clone(&handover) }, Withdrawal(handover))
}

impl Withdrawal {
    /// Withdraws the request. True where no byte of it has left or will leave.
    pub(super) fn revoke(&self) -> bool {
        self.0.mark.revoke()
    }

    /// Returns when a connection took the request.
    pub(super) fn taken_at(&self) -> Option<Instant> {
        let nanos = self.0.mark.taken_at()?;
        self.0.created.checked_add(Duration::from_nanos(nanos))
    }
}

impl Drop for Withdrawal {
    fn drop(&mut self) {
        self.0.mark.revoke();
    }
}

impl Handover {
    /// The last check before the request is written. It is needed because the process may have been stopped, or the
    /// machine asleep, since the check before.
    fn take(&self) -> bool {
        let over = self.begin_by.is_some_and(|by| by.has_passed())
            || self.stop.as_ref().is_some_and(StopSignal::is_stopped);
        if over && self.mark.revoke() {
            return false;
        }
        self.mark.take(u64::try_from(self.created.elapsed().as_nanos()).unwrap_or(u64::MAX))
    }
}

impl Body for RevocableBody {
    type Data = Bytes;
    type Error = Revoked;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if !self.handover.take() {
            return Poll::Ready(Some(Err(Revoked)));
        }
        Poll::Ready(self.bytes.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none() && self.handover.take()
    }

    fn size_hint(&self) -> SizeHint {
        let length = self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64);
        SizeHint::with_exact(if self.handover.mark.is_revoked() { length.max(1) } else { length })
    }
}

/// Why a connection was given no body.
#[derive(Debug)]
pub(super) struct Revoked;

impl fmt::Display for Revoked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the request was withdrawn before a connection took it")
    }
}

impl std::error::Error for Revoked {}

/// The deadlines of the wait for a status line. A duration that is too long to add to the clock means no deadline.
pub(super) struct WaitLimits {
    /// The deadline for the whole exchange.
    pub(super) total: Option<Instant>,
    /// The deadline for a connection to take the request, from the time-out to connect.
    pub(super) connect: Option<Instant>,
    /// The same deadline, set by the caller as `begin_by`.
    pub(super) begin: Option<Instant>,
    /// The time from then until the answer must begin.
    pub(super) read: Duration,
}

/// The shortest pause between two checks whether a connection has taken the request. With a read time-out of zero it would
/// be checked without a pause.
const SHORTEST_CHECK: Duration = Duration::from_millis(1);

impl WaitLimits {
    /// Returns the name of the limit that has run out.
    pub(super) fn passed(&self, now: Instant, taken: Option<Instant>) -> Option<&'static str> {
        let over = |limit: Option<Instant>| limit.is_some_and(|limit| now >= limit);
        match taken {
            _ if over(self.total) => Some("total"),
            Some(taken) => over(taken.checked_add(self.read)).then_some("read"),
            None if over(self.begin) => Some("begin"),
            None => over(self.connect).then_some("connect"),
        }
    }

    /// Returns when to check the limits again. Nothing wakes the sender when a connection takes the request, so it
    /// checks after the read time-out at the latest.
    pub(super) fn next(&self, now: Instant, taken: Option<Instant>) -> Option<Instant> {
        let waiting = taken.is_none().then_some([self.connect, self.begin]);
        let read = match taken {
            Some(at) => at.checked_add(self.read),
            None => now.checked_add(self.read.max(SHORTEST_CHECK)),
        };
        waiting.into_iter().flatten().flatten().chain(read).chain(self.total).min()
    }
}

/// Waits for a future until a moment, or without a limit for `None`.
pub(super) async fn until<F: Future>(moment: Option<Instant>, future: F) -> Option<F::Output> {
    match moment {
        Some(moment) => timeout_at(moment, future).await.ok(),
        None => Some(future.await),
    }
}

/// Returns the earlier of two moments; `None` means never.
pub(super) fn earlier(a: Option<Instant>, b: Option<Instant>) -> Option<Instant> {
    a.into_iter().chain(b).min()
}

#[cfg(test)]
mod tests {
    use http::{Method, Request};
    use http_body_util::BodyExt as _;
    use hyper_util::rt::TokioIo;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    /// Sends one request over a hyper connection, and returns everything that the server read.
    async fn written(
        method: Method,
        bytes: &'static str,
        revoked: bool,
        begin_by: Option<BeginBy>,
        stop: Option<StopSignal>,
    ) -> String {
        let (near, mut far) = tokio::io::duplex(4096);
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(near)).await.unwrap();
        let connection = tokio::spawn(connection);
        let (body, withdrawal) = revocable(Bytes::from_static(bytes.as_bytes()), begin_by, stop.clone());
        if revoked {
            assert!(withdrawal.revoke());
        }
        let request = Request::builder().method(method).uri("/x").header("host", "h").body(body).unwrap();
        let answering = tokio::spawn(async move {
            let mut got = [0; 4096];
            let read = far.read(&mut got).await.unwrap();
            let _ = far.write_all(b"HTTP/1.1 204 X\r\nConnection: close\r\n\r\n").await;
            String::from_utf8_lossy(&got[..read]).into_owned()
        });
        let answer = sender.send_request(request).await;
        assert_eq!(answer.is_ok(), !revoked && begin_by.is_none() && stop.is_none());
        assert_eq!(withdrawal.taken_at().is_some(), answer.is_ok());
        if let Ok(answer) = answer {
            answer.into_body().collect().await.unwrap();
        }
        drop(sender);
        let _ = connection.await.unwrap();
        answering.await.unwrap()
    }

    const REQUESTS: [(Method, &str); 6] = [
        (Method::GET, ""),
        (Method::HEAD, ""),
        (Method::DELETE, ""),
        (Method::POST, ""),
        (Method::POST, "Body=x"),
        (Method::GET, "odd"),
    ];

    #[tokio::test]
    async fn no_byte_of_a_revoked_request_is_sent() {
        for (method, bytes) in REQUESTS {
            assert_eq!(written(method.clone(), bytes, true, None, None).await, "", "{method} {bytes:?}");
        }
    }

    #[tokio::test]
    async fn a_request_is_not_begun_after_begin_by() {
        for (method, bytes) in REQUESTS {
            let late = Some(BeginBy::within(Duration::ZERO));
            assert_eq!(written(method.clone(), bytes, false, late, None).await, "", "{method} {bytes:?}");
        }
    }

    #[tokio::test]
    async fn a_request_is_not_begun_after_a_stop() {
        for (method, bytes) in REQUESTS {
            let stop = StopSignal::new();
            stop.stop();
            assert_eq!(
                written(method.clone(), bytes, false, None, Some(stop)).await,
                "",
                "{method} {bytes:?}"
            );
        }
    }

    #[tokio::test]
    async fn a_request_that_was_taken_is_sent_completely() {
        for (method, bytes) in REQUESTS {
            let got = written(method.clone(), bytes, false, None, None).await;
            assert!(got.starts_with(&format!("{method} /x HTTP/1.1\r\n")) && got.ends_with(bytes), "{got}");
            assert!(!got.contains("chunked"), "{got}");
        }
    }

    #[test]
    fn dropping_the_send_withdraws_the_request() {
        let (body, withdrawal) = revocable(Bytes::from_static(b"x"), None, None);
        drop(withdrawal);
        assert!(!body.handover.take());
        assert!(!body.is_end_stream());
    }

    #[test]
    fn after_a_request_was_taken_only_the_read_time_out_applies() {
        let now = Instant::now();
        let at = |seconds| now + Duration::from_secs(seconds);
        let limits = WaitLimits {
            total: Some(at(60)),
            connect: Some(at(2)),
            begin: Some(at(1)),
            read: Duration::from_secs(20),
        };
        assert_eq!((limits.passed(at(0), None), limits.next(now, None)), (None, Some(at(1))));
        assert_eq!((limits.passed(at(1), None), limits.passed(at(1), Some(now))), (Some("begin"), None));
        assert_eq!(limits.next(at(1), Some(now)), Some(at(20)));
        assert_eq!(limits.passed(at(20), Some(now)), Some("read"));
        assert_eq!(limits.passed(at(60), None), Some("total"));
        let unlimited = WaitLimits { total: None, connect: None, begin: None, read: Duration::MAX };
        assert_eq!((unlimited.next(now, None), unlimited.passed(at(9), Some(now))), (None, None));
    }

    #[test]
    fn a_read_time_out_of_zero_does_not_check_without_a_pause() {
        let now = Instant::now();
        let limits = WaitLimits { total: None, connect: None, begin: None, read: Duration::ZERO };
        assert_eq!(limits.next(now, None), now.checked_add(SHORTEST_CHECK));
        assert_eq!(limits.next(now, Some(now)), Some(now));
    }
}
