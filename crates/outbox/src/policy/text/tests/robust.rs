//! No text panics, and no text takes more than its length costs.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::{Purpose, TextRules};

fn first_marketing() -> Purpose {
    Purpose::Marketing
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_text_panics(text in any::<String>()) {
        places_are_in(&text);
    }

    #[test]
    fn no_text_of_marks_panics(text in "([ .,:/@#$%&*{}<>|_\\[\\]()'-]|http://|bit|ly|name|is|\\$5|1\\.2|\u{200b}|ａ|а|é|\n){0,40}") {
        places_are_in(&text);
    }
}

fn places_are_in(text: &str) {
    thread_local!(static RULES: TextRules = TextRules::standard());
    RULES.with(|rules| {
        for context in [Purpose::default(), first_marketing()] {
            for finding in &rules.check(text, context) {
                assert!(text.get(finding.place.clone()).is_some(), "{} at {:?}", finding.rule, finding.place);
            }
        }
    });
}

/// Texts of 64 KiB that are made to take long.
fn hostile() -> Vec<String> {
    let pieces = [
        "a",
        " ",
        ".",
        "a.",
        "bit . ly/",
        "http://",
        "http://a@",
        "xn--a.",
        "{{",
        "${",
        "[",
        "%A",
        "@@",
        "*|",
        "#a",
        "1",
        "1 ",
        "$1 ",
        "a ",
        "free ",
        "earn ",
        "send me ",
        "reply with your ",
        "your account ",
        "need cash ",
        "\u{200b}",
        "а",
        "paypal-",
        "paypa1.",
        "b i t . l y ",
        "x/",
        "!",
        "\u{301}",
        "is  ",
        "Hi ,",
        "null ",
        "0.",
        "get paid to ",
        "refinance ",
    ];
    pieces.iter().map(|piece| piece.repeat(65_536 / piece.len())).collect()
}

/// The time of one check; of a quick one, the best of three: other programs run on this machine.
fn time_of(rules: &TextRules, text: &str) -> Duration {
    let once = || {
        let start = Instant::now();
        let findings = rules.check(text, first_marketing());
        let time = start.elapsed();
        std::hint::black_box(findings);
        time
    };
    let first = once();
    if first > Duration::from_millis(100) {
        return first;
    }
    (0..2).map(|_| once()).fold(first, Duration::min)
}

/// Sixteen times the text takes at most 64 times as long: a quadratic search would take 256 times as long, each time that
/// it is measured. Other programs run on this machine, so one of ten measurements is enough.
#[test]
fn time_grows_with_the_length() {
    let rules = TextRules::standard();
    for text in hostile() {
        let part: String = text.chars().take(text.chars().count() / 16).collect();
        let measured = (0..10).map(|_| (time_of(&rules, &part), time_of(&rules, &text)));
        let is_linear =
            |(short, long): &(Duration, Duration)| *long < *short * 64 + Duration::from_millis(20);
        let slow: Vec<_> = measured.take_while(|times| !is_linear(times)).collect();
        let begins: String = text.chars().take(16).collect();
        assert!(slow.len() < 10, "{begins:?}: {slow:?}");
    }
}

/// A file at its limits and a text that begins a phrase with each word.
#[test]
fn the_worst_file_is_bounded() {
    let words: Vec<String> = (0..40).map(|i| format!("w{i}")).collect();
    let tail = words.join("|");
    let phrases: Vec<String> = (0..4).map(|i| format!(r#""a ... {tail} ... {tail} z{i}""#)).collect();
    let json = format!(
        r#"{{"version": "1", "rules": [{{"name": "text/own", "severity": "block", "purposes": ["marketing"], "concern": "c",
            "instead": "i", "require": "r", "source": "s", "looks_for": [{{"phrases": {{"any": [{}]}}}}]}}]}}"#,
        phrases.join(",")
    );
    let rules = TextRules::from_json(&json).expect("it is within the limits");
    let text = "a w1 w2 a w3 w4 ".repeat(4_096);
    let time = time_of(&rules, &text);
    println!("64 KiB against a file at its limits: {time:?}");
    assert!(time < Duration::from_secs(30), "{time:?}");
}

#[test]
#[ignore = "a measurement: run it with --release --nocapture"]
fn measure_a_usual_text() {
    let rules = TextRules::standard();
    let texts = [
        "First Coast Bank: Did you spend $432.19 at ELECTRO MART on 11/21 with card ending 4021? Reply YES if you made this purchase, NO if you did not. We never ask for PIN.",
        "Bright Smiles Dental: $79 cleaning & exam for new patients in November. Book at https://brightsmiles.example/new or call 555-0134. Reply STOP to unsubscribe. Thank you",
    ];
    for text in texts {
        const RUNS: u32 = 20_000;
        let start = Instant::now();
        for _ in 0..RUNS {
            std::hint::black_box(rules.check(std::hint::black_box(text), first_marketing()));
        }
        println!("{} characters: {:?} a check", text.chars().count(), start.elapsed() / RUNS);
    }
    for text in hostile() {
        let begins: String = text.chars().take(16).collect();
        println!("64 KiB of {begins:?}: {:?}", time_of(&rules, &text));
    }
}
