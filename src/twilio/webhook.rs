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

pub use claim::{Answer, Binding, Claim, ClaimError, Claims, MemoryClaims, Ticket};
pub use event::*;
pub use params::Params;
#[cfg(feature = "axum")]
pub use router::{AckThen, AnyVerifier, TwilioWebhook, Webhooks, ack_then};
pub use signature::{
    Diagnosis, Matched, SignatureError, SignedRequest, Spelling, TenantVerifier, TokenError, TokenSource,
    Verified, Verifier, hashed_url, sign_form,
};
