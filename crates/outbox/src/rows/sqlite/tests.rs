//! What only SQLite has: plans of statements, and the statement for the program's own transactions.

use rusqlite::Connection;
use switchboard_store::Log;

use super::sql::Sql;
use super::*;

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

/// These may walk a table: the few senders and queues, what is open, or what is asked for to count.
const WALKS: &[&str] = &["accounts", "senders", "queues", "counts", "open_before", "open_of_batch", "outbox"];

#[test]
fn no_statement_walks_a_large_table_or_sorts() {
    let connection = tables("p_");
    for (name, sql) in Sql::new("p_").all() {
        let plan = plan(&connection, sql);
        assert!(!plan.contains("TEMP B-TREE") || name == "counts", "{name}: {plan}");
        let walks = plan.split("; ").any(|step| step.starts_with("SCAN") && !step.contains("CONSTANT ROW"));
        assert!(!walks || WALKS.contains(&name) || name.starts_with("outbox_"), "{name}: {plan}");
    }
    let sql = Sql::new("p_");
    let candidates = plan(&connection, &sql.candidates);
    assert!(candidates.contains("(queue_id=? AND priority=? AND (due,id)>(?,?) AND due<?)"), "{candidates}");
    let unsettled = plan(&connection, &sql.unsettled);
    assert!(unsettled.contains("rowid>?"), "{unsettled}");
}

#[test]
fn the_statement_makes_one_message_for_a_key() {
    use crate::enqueue::Enqueue;
    let connection = tables("switchboard_");
    let text = |text: &str| switchboard::provider::Outgoing::text("+14155551234", text).from("+14155550100");
    let row = Enqueue::new("invoice/7", text("é \" \n 🎉 \\ /")).row().unwrap();
    for _ in 0..2 {
        connection.execute(Enqueue::SQLITE, [&row]).unwrap();
    }
    let other = Enqueue::new("invoice/7", text("another")).row().unwrap();
    let error = connection.execute(Enqueue::SQLITE, [&other]).unwrap_err();
    assert!(error.to_string().contains("SB409: the key is taken"), "{error}");
    let error = connection.execute(Enqueue::SQLITE, ["{}"]).unwrap_err();
    assert!(error.to_string().contains("SB400: key "), "{error}");
    let count = |table: &str| -> i64 {
        let sql = format!("SELECT count(*) FROM switchboard_{table}");
        connection.query_row(&sql, [], |row| row.get(0)).unwrap()
    };
    assert_eq!((count("message"), count("ready"), count("queue")), (1, 1, 1));
}
