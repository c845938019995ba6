//! One authenticated exchange over HTTP: time-outs, repeats, and the outcome of the request.
//!
//! It knows requests, answers and errors, but no provider. It is public so that an adapter for another provider can
//! report correct outcomes without implementing the table of outcomes again. Such an adapter needs three things:
//!
//! 1. A [`Transport`]: a pooled client with finite limits, made once by [`Transport::builder`].
//! 2. An [`Exchange`] for each request: an [`ApiRequest`](crate::provider::ApiRequest), the base URL that it stays
//!    under, and the headers that authenticate it.
//! 3. An [`Interpret`]: the provider's name, what its error bodies mean, and where its ids are.
//!
//! What became of the request, whether to repeat it, and whether the caller may, is decided by [`verdict`] alone.
//!
//! ```no_run
//! use http::HeaderMap;
//! use switchboard::provider::{ApiRequest, ApiResponse};
//! use switchboard::transport::{Exchange, Fact, Interpret, Refusal, Transport};
//! use switchboard::{ProviderError, ProviderName};
//! use url::Url;
//!
//! struct Notes;
//!
//! impl Interpret for Notes {
//!     fn provider(&self) -> ProviderName {
//!         ProviderName::of("notes")
//!     }
//!
//!     fn explain(&self, refusal: &Refusal<'_>, error: ProviderError) -> (ProviderError, Fact) {
//!         let full = refusal.body.starts_with(b"full");
//!         // The same note fits once somebody has made room: the caller may send it again, and we do not.
//!         (error.with_message("refused"), Fact { later: full.then_some(true), ..Fact::default() })
//!     }
//! }
//!
//! async fn post(transport: &Transport, base: &Url, auth: HeaderMap) -> Result<ApiResponse, ProviderError> {
//!     let request = ApiRequest::post("/notes").json(["the build is green"]);
//!     transport.exchange(Exchange::new(base, auth, &request, &Notes)?).await
//! }
//! ```

// The mark reads it as `super::atomic`, so that its model test can put loom's in this place.
use std::sync::atomic;

mod attempt;
mod client;
mod download;
mod exchange;
mod handover;
mod mark;
mod path;
mod retry_after;
mod tls;

pub use crate::provider::{Earlier, Fact, Repeat, Seen, Verdict, verdict};
#[cfg(test)]
pub(crate) use attempt::refused;
pub use attempt::{Interpret, Refusal};
pub use client::{Transport, TransportBuilder};
pub(crate) use download::Download as RawDownload;
pub use exchange::{Exchange, RetryEvent, RetryPolicy};
pub(crate) use path::{fill, has_dot_segment};
pub use retry_after::retry_after;
