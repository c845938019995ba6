//! All phrases of a rules file, looked for at once.

use std::collections::{HashMap, HashSet};

use super::file::Phrases;
use super::link::Link;
use super::phrase::{Lists, Numbered, Part, Phrase, Sequence, Vocabulary, Wanted, WordId, is_number};
use super::words::{Word, Words};

/// The most comparisons of all phrases that begin with the same word, so that the cost of a word of a text is bounded.
const MAX_COST: usize = 10_000;
/// The letters of a prefix by which it is found: a prefix has at least so many.
const PREFIX_KEY: usize = 3;
/// How many words before a phrase can take its meaning away: `never send us your PIN`.
const NEGATION: usize = 5;

/// The phrases of all rules, by the words with which they begin.
#[derive(Default)]
pub(super) struct Search {
    sequences: Vec<Listed>,
    phrases: Vec<Wants>,
    vocabulary: Vocabulary,
    begins: HashMap<WordId, Vec<usize>>,
    prefixes: HashMap<Box<str>, Vec<(Box<str>, usize)>>,
    /// Those that begin with a number, with money, with a percentage.
    numbers: [Vec<usize>; 3],
    costs: HashMap<Wanted, usize>,
    not_after: HashMap<usize, HashSet<Box<str>>>,
}

struct Listed {
    sequence: Sequence,
    phrase: usize,
    bit: u8,
}

struct Wants {
    rule: usize,
    parts: u8,
    /// The bit of the part `LINK`.
    link: u8,
}

impl Search {
    /// Adds the phrases of a rule.
    pub(super) fn add(&mut self, rule: usize, phrases: &Phrases, lists: &Lists) -> Result<(), String> {
        for text in &phrases.any {
            let phrase = Phrase::parse(text, lists, &mut self.vocabulary)
                .map_err(|why| format!("phrase `{}`: {why}", shown(text)))?;
            self.add_phrase(rule, phrase).map_err(|why| format!("phrase `{}`: {why}", shown(text)))?;
        }
        if !phrases.not_after.is_empty() {
            let words = phrases
                .not_after
                .iter()
                .map(|word| Words::of(word).keys().collect::<String>().into_boxed_str());
            self.not_after.insert(rule, words.collect());
        }
        Ok(())
    }

    fn add_phrase(&mut self, rule: usize, phrase: Phrase) -> Result<(), String> {
        let index = self.phrases.len();
        let mut wants = Wants { rule, parts: 0, link: 0 };
        for (part, place) in phrase.parts.into_iter().zip(0u8..) {
            let bit = 1 << place;
            wants.parts |= bit;
            match part {
                Part::Link => wants.link |= bit,
                Part::Sequence(sequence) => self.add_sequence(Listed { sequence, phrase: index, bit })?,
            }
        }
        self.phrases.push(wants);
        Ok(())
    }

    fn add_sequence(&mut self, listed: Listed) -> Result<(), String> {
        let index = self.sequences.len();
        let cost = listed.sequence.cost();
        let mut seen = HashSet::new();
        for wanted in listed.sequence.begins_with() {
            if !seen.insert(wanted.clone()) {
                continue;
            }
            let key = match wanted {
                Wanted::Word(word) => {
                    self.begins.entry(word).or_default().push(index);
                    wanted
                }
                Wanted::Prefix(prefix) => {
                    let key: Box<str> = beginning(&prefix).into();
                    self.prefixes.entry(key.clone()).or_default().push((prefix, index));
                    Wanted::Prefix(key)
                }
                Wanted::Number | Wanted::Money | Wanted::Percent => {
                    let [numbers, money, percent] = &mut self.numbers;
                    match wanted {
                        Wanted::Money => money.push(index),
                        Wanted::Percent => percent.push(index),
                        _ => numbers.push(index),
                    }
                    Wanted::Number
                }
            };
            let costs = self.costs.entry(key).or_default();
            *costs = costs.saturating_add(cost);
            if *costs > MAX_COST {
                return Err("too many phrases begin with the same word, or they have too many alternatives"
                    .to_owned());
            }
        }
        self.sequences.push(listed);
        Ok(())
    }

    /// Returns the first place of each rule of which a phrase was found.
    pub(super) fn find(
        &self,
        words: &Words,
        link: Option<&Link>,
        wanted: impl Fn(usize) -> bool,
    ) -> Vec<(usize, Place)> {
        let text = Numbered::new(words, &self.vocabulary);
        let mut found: Vec<(usize, Place)> = Vec::new();
        let mut parts: HashMap<usize, (u8, Place)> = HashMap::new();
        for ((at, word), id) in words.iter().enumerate().zip(&text.ids) {
            for index in self.candidates(*id, word, words.key(word)) {
                let Some(listed) = self.sequences.get(index) else { continue };
                let Some(wants) = self.phrases.get(listed.phrase) else { continue };
                let known = found.iter().any(|(rule, _)| *rule == wants.rule);
                if known || !wanted(wants.rule) || (wants.link != 0 && link.is_none()) {
                    continue;
                }
                let Some(end) = listed.sequence.end(&text, at) else { continue };
                if self.is_negated(wants.rule, words, at, end) {
                    continue;
                }
                let last = words.get(end.saturating_sub(1)).map_or(word.place.end, |last| last.place.end);
                let entry = parts.entry(listed.phrase).or_insert((wants.link, word.place.start..last));
                entry.0 |= listed.bit;
                if entry.0 == wants.parts {
                    found.push((wants.rule, entry.1.clone()));
                }
            }
        }
        found
    }

    /// The sequences that can begin with a word.
    fn candidates<'s>(&'s self, id: WordId, word: &Word, key: &'s str) -> impl Iterator<Item = usize> + 's {
        let exact = self.begins.get(&id).into_iter().flatten().copied();
        let [numbers, money, percent] = &self.numbers;
        let is_number = is_number(key);
        let numbers =
            [(numbers, is_number), (money, is_number && word.money), (percent, is_number && word.percent)];
        let numbers = numbers.into_iter().filter(|(_, applies)| *applies).flat_map(|(list, _)| list).copied();
        let prefixed = self.prefixes.get(beginning(key)).into_iter().flatten();
        let prefixed =
            prefixed.filter(move |(prefix, _)| key.starts_with(&**prefix)).map(|(_, index)| *index);
        exact.chain(numbers).chain(prefixed)
    }

    /// Does a word before the phrase, or inside it, take its meaning away? It stands in the same sentence.
    fn is_negated(&self, rule: usize, words: &Words, at: usize, end: usize) -> bool {
        let Some(negations) = self.not_after.get(&rule) else { return false };
        let is_negation =
            |index: usize| words.get(index).is_some_and(|word| negations.contains(words.key(word)));
        let begins = |index: usize| words.get(index).is_none_or(|word| word.begins);
        let first = (at.saturating_sub(NEGATION)..at)
            .rev()
            .take_while(|before| !begins(before + 1))
            .last()
            .unwrap_or(at);
        (first..end).any(is_negation)
    }
}

/// A place in the text.
type Place = std::ops::Range<usize>;

fn beginning(key: &str) -> &str {
    key.char_indices().nth(PREFIX_KEY).and_then(|(end, _)| key.get(..end)).unwrap_or(key)
}

/// A phrase in an error, not longer than a line.
fn shown(phrase: &str) -> String {
    phrase.chars().take(60).collect()
}
