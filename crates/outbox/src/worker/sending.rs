//! One message, from its stored row to the provider's answer.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use futures_util::FutureExt;
use switchboard::ProviderError;
use switchboard::provider::{
    Accepted, BeginBy, CallContent, Callback, Messenger, Reason, Scope, SendOptions, Sender,
};

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

/// The URLs to which the provider reports, if a message names none of its own.
#[derive(Debug, Clone, Default)]
pub(super) struct CallbackUrls {
    /// For delivery statuses.
    pub(super) status: Option<String>,
    /// For the keys that are pressed in calls.
    pub(super) keys: Option<String>,
}

/// Sets the URLs of the callbacks. `reference`: the reference of the attempt, if the provider brings it back.
///
/// # Errors
/// A call asks for keys, and nobody would receive them. Nothing is wrong with the call, so its sender is paused.
pub(super) fn refer(
    payload: &mut Payload,
    urls: &CallbackUrls,
    reference: Option<impl Fn() -> String>,
) -> Result<(), ProviderError> {
    let (callback, keys) = match payload {
        Payload::Text(text) => (&mut text.callback, None),
        Payload::Call(call) => match &mut call.content {
            CallContent::Ask { keys, .. } => (&mut call.callback, Some(&mut keys.callback)),
            _ => (&mut call.callback, None),
        },
    };
    if let (Some(url), Some(reference)) = (&urls.status, &reference) {
        let own = callback.take().unwrap_or_else(|| Callback::new(url.as_str()));
        *callback = Some(own.reference(reference()));
    }
    let Some(keys) = keys else { return Ok(()) };
    let own = keys.take().or_else(|| urls.keys.as_ref().map(|url| Callback::new(url.as_str())));
    let own = own.ok_or_else(|| {
        ProviderError::invalid_request("calls ask for keys, and the worker has no URL that receives them")
            .with_reason(Reason::MissingParameter)
            .with_scope(Scope::Sender)
            .with_advice("Set `WorkerBuilder::key_callbacks`, and start the worker again.")
    })?;
    *keys = Some(match reference {
        Some(reference) => own.reference(reference()),
        None => own,
    });
    Ok(())
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
