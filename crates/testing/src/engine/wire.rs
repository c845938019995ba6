//! A request and its reply, independent of a server. They have no `Debug`, because they hold secrets and texts.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use serde_json::Value;

use super::sid;

/// A request, not decoded yet.
#[derive(Clone)]
pub(crate) struct FakeRequest {
    /// The method.
    pub(crate) method: Method,
    /// The path, still percent-encoded.
    pub(crate) path: String,
    /// The query without its question mark, still percent-encoded.
    pub(crate) query: String,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) body: Bytes,
    /// Scheme and authority the client used: `http://127.0.0.1:8080`.
    pub(crate) base: String,
}

impl FakeRequest {
    /// Makes a request; the base comes from its `Host` header.
    pub(crate) fn new(method: Method, path: &str, query: &str, headers: HeaderMap, body: Bytes) -> Self {
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
        let base = format!("http://{host}");
        Self { method, path: path.to_owned(), query: query.to_owned(), headers, body, base }
    }

    /// Returns a header whose value is text.
    pub(super) fn header(&self, name: HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// The answer of the engine.
pub(crate) struct FakeReply {
    /// The status line.
    pub(crate) status: StatusCode,
    /// The headers, without those that a server sets itself.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) body: ReplyBody,
    /// How long the server waits before it answers.
    pub(crate) delay: Duration,
}

impl FakeReply {
    /// Answers with a status only.
    pub(super) fn empty(status: StatusCode) -> Self {
        let body = ReplyBody::Whole(Bytes::new());
        Self { status, headers: HeaderMap::new(), body, delay: Duration::ZERO }
    }

    /// Answers with JSON.
    pub(super) fn json(status: StatusCode, value: &Value) -> Self {
        Self::empty(status).with_body("application/json; charset=utf-8", value.to_string())
    }

    /// Redirects the client.
    pub(super) fn redirect(target: &str) -> Self {
        Self::empty(StatusCode::TEMPORARY_REDIRECT).with_header(header::LOCATION, target)
    }

    /// Adds a body.
    pub(super) fn with_body(mut self, content_type: &str, body: impl Into<ReplyBody>) -> Self {
        self.body = body.into();
        self.with_header(header::CONTENT_TYPE, content_type)
    }

    /// Adds a header, unless its value is not valid in a header.
    pub(super) fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }
}

/// The body of an answer: complete, or generated while it is sent.
#[derive(Clone)]
pub(crate) enum ReplyBody {
    /// All bytes.
    Whole(Bytes),
    /// Bytes that are generated chunk by chunk.
    Generated(Generated),
}

impl ReplyBody {
    /// Returns all bytes at once.
    pub(crate) fn into_bytes(self) -> Bytes {
        match self {
            Self::Whole(bytes) => bytes,
            Self::Generated(chunks) => chunks.flat_map(Vec::from).collect::<Vec<u8>>().into(),
        }
    }
}

impl From<String> for ReplyBody {
    fn from(text: String) -> Self {
        Self::Whole(text.into())
    }
}

impl From<&'static str> for ReplyBody {
    fn from(text: &'static str) -> Self {
        Self::Whole(Bytes::from_static(text.as_bytes()))
    }
}

/// Bytes that are generated from a seed, chunk by chunk, so that they are never in memory all at once.
#[derive(Clone)]
pub(crate) struct Generated {
    /// Bytes before the generated ones.
    head: Bytes,
    left: u64,
    seed: u64,
}

impl Generated {
    const CHUNK: u64 = 64 * 1024;

    pub(super) fn new(length: u64, seed: u64) -> Self {
        Self::behind(Bytes::new(), length, seed)
    }

    /// Generates bytes that follow the given ones, the header of a file.
    pub(super) fn behind(head: Bytes, length: u64, seed: u64) -> Self {
        Self { head, left: length, seed }
    }

    /// Returns the bytes still to come.
    pub(crate) fn left(&self) -> u64 {
        self.left + self.head.len() as u64
    }
}

impl Iterator for Generated {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        if !self.head.is_empty() {
            return Some(std::mem::take(&mut self.head));
        }
        let size = self.left.min(Self::CHUNK);
        if size == 0 {
            return None;
        }
        self.left -= size;
        let words = size.div_ceil(8);
        let mut chunk: Vec<u8> =
            (0..words).flat_map(|n| sid::mix(self.seed ^ (self.left + n)).to_le_bytes()).collect();
        chunk.truncate(usize::try_from(size).unwrap_or(usize::MAX));
        Some(chunk.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_bytes_have_their_length_and_repeat() {
        for length in [0, 1, 1024, Generated::CHUNK, Generated::CHUNK * 3 + 7] {
            let bytes = ReplyBody::Generated(Generated::new(length, 7)).into_bytes();
            assert_eq!(bytes.len() as u64, length);
            assert_eq!(bytes, ReplyBody::Generated(Generated::new(length, 7)).into_bytes());
        }
    }
}
