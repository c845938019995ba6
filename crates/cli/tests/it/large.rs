//! A list of 100,000 messages is printed as it is read, in memory that does not grow.

use std::io::{BufRead as _, BufReader};
use std::time::Instant;

use futures_util::stream::{self, StreamExt as _};
use switchboard_testing::FakeTwilio;

use crate::program::command;
use crate::seeded::{self, Home};

/// The largest resident memory of a process so far, in KiB.
fn peak(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs minutes: 100,000 messages are sent first"]
async fn a_long_list_is_printed_as_it_is_read_in_flat_memory() {
    let count: usize = std::env::var("MESSAGES").map_or(100_000, |count| count.parse().unwrap());
    let (home, fake) = (Home::new("large"), FakeTwilio::start().await);
    let account = fake.account();
    let sends = stream::iter(0..count).map(|number| {
        let account = account.clone();
        async move { account.send_sms("+14155551234", format!("text {number}")).await.unwrap() }
    });
    sends.buffer_unordered(32).for_each(async |_| ()).await;
    let environment = seeded::environment(&fake, home.path());
    for json in [&["message", "list", "--limit", "0"][..], &["message", "list", "--limit", "0", "--json"]] {
        let began = Instant::now();
        let mut child = command(&environment, json).spawn().unwrap();
        let (process, stdout) = (child.id(), BufReader::new(child.stdout.take().unwrap()));
        let read = tokio::task::spawn_blocking(move || {
            let (mut lines, mut first, mut early, mut late) = (0, None, 0, 0);
            for line in stdout.lines() {
                assert!(!line.unwrap().is_empty());
                lines += 1;
                first = first.or_else(|| Some(began.elapsed()));
                match lines {
                    5_000 => early = peak(process),
                    _ if lines == count - 1_000 => late = peak(process),
                    _ => {}
                }
            }
            (lines, first.unwrap(), early, late)
        });
        let (lines, first, early, late) = read.await.unwrap();
        assert!(child.wait().unwrap().success());
        let whole = began.elapsed();
        println!(
            "{lines} lines; the first after {first:?} of {whole:?}; {early} KiB at 5,000, {late} KiB near the end"
        );
        // The table has a line of titles.
        assert_eq!(lines, count + usize::from(json.len() == 4));
        assert!(first < whole / 4, "it is printed while it is read");
        assert!(late < early + 4 * 1024, "{early} KiB, then {late} KiB");
    }
}
