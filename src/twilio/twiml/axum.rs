//! TwiML documents as axum responses.

use ::axum::http::{StatusCode, header};
use ::axum::response::{IntoResponse, Response};

use super::{MessagingResponse, TwimlError, VoiceResponse, WaitResponse};

/// Returns the response for a document. Forbidden characters are only left out, because a call needs an answer; any other
/// problem is logged, and answered with 500.
fn answer(
    content_type: &'static str,
    document: String,
    mut problems: impl Iterator<Item = TwimlError>,
) -> Response {
    match problems.find(|problem| !matches!(problem, TwimlError::ForbiddenCharacter { .. })) {
        None => ([(header::CONTENT_TYPE, content_type)], document).into_response(),
        Some(problem) => {
            tracing::error!(%problem, "the TwiML was not sent");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

macro_rules! into_response {
    ($($document:ident)+) => {
        $(
        /// The document with its content type; 500 and nothing else where `check` tells a problem other than a forbidden
        /// character, which is left out.
        impl IntoResponse for $document {
            fn into_response(self) -> Response {
                answer(Self::CONTENT_TYPE, self.to_xml(), self.problems())
            }
        })+
    };
}

into_response! { MessagingResponse VoiceResponse WaitResponse }
