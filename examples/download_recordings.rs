//! Downloads the recordings of the account into a folder: `cargo run --example download_recordings -- FOLDER`.
//!
//! With `TWILIO_ACCOUNT_SID` and `TWILIO_AUTH_TOKEN` in the environment it reads them from Twilio; without them, from the
//! built-in fake. Downloads are streamed to disk, and an incomplete file is deleted.

#![allow(clippy::print_stdout, reason = "an example talks to the person who runs it")]

use std::path::PathBuf;

use switchboard::twilio::MakeCall;
use switchboard::twilio::recordings::{DownloadRecording, ListRecordings};

#[path = "shared/setup.rs"]
mod setup;

use setup::{Result, Target, arguments};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let folder =
        arguments("download_recordings -- [FOLDER]").first().map_or_else(std::env::temp_dir, PathBuf::from);
    let Target { account, fake } = Target::open().await?;
    if let Some(fake) = &fake {
        let call = account.make_call(&MakeCall::say("+14155551234", "Hello")).await?.sid;
        fake.complete_call(&call);
        fake.add_recording(&call);
    }

    let recordings = account.recordings();
    let mut failed = 0;
    let mut list = recordings.list(&ListRecordings::new()).limit(20);
    while let Some(recording) = list.next().await {
        let sid = recording?.sid;
        let path = folder.join(format!("{sid}.mp3"));
        let mut file = tokio::fs::File::create(&path).await?;
        let mut download = recordings.download(&sid, &DownloadRecording::mp3()).await?;
        match download.copy_to(&mut file, |_| {}).await {
            Ok(bytes) => println!("{sid}: {bytes} bytes"),
            Err(error) => {
                println!("{sid}: {error}");
                tokio::fs::remove_file(&path).await?;
                failed += 1;
            }
        }
    }
    if failed > 0 { Err(format!("{failed} recordings could not be downloaded").into()) } else { Ok(()) }
}
