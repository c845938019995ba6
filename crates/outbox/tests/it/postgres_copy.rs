//! An old copy of a PostgreSQL database is recognised before it sends again what was sent meanwhile.

use std::time::Duration;

use switchboard::provider::Outgoing;
use switchboard_outbox::{Enqueue, Outbox, OutboxError, Worker};
use switchboard_testing::FakeTwilio;

use crate::postgres::Server;
use crate::setup::{account, quick, text};

/// Copies every table of the schema.
const BACK_UP: &str = "CREATE SCHEMA {b};
DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = '{n}' LOOP
    EXECUTE format('CREATE TABLE {b}.%I AS TABLE {s}.%I', name, name);
  END LOOP;
END $$";
/// Replaces every table of the schema by its copy.
const RESTORE: &str = "DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = '{n}' LOOP
    EXECUTE format('TRUNCATE {s}.%I', name);
    EXECUTE format('INSERT INTO {s}.%I OVERRIDING SYSTEM VALUE TABLE {b}.%I', name, name);
  END LOOP;
END $$;
DROP SCHEMA {b} CASCADE";

async fn work(outbox: &Outbox, fake: &FakeTwilio) -> Worker {
    let mut timing = quick();
    // A time without a worker counts as long, however short it is.
    timing.away = Duration::ZERO;
    outbox.worker(account(fake)).timing(timing).rate(fake.phone_number(), 1e6).spawn().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn a_restored_backup_on_postgres_sends_nothing_again() {
    let (server, fake) = (Server::start().await, FakeTwilio::start().await);
    let name = server.postgres.schema().to_owned();
    let sql = |sql: &str| sql.replace("{n}", &name).replace("{b}", &format!("{name}_backup"));
    let outbox = server.outbox().await;
    let worker = work(&outbox, &fake).await;
    outbox.enqueue("first", text("first")).await.unwrap();
    outbox.drained().await.unwrap();
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
    let to = |n| format!("+1415555{n:04}");
    let messages = (0..20).map(|n| Enqueue::new(format!("k{n}"), Outgoing::text(to(n), format!("text {n}"))));
    outbox.enqueue_all(messages).await.unwrap();
    server.batch(&sql(BACK_UP)).await;
    let worker = work(&outbox, &fake).await;
    outbox.drained().await.unwrap();
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
    assert_eq!(fake.sent().len(), 21);

    server.batch(&sql(RESTORE)).await;
    for _ in 0..2 {
        let outbox = server.outbox().await;
        let error = work(&outbox, &fake).await.ended().await.unwrap_err();
        assert!(matches!(error, OutboxError::AlreadySent { .. }), "{error}");
        assert_eq!(fake.sent().len(), 21);
    }
    server.close().await;
}
