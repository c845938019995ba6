//! Who wants messages, and who does not; and people who want to be forgotten.

use super::account::owned_senders;
use super::message::{audit, number};
use super::send::purpose;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::LazyLock;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};
use switchboard::phone::Address;
use switchboard::sms::Consent;
use switchboard_automation::mesh::MeshError;
use switchboard_outbox::policy::{ConsentRecord, ConsentScope, ConsentSource};
use switchboard_outbox::{Forgotten, Outbox, OutboxError, Person};
use switchboard_store::StoreError;

use crate::answer::{Problem, json as answer, page as list_page};
use crate::dashboard::Dashboard;
use crate::identity::Login;
use crate::request::{By, Cursor, Fields, Manage, Paging};

fn consent_json(record: &ConsentRecord) -> Value {
    let scope = match &record.scope {
        ConsentScope::Everything => json!({"kind": "everything"}),
        ConsentScope::Tenant(_) => json!({"kind": "tenant"}),
        ConsentScope::Sender(sender) => json!({"kind": "sender", "sender": sender.as_str()}),
        _ => json!({"kind": "other"}),
    };
    json!({
        "person": record.recipient.as_str(), "scope": scope, "purpose": record.purpose,
        "state": if record.consent == Consent::OptedOut { "opted-out" } else { "opted-in" },
        "source": source_word(&record.source), "at": record.at, "proof": record.proof,
    })
}

/// The scopes that belong to a tenant: itself, and the senders of its account.
pub(super) async fn scopes(dashboard: &Dashboard, login: &Login) -> Result<Vec<ConsentScope>, Problem> {
    let senders = owned_senders(dashboard, &login.tenant).await?;
    let senders = senders.iter().map(|sender| ConsentScope::Sender(Address::from(sender.as_str())));
    Ok([ConsentScope::Tenant(login.tenant.clone())].into_iter().chain(senders).collect())
}

/// The place of a record in the list: its time, and a hash of the rest, because no number may be in a URL.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Place {
    at: i64,
    hash: u64,
}

impl Place {
    fn of(record: &ConsentRecord) -> Self {
        // With a key, because there are too few numbers for a hash to hide one. It is another one after a restart.
        static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        Self { at: record.at.as_microsecond(), hash: KEY.hash_one(consent_json(record).to_string()) }
    }

    fn read(text: &str) -> Option<Self> {
        let (at, hash) = text.split_once('.')?;
        Some(Self { at: at.parse().ok()?, hash: u64::from_str_radix(hash, 16).ok()? })
    }

    fn text(self) -> String {
        format!("{}.{:016x}", self.at, self.hash)
    }
}

/// The records behind a place. Those of its time are read again, to find it among them.
async fn behind(
    outbox: &Outbox,
    scopes: &[ConsentScope],
    place: Option<Place>,
    limit: u32,
) -> Result<Vec<ConsentRecord>, Problem> {
    let Some(place) = place else { return Ok(outbox.consents_of(scopes, None, limit).await?) };
    let gone = || Problem::bad_request("`after` is the `next` of the page before");
    let just_after = Timestamp::from_microsecond(place.at.saturating_add(1)).map_err(|_| gone())?;
    let mut last = ConsentRecord::opted_in("", ConsentScope::Everything, just_after);
    loop {
        let records = outbox.consents_of(scopes, Some(&last), limit).await?;
        let same_time = |record: &&ConsentRecord| record.at.as_microsecond() == place.at;
        if let Some(record) = records.iter().filter(same_time).find(|record| Place::of(record) == place) {
            return Ok(outbox.consents_of(scopes, Some(record), limit).await?);
        }
        match records.last() {
            Some(record) if same_time(&record) => last = record.clone(),
            // It was changed since: what follows its time is the rest.
            _ => {
                return Ok(records
                    .into_iter()
                    .filter(|record| record.at.as_microsecond() < place.at)
                    .collect());
            }
        }
    }
}

/// `GET /api/consent`.
pub(crate) async fn list(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<Manage>,
    paging: Paging<Cursor>,
) -> Result<Response, Problem> {
    let wrong = || Problem::bad_request("`after` is the `next` of the page before");
    let after = paging.after.as_ref().map(|Cursor(text)| Place::read(text).ok_or_else(wrong)).transpose()?;
    let (scopes, limit) = (scopes(&dashboard, &login).await?, paging.limit);
    let mut records = behind(dashboard.needs_outbox()?, &scopes, after, limit + 1).await?;
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = records.len() > most;
    records.truncate(most);
    let items: Vec<Value> = records.iter().map(consent_json).collect();
    let next = records.last().filter(|_| more).map(|last| Place::of(last).text());
    Ok(list_page(items, next))
}

/// `POST /api/consent/search` with `{person}`.
pub(crate) async fn search(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<Manage>,
    fields: Fields,
) -> Result<Response, Problem> {
    let [person] = fields.required(["person"])?;
    let scopes = scopes(&dashboard, &login).await?;
    let records = dashboard.needs_outbox()?.consents(number(person)?).await?;
    let is_ours =
        |record: &&ConsentRecord| record.scope == ConsentScope::Everything || scopes.contains(&record.scope);
    // What holds for everybody may have been recorded by another tenant.
    let shown = |record: &ConsentRecord| {
        let mut record = record.clone();
        if record.scope == ConsentScope::Everything {
            (record.proof, record.source) = (None, ConsentSource::Import("other".to_owned()));
        }
        consent_json(&record)
    };
    let items: Vec<Value> = records.iter().filter(is_ours).map(shown).collect();
    Ok(list_page(items, None::<i64>))
}

/// `POST /api/consent` with `{person, state, scope?, sender?, purpose?, source?, proof?}`.
pub(crate) async fn record(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<Manage>,
    fields: Fields,
) -> Result<Response, Problem> {
    let [person, state] = fields.required(["person", "state"])?;
    let person = number(person)?;
    let scope = match (fields.text("scope")?.unwrap_or("tenant"), fields.text("sender")?) {
        ("tenant", None) => ConsentScope::Tenant(login.tenant.clone()),
        ("sender", Some(sender)) => {
            let scope = ConsentScope::Sender(Address::from(sender));
            if !scopes(&dashboard, &login).await?.contains(&scope) {
                return Err(Problem::bad_request(
                    "`sender` is none of yours: name a number or a messaging service of your account",
                ));
            }
            scope
        }
        _ => return Err(Problem::bad_request("`scope` is `tenant`, or `sender` with a `sender`")),
    };
    let record = match state {
        "opted-out" => ConsentRecord::opted_out(person.as_str(), scope, Timestamp::now()),
        "opted-in" => ConsentRecord::opted_in(person.as_str(), scope, Timestamp::now()),
        _ => return Err(Problem::bad_request("`state` is `opted-out` or `opted-in`")),
    };
    let mut record = record;
    record.purpose = purpose(&fields)?;
    let record = record.source(match fields.text("source")? {
        None => ConsentSource::Person,
        Some(name) => ConsentSource::Import(name.to_owned()),
    });
    let record = match fields.text("proof")? {
        Some(proof) => record.proof(proof),
        None => record,
    };
    let recorded = dashboard.needs_outbox()?.record_consent(record, &login.user).await?;
    let detail = json!({"person": Address::from(person.as_str()).masked().to_string(), "state": state});
    audit(&dashboard, &login, "consent.record", None, &detail).await;
    dashboard.records().set_opted_out(&login.tenant, &person, state == "opted-out").await?;
    let body = json!({"changed": recorded.changed, "tooLate": recorded.too_late});
    Ok(answer(StatusCode::OK, &body))
}

fn source_word(source: &ConsentSource) -> &str {
    match source {
        ConsentSource::Keyword => "keyword",
        ConsentSource::Provider => "provider",
        ConsentSource::Person => "person",
        ConsentSource::Import(name) => name,
        _ => "other",
    }
}

/// `POST /api/people/forget` with `{number}`.
pub(crate) async fn forget(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<Manage>,
    fields: Fields,
) -> Result<Response, Problem> {
    let [person] = fields.required(["number"])?;
    let person = number(person)?;
    let forgotten = dashboard.forget(&login.tenant, &person, &login.user).await?;
    audit(&dashboard, &login, "person.forget", None, &json!({"deleted": forgotten.deleted})).await;
    let body = json!({"deleted": forgotten.deleted, "open": forgotten.open});
    Ok(answer(StatusCode::OK, &body))
}

/// How many rows are deleted at once.
const CHUNK: u32 = 1_000;

impl Dashboard {
    /// Deletes texts of conversations, entries of the audit, lists of campaigns, and published notices before a time, in
    /// short transactions, and returns how many they were. Messages of the outbox have
    /// [`delete_ended`](switchboard_outbox::Outbox::delete_ended).
    ///
    /// # Errors
    /// Those of the database. What was deleted stays deleted.
    pub async fn delete_before(&self, time: Timestamp) -> Result<u64, StoreError> {
        let mut total = 0;
        loop {
            let mut deleted = self.records().delete_before(time.as_microsecond(), CHUNK).await?;
            if let Some(mesh) = self.events() {
                deleted += mesh.delete_before(time, CHUNK).await.map_err(of_mesh)?;
            }
            total += deleted;
            if deleted == 0 {
                self.records().tidy().await?;
                return Ok(total);
            }
        }
    }

    /// Deletes what is stored of a person for a tenant: messages, conversation, and what notices say. The outbox refuses
    /// further messages to them. Webhooks stay sealed until their retention ends, and lists of campaigns as they were
    /// uploaded until their import has ended, or [`delete_before`](Self::delete_before).
    ///
    /// # Errors
    /// Those of the database; [`OutboxError::Invalid`] if `by` is empty.
    pub async fn forget(&self, tenant: &str, person: &str, by: &str) -> Result<Forgotten, OutboxError> {
        let forgotten = match self.durable() {
            Some(outbox) => outbox.forget(&Person::new(person).tenant(tenant), by).await?,
            None => Forgotten::default(),
        };
        self.records().forget(tenant, person).await?;
        if let Some(mesh) = self.events() {
            mesh.forget_of(tenant, person).await.map_err(of_mesh)?;
        }
        Ok(forgotten)
    }
}

/// Only the database can fail here.
fn of_mesh(error: MeshError) -> StoreError {
    match error {
        MeshError::Store(error) => error,
        _ => StoreError::NoRow,
    }
}
