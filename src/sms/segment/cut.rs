//! Where the segments of a text begin and end.
//!
//! A greedy algorithm: each segment takes as many clusters as fit into it. With the clusters of Twilio's calculator (Unicode
//! 10) this gives the calculator's number of segments, which we must report. With the clusters of today's Unicode kept whole
//! as well the number is nearly always the same, and then the text is cut there. Otherwise the calculator's number is kept,
//! and as few of today's clusters as possible are split.
//!
//! The number is known after one pass. The exact positions are computed later, when the texts of the segments are needed.

use super::cluster::{Rule, is_whole, last_break, starts_of_clusters};
use super::scan::Scan;
use crate::sms::Encoding;

/// The number of segments, and how their ends are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cuts {
    pub(super) segments: usize,
    /// Units in the last segment.
    pub(super) last: usize,
    pub(super) ends: Ends,
}

/// How the ends of the segments are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ends {
    /// One segment holds the whole text.
    OneSegment,
    /// By the greedy algorithm with one rule for all segments.
    Greedy(Rule),
    /// By the rule for both kinds of clusters where the calculator's number of segments allows it, else by the calculator's.
    Mixed,
    /// Not decided yet: a cut of the calculator splits one of today's clusters. Only the number is known.
    Undecided,
}

impl Cuts {
    pub(super) fn of(text: &str, scan: &Scan) -> Self {
        let Scan { encoding, units, .. } = *scan;
        if units <= encoding.single() {
            return Self { segments: 1, last: units, ends: Ends::OneSegment };
        }
        if scan.uniform {
            let segments = units.div_ceil(encoding.part());
            let last = units - (segments - 1) * encoding.part();
            return Self { segments, last, ends: Ends::Greedy(Rule::Calculator) };
        }
        let (calculator, all_whole) = Self::greedy(text, scan, Rule::Calculator);
        if all_whole { calculator } else { Self { ends: Ends::Undecided, ..calculator } }
    }

    /// Decides where to cut, if that is undecided. The number of segments does not change.
    pub(super) fn decided(self, text: &str, scan: &Scan) -> Self {
        if self.ends != Ends::Undecided {
            return self;
        }
        let encoding = scan.encoding;
        let calculator = Self { ends: Ends::Greedy(Rule::Calculator), ..self };
        let (both, _) = Self::greedy(text, scan, Rule::Both);
        if both.segments <= calculator.segments {
            return both;
        }
        let ends = mixed(text, encoding, calculator.segments);
        if ends.len() != calculator.segments {
            return calculator;
        }
        let last_start = ends.iter().rev().nth(1).copied().unwrap_or_default();
        let last = size(text, last_start, text.len(), encoding);
        Self { segments: ends.len(), last, ends: Ends::Mixed }
    }

    /// Cuts a text by the greedy algorithm. Also returns whether no cut splits one of today's clusters.
    fn greedy(text: &str, scan: &Scan, rule: Rule) -> (Self, bool) {
        let encoding = scan.encoding;
        let (mut start, mut left, mut segments, mut all_whole) = (0, scan.units, 1, true);
        while left > encoding.part() {
            let (end, units) = fill(text, start, encoding);
            let (at, forced) = cut(text, start, end, encoding, rule);
            all_whole &= forced || is_whole(text, start, at);
            left -= units - size(text, at, end, encoding);
            segments += 1;
            start = at;
        }
        (Self { segments, last: left, ends: Ends::Greedy(rule) }, all_whole)
    }
}

/// Returns the units of a part of a text.
fn size(text: &str, start: usize, end: usize, encoding: Encoding) -> usize {
    text.get(start..end).unwrap_or_default().chars().filter_map(|c| encoding.units(c)).sum()
}

/// Finds the end of the segment that begins at `start`.
fn next_end(text: &str, start: usize, encoding: Encoding, rule: Rule) -> usize {
    match fill(text, start, encoding) {
        (end, _) if end == text.len() => end,
        (end, _) => cut(text, start, end, encoding, rule).0,
    }
}

/// Finds where to cut a segment that has room up to `end`. Also returns whether the cut splits a cluster because the cluster
/// is larger than a segment.
fn cut(text: &str, start: usize, end: usize, encoding: Encoding, rule: Rule) -> (usize, bool) {
    match last_break(text, start, end, rule) {
        Some(at) if at == end || fits_whole(text, at, encoding, rule) => (at, false),
        _ if rule == Rule::Both => cut(text, start, end, encoding, Rule::Calculator),
        // The cluster is larger than a segment: it is split at the end of this one.
        _ => (end, true),
    }
}

/// Does the cluster that begins at `start` fit into one segment?
fn fits_whole(text: &str, start: usize, encoding: Encoding, rule: Rule) -> bool {
    let (end, _) = fill(text, start, encoding);
    end == text.len() || last_break(text, start, end, rule).is_some()
}

/// Finds how far one segment reaches from `start`, and the units up to there. No escape or surrogate pair is split.
fn fill(text: &str, start: usize, encoding: Encoding) -> (usize, usize) {
    let rest = text.get(start..).unwrap_or_default();
    let (length, units) = match encoding {
        Encoding::Gsm7 => fill_with(rest, encoding.part(), |c| encoding.units(c).unwrap_or(1)),
        Encoding::Ucs2 => fill_with(rest, encoding.part(), char::len_utf16),
    };
    (start + length, units)
}

fn fill_with(text: &str, limit: usize, size: impl Fn(char) -> usize) -> (usize, usize) {
    let mut units = 0;
    for (at, character) in text.char_indices() {
        let more = units + size(character);
        if more > limit {
            return (at, units);
        }
        units = more;
    }
    (text.len(), units)
}

/// Finds the ends of all segments where today's clusters cannot all stay whole within the calculator's count.
fn mixed(text: &str, encoding: Encoding, segments: usize) -> Vec<usize> {
    let earliest = earliest_starts(text, encoding, segments);
    let mut ends = Vec::with_capacity(segments);
    let mut start = 0;
    while start < text.len() {
        let whole = next_end(text, start, encoding, Rule::Both);
        // The rest of the text must fit into the segments that are left.
        let left = segments.saturating_sub(ends.len() + 1);
        let fits = earliest.get(left).is_none_or(|earliest| whole >= *earliest);
        start = if fits { whole } else { next_end(text, start, encoding, Rule::Calculator) };
        ends.push(start);
    }
    ends
}

/// Finds, for each number of segments from 0, the first position from which the rest of the text fits into that number.
fn earliest_starts(text: &str, encoding: Encoding, segments: usize) -> Vec<usize> {
    let mut starts = vec![text.len()];
    let (mut units, mut start): (usize, usize) = (0, text.len());
    let mut end = text.len();
    for at in starts_of_clusters(text).into_iter().rev() {
        let size = size(text, at, end, encoding);
        end = at;
        if units + size > encoding.part() {
            starts.push(start);
            units = 0;
            if starts.len() > segments {
                break;
            }
        }
        units += size;
        start = at;
    }
    starts.push(start);
    starts
}

/// The texts of the segments, in order; joined they are the whole text. From
/// [`Segmentation::texts`](super::Segmentation::texts).
///
/// Each is computed when the iterator is advanced.
#[derive(Clone)]
pub struct Texts<'a> {
    text: &'a str,
    encoding: Encoding,
    start: usize,
    left: usize,
    next_end: NextEnd,
}

/// Where the end of the next segment comes from.
#[derive(Clone)]
enum NextEnd {
    /// It is the end of the text.
    OfText,
    /// It is found by the greedy algorithm.
    Greedy(Rule),
    /// All of them were found before.
    Known(std::vec::IntoIter<usize>),
}

impl<'a> Texts<'a> {
    pub(super) fn new(text: &'a str, encoding: Encoding, cuts: Cuts) -> Self {
        let next_end = match cuts.ends {
            Ends::OneSegment => NextEnd::OfText,
            Ends::Greedy(rule) => NextEnd::Greedy(rule),
            Ends::Undecided => NextEnd::Greedy(Rule::Calculator),
            Ends::Mixed => NextEnd::Known(mixed(text, encoding, cuts.segments).into_iter()),
        };
        Self { text, encoding, start: 0, left: cuts.segments, next_end }
    }
}

impl<'a> Iterator for Texts<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        self.left = self.left.checked_sub(1)?;
        let end = match &mut self.next_end {
            NextEnd::OfText => self.text.len(),
            NextEnd::Greedy(rule) => next_end(self.text, self.start, self.encoding, *rule),
            NextEnd::Known(ends) => ends.next()?,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> (Cuts, Vec<usize>) {
        let scan = Scan::of(text);
        let cuts = Cuts::of(text, &scan);
        assert_eq!(cuts.ends, Ends::Undecided);
        let cuts = cuts.decided(text, &scan);
        (cuts, mixed(text, Encoding::Ucs2, cuts.segments))
    }

    #[test]
    fn clusters_newer_than_the_calculator_are_kept_whole_if_its_count_allows_it() {
        let pirate = "🏴‍☠️";
        // Five units, which the calculator splits after the third.
        let fits = format!("{}{pirate}{}", "日".repeat(64), "日".repeat(20));
        let (cuts, _) = cut(&fits);
        assert_eq!((cuts.segments, cuts.last, cuts.ends), (2, 25, Ends::Greedy(Rule::Both)));

        // With three units lost at the first cut there would be a third segment.
        let tight = format!("{}{pirate}{}", "日".repeat(64), "日".repeat(65));
        let (cuts, ends) = cut(&tight);
        assert_eq!((cuts.segments, cuts.last, cuts.ends), (2, 67, Ends::Mixed));
        assert_eq!(ends, [64 * 3 + 7, tight.len()]);

        // Only as many are split as it takes.
        let twice = format!("{}{pirate}{}{pirate}{}", "日".repeat(64), "日".repeat(59), "日".repeat(65));
        let (cuts, ends) = cut(&twice);
        assert_eq!((cuts.segments, cuts.last, cuts.ends), (3, 67, Ends::Mixed));
        assert_eq!(ends.iter().filter(|end| !is_whole(&twice, 0, **end)).count(), 1);
    }
}
