//! Which requests get a fault, and what it does to the answer.

use std::collections::VecDeque;
use std::time::Duration;

use http::{StatusCode, header};

use super::error::Refusal;
use super::sid::mix;
use super::wire::{FakeReply, ReplyBody};
use crate::fault::Fault;

const HTML: &str = "<html><head><title>Bad gateway</title></head><body>upstream failed</body></html>";

/// The faults that are still to be applied.
#[derive(Debug, Default)]
pub(super) struct Faults {
    next: VecDeque<Fault>,
    rates: Vec<(Fault, u8)>,
    /// The seed of the random numbers that decide which requests a rate applies to.
    seed: u64,
    /// How many random numbers were drawn.
    draws: u64,
}

impl Faults {
    pub(super) fn seeded(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }

    pub(super) fn add_next(&mut self, fault: Fault) {
        self.next.push_back(fault);
    }

    pub(super) fn set_rate(&mut self, fault: Fault, per_cent: u8) {
        self.rates.retain(|(known, _)| *known != fault);
        if per_cent > 0 {
            self.rates.push((fault, per_cent));
        }
    }

    /// Returns the fault of the next request, if it gets one.
    pub(super) fn draw(&mut self) -> Option<Fault> {
        if let Some(fault) = self.next.pop_front() {
            return Some(fault);
        }
        let (seed, draws) = (self.seed, &mut self.draws);
        let chosen = self.rates.iter().find(|(_, per_cent)| {
            *draws += 1;
            mix(seed ^ mix(*draws)) % 100 < u64::from(*per_cent)
        });
        chosen.map(|(fault, _)| fault.clone())
    }
}

/// When a request with a fault is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CarriedOut {
    Never,
    BeforeAnswer,
    Later(Duration),
}

impl CarriedOut {
    pub(super) const fn with(fault: &Fault) -> Self {
        match fault {
            Fault::TooManyRequests { .. } | Fault::ServerError { .. } | Fault::Code { .. } | Fault::Cut => {
                Self::Never
            }
            Fault::ServerErrorAfter { .. }
            | Fault::MalformedJson
            | Fault::TruncatedJson
            | Fault::Slow(_)
            | Fault::CutAfter => Self::BeforeAnswer,
            Fault::ServerErrorLate { delay, .. } | Fault::CutLate { delay } => Self::Later(*delay),
        }
    }
}

/// Returns the answer to a request with a fault; `None` where the connection is closed without one.
///
/// `reply` is the answer without the fault, if the request was carried out.
pub(super) fn answer(fault: Fault, reply: Option<FakeReply>) -> Option<FakeReply> {
    match fault {
        Fault::TooManyRequests { retry_after } => Some(too_many_requests(retry_after)),
        Fault::ServerError { status }
        | Fault::ServerErrorAfter { status }
        | Fault::ServerErrorLate { status, .. } => Some(html(status)),
        Fault::Code { status, code } => {
            let message = format!("Error {code}, injected by the test");
            Some(Refusal::new(status_of(status), code, message).reply())
        }
        Fault::Cut | Fault::CutAfter | Fault::CutLate { .. } => None,
        Fault::MalformedJson => {
            reply.map(|reply| FakeReply { body: ReplyBody::from("{\"sid\": nothing}"), ..reply })
        }
        Fault::TruncatedJson => reply.map(truncated),
        Fault::Slow(delay) => reply.map(|reply| FakeReply { delay, ..reply }),
    }
}

fn too_many_requests(retry_after: Option<Duration>) -> FakeReply {
    let reply = Refusal::new(StatusCode::TOO_MANY_REQUESTS, 20429, "Too Many Requests").reply();
    match retry_after {
        Some(wait) => reply.with_header(header::RETRY_AFTER, &wait.as_secs().to_string()),
        None => reply,
    }
}

fn truncated(reply: FakeReply) -> FakeReply {
    let mut bytes = reply.body.into_bytes();
    bytes.truncate(bytes.len() / 2);
    FakeReply { body: ReplyBody::Whole(bytes), ..reply }
}

fn html(status: u16) -> FakeReply {
    FakeReply::empty(status_of(status)).with_body("text/html; charset=utf-8", HTML)
}

fn status_of(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_applies_to_its_share_of_the_requests_and_to_the_same_ones_for_one_seed() {
        let chosen = |seed| {
            let mut faults = Faults::seeded(seed);
            faults.set_rate(Fault::status(503), 30);
            (0..1000).map(|_| faults.draw().is_some()).collect::<Vec<_>>()
        };
        for seed in [0, 1, u64::MAX] {
            let first = chosen(seed);
            assert_eq!(first, chosen(seed));
            assert!((250..350).contains(&first.iter().filter(|chosen| **chosen).count()));
        }
        assert_ne!(chosen(0), chosen(1));
    }

    #[test]
    fn the_next_faults_go_first_and_a_rate_can_be_taken_back() {
        let mut faults = Faults::default();
        faults.set_rate(Fault::status(500), 100);
        faults.add_next(Fault::MalformedJson);
        assert_eq!(faults.draw(), Some(Fault::MalformedJson));
        assert_eq!(faults.draw(), Some(Fault::status(500)));
        faults.set_rate(Fault::status(500), 0);
        assert_eq!(faults.draw(), None);
    }
}
