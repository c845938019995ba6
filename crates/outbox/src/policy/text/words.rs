//! A text as words to compare: lower case, without accents, and without the usual disguises.

use std::ops::Range;

use super::fold::{is_invisible, latin_of, letter_of, plain, push_folded};

/// So many letters with signs between them are a word that was spelled.
const SPELLED: usize = 4;

/// A word of a text.
#[derive(Debug)]
pub(super) struct Word {
    /// Where its folded letters are in [`Words::folded`].
    key: Range<usize>,
    /// Where it is in the text.
    pub(super) place: Range<usize>,
    /// A currency sign stands before or after it, or the name of a currency after it.
    pub(super) money: bool,
    /// A percent sign stands after it.
    pub(super) percent: bool,
    /// It is the first word of its sentence.
    pub(super) begins: bool,
}

/// The words of a text.
pub(super) struct Words {
    folded: String,
    words: Vec<Word>,
}

impl Words {
    /// Divides a text into words, in one pass.
    pub(super) fn of(text: &str) -> Self {
        let mut reader = Reader::new(text.len());
        let mut chars = text.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let next = chars.peek().map(|(_, next)| *next);
            reader.read(at, c, next);
        }
        reader.end();
        reader.words.join_spelled(text);
        reader.words
    }

    /// Makes one word of letters with the same sign between them: `p.o.r.n`.
    fn join_spelled(&mut self, text: &str) {
        let sign = |one: &Word, next: &Word| {
            let between = text.get(one.place.end..next.place.start)?;
            let mut signs = between.chars().filter(|c| !is_invisible(*c));
            let sign = signs.next().filter(|sign| matches!(*sign, '.' | '-' | '_' | '*'));
            sign.filter(|_| signs.next().is_none())
        };
        let is_letter = |word: &Word| self.key(word).chars().all(char::is_alphabetic) && word.key.len() == 1;
        let mut runs = Vec::new();
        let mut start = 0;
        while start < self.words.len() {
            let mut end = start + 1;
            while let (Some(first), Some(second), Some(one), Some(next)) = (
                self.words.get(start),
                self.words.get(start + 1),
                self.words.get(end - 1),
                self.words.get(end),
            ) && is_letter(first)
                && is_letter(next)
                && sign(one, next).is_some()
                && sign(one, next) == sign(first, second)
            {
                end += 1;
            }
            if end - start >= SPELLED {
                runs.push(start..end);
            }
            start = end;
        }
        for run in runs.into_iter().rev() {
            self.join(run);
        }
    }

    /// The folded letters of words that follow each other do too.
    fn join(&mut self, run: Range<usize>) {
        let Some(last) = self.words.get(run.end - 1) else { return };
        let (key_end, place_end) = (last.key.end, last.place.end);
        if let Some(first) = self.words.get_mut(run.start) {
            first.key.end = key_end;
            first.place.end = place_end;
        }
        self.words.drain(run.start + 1..run.end);
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.words.len()
    }

    pub(super) fn get(&self, index: usize) -> Option<&Word> {
        self.words.get(index)
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Word> {
        self.words.iter()
    }

    /// The folded letters of a word.
    pub(super) fn key(&self, word: &Word) -> &str {
        self.folded.get(word.key.clone()).unwrap_or_default()
    }

    /// The folded words, for the patterns of a rules file.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(|word| self.key(word))
    }
}

struct Reader {
    words: Words,
    open: Option<Open>,
    previous: Option<char>,
    /// A currency sign was the last thing that is not a blank.
    currency: bool,
    begins: bool,
}

/// A word that is being read.
#[derive(Default)]
struct Open {
    key: usize,
    start: usize,
    end: usize,
    money: bool,
    number: bool,
    latin: bool,
    lookalike: bool,
    digit: bool,
}

impl Reader {
    fn new(capacity: usize) -> Self {
        let words =
            Words { folded: String::with_capacity(capacity), words: Vec::with_capacity(capacity / 5) };
        Self { words, open: None, previous: None, currency: false, begins: true }
    }

    fn read(&mut self, at: usize, c: char, next: Option<char>) {
        if is_invisible(c) {
            return;
        }
        let end = at + c.len_utf8();
        let c = plain(c);
        if c.is_alphanumeric() {
            self.letter(at..end, c);
        } else if !self.joins(c, next) {
            self.other(c, next);
        }
        self.previous = Some(c);
    }

    fn letter(&mut self, place: Range<usize>, c: char) {
        let begins_number = self.open.is_none() && c.is_ascii_digit();
        let key = self.words.folded.len();
        let money = self.currency;
        let open = self.open.get_or_insert(Open {
            key,
            start: place.start,
            money,
            number: begins_number,
            ..Open::default()
        });
        open.end = place.end;
        open.latin |= c.is_ascii_alphabetic();
        open.digit |= c.is_ascii_digit();
        open.lookalike |= latin_of(c).is_some();
        push_folded(&mut self.words.folded, c);
        self.currency = false;
    }

    /// Does the character belong inside a word: `don't`, `10,000`, `c@sh`?
    fn joins(&mut self, c: char, next: Option<char>) -> bool {
        let Some(open) = self.open.as_mut() else { return false };
        let Some(next) = next else { return false };
        match c {
            '\'' | '’' | 'ʼ' => next.is_alphabetic(),
            '.' | ',' => open.number && next.is_ascii_digit(),
            '@' | '$' if open.latin && next.is_ascii_alphabetic() => {
                open.digit = true;
                self.words.folded.push(c);
                true
            }
            _ => false,
        }
    }

    fn other(&mut self, c: char, next: Option<char>) {
        self.end();
        match c {
            '$' | '€' | '£' | '¥' | '₹' => {
                self.currency = true;
                self.mark(|word| word.money = true);
            }
            '%' => self.mark(|word| word.percent = true),
            '.' | '!' | '?' | '\n' | '…' | '。' if !next.is_some_and(char::is_alphanumeric) => {
                self.begins = true
            }
            _ => {}
        }
        self.currency &= c == ' ' || matches!(c, '$' | '€' | '£' | '¥' | '₹');
    }

    /// Marks the last word, if it is a number and nothing but a blank stands after it.
    fn mark(&mut self, set: impl FnOnce(&mut Word)) {
        let beside = self.previous.is_some_and(|c| c == ' ' || c.is_alphanumeric());
        let Words { folded, words } = &mut self.words;
        let is_number = |word: &&mut Word| {
            folded.get(word.key.start..).is_some_and(|key| key.starts_with(|c: char| c.is_ascii_digit()))
        };
        if let Some(word) = words.last_mut().filter(is_number).filter(|_| beside) {
            set(word);
        }
    }

    /// Marks the number before the name of a currency: `300 euros`.
    fn name_currency(&mut self, key: &Range<usize>, place: &Range<usize>) {
        const NAMES: [&str; 9] =
            ["euro", "euros", "eur", "usd", "gbp", "dollar", "dollars", "pounds", "bucks"];
        let Words { folded, words } = &mut self.words;
        let is_name = folded.get(key.clone()).is_some_and(|key| NAMES.contains(&key));
        let beside = |word: &&mut Word| place.start - word.place.end < 2;
        if let Some(word) = words.last_mut().filter(beside).filter(|_| is_name) {
            word.money = true;
        }
    }

    fn end(&mut self) {
        let Some(open) = self.open.take() else { return };
        if open.latin && (open.lookalike || (open.digit && !open.number)) {
            undisguise(&mut self.words.folded, open.key, open.lookalike);
        }
        let key = open.key..self.words.folded.len();
        let place = open.start..open.end;
        let begins = std::mem::take(&mut self.begins);
        self.name_currency(&key, &place);
        self.words.words.push(Word { key, place, money: open.money, percent: false, begins });
    }
}

/// Replaces what only looks like a Latin letter in a word that has Latin letters: `саsh`, `v1agra`, `h00kup`.
///
/// At the end of a word, only where a character before it was replaced: `c4s1n0`, but not `mp3`.
fn undisguise(folded: &mut String, start: usize, lookalikes: bool) {
    let word = folded.split_off(start);
    let last_letter = word.rfind(char::is_alphabetic).unwrap_or_default();
    let (mut after_letter, mut replaced) = (false, false);
    for (at, c) in word.char_indices() {
        let plain = match c {
            _ if lookalikes && latin_of(c).is_some() => latin_of(c),
            _ if after_letter && (at < last_letter || replaced) => letter_of(c),
            _ => None,
        };
        folded.push(plain.unwrap_or(c));
        after_letter = c.is_alphabetic() || plain.is_some();
        replaced |= plain.is_some();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<String> {
        Words::of(text).keys().map(str::to_owned).collect()
    }

    #[test]
    fn folds_case_accents_and_disguises() {
        assert_eq!(keys("Don’t WAIT, Bäckerei!"), ["dont", "wait", "backerei"]);
        assert_eq!(keys("v1agra c@sh p0rn"), ["viagra", "cash", "porn"]);
        assert_eq!(keys("c4s1n0 h00kup mp3 x2"), ["casino", "hookup", "mp3", "x2"]);
        assert_eq!(keys("G-l-o-c-k-s, p.o.r.n p.\u{200b}o.r.n"), ["glocks", "porn", "porn"]);
        assert_eq!(
            keys("a-b-c 1-2-3-4 U.S. e.g. v-neck A B C D"),
            "a b c 1 2 3 4 u s e g v neck a b c d".split(' ').collect::<Vec<_>>()
        );
        assert_eq!(keys("саsino"), ["casino"], "the first two letters are Cyrillic");
        assert_eq!(keys("Ваш заказ"), ["ваш", "заказ"], "a Cyrillic word stays");
        assert_eq!(keys("cas\u{200b}ino ＣＡＳＩＮＯ 𝐜𝐚𝐬𝐢𝐧𝐨"), ["casino", "casino", "casino"]);
        assert_eq!(keys("10,000.50 x"), ["1000050", "x"]);
        assert_eq!(keys("third-party"), ["third", "party"]);
    }

    #[test]
    fn marks_money_percent_and_sentences() {
        let words = Words::of("Win $500 or 300€, 20 % off. Now");
        let marks: Vec<_> = words.iter().map(|word| (word.money, word.percent, word.begins)).collect();
        assert_eq!(
            marks,
            [
                (false, false, true),
                (true, false, false),
                (false, false, false),
                (true, false, false),
                (false, true, false),
                (false, false, false),
                (false, false, true),
            ]
        );
    }

    #[test]
    fn places_are_in_the_text() {
        let text = "Grüße, ﬁn 𝐜𝐚𝐬𝐢𝐧𝐨 ᾳ";
        for word in Words::of(text).iter() {
            assert!(text.get(word.place.clone()).is_some(), "{:?}", word.place);
        }
    }
}
