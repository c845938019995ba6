//! A fake of Twilio to test against, and a proxy that breaks connections: no account, no network.
//!
//! [`FakeTwilio`] keeps messages, calls, recordings, numbers, verifications, templates, services, the balance and more
//! as Twilio does, answers in its shapes, refuses with its codes and sends signed status callbacks. All products are
//! served at one URL. Twilio's own clients work with it. Its clock stands still until [`advance`](FakeTwilio::advance)
//! moves it, so a test never sleeps. [`Fault`]s make single requests fail; [`FaultProxy`] breaks the connection itself.
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
//! # Hearing back
//! People text and call too. [`receive_sms`](FakeTwilio::receive_sms) and [`receive`](FakeTwilio::receive) send the
//! signed request that your webhook gets, and do what it answers. [`pick_up`](FakeTwilio::pick_up) and
//! [`call_in`](FakeTwilio::call_in) return a [`Phone`]: it fetches the TwiML, says what was [heard](Phone::heard) and
//! what it [waits for](Phone::waits_for), and goes on when the person presses a key, speaks, records or hangs up. Your
//! program is called over plain http, on this machine or another.
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
//! Deliveries can be repeated and reordered, as in production: [`redeliver`](ReceivedSms::redeliver) delivers a message
//! again, [`repeat_callbacks`](FakeTwilio::repeat_callbacks) and [`shuffle_callbacks`](FakeTwilio::shuffle_callbacks) deliver
//! status callbacks several times and in another order. The connection overrides in the fragment of a URL apply:
//! `#rc=2&rp=5xx&tt=500` tries three times, for half a second each, with the same token.
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
//! The fake does not know the adapter's requests and answers: it reads raw pairs, writes JSON by hand and checks with
//! rules of its own, so that a mistake of the adapter is found. It uses two parts of the adapter: `webhook::sign_form`,
//! which signs what it sends to your program, and `sms::Segmentation`, which counts segments. A mistake in these parts
//! would not be found by the fake, so they are tested with Twilio's own packages (`tests/official`).

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
pub use placed::PlacedCall;
pub use proxy::{FaultProxy, ProxyMode};
pub use received::ReceivedSms;
pub use sender_rates::{SenderQueue, SenderRates};
pub use sent::SentMessage;
