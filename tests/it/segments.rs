//! Compares the segment count with that of Twilio's own calculator.

use proptest::prelude::*;
use serde_json::Value;
use switchboard::sms::{Encoding, Segmentation};
use unicode_segmentation::UnicodeSegmentation as _;

/// 200 short texts that Twilio's calculator 1.3.0 counted: `node segments.mjs 7 200 --short`.
const VECTORS: &str = include_str!("segments.jsonl");

#[test]
fn vectors_of_twilios_calculator() {
    assert_eq!(judge(VECTORS).0, 200);
}

#[test]
#[ignore = "needs Twilio's calculator: tests/official/run counts random texts with it"]
fn the_calculator_counts_the_same() {
    let cases = std::fs::read_to_string(std::env::var("SEGMENT_CASES").unwrap()).unwrap();
    let (texts, split) = judge(&cases);
    assert!(texts >= 2_000, "{texts} texts");
    // Only clusters newer than the calculator's Unicode version, and only where no other cut gives its count.
    assert!(split * 100 <= texts, "a cluster is split in {split} of {texts}");
}

/// Compares every case; returns how many there were, and in how many a cluster is split.
fn judge(cases: &str) -> (usize, usize) {
    let (mut texts, mut split, mut wrong) = (0, 0, Vec::new());
    for line in cases.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let text = case["text"].as_str().unwrap();
        let (plain, smart) = (Segmentation::of(text), Segmentation::smart(text));
        let ours = [as_json(plain), as_json(smart.segmentation())];
        if ours[0] != case["plain"] || ours[1] != case["smart"] {
            wrong.push(format!("{ours:?} {line}"));
        }
        if let Some(rewritten) = case["rewritten"].as_str() {
            assert_eq!(smart.text(), rewritten, "{line}");
        }
        assert_eq!(plain.first_non_gsm().is_some(), plain.encoding() == Encoding::Ucs2);
        texts += 1;
        split += usize::from(check_segments(plain) || check_segments(smart.segmentation()));
    }
    assert!(
        wrong.is_empty(),
        "{} of {texts} differ:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(5)].join("\n")
    );
    (texts, split)
}

fn as_json(segmentation: Segmentation<'_>) -> Value {
    let name = if segmentation.encoding() == Encoding::Gsm7 { "GSM-7" } else { "UCS-2" };
    serde_json::json!([name, segmentation.segments()])
}

/// Checks the texts of the segments; returns whether a cluster is split.
fn check_segments(segmentation: Segmentation<'_>) -> bool {
    let encoding = segmentation.encoding();
    let texts: Vec<_> = segmentation.texts().collect();
    let text = texts.concat();
    assert_eq!(texts.len(), segmentation.segments());
    assert_eq!(segmentation, Segmentation::of(&text));
    let size = |text: &str| text.chars().map(|c| encoding.units(c).unwrap()).sum::<usize>();
    let limit = if texts.len() == 1 { encoding.single() } else { encoding.part() };
    assert!(texts.iter().all(|text| size(text) <= limit), "{text}");
    assert_eq!(size(&text), segmentation.units());
    assert_eq!(segmentation.remaining(), limit - size(texts.last().unwrap()), "{text}");
    let mut boundaries: Vec<_> = text.grapheme_indices(true).map(|(at, _)| at).collect();
    boundaries.push(text.len());
    let mut end = 0;
    texts.iter().any(|text| {
        end += text.len();
        boundaries.binary_search(&end).is_err()
    })
}

/// Texts made of random pieces: letters, combining characters, emoji sequences.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("a"),
        Just("["),
        Just("€"),
        Just("é"),
        Just("\r\n"),
        Just("’"),
        Just("日"),
        Just("각"),
        Just("e\u{301}"),
        Just("क्षि"),
        Just("😀"),
        Just("👍🏽"),
        Just("👨‍👩‍👧‍👦"),
        Just("🏳️‍🌈"),
        Just("🇩🇪"),
        Just("1️⃣"),
    ];
    let run = (piece, 1..40_usize).prop_map(|(piece, times)| piece.repeat(times));
    prop::collection::vec(run, 0..20).prop_map(|runs| runs.concat())
}

proptest! {
    #[test]
    fn segments_joined_are_the_text_and_none_is_over_its_limit(text in pieces()) {
        check_segments(Segmentation::of(&text));
        check_segments(Segmentation::smart(&text).segmentation());
    }

    #[test]
    fn any_text_is_segmented_without_a_panic(text in any::<String>(), runs in prop::collection::vec(any::<char>(), 0..6)) {
        let long: String = runs.iter().flat_map(|c| std::iter::repeat_n(*c, 70)).collect();
        for text in [text.as_str(), &long, &format!("{long}{text}")] {
            check_segments(Segmentation::of(text));
            check_segments(Segmentation::smart(text).segmentation());
            if let Some(found) = Segmentation::of(text).first_non_gsm() {
                assert!(found.cluster().contains(found.character()));
                assert!(text[found.offset()..].starts_with(found.cluster()));
                assert!(found.saves() < Segmentation::of(text).segments());
            }
        }
    }
}

#[test]
fn a_long_text_of_emoji_families_and_flags_is_cut_between_them() {
    let pieces = ["👨‍👩‍👧‍👦", "🇩🇪", "👍🏽", "🏳️‍🌈", "hello ", "👩🏽‍🚀", "日本", "🇯🇵", "1️⃣", "e\u{301}"];
    for first in 0..pieces.len() {
        let pieces = pieces.iter().cycle().skip(first);
        let text: String = pieces.flat_map(|piece| piece.chars()).take(1_600).collect();
        assert_eq!(text.chars().count(), 1_600);
        assert!(!check_segments(Segmentation::of(&text)));
    }
}

#[test]
fn a_cluster_larger_than_a_segment_is_cut_between_its_code_points() {
    for marks in [66, 67, 68, 100, 134, 200, 1_000] {
        let text = format!("ab{}", "\u{301}".repeat(marks));
        let segmentation = Segmentation::of(&text);
        check_segments(segmentation);
        assert_eq!(segmentation.segments(), if marks <= 68 { 1 } else { (marks + 2).div_ceil(67) });
    }
}
