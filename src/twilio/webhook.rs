//! Webhooks: the requests that Twilio sends to your server. They are verified, read as types, and handled once.
//!
//! Twilio calls a URL of yours when somebody texts or calls, when it needs the next TwiML document of a call, and when
//! the status of a message, a call or a recording changes. Anybody else can call that URL, too, and Twilio itself may call it
//! twice. This is what happens to such a request, in this order.
//!
//! # 1. The signature is verified
//! Twilio signs the URL that it called and the parameters with the auth token of the account. [`Verifier`] checks that. It
//! needs the auth token (an API key cannot verify) and the public URL of your server, because a proxy in front of it usually
//! changes scheme and host. If a request is refused, [`SignatureError`] says what to change. Only a verified
//! request becomes a [`Verified`] value, so a handler that takes one cannot receive anything else.
//!
//! ```
//! use http::{HeaderMap, Method};
//! use switchboard::twilio::webhook::{Event, SignedRequest, Verifier};
//!
//! let verifier = Verifier::new("the auth token").public_url("https://example.com");
//! // In a test, the verifier signs; in production, Twilio does.
//! let form = [("MessageSid", "SM1"), ("MessageStatus", "delivered")];
//! let signature = verifier.sign_form("https://example.com/status", &form);
//!
//! let mut headers = HeaderMap::new();
//! headers.insert("content-type", "application/x-www-form-urlencoded".parse()?);
//! headers.insert("x-twilio-signature", signature.parse()?);
//! let request = SignedRequest {
//!     method: &Method::POST,
//!     url: "/status",
//!     headers: &headers,
//!     body: b"MessageSid=SM1&MessageStatus=delivered",
//! };
//! if let Event::MessageStatusUpdate(update) = verifier.verify(&request)?.into_inner() {
//!     println!("{:?} is {:?}", update.sid, update.status);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Where one server serves many accounts, [`TenantVerifier`] asks a [`TokenSource`], such as a table of a database, for the
//! token of the account that the request names.
//!
//! # 2. The parameters are read
//! [`Params`] holds them as names and values. [`Event`] is the typed form: [`InboundMessage`], [`MessageStatusUpdate`],
//! [`InboundCall`], [`GatherResult`] and so on. Any field may be missing, words that are not known are kept as
//! `Unknown`, and parameters without a field are kept in `extra`, because Twilio adds parameters without notice.
//!
//! # 3. The delivery is claimed
//! [`Claims`] remembers two things. A delivery that was handled is not handled again: a repeated one gets the same
//! answer. And a signature is accepted only with the first content that it came with: Twilio's signature does not cover
//! where the URL, a name or a value ends, so an attacker who has seen a signature could otherwise use it for other
//! requests ([`Verifier`] describes what remains). [`MemoryClaims`] works for one process; several processes need a
//! shared store, as the `WebhookEvents` of the package `switchboard-store`.
//!
//! # 4. The handler runs, and Twilio is answered
//! Twilio waits 15 seconds for TwiML; status reports need an empty 200 or 204. A delivery whose handler failed (4xx,
//! 5xx, a panic) counts as not handled.
#![cfg_attr(
    feature = "axum",
    doc = "",
    doc = "[`Webhooks`] does all four steps for the routes of an axum application, and [`TwilioWebhook`] hands the event to the",
    doc = "handler. For work that takes longer than Twilio waits, [`ack_then`] answers first."
)]
//!
//! # Where to look
//! | task | item |
//! |---|---|
//! | verify a request of any web framework | [`Verifier::verify`], [`TenantVerifier::verify`] |
//! | find out why a request is refused | [`SignatureError`], [`Diagnosis`] |
//! | read a status, whatever the order of the reports | [`MessageStatusUpdate::apply_to`], [`CallStatusUpdate::apply_to`] |
//! | notice that somebody opts out | [`Event::OptedOut`], [`InboundMessage::consent`] |
//! | share claims between processes | `switchboard_store::WebhookEvents`, or the contract of [`Claims`] |
//! | test a handler | [`Verifier::sign_form`], [`hashed_url`], or the fake of `switchboard-testing` |
//!
//! This module only reads requests and sends none. It must not use databases, sessions or resources of the API.

mod claim;
mod event;
pub(in crate::twilio) mod evidence;
mod params;
#[cfg(feature = "axum")]
mod router;
mod signature;

pub use claim::{Answer, Binding, Claim, ClaimError, Claims, MemoryClaims, Ticket, WebhookDelivery};
pub use event::*;
pub use params::Params;
#[cfg(feature = "axum")]
pub use router::{AckThen, AnyVerifier, TwilioWebhook, WebhookEvidence, Webhooks, ack_then};
pub use signature::{
    Diagnosis, Matched, SignatureError, SignedRequest, Spelling, TenantVerifier, TokenError, TokenSource,
    Verified, Verifier, hashed_url, sign_form,
};
