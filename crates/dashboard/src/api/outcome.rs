//! What becomes of a text or a call that is sent through the outbox, and how it is answered.

use axum::response::Response;
use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use switchboard::ErrorCode;
use switchboard::provider::{Outcome, SendKind};
use switchboard_outbox::policy::Purpose;
use switchboard_outbox::{Enqueue, Message, Outbox, OutboxError, Payload, State as MessageState};
use tokio::time::{Duration, Instant, timeout};

use crate::answer::{Problem, json as answer};
use crate::identity::Login;

/// How often it looks whether a message was put off meanwhile.
const LOOK: Duration = Duration::from_millis(500);

pub(super) fn bad_key() -> Problem {
    Problem::bad_request("the header `Idempotency-Key` must have 1 to 128 visible ASCII characters")
}

/// The name of the field with the provider's id.
const fn sid_field(kind: SendKind) -> &'static str {
    match kind {
        SendKind::Text => "messageSid",
        SendKind::Call => "callSid",
    }
}

/// The answer about something that was sent.
pub(super) struct Sent(Map<String, Value>);

impl Sent {
    pub(super) fn new(kind: SendKind, sid: Option<&str>) -> Self {
        let mut sent = Self(Map::new());
        sent.set("success", true);
        sent.set(sid_field(kind), sid);
        sent
    }

    pub(super) fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }

    pub(super) fn answer(self) -> Response {
        answer(StatusCode::OK, &Value::Object(self.0))
    }
}

/// What the keys of a person's messages begin with. The length keeps two names apart, and the first `/` keeps them apart from
/// those of campaigns.
pub(super) fn key_prefix(user: &str) -> String {
    format!("/http/{}/{user}/", user.len())
}

/// The person who sent the message with this key over HTTP.
pub(super) fn user_of(key: &str) -> Option<&str> {
    let (length, rest) = key.strip_prefix("/http/")?.split_once('/')?;
    let user = rest.get(..length.parse().ok()?)?;
    rest.get(user.len()..)?.starts_with('/').then_some(user)
}

/// The key of a message in the outbox. It belongs to a tenant, a person and this road, so that nobody meets another's.
fn outbox_key(user: &str, key: Option<&str>) -> Result<String, Problem> {
    let own = match key {
        Some(key) if (1..=128).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()) => {
            key.to_owned()
        }
        Some(_) => return Err(bad_key()),
        None => format!("~{:032x}", fastrand::u128(..)),
    };
    let key = format!("{}{own}", key_prefix(user));
    if key.len() > Enqueue::MAX_NAME {
        Err(Problem::bad_request("the user's name is too long"))
    } else {
        Ok(key)
    }
}

pub(super) async fn durably(
    outbox: &Outbox,
    patience: Duration,
    login: &Login,
    key: Option<&str>,
    (message, purpose): (Payload, Option<Purpose>),
) -> Result<Response, Problem> {
    let key = outbox_key(&login.user, key)?;
    let message = Enqueue::new(&key, message).tenant(&login.tenant);
    let message = match purpose {
        Some(purpose) => message.purpose(purpose),
        None => message,
    };
    outbox.enqueue_all([message]).await?;
    answered(&settled(outbox, patience, (&login.tenant, &key)).await?)
}

/// Waits for the provider's answer, but not for a message that is put off.
async fn settled(outbox: &Outbox, patience: Duration, key: (&str, &str)) -> Result<Message, OutboxError> {
    let begun = Instant::now();
    loop {
        let left = patience.saturating_sub(begun.elapsed());
        let message = outbox.get(key).await?;
        let is_open = matches!(message.state, MessageState::Ready | MessageState::Sending);
        let is_put_off = message.state == MessageState::Ready && message.at > Timestamp::now() + left;
        if !is_open || is_put_off || left.is_zero() {
            return Ok(message);
        }
        if let Ok(message) = timeout(left.min(LOOK), outbox.wait(key)).await {
            return message;
        }
    }
}

fn answered(message: &Message) -> Result<Response, Problem> {
    let id = message.id.get();
    let error = message.error.as_ref();
    match &message.state {
        MessageState::Accepted { sid, status, .. } => {
            let mut body = Sent::new(message.kind, sid.as_deref());
            body.set("id", id);
            if message.kind == SendKind::Call {
                body.set("status", status.as_str());
                body.set("dateCreated", message.at.to_string());
            }
            if let Some(error) = error.filter(|error| error.outcome() == Outcome::Applied) {
                body.set("warning", error.message());
            }
            Ok(body.answer())
        }
        MessageState::Ready | MessageState::Sending => {
            let due = (message.state == MessageState::Ready).then_some(message.at);
            let state = message.state.as_str();
            let field = sid_field(message.kind);
            let body = json!({ "success": true, field: null, "id": id, "state": state, "dueAt": due });
            Ok(answer(StatusCode::ACCEPTED, &body))
        }
        MessageState::Unknown | MessageState::Parked | MessageState::Abandoned => {
            let said = "nobody knows whether it was sent: check it before you send it again";
            Err(failed(message, said, StatusCode::GATEWAY_TIMEOUT).unknown())
        }
        MessageState::Rejected => {
            let status = error.map(|error| error.http_status()).filter(StatusCode::is_client_error);
            Err(failed(
                message,
                "the provider refused it",
                status.unwrap_or(StatusCode::UNPROCESSABLE_ENTITY),
            ))
        }
        MessageState::Blocked => Err(failed(message, "a rule refuses it", StatusCode::UNPROCESSABLE_ENTITY)),
        MessageState::Expired => {
            Err(failed(message, "it expired before it could be sent", StatusCode::UNPROCESSABLE_ENTITY))
        }
        MessageState::Cancelled => Err(failed(message, "it was cancelled", StatusCode::CONFLICT)),
    }
}

fn failed(message: &Message, otherwise: &str, status: StatusCode) -> Problem {
    let problem = match &message.error {
        Some(error) => Problem::of(error),
        None => Problem::new(status, ErrorCode::ProviderError, otherwise),
    };
    problem.status(status).with("id", message.id.get()).with("state", message.state.as_str())
}
