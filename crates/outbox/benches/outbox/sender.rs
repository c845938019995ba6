//! The messages, and both ways to send them: through the outbox and by the adapter alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use switchboard::Credentials;
use switchboard::provider::Outgoing;
use switchboard::twilio::TwilioAdapter;
use switchboard_outbox::{Account, Enqueue, Outbox, Worker};
use tokio::task::JoinSet;

use crate::server::Server;

const FROM: &str = "+15005550006";
pub(crate) const AT_ONCE: usize = 64;
/// A sender belongs to one worker at a time, so two workers need several.
pub(crate) const OTHERS: u64 = 8;

pub(crate) fn key(number: u64) -> String {
    format!("reminder/{number:09}")
}

/// A text of one segment, each to another number.
pub(crate) fn text(number: u64) -> Outgoing {
    let to = format!("+1415{:07}", number % 10_000_000);
    Outgoing::text(to, format!("Your table {number} is ready, see you soon"))
}

pub(crate) fn message(number: u64) -> Enqueue {
    Enqueue::new(key(number), text(number))
}

/// One of the numbers that send besides the account's own.
pub(crate) fn other(number: u64) -> String {
    format!("+1500555{:04}", 1_000 + number % OTHERS)
}

/// A worker that no rate holds back.
pub(crate) async fn unpaced(outbox: &Outbox, url: &str) -> Worker {
    let (adapter, credentials) = adapter(url);
    let worker = outbox.worker(Account::new(adapter, credentials)).concurrency(AT_ONCE).rate(FROM, 1e6);
    let worker = (0..OTHERS).fold(worker, |worker, number| worker.rate(other(number), 1e6));
    worker.spawn().await.expect("the only worker")
}

fn adapter(url: &str) -> (TwilioAdapter, Credentials) {
    let adapter = TwilioAdapter::builder().base_url(url).build().unwrap();
    let credentials = Credentials::twilio(format!("AC{:032}", 1), format!("{:032}", 2)).phone_number(FROM);
    (adapter, credentials)
}

/// Sends so many of the messages that are ready, and waits until their answers are recorded.
pub(crate) async fn drain(outbox: &Outbox, server: &Server, messages: u64) -> Duration {
    let (before, start) = (server.requests(), Instant::now());
    let worker = unpaced(outbox, &server.url()).await;
    server.reached(before + messages).await;
    let stopped = worker.shutdown(Duration::from_secs(10)).await.expect("the worker ends well");
    assert_eq!(stopped.unknown, 0, "every request was answered");
    start.elapsed()
}

/// Sends as many with the adapter alone, by 64 tasks.
pub(crate) async fn bare(server: &Server, messages: u64) -> Duration {
    let (adapter, credentials) = adapter(&server.url());
    let account = adapter.account(&credentials).unwrap();
    let next = Arc::new(AtomicU64::new(0));
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (account, next) = (account.clone(), Arc::clone(&next));
        tasks.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= messages {
                    break;
                }
                let to = format!("+1415{:07}", number % 10_000_000);
                let body = format!("Your table {number} is ready, see you soon");
                account.send_sms(to.as_str(), body).await.expect("the adapter sends");
            }
        });
    }
    while let Some(task) = tasks.join_next().await {
        task.unwrap();
    }
    start.elapsed()
}
