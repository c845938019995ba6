//! A program that brings sqlx, and enqueues in a transaction of its own on PostgreSQL. `.ci/hosts` builds and runs it, in
//! a package outside the workspace.

use sqlx::postgres::PgConnection;
use sqlx::{Connection, Postgres, Transaction};
use switchboard::provider::Outgoing;
use switchboard_outbox::{Account, Enqueue, Outbox, OutboxError, State};
use switchboard_testing::FakeTwilio;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    let url = std::env::args().nth(1).ok_or("the URL of the database")?;
    let (outbox, fake) = (Outbox::postgres(&url).await?, FakeTwilio::start().await);
    let mut connection = PgConnection::connect(&url).await?;
    sqlx::query("CREATE TABLE invoice (number bigint PRIMARY KEY)").execute(&mut connection).await?;

    let mut transaction = connection.begin().await?;
    let id = bill(&mut transaction, 7, "invoice/7", "Your invoice is here").await?;
    transaction.commit().await?;
    let mut transaction = connection.begin().await?;
    bill(&mut transaction, 8, "invoice/8", "Your invoice is here").await?;
    transaction.rollback().await?;
    let mut transaction = connection.begin().await?;
    let taken = bill(&mut transaction, 9, "invoice/7", "Another text").await.unwrap_err();
    let told = taken.as_database_error().ok_or("the server refuses it")?;
    assert_eq!(told.code().as_deref(), Some("SB409"));
    assert_eq!(told.message(), "SB409: the key is taken by another message");
    transaction.rollback().await?;

    let invoices: Vec<i64> =
        sqlx::query_scalar("SELECT number FROM invoice").fetch_all(&mut connection).await?;
    assert_eq!(invoices, [7]);
    assert!(matches!(outbox.get("invoice/8").await, Err(OutboxError::NotFound)));
    let worker = outbox.worker(Account::new(fake.adapter(), fake.credentials())).spawn().await?;
    outbox.drained().await?;
    let message = outbox.get("invoice/7").await?;
    assert_eq!(message.id.to_string(), id.to_string());
    assert!(matches!(message.state, State::Accepted { .. }), "{}", message.state);
    assert_eq!(fake.sent().len(), 1);
    worker.shutdown(std::time::Duration::from_secs(5)).await?;
    println!("sent what was enqueued in a transaction of sqlx");
    Ok(())
}

/// Writes an invoice, and enqueues the text about it.
async fn bill(
    transaction: &mut Transaction<'_, Postgres>,
    number: i64,
    key: &str,
    body: &str,
) -> sqlx::Result<i64> {
    sqlx::query("INSERT INTO invoice VALUES ($1)").bind(number).execute(&mut **transaction).await?;
    let row = Enqueue::new(key, Outgoing::text("+14155551234", body)).row().unwrap();
    sqlx::query_scalar(Enqueue::POSTGRES).bind(row).fetch_one(&mut **transaction).await
}
