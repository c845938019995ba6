//! Campaigns: one text to many people.
//!
//! [`Recipients`] reads the list of people, row by row. A row that cannot be used is yielded as [`Rejected`], with its line
//! and the reason, and [`Rejects`] writes it into a file. [`Table`] writes CSV that a spreadsheet does not run.
//!
//! This room knows neither the wire of a provider nor the tables of a database.

mod list;

pub use self::list::{
    ListError, NumberProblem, Recipient, Recipients, RejectReason, Rejected, Rejects, RejectsError, Row, Rows,
};
pub use crate::table::Table;
