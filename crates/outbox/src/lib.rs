//! Durable sending: texts and calls that survive a crash, go out once, and are forgotten by nobody.

#![allow(dead_code, reason = "the worker, which uses it, comes next")]

mod enqueue;
mod error;
pub(crate) mod rows;
mod state;
mod timing;
mod worker;

pub use self::enqueue::{Enqueue, Payload, Priority};
pub use self::error::OutboxError;
pub use self::state::{Anomaly, Event, ParkReason, Progress, Settlement, State, Step, Unchanged, step};
pub use self::timing::Timing;
