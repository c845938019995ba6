//! Statements that are sent without waiting for the answer, and what their errors do.

use std::time::Duration;

use switchboard_store::{Connection, Postgres, StoreError, Value};

use crate::postgres::{drop_schema, empty};

async fn table(name: &str) -> (Postgres, Connection, String) {
    let db = empty(name).await;
    let connection = db.connection().await.unwrap();
    let table = format!("\"{}\".item", db.schema());
    connection
        .batch(&format!(
            "CREATE SCHEMA IF NOT EXISTS \"{}\"; CREATE TABLE {table} (id bigint PRIMARY KEY)",
            db.schema()
        ))
        .await
        .unwrap();
    (db, connection, table)
}

fn values(id: i64) -> Vec<Value> {
    vec![Box::new(id)]
}

async fn count(connection: &Connection, table: &str) -> i64 {
    connection.one(&format!("SELECT count(*) FROM {table}"), &[]).await.unwrap().get(0)
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn started_statements_run_in_order_and_are_committed() {
    let (db, mut connection, table) = table("started").await;
    let transaction = connection.begin().await.unwrap();
    for id in 0..100 {
        transaction.start(&format!("INSERT INTO {table} VALUES ($1)"), values(id)).await.unwrap();
        transaction
            .start(&format!("UPDATE {table} SET id = id + 1000 WHERE id = $1"), values(id))
            .await
            .unwrap();
    }
    let low = transaction.one(&format!("SELECT count(*) FROM {table} WHERE id < 1000"), &[]).await.unwrap();
    assert_eq!(low.get::<_, i64>(0), 0);
    transaction.commit().await.unwrap();
    assert_eq!(count(&connection, &table).await, 100);
    drop_schema(&db).await;
}

/// The connection stops reading at an answer that nobody takes.
#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn a_long_answer_that_nobody_reads_holds_up_no_statement() {
    let (db, mut connection, table) = table("unread").await;
    let long = "SELECT repeat('x', 1000) FROM generate_series(1, 20000)";
    let whole = async {
        let transaction = connection.begin().await.unwrap();
        transaction.start(long, Vec::new()).await.unwrap();
        // Prepared only now.
        transaction.start(&format!("INSERT INTO {table} VALUES ($1)"), values(1)).await.unwrap();
        transaction.start(long, Vec::new()).await.unwrap();
        transaction.commit().await.unwrap();
        let transaction = connection.begin().await.unwrap();
        transaction.start(long, Vec::new()).await.unwrap();
        transaction.rollback().await.unwrap();
        let transaction = connection.begin().await.unwrap();
        transaction.start(long, Vec::new()).await.unwrap();
        drop(transaction);
        count(&connection, &table).await
    };
    assert_eq!(tokio::time::timeout(Duration::from_secs(20), whole).await.expect("it goes on"), 1);
    drop_schema(&db).await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn nothing_is_committed_after_an_error_that_was_ignored() {
    let (db, mut connection, table) = table("ignored").await;
    let insert = format!("INSERT INTO {table} VALUES ($1)");
    let unique = |error: &StoreError| matches!(error, StoreError::Postgres { sqlstate: Some(code), .. } if code == "23505");

    let transaction = connection.begin().await.unwrap();
    for id in [1, 1, 2] {
        transaction.start(&insert, values(id)).await.unwrap();
    }
    let error = transaction.commit().await.unwrap_err();
    assert!(unique(&error), "{error:?}");

    let transaction = connection.begin().await.unwrap();
    transaction.start(&insert, values(1)).await.unwrap();
    assert!(transaction.execute(&insert, &[&1_i64]).await.is_err());
    let error = transaction.execute(&insert, &[&2_i64]).await.unwrap_err();
    assert!(unique(&error), "the first error counts: {error:?}");
    assert!(unique(&transaction.commit().await.unwrap_err()));

    // A value that does not fit is refused here, so the server knows nothing of it.
    let transaction = connection.begin().await.unwrap();
    transaction.start(&insert, values(1)).await.unwrap();
    let wrong: Vec<Value> = vec![Box::new("x")];
    assert!(transaction.start(&insert, wrong).await.is_err());
    assert!(transaction.commit().await.is_err());

    assert_eq!(count(&connection, &table).await, 0);
    drop_schema(&db).await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn a_statement_that_was_not_waited_for_is_not_committed() {
    let (db, mut connection, table) = table("abandoned").await;
    let transaction = connection.begin().await.unwrap();
    transaction.execute(&format!("INSERT INTO {table} VALUES (1)"), &[]).await.unwrap();
    let slow = transaction.query("SELECT pg_sleep(0.3)", &[]);
    assert!(tokio::time::timeout(Duration::from_millis(50), slow).await.is_err());
    let error = transaction.commit().await.unwrap_err();
    assert!(matches!(error, StoreError::NotWaitedFor), "{error:?}");
    assert_eq!(count(&connection, &table).await, 0);
    drop_schema(&db).await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn of_two_statements_at_once_the_error_of_the_first_is_told() {
    let (db, mut connection, _) = table("both").await;
    for _ in 0..50 {
        let transaction = connection.begin().await.unwrap();
        let (fails, follows) = ("SELECT 1 / $1::integer", "SELECT 1");
        transaction.query(follows, &[]).await.unwrap();
        transaction.query(fails, &[&1]).await.unwrap();
        let (first, second) = tokio::join!(transaction.query(fails, &[&0]), transaction.query(follows, &[]));
        let zero = |error: &StoreError| matches!(error, StoreError::Postgres { sqlstate: Some(code), .. } if code == "22012");
        assert!(zero(first.as_ref().unwrap_err()), "{first:?}");
        assert!(second.is_err());
        assert!(zero(&transaction.commit().await.unwrap_err()));
    }
    drop_schema(&db).await;
}
