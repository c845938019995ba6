//! A download: a picture of a message, or a recording of a call.

use std::pin::Pin;

use bytes::{Buf as _, Bytes};
use tokio::io::AsyncWrite;

use super::error::by_twilio;
use crate::provider::{ErrorCode, Outcome, ProviderError, Reason};
use crate::transport::RawDownload;

/// A download, read piece by piece: the whole file is never in memory.
///
/// Twilio may answer with a redirect to its storage; it was followed without the credentials.
///
/// ```no_run
/// # async fn run(media: switchboard::twilio::messages::Media) -> Result<(), Box<dyn std::error::Error>> {
/// use std::io::Write as _;
///
/// let mut file = std::fs::File::create("picture")?;
/// let mut download = media.download("ME0123456789abcdef0123456789abcdef").await?;
/// while let Some(piece) = download.chunk().await? {
///     file.write_all(&piece)?;
/// }
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Download(RawDownload);

/// The progress of a download.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// The number of bytes that have arrived.
    pub arrived: u64,
    /// The total number of bytes; `None` if the server did not send it.
    pub total: Option<u64>,
}

impl Download {
    pub(super) const fn of(raw: RawDownload) -> Self {
        Self(raw)
    }

    /// Returns its MIME type.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.0.content_type()
    }

    /// Returns the total number of bytes; `None` if the server did not send it.
    #[must_use]
    pub fn content_length(&self) -> Option<u64> {
        self.0.content_length()
    }

    /// Returns the progress.
    #[must_use]
    pub fn progress(&self) -> Progress {
        Progress { arrived: self.0.arrived(), total: self.content_length() }
    }

    /// Returns the next piece; `None` at the end.
    ///
    /// # Errors
    /// If the download is cut, stalls or exceeds its limit. The error says how many bytes arrived.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, ProviderError> {
        self.0.chunk().await.map_err(by_twilio)
    }

    /// Writes the rest to a writer, calls `progress` after each piece, and returns the number of bytes written.
    ///
    /// ```no_run
    /// # async fn run(mut download: switchboard::twilio::download::Download) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut file = tokio::fs::File::create("call.mp3").await?;
    /// download.copy_to(&mut file, |so_far| println!("{} of {:?}", so_far.arrived, so_far.total)).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`chunk`](Self::chunk); and where the writer fails, an error with that as its source.
    pub async fn copy_to<W: AsyncWrite + Unpin + ?Sized>(
        &mut self,
        writer: &mut W,
        mut progress: impl FnMut(Progress),
    ) -> Result<u64, ProviderError> {
        let before = self.0.arrived();
        while let Some(mut piece) = self.chunk().await? {
            while piece.has_remaining() {
                let written = std::future::poll_fn(|cx| Pin::new(&mut *writer).poll_write(cx, &piece)).await;
                match written.map_err(|error| self.unwritten(error))? {
                    0 => return Err(self.unwritten(std::io::ErrorKind::WriteZero.into())),
                    written => piece.advance(written),
                }
            }
            progress(self.progress());
        }
        let flushed = std::future::poll_fn(|cx| Pin::new(&mut *writer).poll_flush(cx)).await;
        flushed.map_err(|error| self.unwritten(error))?;
        Ok(self.0.arrived() - before)
    }

    /// Reads the rest into memory.
    ///
    /// # Errors
    /// As [`chunk`](Self::chunk).
    pub async fn bytes(mut self) -> Result<Vec<u8>, ProviderError> {
        let mut whole = Vec::new();
        while let Some(piece) = self.chunk().await? {
            whole.extend_from_slice(&piece);
        }
        Ok(whole)
    }

    fn unwritten(&self, error: std::io::Error) -> ProviderError {
        by_twilio(ProviderError::new(ErrorCode::InvalidRequest, Outcome::NotApplied))
            .with_reason(Reason::MediaProblem)
            .with_message(format!("the file could not be written after {} bytes", self.0.arrived()))
            .with_source(error)
    }
}
