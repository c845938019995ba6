//! An answer that is sent before the work is done.

use std::future::Future;
use std::pin::Pin;

use axum::response::{IntoResponse, Response};

/// An answer, and the work that starts once the answer is sent.
#[must_use = "it does nothing until a handler returns it"]
pub struct AckThen<R> {
    answer: R,
    work: Pin<Box<dyn Future<Output = ()> + Send>>,
}

/// Answers Twilio at once and does the work afterwards, for work that takes longer than Twilio waits (15 seconds).
///
/// The delivery counts as handled when the answer is sent: work that fails is not repeated, and unfinished work is lost when
/// the process ends. If the answer itself is an error (4xx, 5xx, a document that is too large), the work does not start.
///
/// ```
/// use switchboard::twilio::twiml::MessagingResponse;
/// use switchboard::twilio::webhook::{AckThen, InboundMessage, TwilioWebhook, ack_then};
///
/// async fn ask(TwilioWebhook(message): TwilioWebhook<InboundMessage>) -> AckThen<MessagingResponse> {
///     ack_then(message.reply("Let me think"), async move {
///         // Ask a slow model, then send its answer as a message of its own.
///     })
/// }
/// # let _ = ask;
/// ```
pub fn ack_then<R: IntoResponse>(answer: R, work: impl Future<Output = ()> + Send + 'static) -> AckThen<R> {
    AckThen { answer, work: Box::pin(work) }
}

impl<R> std::fmt::Debug for AckThen<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AckThen").finish_non_exhaustive()
    }
}

impl<R: IntoResponse> IntoResponse for AckThen<R> {
    fn into_response(self) -> Response {
        let answer = self.answer.into_response();
        if answer.status().is_client_error() || answer.status().is_server_error() {
            tracing::error!("the work after the answer to a webhook was not started: the answer is an error");
            return answer;
        }
        let work = tokio::spawn(self.work);
        tokio::spawn(async move {
            if let Err(error) = work.await
                && error.is_panic()
            {
                tracing::error!("the work after the answer to a webhook panicked: it will not be repeated");
            }
        });
        answer
    }
}
