//! What was sent, found in a text: whole, or a piece of it.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::super::catalogue;

/// The shortest piece of a value that is hidden.
const PIECE: usize = 8;
/// This many words in a row of Twilio's own sentence may be equal to words of a sent text by chance.
const BY_CHANCE: usize = 3;

/// The words in which Twilio's errors are written, in lower case.
static TWILIOS_WORDS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let texts = catalogue::all().flat_map(|entry| [entry.title, entry.cause, entry.fix]);
    texts.flat_map(words).map(str::to_lowercase).collect()
});

/// Hides a secret, and every piece of it.
pub(super) fn hide_secret(text: &str, secret: &str) -> String {
    hide(&text.replace(secret, "***"), "***", &[secret.to_owned()], |_, piece| piece.len())
}

/// Hides what was sent: `[To]` in its place. A number only as a whole, because others begin like it, and what is left
/// of any number is masked later.
pub(super) fn hide_sent(text: &str, name: &str, value: &str) -> String {
    let label = format!("[{name}]");
    if value.chars().all(|c| c.is_ascii_digit() || "+-.() :".contains(c)) {
        return hide_number(text, &label, value);
    }
    // A form writes spaces as plus signs.
    let spellings = [value.to_owned(), value.replace(' ', "+")];
    hide(text, &label, &spellings, |context, piece| {
        let length = whole_words(context, piece);
        let text: String = piece.iter().take(length).collect();
        if is_twilios_own(&text) { 0 } else { length }
    })
}

fn hide_number(text: &str, label: &str, number: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(number) {
        let within =
            before.ends_with(|c: char| c.is_ascii_digit()) || after.starts_with(|c: char| c.is_ascii_digit());
        out.push_str(before);
        out.push_str(if within { number } else { label });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// What stands before and after a piece of a text.
struct Context {
    before: Option<char>,
    after: Option<char>,
}

/// Hides the pieces of a text that stand in one of the spellings, too. `hidden` says how much of a piece is hidden; what
/// would be shorter than the shortest piece is not.
fn hide(
    text: &str,
    label: &str,
    spellings: &[String],
    hidden: impl Fn(&Context, &[char]) -> usize,
) -> String {
    let text: Vec<char> = text.chars().collect();
    let spellings: Vec<Spelling> = spellings.iter().map(|spelling| Spelling::of(spelling)).collect();
    let shortest = spellings.iter().map(|spelling| spelling.shortest).min().unwrap_or(PIECE);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let length = spellings.iter().map(|spelling| spelling.piece_at(rest)).max().unwrap_or_default();
        let before = at.checked_sub(1).and_then(|before| text.get(before)).copied();
        let context = Context { before, after: rest.get(length).copied() };
        let piece = rest.get(..length).filter(|piece| !piece.is_empty());
        let length = piece.map_or(0, |piece| hidden(&context, piece));
        if length >= shortest {
            out.push_str(label);
            at += length;
        } else {
            out.extend(rest.first());
            at += 1;
        }
    }
    out
}

/// A value in one spelling, with its pieces of the shortest length to look up.
struct Spelling {
    chars: Vec<char>,
    /// Where in the value each piece begins.
    pieces: std::collections::HashMap<Vec<char>, usize>,
    shortest: usize,
}

impl Spelling {
    fn of(value: &str) -> Self {
        let chars: Vec<char> = value.chars().collect();
        // What is shorter than a piece is looked for whole.
        let shortest = chars.len().clamp(1, PIECE);
        let pieces = chars.windows(shortest).enumerate().map(|(at, piece)| (piece.to_vec(), at)).collect();
        Self { chars, pieces, shortest }
    }

    /// Returns the length of the piece that a text begins with, 0 where there is none.
    fn piece_at(&self, text: &[char]) -> usize {
        let at = text.get(..self.shortest).and_then(|start| self.pieces.get(start));
        let Some(rest) = at.and_then(|at| self.chars.get(*at..)) else { return 0 };
        rest.iter().zip(text).take_while(|(a, b)| a == b).count()
    }
}

/// Returns how much of a piece is whole words, so that no half words are left of Twilio's sentence. A piece that begins
/// in the middle of a word has no whole words. Spaces around the piece do not count.
fn whole_words(context: &Context, piece: &[char]) -> usize {
    let in_word = |c: Option<&char>| c.is_some_and(|c| c.is_alphanumeric());
    let begins_within = in_word(context.before.as_ref()) && in_word(piece.first());
    if begins_within || piece.first().is_none_or(|c| c.is_whitespace()) {
        return 0;
    }
    let up_to_last =
        |wanted: fn(&char) -> bool, piece: &[char]| piece.iter().rposition(wanted).map_or(0, |last| last + 1);
    if !in_word(context.after.as_ref()) || !in_word(piece.last()) {
        return up_to_last(|c| !c.is_whitespace(), piece);
    }
    let half_word = up_to_last(|c| !c.is_alphanumeric(), piece);
    up_to_last(|c| c.is_alphanumeric(), piece.get(..half_word).unwrap_or_default())
}

/// Is it one of Twilio's own phrases: a few words, all of which its sentences are made of?
fn is_twilios_own(piece: &str) -> bool {
    let mut count = 0;
    words(piece).all(|word| {
        count += 1;
        count <= BY_CHANCE && TWILIOS_WORDS.contains(&word.to_lowercase())
    })
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}
