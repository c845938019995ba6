//! PostgreSQL, on the server that `SWITCHBOARD_TEST_POSTGRES` names. Each test has its own schema.

use std::sync::atomic::{AtomicU32, Ordering};

use switchboard_store::{Migration, Migrations, Postgres, StoreError, expand_schema};

/// Returns the URL of the server.
pub(crate) fn url() -> String {
    std::env::var("SWITCHBOARD_TEST_POSTGRES").unwrap()
}

/// Opens an empty schema, which is deleted by the next run with the same name.
pub(crate) async fn empty(name: &str) -> Postgres {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let schema = format!("t_{}_{}_{name}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let db = Postgres::builder(&url()).schema(&schema).connect().await.unwrap();
    let connection = db.connection().await.unwrap();
    connection.batch(&expand_schema("DROP SCHEMA IF EXISTS {s} CASCADE", &schema)).await.unwrap();
    db
}

pub(crate) async fn drop_schema(db: &Postgres) {
    let connection = db.connection().await.unwrap();
    connection.batch(&expand_schema("DROP SCHEMA IF EXISTS {s} CASCADE", db.schema())).await.unwrap();
}

const NOTE: Migration = Migration {
    number: 1,
    name: "notes",
    sql: "",
    postgres: "CREATE TABLE {s}.note (n bigint PRIMARY KEY);",
};
const NOTES: Migrations = Migrations { room: "notes", list: &[NOTE] };

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn migrations_run_once_however_many_processes_start() {
    const MORE: Migrations = Migrations {
        room: "notes",
        list: &[
            NOTE,
            Migration { number: 2, name: "body", sql: "", postgres: "ALTER TABLE {s}.note ADD body text;" },
        ],
    };
    const CHANGED: Migrations = Migrations {
        room: "notes",
        list: &[Migration { postgres: "CREATE TABLE {s}.other (n int);", ..NOTE }],
    };
    let db = empty("migrations").await;
    let all = (0..16).map(|_| {
        let db = db.clone();
        tokio::spawn(async move { db.migrate(&NOTES).await })
    });
    for one in all.collect::<Vec<_>>() {
        one.await.unwrap().unwrap();
    }
    assert!(matches!(
        db.migrate(&CHANGED).await,
        Err(StoreError::ChangedMigration { room: "notes", number: 1 })
    ));
    db.migrate(&MORE).await.unwrap();
    assert!(matches!(db.migrate(&NOTES).await, Err(StoreError::NewerSchema { found: 2, known: 1, .. })));
    drop_schema(&db).await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn printed_statements_leave_nothing_to_run_for_a_role_that_may_only_use_tables() {
    let db = empty("printed").await;
    let connection = db.connection().await.unwrap();
    let printed = NOTES.postgres(db.schema());
    connection.batch(&printed).await.unwrap();
    let role = format!("{}_app", db.schema());
    let grants = "CREATE ROLE {r} LOGIN; GRANT USAGE ON SCHEMA {s} TO {r};
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {s} TO {r};";
    connection.batch(&expand_schema(&grants.replace("{r}", &role), db.schema())).await.unwrap();
    let limited = format!("{url}&user={role}", url = with_query(&url()));
    let app = Postgres::builder(&limited).schema(db.schema()).connect().await.unwrap();
    app.migrate(&NOTES).await.unwrap();
    app.connection()
        .await
        .unwrap()
        .execute(&expand_schema("INSERT INTO {s}.note VALUES (1)", db.schema()), &[])
        .await
        .unwrap();
    drop_schema(&db).await;
    connection.batch(&format!("DROP ROLE \"{role}\"")).await.unwrap();
}

fn with_query(url: &str) -> String {
    if url.contains('?') { url.to_owned() } else { format!("{url}?application_name=test") }
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn a_transaction_that_is_dropped_is_rolled_back_and_its_connection_can_be_used() {
    let db = empty("dropped").await;
    db.migrate(&NOTES).await.unwrap();
    let session = db.session();
    let insert = expand_schema("INSERT INTO {s}.note VALUES (1)", db.schema());
    let count = expand_schema("SELECT count(*) FROM {s}.note", db.schema());
    {
        let mut connection = session.acquire().await.unwrap();
        let transaction = connection.begin().await.unwrap();
        transaction.execute(&insert, &[]).await.unwrap();
    }
    {
        // A future that is dropped while it waits leaves no open transaction behind.
        let mut connection = session.acquire().await.unwrap();
        let slow = async {
            let transaction = connection.begin().await.unwrap();
            transaction.execute(&insert, &[]).await.unwrap();
            transaction.query("SELECT pg_sleep(30)", &[]).await
        };
        assert!(tokio::time::timeout(std::time::Duration::from_millis(200), slow).await.is_err());
    }
    db.connection().await.unwrap().execute(CANCEL_SLEEPERS, &[]).await.unwrap();
    let connection = session.acquire().await.unwrap();
    assert_eq!(connection.one(&count, &[]).await.unwrap().get::<_, i64>(0), 0);
    drop(connection);
    drop_schema(&db).await;
}

const CANCEL_SLEEPERS: &str =
    "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'";

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn a_lost_connection_is_told_and_opened_again() {
    let db = empty("lost").await;
    let session = db.session();
    let me = "SELECT pg_backend_pid()";
    let pid: i32 = session.acquire().await.unwrap().one(me, &[]).await.unwrap().get(0);
    let other = db.connection().await.unwrap();
    let mut connection = session.acquire().await.unwrap();
    let transaction = connection.begin().await.unwrap();
    other.query("SELECT pg_terminate_backend($1)", &[&pid]).await.unwrap();
    let error = loop {
        if let Err(error) = transaction.query(me, &[]).await {
            break error;
        }
    };
    assert!(matches!(error, StoreError::ConnectionLost), "{error:?}");
    drop(transaction);
    drop(connection);
    let again: i32 = session.acquire().await.unwrap().one(me, &[]).await.unwrap().get(0);
    assert_ne!(again, pid);
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn a_lock_has_one_holder_and_ends_with_it() {
    let db = empty("lock").await;
    let lock = db.lock("worker").await.unwrap();
    assert!(matches!(db.lock("worker").await, Err(StoreError::Locked { .. })));
    db.lock("other").await.unwrap();
    drop(lock);
    let mut refused = 0;
    while db.lock("worker").await.is_err() {
        refused += 1;
        assert!(refused < 1000, "the server does not notice that the connection ended");
    }
    assert!(matches!(db.lock("a b").await, Err(StoreError::BadName { .. })));
}

/// Compiling a statement to machine code takes a hundred times longer than one of ours.
#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn no_statement_is_compiled() {
    let db = empty("jit").await;
    let connection = db.connection().await.unwrap();
    connection.batch("SET jit_above_cost = 0").await.unwrap();
    let explain = "EXPLAIN (ANALYZE) SELECT sum(n) FROM generate_series(1, 10) AS n";
    let rows = connection.query(explain, &[]).await.unwrap();
    let plan: Vec<&str> = rows.iter().map(|row| row.get(0)).collect();
    assert!(!plan.iter().any(|line| line.contains("JIT")), "{plan:?}");
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn a_commit_waits_for_the_disk_whatever_the_role_says() {
    let db =
        Postgres::builder(&format!("{}&options=-csynchronous_commit%3Doff", with_query(&url()))).connect();
    let connection = db.await.unwrap().connection().await.unwrap();
    let value = connection.one("SELECT current_setting('synchronous_commit')", &[]).await.unwrap();
    assert_eq!(value.get::<_, String>(0), "on");
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn errors_quote_no_values() {
    let db = empty("values").await;
    db.migrate(&NOTES).await.unwrap();
    let connection = db.connection().await.unwrap();
    let run = async |sql: &str| connection.batch(&expand_schema(sql, db.schema())).await.unwrap_err();
    for sql in [
        "INSERT INTO {s}.note VALUES (47114711); INSERT INTO {s}.note VALUES (47114711)",
        "SELECT 'planted4711'::bigint",
        "SELECT 'planted4711'::jsonb",
        "SELECT 1 / (length('planted4711') - 11)",
        "INSERT INTO {s}.note VALUES (NULL)",
    ] {
        let error = run(sql).await;
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("4711"), "{shown}");
        assert!(shown.contains("SQLSTATE"), "{shown}");
    }
    let error = run("SELECT missing FROM {s}.note").await;
    assert!(error.to_string().contains("missing"), "{error}");
    drop_schema(&db).await;
}
