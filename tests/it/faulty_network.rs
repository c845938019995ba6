//! Many concurrent sends over a network with faults: no send is lost, none is sent twice, and every outcome is true.
//!
//! The proxy shares no code with `FaultProxy`, and the server behind it counts the requests that arrived.
//! `FAULT_SECONDS=60 cargo test --test it faulty_network -- --nocapture` is the long run, `.ci/long/faulty-network`.

#![allow(clippy::print_stdout, reason = "the long run reports its figures")]

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use switchboard::twilio::{CreateMessage, RetryPolicy, TwilioAccount, TwilioAdapter};
use switchboard::{Credentials, Outcome};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::raw_server::{RawServer, message_length};
use crate::support::TO;

const SENDERS: usize = 64;
/// Each pool has an address of its own, so that no run is short of ports.
const POOLS: u8 = 16;
/// How long the client waits for an answer; a stall is longer.
const READ: Duration = Duration::from_millis(300);
const STALL: Duration = Duration::from_millis(500);

/// The fault of one request or its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    CutBeforeRequest,
    CutInRequest,
    CutAfterRequest,
    CutInAnswer,
    CutAfterAnswer,
    StallThenNothing,
    /// The request goes on to the server after the client has given up.
    StallThenLate,
    StallInAnswer,
    Garbage,
    GarbageAfterRequest,
    BusyWithout,
    BrokenWithout,
    BrokenAfterRequest,
    /// The answer comes twice, and then the connection ends.
    AnswerTwice,
}

const FAULTS: [Fault; 14] = [
    Fault::CutBeforeRequest,
    Fault::CutInRequest,
    Fault::CutAfterRequest,
    Fault::CutInAnswer,
    Fault::CutAfterAnswer,
    Fault::StallThenNothing,
    Fault::StallThenLate,
    Fault::StallInAnswer,
    Fault::Garbage,
    Fault::GarbageAfterRequest,
    Fault::BusyWithout,
    Fault::BrokenWithout,
    Fault::BrokenAfterRequest,
    Fault::AnswerTwice,
];

/// Passes requests on, each twentieth with a fault.
async fn proxy(server: u16, faults: Arc<AtomicUsize>) -> (u16, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let accepting = tokio::spawn(async move {
        loop {
            let (client, _) = listener.accept().await.unwrap();
            tokio::spawn(relay(client, server, Arc::clone(&faults)));
        }
    });
    (port, accepting)
}

/// Serves one connection until a fault or the client ends it. `None` is its end.
async fn relay(mut client: TcpStream, server: u16, faults: Arc<AtomicUsize>) -> Option<()> {
    let mut upstream =
        TcpStream::connect((Ipv4Addr::new(127, 0, 2, fastrand::u8(1..250)), server)).await.unwrap();
    let (mut from_client, mut from_server) = (Vec::new(), Vec::new());
    loop {
        let fault = (fastrand::f64() < 0.05).then(|| FAULTS[fastrand::usize(..FAULTS.len())]);
        if fault == Some(Fault::CutBeforeRequest) {
            client.readable().await.ok()?;
            // Closing with unread bytes makes the kernel send a reset.
            faults.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        let request = message(&mut client, &mut from_client).await?;
        let Some(fault) = fault else {
            upstream.write_all(&request).await.ok()?;
            let answer = message(&mut upstream, &mut from_server).await?;
            client.write_all(&answer).await.ok()?;
            continue;
        };
        faults.fetch_add(1, Ordering::Relaxed);
        match fault {
            Fault::CutBeforeRequest | Fault::StallThenNothing => tokio::time::sleep(STALL).await,
            Fault::CutInRequest => {
                upstream.write_all(&request[..fastrand::usize(..request.len())]).await.ok()?
            }
            Fault::Garbage => client.write_all(&garbage()).await.ok()?,
            Fault::BusyWithout => client.write_all(&status("429 Too Many Requests")).await.ok()?,
            Fault::BrokenWithout => client.write_all(&status("503 Service Unavailable")).await.ok()?,
            Fault::StallThenLate => {
                tokio::time::sleep(STALL).await;
                upstream.write_all(&request).await.ok()?;
                message(&mut upstream, &mut from_server).await?;
            }
            after_request => {
                upstream.write_all(&request).await.ok()?;
                let answer = message(&mut upstream, &mut from_server).await?;
                answer_badly(after_request, &mut client, &answer).await.ok()?;
            }
        }
        return None;
    }
}

/// Passes the server's answer on with a fault, after the server has carried the request out.
async fn answer_badly(fault: Fault, client: &mut TcpStream, answer: &[u8]) -> std::io::Result<()> {
    let cut = fastrand::usize(..answer.len());
    match fault {
        Fault::CutInAnswer => client.write_all(&answer[..cut]).await,
        Fault::CutAfterAnswer => client.write_all(answer).await,
        Fault::AnswerTwice => client.write_all(&[answer, answer].concat()).await,
        Fault::GarbageAfterRequest => client.write_all(&garbage()).await,
        Fault::BrokenAfterRequest => client.write_all(&status("502 Bad Gateway")).await,
        Fault::StallInAnswer => {
            client.write_all(&answer[..cut]).await?;
            tokio::time::sleep(STALL).await;
            client.write_all(&answer[cut..]).await
        }
        _ => Ok(()),
    }
}

async fn message(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Vec<u8>> {
    loop {
        if let Some(length) = message_length(buffer) {
            return Some(buffer.drain(..length).collect());
        }
        if stream.read_buf(buffer).await.unwrap_or(0) == 0 {
            return None;
        }
    }
}

fn garbage() -> Vec<u8> {
    std::iter::repeat_with(|| fastrand::u8(..)).take(fastrand::usize(1..200)).collect()
}

fn status(line: &str) -> Vec<u8> {
    format!("HTTP/1.1 {line}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").into_bytes()
}

fn accounts(port: u16) -> Vec<TwilioAccount> {
    let credentials =
        Credentials::twilio("AC0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef")
            .phone_number("+14155550100");
    let account = |host: u8| {
        let adapter = TwilioAdapter::builder()
            .base_url(format!("http://127.0.3.{host}:{port}"))
            .read_timeout(READ)
            .retry(RetryPolicy::default().base(Duration::from_millis(1)));
        adapter.build().unwrap().account(&credentials).unwrap()
    };
    (1..=POOLS).map(account).collect()
}

#[derive(Debug, Default)]
struct Tally {
    accepted: usize,
    applied: usize,
    unknown: usize,
    unknown_and_done: usize,
    not_applied: usize,
    lost: usize,
    doubled: usize,
    false_outcomes: usize,
}

async fn run(time: Duration) -> (usize, Tally) {
    let (server, faults) = (RawServer::start().await, Arc::new(AtomicUsize::new(0)));
    let (port, accepting) = proxy(server.port, Arc::clone(&faults)).await;
    let accounts = accounts(port);
    let next = Arc::new(AtomicUsize::new(0));
    let end = Instant::now() + time;
    let mut senders = tokio::task::JoinSet::new();
    for sender in 0..SENDERS {
        let (account, next) = (accounts[sender % accounts.len()].clone(), Arc::clone(&next));
        senders.spawn(async move {
            let mut results = Vec::new();
            while Instant::now() < end {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let message = CreateMessage::new(TO).body(number.to_string());
                results
                    .push((number, account.send(&message).await.map(drop).map_err(|error| error.outcome())));
            }
            results
        });
    }
    let results: Vec<_> = senders.join_all().await.into_iter().flatten().collect();
    drop(accounts);
    accepting.abort();
    let arrived = server.finish().await;
    assert_eq!(results.len(), next.load(Ordering::Relaxed), "a send without a result");
    let mut tally = Tally::default();
    for (number, result) in results {
        let count = arrived.get(&number.to_string()).copied().unwrap_or_default();
        match result {
            Ok(()) => tally.accepted += 1,
            Err(Outcome::Applied) => tally.applied += 1,
            Err(Outcome::Unknown) => tally.unknown += 1,
            Err(Outcome::NotApplied) => tally.not_applied += 1,
        }
        tally.unknown_and_done += usize::from(result == Err(Outcome::Unknown) && count > 0);
        tally.lost += usize::from(matches!(result, Ok(()) | Err(Outcome::Applied)) && count == 0);
        tally.doubled += usize::from(count > 1);
        tally.false_outcomes += usize::from(result == Err(Outcome::NotApplied) && count > 0);
    }
    (faults.load(Ordering::Relaxed), tally)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_send_is_lost_or_doubled_and_no_outcome_is_false() {
    let seconds = std::env::var("FAULT_SECONDS").ok().map_or(2, |seconds| seconds.parse().unwrap());
    let (faults, tally) = run(Duration::from_secs(seconds)).await;
    println!("{seconds} s, {faults} faults: {tally:?}");
    assert_eq!((tally.lost, tally.doubled, tally.false_outcomes), (0, 0, 0), "{tally:?}");
    assert!(tally.accepted > 0 && tally.unknown > 0 && faults > 20, "{faults} faults: {tally:?}");
}
