//! Sending a text, making a call, and looking at a text before it is sent.

use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};
use switchboard::provider::{Accepted, Outcome, Outgoing, OutgoingCall, SendKind, SendOptions, Sender};
use switchboard::{Credentials, ProviderError};
use switchboard_automation::mesh::{Notice, names};
use switchboard_outbox::policy::Purpose;
use switchboard_outbox::{Enqueue, Payload};

use super::message::number;
use super::outcome::{Sent, bad_key, durably};
use crate::answer::{Problem, json as answer};
use crate::dashboard::{Dashboard, TWILIO};
use crate::follow;
use crate::identity::Login;
use crate::records::{Change, TextOut, TextStatus};
use crate::request::{By, Fields, Send};

/// The header that names a send: the same one again is the same send.
const KEY: &str = "idempotency-key";

/// `POST /api/actions/twilio/send-sms` with `{to, body, from?, userId?}`.
pub(crate) async fn sms(
    State(dashboard): State<Dashboard>,
    headers: HeaderMap,
    By { login, .. }: By<Send>,
    fields: Fields,
) -> Result<Response, Problem> {
    check_user(&fields, &login)?;
    let (message, purpose) = (text(&fields)?, purpose(&fields)?);
    send(&dashboard, &headers, &login, message.into(), purpose).await
}

/// `POST /api/actions/twilio/make-call` with `{to, say | twiml | url, from?, userId?}`.
pub(crate) async fn call(
    State(dashboard): State<Dashboard>,
    headers: HeaderMap,
    By { login, .. }: By<Send>,
    fields: Fields,
) -> Result<Response, Problem> {
    check_user(&fields, &login)?;
    let [to] = fields.required(["to"])?;
    let to = number(to)?;
    let mut call = match (fields.text("say")?, fields.text("twiml")?, fields.text("url")?) {
        (Some(say), None, None) => OutgoingCall::say(to, say),
        (None, Some(twiml), None) => OutgoingCall::document(to, twiml),
        (None, None, Some(url)) => OutgoingCall::url(to, url),
        _ => {
            return Err(Problem::bad_request("say what the call does, with one of `say`, `twiml` and `url`"));
        }
    };
    if let Some(from) = fields.text("from")? {
        call.from = Some(number(from)?.into());
    }
    send(&dashboard, &headers, &login, call.into(), purpose(&fields)?).await
}

/// `POST /api/actions/twilio/preview` with `{to, body, from?, purpose?}`: what would become of a text.
pub(crate) async fn preview(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<Send>,
    fields: Fields,
) -> Result<Response, Problem> {
    let outbox = dashboard.durable().ok_or_else(|| Problem::not_found("this server has no outbox to ask"))?;
    let mut message = Enqueue::new("preview", text(&fields)?).tenant(&login.tenant);
    if let Some(purpose) = purpose(&fields)? {
        message = message.purpose(purpose);
    }
    let preview = outbox.preview(&message, None).await?;
    Ok(answer(StatusCode::OK, &serde_json::to_value(&preview).unwrap_or_default()))
}

/// What a text is for, if it is said.
pub(super) fn purpose(fields: &Fields) -> Result<Option<Purpose>, Problem> {
    match fields.0.get("purpose") {
        None | Some(Value::Null) => Ok(None),
        Some(word) => serde_json::from_value(word.clone())
            .map(Some)
            .map_err(|_| Problem::bad_request("`purpose` is `marketing` or `transactional`")),
    }
}

fn check_user(fields: &Fields, login: &Login) -> Result<(), Problem> {
    if fields.text("userId")?.is_some_and(|user| user != login.tenant) {
        return Err(Problem::forbidden("`userId` is somebody else: leave it out, or name your own tenant"));
    }
    Ok(())
}

fn text(fields: &Fields) -> Result<Outgoing, Problem> {
    let [to, body] = fields.required(["to", "body"])?;
    let message = Outgoing::text(number(to)?, body);
    Ok(match fields.text("from")? {
        Some(from) => message.from(Sender::Number(number(from)?.into())),
        None => message,
    })
}

pub(super) async fn send(
    dashboard: &Dashboard,
    headers: &HeaderMap,
    login: &Login,
    message: Payload,
    purpose: Option<Purpose>,
) -> Result<Response, Problem> {
    let credentials = dashboard.credentials(&login.tenant).await?;
    let key = headers.get(KEY).map(|key| key.to_str().map_err(|_| bad_key())).transpose()?;
    match dashboard.durable() {
        Some(outbox) => durably(outbox, dashboard.patience(), login, key, (message, purpose)).await,
        None if key.is_some() => Err(Problem::bad_request(
            "this server has no outbox, so it cannot tell a repetition: leave `Idempotency-Key` out",
        )),
        None => directly(dashboard, login, &credentials, &message).await,
    }
}

/// Without an outbox: one request, whose error says what became of it.
async fn directly(
    dashboard: &Dashboard,
    login: &Login,
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
    body.set("id", Value::Null);
    if message.kind() == SendKind::Call {
        body.set("status", sent.as_ref().ok().map(|accepted| accepted.status.as_str()));
        body.set("dateCreated", Timestamp::now().to_string());
    }
    if let Ok(accepted) = &sent {
        note(dashboard, login, credentials, (message, accepted)).await;
    }
    Ok(body.answer())
}

/// Notes and publishes what was sent without an outbox. It was sent, so nothing that fails here changes the answer.
async fn note(
    dashboard: &Dashboard,
    login: &Login,
    credentials: &Credentials,
    (message, accepted): (&Payload, &Accepted),
) {
    let (kind, sid, status) = (message.kind(), &accepted.id.id, accepted.status.as_str());
    let default = || dashboard.messenger().ok()?.default_sender(credentials, kind).ok()?;
    let from = message.sender().or_else(default).as_ref().map(Sender::address).unwrap_or_default().to_owned();
    let (name, field) = match kind {
        SendKind::Text => (names::SMS_SENT, "messageSid"),
        SendKind::Call => (names::CALL_INITIATED, "callSid"),
    };
    let (to, words) = (message.to().as_str(), follow::body(message));
    let payload = json!({"to": to, "from": from, field: sid, "status": status, "body": words});
    let noted = async {
        if let Some(body) = words {
            let status = TextStatus { sid: Some(sid.clone()), status: status.to_owned(), error: None };
            let (tenant, person, at) =
                (login.tenant.clone(), to.to_owned(), Timestamp::now().as_microsecond());
            let text =
                TextOut { tenant, person, sender: from, message: None, body, at, of_campaign: false, status };
            dashboard.records().change(vec![Change::Text(text)]).await?;
        }
        if let Some(mesh) = dashboard.events() {
            let notice = Notice::new(name, payload).source(format!("{TWILIO}/{}", login.tenant)).id(sid);
            mesh.publish(notice.tenant(&login.tenant).subject(to)).await?;
        }
        Ok::<(), Box<dyn std::error::Error + std::marker::Send + Sync>>(())
    };
    if let Err(error) = noted.await {
        tracing::error!(error, "a text was sent, and could not be noted");
    }
}
