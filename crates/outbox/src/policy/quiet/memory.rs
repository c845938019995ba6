//! Answers that stay the same for a while, so that a batch of messages costs one search for each place.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use switchboard::provider::SendKind;

use super::{Opening, zone};

/// The place of the number, the kind of message, and the zone if it is not one of the place's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Question {
    pub(super) place: Where,
    pub(super) kind: SendKind,
    pub(super) zone: ZoneOf,
}

/// What the address tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Where {
    /// A number with a place.
    Place(u16),
    /// A number of no country.
    Nowhere,
    /// No number.
    NoNumber,
}

/// Whose clock counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum ZoneOf {
    /// Those of all zones of the place.
    Place,
    /// That of the assumed zone.
    Assumed,
    /// That of the zone the caller named.
    Named(u32),
}

/// An answer, and the instants for which it is the same.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) from: Timestamp,
    /// The last one.
    pub(super) to: Timestamp,
    pub(super) opening: Opening,
}

/// Beyond this, everything is forgotten and begins again: there are some 400 places and 600 zones.
const MOST_ANSWERS: usize = 8_192;
const MOST_ZONES: usize = 1_024;

#[derive(Debug, Default)]
pub(super) struct Memory(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    answers: HashMap<Question, Arc<Answer>>,
    names: HashMap<Box<str>, (u32, TimeZone)>,
    last_id: u32,
}

/// A copy starts empty: it may be changed.
impl Clone for Memory {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Memory {
    pub(super) fn get(&self, question: Question, at: Timestamp) -> Option<Arc<Answer>> {
        let known = self.known();
        let answer = known.answers.get(&question)?;
        (answer.from <= at && at <= answer.to).then(|| Arc::clone(answer))
    }

    pub(super) fn put(&self, question: Question, answer: Answer) -> Arc<Answer> {
        let answer = Arc::new(answer);
        let mut known = self.known();
        if known.answers.len() >= MOST_ANSWERS {
            known.answers.clear();
        }
        known.answers.insert(question, Arc::clone(&answer));
        answer
    }

    /// Returns a zone that the caller named, with a number that stands for it, or `None` if there is no such zone.
    pub(super) fn zone(&self, name: &str) -> Option<(u32, TimeZone)> {
        if let Some((id, zone)) = self.known().names.get(name) {
            return Some((*id, zone.clone()));
        }
        let zone = zone::load(name)?;
        let mut known = self.known();
        if known.names.len() >= MOST_ZONES {
            known.names.clear();
        }
        // Never used again for another zone, because answers may still be stored under it.
        let id = known.last_id.wrapping_add(1);
        known.last_id = id;
        known.names.insert(name.into(), (id, zone.clone()));
        Some((id, zone))
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
