//! Sending a text, making a call, and looking at a text before it is sent.

use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use switchboard::phone::E164;
use switchboard::provider::{Accepted, Outcome, Outgoing, OutgoingCall, SendKind, SendOptions, Sender};
use switchboard::{Credentials, ErrorCode, ProviderError};
use switchboard_outbox::{Enqueue, Payload};
use switchboard_store::CredentialName;

use super::outcome::{Sent, bad_key, durably};
use crate::answer::{Problem, json as answer};
use crate::dashboard::{Dashboard, TWILIO};
use crate::identity::Login;
use crate::request::{Fields, Sends};

/// The header that names a send: the same one again is the same send.
const KEY: &str = "idempotency-key";

/// `POST /api/actions/twilio/send-sms` with `{to, body, from?, userId?}`.
pub(crate) async fn sms(
    State(dashboard): State<Dashboard>,
    headers: HeaderMap,
    Sends(login): Sends,
    fields: Fields,
) -> Result<Response, Problem> {
    check_user(&fields, &login)?;
    let message = text(&fields)?;
    send(&dashboard, &headers, &login, message.into()).await
}

/// `POST /api/actions/twilio/make-call` with `{to, say | twiml | url, from?, userId?}`.
pub(crate) async fn call(
    State(dashboard): State<Dashboard>,
    headers: HeaderMap,
    Sends(login): Sends,
    fields: Fields,
) -> Result<Response, Problem> {
    check_user(&fields, &login)?;
    let [to] = fields.required(["to"])?;
    let to = recipient(to)?;
    let mut call = match (fields.text("say")?, fields.text("twiml")?, fields.text("url")?) {
        (Some(say), None, None) => OutgoingCall::say(to, say),
        (None, Some(twiml), None) => OutgoingCall::document(to, twiml),
        (None, None, Some(url)) => OutgoingCall::url(to, url),
        _ => {
            return Err(Problem::bad_request("say what the call does, with one of `say`, `twiml` and `url`"));
        }
    };
    if let Some(from) = fields.text("from")? {
        call.from = Some(recipient(from)?.into());
    }
    send(&dashboard, &headers, &login, call.into()).await
}

/// `POST /api/actions/twilio/preview` with `{to, body, from?, purpose?}`: what would become of a text.
pub(crate) async fn preview(
    State(dashboard): State<Dashboard>,
    Sends(login): Sends,
    fields: Fields,
) -> Result<Response, Problem> {
    let outbox = dashboard.durable().ok_or_else(|| Problem::not_found("this server has no outbox to ask"))?;
    let mut message = Enqueue::new("preview", text(&fields)?).tenant(&login.tenant);
    if let Some(purpose) = fields.0.get("purpose") {
        let wrong = |_| Problem::bad_request("`purpose` is `marketing` or `transactional`");
        message = message.purpose(serde_json::from_value(purpose.clone()).map_err(wrong)?);
    }
    let preview = outbox.preview(&message, None).await?;
    Ok(answer(StatusCode::OK, &serde_json::to_value(&preview).unwrap_or_default()))
}

fn check_user(fields: &Fields, login: &Login) -> Result<(), Problem> {
    if fields.text("userId")?.is_some_and(|user| user != login.tenant) {
        return Err(Problem::forbidden("`userId` is somebody else: leave it out, or name your own tenant"));
    }
    Ok(())
}

fn text(fields: &Fields) -> Result<Outgoing, Problem> {
    let [to, body] = fields.required(["to", "body"])?;
    let message = Outgoing::text(recipient(to)?, body);
    Ok(match fields.text("from")? {
        Some(from) => message.from(Sender::Number(recipient(from)?.into())),
        None => message,
    })
}

/// A number, or an address of a channel as it is.
fn recipient(text: &str) -> Result<String, Problem> {
    if text.contains(':') {
        return Ok(text.to_owned());
    }
    let number = E164::parse(text).map_err(|error| Problem::bad_request(error.to_string()))?;
    Ok(number.as_str().to_owned())
}

async fn send(
    dashboard: &Dashboard,
    headers: &HeaderMap,
    login: &Login,
    message: Payload,
) -> Result<Response, Problem> {
    let saved = dashboard.users().get(&CredentialName::new(&login.tenant, TWILIO)).await?;
    let credentials = saved.ok_or_else(|| {
        let said = "Twilio not configured for this user";
        Problem::new(StatusCode::BAD_REQUEST, ErrorCode::InvalidCredentials, said)
    })?;
    let key = headers.get(KEY).map(|key| key.to_str().map_err(|_| bad_key())).transpose()?;
    match dashboard.durable() {
        Some(outbox) => durably(outbox, dashboard.patience(), login, key, message).await,
        None if key.is_some() => Err(Problem::bad_request(
            "this server has no outbox, so it cannot tell a repetition: leave `Idempotency-Key` out",
        )),
        None => directly(dashboard, &credentials, &message).await,
    }
}

/// Without an outbox: one request, whose error says what became of it.
async fn directly(
    dashboard: &Dashboard,
    credentials: &Credentials,
    message: &Payload,
) -> Result<Response, Problem> {
    let (messenger, options) = (dashboard.messenger()?, SendOptions::new().timeout(dashboard.patience()));
    let sent: Result<Accepted, ProviderError> = match message {
        Payload::Text(text) => messenger.send(credentials, text, &options).await,
        Payload::Call(call) => messenger.call(credentials, call, &options).await,
    };
    let mut body = match &sent {
        Ok(accepted) => Sent::new(message.kind(), Some(&accepted.id.id)),
        Err(error) if error.outcome() == Outcome::Applied => {
            let mut body = Sent::new(message.kind(), error.sid());
            body.set("warning", error.message());
            body
        }
        Err(error) => return Err(Problem::of(error)),
    };
    if message.kind() == SendKind::Call {
        body.set("status", sent.as_ref().ok().map(|accepted| accepted.status.as_str()));
        body.set("dateCreated", Timestamp::now().to_string());
    }
    Ok(body.answer())
}
