//! Resolves a queue to an account, a sender and its rate.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use switchboard::phone::Address;
use switchboard::provider::{Messenger, Rate, Sender, SenderKind};

use super::guard::{Guard, Refused};
use crate::account::{Account, Accounts};
use crate::message::{address, sender_of};
use crate::rows::{NewSender, QueueRow, Rows, SenderRow};

/// The account and sender of a queue.
#[derive(Debug, Clone)]
pub(super) struct Binding {
    pub(super) tenant: String,
    pub(super) account: Account,
    /// The sender, so that a message is sent from the number whose rate it used; `None` if there is none.
    pub(super) sender: Option<Sender>,
    pub(super) row: SenderRow,
    pub(super) milli_per_second: u32,
}

/// Why a queue has no sender yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unbound {
    /// The program returned no account that can be used.
    NoAccount,
    /// The database failed, or the provider could not be asked what it has sent.
    NotStored,
    /// The provider has already sent messages that wait in the queue, with these ids.
    AlreadySent(Vec<String>),
}

/// Asks the program for the account of a tenant. The program's code may fail, panic or hang; other tenants do not wait
/// for it.
pub(crate) async fn resolve(accounts: &dyn Accounts, tenant: &str, limit: Duration) -> Option<Account> {
    let asking = AssertUnwindSafe(async { accounts.account(tenant).await }).catch_unwind();
    let why = match tokio::time::timeout(limit, asking).await {
        Ok(Ok(Ok(account))) => return Some(account),
        Ok(Ok(Err(error))) => error.to_string(),
        Ok(Err(_)) => "the code that looks for it panicked".to_owned(),
        Err(_) => format!("the code that looks for it did not end within {limit:?}"),
    };
    tracing::warn!(tenant, error = why, "no account for a tenant: its messages wait");
    None
}

/// Finds the account of a queue's tenant and the sender it names.
pub(super) async fn bind(
    rows: &dyn Rows,
    accounts: &dyn Accounts,
    rates: &HashMap<Address, u32>,
    guard: Option<&Guard>,
    queue: QueueRow,
    limit: Duration,
) -> Result<Binding, Unbound> {
    let account = resolve(accounts, &queue.tenant, limit).await.ok_or(Unbound::NoAccount)?;
    let sender = sender_of_queue(&account, &queue).ok_or(Unbound::NoAccount)?;
    let address = sender.as_ref().map(address).unwrap_or_default();
    let rate = sender.as_ref().map_or(NO_SENDER, |sender| account.messenger().rate(queue.kind, sender));
    let milli_per_second =
        rates.get(&Address::from(address.as_str())).copied().unwrap_or(rate.milli_segments_per_second);
    let name = account.name().map_or_else(|| queue.tenant.clone(), ToOwned::to_owned);
    let new = NewSender { account: name, kind: queue.kind, address };
    let row = rows.bind(queue.id, new).await.map_err(|error| {
        tracing::warn!(%error, "a sender cannot be stored");
        Unbound::NotStored
    })?;
    if let Some(guard) = guard {
        let checked = guard.check(rows, &account, queue.id, (row.id, &row.sender)).await;
        checked.map_err(|refused| refused_by(&row, refused))?;
    }
    Ok(Binding { tenant: queue.tenant, account, sender, row, milli_per_second })
}

fn refused_by(row: &SenderRow, refused: Refused) -> Unbound {
    match refused {
        Refused::AlreadySent { sids } => Unbound::AlreadySent(sids),
        Refused::NotChecked(why) => {
            let account = row.sender.account.as_str();
            tracing::warn!(
                account,
                why,
                "the database may be an old copy, and the provider cannot be asked: a sender waits"
            );
            Unbound::NotStored
        }
    }
}

/// Used if there is no sender: the provider then refuses each message with an error that says so.
const NO_SENDER: Rate = Rate::new(SenderKind::Other, 1_000, std::time::Duration::ZERO);

/// Returns the sender that a queue names, or else the one that the account names. `None`: it cannot be determined now.
fn sender_of_queue(account: &Account, queue: &QueueRow) -> Option<Option<Sender>> {
    match sender_of(&queue.sender) {
        Ok(Some(sender)) => Some(Some(sender)),
        // The queue was stored by plain SQL, and its name is not a valid sender. Each message is parked when it is
        // read.
        Err(_) => Some(None),
        Ok(None) => match account.messenger().default_sender(account.credentials(), queue.kind) {
            Ok(sender) => Some(sender),
            Err(error) => {
                tracing::warn!(tenant = queue.tenant, %error, "a tenant's account cannot be used: its messages wait");
                None
            }
        },
    }
}
