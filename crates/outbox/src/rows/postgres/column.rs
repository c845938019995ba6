//! Converts rows to records.

use switchboard::provider::{DeliveryStatus, SendKind};
use switchboard_store::StoreError;
use switchboard_store::tokio_postgres::Row;
use switchboard_store::tokio_postgres::types::FromSql;

use crate::error::OutboxError;
use crate::rows::check::Seen;
use crate::rows::delivered::{self, Delivered};
use crate::rows::record::{Mark, Record};
use crate::rows::{NewSender, Paused, SenderRow};
use crate::state::{ParkReason, Progress, State};

pub(super) fn get<'r, T: FromSql<'r>>(row: &'r Row, column: usize) -> Result<T, OutboxError> {
    Ok(row.try_get(column).map_err(StoreError::from)?)
}

/// Reads a count, which the database stores as `integer`.
pub(super) fn count(row: &Row, column: usize) -> Result<u32, OutboxError> {
    Ok(u32::try_from(get::<i32>(row, column)?).unwrap_or_default())
}

/// A count as the database stores it.
pub(super) fn integer(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// Text as the database can store it: PostgreSQL refuses NUL. Only what a provider or a program may have sent needs
/// this; keys and tenants were checked before.
pub(super) fn text(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

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

/// `id, due, attempt, tries, error` of `ready`, and `campaign` of `message`.
pub(super) fn of_ready(row: &Row) -> Result<Record, OutboxError> {
    let ready = Record::ready(count(row, 2)?, get(row, 1)?, count(row, 3)?, get(row, 4)?);
    Ok(Record { campaign: get::<Option<i64>>(row, 5)?.unwrap_or_default(), ..ready })
}

/// `id, state, attempt, tries, no_repeat, marked, due, sender_id, epoch, batch, deadline, why, error, next_check, checks,
/// seen, campaign` of `open`.
pub(super) fn of_open(row: &Row) -> Result<Record, OutboxError> {
    let state = state(get(row, 1)?, None, None, None).ok().filter(State::is_open).ok_or(OPEN)?;
    let mark = match (get(row, 7)?, get(row, 8)?, get(row, 9)?, get(row, 10)?) {
        (Some(sender), Some(epoch), Some(batch), Some(deadline)) => {
            Some(Mark { sender, epoch, batch, deadline })
        }
        _ => None,
    };
    Ok(Record {
        progress: Progress { attempt: count(row, 2)?, no_repeat: get(row, 4)?, state },
        at: get(row, 5)?,
        due: get(row, 6)?,
        tries: count(row, 3)?,
        mark,
        why: get::<Option<&str>>(row, 11)?.map(park_reason).transpose()?,
        error: get(row, 12)?,
        segments: None,
        delivered: Delivered::default(),
        next_check: get(row, 13)?,
        checks: count(row, 14)?,
        seen: Seen::read(get(row, 15)?),
        campaign: get(row, 16)?,
    })
}

pub(super) fn park_reason(word: &str) -> Result<ParkReason, OutboxError> {
    ParkReason::named(word).ok_or(OutboxError::BadRow("a message is parked for a reason that is not known"))
}

/// `id, at, state, attempt, no_repeat, accepted, sid, status, error, segments, campaign, marked, done, price, currency,
/// picked_up_by, pressed` of `outcome`.
pub(super) fn of_outcome(row: &Row) -> Result<Record, OutboxError> {
    let state = state(get(row, 2)?, get(row, 5)?, get(row, 6)?, get(row, 7)?)?;
    let state = Some(state).filter(State::is_outcome).ok_or(OUTCOME)?;
    Ok(Record {
        progress: Progress { attempt: count(row, 3)?, no_repeat: get(row, 4)?, state },
        at: get(row, 1)?,
        due: 0,
        tries: 0,
        mark: None,
        why: None,
        error: get(row, 8)?,
        segments: segments(row, 9)?,
        delivered: delivered(row, 11)?,
        next_check: None,
        checks: 0,
        seen: Seen::default(),
        campaign: get(row, 10)?,
    })
}

/// Reads a state from its word and, if it is accepted, the attempt that was, the provider's id and the delivery status.
pub(super) fn state(
    word: &str,
    accepted: Option<i32>,
    sid: Option<String>,
    status: Option<&str>,
) -> Result<State, OutboxError> {
    Ok(match word {
        "ready" => State::Ready,
        "sending" => State::Sending,
        "unknown" => State::Unknown,
        "parked" => State::Parked,
        "accepted" => State::Accepted {
            attempt: accepted.and_then(|attempt| u32::try_from(attempt).ok()).ok_or(ACCEPTED)?,
            sid,
            status: DeliveryStatus::from(status.ok_or(ACCEPTED)?),
        },
        "rejected" => State::Rejected,
        "expired" => State::Expired,
        "blocked" => State::Blocked,
        "cancelled" => State::Cancelled,
        "abandoned" => State::Abandoned,
        _ => return Err(OutboxError::BadRow("a message is in a state that is not known")),
    })
}

/// Reads the number of segments that the provider bills.
pub(super) fn segments(row: &Row, column: usize) -> Result<Option<u32>, OutboxError> {
    Ok(get::<Option<i32>>(row, column)?.and_then(|segments| u32::try_from(segments).ok()))
}

/// `marked, done, price, currency, picked_up_by, pressed`.
pub(super) fn delivered(row: &Row, first: usize) -> Result<Delivered, OutboxError> {
    Ok(Delivered {
        marked: get(row, first)?,
        done: get(row, first + 1)?,
        price: delivered::price(get(row, first + 2)?, get(row, first + 3)?),
        picked_up_by: delivered::picked_up_by(get(row, first + 4)?),
        pressed: get(row, first + 5)?,
    })
}

const OPEN: OutboxError = OutboxError::BadRow("an open message is neither sending nor unknown nor parked");
const OUTCOME: OutboxError = OutboxError::BadRow("a message ended in a state that is not known");
const ACCEPTED: OutboxError = OutboxError::BadRow("an accepted message has no attempt or no status");

/// `id, account, kind, address, next_free, paused_until, pauses, pause_reason` of `sender`.
pub(super) fn of_sender(row: &Row) -> Result<SenderRow, OutboxError> {
    let until: Option<i64> = get(row, 5)?;
    let reason: Option<String> = get(row, 7)?;
    let times = count(row, 6)?;
    Ok(SenderRow {
        id: get(row, 0)?,
        sender: NewSender { account: get(row, 1)?, kind: kind(get(row, 2)?)?, address: get(row, 3)? },
        next_free: get(row, 4)?,
        paused: until.map(|until| Paused { until, times, reason: reason.unwrap_or_default() }),
    })
}
