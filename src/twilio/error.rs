//! What Twilio's errors mean.
//!
//! Two shapes of body are read: the classic `{code, message, more_info, status}` and RFC 9457's
//! `{type, title, status, code, detail}`. Whatever the body is, the HTTP status is kept.

mod body;
mod catalogue;
mod scrub;

pub(crate) use body::{Context, interpret};
pub use catalogue::{CatalogueEntry, RetryClass, all, lookup};
