//! Pictures and files of a message.

use bytes::Bytes;
use jiff::Timestamp;

use crate::provider::{ApiRequest, ProviderError};
use crate::transport::RawDownload;
use crate::twilio::wire::answer;
use crate::twilio::{Pages, TwilioAccount, sid};

/// The most that a download takes unless it is told otherwise; Twilio's own limit for a message is 5 MB, for WhatsApp
/// 16 MB.
const DEFAULT_LIMIT: u64 = 32 << 20;

answer! {
    /// A picture or a file of a message.
    ///
    /// <https://www.twilio.com/docs/messaging/api/media-resource>
    MediaItem {
        /// Its SID, `ME…`.
        sid: String = "sid",
        /// The account it belongs to.
        account_sid: String = "account_sid",
        /// The message it belongs to.
        parent_sid: String = "parent_sid",
        /// Its MIME type.
        content_type: String = "content_type",
        /// When it was made.
        date_created: Timestamp = "date_created",
        /// When it last changed.
        date_updated: Timestamp = "date_updated",
        /// Its path.
        uri: String = "uri",
    }
}

/// The pictures and files of one message.
#[derive(Debug, Clone)]
pub struct Media {
    account: TwilioAccount,
    message_sid: String,
}

impl Media {
    pub(super) fn of(account: TwilioAccount, message_sid: String) -> Self {
        Self { account, message_sid }
    }

    /// Lists them.
    ///
    /// <https://www.twilio.com/docs/messaging/api/media-resource#read-multiple-media-resources>
    ///
    /// # Errors
    /// `INVALID_REQUEST` where the message's SID is none.
    pub fn list(&self) -> Result<Pages<MediaItem>, ProviderError> {
        let request = super::one(ApiRequest::get("/Messages/{sid}/Media.json"), &self.message_sid)?;
        Ok(Pages::new(self.account.clone(), request, "media_list"))
    }

    /// Reads what one of them is.
    ///
    /// <https://www.twilio.com/docs/messaging/api/media-resource#fetch-a-media-resource>
    ///
    /// # Errors
    /// `NOT_FOUND`, or any other [`ProviderError`].
    pub async fn fetch(&self, media_sid: &str) -> Result<MediaItem, ProviderError> {
        self.account.ask(self.one(ApiRequest::get("/Messages/{sid}/Media/{media}.json"), media_sid)?).await
    }

    /// Deletes one of them. It cannot be undone.
    ///
    /// <https://www.twilio.com/docs/messaging/api/media-resource#delete-a-media-resource>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn delete(&self, media_sid: &str) -> Result<(), ProviderError> {
        self.account
            .tell(self.one(ApiRequest::delete("/Messages/{sid}/Media/{media}.json"), media_sid)?)
            .await
    }

    /// Starts a download, of 32 MB at most.
    ///
    /// Twilio answers with a redirect to its storage, which is followed without the credentials.
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn download(&self, media_sid: &str) -> Result<MediaDownload, ProviderError> {
        self.download_up_to(media_sid, DEFAULT_LIMIT).await
    }

    /// Starts a download of at most `limit` bytes.
    ///
    /// # Errors
    /// As [`download`](Self::download).
    pub async fn download_up_to(&self, media_sid: &str, limit: u64) -> Result<MediaDownload, ProviderError> {
        let request = self.one(ApiRequest::get("/Messages/{sid}/Media/{media}"), media_sid)?;
        Ok(MediaDownload(self.account.download(request, limit).await?))
    }

    fn one(&self, request: ApiRequest, media_sid: &str) -> Result<ApiRequest, ProviderError> {
        let request = super::one(request, &self.message_sid)?;
        sid::check(media_sid, "media", &["ME"])?;
        Ok(request.segment(media_sid))
    }
}

/// A picture or a file on its way, read piece by piece.
///
/// ```no_run
/// # async fn run(media: switchboard::twilio::Media) -> Result<(), Box<dyn std::error::Error>> {
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
pub struct MediaDownload(RawDownload);

impl MediaDownload {
    /// Returns its MIME type.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.0.content_type()
    }

    /// Returns how many bytes it will have, where the server says so.
    #[must_use]
    pub fn content_length(&self) -> Option<u64> {
        self.0.content_length()
    }

    /// Returns the next piece; `None` when it is whole.
    ///
    /// # Errors
    /// An error that says how much arrived, where it breaks off, stalls or grows over its limit.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, ProviderError> {
        self.0.chunk().await
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
}
