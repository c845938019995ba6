//! Tests of the statements themselves, on the server that `SWITCHBOARD_TEST_POSTGRES` names.

use switchboard_store::{Connection, Log, Postgres, expand_schema};

use super::PostgresRows;
use super::sql::Sql;

/// The tables that grow.
const LARGE: [&str; 6] = ["message", "ready", "open", "outcome", "consent", "recent"];

/// Statements that may read all of a table: because they count, because they are rare and that table, `open`, holds only
/// what is in progress, or because they stop at the first row.
const WALKS: [&str; 7] = ["counts", "open_of_batch", "rival", "open_to", "campaign_open", "alike", "oldest"];

/// The plan for any values, if the server avoids walks wherever an index can be used.
async fn plan(connection: &Connection, sql: &str) -> String {
    let values = (1..=20).rev().find(|number| sql.contains(&format!("${number}"))).unwrap_or(0);
    let nulls = vec!["NULL"; values].join(", ");
    let execute = if nulls.is_empty() { "one".to_owned() } else { format!("one ({nulls})") };
    connection
        .batch(&format!("PREPARE one AS {sql}"))
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    let rows = connection.query(&format!("EXPLAIN EXECUTE {execute}"), &[]).await.unwrap();
    connection.batch("DEALLOCATE one").await.unwrap();
    rows.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>().join("\n")
}

/// Is a large table, or one of its indexes, read without a condition that limits it?
fn walks(plan: &str) -> bool {
    let lines: Vec<&str> = plan.lines().map(str::trim).collect();
    lines.iter().enumerate().any(|(place, line)| {
        let scans =
            line.contains(" Scan ") && LARGE.iter().any(|table| line.contains(&format!(" on {table} ")));
        let next = lines.get(place + 1).copied().unwrap_or_default();
        // This index contains only what is being sent.
        let is_small = line.contains("using open_deadline ");
        scans
            && !is_small
            && !["Index Cond", "Recheck Cond", "TID Cond"].iter().any(|limit| next.starts_with(limit))
    })
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn no_statement_walks_a_large_table() {
    let url = std::env::var("SWITCHBOARD_TEST_POSTGRES").unwrap();
    let schema = format!("plans_{}", std::process::id());
    let postgres = Postgres::builder(&url).schema(&schema).connect().await.unwrap();
    Log::open(postgres.clone()).await.unwrap();
    let rows = PostgresRows::open(postgres.clone()).await.unwrap();
    let connection = postgres.connection().await.unwrap();
    // The server takes the number of rows that it expects for a join, and here are none. So this shows what indexes allow.
    for setting in ["enable_seqscan = off", "enable_mergejoin = off", "enable_hashjoin = off"] {
        connection.batch(&format!("SET {setting}")).await.unwrap();
    }
    connection.batch("SET plan_cache_mode = force_generic_plan").await.unwrap();
    let sql = Sql::new(&schema);
    let all = sql.all();
    assert!(all.len() > 60, "only {} statements", all.len());
    for (name, sql) in all {
        let plan = plan(&connection, sql).await;
        assert!(!walks(&plan) || WALKS.contains(&name), "{name}: {plan}");
    }
    drop(rows);
    connection.batch(&expand_schema("DROP SCHEMA {s} CASCADE", &schema)).await.unwrap();
}
