//! Finds sent values in a text, also if only a piece of a value is quoted.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::super::catalogue;

/// The minimum length of a piece of a value that is hidden.
const MIN_PIECE: usize = 8;
/// Up to this many consecutive words of Twilio's own sentence may be equal to words of a sent text by chance.
const MAX_COMMON_WORDS: usize = 3;

/// The words in which Twilio's errors are written, in lower case.
static TWILIOS_WORDS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let texts = catalogue::all().flat_map(|entry| [entry.title, entry.cause, entry.fix]);
    texts.flat_map(words).map(str::to_lowercase).collect()
});

/// Hides a secret, and every piece of it.
pub(super) fn hide_secret(text: &str, secret: &str) -> String {
    hide(&text.replace(secret, "***"), "***", &[secret.to_owned()], |_, piece| piece.len())
}

/// Replaces a sent value by its name (`[To]`). A number is replaced only as a whole, because other numbers begin with the same
/// digits, and all other numbers are masked later.
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

/// The text before and after a piece.
struct Context {
    before: Option<char>,
    after: Option<char>,
}

/// Hides the pieces of a text that also occur in one of the spellings. `hidden` returns how much of a piece is hidden; nothing
/// is hidden if that is shorter than the minimum.
fn hide(
    text: &str,
    label: &str,
    spellings: &[String],
    hidden: impl Fn(&Context, &[char]) -> usize,
) -> String {
    let text: Vec<char> = text.chars().collect();
    let spellings: Vec<Spelling> = spellings.iter().map(|spelling| Spelling::of(spelling)).collect();
    let shortest = spellings.iter().map(|spelling| spelling.shortest).min().unwrap_or(MIN_PIECE);
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
    /// The positions in the value at which each piece begins.
    pieces: std::collections::HashMap<Vec<char>, usize>,
    shortest: usize,
}

impl Spelling {
    fn of(value: &str) -> Self {
        let chars: Vec<char> = value.chars().collect();
        // A value that is shorter than the minimum is searched for as a whole.
        let shortest = chars.len().clamp(1, MIN_PIECE);
        let pieces = chars.windows(shortest).enumerate().map(|(at, piece)| (piece.to_vec(), at)).collect();
        Self { chars, pieces, shortest }
    }

    /// Returns the length of the piece that a text begins with; 0 if there is none.
    fn piece_at(&self, text: &[char]) -> usize {
        let at = text.get(..self.shortest).and_then(|start| self.pieces.get(start));
        let Some(rest) = at.and_then(|at| self.chars.get(*at..)) else { return 0 };
        rest.iter().zip(text).take_while(|(a, b)| a == b).count()
    }
}

/// Returns the length of the whole words of a piece, so that no word of Twilio's sentence is cut. A piece that begins in the
/// middle of a word has no whole words. Spaces around the piece are ignored.
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

/// Is it a short phrase that consists only of words of Twilio's own sentences?
fn is_twilios_own(piece: &str) -> bool {
    let mut count = 0;
    words(piece).all(|word| {
        count += 1;
        count <= MAX_COMMON_WORDS && TWILIOS_WORDS.contains(&word.to_lowercase())
    })
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}
