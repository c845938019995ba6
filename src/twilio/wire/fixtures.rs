//! A request of each kind of parameter, for the tests of how requests are written and stored.

#![expect(unreachable_pub, reason = "the macro makes public types, which the tests keep to themselves")]

use jiff::Timestamp;

use super::{Pairs, request};
use crate::phone::Address;
use crate::sms::Text;

request! {
    /// A sample.
    Sample {
        /// Whom it is for.
        to: Address = "To",
        /// Where it is reported.
        status_callback: Option<Text> = "StatusCallback",
        /// How long.
        validity_period as valid_for: Option<u32> = "ValidityPeriod",
        /// When.
        send_at: Option<Timestamp> = "SendAt",
        /// Pictures.
        media_url: Vec<Text> = "MediaUrl",
        /// Notes.
        tags as tag: Pairs = "Tags",
    }
    apart {
        /// Which way.
        kind: String,
    }
}

/// A sample with every parameter set.
pub(super) fn full() -> Sample {
    let at = "2026-01-05T10:00:00.25Z".parse().unwrap();
    let sample = Sample { to: "+1415".into(), kind: "x".into(), ..Sample::default() };
    sample
        .status_callback("https://e.com")
        .valid_for(60)
        .send_at(at)
        .media_url("a")
        .media_url("b")
        .tag("k", "v")
}
