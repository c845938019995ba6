//! The statement for the program's own transactions does what the program's own calls do.

use std::time::Duration;

use jiff::Timestamp;
use switchboard::provider::{Callback, Outgoing, OutgoingCall, Sender, TemplateRef};
use switchboard_outbox::{Enqueue, OutboxError, Priority};

use crate::database::{TestDatabase, on_both};

fn text(text: &str) -> Outgoing {
    Outgoing::text("+14155551234", text).from("+14155550100")
}

async fn stored(database: &TestDatabase, columns: &str, key: &str) -> String {
    let sql = format!(
        "SELECT {columns} FROM {{t}}message AS m JOIN {{t}}queue AS q ON q.id = m.queue_id
         JOIN {{t}}ready AS r ON r.id = m.id WHERE m.key = '{key}'"
    );
    database.text(&sql).await
}

/// Every column of the tables, apart from the ids, the key and the time.
const COLUMNS: &str = "concat_ws('|', m.tenant, q.tenant, q.kind, q.sender, m.recipient, m.priority,
    coalesce(cast(m.weight AS text), '-'), coalesce(m.fingerprint, '-'), coalesce(m.hash, '-'), m.request,
    coalesce(cast(m.expires AS text), '-'), r.queue_id = m.queue_id, r.priority, r.due, r.attempt, r.tries,
    coalesce(r.error, '-'), coalesce(cast(r.waits_for AS text), '-'))";

async fn the_statement_writes_what_the_program_writes(database: &TestDatabase) {
    let outbox = database.outbox().await;
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
        let keys = [format!("statement {n}"), format!("program {n}")];
        let [by_statement, by_program] = keys.clone().map(|key| {
            let mut message = message.clone();
            message.key = key;
            message
        });
        database.enqueue(by_statement.row().unwrap().as_bytes()).await.unwrap();
        outbox.enqueue_all([by_program]).await.unwrap();
        let one = stored(database, COLUMNS, &keys[0]).await;
        let two = stored(database, COLUMNS, &keys[1]).await;
        assert_eq!(one, two);
        assert!(one.contains("|1800003600500000|") && one.contains("|1800000005123456|"), "{one}");
    }
}

async fn without_a_time_a_message_is_due_when_it_is_enqueued(database: &TestDatabase) {
    let outbox = database.outbox().await;
    let before = Timestamp::now().as_microsecond() / 1_000 * 1_000;
    database.enqueue(Enqueue::new("a", text("x")).row().unwrap().as_bytes()).await.unwrap();
    let after = Timestamp::now().as_microsecond();
    let created: i64 = stored(database, "cast(m.created AS text)", "a").await.parse().unwrap();
    assert!((before..=after).contains(&created), "{before} {created} {after}");
    assert_eq!(stored(database, "cast(r.due AS text)", "a").await, created.to_string());
    drop(outbox);
}

async fn what_is_too_large_is_refused_by_the_statement_as_by_the_program(database: &TestDatabase) {
    let outbox = database.outbox().await;
    let frame = serde_json::to_string(&Enqueue::new("", text("")).payload).unwrap().len();
    for (bytes, fits) in [(Enqueue::MAX_BYTES - frame, true), (Enqueue::MAX_BYTES - frame + 1, false)] {
        let message = |key: &str| Enqueue::new(format!("{key} {bytes}"), text(&"x".repeat(bytes)));
        let by_program = outbox.enqueue_all([message("program")]).await;
        assert!(if fits { by_program.is_ok() } else { matches!(by_program, Err(OutboxError::Invalid(_))) });
        let row = serde_json::to_string(&message("statement")).unwrap();
        match database.enqueue(row.as_bytes()).await {
            Ok(()) => assert!(fits),
            Err(told) => {
                assert!(!fits && told.contains("SB400: text or call has more than 65536"), "{told}");
            }
        }
    }
    for key in ["k".repeat(255), "é".repeat(128)] {
        let fits = key.len() <= Enqueue::MAX_NAME;
        let row = serde_json::to_string(&Enqueue::new(key, text("x"))).unwrap();
        assert_eq!(database.enqueue(row.as_bytes()).await.is_ok(), fits);
    }
}

async fn a_taken_key_fails_the_statement_and_the_same_message_changes_nothing(database: &TestDatabase) {
    let outbox = database.outbox().await;
    let row = |body: &str| Enqueue::new("invoice/7", text(body)).row().unwrap();
    for _ in 0..2 {
        database.enqueue(row("x").as_bytes()).await.unwrap();
    }
    let told = database.enqueue(row("hush-hush").as_bytes()).await.unwrap_err();
    assert!(told.contains("SB409: the key is taken by another message"), "{told}");
    assert!(!told.contains("hush"), "{told}");
    assert_eq!(outbox.counts().await.unwrap().ready, 1);
}

on_both! {
    the_statement_writes_what_the_program_writes,
    without_a_time_a_message_is_due_when_it_is_enqueued,
    what_is_too_large_is_refused_by_the_statement_as_by_the_program,
    a_taken_key_fails_the_statement_and_the_same_message_changes_nothing,
}
