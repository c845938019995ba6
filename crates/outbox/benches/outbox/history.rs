//! A report of messages that were delivered, in a process of its own.

use std::time::Instant;

use switchboard_outbox::Outbox;
use switchboard_outbox::report::ReportOptions;
use switchboard_store::{Database, expand, expand_schema};

use crate::child::{self, Child};
use crate::plan::Plan;
use crate::report::{Target, line};
use crate::{import, machine};

/// Nine of ten are delivered, after 0 to 8 seconds. All are priced.
const DELIVER: &str = "INSERT INTO {t}outcome (id, at, state, attempt, no_repeat, accepted, sid, status, segments,
  marked, done, price, currency) SELECT id, created, 'accepted', 1, FALSE, 1, 'SM' || id,
  CASE id % 10 WHEN 0 THEN 'undelivered' ELSE 'delivered' END, 1, created, created + 1000000 * (id % 9), '0.0079', 'USD'
  FROM {t}message; DELETE FROM {t}ready";

pub(crate) async fn report(plan: &Plan) {
    let mut peaks = Vec::new();
    for rows in [plan.ready / 10, plan.ready] {
        let place = plan.databases.place("report");
        let outbox = place.open().await;
        import::all(&outbox, 0, rows, import::BATCH).await;
        deliver(&outbox).await;
        outbox.store().close().await;
        drop(outbox);
        let mut child = Child::start(child::REPORT, place.address(), "", rows, 0);
        let figures = tokio::task::spawn_blocking(move || {
            let figures = [(); 2].map(|()| child.answer());
            child.wait();
            figures
        });
        let [seconds, peak] = figures.await.unwrap();
        line(plan, "report", &format!("{rows} messages"), seconds, "s", &Target::None);
        line(plan, "report", &format!("{rows} messages, peak"), peak, "MiB", &Target::AtMost(64.0));
        peaks.push(peak);
        place.remove().await;
    }
    line(plan, "report", "peak, ten times the messages", peaks[1] / peaks[0], "×", &Target::AtMost(1.1));
}

async fn deliver(outbox: &Outbox) {
    match outbox.store() {
        Database::Sqlite(sqlite) => {
            let sql = expand(&DELIVER.replace("{t}", "{p}"), sqlite.prefix());
            let job = move |connection: &rusqlite::Connection| {
                connection.execute_batch(&sql)?;
                Ok::<_, switchboard_store::StoreError>(())
            };
            sqlite.write(job).await.expect("the messages are delivered");
        }
        Database::Postgres(postgres) => {
            let sql = expand_schema(&DELIVER.replace("{t}", "{s}."), postgres.schema());
            let connection = postgres.connection().await.expect("the server answers");
            connection.batch(&sql).await.expect("the messages are delivered");
            connection.batch("ANALYZE").await.expect("the server counts");
        }
        _ => panic!("there are two databases"),
    }
}

/// Makes a report, and returns its seconds and the peak memory in MiB.
pub(crate) async fn measured(outbox: Outbox, rows: u64) -> [f64; 2] {
    let begun = Instant::now();
    let report = outbox.report(&ReportOptions::new()).await.expect("the messages are read");
    let seconds = begun.elapsed().as_secs_f64();
    assert_eq!(report.total.cost.priced, rows);
    [seconds, machine::peak_memory().unwrap_or(f64::NAN)]
}
