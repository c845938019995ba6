//! Pictures and files of a message.

use jiff::Timestamp;

use crate::provider::{ApiRequest, ProviderError};
use crate::twilio::download::Download;
use crate::twilio::page::{DateOrTime, Pages};
use crate::twilio::session::Session;
use crate::twilio::sid;
use crate::twilio::wire::{Parameters as _, answer, request};

/// The default size limit of a download; Twilio's own limit is 5 MB for a message, and 16 MB for WhatsApp.
const DEFAULT_LIMIT: u64 = 32 << 20;

answer! {
    /// A picture or a file of a message.
    ///
    /// <https://www.twilio.com/docs/messaging/api/media-resource>
    MediaItem always {
        /// Its SID, `ME…`.
        sid: String = "sid",
    } {
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

request! {
    /// The filters for a list of a message's pictures and files. Without a filter, all are listed. Days and times are UTC.
    ListMedia {
        /// Only files made on this day.
        created_on: Option<DateOrTime> = "DateCreated",
        /// Only files made at this time or earlier.
        created_on_or_before: Option<DateOrTime> = "DateCreated<",
        /// Only files made at this time or later.
        created_on_or_after: Option<DateOrTime> = "DateCreated>",
        /// How many items a page has, 1 to 1,000; 50 by default.
        page_size: Option<u32> = "PageSize",
    }
}

impl ListMedia {
    /// Starts a list without filters.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

/// The pictures and files of one message.
#[derive(Debug, Clone)]
pub struct Media {
    session: Session,
    message_sid: String,
}

impl Media {
    pub(super) fn of(session: &Session, message_sid: String) -> Self {
        Self { session: session.clone(), message_sid }
    }

    /// Lists the files.
    ///
    /// <https://www.twilio.com/docs/messaging/api/media-resource#read-multiple-media-resources>
    ///
    /// # Errors
    /// `INVALID_REQUEST` where the message's SID is malformed.
    pub fn list(&self, filter: &ListMedia) -> Result<Pages<MediaItem>, ProviderError> {
        let request = super::one(ApiRequest::get("/Messages/{sid}/Media.json"), &self.message_sid)?;
        let request = filter.in_query(request);
        Ok(Pages::new(&self.session, request, "media_list"))
    }

    /// Reads the description of a file.
    ///
    /// <https://www.twilio.com/docs/messaging/api/media-resource#fetch-a-media-resource>
    ///
    /// # Errors
    /// `NOT_FOUND`, or any other [`ProviderError`].
    pub async fn fetch(&self, media_sid: &str) -> Result<MediaItem, ProviderError> {
        self.session.json(self.one(ApiRequest::get("/Messages/{sid}/Media/{media}.json"), media_sid)?).await
    }

    /// Deletes a file. It cannot be undone.
    ///
    /// <https://www.twilio.com/docs/messaging/api/media-resource#delete-a-media-resource>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn delete(&self, media_sid: &str) -> Result<(), ProviderError> {
        self.session
            .no_content(self.one(ApiRequest::delete("/Messages/{sid}/Media/{media}.json"), media_sid)?)
            .await
    }

    /// Starts a download, of 32 MB at most.
    ///
    /// <https://www.twilio.com/docs/messaging/api/media-resource>
    ///
    /// Twilio answers with a redirect to its storage, which is followed without the credentials.
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn download(&self, media_sid: &str) -> Result<Download, ProviderError> {
        self.download_up_to(media_sid, DEFAULT_LIMIT).await
    }

    /// Starts a download of at most `limit` bytes.
    ///
    /// # Errors
    /// As [`download`](Self::download).
    pub async fn download_up_to(&self, media_sid: &str, limit: u64) -> Result<Download, ProviderError> {
        let request = self.one(ApiRequest::get("/Messages/{sid}/Media/{media}"), media_sid)?;
        Ok(Download::of(self.session.download(&request, limit).await?))
    }

    fn one(&self, request: ApiRequest, media_sid: &str) -> Result<ApiRequest, ProviderError> {
        let request = super::one(request, &self.message_sid)?;
        sid::check(media_sid, "media", &["ME"])?;
        Ok(request.segment(media_sid))
    }
}
