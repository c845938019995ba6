//! A clock that jumps forward and back: that of the machine, or that of the PostgreSQL database.

use std::fmt;
use std::sync::atomic::Ordering;
use std::time::Duration;

use switchboard_store::{Connection, expand_schema};

use super::database::TestDatabase;
use crate::clock::SHIFT;

/// By how much the clock of the schema is wrong.
const TABLE: &str = "CREATE TABLE {s}.clock_shift AS SELECT 0::bigint AS micros;
CREATE OR REPLACE FUNCTION {s}.clock() RETURNS bigint LANGUAGE sql VOLATILE AS
$$ SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint + micros FROM {s}.clock_shift $$";
const SHIFT_BY: &str = "UPDATE {s}.clock_shift SET micros = $1";

pub(super) struct JumpingClock {
    /// The database whose clock it is; `None`: the machine's.
    database: Option<(Connection, String)>,
    shift: i64,
    /// The furthest that it was ahead.
    furthest: i64,
    forward: u32,
    back: u32,
}

impl JumpingClock {
    pub(super) async fn of(database: &TestDatabase) -> Self {
        let database = match database {
            TestDatabase::Sqlite(_) => None,
            TestDatabase::Postgres(postgres) => {
                let connection = postgres.connection().await.unwrap();
                connection.batch(&expand_schema(TABLE, postgres.schema())).await.unwrap();
                Some((connection, expand_schema(SHIFT_BY, postgres.schema())))
            }
        };
        Self { database, shift: 0, furthest: 0, forward: 0, back: 0 }
    }

    /// Jumps from where it is. It never goes back further than the outbox tolerates.
    pub(super) async fn jump(&mut self, by: Duration, forward: bool) {
        let by = i64::try_from(by.as_micros()).unwrap();
        let forward = forward || self.shift - by < self.furthest - 2 * by;
        self.shift += if forward { by } else { -by };
        self.furthest = self.furthest.max(self.shift);
        (self.forward, self.back) = (self.forward + u32::from(forward), self.back + u32::from(!forward));
        match &self.database {
            Some((connection, sql)) => assert_eq!(connection.execute(sql, &[&self.shift]).await.unwrap(), 1),
            None => SHIFT.store(self.shift, Ordering::SeqCst),
        }
    }
}

impl fmt::Display for JumpingClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the clock jumped forward {} times and back {} times", self.forward, self.back)
    }
}
