//! What an endpoint answers if it does not do what it was asked.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value};
use switchboard::provider::{EnvelopeError, Outcome};
use switchboard::{ErrorCode, ProviderError};
use switchboard_outbox::OutboxError;
use switchboard_store::{CredentialError, StoreError};

/// An error as dashboards read it: `error` is a sentence, `errorInfo` our object with what to change.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    error: String,
    info: Option<Box<EnvelopeError>>,
    more: Map<String, Value>,
    /// In seconds.
    retry_after: Option<u64>,
}

impl Problem {
    /// An error with a sentence of its own. What is wrong is said by the code.
    pub(crate) fn new(status: StatusCode, code: ErrorCode, error: impl Into<String>) -> Self {
        let error = error.into();
        let info = ProviderError::new(code, Outcome::NotApplied).with_message(&error);
        Self { status, error, info: Some(Box::new((&info).into())), more: Map::new(), retry_after: None }
    }

    pub(crate) fn bad_request(error: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, ErrorCode::InvalidRequest, error)
    }

    /// The tenant has saved no credentials.
    pub(crate) fn not_connected() -> Self {
        let said = "Twilio not configured for this user";
        Self::new(StatusCode::BAD_REQUEST, ErrorCode::InvalidCredentials, said)
    }

    pub(crate) fn conflict(error: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, ErrorCode::InvalidRequest, error)
    }

    pub(crate) fn forbidden(error: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, ErrorCode::Forbidden, error)
    }

    pub(crate) fn not_found(error: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, ErrorCode::NotFound, error)
    }

    /// A failure of the provider.
    pub(crate) fn of(error: &ProviderError) -> Self {
        // That the provider cannot be asked now is not the fault of this server.
        let status = match error.http_status() {
            StatusCode::BAD_GATEWAY => StatusCode::SERVICE_UNAVAILABLE,
            status => status,
        };
        let problem = Self {
            status,
            error: error.message().to_owned(),
            info: Some(Box::new(error.into())),
            more: Map::new(),
            retry_after: error.retry_after().map(|wait| wait.as_secs().saturating_add(1)),
        };
        if error.outcome() == Outcome::Unknown { problem.unknown() } else { problem }
    }

    /// Nobody knows whether it was done: never a 500, and never repeated without looking.
    pub(crate) fn unknown(mut self) -> Self {
        self.status = StatusCode::GATEWAY_TIMEOUT;
        self.with("outcome", "unknown")
    }

    pub(crate) const fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// Says when to try again, in seconds.
    pub(crate) const fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Adds a field beside `error`.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.more.insert(name.to_owned(), value.into());
        self
    }
}

/// An error as `errorInfo` shows it.
pub(crate) fn error_json(error: &ProviderError) -> Value {
    serde_json::to_value(EnvelopeError::from(error)).unwrap_or_default()
}

/// A fault of this server. What happened is in its log, and nothing of it in the answer.
fn fault(error: &dyn std::error::Error) -> Problem {
    tracing::error!(%error, "a request of the dashboard failed");
    let unavailable = "the server cannot do this now: try again";
    let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, ErrorCode::NetworkError, unavailable);
    problem.retry_after(1)
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        fault(&error)
    }
}

impl From<CredentialError> for Problem {
    fn from(error: CredentialError) -> Self {
        let said = error.to_string();
        match error {
            CredentialError::Provider(error) => Self::of(&error),
            CredentialError::NotFound => Self::not_found(said),
            CredentialError::AccountTaken | CredentialError::Changed => {
                Self::new(StatusCode::CONFLICT, ErrorCode::InvalidCredentials, said)
            }
            CredentialError::OtherAccount => {
                Self::new(StatusCode::BAD_REQUEST, ErrorCode::InvalidCredentials, said)
            }
            CredentialError::Store(error) => fault(&error),
            _ => fault(&error),
        }
    }
}

impl From<OutboxError> for Problem {
    fn from(error: OutboxError) -> Self {
        let blocked = |said: String| Self::new(StatusCode::UNPROCESSABLE_ENTITY, ErrorCode::Blocked, said);
        match error {
            OutboxError::Invalid(said) => Self::bad_request(said),
            OutboxError::KeyConflict { .. } => Self::new(
                StatusCode::CONFLICT,
                ErrorCode::InvalidRequest,
                "this Idempotency-Key belongs to another message: use a new one for each message",
            ),
            OutboxError::Blocked { because, .. } => {
                blocked(because.reason.clone()).with("rule", because.rule).with("version", because.version)
            }
            OutboxError::Forgotten { .. } => {
                blocked("the recipient wanted to be forgotten: do not text them".to_owned())
                    .with("rule", "forgotten")
            }
            OutboxError::NotFound => Self::not_found("there is no such message"),
            other => fault(&other),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut body = self.more;
        body.insert("error".to_owned(), self.error.into());
        if let Some(info) = self.info {
            let info = serde_json::to_value(&*info).unwrap_or_default();
            body.insert("errorInfo".to_owned(), info);
        }
        let mut response = json(self.status, &Value::Object(body));
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

pub(crate) fn json(status: StatusCode, value: &Value) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, Body::from(value.to_string())).into_response()
}

/// A page of a list, and where the next one begins.
pub(crate) fn page(items: Vec<Value>, next: Option<impl ToString>) -> Response {
    let next = next.map(|next| next.to_string());
    json(StatusCode::OK, &serde_json::json!({ "items": items, "next": next }))
}
