//! Finds sent values in a text, also if only a piece of a value is quoted.

use std::collections::{HashMap, HashSet};
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

/// The pieces of a text, which say quickly that a value has nothing in common with it. The message of an error is short,
/// but what was sent may be a megabyte or a hundred thousand values.
pub(super) struct Pieces {
    /// With spaces for plus signs: a form writes one for the other.
    text: String,
    pieces: HashSet<[u8; MIN_PIECE]>,
}

impl Pieces {
    pub(super) fn of(text: &str) -> Self {
        let text = text.replace('+', " ");
        let pieces = text.as_bytes().windows(MIN_PIECE).filter_map(|piece| piece.try_into().ok()).collect();
        Self { text, pieces }
    }

    /// May the value stand in the text, or a piece of it that is long enough to be hidden?
    pub(super) fn may_be_of(&self, value: &str) -> bool {
        let value = value.replace('+', " ");
        if value.len() < MIN_PIECE {
            return self.text.contains(&value);
        }
        value.as_bytes().windows(MIN_PIECE).any(|piece| self.pieces.contains(piece))
    }
}

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
    let spellings: Vec<Spelling> = spellings.iter().map(|spelling| Spelling::of(spelling, &text)).collect();
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

/// A value in one spelling, with those of its pieces of the shortest length that stand in a text.
struct Spelling {
    chars: Vec<char>,
    /// The positions in the value at which each piece begins. No more of them than the text has characters.
    pieces: HashMap<Vec<char>, usize>,
    shortest: usize,
}

impl Spelling {
    fn of(value: &str, text: &[char]) -> Self {
        let chars: Vec<char> = value.chars().collect();
        // A value that is shorter than the minimum is searched for as a whole.
        let shortest = chars.len().clamp(1, MIN_PIECE);
        let in_text: HashSet<&[char]> = text.windows(shortest).collect();
        let pieces = chars.windows(shortest).enumerate().filter(|(_, piece)| in_text.contains(piece));
        let pieces = pieces.map(|(at, piece)| (piece.to_vec(), at)).collect();
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A megabyte in which every piece is another one.
    fn megabyte() -> String {
        (0..150_000).map(|n| format!("{n:07x}")).collect()
    }

    #[test]
    fn of_a_megabyte_only_what_stands_in_the_text_is_kept() {
        let value = megabyte();
        let quoted = value.get(600_000..600_050).unwrap();
        let text = format!("cannot be read: '{quoted}'");
        assert_eq!(hide_sent(&text, "body", &value), "cannot be read: '[body]'");
        let chars: Vec<char> = text.chars().collect();
        let kept = Spelling::of(&value, &chars).pieces.len();
        assert!((1..=chars.len()).contains(&kept), "{kept} pieces are kept");
    }

    #[test]
    fn a_value_with_no_piece_in_the_text_is_not_looked_for() {
        let pieces = Pieces::of("to+be said: a long note, 4711");
        for value in
            ["4711", "to be", "to+be", "note", "a long note", "and a long note, too", "said: a +long"]
        {
            assert!(pieces.may_be_of(value), "{value}");
        }
        for value in ["4712", "another", "a longer note", &megabyte()] {
            assert!(!pieces.may_be_of(value), "{}", value.get(..20).unwrap_or(value));
        }
    }
}
