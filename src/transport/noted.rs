//! A request body that notes when the connection first asked for it.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::OnceLock;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::Instant;

/// When a connection took the request to send it. Not set: no byte of it can have left.
#[derive(Debug, Clone, Default)]
pub(crate) struct Started(Arc<OnceLock<Instant>>);

impl Started {
    pub(crate) fn at(&self) -> Option<Instant> {
        self.0.get().copied()
    }

    fn note(&self) {
        self.0.get_or_init(Instant::now);
    }
}

/// Bytes that note their first poll. HTTP/1 asks an empty body only whether it is one, so that question counts too.
pub(crate) struct NotedBody {
    bytes: Option<Bytes>,
    started: Started,
}

impl NotedBody {
    pub(crate) fn new(bytes: Bytes, started: Started) -> Self {
        Self { bytes: Some(bytes).filter(|bytes| !bytes.is_empty()), started }
    }
}

impl Body for NotedBody {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.started.note();
        Poll::Ready(self.bytes.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        if self.bytes.is_none() {
            self.started.note();
        }
        self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}
