//! Campaigns: entered, given a list, looked at, started, watched.

mod list;
mod run;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use http::{HeaderValue, StatusCode, header};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;
use switchboard_outbox::campaign::Campaign;
use switchboard_outbox::policy::Purpose;
use switchboard_outbox::report::ReportOptions;
use switchboard_outbox::{OutboxError, Report};
use switchboard_store::StoreError;

pub(crate) use self::list::upload;
pub(crate) use self::run::{pause, plan, resume, start, stop};
use super::message::{audit, number};
use super::send::purpose;
use crate::answer::{Problem, json as answer, page as list_page};
use crate::dashboard::Dashboard;
use crate::identity::Login;
use crate::records::{CampaignDraft, PartKind};
use crate::request::{By, Fields, Id, Manage, Paging, View};

/// What a campaign sends, as it was entered.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Definition {
    kind: String,
    body: String,
    from: Option<String>,
    purpose: Purpose,
    country: Option<String>,
    number_column: Option<String>,
    key_column: Option<String>,
    zone_column: Option<String>,
    due_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    max_segments: Option<usize>,
}

fn nothing() -> Problem {
    Problem::not_found("there is no such campaign")
}

/// A campaign of a tenant, with its handle in the outbox.
async fn found(dashboard: &Dashboard, login: &Login, id: i64) -> Result<(CampaignDraft, Campaign), Problem> {
    let draft = dashboard.records().draft(&login.tenant, id).await?.ok_or_else(nothing)?;
    let campaign = dashboard.needs_outbox()?.campaign(draft.name.as_str()).tenant(&login.tenant);
    Ok((draft, campaign))
}

async fn shown(draft: &CampaignDraft, campaign: &Campaign) -> Result<Value, Problem> {
    let progress = match campaign.progress().await {
        Ok(progress) => Some(serde_json::to_value(&progress).unwrap_or_default()),
        Err(OutboxError::NotFound) => None,
        Err(error) => return Err(error.into()),
    };
    let of = |name: &str| draft.definition.get(name).cloned().unwrap_or_default();
    let status = progress.as_ref().and_then(|progress| progress.get("status")).and_then(Value::as_str);
    let imported = progress.as_ref().and_then(|progress| progress.get("imported")).cloned();
    let list = draft.list.as_ref().map(|(format, bytes)| json!({"bytes": bytes, "format": format}));
    Ok(json!({
        "id": draft.id, "name": draft.name, "kind": of("kind"), "body": of("body"), "from": of("from"),
        "purpose": of("purpose"), "status": status.unwrap_or("draft"),
        "createdAt": Timestamp::from_microsecond(draft.created).ok(), "list": list, "progress": progress,
        "imported": imported, "error": draft.error,
    }))
}

async fn show(
    dashboard: &Dashboard,
    login: &Login,
    id: i64,
    status: StatusCode,
) -> Result<Response, Problem> {
    let (draft, campaign) = found(dashboard, login, id).await?;
    Ok(answer(status, &shown(&draft, &campaign).await?))
}

/// `GET /api/campaigns`.
pub(crate) async fn list(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<View>,
    paging: Paging,
) -> Result<Response, Problem> {
    let outbox = dashboard.needs_outbox()?;
    if paging.after.is_none() {
        // Those that other programs have started get an id here, too.
        let known = dashboard.records().draft_ids(&login.tenant).await?;
        let newest = outbox.campaigns(&login.tenant, None, 200).await?;
        let new = newest.into_iter().filter(|one| !known.contains_key(&one.id));
        let new: Vec<_> = new.map(|one| (one.name, one.created.as_microsecond(), one.id)).collect();
        if !new.is_empty() {
            dashboard.records().adopt_campaigns(&login.tenant, new).await?;
        }
    }
    let page = dashboard.records().drafts(&login.tenant, paging.before(), paging.limit).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for draft in &page.items {
        let campaign = outbox.campaign(draft.name.as_str()).tenant(&login.tenant);
        items.push(shown(draft, &campaign).await?);
    }
    Ok(list_page(items, page.next))
}

/// `GET /api/campaigns/{id}`.
pub(crate) async fn one(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<View>,
    Id(id): Id,
) -> Result<Response, Problem> {
    show(&dashboard, &login, id, StatusCode::OK).await
}

/// `POST /api/campaigns`.
pub(crate) async fn add(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<Manage>,
    fields: Fields,
) -> Result<Response, Problem> {
    let [name] = fields.required(["name"])?;
    let definition = definition(&dashboard, &login, &fields).await?;
    let json = serde_json::to_value(&definition).unwrap_or_default();
    // The name and the text are checked before they are stored.
    let outbox = dashboard.needs_outbox()?;
    let _checked = run::draft(outbox, &login, name, &definition)?;
    let taken = || Problem::conflict("another campaign has this name");
    match outbox.campaign(name).tenant(&login.tenant).progress().await {
        Err(OutboxError::NotFound) => {}
        Ok(_) => return Err(taken()),
        Err(error) => return Err(error.into()),
    }
    let draft = dashboard.records().add_draft(&login.tenant, name, &json).await?.ok_or_else(taken)?;
    audit(&dashboard, &login, "campaign.add", Some(draft.id), &json!({"name": name})).await;
    show(&dashboard, &login, draft.id, StatusCode::CREATED).await
}

async fn definition(dashboard: &Dashboard, login: &Login, fields: &Fields) -> Result<Definition, Problem> {
    let template = match fields.0.get("templateId") {
        None | Some(Value::Null) => None,
        Some(id) => Some(id.as_i64().ok_or_else(|| Problem::bad_request("`templateId` must be a number"))?),
    };
    let body = match (fields.text("body")?, template) {
        (Some(body), None) => body.to_owned(),
        (None, Some(id)) => {
            let missing = || Problem::bad_request("there is no template with this `templateId`");
            dashboard.records().template(&login.tenant, id).await?.ok_or_else(missing)?.body
        }
        _ => return Err(Problem::bad_request("say what is sent, with one of `body` and `templateId`")),
    };
    let kind = fields.text("kind")?.unwrap_or("text");
    if !["text", "call"].contains(&kind) {
        return Err(Problem::bad_request("`kind` is `text` or `call`"));
    }
    let purpose = purpose(fields)?.unwrap_or(Purpose::Marketing);
    let text = |name: &str| fields.text(name).map(|text| text.map(str::to_owned));
    let time = |name: &str| -> Result<Option<Timestamp>, Problem> {
        let wrong = |_| Problem::bad_request(format!("`{name}` is a time such as 2026-11-22T10:00:00Z"));
        fields.text(name)?.map(str::parse).transpose().map_err(wrong)
    };
    let max_segments = match fields.0.get("maxSegments") {
        None | Some(Value::Null) => None,
        Some(value) => {
            let segments = value.as_u64().and_then(|segments| usize::try_from(segments).ok());
            let segments = segments.filter(|segments| (1..=100).contains(segments));
            Some(segments.ok_or_else(|| Problem::bad_request("`maxSegments` is a number from 1 to 100"))?)
        }
    };
    Ok(Definition {
        kind: kind.to_owned(),
        body,
        from: match fields.text("from")? {
            Some(pool) if pool.starts_with("MG") => Some(pool.to_owned()),
            Some(from) => Some(number(from)?),
            None => None,
        },
        purpose,
        country: text("country")?,
        number_column: text("numberColumn")?,
        key_column: text("keyColumn")?,
        zone_column: text("zoneColumn")?,
        due_at: time("dueAt")?,
        expires_at: time("expiresAt")?,
        max_segments,
    })
}

/// `DELETE /api/campaigns/{id}`: one that was not started.
pub(crate) async fn delete(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<Manage>,
    Id(id): Id,
) -> Result<Response, Problem> {
    let (draft, campaign) = found(&dashboard, &login, id).await?;
    let is_started = !matches!(campaign.progress().await, Err(OutboxError::NotFound));
    if is_started || !dashboard.records().delete_draft(draft.id).await? {
        return Err(Problem::conflict("this campaign was started: stop it, it stays in the list"));
    }
    audit(&dashboard, &login, "campaign.delete", Some(id), &json!({"name": draft.name})).await;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `GET /api/campaigns/{id}/deliveries`: for a chart.
pub(crate) async fn deliveries(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<View>,
    Id(id): Id,
) -> Result<Response, Problem> {
    let (_, campaign) = found(&dashboard, &login, id).await?;
    let chart = match campaign.deliveries(Duration::from_secs(1)).await {
        Ok(chart) => chart,
        Err(OutboxError::NotFound) => return Ok(answer(StatusCode::OK, &json!({"seconds": 1, "items": []}))),
        Err(error) => return Err(error.into()),
    };
    Ok(answer(StatusCode::OK, &json!({"seconds": chart.width.as_secs(), "items": chart.buckets})))
}

async fn reported(dashboard: &Dashboard, login: &Login, id: i64) -> Result<Report, Problem> {
    let (_, campaign) = found(dashboard, login, id).await?;
    campaign.report(ReportOptions::default()).await.map_err(|error| match error {
        OutboxError::NotFound => nothing(),
        other => other.into(),
    })
}

/// `GET /api/campaigns/{id}/report`.
pub(crate) async fn report(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<View>,
    Id(id): Id,
) -> Result<Response, Problem> {
    let report = reported(&dashboard, &login, id).await?;
    Ok(answer(StatusCode::OK, &serde_json::to_value(&report).unwrap_or_default()))
}

/// `GET /api/campaigns/{id}/report.csv`.
pub(crate) async fn report_csv(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<View>,
    Id(id): Id,
) -> Result<Response, Problem> {
    let report = reported(&dashboard, &login, id).await?;
    let broken = |_| Problem::conflict("the report cannot be written");
    Ok(csv_answer("report.csv", report.csv(Vec::new()).map_err(broken)?))
}

/// `GET /api/campaigns/{id}/rejects.csv`: the rows of the list that could not be used.
pub(crate) async fn rejects(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<Manage>,
    Id(id): Id,
) -> Result<Response, Problem> {
    let (draft, _) = found(&dashboard, &login, id).await?;
    let records = dashboard.records();
    let Some(upload) = records.upload(draft.id, PartKind::Rejects).await? else {
        return Ok(csv_answer("rejects.csv", Body::empty()));
    };
    let name = (draft.id, PartKind::Rejects, upload);
    let parts = stream::try_unfold((records.clone(), 0), move |(records, part)| async move {
        let data = records.part(name, part).await?;
        Ok::<_, StoreError>(data.map(|data| (data, (records, part + 1))))
    });
    Ok(csv_answer("rejects.csv", Body::from_stream(parts)))
}

fn csv_answer(name: &'static str, csv: impl IntoResponse) -> Response {
    let mut response = csv.into_response();
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(disposition) = HeaderValue::try_from(disposition) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}
