//! Messages: lists, one, cancelling, and settling what is not known.

use std::collections::HashMap;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};
use switchboard::phone::E164;
use switchboard::provider::{SendKind, Sender};
use switchboard_outbox::{
    Listing, Message, MessageId, Outbox, OutboxError, Payload, Settlement, State as MessageState,
};

use super::outcome::{key_prefix, user_of};
use crate::answer::{Problem, error_json, json as answer, page as list_page};
use crate::dashboard::Dashboard;
use crate::follow::body;
use crate::identity::Login;
use crate::request::{AnyRole, By, Fields, Id, Manage, Paging, See};

/// Messages with their texts, as JSON.
pub(crate) async fn shown(
    dashboard: &Dashboard,
    tenant: &str,
    messages: &[Message],
) -> Result<Vec<Value>, Problem> {
    let ids: Vec<MessageId> = messages.iter().map(|message| message.id).collect();
    let payloads: HashMap<MessageId, Payload> =
        dashboard.needs_outbox()?.payloads(&ids).await?.into_iter().collect();
    let campaigns = match messages.iter().any(|message| message.campaign.is_some()) {
        true => dashboard.records().draft_ids(tenant).await?,
        false => HashMap::new(),
    };
    let one = |message: &Message| {
        let campaign = message.campaign.and_then(|number| campaigns.get(&number)).copied();
        message_json(message, payloads.get(&message.id), campaign)
    };
    Ok(messages.iter().map(one).collect())
}

fn message_json(message: &Message, payload: Option<&Payload>, campaign: Option<i64>) -> Value {
    let Message { id, kind, to, from, state, attempts, enqueued, expires, at, ended, error, price, .. } =
        message;
    let (sid, status) = match state {
        MessageState::Accepted { sid, status, .. } => (sid.as_deref(), Some(status.as_str())),
        _ => (None, None),
    };
    let parked =
        message.parked.map(|reason| json!({"reason": reason.as_str(), "candidates": message.candidates}));
    json!({
        "id": id.get(),
        "kind": if *kind == SendKind::Text { "text" } else { "call" },
        "to": to.as_str(),
        "from": from.as_ref().map(Sender::address),
        "state": state.as_str(),
        "status": status,
        "sid": sid,
        "body": payload.and_then(body),
        "segments": message.segments.or_else(|| payload.map(Payload::weight)),
        "attempts": attempts,
        "user": user_of(&message.key),
        "campaign": campaign,
        "enqueuedAt": enqueued,
        "dueAt": (*state == MessageState::Ready).then_some(at),
        "at": at,
        "endedAt": ended,
        "expiresAt": expires,
        "error": error.as_ref().map(error_json),
        "parked": parked,
        "cancelRequested": message.cancel_requested,
        "price": price.as_ref().map(|price| json!({"amount": price.amount.to_string(), "currency": price.currency})),
    })
}

/// May this person see this message? Who may only send sees their own.
fn may_see(login: &Login, message: &Message) -> bool {
    let is_own = login.roles.send && user_of(&message.key) == Some(&login.user);
    message.tenant == login.tenant && (login.roles.view || is_own)
}

/// A message of this tenant that this person has to do with. Otherwise nobody learns whether there is one.
async fn of_tenant(
    outbox: &Outbox,
    login: &Login,
    id: i64,
    may: impl FnOnce(&Message) -> bool,
) -> Result<Message, Problem> {
    let nothing = || Problem::not_found("there is no such message");
    let message = outbox.get(MessageId::new(id)).await.map_err(|error| match error {
        OutboxError::NotFound => nothing(),
        other => other.into(),
    })?;
    let is_ours = message.tenant == login.tenant && may(&message);
    is_ours.then_some(message).ok_or_else(nothing)
}

/// Only what this person may list.
fn listing(login: &Login, paging: &Paging) -> Listing {
    let listing = behind(Listing::of(&login.tenant), paging);
    if login.roles.view { listing } else { listing.key_prefix(key_prefix(&login.user)) }
}

fn behind(listing: Listing, paging: &Paging) -> Listing {
    let listing = listing.limit(paging.limit);
    match paging.after {
        Some(after) => listing.before(MessageId::new(after)),
        None => listing,
    }
}

async fn page(dashboard: &Dashboard, login: &Login, listing: &Listing) -> Result<Response, Problem> {
    let mut page = dashboard.needs_outbox()?.messages(listing).await?;
    // The newest message of a person who was forgotten stays, without a recipient.
    page.messages.retain(|message| !message.to.as_str().is_empty());
    let items = shown(dashboard, &login.tenant, &page.messages).await?;
    Ok(list_page(items, page.next))
}

/// `GET /api/messages`.
pub(crate) async fn list(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<See>,
    paging: Paging,
) -> Result<Response, Problem> {
    let mut listing = listing(&login, &paging);
    if let Some(state) = paging.filter("state") {
        if !MessageState::WORDS.contains(&state) {
            return Err(Problem::bad_request(format!(
                "`state` is one of {}",
                MessageState::WORDS.join(", ")
            )));
        }
        listing = listing.state(state);
    }
    if let Some(campaign) = paging.filter("campaign") {
        let nothing = || Problem::not_found("there is no such campaign");
        let id = campaign.parse().map_err(|_| nothing())?;
        let draft = dashboard.records().draft(&login.tenant, id).await?.ok_or_else(nothing)?;
        let Some(number) = draft.number else {
            return Ok(list_page(Vec::new(), None::<i64>));
        };
        listing = listing.campaign(number);
    }
    page(&dashboard, &login, &listing).await
}

/// `POST /api/messages/search` with `{to, limit?, after?}`.
pub(crate) async fn search(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<See>,
    fields: Fields,
) -> Result<Response, Problem> {
    let [to] = fields.required(["to"])?;
    let listing = listing(&login, &Paging::of(&fields)?).to(number(to)?);
    page(&dashboard, &login, &listing).await
}

/// The longest address of a channel, in bytes.
const LONGEST_ADDRESS: usize = 255;

/// A number, or an address of a channel as messages have it.
pub(crate) fn number(text: &str) -> Result<String, Problem> {
    if let Some((channel, rest)) = text.split_once(':') {
        if text.len() > LONGEST_ADDRESS || text.chars().any(char::is_control) {
            let said =
                format!("an address must have at most {LONGEST_ADDRESS} bytes, and no control characters");
            return Err(Problem::bad_request(said));
        }
        return Ok(format!("{}:{rest}", channel.to_ascii_lowercase()));
    }
    let number = E164::parse(text).map_err(|error| Problem::bad_request(error.to_string()))?;
    Ok(number.as_str().to_owned())
}

/// `GET /api/messages/{id}`.
pub(crate) async fn one(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<AnyRole>,
    Id(id): Id,
) -> Result<Response, Problem> {
    // Who settles sees what is to be settled.
    let is_open = |message: &Message| matches!(message.state, MessageState::Unknown | MessageState::Parked);
    let may = |message: &Message| may_see(&login, message) || (login.roles.manage && is_open(message));
    let message = of_tenant(dashboard.needs_outbox()?, &login, id, may).await?;
    show(&dashboard, &login, &message).await
}

async fn show(dashboard: &Dashboard, login: &Login, message: &Message) -> Result<Response, Problem> {
    let shown = shown(dashboard, &login.tenant, std::slice::from_ref(message)).await?;
    Ok(answer(StatusCode::OK, &shown.into_iter().next().unwrap_or_default()))
}

/// `POST /api/messages/{id}/cancel`: those who manage, and a sender their own.
pub(crate) async fn cancel(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<AnyRole>,
    Id(id): Id,
    _: Fields,
) -> Result<Response, Problem> {
    let outbox = dashboard.needs_outbox()?;
    let may = |message: &Message| may_see(&login, message) || login.roles.manage;
    let message = of_tenant(outbox, &login, id, may).await?;
    let is_own = login.roles.send && user_of(&message.key) == Some(&login.user);
    if !login.roles.manage && !is_own {
        return Err(Problem::forbidden("this is not your message: ask for the role `manage`"));
    }
    let cancelled = match outbox.cancel(message.id, &login.user).await {
        Ok(cancelled) => cancelled,
        Err(OutboxError::NotNow { .. }) => {
            return Err(Problem::conflict("it is too late to cancel this message"));
        }
        Err(error) => return Err(error.into()),
    };
    let detail = json!({"cancelled": cancelled});
    audit(&dashboard, &login, "message.cancel", Some(id), &detail).await;
    let message = outbox.get(message.id).await?;
    let may_read = may_see(&login, &message);
    let mut message =
        shown(&dashboard, &login.tenant, &[message]).await?.into_iter().next().unwrap_or_default();
    if let Some(fields) = message.as_object_mut().filter(|_| !may_read) {
        fields.insert("body".to_owned(), Value::Null);
    }
    let body = json!({"success": true, "cancelled": cancelled, "message": message});
    Ok(answer(StatusCode::OK, &body))
}

/// `GET /api/unsettled`: those of which it is not known whether they were sent.
pub(crate) async fn unsettled(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<Manage>,
    paging: Paging,
) -> Result<Response, Problem> {
    let listing = behind(Listing::of(&login.tenant).unsettled(), &paging);
    page(&dashboard, &login, &listing).await
}

/// `POST /api/messages/{id}/settle` with `{as, messageSid?}`: a person's decision.
pub(crate) async fn settle(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<Manage>,
    Id(id): Id,
    fields: Fields,
) -> Result<Response, Problem> {
    let outbox = dashboard.needs_outbox()?;
    let [word] = fields.required(["as"])?;
    let settlement = match word {
        "was-sent" => Settlement::WasSent(fields.text("messageSid")?.map(str::to_owned)),
        "was-not-sent" => Settlement::WasNotSent,
        "give-up" => Settlement::GiveUp,
        _ => return Err(Problem::bad_request("`as` is one of was-sent, was-not-sent, give-up")),
    };
    let message = of_tenant(outbox, &login, id, |_| true).await?;
    match outbox.settle(message.id, settlement, &login.user).await {
        Ok(_) => {}
        Err(OutboxError::NotNow { .. }) => {
            return Err(Problem::conflict("this message is neither unknown nor parked"));
        }
        Err(error) => return Err(error.into()),
    }
    audit(&dashboard, &login, "message.settle", Some(id), &json!({"as": word})).await;
    show(&dashboard, &login, &outbox.get(message.id).await?).await
}

/// Notes who did what. What was done stays done if that fails; the log of the outbox has it, too.
pub(crate) async fn audit(
    dashboard: &Dashboard,
    login: &Login,
    action: &'static str,
    target: Option<i64>,
    detail: &Value,
) {
    let target = target.map(|target| target.to_string());
    let noted = dashboard.records().audit((&login.tenant, &login.user), action, target, detail).await;
    if let Err(error) = noted {
        tracing::error!(%error, action, user = login.user, "an action could not be noted in the audit");
    }
}
