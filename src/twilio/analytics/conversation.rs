//! Response times: who answered whom, and after how long.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher as _, RandomState};

use jiff::Timestamp;

use super::times::Times;

/// Follows the conversations of pairs of numbers, from the newest message back to the oldest.
///
/// Of each pair it keeps only the message that comes after the one that is read next: so the other side's next message after
/// this one, if there is none of the same side in between.
#[derive(Debug)]
pub(super) struct Conversations {
    next: HashMap<u64, Step>,
    hasher: RandomState,
    most: usize,
    pub(super) not_followed: u64,
    /// From a message of the account to the person's answer.
    pub(super) answers: Times,
    /// From a message of the person to the account's reply.
    pub(super) replies: Times,
}

#[derive(Debug)]
struct Step {
    by_person: bool,
    second: i64,
}

impl Conversations {
    pub(super) fn new(most: usize) -> Self {
        Self {
            next: HashMap::new(),
            hasher: RandomState::new(),
            most,
            not_followed: 0,
            answers: Times::default(),
            replies: Times::default(),
        }
    }

    /// Takes the message before those that were taken already.
    pub(super) fn add(&mut self, ours: &str, person: &str, by_person: bool, at: Timestamp) {
        let pair = self.hasher.hash_one((ours, person));
        let step = Step { by_person, second: at.as_second() };
        let full = self.next.len() >= self.most;
        match self.next.entry(pair) {
            Entry::Vacant(_) if full => self.not_followed += 1,
            Entry::Vacant(vacant) => {
                vacant.insert(step);
            }
            Entry::Occupied(mut next) => {
                let later = next.get();
                // A scheduled message was made before what was received meanwhile, and is sent after it.
                let gap = u64::try_from(later.second - step.second).ok();
                if let Some(gap) = gap.filter(|_| later.by_person != by_person) {
                    if by_person { self.replies.add(gap) } else { self.answers.add(gap) }
                }
                next.insert(step);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sides and seconds from the oldest to the newest message; the answers and the replies as count and maximum.
    fn followed(messages: &[(&str, &str, i64)], most: usize) -> ((u64, u64), (u64, u64), u64) {
        let mut conversations = Conversations::new(most);
        for (person, side, second) in messages.iter().rev() {
            let at = Timestamp::from_second(*second).unwrap();
            conversations.add("+14155550100", person, *side == "in", at);
        }
        let shown = |times: &Times| times.figures().map_or((0, 0), |f| (f.count, f.max_seconds));
        (shown(&conversations.answers), shown(&conversations.replies), conversations.not_followed)
    }

    #[test]
    fn an_answer_is_measured_from_the_last_message_before_it() {
        let messages =
            [("a", "out", 0), ("a", "out", 100), ("a", "in", 107), ("a", "in", 150), ("a", "out", 180)];
        assert_eq!(followed(&messages, 9), ((1, 7), (1, 30), 0));
        assert_eq!(followed(&messages[..2], 9), ((0, 0), (0, 0), 0));
    }

    #[test]
    fn each_pair_is_followed_apart_and_no_more_than_allowed() {
        let messages = [("a", "out", 0), ("b", "out", 1), ("c", "out", 2), ("b", "in", 5), ("a", "in", 9)];
        assert_eq!(followed(&messages, 9), ((2, 9), (0, 0), 0));
        assert_eq!(followed(&messages, 1), ((1, 9), (0, 0), 3));
        assert_eq!(followed(&messages, 0), ((0, 0), (0, 0), 5));
    }

    #[test]
    fn time_does_not_run_backwards() {
        assert_eq!(followed(&[("a", "out", 50), ("a", "in", 20)], 9), ((0, 0), (0, 0), 0));
        assert_eq!(followed(&[("a", "out", 20), ("a", "in", 20)], 9), ((1, 0), (0, 0), 0));
    }
}
