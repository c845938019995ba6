//! The thread that reads. Each job sees one consistent snapshot of the database.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc::Receiver;
use std::thread::JoinHandle;

use rusqlite::Connection;

use super::builder::SqliteBuilder;
use super::connection;
use super::job::{Order, Queue};
use crate::StoreError;

pub(super) fn start(path: &Path, settings: &SqliteBuilder) -> Result<(Queue, JoinHandle<()>), StoreError> {
    let connection = connection::reader(path, settings)?;
    let (queue, orders) = Queue::new();
    let thread = std::thread::Builder::new().name("switchboard-read".to_owned());
    let thread = thread.spawn(move || run(&connection, &orders)).map_err(|_| StoreError::NoThread)?;
    Ok((queue, thread))
}

fn run(connection: &Connection, orders: &Receiver<Order>) {
    while let Ok(Order::Run(mut job)) = orders.recv() {
        let begun = connection.execute_batch("BEGIN");
        if begun.is_ok() {
            job.run(connection);
            // If this fails, SQLite has already ended the transaction itself.
            drop(connection.execute_batch("ROLLBACK"));
        }
        drop(catch_unwind(AssertUnwindSafe(|| job.answer(begun.err().map(StoreError::from)))));
    }
}
