//! The account of a tenant: who one is, what it may do, and its numbers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::response::Response;
use futures_util::StreamExt as _;
use http::StatusCode;
use serde_json::{Value, json};
use switchboard::provider::AccountKind;
use switchboard::twilio::numbers::ListPhoneNumbers;
use switchboard_store::{CredentialStatus, ShownCredential};

use crate::answer::{Problem, json as answer, page as list_page};
use crate::dashboard::{Dashboard, TWILIO};
use crate::request::{AnyRole, By};

/// How long the answer of the provider is remembered.
const REMEMBERED: Duration = Duration::from_secs(300);
/// The most numbers that are listed.
const MOST_NUMBERS: usize = 1_000;

/// What the provider said of the accounts of tenants.
#[derive(Debug, Default)]
pub(crate) struct KnownAccounts {
    accounts: Remembered<Value>,
    senders: Remembered<Arc<[String]>>,
}

impl KnownAccounts {
    /// The credentials have changed.
    pub(crate) fn forget(&self, tenant: &str) {
        self.accounts.remove(tenant);
        self.senders.remove(tenant);
    }
}

/// Something of each tenant, for a while.
#[derive(Debug)]
struct Remembered<T>(Mutex<HashMap<String, (Instant, T)>>);

impl<T> Default for Remembered<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Remembered<T> {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, (Instant, T)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, tenant: &str) -> Option<T> {
        let mut known = self.lock();
        known.retain(|_, (at, _)| at.elapsed() < REMEMBERED);
        known.get(tenant).map(|(_, value)| value.clone())
    }

    fn put(&self, tenant: &str, value: T) {
        self.lock().insert(tenant.to_owned(), (Instant::now(), value));
    }

    fn remove(&self, tenant: &str) {
        self.lock().remove(tenant);
    }
}

/// The numbers and messaging services that belong to a tenant's verified account, as the provider says. What a tenant itself
/// names as its sender proves nothing. Empty while the provider cannot be asked.
pub(crate) async fn owned_senders(dashboard: &Dashboard, tenant: &str) -> Result<Arc<[String]>, Problem> {
    if let Some(known) = dashboard.known_accounts().senders.get(tenant) {
        return Ok(known);
    }
    let saved = dashboard.users().list(tenant).await?;
    let is_verified =
        |one: &ShownCredential| one.provider == TWILIO && one.status == CredentialStatus::Verified;
    if !saved.iter().any(is_verified) {
        return Ok(Arc::default());
    }
    match ask_for_senders(dashboard, tenant).await {
        Ok(senders) => {
            dashboard.known_accounts().senders.put(tenant, Arc::clone(&senders));
            Ok(senders)
        }
        Err(problem) => {
            tracing::warn!(?problem, "the senders of an account cannot be listed");
            Ok(Arc::default())
        }
    }
}

async fn ask_for_senders(dashboard: &Dashboard, tenant: &str) -> Result<Arc<[String]>, Problem> {
    let of = |error| Problem::of(&error);
    let account = dashboard.twilio_adapter()?.account(&dashboard.credentials(tenant).await?).map_err(of)?;
    let mut senders = Vec::new();
    let mut numbers = account.phone_numbers().list(&ListPhoneNumbers::new()).take(MOST_NUMBERS);
    while let Some(number) = numbers.next().await {
        senders.extend(number.map_err(of)?.phone_number.map(|number| number.as_str().to_owned()));
    }
    let mut services = account.messaging_services().list().take(MOST_NUMBERS);
    while let Some(service) = services.next().await {
        senders.push(service.map_err(of)?.sid);
    }
    Ok(senders.into())
}

/// `GET /api/me`.
pub(crate) async fn me(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<AnyRole>,
) -> Result<Response, Problem> {
    let roles = login.roles;
    let paths = [
        ("sms", "sms"),
        ("voice", "voice"),
        ("smsStatus", "sms-status"),
        ("voiceStatus", "voice-status"),
        ("recording", "recording"),
        ("transcription", "transcription"),
    ];
    let urls: Option<serde_json::Map<String, Value>> = paths
        .into_iter()
        .map(|(name, path)| Some((name.to_owned(), dashboard.webhook_url(path)?.into())))
        .collect();
    let body = json!({
        "tenant": login.tenant, "user": login.user, "expires": login.expires,
        "roles": {"view": roles.view, "send": roles.send, "manage": roles.manage},
        "outbox": dashboard.durable().is_some(), "events": dashboard.events().is_some(), "webhooks": urls,
    });
    Ok(answer(StatusCode::OK, &body))
}

/// `GET /api/account`.
pub(crate) async fn account(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<AnyRole>,
) -> Result<Response, Problem> {
    if let Some(known) = dashboard.known_accounts().accounts.get(&login.tenant) {
        return Ok(answer(StatusCode::OK, &known));
    }
    let nothing =
        json!({"connected": false, "friendlyName": null, "type": null, "status": null, "from": null});
    let Ok(credentials) = dashboard.credentials(&login.tenant).await else {
        return Ok(answer(StatusCode::OK, &nothing));
    };
    let Ok(connection) = dashboard.adapter()?.test_connection(&credentials).await else {
        // The provider may only be out of reach: what is known of the credentials counts.
        let saved = dashboard.users().list(&login.tenant).await?;
        let is_verified =
            saved.iter().any(|one| one.provider == TWILIO && one.status == CredentialStatus::Verified);
        let from = credentials.get("phoneNumber");
        let account = json!({"connected": is_verified, "friendlyName": null, "type": null, "status": null, "from": from});
        return Ok(answer(StatusCode::OK, &account));
    };
    let kind = connection.kind.as_ref().map(|kind| match kind {
        AccountKind::Trial => "Trial",
        AccountKind::Full => "Full",
        other => other.as_str(),
    });
    let account = json!({
        "connected": true, "friendlyName": connection.friendly_name, "status": connection.status,
        "type": kind, "from": credentials.get("phoneNumber"),
    });
    dashboard.known_accounts().accounts.put(&login.tenant, account.clone());
    Ok(answer(StatusCode::OK, &account))
}

/// `GET /api/numbers`.
pub(crate) async fn numbers(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<AnyRole>,
) -> Result<Response, Problem> {
    if !login.roles.send && !login.roles.manage {
        return Err(Problem::forbidden("you may not read this: ask for the role `send` or `manage`"));
    }
    let credentials = dashboard.credentials(&login.tenant).await?;
    let of = |error| Problem::of(&error);
    let account = dashboard.twilio_adapter()?.account(&credentials).map_err(of)?;
    let mut found = account.phone_numbers().list(&ListPhoneNumbers::new()).take(MOST_NUMBERS);
    let mut items = Vec::new();
    while let Some(number) = found.next().await {
        let number = number.map_err(of)?;
        let can = number.capabilities.unwrap_or_default();
        items.push(json!({
            "number": number.phone_number.as_ref().map(ToString::to_string),
            "friendlyName": number.friendly_name,
            "sms": can.sms, "mms": can.mms, "voice": can.voice,
        }));
    }
    Ok(list_page(items, None::<i64>))
}
