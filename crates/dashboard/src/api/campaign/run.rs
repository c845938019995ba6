//! Plans, starts and stops campaigns.

use std::path::PathBuf;
use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};
use switchboard::ErrorCode;
use switchboard::phone::Address;
use switchboard::provider::Sender;
use switchboard::sms::Templates;
use switchboard_outbox::campaign::{Campaign, CampaignError, CampaignPlan, Draft, Import, Recipients};
use switchboard_outbox::{Outbox, OutboxError};

use super::list::{recipients, store_rejects};
use super::{Definition, found, show};
use crate::answer::{Problem, json as answer};
use crate::api::message::audit;
use crate::dashboard::Dashboard;
use crate::identity::Login;
use crate::records::{CampaignDraft, Records};
use crate::request::{By, Fields, Id, Manage};

/// The name under which the text is among the templates.
const TEXT: &str = "text";

/// What the list, the text or the name make impossible.
fn refused(error: CampaignError) -> Problem {
    match error {
        CampaignError::Outbox(OutboxError::CampaignChanged { .. } | OutboxError::CampaignOver { .. }) => {
            Problem::conflict(error.to_string())
        }
        CampaignError::Outbox(error) => error.into(),
        error => Problem::new(StatusCode::UNPROCESSABLE_ENTITY, ErrorCode::InvalidRequest, error.to_string()),
    }
}

pub(super) fn draft(
    outbox: &Outbox,
    login: &Login,
    name: &str,
    definition: &Definition,
) -> Result<Draft, Problem> {
    let templates = Templates::new().add(TEXT, definition.body.as_str());
    let templates = templates.map_err(|error| Problem::bad_request(error.to_string()))?;
    let campaign = outbox.campaign(name).tenant(&login.tenant);
    let draft = if definition.kind == "call" {
        campaign.call(&templates, TEXT)
    } else {
        campaign.text(&templates, TEXT)
    };
    let mut draft = draft.map_err(|error| Problem::bad_request(error.to_string()))?;
    draft = draft.purpose(definition.purpose).by(login.user.as_str());
    if let Some(from) = &definition.from {
        draft = match from.strip_prefix("MG") {
            Some(_) => draft.from(Sender::pool(from.as_str())),
            None => draft.from(Sender::Number(Address::from(from.as_str()))),
        };
    }
    if let Some(at) = definition.due_at {
        draft = draft.due(at);
    }
    if let Some(at) = definition.expires_at {
        draft = draft.expires(at);
    }
    if let Some(segments) = definition.max_segments {
        draft = draft.max_segments(segments);
    }
    Ok(draft)
}

fn definition(draft: &CampaignDraft) -> Result<Definition, Problem> {
    let foreign =
        |_| Problem::conflict("another program has started this campaign: plan and continue it there");
    serde_json::from_value(draft.definition.clone()).map_err(foreign)
}

/// `POST /api/campaigns/{id}/plan`: what would be sent.
pub(crate) async fn plan(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<Manage>,
    Id(id): Id,
    _: Fields,
) -> Result<Response, Problem> {
    let (stored, _) = found(&dashboard, &login, id).await?;
    let definition = definition(&stored)?;
    let draft = draft(dashboard.needs_outbox()?, &login, &stored.name, &definition)?;
    let list = recipients(dashboard.records(), &stored, &definition).await?;
    let plan = draft.plan(list).await.map_err(refused)?;
    Ok(answer(StatusCode::OK, &plan_json(&plan)))
}

fn plan_json(plan: &CampaignPlan) -> Value {
    let rejected = plan
        .first_rejected
        .iter()
        .map(|row| json!({"line": row.line, "reason": row.reason.word(), "sentence": row.to_string()}));
    let longest = plan.longest.map(|longest| {
        json!({"line": longest.line, "segments": longest.segments, "characters": longest.characters})
    });
    let ucs2 = plan.first_ucs2.map(|(line, character)| json!({"line": line, "character": character}));
    json!({
        "rows": plan.rows, "messages": plan.messages, "duplicates": plan.duplicates, "rejected": plan.rejected,
        "firstRejected": rejected.collect::<Vec<_>>(), "segments": plan.segments, "bySegments": plan.by_segments,
        "longest": longest, "ucs2": plan.ucs2, "firstUcs2": ucs2, "warnings": plan.warnings,
        "estimate": plan.estimate,
    })
}

/// `POST /api/campaigns/{id}/start`: also continues an import that was interrupted.
pub(crate) async fn start(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<Manage>,
    Id(id): Id,
    _: Fields,
) -> Result<Response, Problem> {
    let (stored, campaign) = found(&dashboard, &login, id).await?;
    let definition = definition(&stored)?;
    let list = recipients(dashboard.records(), &stored, &definition).await?;
    let file = RejectsFile::new();
    let draft = draft(dashboard.needs_outbox()?, &login, &stored.name, &definition)?.rejects(&file.0);
    let starting = Starting { records: dashboard.records().clone(), id, campaign, file };
    // In a task of its own: it goes on if whoever asked for it is gone.
    let started = tokio::spawn(starting.start(draft, list)).await;
    started.map_err(|_| Problem::conflict("the import ended unexpectedly: start it again"))??;
    audit(&dashboard, &login, "campaign.start", Some(id), &json!({"name": stored.name})).await;
    show(&dashboard, &login, id, StatusCode::OK).await
}

/// A file in which an import notes the rows that it cannot use. It holds numbers, so it is deleted in any case.
struct RejectsFile(PathBuf);

/// What the names of these files begin with.
const REJECTS: &str = "switchboard-rejects-";
/// After this time, a file is one that a process has left behind when it was killed.
const LEFT_BEHIND: Duration = Duration::from_secs(24 * 3_600);

impl RejectsFile {
    fn new() -> Self {
        let folder = std::env::temp_dir();
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let is_old =
                || entry.metadata().ok()?.modified().ok()?.elapsed().ok().map(|age| age > LEFT_BEHIND);
            if entry.file_name().to_string_lossy().starts_with(REJECTS) && is_old() == Some(true) {
                drop(std::fs::remove_file(entry.path()));
            }
        }
        Self(folder.join(format!("{REJECTS}{:032x}.csv", fastrand::u128(..))))
    }
}

impl Drop for RejectsFile {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.0)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "the file of rejected rows could not be deleted");
        }
    }
}

/// A campaign that is being started.
struct Starting {
    records: Records,
    id: i64,
    campaign: Campaign,
    file: RejectsFile,
}

impl Starting {
    /// Returns when the campaign exists. Its import goes on.
    async fn start(self, draft: Draft, list: Recipients) -> Result<(), Problem> {
        if !self.records.note_starting(self.id, true).await? {
            return Err(Problem::not_found("there is no such campaign"));
        }
        let import = match draft.start(list).await {
            Ok(import) => import,
            Err(error) => {
                self.records.note_starting(self.id, false).await?;
                return Err(refused(error));
            }
        };
        let noted = match self.campaign.progress().await {
            Ok(progress) => self.records.note_start(self.id, progress.id).await.map_err(Problem::from),
            Err(error) => Err(error.into()),
        };
        tokio::spawn(self.finish(import));
        noted
    }

    /// Waits for the end of the import, and keeps what it could not use. A list that was read to its end is not needed any
    /// more.
    async fn finish(self, import: Import) {
        let noted = match import.finished().await {
            Ok(_) => self.records.drop_list(self.id).await,
            Err(error) => self.records.note_failure(self.id, &error.to_string()).await,
        };
        let stored = store_rejects(&self.records, self.id, &self.file.0).await;
        if let Err(error) = noted.and(stored) {
            tracing::error!(%error, "the end of an import could not be noted");
        }
    }
}

/// What can be done with a campaign that runs.
#[derive(Clone, Copy)]
enum Order {
    Pause,
    Resume,
    Stop,
}

async fn order(dashboard: &Dashboard, login: &Login, id: i64, order: Order) -> Result<Response, Problem> {
    let (_, campaign) = found(dashboard, login, id).await?;
    let (action, done) = match order {
        Order::Pause => ("campaign.pause", campaign.pause(&login.user).await),
        Order::Resume => ("campaign.resume", campaign.resume(&login.user).await),
        Order::Stop => ("campaign.stop", campaign.stop(&login.user).await.map(drop)),
    };
    match done {
        Ok(()) => {}
        Err(OutboxError::NotFound) => return Err(Problem::conflict("this campaign was not started")),
        Err(error @ OutboxError::CampaignOver { .. }) => return Err(Problem::conflict(error.to_string())),
        Err(error) => return Err(error.into()),
    }
    audit(dashboard, login, action, Some(id), &json!({"name": campaign.name()})).await;
    show(dashboard, login, id, StatusCode::OK).await
}

/// `POST /api/campaigns/{id}/pause`.
pub(crate) async fn pause(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<Manage>,
    Id(id): Id,
    _: Fields,
) -> Result<Response, Problem> {
    order(&dashboard, &login, id, Order::Pause).await
}

/// `POST /api/campaigns/{id}/resume`.
pub(crate) async fn resume(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<Manage>,
    Id(id): Id,
    _: Fields,
) -> Result<Response, Problem> {
    order(&dashboard, &login, id, Order::Resume).await
}

/// `POST /api/campaigns/{id}/stop`: for good.
pub(crate) async fn stop(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<Manage>,
    Id(id): Id,
    _: Fields,
) -> Result<Response, Problem> {
    order(&dashboard, &login, id, Order::Stop).await
}
