//! Converts values to columns and back.

use rusqlite::Row;
use switchboard::provider::{DeliveryStatus, SendKind};

use crate::error::OutboxError;
use crate::rows::check::Seen;
use crate::rows::delivered::{self, Delivered};
use crate::rows::record::{Mark, Record};
use crate::rows::{NewSender, Paused, SenderRow};
use crate::state::{ParkReason, Progress, State};

pub(super) const fn kind_word(kind: SendKind) -> &'static str {
    match kind {
        SendKind::Text => "text",
        SendKind::Call => "call",
    }
}

pub(super) fn kind(word: &str) -> Result<SendKind, OutboxError> {
    match word {
        "text" => Ok(SendKind::Text),
        "call" => Ok(SendKind::Call),
        _ => Err(OutboxError::BadRow("the kind of a message is neither text nor call")),
    }
}

/// Reads a text that may not be valid UTF-8, because another program may have written it. Such a row must not prevent
/// the other rows from being read.
pub(super) fn text(row: &Row<'_>, column: usize) -> Result<String, OutboxError> {
    let bytes = row.get_ref(column)?.as_bytes().map_err(|_| OutboxError::BadRow("a text is no text"))?;
    Ok(String::from_utf8_lossy(bytes).into_owned())
}

/// Returns the accepted attempt, the provider's id and the delivery status of an accepted message.
pub(super) fn acceptance(state: &State) -> (Option<u32>, Option<&str>, Option<&str>) {
    match state {
        State::Accepted { attempt, sid, status } => (Some(*attempt), sid.as_deref(), Some(status.as_str())),
        _ => (None, None, None),
    }
}

/// `due, attempt, tries, error` of `ready`, and `campaign` of `message`.
pub(super) fn of_ready(row: &Row<'_>) -> Result<Record, OutboxError> {
    let ready = Record::ready(row.get(1)?, row.get(0)?, row.get(2)?, row.get(3)?);
    Ok(Record { campaign: row.get(4)?, ..ready })
}

/// `state, attempt, tries, no_repeat, marked, due, sender_id, epoch, batch, deadline, why, error, next_check, checks,
/// seen, campaign` of `open`.
pub(super) fn of_open(row: &Row<'_>) -> Result<Record, OutboxError> {
    let state = match row.get_ref(0)?.as_str().unwrap_or_default() {
        "sending" => State::Sending,
        "unknown" => State::Unknown,
        "parked" => State::Parked,
        _ => return Err(OutboxError::BadRow("an open message is neither sending nor unknown nor parked")),
    };
    let mark = match (row.get(6)?, row.get(7)?, row.get(8)?, row.get(9)?) {
        (Some(sender), Some(epoch), Some(batch), Some(deadline)) => {
            Some(Mark { sender, epoch, batch, deadline })
        }
        _ => None,
    };
    let why: Option<String> = row.get(10)?;
    Ok(Record {
        progress: Progress { attempt: row.get(1)?, no_repeat: row.get(3)?, state },
        at: row.get(4)?,
        due: row.get(5)?,
        tries: row.get(2)?,
        mark,
        why: why.as_deref().map(park_reason).transpose()?,
        error: row.get(11)?,
        segments: None,
        delivered: Delivered::default(),
        next_check: row.get(12)?,
        checks: row.get(13)?,
        seen: Seen::read(row.get::<_, Option<String>>(14)?.as_deref()),
        campaign: row.get(15)?,
    })
}

fn park_reason(word: &str) -> Result<ParkReason, OutboxError> {
    ParkReason::named(word).ok_or(OutboxError::BadRow("a message is parked for a reason that is not known"))
}

/// `at, state, attempt, no_repeat, accepted, sid, status, error, segments, campaign, marked, done, price, currency,
/// picked_up_by, pressed` of `outcome`.
pub(super) fn of_outcome(row: &Row<'_>) -> Result<Record, OutboxError> {
    let state = match row.get_ref(1)?.as_str().unwrap_or_default() {
        "accepted" => State::Accepted {
            attempt: row.get::<_, Option<u32>>(4)?.ok_or(ACCEPTED)?,
            sid: row.get(5)?,
            status: DeliveryStatus::from(row.get_ref(6)?.as_str().map_err(|_| ACCEPTED)?),
        },
        "rejected" => State::Rejected,
        "expired" => State::Expired,
        "blocked" => State::Blocked,
        "cancelled" => State::Cancelled,
        "abandoned" => State::Abandoned,
        _ => return Err(OutboxError::BadRow("a message ended in a state that is not known")),
    };
    Ok(Record {
        progress: Progress { attempt: row.get(2)?, no_repeat: row.get(3)?, state },
        at: row.get(0)?,
        due: 0,
        tries: 0,
        mark: None,
        why: None,
        error: row.get(7)?,
        segments: row.get(8)?,
        delivered: delivered(row, 10)?,
        next_check: None,
        checks: 0,
        seen: Seen::default(),
        campaign: row.get(9)?,
    })
}

/// `marked, done, price, currency, picked_up_by, pressed`.
pub(super) fn delivered(row: &Row<'_>, first: usize) -> Result<Delivered, OutboxError> {
    let word = |column| -> Result<Option<String>, OutboxError> { Ok(row.get(column)?) };
    Ok(Delivered {
        marked: row.get(first)?,
        done: row.get(first + 1)?,
        price: delivered::price(word(first + 2)?.as_deref(), word(first + 3)?.as_deref()),
        picked_up_by: delivered::picked_up_by(word(first + 4)?.as_deref()),
        pressed: word(first + 5)?,
    })
}

const ACCEPTED: OutboxError = OutboxError::BadRow("an accepted message has no attempt or no status");

/// `id, account, kind, address, next_free, paused_until, pauses, pause_reason` of `sender`.
pub(super) fn of_sender(row: &Row<'_>) -> Result<SenderRow, OutboxError> {
    let until: Option<i64> = row.get(5)?;
    let reason: Option<String> = row.get(7)?;
    let times = row.get(6)?;
    Ok(SenderRow {
        id: row.get(0)?,
        sender: NewSender {
            account: row.get(1)?,
            kind: kind(&row.get::<_, String>(2)?)?,
            address: row.get(3)?,
        },
        next_free: row.get(4)?,
        paused: until.map(|until| Paused { until, times, reason: reason.unwrap_or_default() }),
    })
}
