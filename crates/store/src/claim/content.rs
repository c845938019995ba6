//! What a row says of a webhook, as text: sealed, or in the clear.

use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use switchboard::bytes::Bytes;
use switchboard::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use switchboard::secret::Secret;
use switchboard::twilio::webhook::{Answer, Params, WebhookDelivery};

use super::rows::{PROVIDER, StoredAnswer, StoredEvent};
use crate::{Purpose, SealContext, SealError, Sealed, Sealer, StoreError};

/// A webhook that was stored.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StoredWebhook {
    /// The account that signed it, if it names one.
    pub account_sid: Option<String>,
    /// The user whose account it is, if that is known.
    pub user_id: Option<String>,
    /// The kind of event, such as `inbound_message`.
    pub event_type: String,
    /// What Twilio sent.
    pub params: Params,
    /// How often it was handed to the handler.
    pub attempts: u32,
    /// Why the last attempt failed; `None` once it was handled.
    pub error: Option<String>,
    /// The HTTP status that Twilio was answered once it was handled.
    pub answer_status: Option<u16>,
    /// When it arrived first, in microseconds since 1970 (UTC).
    pub received_at_micros: i64,
    /// When it was handled, in microseconds since 1970 (UTC).
    pub handled_at_micros: Option<i64>,
}

/// Seals, if there is a sealer.
#[derive(Clone, Debug)]
pub(super) struct Sealing(Option<Arc<dyn Sealer>>);

impl Sealing {
    pub(super) fn new(sealer: Option<Arc<dyn Sealer>>) -> Self {
        Self(sealer)
    }

    /// Returns the sealer, or one that has no keys.
    pub(super) fn sealer(&self) -> &dyn Sealer {
        self.0.as_deref().unwrap_or(&NoKeys)
    }

    /// Returns the text of a payload, and the id of the key if it is sealed.
    pub(super) async fn payload(
        &self,
        delivery: &WebhookDelivery<'_>,
    ) -> Result<(String, Option<String>), SealError> {
        let text = object(delivery.params).to_string();
        match &self.0 {
            None => Ok((text, None)),
            Some(sealer) => {
                let context = payload_context(delivery.account_sid, delivery.key);
                let sealed = sealer.seal(&context, &text).await?;
                let key_id = Some(sealed.key_id().to_owned());
                Ok((sealed.into_string(), key_id))
            }
        }
    }

    pub(super) async fn webhook(&self, row: StoredEvent) -> Result<StoredWebhook, StoreError> {
        let StoredEvent { mut webhook, key, payload, key_id } = row;
        let text = match key_id {
            None => Secret::new(payload),
            Some(_) => self.open(&payload_context(webhook.account_sid.as_deref(), &key), payload).await?,
        };
        webhook.params = params(text.expose());
        Ok(webhook)
    }

    pub(super) async fn answer(&self, key: &str, answer: &Answer) -> Result<StoredAnswer, SealError> {
        let (status, headers) = (answer.status.as_u16(), headers(&answer.headers));
        let Some(sealer) = &self.0 else {
            let body = Some(answer.body.to_vec());
            return Ok(StoredAnswer { status, headers: headers.to_string(), body, key_id: None });
        };
        let text = json!({"headers": headers, "body": STANDARD.encode(&answer.body)}).to_string();
        let sealed = sealer.seal(&answer_context(key), &text).await?;
        let key_id = Some(sealed.key_id().to_owned());
        Ok(StoredAnswer { status, headers: sealed.into_string(), body: None, key_id })
    }

    pub(super) async fn open_answer(&self, key: &str, stored: StoredAnswer) -> Result<Answer, StoreError> {
        let status = StatusCode::from_u16(stored.status).unwrap_or_default();
        let (headers, body) = if stored.key_id.is_none() {
            (read(&stored.headers), stored.body.unwrap_or_default())
        } else {
            let text = self.open(&answer_context(key), stored.headers).await?;
            let value = read(text.expose());
            let body = value.get("body").and_then(Value::as_str).unwrap_or_default();
            let body = STANDARD.decode(body).map_err(|_| SealError::NotSealed)?;
            (value.get("headers").cloned().unwrap_or_default(), body)
        };
        Ok(Answer::new(status, header_map(&headers), Bytes::from(body)))
    }

    async fn open(&self, context: &SealContext<'_>, text: String) -> Result<Secret, SealError> {
        self.sealer().open(context, &Sealed::parse(text)?).await
    }
}

/// Opens nothing.
#[derive(Debug)]
struct NoKeys;

#[async_trait]
impl Sealer for NoKeys {
    async fn seal(&self, _: &SealContext<'_>, _: &str) -> Result<Sealed, SealError> {
        Err(SealError::NoKeys)
    }

    async fn open(&self, _: &SealContext<'_>, sealed: &Sealed) -> Result<Secret, SealError> {
        Err(SealError::MissingKey { key_id: sealed.key_id().to_owned() })
    }

    fn key_id(&self) -> &str {
        ""
    }

    fn has_key(&self, _: &str) -> bool {
        false
    }
}

fn payload_context<'a>(account: Option<&'a str>, key: &'a str) -> SealContext<'a> {
    let tenant = account.unwrap_or_default();
    SealContext { purpose: Purpose::WebhookPayload, tenant, provider: PROVIDER, row: key }
}

/// The account is not known when an answer is sealed. It is part of the key, which is a hash.
fn answer_context(key: &str) -> SealContext<'_> {
    SealContext { purpose: Purpose::WebhookAnswer, tenant: "", provider: PROVIDER, row: key }
}

fn read(json: &str) -> Value {
    serde_json::from_str(json).unwrap_or_default()
}

/// An object with each value as a text, or as a list of texts where a name is repeated.
fn object(params: &Params) -> Value {
    let mut object = Map::new();
    for (name, value) in params.iter() {
        match object.get_mut(name) {
            None => drop(object.insert(name.to_owned(), value.into())),
            Some(Value::Array(list)) => list.push(value.into()),
            Some(first) => *first = json!([first.take(), value]),
        }
    }
    Value::Object(object)
}

fn params(json: &str) -> Params {
    let value = read(json);
    let pairs = value.as_object().into_iter().flatten().flat_map(|(name, value)| {
        let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        values.iter().filter_map(Value::as_str).map(move |value| (name, value))
    });
    Params::from_pairs(pairs)
}

/// A list of pairs. A value that is not plain ASCII is an object with its base64.
fn headers(headers: &HeaderMap) -> Value {
    let value = |value: &HeaderValue| match value.to_str() {
        Ok(text) => json!(text),
        Err(_) => json!({"base64": STANDARD.encode(value.as_bytes())}),
    };
    headers.iter().map(|(name, of)| json!([name.as_str(), value(of)])).collect()
}

fn header_map(list: &Value) -> HeaderMap {
    let pair = |pair: &Value| {
        let name: HeaderName = pair.get(0)?.as_str()?.parse().ok()?;
        let value = match pair.get(1)? {
            Value::String(text) => HeaderValue::from_str(text).ok()?,
            other => HeaderValue::from_bytes(&STANDARD.decode(other.get("base64")?.as_str()?).ok()?).ok()?,
        };
        Some((name, value))
    };
    list.as_array().into_iter().flatten().filter_map(pair).collect()
}
