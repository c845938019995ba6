//! Deletes messages: old ones, and those of a person who wants to be forgotten.

use std::collections::BTreeSet;

use super::column::{self, get};
use super::recent;
use super::work::Work;
use super::{ToSql, campaign};
use crate::error::OutboxError;
use crate::policy::person;
use crate::rows::Finished;
use crate::rows::erase::{Forget, Forgot, Retire, Retired};
use crate::state::Event;
use crate::timing::Micros;

pub(super) async fn retire(mut work: Work<'_>, retire: &Retire) -> Result<Retired, OutboxError> {
    let Retire { after, ended_before, limit } = retire;
    let rows = work.transaction.query(&work.shared.sql.outcome_from, &[after, &i64::from(*limit)]).await?;
    let read = |row: &super::Row| Ok((get(row, 0)?, get(row, 1)?, get(row, 2)?, get(row, 3)?));
    let rows: Vec<(i64, Micros, Micros, i64)> = rows.iter().map(read).collect::<Result<_, OutboxError>>()?;
    let full = rows.len() >= usize::try_from(*limit).unwrap_or(usize::MAX);
    let mut retired = Retired { deleted: 0, next: rows.last().filter(|_| full).map(|(id, ..)| *id) };
    // Messages have ids in the order of their creation, and none ends before it is created.
    let old = rows.iter().position(|(_, _, created, _)| created >= ended_before);
    if old.is_some() {
        retired.next = None;
    }
    recent::delete_over(&work, *ended_before, i64::from(*limit)).await?;
    let newest = newest(&work).await?;
    let old = rows.iter().take(old.unwrap_or(rows.len()));
    let old: Vec<(i64, i64)> = old
        .filter(|(id, ended, ..)| ended < ended_before && *id != newest)
        .map(|(id, _, _, campaign)| (*id, *campaign))
        .collect();
    let campaigns: BTreeSet<i64> = old.iter().map(|(_, campaign)| *campaign).filter(|id| *id != 0).collect();
    let ended = campaign::close(&work, campaigns.into_iter()).await?;
    let old = old.into_iter().filter(|(_, campaign)| *campaign == 0 || ended.contains(campaign));
    let old: Vec<i64> = old.map(|(id, _)| id).collect();
    work.load(old.iter().copied()).await?;
    for id in old {
        retired.deleted += u32::from(work.delete(id));
    }
    work.commit().await?;
    Ok(retired)
}

pub(super) async fn forget(mut work: Work<'_>, forget: &Forget) -> Result<Forgot, OutboxError> {
    let Forget { at, recipient, tenant, hash, after, limit, actor } = forget;
    let (sql, recipient) = (&work.shared.sql, column::text(recipient));
    // As in the worker's transactions, before anything else is locked.
    work.transaction.execute(&sql.recent_lock, &[]).await?;
    work.transaction.execute(&sql.forgotten_new, &[hash, at]).await?;
    let newest = newest(&work).await?;
    let until = after.saturating_add(i64::from(*limit));
    let values: [&(dyn ToSql + Sync); 4] = [after, &until, &recipient, tenant];
    let ids = work.transaction.query(&sql.messages_to, &values).await?;
    let ids = ids.iter().map(|row| get(row, 0)).collect::<Result<Vec<i64>, _>>()?;
    // Locked before the open ones are counted, so that none of them is marked meanwhile.
    work.load(ids.iter().copied()).await?;
    let open: i64 = get(&work.transaction.one(&sql.open_to, &[&recipient]).await?, 0)?;
    let open = u32::try_from(open).unwrap_or(u32::MAX);
    let mut forgot = Forgot { open, next: Some(until).filter(|until| *until < newest), ..Forgot::default() };
    let mut blank = None;
    for id in ids {
        let told = Finished { id, ..Finished::from_outside(*at, Event::Cancel) };
        work.tell(*at, &told, actor.as_deref());
        // While the result of another message to them is not known, these show which ids at the provider are not its.
        if open > 0 {
            continue;
        }
        if id == newest {
            blank = Some(id);
            forgot.deleted += 1;
        } else {
            forgot.deleted += u32::from(work.delete(id));
        }
    }
    work.flush().await?;
    if forgot.next.is_none() {
        // Not earlier, or a message that is not cancelled yet would be sent.
        let after = format!("forgotten {hash}");
        work.transaction.execute(&sql.consent_move, &[&recipient, &after, tenant]).await?;
        work.transaction.execute(&sql.consent_delete, &[&recipient, tenant]).await?;
        work.transaction.execute(&sql.recent_forget, &[&person(&recipient), tenant]).await?;
    }
    if let Some(id) = blank {
        work.transaction.execute(&sql.message_blank, &[&id]).await?;
    }
    work.commit().await?;
    Ok(forgot)
}

pub(super) async fn remember(work: Work<'_>, hash: &str, recipient: &str) -> Result<bool, OutboxError> {
    let (sql, recipient) = (&work.shared.sql, column::text(recipient));
    let (before, all) = (format!("forgotten {hash}"), None::<String>);
    work.transaction.execute(&sql.consent_move, &[&before, &recipient, &all]).await?;
    work.transaction.execute(&sql.consent_delete, &[&before, &all]).await?;
    let forgotten = work.transaction.execute(&sql.forgotten_delete, &[&hash]).await? > 0;
    work.commit().await?;
    Ok(forgotten)
}

/// References at the provider name the id, so the newest message stays, and no id is used again.
pub(super) async fn newest(work: &Work<'_>) -> Result<i64, OutboxError> {
    get(&work.transaction.one(&work.shared.sql.message_newest, &[]).await?, 0)
}
