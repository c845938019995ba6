//! What Twilio sends to you: its signatures, its parameters, and the events they are.

mod event;
mod params;
mod signature;

pub use event::*;
pub use params::Params;
pub use signature::{Verifier, sign_form};
