//! Sending a text.

use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};
use switchboard::phone::E164;
use switchboard::provider::{Outcome, Outgoing, SendOptions};
use switchboard::{Credentials, ErrorCode};
use switchboard_outbox::{Enqueue, Message, Outbox, OutboxError, State as MessageState};
use switchboard_store::CredentialName;
use tokio::time::{Duration, Instant, timeout};

use crate::answer::{Problem, json as answer};
use crate::dashboard::{Dashboard, TWILIO};
use crate::identity::Login;
use crate::request::{Fields, Sends};

/// The header that names a send: the same one again is the same send.
const KEY: &str = "idempotency-key";
/// How often it looks whether a message was put off meanwhile.
const LOOK: Duration = Duration::from_millis(500);

/// `POST /api/actions/twilio/send-sms` with `{to, body, from?, userId?}`.
pub(crate) async fn sms(
    State(dashboard): State<Dashboard>,
    headers: HeaderMap,
    Sends(login): Sends,
    fields: Fields,
) -> Result<Response, Problem> {
    if fields.text("userId")?.is_some_and(|user| user != login.tenant) {
        return Err(Problem::forbidden("`userId` is somebody else: leave it out, or name your own tenant"));
    }
    let [to, body] = fields.required(["to", "body"])?;
    let message = Outgoing::text(recipient(to)?, body);
    let message = match fields.text("from")? {
        Some(from) => message.from(recipient(from)?),
        None => message,
    };
    let saved = dashboard.users().get(&CredentialName::new(&login.tenant, TWILIO)).await?;
    let credentials = saved.ok_or_else(|| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            ErrorCode::InvalidCredentials,
            "Twilio not configured for this user",
        )
    })?;
    let key = headers.get(KEY).map(|key| key.to_str().map_err(|_| bad_key())).transpose()?;
    match dashboard.durable() {
        Some(outbox) => durably(outbox, dashboard.patience(), &login, key, message).await,
        None if key.is_some() => Err(Problem::bad_request(
            "this server has no outbox, so it cannot tell a repetition: leave `Idempotency-Key` out",
        )),
        None => directly(&dashboard, &credentials, &message).await,
    }
}

fn bad_key() -> Problem {
    Problem::bad_request("the header `Idempotency-Key` must have 1 to 128 visible ASCII characters")
}

/// A number, or an address of a channel as it is.
fn recipient(text: &str) -> Result<String, Problem> {
    if text.contains(':') {
        return Ok(text.to_owned());
    }
    let number = E164::parse(text).map_err(|error| Problem::bad_request(error.to_string()))?;
    Ok(number.as_str().to_owned())
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
    let key = format!("http/{}/{user}/{own}", user.len());
    if key.len() > Enqueue::MAX_NAME {
        Err(Problem::bad_request("the user's name is too long"))
    } else {
        Ok(key)
    }
}

async fn durably(
    outbox: &Outbox,
    patience: Duration,
    login: &Login,
    key: Option<&str>,
    message: Outgoing,
) -> Result<Response, Problem> {
    let key = outbox_key(&login.user, key)?;
    outbox.enqueue_all([Enqueue::new(&key, message).tenant(&login.tenant)]).await?;
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
        MessageState::Accepted { sid, .. } => {
            let mut body = json!({ "success": true, "messageSid": sid, "id": id });
            if let (Some(error), Some(body)) =
                (error.filter(|error| error.outcome() == Outcome::Applied), body.as_object_mut())
            {
                body.insert("warning".to_owned(), error.message().into());
            }
            Ok(answer(StatusCode::OK, &body))
        }
        MessageState::Ready | MessageState::Sending => {
            let due = (message.state == MessageState::Ready).then_some(message.at);
            let state = message.state.as_str();
            let body = json!({ "success": true, "messageSid": null, "id": id, "state": state, "dueAt": due });
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

/// Without an outbox: one request, whose error says what became of it.
async fn directly(
    dashboard: &Dashboard,
    credentials: &Credentials,
    message: &Outgoing,
) -> Result<Response, Problem> {
    let options = SendOptions::new().timeout(dashboard.patience());
    let sid: Value = match dashboard.messenger()?.send(credentials, message, &options).await {
        Ok(accepted) => accepted.id.id.into(),
        Err(error) if error.outcome() == Outcome::Applied => {
            let body = json!({ "success": true, "messageSid": error.sid(), "warning": error.message() });
            return Ok(answer(StatusCode::OK, &body));
        }
        Err(error) => return Err(Problem::of(&error)),
    };
    Ok(answer(StatusCode::OK, &json!({ "success": true, "messageSid": sid })))
}
