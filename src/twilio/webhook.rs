//! What Twilio sends to you: signatures now; events and a router come with the webhook issue.

mod signature;

pub use signature::{Verifier, sign_form};
