//! A parser of HTTP/1.1 that finds the end of a message.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _};

/// The largest head of a message.
const MAX_HEAD: usize = 64 * 1024;

/// A stream with a read buffer.
pub(super) struct Feed<S> {
    pub(super) stream: S,
    buffer: Vec<u8>,
}

impl<S: AsyncRead + Unpin> Feed<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, buffer: Vec::new() }
    }

    /// Reads more bytes. Returns false at the end of the stream. Cancel safe.
    pub(super) async fn fill(&mut self) -> io::Result<bool> {
        Ok(self.stream.read_buf(&mut self.buffer).await? > 0)
    }

    /// Returns whether the buffer is empty.
    pub(super) fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    /// Reads the head of a message, including the empty line at its end.
    pub(super) async fn head(&mut self) -> io::Result<Vec<u8>> {
        loop {
            if let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                return Ok(self.take(end + 4));
            }
            if self.buffer.len() > MAX_HEAD || !self.fill().await? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    /// Reads the next piece of a body, as it is on the wire. `None` at the end of the body.
    pub(super) async fn piece(&mut self, left: &mut Framing) -> io::Result<Option<Vec<u8>>> {
        match *left {
            Framing::Length(0) => Ok(None),
            Framing::Length(length) => {
                let piece = self.up_to(length).await?;
                *left = Framing::Length(length - piece.len() as u64);
                Ok(Some(piece))
            }
            Framing::UntilClose => {
                let more = !self.buffer.is_empty() || self.fill().await?;
                Ok(more.then(|| std::mem::take(&mut self.buffer)))
            }
            Framing::ChunkSize => self.chunk_size(left).await.map(Some),
            Framing::Chunk(length) => {
                let piece = self.up_to(length).await?;
                let rest = length - piece.len() as u64;
                *left = if rest == 0 { Framing::ChunkSize } else { Framing::Chunk(rest) };
                Ok(Some(piece))
            }
            Framing::Trailer => {
                let line = self.line().await?;
                if line == b"\r\n" {
                    *left = Framing::Length(0);
                }
                Ok(Some(line))
            }
        }
    }

    async fn chunk_size(&mut self, left: &mut Framing) -> io::Result<Vec<u8>> {
        let line = self.line().await?;
        let text = String::from_utf8_lossy(&line);
        let size = text.split(';').next().unwrap_or_default().trim();
        let size = u64::from_str_radix(size, 16).map_err(|_| io::ErrorKind::InvalidData)?;
        // Includes the line break after the data.
        *left = if size == 0 { Framing::Trailer } else { Framing::Chunk(size + 2) };
        Ok(line)
    }

    async fn line(&mut self) -> io::Result<Vec<u8>> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                return Ok(self.take(end + 1));
            }
            if self.buffer.len() > MAX_HEAD || !self.fill().await? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    async fn up_to(&mut self, length: u64) -> io::Result<Vec<u8>> {
        if self.buffer.is_empty() && !self.fill().await? {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let length = usize::try_from(length).unwrap_or(usize::MAX).min(self.buffer.len());
        Ok(self.take(length))
    }

    /// Removes bytes from the buffer.
    fn take(&mut self, length: usize) -> Vec<u8> {
        let rest = self.buffer.split_off(length);
        std::mem::replace(&mut self.buffer, rest)
    }
}

/// The part of a body that was not read yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    Length(u64),
    UntilClose,
    ChunkSize,
    Chunk(u64),
    Trailer,
}

impl Framing {
    /// Reads the framing of a request's body.
    pub(super) fn of_request(head: &[u8]) -> Self {
        Self::stated(head).unwrap_or(Self::Length(0))
    }

    /// Reads the framing of an answer's body.
    pub(super) fn of_answer(head: &[u8], request: &[u8]) -> Self {
        let bodiless = ["HTTP/1.1 1", "HTTP/1.1 204", "HTTP/1.1 304"];
        if bodiless.iter().any(|start| head.starts_with(start.as_bytes())) || request.starts_with(b"HEAD ") {
            return Self::Length(0);
        }
        Self::stated(head).unwrap_or(Self::UntilClose)
    }

    fn stated(head: &[u8]) -> Option<Self> {
        let value = |name: &str| {
            head.split(|byte| *byte == b'\n').find_map(|line| {
                let line = std::str::from_utf8(line).ok()?;
                let (key, value) = line.split_once(':')?;
                key.eq_ignore_ascii_case(name).then(|| value.trim())
            })
        };
        if value("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
            return Some(Self::ChunkSize);
        }
        value("content-length")?.parse().ok().map(Self::Length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn body(head: &str, wire: &str) -> String {
        let mut feed = Feed::new(wire.as_bytes());
        let mut left = Framing::of_answer(head.as_bytes(), b"GET / HTTP/1.1\r\n");
        let mut read = Vec::new();
        while let Some(piece) = feed.piece(&mut left).await.unwrap() {
            read.extend(piece);
        }
        String::from_utf8(read).unwrap()
    }

    #[tokio::test]
    async fn a_body_ends_where_its_head_says() {
        let chunked = "4\r\nab\r\n\r\n2;x=y\r\ncd\r\n0\r\nT: 1\r\n\r\n";
        let cases = [
            ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", "abcdef", "abc"),
            ("HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n", &format!("{chunked}HTTP"), chunked),
            ("HTTP/1.1 200 OK\r\n\r\n", "abcdef", "abcdef"),
            ("HTTP/1.1 204 No Content\r\n\r\n", "abcdef", ""),
            ("HTTP/1.1 304 Not Modified\r\n\r\n", "abcdef", ""),
        ];
        for (head, wire, expected) in cases {
            assert_eq!(body(head, wire).await, expected, "{head}");
        }
    }

    #[tokio::test]
    async fn a_head_ends_at_its_blank_line() {
        let mut feed = Feed::new("GET / HTTP/1.1\r\nHost: a\r\n\r\nrest".as_bytes());
        assert!(feed.head().await.unwrap().ends_with(b"a\r\n\r\n"));
        assert_eq!(feed.buffer, b"rest");
        assert!(feed.head().await.is_err());
    }
}
