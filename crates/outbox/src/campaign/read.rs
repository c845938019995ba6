//! Reads a list in a thread of its own, in parts of limited size.

use tokio::sync::mpsc;

use super::{CampaignError, Recipients, Rejected, Rejects, Row, Rows};

/// A part has this many rows at most.
const ROWS: usize = 500;
/// A part ends after the row that reaches this size, in bytes.
const BYTES: usize = 1 << 19;
/// How many parts are read ahead.
const AHEAD: usize = 1;

/// Rows of a list, in their order.
pub(super) type Part = Vec<Result<Row, Rejected>>;

/// A list whose header was read.
pub(super) struct Opened {
    pub(super) rows: Rows,
    pub(super) rejects: Option<Rejects>,
}

/// Reads the header of a list, and opens the file of rejected rows.
pub(super) async fn open(
    list: Recipients,
    rejects: Option<std::path::PathBuf>,
) -> Result<Opened, CampaignError> {
    let opened = tokio::task::spawn_blocking(move || {
        let rows = list.read()?;
        let rejects = rejects.map(|path| Rejects::open(path, &rows)).transpose()?;
        Ok(Opened { rows, rejects })
    });
    opened.await.unwrap_or(Err(CampaignError::Interrupted))
}

/// Reads the rows, until the receiver is dropped. After an error there are no more parts.
pub(super) fn parts(rows: Rows) -> mpsc::Receiver<Result<Part, CampaignError>> {
    let (sender, receiver) = mpsc::channel(AHEAD);
    tokio::task::spawn_blocking(move || {
        let mut rows = rows;
        loop {
            let (part, error) = next(&mut rows);
            if part.is_empty() && error.is_none() {
                return;
            }
            if !part.is_empty() && sender.blocking_send(Ok(part)).is_err() {
                return;
            }
            if let Some(error) = error {
                drop(sender.blocking_send(Err(error)));
                return;
            }
        }
    });
    receiver
}

fn next(rows: &mut Rows) -> (Part, Option<CampaignError>) {
    let (mut part, mut bytes) = (Part::new(), 0);
    for row in rows.by_ref() {
        match row {
            Err(error) => return (part, Some(error.into())),
            Ok(row) => {
                bytes += row.as_ref().map_or_else(size_of_rejected, size_of_row);
                part.push(row);
            }
        }
        if part.len() >= ROWS || bytes >= BYTES {
            break;
        }
    }
    (part, None)
}

fn size_of_row(row: &Row) -> usize {
    row.values.values().map(|value| value.as_str().map_or(8, str::len)).sum()
}

fn size_of_rejected(rejected: &Rejected) -> usize {
    rejected.cells.iter().map(String::len).sum()
}
