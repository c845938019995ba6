//! Reads a list in a thread of its own, in parts of limited size.

use futures_util::{Stream, stream};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::{CampaignError, Recipients, Rejected, Rejects, Row, Rows};

/// A part has this many rows at most.
const ROWS: usize = 250;
/// A part ends after the row that reaches this size, in bytes.
const BYTES: usize = 1 << 19;
/// About what a value takes besides its name and its text.
const ENTRY: usize = 64;
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
        let rejects = rejects.map(|path| Rejects::create(path, &rows)).transpose()?;
        Ok(Opened { rows, rejects })
    });
    opened.await.unwrap_or_else(|error| Err(CampaignError::of_join(&error)))
}

/// The parts of a list, which a thread reads.
pub(super) struct Parts {
    receiver: mpsc::Receiver<Result<Part, CampaignError>>,
    reading: JoinHandle<()>,
}

impl Parts {
    /// Returns the next part. After the last one, makes sure that the list was read to its end: what the program gave to
    /// be read may have panicked.
    async fn next(&mut self) -> Option<Result<Part, CampaignError>> {
        match self.receiver.recv().await {
            None => (&mut self.reading).await.err().map(|error| Err(CampaignError::of_join(&error))),
            part => part,
        }
    }

    pub(super) fn into_stream(self) -> impl Stream<Item = Result<Part, CampaignError>> {
        stream::unfold(Some(self), async |parts| {
            let mut parts = parts?;
            let part = parts.next().await?;
            let is_last = part.is_err();
            Some((part, Some(parts).filter(|_| !is_last)))
        })
    }
}

/// Reads the rows, until the receiver is dropped. After an error there are no more parts.
pub(super) fn parts(rows: Rows) -> Parts {
    let (sender, receiver) = mpsc::channel(AHEAD);
    let reading = tokio::task::spawn_blocking(move || {
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
    Parts { receiver, reading }
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
    let size = |(name, value): (&String, &Value)| ENTRY + name.len() + value.as_str().map_or(0, str::len);
    row.values.iter().map(size).sum()
}

fn size_of_rejected(rejected: &Rejected) -> usize {
    rejected.cells.iter().map(|cell| ENTRY + cell.len()).sum()
}
