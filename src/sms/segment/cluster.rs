//! Finds grapheme clusters (what people see as one character), which segments should not split.
//!
//! Two definitions of a cluster are needed. Twilio's calculator uses Unicode 10 with deviations, and we must report the same
//! number of segments. What a reader sees as one character today is defined by the newest Unicode (`unicode-segmentation`).

mod class;

use unicode_segmentation::GraphemeCursor;

use class::class;

/// The classes of UAX 29, revision 31 (Unicode 10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Cr,
    Lf,
    Control,
    Extend,
    Spacing,
    Prepend,
    Regional,
    L,
    V,
    T,
    Lv,
    Lvt,
    Joiner,
    Base,
    Modifier,
    Glue,
    BaseGlue,
    Other,
}

/// Which clusters are kept whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// The clusters of Twilio's calculator.
    Calculator,
    /// The clusters of the calculator and those of the newest Unicode, which include CR LF.
    Both,
}

/// Finds the last cluster boundary after `start` and not after `end`.
///
/// `start` must be a boundary; `None` if a single cluster extends from there beyond `end`.
pub(super) fn last_break(text: &str, start: usize, end: usize, rule: Rule) -> Option<usize> {
    let mut at = last_calculator_break(text, start, end)?;
    while rule == Rule::Both && !is_whole(text, start, at) {
        let before = text.get(start..at)?.chars().next_back()?;
        at = last_calculator_break(text, start, at - before.len_utf8())?;
    }
    Some(at)
}

/// Is `at` a cluster boundary in the newest Unicode? `start` must be one.
pub(super) fn is_whole(text: &str, start: usize, at: usize) -> bool {
    match around(text, at) {
        Some((previous, next)) if never_joins(previous) && never_joins(next) => {
            (previous, next) != ('\r', '\n')
        }
        Some(_) => {
            let window = text.get(start..).unwrap_or(text);
            GraphemeCursor::new(at - start, window.len(), true).is_boundary(window, 0).unwrap_or(true)
        }
        None => true,
    }
}

/// Is it a letter that never forms a cluster with a neighbour? Only the most frequent scripts are listed: `false` is
/// always safe, and only costs a search.
fn never_joins(character: char) -> bool {
    matches!(character,
        '\0'..='\u{2FF}' | '\u{370}'..='\u{482}' | '\u{48A}'..='\u{590}' | '\u{5D0}'..='\u{5EA}'
        | '\u{620}'..='\u{64A}' | '\u{905}'..='\u{914}' | '\u{E01}'..='\u{E30}' | '\u{3041}'..='\u{3096}'
        | '\u{30A1}'..='\u{30FA}' | '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}' | '\u{1F600}'..='\u{1F64F}')
}

fn around(text: &str, at: usize) -> Option<(char, char)> {
    let (before, after) = text.split_at_checked(at)?;
    Some((before.chars().next_back()?, after.chars().next()?))
}

fn last_calculator_break(text: &str, start: usize, end: usize) -> Option<usize> {
    // Goes back to a position that is a boundary whatever is before it,
    let mut from = end;
    while from > start {
        let Some((previous, next)) = around(text, from) else { break };
        if always_breaks(class(previous), class(next)) {
            break;
        }
        from -= previous.len_utf8();
    }
    if from == end {
        return (end > start).then_some(end);
    }
    // then forward, one cluster at a time.
    let mut last = (from > start).then_some(from);
    let mut rest = text.get(from..)?.char_indices().map(|(at, c)| (from + at, class(c)));
    let mut cluster = Cluster::new(rest.next()?.1);
    for (at, next) in rest.take_while(|(at, _)| *at <= end) {
        if cluster.breaks_before(next) {
            last = Some(at);
            cluster = Cluster::new(next);
        } else {
            cluster.push(next);
        }
    }
    last
}

/// Finds where each of the calculator's clusters begins.
pub(super) fn starts_of_clusters(text: &str) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut cluster: Option<Cluster> = None;
    for (at, character) in text.char_indices() {
        let next = class(character);
        match &mut cluster {
            Some(cluster) if !cluster.breaks_before(next) => cluster.push(next),
            _ => {
                starts.push(at);
                cluster = Some(Cluster::new(next));
            }
        }
    }
    starts
}

/// Is there a boundary between these two, whatever is before them?
fn always_breaks(previous: Class, next: Class) -> bool {
    use Class::{
        Base, BaseGlue, Control, Cr, Extend, Glue, Joiner, L, Lf, Lv, Lvt, Modifier, Other, Prepend,
        Regional, Spacing, T, V,
    };
    match (previous, next) {
        (Control | Cr | Lf, _) | (_, Control | Cr | Lf) => true,
        (Prepend, _) | (_, Extend | Joiner | Spacing) => false,
        (_, Other | Base | Prepend) => true,
        (_, Glue | BaseGlue) => previous != Joiner,
        (_, Modifier) => !matches!(previous, Extend | Base | BaseGlue),
        (_, Regional) => previous != Regional,
        (_, L | Lv | Lvt) => previous != L,
        (_, V) => !matches!(previous, L | V | Lv),
        (_, T) => !matches!(previous, V | T | Lv | Lvt),
    }
}

/// The state that the rules of the calculator need while a cluster is read.
struct Cluster {
    start: Class,
    previous: Class,
    before_previous: Option<Class>,
    /// Characters after the first.
    length: usize,
    /// How many of those are regional indicators.
    regionals: usize,
    /// How many regional indicators follow the first character without anything between.
    leading_regionals: usize,
    /// Is every character after the first a mark?
    only_extended: bool,
    has_extend: bool,
}

impl Cluster {
    fn new(start: Class) -> Self {
        Self {
            start,
            previous: start,
            before_previous: None,
            length: 0,
            regionals: 0,
            leading_regionals: 0,
            only_extended: true,
            has_extend: start == Class::Extend,
        }
    }

    fn push(&mut self, next: Class) {
        if next == Class::Regional {
            self.leading_regionals += usize::from(self.leading_regionals == self.length);
            self.regionals += 1;
        }
        self.only_extended &= next == Class::Extend;
        self.has_extend |= next == Class::Extend;
        self.before_previous = Some(self.previous);
        self.previous = next;
        self.length += 1;
    }

    fn breaks_before(&self, next: Class) -> bool {
        self.breaks_early(next) || !self.holds(next)
    }

    /// Rules that the calculator applies before those of UAX 29. They also split a flag from a second mark on it.
    fn breaks_early(&self, next: Class) -> bool {
        use Class::{Base, BaseGlue, Extend, Modifier, Prepend, Regional};
        let modified = next == Modifier
            && self.length > 0
            && self.only_extended
            && !matches!(self.start, Extend | Base | BaseGlue);
        let flagged = if next == Regional {
            self.length == 0
        } else {
            self.regionals > 0 && self.regionals == self.leading_regionals
        };
        modified || (flagged && !matches!(self.previous, Prepend | Regional))
    }

    /// The rules GB3 to GB13 of UAX 29 in Unicode 10, except that CR and LF are two clusters.
    fn holds(&self, next: Class) -> bool {
        use Class::{
            BaseGlue, Control, Cr, Extend, Glue, Joiner, L, Lf, Lv, Lvt, Modifier, Prepend, Regional,
            Spacing, T, V,
        };
        match (self.previous, next) {
            (Control | Cr | Lf, _) | (_, Control | Cr | Lf) => false,
            (L, L | V | Lv | Lvt) | (Lv | V, V | T) | (Lvt | T, T) => true,
            (_, Extend | Joiner | Spacing) | (Prepend, _) => true,
            (_, Modifier) => self.takes_modifier(),
            (Joiner, Glue | BaseGlue) => true,
            (Regional, Regional) => self.regionals == 0,
            _ => false,
        }
    }

    /// A skin tone follows its base, or the only mark on it.
    fn takes_modifier(&self) -> bool {
        let base = if !self.has_extend {
            Some(self.previous)
        } else if self.previous == Class::Extend {
            self.before_previous
        } else {
            None
        };
        matches!(base, Some(Class::Base | Class::BaseGlue))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_never_join_do_not_join_in_the_newest_unicode() {
        for character in ('\0'..=char::MAX).filter(|c| never_joins(*c) && *c != '\r' && *c != '\n') {
            let text = format!("{character}{character}a{character}가{character}");
            let breaks = text
                .char_indices()
                .all(|(at, _)| GraphemeCursor::new(at, text.len(), true).is_boundary(&text, 0).unwrap());
            assert!(breaks, "{character:?}");
        }
    }
}
