//! The body of a request, which can be withdrawn until the connection takes it.
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
use tokio::time::Instant;

use super::mark::Mark;
use crate::provider::BeginBy;

#[derive(Debug)]
struct Handover {
    mark: Mark,
    created: Instant,
    begin_by: Option<BeginBy>,
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

/// Makes a body, and the handle that withdraws it. The connection cannot take it after `begin_by`.
pub(super) fn revocable(bytes: Bytes, begin_by: Option<BeginBy>) -> (RevocableBody, Withdrawal) {
    let handover = Arc::new(Handover { mark: Mark::new(), created: Instant::now(), begin_by });
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
        if self.begin_by.is_some_and(|by| by.has_passed()) && self.mark.revoke() {
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

#[cfg(test)]
mod tests {
    use http::{Method, Request};
    use http_body_util::BodyExt as _;
    use hyper_util::rt::TokioIo;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    /// Sends one request over a connection of hyper's, and returns what the other side read until the end.
    async fn written(
        method: Method,
        bytes: &'static str,
        revoked: bool,
        begin_by: Option<BeginBy>,
    ) -> String {
        let (near, mut far) = tokio::io::duplex(4096);
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(near)).await.unwrap();
        let connection = tokio::spawn(connection);
        let (body, withdrawal) = revocable(Bytes::from_static(bytes.as_bytes()), begin_by);
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
        assert_eq!(answer.is_ok(), !revoked && begin_by.is_none());
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
    async fn of_a_revoked_request_no_byte_leaves() {
        for (method, bytes) in REQUESTS {
            assert_eq!(written(method.clone(), bytes, true, None).await, "", "{method} {bytes:?}");
        }
    }

    #[tokio::test]
    async fn after_its_moment_a_request_is_not_begun() {
        for (method, bytes) in REQUESTS {
            let late = Some(BeginBy::within(Duration::ZERO));
            assert_eq!(written(method.clone(), bytes, false, late).await, "", "{method} {bytes:?}");
        }
    }

    #[tokio::test]
    async fn a_request_that_was_taken_leaves_whole() {
        for (method, bytes) in REQUESTS {
            let got = written(method.clone(), bytes, false, None).await;
            assert!(got.starts_with(&format!("{method} /x HTTP/1.1\r\n")) && got.ends_with(bytes), "{got}");
            assert!(!got.contains("chunked"), "{got}");
        }
    }

    #[test]
    fn who_drops_the_send_withdraws_it() {
        let (body, withdrawal) = revocable(Bytes::from_static(b"x"), None);
        drop(withdrawal);
        assert!(!body.handover.take());
        assert!(!body.is_end_stream());
    }
}
