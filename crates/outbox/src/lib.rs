#![doc = include_str!("../README.md")]

mod account;
#[cfg(feature = "campaign")]
pub mod campaign;
mod clock;
mod collect;
mod consent;
mod crash;
mod enqueue;
mod erase;
mod error;
mod events;
mod evidence;
mod hints;
mod keyword;
mod listing;
mod message;
mod outbox;
pub mod policy;
mod preview;
mod reference;
pub mod report;
mod rows;
mod settling;
mod state;
mod table;
mod timing;
mod worker;

#[cfg(test)]
mod tests;

pub use self::account::{Account, AccountError, Accounts};
pub use self::collect::{Collect, CollectPosition, Collected};
pub use self::consent::{Imported, Recorded};
pub use self::enqueue::{Enqueue, Payload, Priority};
pub use self::erase::{Forgotten, Person};
pub use self::error::OutboxError;
pub use self::events::{Events, OutboxEvent};
pub use self::evidence::{Evidenced, IgnoredReferences};
pub use self::listing::{Listing, MessagePage};
pub use self::message::{Counts, Enqueued, Key, Message, MessageId, PausedSender};
pub use self::outbox::Outbox;
pub use self::preview::{NonGsmPreview, Preview, TextPreview};
pub use self::report::Report;
pub use self::settling::IfAbsent;
pub use self::state::{Anomaly, Event, ParkReason, Progress, Settlement, State, Step, Unchanged, step};
pub use self::table::Table;
pub use self::timing::Timing;
pub use self::worker::{Stopped, Worker, WorkerBuilder};
