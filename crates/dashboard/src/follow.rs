//! Follows the outbox: publishes what happens to its messages, and keeps the conversations.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};
use switchboard::provider::{SendKind, Sender};
use switchboard_automation::mesh::{Mesh, MeshError, Notice, names};
use switchboard_outbox::{Events, Message, MessageId, Outbox, OutboxError, OutboxEvent, Payload};
use switchboard_store::{CredentialName, StoreError};
use tokio::task::JoinHandle;

use crate::answer::error_json;
use crate::dashboard::{Dashboard, TWILIO};
use crate::failure::Failure;
use crate::records::{Change, TextOut, TextStatus};
use crate::requested;

/// The name of the cursor.
const CURSOR: &str = "dashboard";
/// How many events are published together.
const TOGETHER: usize = 256;
/// How long to wait while another process follows, or after an error.
const WAIT: Duration = Duration::from_secs(1);

/// Follows the outbox until it is dropped or stopped.
#[must_use = "it stops when it is dropped"]
pub struct Follower(Vec<JoinHandle<()>>);

impl Follower {
    /// Stops it. What was not published yet is published when a dashboard of this database follows again.
    pub async fn stop(mut self) {
        for task in std::mem::take(&mut self.0) {
            task.abort();
            let _ = task.await;
        }
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        for task in &self.0 {
            task.abort();
        }
    }
}

impl fmt::Debug for Follower {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Follower")
    }
}

impl Dashboard {
    /// Publishes what happens to the messages of the outbox, whoever has enqueued them, and keeps the conversations. It goes
    /// on until the result is dropped, and continues after a crash where it was. With a mesh, it also sends each text that is
    /// published as `twilio.sms.send` with `{to, body, from?}`, once.
    ///
    /// Any number of processes may follow: one of them does, and the others wait until it ends. A database that is followed
    /// for the first time begins with its oldest event.
    pub fn follow(&self) -> Follower {
        let Some(outbox) = self.durable().cloned() else { return Follower(Vec::new()) };
        let mut tasks = vec![tokio::spawn(follow(self.clone(), outbox.clone()))];
        tasks.extend(self.events().map(|mesh| tokio::spawn(requested::send(mesh.clone(), outbox))));
        Follower(tasks)
    }
}

async fn follow(dashboard: Dashboard, outbox: Outbox) {
    loop {
        match outbox.events(CURSOR).await {
            Ok(events) => pass(&dashboard, &outbox, events).await,
            Err(OutboxError::Store(StoreError::Locked { .. })) => {}
            Err(OutboxError::Store(StoreError::Stopped)) => return,
            Err(error) => {
                tracing::warn!(%error, "the events of the outbox cannot be read, and are tried again")
            }
        }
        tokio::time::sleep(WAIT).await;
    }
}

/// Returns when the events must be opened again.
async fn pass(dashboard: &Dashboard, outbox: &Outbox, mut events: Events) {
    loop {
        let batch = match events.next_batch(TOGETHER).await {
            Ok(batch) => batch,
            Err(error) => {
                tracing::warn!(%error, "the events of the outbox are opened again");
                return;
            }
        };
        publish_surely(dashboard, outbox, &batch).await;
    }
}

/// Tries again what may pass. What can never be stored must not hold up the events of others: it is passed over, and
/// logged.
async fn publish_surely(dashboard: &Dashboard, outbox: &Outbox, batch: &[OutboxEvent]) {
    loop {
        match publish(dashboard, outbox, batch).await {
            Ok(()) => return,
            Err(error) if error.may_pass() => {
                tracing::warn!(%error, "what happened to messages could not be published, and is tried again");
                tokio::time::sleep(WAIT).await;
            }
            Err(error) => match batch {
                [one] => {
                    tracing::error!(%error, event = one.number, "an event of the outbox is passed over");
                    return;
                }
                many => {
                    for one in many {
                        Box::pin(publish_surely(dashboard, outbox, std::slice::from_ref(one))).await;
                    }
                    return;
                }
            },
        }
    }
}

/// What a page, a conversation or a CRM wants to know about a message.
fn is_told(topic: &str) -> bool {
    matches!(
        topic,
        "accepted"
            | "status"
            | "rejected"
            | "unknown"
            | "parked"
            | "blocked"
            | "expired"
            | "cancelled"
            | "abandoned"
            | "deferred"
            | "retry"
    )
}

async fn publish(dashboard: &Dashboard, outbox: &Outbox, batch: &[OutboxEvent]) -> Result<(), Failure> {
    let told: Vec<(&OutboxEvent, MessageId)> = batch
        .iter()
        .filter(|event| is_told(&event.topic))
        .filter_map(|event| Some((event, event.message?)))
        .collect();
    let mut ids: Vec<MessageId> = told.iter().map(|(_, id)| *id).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(());
    }
    let messages: HashMap<MessageId, Message> =
        outbox.messages_by_id(&ids).await?.into_iter().map(|message| (message.id, message)).collect();
    let bodies: HashMap<MessageId, String> = outbox
        .payloads(&ids)
        .await?
        .into_iter()
        .filter_map(|(id, payload)| Some((id, body(&payload)?)))
        .collect();
    let mut campaigns = Campaigns { dashboard, known: BTreeMap::new() };
    let mut senders = Senders { dashboard, known: BTreeMap::new() };
    let (mut notices, mut changes) = (Vec::new(), Vec::new());
    for (event, id) in told {
        // Otherwise it was deleted meanwhile. The newest message stays without its recipient.
        let Some(message) = messages.get(&id).filter(|message| !is_blank(message)) else { continue };
        let campaign = match message.campaign {
            Some(number) => campaigns.id(outbox, &message.tenant, number).await?,
            None => None,
        };
        let about = About { event, message, body: bodies.get(&id).map_or("", String::as_str), campaign };
        let sender = senders.of(message).await?;
        changes.extend(about.change(&sender));
        notices.push(about.notice(&sender));
    }
    dashboard.records().change(changes).await?;
    if let Some(mesh) = dashboard.events() {
        publish_all(mesh, notices).await?;
    }
    forget_again(dashboard, outbox, messages).await
}

fn is_blank(message: &Message) -> bool {
    message.to.as_str().is_empty()
}

/// Somebody who was forgotten after the messages were read is forgotten once more.
async fn forget_again(
    dashboard: &Dashboard,
    outbox: &Outbox,
    read: HashMap<MessageId, Message>,
) -> Result<(), Failure> {
    let ids: Vec<MessageId> = read.keys().copied().collect();
    let left = outbox.messages_by_id(&ids).await?;
    let left: HashSet<MessageId> =
        left.into_iter().filter(|message| !is_blank(message)).map(|message| message.id).collect();
    for message in read.values().filter(|message| !is_blank(message) && !left.contains(&message.id)) {
        dashboard.records().forget(&message.tenant, message.to.as_str()).await?;
        if let Some(mesh) = dashboard.events() {
            mesh.forget_of(&message.tenant, message.to.as_str()).await?;
        }
    }
    Ok(())
}

/// The ids of campaigns, by their numbers in the outbox.
struct Campaigns<'d> {
    dashboard: &'d Dashboard,
    known: BTreeMap<(String, i64), Option<i64>>,
}

impl Campaigns<'_> {
    async fn id(&mut self, outbox: &Outbox, tenant: &str, number: i64) -> Result<Option<i64>, Failure> {
        if let Some(known) = self.known.get(&(tenant.to_owned(), number)) {
            return Ok(*known);
        }
        let records = self.dashboard.records();
        let mut id = records.draft_id(tenant, number).await?;
        if id.is_none() {
            // Another program has started it.
            let found = outbox.campaigns(tenant, Some(number.saturating_add(1)), 1).await?;
            let found = found.into_iter().filter(|one| one.id == number);
            let found = found.map(|one| (one.name, one.created.as_microsecond(), one.id)).collect();
            records.adopt_campaigns(tenant, found).await?;
            id = records.draft_id(tenant, number).await?;
        }
        self.known.insert((tenant.to_owned(), number), id);
        Ok(id)
    }
}

/// A notice that is refused would be refused for ever, and must not hold up the others.
async fn publish_all(mesh: &Mesh, notices: Vec<Notice>) -> Result<(), MeshError> {
    match mesh.publish_all(notices.clone()).await {
        Ok(_) => return Ok(()),
        Err(error @ MeshError::Store(_)) => return Err(error),
        Err(_) => {}
    }
    for notice in notices {
        let id = notice.id.clone();
        match mesh.publish(notice).await {
            Ok(_) => {}
            Err(error @ MeshError::Store(_)) => return Err(error),
            Err(error) => tracing::error!(%error, event = id, "an event of the outbox is not published"),
        }
    }
    Ok(())
}

/// The words of a text.
pub(crate) fn body(payload: &Payload) -> Option<String> {
    match payload {
        Payload::Text(text) => {
            Some(text.text.as_ref().map(|text| text.as_str().to_owned()).unwrap_or_default())
        }
        Payload::Call(_) => None,
    }
}

/// The senders of messages that name none.
struct Senders<'d> {
    dashboard: &'d Dashboard,
    known: BTreeMap<(String, bool), String>,
}

impl Senders<'_> {
    async fn of(&mut self, message: &Message) -> Result<String, StoreError> {
        if let Some(from) = &message.from {
            return Ok(from.address().to_owned());
        }
        let key = (message.tenant.clone(), message.kind == SendKind::Call);
        if let Some(known) = self.known.get(&key) {
            return Ok(known.clone());
        }
        let found = self.dashboard.users().get(&CredentialName::new(&message.tenant, TWILIO)).await;
        let credentials = match found {
            Ok(found) => found,
            // Credentials that cannot be opened must not hold up the events of others.
            Err(StoreError::Seal(error)) => {
                tracing::warn!(%error, "the sender of a message is not known");
                None
            }
            Err(error) => return Err(error),
        };
        let default = credentials.and_then(|credentials| {
            self.dashboard.messenger().ok()?.default_sender(&credentials, message.kind).ok()?
        });
        let sender = default.as_ref().map(Sender::address).unwrap_or_default().to_owned();
        self.known.insert(key, sender.clone());
        Ok(sender)
    }
}

/// Something that happened to a message.
struct About<'e> {
    event: &'e OutboxEvent,
    message: &'e Message,
    body: &'e str,
    /// The id of its campaign here.
    campaign: Option<i64>,
}

impl About<'_> {
    fn detail(&self, name: &str) -> Option<&str> {
        self.event.detail.get(name).and_then(Value::as_str)
    }

    /// The provider's word for an accepted message.
    fn status(&self) -> Option<&str> {
        matches!(self.event.topic.as_str(), "accepted" | "status").then(|| self.detail("status")).flatten()
    }

    /// The word of its state in the outbox.
    fn state(&self) -> &str {
        match self.event.topic.as_str() {
            "status" => "accepted",
            "deferred" | "retry" => "ready",
            topic => topic,
        }
    }

    fn error(&self) -> Option<Value> {
        self.message.error.as_ref().map(error_json)
    }

    fn notice(&self, sender: &str) -> Notice {
        let Message { id, tenant, kind, to, .. } = self.message;
        let is_new = self.event.topic == "accepted";
        let (name, sid) = match (kind, is_new) {
            (SendKind::Text, true) => (names::SMS_SENT, "messageSid"),
            (SendKind::Text, false) => (names::SMS_STATUS, "messageSid"),
            (SendKind::Call, true) => (names::CALL_INITIATED, "callSid"),
            (SendKind::Call, false) => (names::CALL_STATUS, "callSid"),
        };
        let from = Some(sender).filter(|sender| !sender.is_empty());
        let mut payload = json!({
            "id": id.get(), "to": to.as_str(), "from": from, sid: self.detail("sid"),
            "status": self.status(), "state": self.state(), "campaign": self.campaign,
        });
        if let Some(fields) = payload.as_object_mut() {
            if is_new && *kind == SendKind::Text {
                fields.insert("body".to_owned(), self.body.into());
            }
            if !is_new {
                fields.insert("error".to_owned(), self.error().into());
            }
        }
        Notice::new(name, payload)
            .source("outbox")
            .id(self.event.number.to_string())
            .time(self.event.at)
            .tenant(tenant)
            .subject(to.as_str())
    }

    fn change(&self, sender: &str) -> Option<Change> {
        let Message { id, tenant, kind, to, campaign, .. } = self.message;
        if *kind != SendKind::Text || matches!(self.event.topic.as_str(), "deferred" | "retry") {
            return None;
        }
        let status = TextStatus {
            sid: self.detail("sid").map(str::to_owned),
            status: self.status().unwrap_or_else(|| self.state()).to_owned(),
            error: self.error(),
        };
        if self.event.topic == "status" {
            return Some(Change::Status { message: id.get(), status });
        }
        Some(Change::Text(TextOut {
            tenant: tenant.clone(),
            person: to.as_str().to_owned(),
            sender: sender.to_owned(),
            message: Some(id.get()),
            body: self.body.to_owned(),
            at: self.event.at.as_microsecond(),
            of_campaign: campaign.is_some(),
            status,
        }))
    }
}
