//! Collects the messages of callers that enqueue at the same time, so that they share a transaction and its wait for the
//! disk.

use std::sync::Arc;
use std::time::Duration;

use switchboard_store::{Connection, Postgres, Session, StoreError};
use tokio::sync::{Mutex, mpsc, oneshot};

use super::column::get;
use super::enqueue::{Answers, Batch, enqueue};
use super::work::Shared;
use crate::clock::Clock;
use crate::error::OutboxError;
use crate::rows::{Each, NewMessage};
use crate::timing::Micros;

/// The number of connections. While one waits for the disk, the other inserts.
const LANES: usize = 2;
/// A transaction takes no more callers after this number of messages.
const MOST: usize = 1_000;

/// How old the time that the database told may be.
const FOLLOW: Duration = Duration::from_secs(1);

type Answer = oneshot::Sender<Result<Vec<Each>, OutboxError>>;

/// Hands messages to the tasks that insert them. The tasks end when it is dropped.
#[derive(Debug)]
pub(super) struct Batcher(mpsc::UnboundedSender<(Batch, Answer)>);

impl Batcher {
    /// Starts the tasks on the current runtime.
    pub(super) fn start(postgres: &Postgres, shared: &Arc<Shared>, clock: &Clock) -> Self {
        let (sender, callers) = mpsc::unbounded_channel();
        let callers = Arc::new(Mutex::new(callers));
        for _ in 0..LANES {
            let lane = Lane {
                callers: Arc::clone(&callers),
                session: postgres.session(),
                shared: Arc::clone(shared),
                clock: clock.clone(),
            };
            tokio::spawn(lane.run());
        }
        Self(sender)
    }

    /// Inserts messages, and returns after the commit. If the future is dropped, they are inserted nevertheless.
    pub(super) async fn enqueue(&self, at: Micros, new: Vec<NewMessage>) -> Result<Vec<Each>, OutboxError> {
        let (answer, answered) = oneshot::channel();
        self.0
            .send((Batch { at, new: new.into(), campaign: None }, answer))
            .map_err(|_| StoreError::Stopped)?;
        answered.await.unwrap_or_else(|_| Err(StoreError::Stopped.into()))
    }
}

/// A task with a connection.
struct Lane {
    callers: Arc<Mutex<mpsc::UnboundedReceiver<(Batch, Answer)>>>,
    session: Session,
    shared: Arc<Shared>,
    clock: Clock,
}

impl Lane {
    async fn run(self) {
        while let Some((batches, answers)) = self.next().await {
            for (answer, told) in answers.into_iter().zip(self.insert(batches).await) {
                // A caller that is gone does not need the answer.
                drop(answer.send(told));
            }
        }
    }

    /// Waits for a caller, and takes those that wait with it.
    async fn next(&self) -> Option<(Vec<Batch>, Vec<Answer>)> {
        let mut callers = self.callers.lock().await;
        let mut taken = vec![callers.recv().await?];
        let mut messages = taken.iter().map(|(batch, _)| batch.new.len()).sum::<usize>();
        while messages < MOST
            && let Ok(next) = callers.try_recv()
        {
            messages += next.0.new.len();
            taken.push(next);
        }
        Some(taken.into_iter().unzip())
    }

    async fn insert(&self, batches: Vec<Batch>) -> Answers {
        match self.transaction(&batches).await {
            Ok(answers) => answers,
            Err(
                error @ OutboxError::Store(StoreError::ConnectionLost | StoreError::CannotConnect { .. }),
            ) => batches.iter().map(|_| Err(again(&error))).collect(),
            // The messages of one caller may be the reason, or a key that another transaction holds.
            Err(_) if batches.len() > 1 => {
                let mut answers = Answers::new();
                for batch in batches {
                    answers.push(self.alone(batch).await);
                }
                answers
            }
            Err(error) => vec![Err(error)],
        }
    }

    async fn alone(&self, batch: Batch) -> Result<Vec<Each>, OutboxError> {
        self.transaction(&[batch]).await?.pop().unwrap_or_else(|| Err(StoreError::Stopped.into()))
    }

    async fn transaction(&self, batches: &[Batch]) -> Result<Answers, OutboxError> {
        let mut connection = self.session.acquire().await?;
        let connection: &mut Connection = &mut connection;
        let answers = enqueue(connection, &self.shared, batches).await?;
        self.session.postgres().note_commit();
        self.follow(connection).await;
        Ok(answers)
    }
}

impl Lane {
    /// Asks the database for its time now and then, because a process that only enqueues has no worker that does.
    async fn follow(&self, connection: &Connection) {
        if self.clock.was_followed_within(FOLLOW) {
            return;
        }
        if let Ok(row) = connection.one(&self.shared.sql.clock, &[]).await
            && let Ok(at) = get(&row, 0)
        {
            self.clock.follow(at);
        }
    }
}

/// The same error for another caller.
fn again(error: &OutboxError) -> OutboxError {
    match error {
        OutboxError::Store(error) => OutboxError::Store(error.clone()),
        _ => OutboxError::Store(StoreError::Stopped),
    }
}
