//! One authenticated exchange over HTTP: time-outs, repeats, and the truth about what became of a request.
//!
//! It knows requests, answers and errors, and no provider: what an error body means it asks an [`Interpret`].

mod client;
mod download;
mod exchange;
mod form;
mod noted;
mod outcome;
mod path;
mod retry;
mod tls;

pub(crate) use client::{Transport, TransportSettings};
pub(crate) use download::Download as RawDownload;
pub(crate) use exchange::{Exchange, Interpret, Refusal};
pub(crate) use form::Form;
pub(crate) use outcome::{refusal, retry_after};
pub(crate) use path::fill;
pub use retry::{RetryEvent, RetryPolicy};
