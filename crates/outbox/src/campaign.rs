//! Campaigns: one text, or one call, to many people.
//!
//! [`Outbox::campaign`](crate::Outbox::campaign) names a [`Campaign`]. A [`Draft`] of it says what is sent, a [`CampaignPlan`] what
//! that would cost, and an [`Import`] enqueues a message for each row of a list. The campaign can be watched, paused and stopped by
//! its name at any time.
//!
//! [`Recipients`] reads the list of people, row by row. A row that cannot be used is yielded as [`Rejected`], with its line
//! and the reason, and [`Rejects`] writes it into a file. [`Table`] writes CSV that a spreadsheet does not run.
//!
//! This room knows neither the wire of a provider nor the tables of a database.

mod deliveries;
mod draft;
mod error;
mod fill;
mod handle;
mod import;
mod list;
mod plan;
mod progress;
mod read;

pub use self::deliveries::{Deliveries, DeliveryChart};
pub use self::draft::Draft;
pub use self::error::CampaignError;
pub use self::handle::Campaign;
pub use self::import::{Import, Imported};
pub use self::list::{
    ListError, NumberProblem, Recipient, Recipients, RejectReason, Rejected, Rejects, RejectsError, Row, Rows,
};
pub use self::plan::{CampaignPlan, Longest};
pub use self::progress::{CampaignProgress, CampaignStatus, Watch};
pub use crate::table::Table;
