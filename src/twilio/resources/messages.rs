//! Messages: texts, pictures and channel messages, sent and received.

mod create;
mod list;
mod media;
mod message;
mod priced;
mod status;

pub use create::{AddressRetention, ContentRetention, CreateMessage, RiskCheck, SendSms, TrafficType};
pub use list::ListMessages;
pub use media::{ListMedia, Media, MediaItem};
pub use message::{Message, MessageDirection};
pub use status::MessageStatus;

use std::time::Duration;

use jiff::Timestamp;

use crate::provider::{ApiRequest, ProviderError, RequestBody, RequestClass, SendOptions};
use crate::twilio::session::Session;
use crate::twilio::wire::wire_enum;
use crate::twilio::{Pages, other_recipient, sid};

/// The messages of an account.
///
/// <https://www.twilio.com/docs/messaging/api/message-resource>
#[derive(Debug, Clone)]
pub struct Messages {
    session: Session,
}

wire_enum! {
    /// What a recipient did with a message, as you saw it.
    FeedbackOutcome {
        /// They got it, and acted on it.
        Confirmed = "confirmed",
        /// Nothing shows that they got it.
        Unconfirmed = "unconfirmed",
    }
}

impl Messages {
    pub(in crate::twilio) fn of(session: &Session) -> Self {
        Self { session: session.clone() }
    }

    /// Sends a message.
    ///
    /// A request that Twilio would certainly refuse is refused before anything is sent. The answer says that Twilio
    /// accepted the message, not that it arrived: see [`MessageStatus`].
    ///
    /// <https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource>
    ///
    /// # Errors
    /// Any [`ProviderError`]. Its [`outcome`](ProviderError::outcome) says whether the message may have gone out; a
    /// message whose outcome is unknown is never repeated automatically.
    pub async fn create(&self, message: &CreateMessage) -> Result<Message, ProviderError> {
        self.create_with(message, &SendOptions::new()).await
    }

    /// Sends a message with its own limits on time and attempts.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub async fn create_with(
        &self,
        message: &CreateMessage,
        options: &SendOptions,
    ) -> Result<Message, ProviderError> {
        let made = self.session.json(self.create_request(message, options)?).await;
        made.inspect(|made: &Message| other_recipient::warn(&message.to, made.to.as_ref()))
    }

    pub(in crate::twilio) fn create_request(
        &self,
        message: &CreateMessage,
        options: &SendOptions,
    ) -> Result<ApiRequest, ProviderError> {
        let form = message.form(self.session.senders(), Timestamp::now())?;
        let request = ApiRequest::post("/Messages.json").body(RequestBody::Form(form)).recipient(&message.to);
        Ok(request.class(RequestClass::Create).options(options))
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

    /// Lists messages, the newest first. Errors come with the items.
    ///
    /// <https://www.twilio.com/docs/messaging/api/message-resource#read-multiple-message-resources>
    pub fn list(&self, filter: &ListMessages) -> Pages<Message> {
        Pages::new(&self.session, filter.request(), "messages")
    }

    /// Cancels a message that is scheduled and not yet on its way.
    ///
    /// <https://www.twilio.com/docs/messaging/api/message-resource#update-a-message-resource>
    ///
    /// # Errors
    /// Code 30409 where it is too late, or any other [`ProviderError`].
    pub async fn cancel(&self, sid: &str) -> Result<Message, ProviderError> {
        self.update(sid, [("Status", "canceled")]).await
    }

    /// Takes the text out of a message; the rest of it stays.
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

/// Fills a path with the SID of a message, if it is one.
fn one(request: ApiRequest, sid: &str) -> Result<ApiRequest, ProviderError> {
    sid::check(sid, "message", &["SM", "MM"])?;
    Ok(request.segment(sid))
}
