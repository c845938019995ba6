//! One message, from its stored row to the provider's answer.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use futures_util::FutureExt;
use switchboard::ProviderError;
use switchboard::provider::{Accepted, BeginBy, Callback, Messenger, SendOptions, Sender};

use crate::account::Account;
use crate::crash::{self, Point};
use crate::enqueue::Payload;
use crate::rows::Marked;
use crate::state::ParkReason;
use crate::timing::Micros;

/// Reads a stored message, and sets its sender and the time within which the provider may try to deliver it.
///
/// If the row cannot be read, or if reading it panics, it is parked for a person. It must not end the worker, and it
/// must not be tried again forever.
pub(super) fn read(marked: &Marked, sender: Option<Sender>, now: Micros) -> Result<Payload, ParkReason> {
    let read = || serde_json::from_str::<Payload>(&marked.request).map_err(|_| ParkReason::Unreadable);
    let payload = catch_unwind(AssertUnwindSafe(read)).unwrap_or(Err(ParkReason::Panicked))?;
    let left = marked.expires.map(|expires| expires.saturating_sub(now));
    Ok(match payload {
        Payload::Text(mut text) => {
            text.from = sender.or(text.from);
            if let Some(left) = left {
                let left =
                    Duration::from_micros(u64::try_from(left).unwrap_or(0)).max(Duration::from_secs(1));
                text = match text.valid_for {
                    Some(limit) if limit <= left => text,
                    _ => text.valid_for(left),
                };
            }
            Payload::Text(text)
        }
        Payload::Call(mut call) => {
            if let Some(Sender::Number(number)) = sender {
                call.from = Some(number);
            }
            Payload::Call(call)
        }
    })
}

/// Adds the reference of the attempt to the callback, which goes to `url` if the message names no URL of its own.
pub(super) fn refer(payload: &mut Payload, url: &str, reference: String) {
    let callback = match payload {
        Payload::Text(text) => &mut text.callback,
        Payload::Call(call) => &mut call.callback,
    };
    let own = callback.take().unwrap_or_else(|| Callback::new(url));
    *callback = Some(own.reference(reference));
}

/// The result of an attempt. `Err`: the code that sends panicked, and the message may have been sent.
pub(super) type Ended = Result<Result<Accepted, ProviderError>, Panicked>;

#[derive(Debug)]
pub(super) struct Panicked;

/// Sends a message once. The request does not begin after `by`.
pub(super) async fn send(account: &Account, payload: Payload, by: BeginBy, limit: Duration) -> Ended {
    let options = SendOptions::new().max_attempts(1).begin_by(by).timeout(limit);
    let (messenger, credentials) = (account.messenger(), account.credentials());
    let sending = async {
        crash::at(Point::Begin);
        match payload {
            Payload::Text(mut text) => {
                if !messenger.abilities().validity {
                    text.valid_for = None;
                }
                messenger.send(credentials, &text, &options).await
            }
            Payload::Call(call) => messenger.call(credentials, &call, &options).await,
        }
    };
    let ended = AssertUnwindSafe(sending).catch_unwind().await.map_err(|_| Panicked);
    crash::at(Point::Answered);
    ended
}
