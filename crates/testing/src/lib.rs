//! A fake of Twilio for tests, and a proxy that breaks connections. Neither needs an account or the internet.
//!
//! [`FakeTwilio`] is a server with messages, calls, recordings, numbers, verifications, templates, services, a balance and
//! more. Its answers have Twilio's JSON and Twilio's error codes, and it sends signed status callbacks. All products have
//! one base URL, and Twilio's own clients work with it. Its clock moves only by [`advance`](FakeTwilio::advance), so that a
//! test never has to sleep. A [`Fault`] makes a single request fail; a [`FaultProxy`] breaks connections.
//!
//! ```
//! # async fn demo() {
//! use switchboard_testing::{FakeTwilio, Fault};
//!
//! let twilio = FakeTwilio::start().await;
//! twilio.fail_next(Fault::status(503));
//! // … send something to `twilio.url()` …
//! assert!(twilio.sent().is_empty());
//! # }
//! ```
//!
//! # Incoming messages and calls
//! [`receive_sms`](FakeTwilio::receive_sms) and [`receive`](FakeTwilio::receive) send the signed request of an incoming
//! message to your webhook, and carry out its answer. [`pick_up`](FakeTwilio::pick_up) and [`call_in`](FakeTwilio::call_in)
//! return a [`Phone`]. It requests the TwiML, returns what the person [heard](Phone::heard) and what the call [waits
//! for](Phone::waits_for), and goes on when the person presses a key, speaks, records or hangs up. The requests to your
//! program use plain http.
//!
//! ```
//! # use tokio::io::{AsyncReadExt, AsyncWriteExt};
//! # async fn ivr() -> String {
//! #     let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
//! #     let url = format!("http://{}", listener.local_addr().unwrap());
//! #     tokio::spawn(async move {
//! #         loop {
//! #             let (mut stream, _) = listener.accept().await.unwrap();
//! #             let mut read = vec![0; 4096];
//! #             let length = stream.read(&mut read).await.unwrap();
//! #             let inner = if read[..length].starts_with(b"POST /voice") {
//! #                 "<Gather action='/choice' numDigits='1'><Say>Press 1 for sales.</Say></Gather>"
//! #             } else {
//! #                 "<Dial>+14155557777</Dial><Say>Goodbye.</Say>"
//! #             };
//! #             let body = format!("<Response>{inner}</Response>");
//! #             let head = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nConnection: close\r\nContent-Length:";
//! #             stream.write_all(format!("{head} {}\r\n\r\n{body}", body.len()).as_bytes()).await.unwrap();
//! #         }
//! #     });
//! #     url
//! # }
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! use switchboard_testing::FakeTwilio;
//!
//! let your_program = ivr().await; // http://127.0.0.1:3000
//! let twilio = FakeTwilio::start().await;
//! twilio.set_voice_url(&format!("{your_program}/voice"));
//!
//! let phone = twilio.call_in("+14155551234").await;
//! assert_eq!(phone.said(), ["Press 1 for sales."]);
//! phone.press("1").await;
//! phone.dialed("no-answer").await;
//! assert_eq!(phone.said(), ["Press 1 for sales.", "Goodbye."]);
//! assert_eq!((phone.status().as_str(), phone.error()), ("completed", None));
//! # }
//! ```
//!
//! As in production, requests to your program can be repeated and come in another order:
//! [`redeliver`](ReceivedSms::redeliver) delivers a message again, [`repeat_callbacks`](FakeTwilio::repeat_callbacks) sends
//! each status callback several times, [`shuffle_callbacks`](FakeTwilio::shuffle_callbacks) changes their order,
//! [`lose_callbacks`](FakeTwilio::lose_callbacks) loses some, and [`call_back_early`](FakeTwilio::call_back_early) sends the
//! first one before the request is answered. Connection overrides in the fragment of a URL apply: with `#rc=2&rp=5xx&tt=500` there are three attempts of half a second each.
//!
//! # Senders with a rate
//! Messages do not wait for each other unless the fake has [`SenderRates`]: then each number and each messaging service sends
//! at its rate, in order, and its queue can be full.
//!
//! # Without HTTP
//! [`FakeEngine`] has the same rules as a plain value, without server, runtime or threads: a simulation hands in requests,
//! moves the clock, and takes out the status callbacks. The same seed gives the same run.
//!
//! # What it shares with the adapter
//! The fake does not use the request and response types of the adapter: it reads raw pairs, writes JSON by hand and has
//! checks of its own, so that tests with it find mistakes of the adapter. It uses two functions of the adapter:
//! `webhook::sign_form` signs the requests to your program, and `sms::Segmentation` counts segments. Tests with the fake
//! cannot find mistakes in these two, so they are tested against Twilio's own packages (`tests/official`).

mod callback_faults;
mod clients;
mod connection_overrides;
pub mod contract;
mod delivery;
mod documents;
mod engine;
mod fake;
mod fake_engine;
mod fault;
mod heard;
mod inbound;
mod phone;
mod placed;
mod proxy;
mod received;
mod sender_rates;
mod sent;
mod server;
mod webhook_client;

pub use delivery::DeliveredCallback;
pub use fake::{FakeTwilio, FakeTwilioBuilder};
pub use fake_engine::{ConnectionClosed, EngineReply, FakeEngine, StatusCallback};
pub use fault::Fault;
pub use heard::{Heard, WaitsFor};
pub use inbound::{InboundCall, InboundSms};
pub use phone::Phone;
pub use placed::{PickedUpBy, PlacedCall};
pub use proxy::{FaultProxy, ProxyMode};
pub use received::ReceivedSms;
pub use sender_rates::{SenderQueue, SenderRates};
pub use sent::SentMessage;
