//! Messages: texts, pictures and channel messages, sent and received.

mod create;
mod list;
mod media;
mod message;
mod priced;
mod status;
mod words;

pub use create::{CreateMessage, SendSms};
pub use list::ListMessages;
pub use media::{ListMedia, Media, MediaItem};
pub use message::{Message, MessageDirection};
pub use status::MessageStatus;
pub use words::{AddressRetention, ContentRetention, FeedbackOutcome, RiskCheck, TrafficType};

use std::time::Duration;

use crate::provider::{ApiRequest, ProviderError, RequestClass};
use crate::twilio::page::Pages;
use crate::twilio::session::Session;
use crate::twilio::sid;

/// The messages of an account.
///
/// <https://www.twilio.com/docs/messaging/api/message-resource>
#[derive(Debug, Clone)]
pub struct Messages {
    session: Session,
}

impl Messages {
    pub(in crate::twilio) fn of(session: &Session) -> Self {
        Self { session: session.clone() }
    }

    /// Reads a message.
    ///
    /// <https://www.twilio.com/docs/messaging/api/message-resource#fetch-a-message-resource>
    ///
    /// # Errors
    /// `NOT_FOUND`, or any other [`ProviderError`].
    pub async fn fetch(&self, sid: &str) -> Result<Message, ProviderError> {
        self.session.json(one(ApiRequest::get("/Messages/{sid}.json"), sid)?).await
    }

    /// Reads a message that was just made: for `grace`, a 404 is retried, because for a moment Twilio may not find what
    /// it has just created. Two or three seconds are enough.
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch).
    pub async fn fetch_new(&self, sid: &str, grace: Duration) -> Result<Message, ProviderError> {
        self.session.json(one(ApiRequest::get("/Messages/{sid}.json"), sid)?.not_found_grace(grace)).await
    }

    /// Lists messages, the newest first. Errors are items of the list.
    ///
    /// <https://www.twilio.com/docs/messaging/api/message-resource#read-multiple-message-resources>
    pub fn list(&self, filter: &ListMessages) -> Pages<Message> {
        Pages::new(&self.session, filter.request(), "messages")
    }

    /// Cancels a scheduled message that was not sent yet.
    ///
    /// <https://www.twilio.com/docs/messaging/api/message-resource#update-a-message-resource>
    ///
    /// # Errors
    /// Code 30409 if it is too late, or any other [`ProviderError`].
    pub async fn cancel(&self, sid: &str) -> Result<Message, ProviderError> {
        self.update(sid, [("Status", "canceled")]).await
    }

    /// Removes the text of a message at Twilio; all other fields stay.
    ///
    /// <https://www.twilio.com/docs/messaging/api/message-resource#update-a-message-resource>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn redact(&self, sid: &str) -> Result<Message, ProviderError> {
        self.update(sid, [("Body", "")]).await
    }

    async fn update(&self, sid: &str, form: [(&str, &str); 1]) -> Result<Message, ProviderError> {
        let request = one(ApiRequest::post("/Messages/{sid}.json"), sid)?.form(form);
        self.session.json(request.class(RequestClass::Update)).await
    }

    /// Deletes a message from Twilio's records. It cannot be undone, and does not stop a message on its way.
    ///
    /// <https://www.twilio.com/docs/messaging/api/message-resource#delete-a-message-resource>
    ///
    /// # Errors
    /// Code 20009 while it is on its way, or any other [`ProviderError`].
    pub async fn delete(&self, sid: &str) -> Result<(), ProviderError> {
        self.session.no_content(one(ApiRequest::delete("/Messages/{sid}.json"), sid)?).await
    }

    /// Tells Twilio whether the recipient acted on a message. It must have been sent with
    /// [`provide_feedback`](CreateMessage::provide_feedback).
    ///
    /// <https://www.twilio.com/docs/messaging/api/message-feedback-resource>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn feedback(&self, sid: &str, outcome: FeedbackOutcome) -> Result<(), ProviderError> {
        let request = one(ApiRequest::post("/Messages/{sid}/Feedback.json"), sid)?;
        let request = request.form([("Outcome", outcome.as_str())]).class(RequestClass::Update);
        self.session.no_content(request).await
    }

    /// Returns the pictures and files of a message.
    #[must_use]
    pub fn media(&self, message_sid: impl Into<String>) -> Media {
        Media::of(&self.session, message_sid.into())
    }
}

/// Fills a path with the SID of a message, after checking its format.
fn one(request: ApiRequest, sid: &str) -> Result<ApiRequest, ProviderError> {
    sid::check(sid, "message", &["SM", "MM"])?;
    Ok(request.segment(sid))
}
