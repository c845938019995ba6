//! Conversations, with replies and media.

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use jiff::Timestamp;
use serde_json::{Value, json};
use switchboard::ProviderError;
use switchboard::phone::Address;
use switchboard::provider::{Outgoing, Sender};
use switchboard::sms::Consent;
use switchboard_outbox::policy::ConsentScope;

use super::consent::scopes;
use super::message::number;
use super::send;
use crate::answer::{Problem, json as answer, page as list_page};
use crate::dashboard::Dashboard;
use crate::records::{Conversation, ConversationText};
use crate::request::{By, Fields, Id, Ids, Paging, Send, View};

/// The largest file that is passed on.
const MEDIA_LIMIT: u64 = 16 * 1024 * 1024;
/// What a browser may show. Anything else is only saved.
const IMAGES: [&str; 4] = ["image/jpeg", "image/png", "image/gif", "image/webp"];

fn time(micros: i64) -> Option<String> {
    Timestamp::from_microsecond(micros).ok().map(|at| at.to_string())
}

fn conversation_json(conversation: &Conversation) -> Value {
    let Conversation { id, person, sender, unread, opted_out, last, .. } = conversation;
    json!({
        "id": id, "person": person, "sender": sender, "unread": unread, "optedOut": opted_out,
        "lastAt": last.as_ref().and_then(|last| time(last.at)),
        "lastBody": last.as_ref().map(|last| last.body.as_str()),
        "lastDirection": last.as_ref().map(|last| last.direction.as_str()),
    })
}

fn text_json(text: &ConversationText) -> Value {
    let media = text.media.as_array().map(Vec::as_slice).unwrap_or_default();
    let media = media.iter().enumerate().map(|(index, one)| {
        json!({"index": index, "contentType": one.get("contentType").cloned().unwrap_or_default()})
    });
    json!({
        "id": text.id, "direction": text.direction, "body": text.body, "media": media.collect::<Vec<_>>(),
        "status": text.status, "error": text.error, "messageId": text.message, "sid": text.sid,
        "at": time(text.at),
    })
}

fn nothing() -> Problem {
    Problem::not_found("there is no such conversation")
}

/// `GET /api/conversations`.
pub(crate) async fn list(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<View>,
    paging: Paging,
) -> Result<Response, Problem> {
    let page = dashboard.records().conversations(&login.tenant, paging.before(), paging.limit).await?;
    let items: Vec<Value> = page.items.iter().map(conversation_json).collect();
    Ok(list_page(items, page.next))
}

/// `POST /api/conversations/search` with `{person}`.
pub(crate) async fn search(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<View>,
    fields: Fields,
) -> Result<Response, Problem> {
    let [person] = fields.required(["person"])?;
    let found = dashboard.records().conversation_with(&login.tenant, &number(person)?).await?;
    let items: Vec<Value> = found.iter().map(conversation_json).collect();
    Ok(list_page(items, None::<i64>))
}

/// `GET /api/conversations/{id}`.
pub(crate) async fn one(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<View>,
    Id(id): Id,
) -> Result<Response, Problem> {
    let mut found = dashboard.records().conversation(&login.tenant, id).await?.ok_or_else(nothing)?;
    if let Some(outbox) = dashboard.durable() {
        // What was recorded elsewhere counts, too.
        let consents = outbox.consents(found.person.as_str()).await?;
        let ours = scopes(&dashboard, &login).await?;
        let reaches = |scope: &ConsentScope| match scope {
            ConsentScope::Everything => true,
            ConsentScope::Sender(sender) if sender.as_str() != found.sender => false,
            scope => ours.contains(scope),
        };
        found.opted_out = consents.iter().any(|one| one.consent == Consent::OptedOut && reaches(&one.scope));
    }
    Ok(answer(StatusCode::OK, &conversation_json(&found)))
}

/// `GET /api/conversations/{id}/messages`.
pub(crate) async fn texts(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<View>,
    Id(id): Id,
    paging: Paging,
) -> Result<Response, Problem> {
    dashboard.records().conversation(&login.tenant, id).await?.ok_or_else(nothing)?;
    let page = dashboard.records().texts((&login.tenant, id), paging.before(), paging.limit).await?;
    let items: Vec<Value> = page.items.iter().map(text_json).collect();
    Ok(list_page(items, page.next))
}

/// `POST /api/conversations/{id}/replies` with `{body}`: answered as `send-sms`.
pub(crate) async fn reply(
    State(dashboard): State<Dashboard>,
    headers: HeaderMap,
    By { login, .. }: By<Send>,
    Id(id): Id,
    fields: Fields,
) -> Result<Response, Problem> {
    let [body] = fields.required(["body"])?;
    let found = dashboard.records().conversation(&login.tenant, id).await?.ok_or_else(nothing)?;
    let text = Outgoing::text(found.person.as_str(), body);
    let text = match found.sender.as_str() {
        "" => text,
        pool if pool.starts_with("MG") => text.from(Sender::pool(pool)),
        number => text.from(Sender::Number(Address::from(number))),
    };
    send::send(&dashboard, &headers, &login, text.into(), None).await
}

/// `POST /api/conversations/{id}/read`.
pub(crate) async fn read(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<View>,
    Id(id): Id,
    _: Fields,
) -> Result<Response, Problem> {
    match dashboard.records().read(&login.tenant, id).await? {
        true => Ok(StatusCode::NO_CONTENT.into_response()),
        false => Err(nothing()),
    }
}

/// `GET /api/conversations/{id}/messages/{text}/media/{index}`: a file that somebody sent, from the provider.
pub(crate) async fn media(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<View>,
    Ids([id, text, index]): Ids<3>,
) -> Result<Response, Problem> {
    let nothing = || Problem::not_found("there is no such file");
    let before = text.checked_add(1).ok_or_else(nothing)?;
    let page = dashboard.records().texts((&login.tenant, id), before, 1).await?;
    let found = page.items.into_iter().next().filter(|found| found.id == text).ok_or_else(nothing)?;
    let index = usize::try_from(index).map_err(|_| nothing())?;
    let file = found.media.get(index).ok_or_else(nothing)?;
    let word = |name: &str| file.get(name).and_then(Value::as_str);
    let (sid, message) = (word("sid").ok_or_else(nothing)?, found.sid.ok_or_else(nothing)?);
    let credentials = dashboard.credentials(&login.tenant).await?;
    let account = dashboard.twilio_adapter()?.account(&credentials).map_err(|error| Problem::of(&error))?;
    let media = account.messages().media(message);
    let download = media.download_up_to(sid, MEDIA_LIMIT).await.map_err(|error| Problem::of(&error))?;
    let chunks = stream::try_unfold(download, |mut download| async move {
        Ok::<_, ProviderError>(download.chunk().await?.map(|chunk| (chunk, download)))
    });
    Ok(file_answer(word("contentType").unwrap_or_default(), Body::from_stream(chunks)))
}

/// A file of somebody unknown: pictures are shown, everything else is saved, and nothing in it runs.
fn file_answer(kind: &str, body: Body) -> Response {
    let kind = kind.trim().to_ascii_lowercase();
    let (kind, disposition) = match IMAGES.iter().find(|image| **image == kind) {
        Some(image) => (*image, "inline"),
        None => ("application/octet-stream", "attachment"),
    };
    let mut response = body.into_response();
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, "private, max-age=3600"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'; sandbox"),
    ];
    let same_origin = (HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    for (name, value) in headers.into_iter().chain([same_origin]) {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
