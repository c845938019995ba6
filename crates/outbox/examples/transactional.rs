//! An invoice and the text about it in one transaction of your own: both are there, or neither is.
//! `cargo run -p switchboard-outbox --example transactional`.
//!
//! The example uses rusqlite. Any other driver works too, because enqueuing is one SQL statement with one value.

#![allow(clippy::print_stdout, reason = "an example talks to the person who runs it")]

use std::error::Error;
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};
use switchboard::provider::Outgoing;
use switchboard_outbox::{Account, Enqueue, Outbox};
use switchboard_testing::FakeTwilio;

type Result<T = ()> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Writes an invoice, and enqueues the text about it.
fn bill(database: &mut Connection, number: u32, to: &str, amount: &str, fails: bool) -> Result {
    let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute("INSERT INTO invoice (number, amount) VALUES (?1, ?2)", (number, amount))?;
    let text = Outgoing::text(to, format!("Invoice {number}: {amount} is due on Friday"));
    let message = Enqueue::new(format!("invoice/{number}"), text);
    transaction.execute(Enqueue::SQLITE, [message.row()?])?;
    if fails {
        return Err("the invoice turned out to be wrong".into());
    }
    transaction.commit()?;
    Ok(())
}

#[tokio::main]
async fn main() -> Result {
    println!("On a fake Twilio of this example: nothing leaves this machine.");
    let fake = FakeTwilio::start().await;
    let folder = std::env::temp_dir().join(format!("switchboard-transactional-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let path = folder.join("app.db");

    // The outbox creates its tables in the same file as yours.
    let outbox = Outbox::sqlite(&path).await?;
    let worker = outbox.worker(Account::new(fake.adapter(), fake.credentials())).spawn().await?;

    let mut database = Connection::open(&path)?;
    database.busy_timeout(Duration::from_secs(5))?;
    database.execute_batch("CREATE TABLE invoice (number INTEGER PRIMARY KEY, amount TEXT NOT NULL)")?;
    bill(&mut database, 7, "+14155551234", "12.50 USD", false)?;
    if let Err(error) = bill(&mut database, 8, "+14155555678", "99.00 USD", true) {
        println!("invoice 8 was rolled back: {error}");
    }

    let message = outbox.wait("invoice/7").await?;
    println!("invoice/7: {}", message.state);
    let gone = outbox.get("invoice/8").await;
    println!(
        "invoice/8: {}",
        gone.map_or_else(|error| error.to_string(), |message| message.state.to_string())
    );
    println!("texts at the provider: {}", fake.sent().len());
    worker.shutdown(Duration::from_secs(10)).await?;
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}
