//! What each segment holds.

use super::cluster::Rule;
use super::cut::{Cuts, Way, mixed, next_end};
use crate::sms::Encoding;

/// The texts of the segments, in order; joined they are the whole. From [`Segmentation::texts`](super::Segmentation::texts).
///
/// Each is found when it is asked for.
#[derive(Clone)]
pub struct Texts<'a> {
    text: &'a str,
    encoding: Encoding,
    start: usize,
    left: usize,
    ends: Ends,
}

/// Where the ends come from.
#[derive(Clone)]
enum Ends {
    AtTheEnd,
    By(Rule),
    Known(std::vec::IntoIter<usize>),
}

impl<'a> Texts<'a> {
    pub(super) fn new(text: &'a str, encoding: Encoding, cuts: Cuts) -> Self {
        let ends = match cuts.way {
            Way::Single => Ends::AtTheEnd,
            Way::Greedy(rule) => Ends::By(rule),
            Way::Open => Ends::By(Rule::Calculator),
            Way::Mixed => Ends::Known(mixed(text, encoding, cuts.segments).into_iter()),
        };
        Self { text, encoding, start: 0, left: cuts.segments, ends }
    }
}

impl<'a> Iterator for Texts<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        self.left = self.left.checked_sub(1)?;
        let end = match &mut self.ends {
            Ends::AtTheEnd => self.text.len(),
            Ends::By(rule) => next_end(self.text, self.start, self.encoding, *rule),
            Ends::Known(ends) => ends.next()?,
        };
        let held = self.text.get(self.start..end)?;
        self.start = end;
        Some(held)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Texts<'_> {}

impl std::fmt::Debug for Texts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Texts({} left)", self.left)
    }
}
