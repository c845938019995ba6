//! Lists of campaigns: uploaded into the database, and read from it.

use std::io::{self, Read};
use std::path::Path;

use axum::extract::{Request, State};
use axum::response::Response;
use futures_util::StreamExt as _;
use http::StatusCode;
use jiff::Timestamp;
use serde_json::json;
use switchboard::ErrorCode;
use switchboard_outbox::campaign::Recipients;
use switchboard_store::StoreError;
use tokio::io::AsyncReadExt as _;
use tokio::sync::mpsc;

use super::{Definition, found};
use crate::answer::{Problem, json as answer};
use crate::api::message::audit;
use crate::dashboard::Dashboard;
use crate::records::{CampaignDraft, PartKind, Records};
use crate::request::{By, Id, Manage, content_type};

/// The largest list.
const LARGEST: usize = 32 * 1024 * 1024;
/// The size of a stored part.
const PART: usize = 256 * 1024;

/// `PUT /api/campaigns/{id}/list`: CSV, or an object a line.
pub(crate) async fn upload(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<Manage>,
    Id(id): Id,
    request: Request,
) -> Result<Response, Problem> {
    let format = match content_type(request.headers()).as_deref() {
        Some("text/csv") => "csv",
        Some("application/x-ndjson") => "ndjson",
        _ => {
            let said = "send the list as `Content-Type: text/csv` or `application/x-ndjson`";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, ErrorCode::InvalidRequest, said));
        }
    };
    let (draft, _) = found(&dashboard, &login, id).await?;
    if draft.definition.is_null() {
        return Err(Problem::conflict("another program has started this campaign: give it the list there"));
    }
    let name = (draft.id, PartKind::List, Timestamp::now().as_microsecond());
    let stored = store(dashboard.records(), name, request).await;
    let (bytes, parts) = match stored {
        Ok(stored) => stored,
        Err(problem) => {
            dashboard.records().drop_upload(name).await?;
            return Err(problem);
        }
    };
    let size = i64::try_from(bytes).unwrap_or(i64::MAX);
    if !dashboard.records().finish_upload(name, parts, (format, size)).await? {
        dashboard.records().drop_upload(name).await?;
        return Err(Problem::conflict(
            "another list was uploaded at the same time, and counts: upload this one again",
        ));
    }
    audit(&dashboard, &login, "campaign.list", Some(id), &json!({"bytes": bytes})).await;
    Ok(answer(StatusCode::OK, &json!({"bytes": bytes, "format": format})))
}

/// Stores a body in parts, and returns its size and their number.
async fn store(
    records: &Records,
    name: (i64, PartKind, i64),
    request: Request,
) -> Result<(usize, i64), Problem> {
    let mut body = request.into_body().into_data_stream();
    let (mut bytes, mut part, mut buffer) = (0, 0, Vec::with_capacity(PART));
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|_| Problem::bad_request("the list was cut: send it again"))?;
        bytes += chunk.len();
        if bytes > LARGEST {
            let said = format!("a list has at most {LARGEST} bytes: divide it into several campaigns");
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, ErrorCode::InvalidRequest, said));
        }
        buffer.extend_from_slice(&chunk);
        if buffer.len() >= PART {
            records.add_part(name, part, std::mem::take(&mut buffer)).await?;
            part += 1;
        }
    }
    if bytes == 0 {
        return Err(Problem::bad_request("the list is empty"));
    }
    records.add_part(name, part, buffer).await?;
    Ok((bytes, part + 1))
}

/// The most that is kept of the rows that an import could not use.
const MOST_REJECTS: usize = LARGEST;

/// Stores the rows that an import could not use.
pub(super) async fn store_rejects(records: &Records, draft: i64, file: &Path) -> Result<(), StoreError> {
    let name = (draft, PartKind::Rejects, Timestamp::now().as_microsecond());
    let mut file = match tokio::fs::File::open(file).await {
        Ok(file) => file.take(MOST_REJECTS as u64),
        // There were none.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => {
            tracing::error!(%error, "the rejected rows of an import cannot be read");
            return Ok(());
        }
    };
    let mut parts = 0;
    loop {
        let mut data = Vec::with_capacity(PART);
        if let Err(error) = (&mut file).take(PART as u64).read_to_end(&mut data).await {
            tracing::error!(%error, "the rejected rows of an import cannot be read");
            return records.drop_upload(name).await;
        }
        if data.is_empty() {
            break;
        }
        records.add_part(name, parts, data).await?;
        parts += 1;
    }
    records.finish_upload(name, parts, ("csv", 0)).await.map(drop)
}

/// Opens the list of a campaign.
pub(super) async fn recipients(
    records: &Records,
    draft: &CampaignDraft,
    definition: &Definition,
) -> Result<Recipients, Problem> {
    let missing = || Problem::conflict("this campaign has no list yet: upload one");
    let (format, bytes) = draft.list.as_ref().ok_or_else(missing)?;
    let upload = records.upload(draft.id, PartKind::List).await?.ok_or_else(missing)?;
    let reader = parts(records.clone(), (draft.id, PartKind::List, upload), *bytes);
    let list = if format == "csv" { Recipients::csv(reader) } else { Recipients::json_lines(reader) };
    let list = match &definition.country {
        Some(country) => list.country(country),
        None => list,
    };
    let list = match &definition.number_column {
        Some(column) => list.number_column(column),
        None => list,
    };
    let list = match &definition.key_column {
        Some(column) => list.key_column(column),
        None => list,
    };
    Ok(match &definition.zone_column {
        Some(column) => list.zone_column(column),
        None => list,
    })
}

type Part = Result<Vec<u8>, StoreError>;

/// Reads a stored list, a part ahead.
struct Parts {
    parts: mpsc::Receiver<Part>,
    part: io::Cursor<Vec<u8>>,
    /// The bytes that are not read yet. A list that is replaced meanwhile must not look like a short one.
    left: i64,
}

fn parts(records: Records, name: (i64, PartKind, i64), bytes: i64) -> Parts {
    let (send, receive) = mpsc::channel(1);
    tokio::spawn(async move {
        let mut part = 0;
        while let Some(data) = records.part(name, part).await.transpose() {
            let failed = data.is_err();
            if send.send(data).await.is_err() || failed {
                return;
            }
            part += 1;
        }
    });
    Parts { parts: receive, part: io::Cursor::default(), left: bytes }
}

impl Read for Parts {
    /// Called outside the runtime's threads: lists are read in blocking tasks.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = Read::read(&mut self.part, buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            match self.parts.blocking_recv() {
                Some(Ok(data)) => {
                    self.left = self.left.saturating_sub(i64::try_from(data.len()).unwrap_or(i64::MAX));
                    self.part = io::Cursor::new(data);
                }
                Some(Err(error)) => return Err(io::Error::other(error)),
                None if self.left == 0 => return Ok(0),
                None => {
                    return Err(io::Error::other("the list was replaced while it was read: start it again"));
                }
            }
        }
    }
}
