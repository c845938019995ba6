//! A table of the host that has the name of ours.

use super::*;

/// A table of the host, with a row.
const HOSTS: &str = "\
CREATE TABLE {t}webhook_events (
  id INTEGER PRIMARY KEY, provider TEXT CONSTRAINT webhook_events_provider_check CHECK (provider IN ('stripe')),
  payload TEXT, received_at INTEGER, body TEXT NOT NULL);
INSERT INTO {t}webhook_events VALUES (1, 'stripe', '{}', 1, 'kept')";

async fn refused(database: &Database) -> String {
    run(database, HOSTS).await;
    match WebhookEvents::open(database.clone()).await.unwrap_err() {
        StoreError::ForeignTable { table, advice } => {
            let shown = StoreError::ForeignTable { table, advice: advice.clone() }.to_string();
            assert!(shown.contains(".prefix(..)") && shown.contains(".schema(..)"), "{shown}");
            assert!(shown.contains("webhook_events` is not") && shown.ends_with(&advice), "{shown}");
            assert!(advice.contains("-- give the column body a default"), "{advice}");
            assert!(!advice.contains("ADD COLUMN payload"), "{advice}");
            advice
        }
        other => panic!("{other}"),
    }
}

/// What the error prints makes the table usable, and its rows stay.
async fn used_after(database: &Database, advice: &str) {
    run(database, advice).await;
    let events = WebhookEvents::open(database.clone()).await.unwrap();
    settled(&events, "key").await;
    assert_eq!(claimed(&events, "key", &params()).await, Claim::Settled(answer()));
    assert_eq!(count(database, "webhook_events").await, 2);
}

#[tokio::test]
async fn a_table_of_the_host_is_refused_with_what_to_do() {
    let database: Database = Sqlite::memory().await.unwrap().into();
    let advice = refused(&database).await;
    assert!(
        advice.contains("ALTER TABLE switchboard_webhook_events ADD COLUMN dedupe_key TEXT;"),
        "{advice}"
    );
    // SQLite cannot change a CHECK; a host that has one makes the table again.
    run(&database, "DROP TABLE {t}webhook_events").await;
    let without =
        HOSTS.replace("CONSTRAINT webhook_events_provider_check CHECK (provider IN ('stripe'))", "");
    run(&database, &without).await;
    run(&database, "ALTER TABLE {t}webhook_events DROP COLUMN body").await;
    used_after(&database, &advice).await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn a_table_of_the_host_on_postgres_is_refused_with_what_to_do() {
    let site = Site::new(Kind::Postgres);
    let database = site.database().await;
    let advice = refused(&database).await;
    for part in [
        "ADD COLUMN dedupe_key text;",
        "ALTER COLUMN received_at TYPE bigint",
        "DROP CONSTRAINT IF EXISTS webhook_events_provider_check;",
        "'stripe', 'twilio'))",
    ] {
        assert!(advice.contains(part), "{advice}");
    }
    run(&database, "ALTER TABLE {t}webhook_events ALTER body SET DEFAULT '', ALTER id ADD GENERATED ALWAYS AS IDENTITY (START 2)").await;
    used_after(&database, &advice).await;
    site.end().await;
}
