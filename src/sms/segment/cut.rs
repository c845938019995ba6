//! Where the segments of a text begin and end.
//!
//! Greedy: each segment takes as much as it holds and ends with a whole cluster. With the calculator's clusters that
//! gives the calculator's count. If the same count is reached with today's clusters kept whole as well, which is nearly
//! always so, the cuts are those; else as many of them as the count allows.

use super::cluster::{Rule, is_whole, last_break, starts_of_clusters};
use super::scan::Scan;
use crate::sms::Encoding;

/// How a text is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cuts {
    pub(super) segments: usize,
    /// Units in the last segment.
    pub(super) last: usize,
    pub(super) way: Way,
}

/// How its places are found again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// There are none: one segment holds it all.
    Single,
    /// Greedy, by a rule.
    Greedy(Rule),
    /// By both rules where the calculator's count allows it, else by the calculator's.
    Mixed,
    /// Only their number is known: today's clusters are not whole where the calculator cuts.
    Open,
}

impl Cuts {
    pub(super) fn of(text: &str, scan: &Scan) -> Self {
        let Scan { encoding, units, .. } = *scan;
        if units <= encoding.single() {
            return Self { segments: 1, last: units, way: Way::Single };
        }
        if scan.uniform {
            let segments = units.div_ceil(encoding.part());
            let last = units - (segments - 1) * encoding.part();
            return Self { segments, last, way: Way::Greedy(Rule::Calculator) };
        }
        let (calculator, clean) = Self::greedy(text, scan, Rule::Calculator);
        if clean { calculator } else { Self { way: Way::Open, ..calculator } }
    }

    /// Decides where to cut, if that is open yet. Their number stays.
    pub(super) fn settled(self, text: &str, scan: &Scan) -> Self {
        if self.way != Way::Open {
            return self;
        }
        let encoding = scan.encoding;
        let calculator = Self { way: Way::Greedy(Rule::Calculator), ..self };
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
        Self { segments: ends.len(), last, way: Way::Mixed }
    }

    /// Walks through a text; says, too, whether every cut leaves today's clusters whole.
    fn greedy(text: &str, scan: &Scan, rule: Rule) -> (Self, bool) {
        let encoding = scan.encoding;
        let (mut start, mut left, mut segments, mut clean) = (0, scan.units, 1, true);
        while left > encoding.part() {
            let (end, units) = fill(text, start, encoding);
            let (at, forced) = cut(text, start, end, encoding, rule);
            clean &= forced || is_whole(text, start, at);
            left -= units - size(text, at, end, encoding);
            segments += 1;
            start = at;
        }
        (Self { segments, last: left, way: Way::Greedy(rule) }, clean)
    }
}

/// Units of a piece of a text.
fn size(text: &str, start: usize, end: usize, encoding: Encoding) -> usize {
    text.get(start..end).unwrap_or_default().chars().filter_map(|c| encoding.units(c)).sum()
}

/// Finds the end of the segment that begins at `start`.
pub(super) fn next_end(text: &str, start: usize, encoding: Encoding, rule: Rule) -> usize {
    match fill(text, start, encoding) {
        (end, _) if end == text.len() => end,
        (end, _) => cut(text, start, end, encoding, rule).0,
    }
}

/// Finds where to cut a segment that could reach to `end`; says whether it must be within a cluster.
fn cut(text: &str, start: usize, end: usize, encoding: Encoding, rule: Rule) -> (usize, bool) {
    match last_break(text, start, end, rule) {
        Some(at) if at == end || fits_whole(text, at, encoding, rule) => (at, false),
        _ if rule == Rule::Both => cut(text, start, end, encoding, Rule::Calculator),
        // The cluster is larger than any segment: it is cut where it must be, and no room is left before it.
        _ => (end, true),
    }
}

/// Does the cluster that begins at `start` fit into one segment?
fn fits_whole(text: &str, start: usize, encoding: Encoding, rule: Rule) -> bool {
    let (end, _) = fill(text, start, encoding);
    end == text.len() || last_break(text, start, end, rule).is_some()
}

/// Finds how far one part reaches from `start`, and the units up to there. No pair is split.
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
pub(super) fn mixed(text: &str, encoding: Encoding, segments: usize) -> Vec<usize> {
    let earliest = earliest_starts(text, encoding, segments);
    let mut ends = Vec::with_capacity(segments);
    let mut start = 0;
    while start < text.len() {
        let whole = next_end(text, start, encoding, Rule::Both);
        // What is left must fit into the segments that are left.
        let left = segments.saturating_sub(ends.len() + 1);
        let fits = earliest.get(left).is_none_or(|earliest| whole >= *earliest);
        start = if fits { whole } else { next_end(text, start, encoding, Rule::Calculator) };
        ends.push(start);
    }
    ends
}

/// Finds, for each number of segments from 0, the first place from which the rest of the text fits into so many.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> (Cuts, Vec<usize>) {
        let scan = Scan::of(text);
        let cuts = Cuts::of(text, &scan);
        assert_eq!(cuts.way, Way::Open);
        let cuts = cuts.settled(text, &scan);
        (cuts, mixed(text, Encoding::Ucs2, cuts.segments))
    }

    #[test]
    fn clusters_younger_than_the_calculator_stay_whole_where_its_count_allows_it() {
        let pirate = "🏴‍☠️";
        // Five units, which the calculator splits after the third.
        let fits = format!("{}{pirate}{}", "日".repeat(64), "日".repeat(20));
        let (cuts, _) = cut(&fits);
        assert_eq!((cuts.segments, cuts.last, cuts.way), (2, 25, Way::Greedy(Rule::Both)));

        // With three units lost at the first cut there would be a third segment.
        let tight = format!("{}{pirate}{}", "日".repeat(64), "日".repeat(65));
        let (cuts, ends) = cut(&tight);
        assert_eq!((cuts.segments, cuts.last, cuts.way), (2, 67, Way::Mixed));
        assert_eq!(ends, [64 * 3 + 7, tight.len()]);

        // Only as many are split as it takes.
        let twice = format!("{}{pirate}{}{pirate}{}", "日".repeat(64), "日".repeat(59), "日".repeat(65));
        let (cuts, ends) = cut(&twice);
        assert_eq!((cuts.segments, cuts.last, cuts.way), (3, 67, Way::Mixed));
        assert_eq!(ends.iter().filter(|end| !is_whole(&twice, 0, **end)).count(), 1);
    }
}
