//! Faults: errors that a test injects.

use std::collections::VecDeque;

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
    draws: u64,
}

impl Faults {
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
        let draws = &mut self.draws;
        let chosen = self.rates.iter().find(|(_, per_cent)| {
            *draws += 1;
            mix(*draws) % 100 < u64::from(*per_cent)
        });
        chosen.map(|(fault, _)| fault.clone())
    }
}

/// Returns the answer of a fault that is applied before the request is carried out.
pub(super) fn instead(fault: &Fault) -> Option<FakeReply> {
    match fault {
        Fault::TooManyRequests { retry_after } => {
            let status = StatusCode::TOO_MANY_REQUESTS;
            let reply = Refusal::new(status, 20429, "Too Many Requests").reply();
            Some(match retry_after {
                Some(wait) => reply.with_header(header::RETRY_AFTER, &wait.as_secs().to_string()),
                None => reply,
            })
        }
        Fault::ServerError { status } => Some(html(*status)),
        Fault::Code { status, code } => Some(
            Refusal::new(status_of(*status), *code, format!("Error {code}, as the test request for")).reply(),
        ),
        _ => None,
    }
}

/// Applies a fault to the answer of a request that was carried out.
pub(super) fn alter(fault: Fault, mut reply: FakeReply) -> FakeReply {
    match fault {
        Fault::ServerErrorAfter { status } => html(status),
        Fault::MalformedJson => {
            reply.body = ReplyBody::from("{\"sid\": nothing}");
            reply
        }
        Fault::TruncatedJson => {
            let mut bytes = reply.body.into_bytes();
            bytes.truncate(bytes.len() / 2);
            reply.body = ReplyBody::Whole(bytes);
            reply
        }
        Fault::Slow(wait) => {
            reply.delay = wait;
            reply
        }
        _ => reply,
    }
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
    fn a_rate_strikes_about_as_often_as_it_says_and_the_same_in_every_run() {
        let strikes = || {
            let mut faults = Faults::default();
            faults.set_rate(Fault::status(503), 30);
            (0..1000).map(|_| faults.draw().is_some()).collect::<Vec<_>>()
        };
        let first = strikes();
        assert_eq!(first, strikes());
        assert!((250..350).contains(&first.iter().filter(|chosen| **chosen).count()));
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
