//! Phrases: what a rule looks for in words.
//!
//! A phrase is a line of words. `casino*` is a word that begins so, `beer|wine|hard_cider` one of several, `#` a number,
//! `$#` an amount of money, `#%` a percentage; `..` are up to two words and `...` up to six words of the same sentence,
//! `@name` is a list of the file. Parts joined by `&` must all be somewhere in the text, in any order. The part `LINK` is
//! a link to a domain that was not allowed by name.

use std::collections::{BTreeMap, HashMap};

use super::words::{Word, Words};

/// The number of words of `..` and `...`.
const SHORT_GAP: usize = 2;
const LONG_GAP: usize = 6;

/// The limits of a phrase, so that the cost of a comparison is bounded.
const MAX_ELEMENTS: usize = 12;
const MAX_GAPS: usize = 2;
const MAX_PARTS: usize = 4;
const MAX_ALTERNATIVES: usize = 200;
/// A shorter beginning would match half of the dictionary.
const MIN_PREFIX: usize = 3;

/// The lists of words that phrases refer to.
pub(super) type Lists = BTreeMap<String, Vec<String>>;

/// A phrase that was read.
#[derive(Debug)]
pub(super) struct Phrase {
    pub(super) parts: Vec<Part>,
}

/// A part of a phrase.
#[derive(Debug)]
pub(super) enum Part {
    /// Words in this order.
    Sequence(Sequence),
    /// Any link.
    Link,
}

/// Words and gaps, in order. The first and the last element are words.
#[derive(Debug)]
pub(super) struct Sequence(Vec<Element>);

#[derive(Debug)]
enum Element {
    OneOf(Alternatives),
    Gap(usize),
}

/// What can stand at one place of a phrase.
#[derive(Debug, Default)]
struct Alternatives {
    /// Single words, sorted: most alternatives are single words, and these are found without comparing each.
    words: Vec<WordId>,
    others: Vec<Vec<Wanted>>,
}

/// The number of a word in the [`Vocabulary`].
pub(super) type WordId = u32;

/// All words of all phrases.
#[derive(Default)]
pub(super) struct Vocabulary(HashMap<Box<str>, WordId>);

impl Vocabulary {
    /// A word that no phrase has.
    pub(super) const UNKNOWN: WordId = WordId::MAX;

    pub(super) fn get(&self, key: &str) -> WordId {
        self.0.get(key).copied().unwrap_or(Self::UNKNOWN)
    }

    fn add(&mut self, key: &str) -> WordId {
        let next = WordId::try_from(self.0.len()).unwrap_or(Self::UNKNOWN);
        *self.0.entry(key.into()).or_insert(next)
    }
}

/// The words of a text with their numbers.
pub(super) struct Numbered<'w> {
    pub(super) words: &'w Words,
    pub(super) ids: Vec<WordId>,
}

impl<'w> Numbered<'w> {
    pub(super) fn new(words: &'w Words, vocabulary: &Vocabulary) -> Self {
        Self { words, ids: words.keys().map(|key| vocabulary.get(key)).collect() }
    }
}

/// A word that a phrase wants.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Wanted {
    Word(WordId),
    Prefix(Box<str>),
    Number,
    Money,
    Percent,
}

impl Wanted {
    fn is(&self, id: WordId, words: &Words, word: &Word) -> bool {
        match self {
            Self::Word(wanted) => *wanted == id,
            Self::Prefix(wanted) => words.key(word).starts_with(&**wanted),
            Self::Number => is_number(words.key(word)),
            Self::Money => word.money && is_number(words.key(word)),
            Self::Percent => word.percent && is_number(words.key(word)),
        }
    }
}

pub(super) fn is_number(key: &str) -> bool {
    key.starts_with(|c: char| c.is_ascii_digit())
}

impl Sequence {
    /// The words with which it can begin.
    pub(super) fn begins_with(&self) -> Vec<Wanted> {
        let Some(Element::OneOf(first)) = self.0.first() else { return Vec::new() };
        let words = first.words.iter().copied().map(Wanted::Word);
        words.chain(first.others.iter().filter_map(|other| other.first().cloned())).collect()
    }

    /// The most comparisons that it takes at one place of a text.
    pub(super) fn cost(&self) -> usize {
        let mut ways = 1usize;
        let mut cost = 0usize;
        for element in &self.0 {
            match element {
                Element::OneOf(alternatives) => {
                    cost = cost.saturating_add(ways.saturating_mul(1 + alternatives.others.len()))
                }
                Element::Gap(most) => ways = ways.saturating_mul(most + 1),
            }
        }
        cost
    }

    /// If the words at `at` are this sequence, the index after the last one.
    pub(super) fn end(&self, text: &Numbered<'_>, at: usize) -> Option<usize> {
        end(&self.0, text, at)
    }
}

/// At most [`MAX_GAPS`] gaps of [`LONG_GAP`] words are tried, so the cost is bounded.
fn end(elements: &[Element], text: &Numbered<'_>, at: usize) -> Option<usize> {
    match elements.split_first() {
        None => Some(at),
        Some((Element::OneOf(alternatives), rest)) => {
            let longest = alternatives.longest(text, at)?;
            end(rest, text, at + longest)
        }
        Some((Element::Gap(most), rest)) => {
            for skipped in 0..=*most {
                // A gap does not reach into the next sentence.
                if text.words.get(at + skipped).is_none_or(|word| word.begins) {
                    break;
                }
                if let Some(end) = end(rest, text, at + skipped) {
                    return Some(end);
                }
            }
            None
        }
    }
}

impl Alternatives {
    /// The number of words of the longest alternative that stands at a place.
    fn longest(&self, text: &Numbered<'_>, at: usize) -> Option<usize> {
        let id = *text.ids.get(at)?;
        let single = (id != Vocabulary::UNKNOWN && self.words.binary_search(&id).is_ok()).then_some(1);
        let others = self.others.iter().filter(|wanted| stands(wanted, text, at)).map(Vec::len).max();
        single.max(others)
    }
}

fn stands(wanted: &[Wanted], text: &Numbered<'_>, at: usize) -> bool {
    wanted.iter().zip(at..).all(|(wanted, at)| {
        let word = text.ids.get(at).zip(text.words.get(at));
        word.is_some_and(|(id, word)| wanted.is(*id, text.words, word))
    })
}

impl Phrase {
    /// Reads a phrase.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub(super) fn parse(text: &str, lists: &Lists, vocabulary: &mut Vocabulary) -> Result<Self, String> {
        let parts = text
            .split('&')
            .map(|part| parse_part(part.trim(), lists, vocabulary))
            .collect::<Result<Vec<_>, _>>()?;
        if parts.len() > MAX_PARTS {
            return Err(format!("it has more than {MAX_PARTS} parts joined by &"));
        }
        if parts.iter().all(|part| matches!(part, Part::Link)) {
            return Err("it has no words".to_owned());
        }
        Ok(Self { parts })
    }
}

fn parse_part(part: &str, lists: &Lists, vocabulary: &mut Vocabulary) -> Result<Part, String> {
    if part == "LINK" {
        return Ok(Part::Link);
    }
    let elements = part
        .split_whitespace()
        .map(|word| parse_element(word, lists, vocabulary))
        .collect::<Result<Vec<_>, _>>()?;
    let is_gap = |element: Option<&Element>| matches!(element, None | Some(Element::Gap(_)));
    if is_gap(elements.first()) || is_gap(elements.last()) {
        return Err("a part must begin and end with a word".to_owned());
    }
    if elements.len() > MAX_ELEMENTS {
        return Err(format!("a part has more than {MAX_ELEMENTS} words"));
    }
    if elements.iter().filter(|element| is_gap(Some(element))).count() > MAX_GAPS {
        return Err(format!("a part has more than {MAX_GAPS} gaps"));
    }
    Ok(Part::Sequence(Sequence(elements)))
}

fn parse_element(word: &str, lists: &Lists, vocabulary: &mut Vocabulary) -> Result<Element, String> {
    match word {
        ".." => return Ok(Element::Gap(SHORT_GAP)),
        "..." => return Ok(Element::Gap(LONG_GAP)),
        _ => {}
    }
    let mut alternatives = Vec::new();
    for alternative in word.split('|') {
        match alternative.strip_prefix('@') {
            Some(name) => {
                let list = lists.get(name).ok_or_else(|| format!("there is no list of words `{name}`"))?;
                for entry in list {
                    alternatives.push(parse_alternative(entry, vocabulary)?);
                }
            }
            None => alternatives.push(parse_alternative(alternative, vocabulary)?),
        }
    }
    if alternatives.len() > MAX_ALTERNATIVES {
        return Err(format!("one word has more than {MAX_ALTERNATIVES} alternatives"));
    }
    let mut one_of = Alternatives::default();
    for alternative in alternatives {
        match alternative.as_slice() {
            [Wanted::Word(id)] => one_of.words.push(*id),
            _ => one_of.others.push(alternative),
        }
    }
    one_of.words.sort_unstable();
    one_of.words.dedup();
    Ok(Element::OneOf(one_of))
}

/// Words joined by `_` or, in a list, by blanks.
fn parse_alternative(alternative: &str, vocabulary: &mut Vocabulary) -> Result<Vec<Wanted>, String> {
    let wanted = alternative
        .split(['_', ' '])
        .map(|word| parse_wanted(word, vocabulary))
        .collect::<Result<Vec<_>, _>>()?;
    if wanted.is_empty() || wanted.len() > MAX_ELEMENTS {
        return Err(format!("an alternative has more than {MAX_ELEMENTS} words, or none"));
    }
    Ok(wanted)
}

fn parse_wanted(word: &str, vocabulary: &mut Vocabulary) -> Result<Wanted, String> {
    match word {
        "#" => return Ok(Wanted::Number),
        "$#" => return Ok(Wanted::Money),
        "#%" => return Ok(Wanted::Percent),
        _ => {}
    }
    let (stem, prefix) = word.strip_suffix('*').map_or((word, false), |stem| (stem, true));
    let words = Words::of(stem);
    let mut keys = words.keys();
    let (Some(key), None) = (keys.next(), keys.next()) else {
        return Err(format!("`{word}` is not one word"));
    };
    match prefix {
        false => Ok(Wanted::Word(vocabulary.add(key))),
        true if key.chars().count() < MIN_PREFIX => {
            Err(format!("`{word}` needs at least {MIN_PREFIX} letters before the *"))
        }
        true => Ok(Wanted::Prefix(key.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(phrase: &str, text: &str) -> bool {
        let lists = Lists::from([("secret".to_owned(), vec!["pin".to_owned(), "card number".to_owned()])]);
        let mut vocabulary = Vocabulary::default();
        let phrase = Phrase::parse(phrase, &lists, &mut vocabulary).expect("a phrase");
        let words = Words::of(text);
        let text = Numbered::new(&words, &vocabulary);
        phrase.parts.iter().all(|part| match part {
            Part::Sequence(sequence) => (0..words.len()).any(|at| sequence.end(&text, at).is_some()),
            Part::Link => true,
        })
    }

    #[test]
    fn matches_words_gaps_and_lists() {
        assert!(found("reply ... your @secret", "Please REPLY to us with your card-number"));
        assert!(!found("reply ... your @secret", "Please reply. Tell us your PIN"), "another sentence");
        assert!(found("free_spin*|slots", "100 free spins"));
        assert!(!found("free_spin*", "free the spins"));
        assert!(found("$# .. day", "earn $500 a day") && !found("$# .. day", "earn 500 a day"));
        assert!(found("earn & #%", "5% daily is what you earn"));
    }

    #[test]
    fn refuses_what_costs_too_much_or_means_nothing() {
        for (phrase, why) in [
            ("", "begin and end"),
            ("... x", "begin and end"),
            ("LINK", "no words"),
            ("a & b & c & d & e", "more than 4 parts"),
            ("a .. b .. c .. d", "more than 2 gaps"),
            ("ab*", "at least 3 letters"),
            ("@nothing", "no list of words `nothing`"),
            ("a b c d e f g h i j k l m", "more than 12"),
            ("don't-stop", "not one word"),
        ] {
            let error = Phrase::parse(phrase, &Lists::new(), &mut Vocabulary::default()).expect_err(phrase);
            assert!(error.contains(why), "{phrase}: {error}");
        }
    }
}
