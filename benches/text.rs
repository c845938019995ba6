//! The cost of counting the segments of a text, compared with a plain `match` per character that only counts units.
//!
//! The contenders alternate within each round, and ratios are computed within a round, so that a slow moment of the machine
//! affects all of them. Targets are printed and never fail the run.
//!
//! Run it with `cargo bench --bench text`. Under `cargo test --benches` it runs a few times only, and its numbers are not
//! measurements.

#![allow(clippy::print_stdout, reason = "a benchmark reports on stdout")]
#![allow(clippy::unwrap_used, reason = "a benchmark that cannot run has nothing to report")]
#![allow(clippy::indexing_slicing, reason = "the same")]

use std::hint::black_box;
use std::time::Instant;

use switchboard::sms::{Encoding, Segmentation};

/// A text, its name, and what `Segmentation::of` may take at most, in nanoseconds.
struct Case {
    name: &'static str,
    text: String,
    most: Option<f64>,
    times: usize,
}

fn main() {
    let measuring = std::env::args().any(|argument| argument == "--bench");
    let (rounds, share) = if measuring { (31, 1) } else { (1, 1_000) };
    if !measuring {
        println!("a trial run, too short to measure: run it with `cargo bench`");
    }
    println!("medians of {rounds} rounds; ratios are medians of each round's ratio\n");
    for case in cases() {
        run(&case, rounds, (case.times / share).max(1));
    }
}

fn cases() -> [Case; 11] {
    let case = |name, piece: &str, length, most, times| {
        let text = piece.chars().cycle().take(length).collect();
        Case { name, text, most, times }
    };
    let plain = "Hello Ada, your table for four at 8 o'clock is ready. ";
    let accents =
        "Gr\u{fc}\u{df}e aus K\u{f6}ln, das Men\u{fc} kostet 25 \u{20ac} [inkl. MwSt]; \u{e0} bient\u{f2}t! ";
    let scripts = "Hello, Привет, 你好, こんにちは, 안녕하세요, สวัสดี, नमस्ते, שלום, مرحبا, Γειά, 👋🏽 👨‍👩‍👧 🇩🇪 ’ ";
    let emoji = "👨‍👩‍👧‍👦🇩🇪👍🏽🏳️‍🌈😀❤️‍🔥🧑🏻‍🤝‍🧑🏿";
    [
        case("160 of ASCII", plain, 160, Some(500.0), 50_000),
        case("160 of GSM-7, with accents and escapes", accents, 160, Some(500.0), 20_000),
        case("1,600 of mixed scripts", scripts, 1_600, Some(20_000.0), 1_000),
        case("1,600 of ASCII", plain, 1_600, None, 10_000),
        case("64 kB of ASCII", plain, 65_536, None, 200),
        case("1,600 of GSM-7, with accents and escapes", accents, 1_600, None, 2_000),
        case("1,600 of Cyrillic", "Ваш столик готов, ждём вас. ", 1_600, None, 1_000),
        case("1,600 of Chinese", "您的餐桌已准备好。", 1_600, None, 1_000),
        case("1,600 of Hindi", "आपकी मेज़ तैयार है। ", 1_600, None, 1_000),
        case("1,600 of Indic scripts with conjuncts", "नमस्ते வணக்கம் నమస్కారం নমস্কার สวัสดี ", 1_600, None, 1_000),
        case("1,600 of emoji", emoji, 1_600, None, 500),
    ]
}

type Work<'a> = &'a dyn Fn(&str) -> usize;

fn run(case: &Case, rounds: usize, times: usize) {
    let Case { name, text, most, .. } = case;
    let found = Segmentation::of(text);
    assert_eq!(bare(text), found.units());
    let encoding = if found.encoding() == Encoding::Gsm7 { "GSM-7" } else { "UCS-2" };
    println!("{name}: {} bytes, {} segments of {encoding}", text.len(), found.segments());
    let works: [(&str, Work<'_>); 4] = [
        ("a plain match per character", &bare),
        ("Segmentation::of", &|text| Segmentation::of(text).segments()),
        ("with the text of each segment", &|text| Segmentation::of(text).texts().map(str::len).sum()),
        ("Segmentation::smart", &|text| Segmentation::smart(text).segments()),
    ];
    let mut nanos = vec![Vec::new(); works.len()];
    for _ in 0..=rounds {
        for ((_, work), nanos) in works.iter().zip(&mut nanos) {
            let start = Instant::now();
            for _ in 0..times {
                black_box(work(black_box(text)));
            }
            nanos.push(start.elapsed().as_secs_f64() * 1e9 / times as f64);
        }
    }
    // The first round only warms up the caches.
    let base = nanos[0][1..].to_vec();
    for (place, ((name, _), nanos)) in works.iter().zip(&nanos).enumerate() {
        let ratios = nanos[1..].iter().zip(&base).map(|(nanos, base)| nanos / base).collect();
        let taken = median(nanos[1..].to_vec());
        let speed = text.len() as f64 / taken;
        let target = most.filter(|_| place == 1).map(|most| format!("  (target: at most {most} ns, 4x)"));
        let target = target.unwrap_or_default();
        println!("  {name:30} {taken:9.0} ns {:6.2}x {speed:7.2} GB/s{target}", median(ratios));
    }
    println!();
}

/// Counts units and nothing else: septets while the text is GSM-7, and UTF-16 code units.
fn bare(text: &str) -> usize {
    let (mut septets, mut units, mut gsm7) = (0, 0, true);
    for character in text.chars() {
        units += character.len_utf16();
        match character {
            '\n' | '\r' | ' '..='Z' | 'a'..='z' | '_' => septets += 1,
            '^' | '{' | '}' | '\\' | '[' | '~' | ']' | '|' | '€' | '\u{c}' => septets += 2,
            '£' | '¥' | 'è' | 'é' | 'ù' | 'ì' | 'ò' | 'Ç' | 'Ø' | 'ø' | 'Å' | 'å' | 'Δ' | 'Φ' | 'Γ' | 'Λ'
            | 'Ω' | 'Π' | 'Ψ' | 'Σ' | 'Θ' | 'Ξ' | 'Æ' | 'æ' | 'ß' | 'É' | '¤' | '¡' | 'Ä' | 'Ö' | 'Ñ'
            | 'Ü' | '§' | '¿' | 'ä' | 'ö' | 'ñ' | 'ü' | 'à' => septets += 1,
            _ => gsm7 = false,
        }
    }
    if gsm7 { septets } else { units }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}
