//! What Twilio sends to you: verified, typed, and handled once.
//!
//! [`Verifier`] tells Twilio's requests from those of strangers, and [`Event`] says what they are about.
#![cfg_attr(feature = "axum", doc = "[`Webhooks`] does all of it for an axum application.")]

mod claim;
mod event;
mod params;
#[cfg(feature = "axum")]
mod router;
mod signature;
mod token;
mod verified;

pub use claim::{Answer, Claim, ClaimError, Claims, MemoryClaims, Ticket};
pub use event::*;
pub use params::Params;
#[cfg(feature = "axum")]
pub use router::{AckThen, TwilioWebhook, Webhooks, ack_then};
pub use signature::{Diagnosis, SignatureError, SignedRequest, Spelling, Verifier, hashed_url, sign_form};
pub use token::TokenSource;
pub use verified::{Matched, Verified};
