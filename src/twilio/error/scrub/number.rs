//! Masks numbers in a text up to their last four digits. SIDs and dates are kept.

use crate::twilio::sid;

/// Masks runs of seven digits or more, with or without separators between them.
pub(super) fn mask(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let after_digit = out.ends_with(|c: char| c.is_ascii_digit());
        let kept = sid_at(rest).or_else(|| date_at(rest).filter(|_| !after_digit));
        if let Some(kept) = kept {
            out.push_str(kept);
            rest = rest.get(kept.len()..).unwrap_or_default();
        } else if first.is_ascii_digit() {
            let run = number_at(rest);
            push_masked(&mut out, run);
            rest = rest.get(run.len()..).unwrap_or_default();
        } else {
            out.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        }
    }
    out
}

/// Returns the SID that a text begins with.
fn sid_at(text: &str) -> Option<&str> {
    text.get(..34).filter(|start| sid::is_sid(start))
}

/// Returns the date that a text begins with, `2010-04-01`, and the hour that may follow it.
fn date_at(text: &str) -> Option<&str> {
    let date = text.get(..10)?;
    let mut parts = date.split('-');
    let mut part = |length: usize| parts.next().filter(|part| part.len() == length)?.parse::<u32>().ok();
    let (year, month, day) = (part(4)?, part(2)?, part(2)?);
    let rest = text.get(10..).unwrap_or_default();
    let ends = !rest.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    let date_like = (1900..2200).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    let hour =
        text.get(10..14).filter(|hour| hour.starts_with(' ') && hour.ends_with(':')).map_or(0, str::len);
    (date_like && ends).then(|| text.get(..10 + hour)).flatten()
}

/// Returns the digits that a text begins with, and the separators between them.
fn number_at(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '-' | '.' | '(' | ')' | ' ')));
    let run = text.get(..end.unwrap_or(text.len())).unwrap_or_default();
    run.trim_end_matches(|c: char| !c.is_ascii_digit())
}

fn push_masked(out: &mut String, run: &str) {
    let digits: Vec<char> = run.chars().filter(char::is_ascii_digit).collect();
    if digits.len() < 7 {
        out.push_str(run);
        return;
    }
    out.push('…');
    out.extend(digits.iter().skip(digits.len() - 4));
}
