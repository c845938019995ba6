//! Shortens a text between words, and the parts of a message until the whole message has few enough segments.

use unicode_segmentation::UnicodeSegmentation as _;

use super::MAX_TEXT;
use super::engine::Filled;
use crate::sms::Segmentation;

/// Marks where text was removed. Three dots are in GSM-7; the character `…` would switch the message to UCS-2.
pub(super) const ELLIPSIS: &str = "...";

/// Keeps at most `keep` characters and appends `end`. A text of at most `keep` characters is returned unchanged.
///
/// It cuts at a word boundary if there is one in the second half of the kept text, else between grapheme clusters.
pub(super) fn cut(text: &str, keep: usize, end: &str) -> String {
    let Some((mut at, _)) = text.char_indices().nth(keep) else { return text.to_owned() };
    let half = text.char_indices().nth(keep / 2).map_or(0, |(half, _)| half);
    let word = text.char_indices().take(keep + 1).filter(|(at, c)| c.is_whitespace() && *at > half).last();
    match word {
        Some((space, _)) => at = space,
        None => {
            at = text
                .grapheme_indices(true)
                .map(|(start, _)| start)
                .take_while(|start| *start <= at)
                .last()
                .unwrap_or(0)
        }
    }
    let kept =
        text.get(..at).unwrap_or_default().trim_end_matches(|c: char| c.is_whitespace() || ",;:".contains(c));
    format!("{kept}{end}")
}

/// The result of [`shorten`].
#[derive(Debug, Default)]
pub(super) struct Shortened {
    /// The maximum number of segments of the whole message; `None` if no part sets one.
    pub(super) segments: Option<usize>,
    /// How often the segments of a whole message were counted. Tests use it to check that the work is bounded.
    attempts: usize,
}

/// Shortens the [`Filled::Truncatable`] parts, the last one first, until the whole message fits.
///
/// The work is bounded for any number of parts. The segments of a message of more than 1,600 characters are not counted. The
/// binary search for the right length runs only while the message has too many segments. Once it fits, a further search is
/// needed only if an earlier part sets a lower maximum. So there is at most one search for each number of segments that
/// 1,600 characters can have.
pub(super) fn shorten(parts: &mut [Filled]) -> Shortened {
    let mut shortened = Shortened::default();
    let mut before: usize = parts.iter().map(|part| part.text().chars().count()).sum();
    let mut after = 0;
    for at in (0..parts.len()).rev() {
        let Some((left, [part, right @ ..])) = parts.split_at_mut_checked(at) else { break };
        before -= part.text().chars().count();
        if let Filled::Truncatable(text, segments) = part {
            shortened.segments = Some(shortened.segments.map_or(*segments, |most| most.min(*segments)));
            let shorter = if before + after > MAX_TEXT {
                None
            } else {
                fit(&joined(left), text, &joined(right), *segments, &mut shortened.attempts)
            };
            *part = Filled::Text(shorter.unwrap_or_else(|| cut(text, 0, ELLIPSIS)));
        }
        after += part.text().chars().count();
    }
    shortened
}

fn joined(parts: &[Filled]) -> String {
    parts.iter().map(Filled::text).collect()
}

/// Shortens `text` until `before`, `text` and `after` together fit into `segments`; `None` where even `...` is too long.
fn fit(before: &str, text: &str, after: &str, segments: usize, attempts: &mut usize) -> Option<String> {
    let room = MAX_TEXT.checked_sub(before.chars().count() + after.chars().count())?;
    let mut fits = |text: &str| {
        if text.chars().nth(room).is_some() {
            return false;
        }
        *attempts += 1;
        Segmentation::of(&format!("{before}{text}{after}")).segments() <= segments
    };
    if fits(text) {
        return Some(text.to_owned());
    }
    // Binary search for the longest text that fits: `low` characters fit, `high` do not.
    let (mut low, mut high) = (0, text.chars().take(room + 1).count());
    let mut best = Some(cut(text, 0, ELLIPSIS)).filter(|text| fits(text))?;
    while low + 1 < high {
        let middle = low.midpoint(high);
        let shorter = cut(text, middle, ELLIPSIS);
        if fits(&shorter) {
            (low, best) = (middle, shorter);
        } else {
            high = middle;
        }
    }
    Some(best)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_is_cut_between_words_or_grapheme_clusters() {
        let cases = [
            ("a table for two", 8, "a table..."),
            ("a table for two", 7, "a table..."),
            ("a table, for two", 8, "a table..."),
            ("a table for two", 15, "a table for two"),
            ("Donaudampfschiff", 5, "Donau..."),
            ("cafe\u{301}s", 4, "caf..."),
            ("ab👩\u{200d}🚀cd", 4, "ab..."),
            ("x🇩🇪🇫🇷", 4, "x🇩🇪..."),
            ("", 0, ""),
            ("word", 0, "..."),
        ];
        for (text, keep, expected) in cases {
            assert_eq!(cut(text, keep, ELLIPSIS), expected, "{text:?} {keep}");
        }
    }

    #[test]
    fn the_work_does_not_grow_with_the_number_of_truncatable_parts() {
        let rising = |part: usize| part / 40 + 1;
        let falling = |part: usize| 10 - part / 40;
        for segments in [|_| 9, rising, falling] {
            for text in ["x".repeat(20), "word ".repeat(60), "ж".repeat(2_000)] {
                let mut parts: Vec<_> =
                    (0..380).map(|at| Filled::Truncatable(text.clone(), segments(at))).collect();
                let shortened = shorten(&mut parts);
                assert!(shortened.attempts < 3 * 380 + 24 * 12, "{} attempts", shortened.attempts);
            }
        }
    }

    #[test]
    fn a_text_is_also_shortened_to_the_longest_message() {
        let mut parts = [Filled::Text("Note: ".to_owned()), Filled::Truncatable("x".repeat(5_000), 50)];
        shorten(&mut parts);
        assert_eq!(joined(&parts).len(), MAX_TEXT);
    }

    proptest! {
        #[test]
        fn a_shortened_text_fits_and_a_fitting_text_is_unchanged(
            text in "[a-z €é🙏]{0,300}", before in "[a-z]{0,60}", after in "[a-z’]{0,40}", segments in 1_usize..4,
        ) {
            if let Some(fitted) = fit(&before, &text, &after, segments, &mut 0) {
                let whole = format!("{before}{fitted}{after}");
                prop_assert!(Segmentation::of(&whole).segments() <= segments);
                prop_assert!(fitted == text || fitted.ends_with(ELLIPSIS));
                let full = format!("{before}{text}{after}");
                prop_assert_eq!(fitted == text, Segmentation::of(&full).segments() <= segments);
            } else {
                let least = format!("{before}{ELLIPSIS}{after}");
                prop_assert!(Segmentation::of(&least).segments() > segments);
            }
        }
    }
}
