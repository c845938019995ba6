//! Tests of features that only SQLite has: query plans, and the statement for the program's own transactions.

use rusqlite::Connection;
use switchboard::provider::Outgoing;
use switchboard_store::Log;

use super::sql::Sql;
use super::*;
use crate::enqueue::Enqueue;

fn tables(prefix: &str) -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(&Log::MIGRATIONS.sql(prefix)).unwrap();
    connection.execute_batch(&MIGRATIONS.sql(prefix)).unwrap();
    connection
}

fn plan(connection: &Connection, sql: &str) -> String {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    // The values do not matter: unbound parameters are NULL.
    let mut rows = statement.raw_query();
    let mut steps = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        steps.push(row.get::<_, String>(3).unwrap());
    }
    steps.join("; ")
}

/// Statements that may scan a whole table: those that read senders, queues or open messages, of which there are few,
/// and those whose purpose is to count.
const WALKS: &[&str] = &[
    "accounts",
    "senders",
    "queues",
    "queues_due",
    "counts",
    "open_before",
    "open_of_batch",
    "rival_parked",
    "claimable",
    "open_to",
    "second_sid_delete",
    "alike",
    "senders_of",
    "consent_refused",
    // The given ids or words.
    "histories",
    "requests",
    "list_of_tenant",
    "list_of_campaign",
    "list_unsettled",
    "campaign_open",
];

#[test]
fn no_statement_walks_a_large_table_or_sorts() {
    let connection = tables("p_");
    for (name, sql) in Sql::new("p_").all() {
        let plan = plan(&connection, sql);
        assert!(
            !plan.contains("TEMP B-TREE") || ["counts", "canaries", "alike", "senders_of"].contains(&name),
            "{name}: {plan}"
        );
        // The table of the outbox itself has one row; `f` stands for the two constant rows of a statement.
        let few_rows =
            |step: &str| step.contains("CONSTANT ROW") || step.ends_with("p_outbox") || step == "SCAN f";
        let walks = plan.split("; ").any(|step| step.starts_with("SCAN") && !few_rows(step));
        assert!(!walks || WALKS.contains(&name), "{name}: {plan}");
    }
    let sql = Sql::new("p_");
    let candidates = plan(&connection, &sql.candidates);
    assert!(candidates.contains("(queue_id=? AND priority=? AND due<?)"), "{candidates}");
    let unsettled = plan(&connection, &sql.unsettled);
    assert!(unsettled.contains("rowid>?"), "{unsettled}");
    for (list, how) in [
        (&sql.list_of_tenant, "INDEX p_message_tenant (tenant=? AND rowid>? AND rowid<?)"),
        (&sql.floor_of_tenant, "COVERING INDEX p_message_tenant (tenant=? AND rowid<?)"),
        (&sql.list_of_campaign, "INDEX p_message_campaign (campaign=? AND id>? AND id<?)"),
        (&sql.floor_of_campaign, "COVERING INDEX p_message_campaign (campaign=? AND id<?)"),
        (&sql.consents_of, "INDEX p_consent_scope (scope=? AND (at,recipient,purpose)<(?,?,?))"),
        (&sql.list_unsettled, "SEARCH o USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"),
    ] {
        let plan = plan(&connection, list);
        assert!(plan.contains(how), "{plan}");
    }
}

fn text(text: &str) -> Outgoing {
    Outgoing::text("+14155551234", text).from("+14155550100")
}

fn count(connection: &Connection, table: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM switchboard_{table}");
    connection.query_row(&sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn the_statement_makes_one_message_for_a_key() {
    let connection = tables("switchboard_");
    let row = Enqueue::new("invoice/7", text("x")).row().unwrap();
    for _ in 0..2 {
        connection.execute(Enqueue::SQLITE, [&row]).unwrap();
    }
    let other = Enqueue::new("invoice/7", text("y")).row().unwrap();
    let error = connection.execute(Enqueue::SQLITE, [&other]).unwrap_err();
    assert!(error.to_string().contains("SB409: the key is taken"), "{error}");
    // No other form of INSERT avoids the check.
    for verb in ["INSERT OR REPLACE", "INSERT OR IGNORE"] {
        let sql = Enqueue::SQLITE.replace("INSERT", verb);
        assert!(connection.execute(&sql, [&other]).is_err(), "{verb}");
    }
    let counts = ["message", "ready", "queue"].map(|table| count(&connection, table));
    assert_eq!(counts, [1, 1, 1]);
}

/// A host may be configured not to trust the views and triggers of a file.
#[test]
fn the_statement_works_where_the_schema_is_not_trusted() {
    let connection = tables("switchboard_");
    connection.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA recursive_triggers = ON").unwrap();
    connection.execute(Enqueue::SQLITE, [Enqueue::new("a", text("x")).row().unwrap()]).unwrap();
    assert_eq!(count(&connection, "ready"), 1);
}

#[test]
fn the_statement_belongs_to_the_transaction_of_the_program() {
    let mut connection = tables("switchboard_");
    connection.execute_batch("CREATE TABLE invoice (id INTEGER PRIMARY KEY)").unwrap();
    let row = Enqueue::new("invoice/7", text("x")).row().unwrap();
    let transaction = connection.transaction().unwrap();
    transaction.execute("INSERT INTO invoice VALUES (7)", []).unwrap();
    transaction.execute(Enqueue::SQLITE, [&row]).unwrap();
    assert_eq!(transaction.last_insert_rowid(), 7, "the program's own id is still there");
    transaction.rollback().unwrap();
    let counts = ["message", "ready", "queue"].map(|table| count(&connection, table));
    assert_eq!(counts, [0, 0, 0]);
}

#[test]
fn the_newest_message_stays_so_that_no_id_is_used_again() {
    let connection = tables("switchboard_");
    for key in ["a", "b"] {
        connection.execute(Enqueue::SQLITE, [Enqueue::new(key, text(key)).row().unwrap()]).unwrap();
    }
    assert!(connection.execute("DELETE FROM switchboard_message WHERE id = 2", []).is_err());
    assert_eq!(connection.execute("DELETE FROM switchboard_message WHERE id = 1", []).unwrap(), 1);
}

/// Newer functions do not exist in the oldest SQLite version that the statement supports.
#[test]
fn the_schema_uses_no_function_newer_than_sqlite_3_38() {
    let sql = MIGRATIONS.sql("p_");
    for newer in [
        "unhex(",
        "concat(",
        "concat_ws(",
        "octet_length(",
        "timediff(",
        "jsonb",
        "string_agg(",
        "->",
        "if(",
        " subsec",
    ] {
        assert!(!sql.contains(newer), "{newer}");
    }
}
