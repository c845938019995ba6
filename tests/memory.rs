//! A download of 200 MB is streamed and never held in memory as a whole.

#![allow(clippy::unwrap_used, reason = "a test fails where it cannot read its own memory")]
#![cfg(target_os = "linux")]

use std::fs;

use switchboard::twilio::CreateCall;
use switchboard::twilio::recordings::DownloadRecording;
use switchboard_testing::FakeTwilio;

const SIZE: u64 = 200_000_000;
/// How much more memory it may take, server and client together.
const ALLOWED: u64 = 32 << 20;

/// The memory of this process, in bytes.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

#[tokio::test]
async fn a_download_of_200_mb_needs_little_memory() {
    let fake = FakeTwilio::start().await;
    let account = fake.account();
    let call = account.calls().create(&CreateCall::new("+14155551234").say("hi").record(true)).await.unwrap();
    let sid = fake.add_recording(&call.sid);
    fake.set_recording_length(&sid, SIZE);
    let before = resident();
    let mut most = before;
    let mut download = account.recordings().download(&sid, &DownloadRecording::wav()).await.unwrap();
    let mut sink = tokio::io::sink();
    let written = download.copy_to(&mut sink, |_| most = most.max(resident())).await.unwrap();
    assert_eq!(written, SIZE);
    assert!(most - before < ALLOWED, "it took {} bytes more", most - before);
}
