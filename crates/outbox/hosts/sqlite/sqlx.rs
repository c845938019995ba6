//! A program that brings sqlx, and enqueues in a transaction of its own. `.ci/sqlite` builds and runs it with each
//! version of sqlx, in a package outside the workspace, so that Cargo chooses SQLite as it would for such a program.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use switchboard::provider::Outgoing;
use switchboard_outbox::{Enqueue, Outbox, OutboxError, State};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    let path = std::env::args().nth(1).ok_or("the file of the database")?;
    let outbox = Outbox::sqlite(&path).await?;
    let mut connection = SqliteConnectOptions::new().filename(&path).connect().await?;
    sqlx::query("CREATE TABLE invoice (number INTEGER PRIMARY KEY)").execute(&mut connection).await?;

    for (number, commits) in [(7, true), (8, false)] {
        let mut transaction = connection.begin().await?;
        sqlx::query("INSERT INTO invoice VALUES (?)").bind(number).execute(&mut *transaction).await?;
        let row = message(number, "Your invoice is here").row()?;
        sqlx::query(Enqueue::SQLITE).bind(row).execute(&mut *transaction).await?;
        if commits {
            transaction.commit().await?;
        } else {
            transaction.rollback().await?;
        }
    }
    assert_eq!(outbox.get("invoice/7").await?.state, State::Ready);
    assert!(matches!(outbox.get("invoice/8").await, Err(OutboxError::NotFound)));

    let other = message(7, "Another text").row()?;
    let refused = sqlx::query(Enqueue::SQLITE).bind(other).execute(&mut connection).await.unwrap_err();
    assert!(refused.to_string().contains("SB409"), "{refused}");
    let invoices: i64 = sqlx::query_scalar("SELECT count(*) FROM invoice").fetch_one(&mut connection).await?;
    assert_eq!((invoices, outbox.counts().await?.ready), (1, 1));
    println!("SQLite {}: enqueued in a transaction of sqlx", switchboard_store::rusqlite::version());
    Ok(())
}

fn message(number: i64, body: &str) -> Enqueue {
    Enqueue::new(format!("invoice/{number}"), Outgoing::text("+14155551234", body))
}
