//! Hears Twilio's webhooks behind a tunnel: verifies, shows and forwards each, and answers Twilio with what the target says.
//!
//! The server listens on loopback only. A tunnel of the user's own makes it public, and Twilio signs the public URL.
//!
//! # What the target must know
//! A webhook is passed on as it came: method, body, and all headers except those of the connection, so
//! `X-Twilio-Signature` and `I-Twilio-Idempotency-Token` arrive. A target that verifies signatures itself needs the auth
//! token of the account, and the URL that Twilio signed, which is the public one. That URL stands in `X-Original-Url`, and its
//! parts in `X-Forwarded-Proto` and `X-Forwarded-Host`. `Host` is the target's own.
//!
//! The path behind the public URL is appended to that of the target: with `https://example.ngrok.app/dev` as the public URL
//! and `http://localhost:3000/twilio` as the target, `/dev/voice/menu?step=2` goes to `/twilio/voice/menu?step=2`.
//!
//! A WebSocket, as of a media stream, is not passed on: Twilio gets what the target answers to a plain request.
//!
//! # Numbers that are configured for it
//! [`configure`] points a number to the public URL, and back at the end. What the number had before is written to a
//! [`journal`] first, and put back by any later start if this process had no time to.

pub(crate) mod configure;
pub(crate) mod fake;
mod forward;
pub(crate) mod journal;
mod lock;
mod server;
mod webhook;

pub(crate) use forward::{Received, Target};
pub(crate) use server::{Listener, Settings};
pub(crate) use webhook::Shown;
