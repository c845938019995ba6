//! Sends 300 texts durably, is killed in the middle, starts again, and nobody gets a text twice:
//! `cargo run -p switchboard-outbox --example outbox`.
//!
//! The program starts a fake Twilio, and starts itself a second time as the worker, which it kills. Nothing leaves this
//! machine.

#![allow(clippy::print_stdout, reason = "an example talks to the person who runs it")]

use std::collections::HashMap;
use std::error::Error;
use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

use switchboard::Credentials;
use switchboard::provider::Outgoing;
use switchboard::twilio::TwilioAdapter;
use switchboard_outbox::{Account, Enqueue, Outbox};
use switchboard_testing::FakeTwilio;

type Result<T = ()> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const GUESTS: u32 = 300;

/// Enqueues a reminder for each guest, and runs the worker. After a restart it continues with the messages that are
/// left.
async fn work(database: &str, url: &str, sid: &str, token: &str, number: &str) -> Result {
    let outbox = Outbox::sqlite(database).await?;
    let adapter = TwilioAdapter::builder().base_url(url).build()?;
    let account = Account::new(adapter, Credentials::twilio(sid, token).phone_number(number));
    let worker = outbox.worker(account).rate(number, 100.0).spawn().await?;

    let reminder = |guest| {
        let text =
            Outgoing::text(format!("+1415555{:04}", 1000 + guest), format!("Guest {guest}: see you at 8 pm"));
        Enqueue::new(format!("reminder/{guest}"), text)
    };
    outbox.enqueue_all((0..GUESTS).map(reminder)).await?;
    outbox.drained().await?;
    worker.shutdown(Duration::from_secs(10)).await?;
    Ok(())
}

fn start_worker(database: &Path, fake: &FakeTwilio) -> Result<Child> {
    let credentials = fake.credentials();
    let secret = |name| credentials.get(name).unwrap_or_default().to_owned();
    let child = Command::new(std::env::current_exe()?)
        .arg(database)
        .args([
            fake.url().to_string(),
            secret("accountSid"),
            secret("authToken"),
            fake.phone_number().to_string(),
        ])
        .spawn()?;
    Ok(child)
}

#[tokio::main]
async fn main() -> Result {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [database, url, sid, token, number] = arguments.as_slice() {
        return work(database, url, sid, token, number).await;
    }
    println!("On a fake Twilio of this example: nothing leaves this machine.");
    let fake = FakeTwilio::start().await;
    let folder = std::env::temp_dir().join(format!("switchboard-outbox-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let database = folder.join("outbox.db");

    let mut worker = start_worker(&database, &fake)?;
    while fake.sent().len() < GUESTS as usize / 3 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    worker.kill()?;
    worker.wait()?;
    println!("killed the worker: {} of {GUESTS} guests have their text", fake.sent().len());

    let mut worker = start_worker(&database, &fake)?;
    tokio::task::spawn_blocking(move || worker.wait()).await??;

    let mut texts: HashMap<String, u32> = HashMap::new();
    fake.sent().into_iter().for_each(|sent| *texts.entry(sent.to.to_string()).or_default() += 1);
    let twice = texts.values().filter(|count| **count > 1).count();
    println!("started it again:  {} of {GUESTS} guests have their text, {twice} have it twice", texts.len());

    let outbox = Outbox::sqlite(&database).await?;
    let unsettled = outbox.unsettled(None, 1000).await?;
    println!(
        "{} were being sent when it was killed: nobody can tell yet, so they are not sent again",
        unsettled.len()
    );
    for message in unsettled.iter().take(3) {
        println!("  {} is {}", message.key, message.state);
    }
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}
