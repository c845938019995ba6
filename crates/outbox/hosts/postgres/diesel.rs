//! A program that brings diesel, and enqueues in a transaction of its own on PostgreSQL. `.ci/hosts` builds and runs it,
//! in a package outside the workspace.

use diesel::result::Error;
use diesel::sql_types::{BigInt, Text};
use diesel::{QueryableByName, sql_query};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use switchboard::provider::Outgoing;
use switchboard_outbox::{Account, Enqueue, Outbox, OutboxError, State};
use switchboard_testing::FakeTwilio;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// What the statement returns.
#[derive(QueryableByName)]
struct Enqueued {
    #[diesel(sql_type = BigInt)]
    enqueue: i64,
}

#[derive(QueryableByName)]
struct Invoice {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    let url = std::env::args().nth(1).ok_or("the URL of the database")?;
    let (outbox, fake) = (Outbox::postgres(&url).await?, FakeTwilio::start().await);
    let mut connection = AsyncPgConnection::establish(&url).await?;
    connection.batch_execute("CREATE TABLE invoice (number bigint PRIMARY KEY)").await?;

    let id = connection
        .transaction(async |connection| bill(connection, 7, "invoice/7", "Your invoice is here").await)
        .await?;
    let rolled_back: std::result::Result<(), Error> = connection
        .transaction(async |connection| {
            bill(connection, 8, "invoice/8", "Your invoice is here").await?;
            Err(Error::RollbackTransaction)
        })
        .await;
    assert_eq!(rolled_back, Err(Error::RollbackTransaction));
    let taken = connection
        .transaction(async |connection| bill(connection, 9, "invoice/7", "Another text").await)
        .await;
    // diesel does not pass the SQLSTATE on, so the message begins with it.
    let Err(Error::DatabaseError(_, told)) = &taken else { panic!("{taken:?}") };
    assert_eq!(told.message(), "SB409: the key is taken by another message");

    let invoices: Vec<Invoice> = sql_query("SELECT number FROM invoice").load(&mut connection).await?;
    assert_eq!(invoices.iter().map(|invoice| invoice.number).collect::<Vec<_>>(), [7]);
    assert!(matches!(outbox.get("invoice/8").await, Err(OutboxError::NotFound)));
    let worker = outbox.worker(Account::new(fake.adapter(), fake.credentials())).spawn().await?;
    outbox.drained().await?;
    let message = outbox.get("invoice/7").await?;
    assert_eq!(message.id.to_string(), id.to_string());
    assert!(matches!(message.state, State::Accepted { .. }), "{}", message.state);
    assert_eq!(fake.sent().len(), 1);
    worker.shutdown(std::time::Duration::from_secs(5)).await?;
    println!("sent what was enqueued in a transaction of diesel");
    Ok(())
}

/// Writes an invoice, and enqueues the text about it.
async fn bill(
    connection: &mut AsyncPgConnection,
    number: i64,
    key: &str,
    body: &str,
) -> std::result::Result<i64, Error> {
    sql_query("INSERT INTO invoice VALUES ($1)").bind::<BigInt, _>(number).execute(connection).await?;
    let row = Enqueue::new(key, Outgoing::text("+14155551234", body)).row().unwrap();
    let enqueued: Enqueued = sql_query(Enqueue::POSTGRES).bind::<Text, _>(row).get_result(connection).await?;
    Ok(enqueued.enqueue)
}
