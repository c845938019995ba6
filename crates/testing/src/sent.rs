//! A sent message, for a test.

use jiff::Timestamp;

/// A message that was sent through the fake, with its current status.
///
/// Texts and numbers are plain strings, so that a failed assertion shows them: the data of a test is no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SentMessage {
    /// Its SID: `SM…`, or `MM…` with media.
    pub sid: String,
    /// The recipient.
    pub to: String,
    /// The sender; `None` until a messaging service has chosen one.
    pub from: Option<String>,
    /// The text.
    pub body: String,
    /// The media URLs.
    pub media: Vec<String>,
    /// The status: `queued`, `delivered`.
    pub status: String,
    /// The number of segments; 0 until the sender is known.
    pub segments: u32,
    /// The messaging service it was sent with.
    pub messaging_service_sid: Option<String>,
    /// The content template it was sent with.
    pub content_sid: Option<String>,
    /// The status callback URL.
    pub status_callback: Option<String>,
    /// The time for which it is scheduled.
    pub send_at: Option<Timestamp>,
    /// Twilio's code, if it failed.
    pub error_code: Option<u32>,
}
