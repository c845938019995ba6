//! Tests of features that only SQLite has: query plans, and the statement for the program's own transactions.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::types::Value;
use switchboard::provider::{Callback, Outgoing, OutgoingCall, Sender, TemplateRef};
use switchboard_store::Log;

use super::sql::Sql;
use super::*;
use crate::enqueue::{Enqueue, Prepared, Priority};

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
];

#[test]
fn no_statement_walks_a_large_table_or_sorts() {
    let connection = tables("p_");
    for (name, sql) in Sql::new("p_").all() {
        let plan = plan(&connection, sql);
        assert!(
            !plan.contains("TEMP B-TREE") || ["counts", "canaries", "alike"].contains(&name),
            "{name}: {plan}"
        );
        // The table of the outbox itself has one row.
        let one_row = |step: &str| step.contains("CONSTANT ROW") || step.ends_with("p_outbox");
        let walks = plan.split("; ").any(|step| step.starts_with("SCAN") && !one_row(step));
        assert!(!walks || WALKS.contains(&name), "{name}: {plan}");
    }
    let sql = Sql::new("p_");
    let candidates = plan(&connection, &sql.candidates);
    assert!(candidates.contains("(queue_id=? AND priority=? AND due<?)"), "{candidates}");
    let unsettled = plan(&connection, &sql.unsettled);
    assert!(unsettled.contains("rowid>?"), "{unsettled}");
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

/// Every column of the two tables, apart from the ids and the key.
fn stored(connection: &Connection, key: &str) -> Vec<Value> {
    let sql = "SELECT m.tenant, q.tenant, q.kind, q.sender, m.recipient, m.priority, m.weight, m.fingerprint, m.hash,
        m.request, m.expires, r.queue_id = m.queue_id, r.priority, r.due, r.attempt, r.tries, r.error, r.waits_for
        FROM switchboard_message AS m JOIN switchboard_queue AS q ON q.id = m.queue_id
        JOIN switchboard_ready AS r ON r.id = m.id WHERE m.key = ?1";
    let columns = |row: &rusqlite::Row<'_>| (0..18).map(|column| row.get(column)).collect();
    connection.query_row(sql, [key], columns).unwrap()
}

#[test]
fn the_statement_writes_what_the_program_writes() {
    let connection = tables("switchboard_");
    let odd = "é \u{1F389} \" \\ / \n \t \u{1} \u{2028} </script> 'x' ${y} \u{7f}";
    let due: Timestamp = "2027-01-15T08:00:05.123456789Z".parse().unwrap();
    let call = OutgoingCall::say("+14155551234", odd).from("+14155550100").ring_for(Duration::from_secs(20));
    let messages: Vec<Enqueue> = vec![
        Enqueue::new("", text(odd)),
        Enqueue::new("", text(&"long ".repeat(200))).tenant("t \" é"),
        Enqueue::new("", Outgoing::text("whatsapp:+14155551234", "x").from(Sender::pool("MG1"))),
        Enqueue::new("", Outgoing::template("+14155551234", TemplateRef::new("HX1").value("1", odd))),
        Enqueue::new("", text("x").callback(Callback::new("https://a.example/?x=1&y=%20#z"))),
        Enqueue::new("", call).priority(Priority::Bulk),
        Enqueue::new("", OutgoingCall::say("+14155551234", "x")).priority(Priority::Urgent),
    ];
    for (n, message) in messages.into_iter().enumerate() {
        let message = message.due(due).expires("2027-01-15T09:00:00.5+00:00".parse().unwrap());
        let by_statement = Enqueue { key: format!("statement {n}"), ..message.clone() };
        connection.execute(Enqueue::SQLITE, [by_statement.row().unwrap()]).unwrap();
        let shared =
            transaction::Shared { sql: Sql::new("switchboard_"), log: Appender::new("switchboard_") };
        let new = NewMessage {
            tenant: message.tenant.clone(),
            key: format!("program {n}"),
            due: message.due.map(|due| due.as_microsecond()),
            expires: message.expires.map(|expires| expires.as_microsecond()),
            priority: message.priority,
            hashes: Default::default(),
            prepared: Prepared::of(&message.payload).unwrap(),
        };
        enqueue::enqueue(&Transaction::new(&connection, &shared), 0, &[new]).unwrap();
        let (one, two) =
            (stored(&connection, &format!("statement {n}")), stored(&connection, &format!("program {n}")));
        assert_eq!(one, two);
    }
}

#[test]
fn without_a_time_a_message_is_due_when_it_is_enqueued() {
    let connection = tables("switchboard_");
    let before = Timestamp::now().as_microsecond() / 1000 * 1000;
    connection.execute(Enqueue::SQLITE, [Enqueue::new("a", text("x")).row().unwrap()]).unwrap();
    let after = Timestamp::now().as_microsecond();
    let sql = "SELECT created, due FROM switchboard_message JOIN switchboard_ready USING (id)";
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let (created, due): (i64, i64) = connection.query_row(sql, [], read).unwrap();
    assert!((before..=after).contains(&created), "{before} {created} {after}");
    assert_eq!(due, created);
}

#[test]
fn what_is_too_large_is_refused_by_the_statement_as_by_the_program() {
    let connection = tables("switchboard_");
    let frame = Prepared::of(&text("").into()).unwrap().request.len();
    for (bytes, fits) in [(Enqueue::MAX_BYTES - frame, true), (Enqueue::MAX_BYTES - frame + 1, false)] {
        let payload = text(&"x".repeat(bytes));
        assert_eq!(Prepared::of(&payload.clone().into()).is_ok(), fits);
        let row = serde_json::to_string(&Enqueue::new(format!("{bytes}"), payload)).unwrap();
        let inserted = connection.execute(Enqueue::SQLITE, [row]);
        assert_eq!(inserted.is_ok(), fits, "{inserted:?}");
        assert!(
            inserted.is_ok()
                || inserted.unwrap_err().to_string().contains("SB400: text or call has more than 65536")
        );
    }
    for key in ["k".repeat(255), "é".repeat(128)] {
        let fits = key.len() <= Enqueue::MAX_NAME;
        let row = serde_json::to_string(&Enqueue::new(key, text("x"))).unwrap();
        assert_eq!(connection.execute(Enqueue::SQLITE, [row]).is_ok(), fits);
    }
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
