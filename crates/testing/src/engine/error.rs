//! Errors of the API, in the JSON of Twilio.

use http::StatusCode;
use serde_json::json;

use super::wire::FakeReply;

/// The result of a handler.
pub(super) type HandlerResult = Result<FakeReply, Refusal>;

/// An error answer: the request was not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    status: StatusCode,
    code: u32,
    message: String,
}

impl Refusal {
    /// Refuses with a status and a code.
    pub(super) fn new(status: StatusCode, code: u32, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    /// Refuses with 400, for a parameter that is not valid.
    pub(super) fn bad_request(code: u32, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// Refuses with 404: nothing exists at this path.
    pub(super) fn not_found(path: &str) -> Self {
        let message = format!("The requested resource {path} was not found");
        Self::new(StatusCode::NOT_FOUND, 20404, message)
    }

    /// Refuses with 401: the credentials are missing, wrong, or not those of this account.
    pub(super) fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, 20003, "Authenticate")
    }

    /// Refuses with 403: the key has no permission for this resource.
    pub(super) fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, 70051, "Authorization Error")
    }

    /// Refuses with 405: the path exists, but not for this method.
    pub(super) fn wrong_method() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, 20004, "Method not allowed")
    }

    /// Refuses with 409: a resource cannot be deleted before it is finished.
    pub(super) fn unfinished(what: &str) -> Self {
        let message = format!("The {what} cannot be deleted because it is not finished yet");
        Self::new(StatusCode::CONFLICT, 20009, message)
    }

    /// Returns the answer with Twilio's error body.
    pub(super) fn reply(&self) -> FakeReply {
        let body = json!({
            "code": self.code,
            "message": self.message,
            "more_info": format!("https://www.twilio.com/docs/errors/{}", self.code),
            "status": self.status.as_u16(),
        });
        FakeReply::json(self.status, &body)
    }

    /// Returns Twilio's code.
    pub(super) fn code(&self) -> u32 {
        self.code
    }
}
