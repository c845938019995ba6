//! What Twilio reports: texts and calls that come in, and what became of those that went out.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Router, middleware};
use http::{StatusCode, header::CONTENT_TYPE};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use switchboard::phone::Address;
use switchboard::provider::Evidence;
use switchboard::sms::Consent;
use switchboard::twilio::webhook::{
    CallStatusUpdate, Event, InboundCall, InboundMessage, MessageStatusUpdate, Params, RecordingStatusUpdate,
    TenantVerifier, TranscriptionUpdate, TwilioWebhook, WebhookEvidence, Webhooks,
};
use switchboard_automation::mesh::{MeshError, Notice, names};
use switchboard_outbox::{Evidenced, OutboxError};

use crate::answer::error_json;
use crate::dashboard::{Dashboard, TWILIO};
use crate::failure::Failure;
use crate::header;
use crate::records::{TextIn, TextStatus};

/// The names of the paths. Any event is accepted at each of them, because its parameters say what it is.
const PATHS: &[&str] = &[
    "sms",
    "voice",
    "voice.xml",
    "sms-status",
    "voice-status",
    "status",
    "recording",
    "transcription",
    "keys",
];

/// How calls are answered if nothing else is set.
pub(crate) const NOBODY_ANSWERS: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response><Say>Nobody can take \
    calls at this number. Please send a text message instead.</Say><Hangup/></Response>";
const NOTHING: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>";
const THANKS: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response><Say>Thank you.</Say></Response>";

pub(crate) fn router(dashboard: Dashboard) -> Router {
    let verifier = TenantVerifier::new(dashboard.users().clone());
    let verifier = match dashboard.public() {
        Some(url) => verifier.public_url(url),
        None => verifier,
    };
    let webhooks = Webhooks::new(verifier).claims(dashboard.deliveries().clone());
    let routes = PATHS
        .iter()
        .fold(Router::new(), |routes, path| routes.route(&format!("/webhooks/twilio/{path}"), post(handle)));
    webhooks.protect(routes.with_state(dashboard)).layer(middleware::map_response(header::secure))
}

async fn handle(
    State(dashboard): State<Dashboard>,
    TwilioWebhook(params): TwilioWebhook<Params>,
    WebhookEvidence(evidence): WebhookEvidence,
) -> Response {
    let account = params.get("AccountSid").or_else(|| params.get("account_sid")).unwrap_or_default();
    let tenant = match dashboard.users().user_of(TWILIO, account).await {
        Ok(Some(tenant)) => tenant,
        // The signature was good a moment ago: the credentials were deleted since.
        Ok(None) => return StatusCode::FORBIDDEN.into_response(),
        Err(error) => return not_stored(&error.into()),
    };
    let event = Event::from_params(&params);
    match (Delivered { dashboard: &dashboard, tenant }).apply(event, evidence.as_ref()).await {
        Ok(response) => response,
        Err(Failure::Outbox(OutboxError::StaleCopy { .. })) => StatusCode::CONFLICT.into_response(),
        Err(error) => not_stored(&error),
    }
}

/// Twilio must deliver it again.
fn not_stored(error: &Failure) -> Response {
    tracing::error!(%error, "a webhook could not be stored");
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}

fn twiml(document: &str) -> Response {
    ([(CONTENT_TYPE, "text/xml; charset=utf-8")], document.to_owned()).into_response()
}

/// A webhook of a tenant's verified account.
struct Delivered<'d> {
    dashboard: &'d Dashboard,
    tenant: String,
}

impl Delivered<'_> {
    async fn apply(&self, event: Event, evidence: Option<&Evidence>) -> Result<Response, Failure> {
        match event {
            Event::InboundMessage(message) | Event::HelpRequested(message) => {
                self.text(&message, evidence).await
            }
            Event::OptedOut(change) | Event::OptedIn(change) => self.text(&change.message, evidence).await,
            Event::MessageStatusUpdate(update) => self.text_status(&update, evidence).await,
            Event::InboundCall(call) => self.call(&call).await,
            Event::CallStatusUpdate(update) => self.call_status(&update, evidence).await,
            Event::GatherResult(_) => {
                self.prove(evidence).await?;
                Ok(twiml(THANKS))
            }
            Event::RecordingStatusUpdate(update) => self.recording(&update).await,
            Event::TranscriptionUpdate(update) => self.transcription(&update).await,
            _ => Ok(StatusCode::NO_CONTENT.into_response()),
        }
    }

    /// Passes evidence to the outbox, and returns whether it is about a message of this tenant there.
    async fn prove(&self, evidence: Option<&Evidence>) -> Result<bool, OutboxError> {
        let (Some(outbox), Some(evidence)) = (self.dashboard.durable(), evidence) else { return Ok(false) };
        Ok(outbox.evidence_of(&self.tenant, evidence).await? != Evidenced::NotOurs)
    }

    async fn publish(
        &self,
        name: &str,
        id: String,
        about: Option<&Address>,
        payload: Value,
    ) -> Result<(), MeshError> {
        let Some(mesh) = self.dashboard.events() else { return Ok(()) };
        let notice = Notice::new(name, payload).source(format!("{TWILIO}/{}", self.tenant)).id(id);
        let notice = notice.tenant(&self.tenant);
        let notice = match about {
            Some(person) => notice.subject(person.as_str()),
            None => notice,
        };
        mesh.publish(notice).await.map(drop)
    }

    async fn text(&self, message: &InboundMessage, evidence: Option<&Evidence>) -> Result<Response, Failure> {
        let counts = self.prove(evidence).await? || self.dashboard.durable().is_none();
        let (Some(sid), Some(from), Some(to)) = (&message.sid, &message.from, &message.to) else {
            tracing::warn!("a text without an id or a number was not stored");
            return Ok(twiml(NOTHING));
        };
        let media: Vec<Value> = message
            .media
            .iter()
            .map(|one| json!({"contentType": one.content_type, "sid": one.sid()}))
            .collect();
        // A word that the outbox does not count, because the number is another tenant's, changes nothing here either.
        let consent = message.consent().filter(|_| counts);
        let conversation = self.dashboard.records().received(TextIn {
            tenant: self.tenant.clone(),
            person: from.as_str().to_owned(),
            sender: to.as_str().to_owned(),
            sid: sid.clone(),
            body: message.text().to_owned(),
            media: if media.is_empty() { Value::Null } else { media.clone().into() },
            at: Timestamp::now().as_microsecond(),
            opts_out: consent.map(|consent| consent == Consent::OptedOut),
        });
        let conversation = conversation.await?;
        let payload = json!({
            "messageSid": sid, "from": from.as_str(), "to": to.as_str(), "body": message.text(),
            "media": media.len(), "conversation": conversation,
        });
        self.publish(names::SMS_RECEIVED, sid.clone(), Some(from), payload).await?;
        if let Some(consent) = consent {
            let state = if consent == Consent::OptedOut { "opted-out" } else { "opted-in" };
            let payload = json!({"person": from.as_str(), "state": state});
            self.publish("twilio.consent.changed", format!("{sid}/consent"), Some(from), payload).await?;
        }
        Ok(twiml(NOTHING))
    }

    /// What the outbox knows is published by the follower of the outbox.
    async fn text_status(
        &self,
        update: &MessageStatusUpdate,
        evidence: Option<&Evidence>,
    ) -> Result<Response, Failure> {
        let done = Ok(StatusCode::NO_CONTENT.into_response());
        let (Some(sid), Some(status)) = (&update.sid, &update.status) else { return done };
        if self.prove(evidence).await? {
            return done;
        }
        let error = delivery_error(evidence);
        let (sid, status) = (sid.clone(), status.to_string());
        let stored = TextStatus { sid: Some(sid.clone()), status: status.clone(), error: error.clone() };
        self.dashboard.records().delivered(&self.tenant, stored).await?;
        let mut payload = fields([("messageSid", &sid), ("status", &status)]);
        numbers(&mut payload, update.from.as_ref(), update.to.as_ref());
        payload.insert("error".to_owned(), error.unwrap_or_default());
        let id = format!("{sid}/{status}");
        self.publish(names::SMS_STATUS, id, update.to.as_ref(), payload.into()).await?;
        done
    }

    async fn call(&self, call: &InboundCall) -> Result<Response, Failure> {
        if let Some(sid) = call.call_sid() {
            let mut payload = fields([("callSid", sid)]);
            numbers(&mut payload, call.from(), call.to());
            self.publish(names::CALL_RECEIVED, sid.to_owned(), call.from(), payload.into()).await?;
        }
        Ok(twiml(self.dashboard.answers_calls()))
    }

    async fn call_status(
        &self,
        update: &CallStatusUpdate,
        evidence: Option<&Evidence>,
    ) -> Result<Response, Failure> {
        let done = Ok(StatusCode::NO_CONTENT.into_response());
        let (Some(sid), Some(status)) = (update.call_sid(), update.status()) else { return done };
        if self.prove(evidence).await? {
            return done;
        }
        let status = status.to_string();
        let mut payload = fields([("callSid", sid), ("status", &status)]);
        numbers(&mut payload, update.from(), update.to());
        let direction = update.call.direction.as_ref().map(ToString::to_string);
        payload.insert("direction".to_owned(), direction.into());
        let id = format!("{sid}/{status}");
        self.publish(names::CALL_STATUS, id, update.to(), payload.into()).await?;
        done
    }

    async fn recording(&self, update: &RecordingStatusUpdate) -> Result<Response, Failure> {
        if let Some(sid) = &update.sid {
            let status = update.status.as_ref().map(ToString::to_string).unwrap_or_default();
            let payload = json!({"recordingSid": sid, "callSid": update.call_sid, "status": status});
            self.publish("twilio.recording.status", format!("{sid}/{status}"), None, payload).await?;
        }
        Ok(StatusCode::NO_CONTENT.into_response())
    }

    async fn transcription(&self, update: &TranscriptionUpdate) -> Result<Response, Failure> {
        if let Some(sid) = &update.sid {
            let status = update.status.as_ref().map(ToString::to_string).unwrap_or_default();
            let payload =
                json!({"transcriptionSid": sid, "recordingSid": update.recording_sid, "status": status});
            self.publish("twilio.transcription.status", format!("{sid}/{status}"), None, payload).await?;
        }
        Ok(StatusCode::NO_CONTENT.into_response())
    }
}

fn delivery_error(evidence: Option<&Evidence>) -> Option<Value> {
    match evidence {
        Some(Evidence::Delivery { delivery, .. }) => {
            delivery.error.as_ref().map(|error| error_json(&error.into()))
        }
        _ => None,
    }
}

fn fields<const N: usize>(fields: [(&str, &str); N]) -> Map<String, Value> {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect()
}

fn numbers(payload: &mut Map<String, Value>, from: Option<&Address>, to: Option<&Address>) {
    payload.insert("from".to_owned(), from.map(Address::as_str).into());
    payload.insert("to".to_owned(), to.map(Address::as_str).into());
}
