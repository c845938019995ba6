//! Shortens a text where people would.

use unicode_segmentation::UnicodeSegmentation as _;

use crate::sms::Segmentation;

/// What stands where something was left out: three dots are in GSM-7, `…` would switch the message to UCS-2.
pub(super) const ELLIPSIS: &str = "...";

/// Keeps at most `keep` characters and writes `end` behind them; a text that is short enough stays as it is.
///
/// The cut is between words where a word ends in the second half, else between what a reader sees as one character.
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

/// Shortens `text` until `before`, it and `after` fit into `segments`; `None` where even `...` is too long.
pub(super) fn fit(before: &str, text: &str, after: &str, segments: usize) -> Option<String> {
    let fits = |text: &str| Segmentation::of(&format!("{before}{text}{after}")).segments() <= segments;
    if fits(text) {
        return Some(text.to_owned());
    }
    // The longest that fits lies from `low` on and before `high`.
    let (mut low, mut high) = (0, text.chars().count());
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
    fn a_cut_is_between_words_or_characters_as_read() {
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

    proptest! {
        #[test]
        fn what_fits_fits_and_no_more_is_cut_than_needed(
            text in "[a-z €é🙏]{0,300}", before in "[a-z]{0,60}", after in "[a-z’]{0,40}", segments in 1_usize..4,
        ) {
            if let Some(fitted) = fit(&before, &text, &after, segments) {
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
