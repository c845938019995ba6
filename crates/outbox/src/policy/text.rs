//! What the text of a message may say: what carriers filter, and what Twilio's acceptable use forbids.
//!
//! The rules are a file ([`TextRules::standard`], `text-rules.json`). They look for words and links. They do not
//! understand a text: what they do not find can still be filtered, and it is the sender who is responsible for it.

mod brand;
mod file;
mod finding;
mod fold;
mod link;
mod phrase;
mod place;
mod search;
mod shape;
mod support;
mod words;

#[cfg(test)]
mod tests;

use std::collections::HashSet;

use sha2::{Digest, Sha256};
use std::ops::Range;

pub use self::file::TextRulesError;
pub use self::finding::{Finding, Findings, Severity};
pub use self::support::SupportRequest;

use self::brand::Brand;
use self::file::{File, LooksFor, Rule};
use self::link::Link;
use self::search::Search;
use self::words::Words;
use super::Purpose;

/// The rules for texts.
///
/// ```
/// use switchboard_outbox::policy::{Purpose, TextRules};
///
/// let rules = TextRules::standard().allow_domain("example.link")?;
///
/// let findings = rules.check("Your table is ready: https://bit.ly/3xYz", Purpose::default());
/// assert!(findings.blocks());
/// assert_eq!(findings.iter().next().map(|finding| finding.rule), Some("text/shortener"));
///
/// let findings = rules.check("Your table is ready: https://example.link/3xYz", Purpose::default());
/// assert!(findings.is_empty());
/// # Ok::<(), switchboard_outbox::policy::TextRulesError>(())
/// ```
///
/// # Limits
/// A check takes time in proportion to the length of the text, whatever the text or the rules are. A rules file has at
/// most 1 MiB, 200 rules and 20,000 entries, and phrases that begin with the same word share a limit of comparisons; a
/// file beyond a limit is refused.
pub struct TextRules {
    version: String,
    brands: Vec<Brand>,
    rules: Vec<Active>,
    search: Search,
    own_domains: Vec<String>,
    /// A hash of the file.
    digest: String,
}

/// A rule, and what became of it.
struct Active {
    rule: Rule,
    /// Off if `None`.
    severity: Option<Severity>,
    /// The domains, if it looks for domains.
    domains: HashSet<String>,
}

fn short_hash(text: &str) -> String {
    Sha256::digest(text).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

impl TextRules {
    /// Returns the rules that come with this package.
    ///
    /// Their sources are Twilio's acceptable use policy, its list of forbidden categories, and the principles of the
    /// carriers' association CTIA. They are made for the United States and Canada; other countries forbid less.
    #[must_use]
    #[expect(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "the file is part of the package, and a test reads it"
    )]
    pub fn standard() -> Self {
        Self::from_json(include_str!("data/text-rules.json")).expect("the rules of the package are valid")
    }

    /// Reads rules from a file of the form of `text-rules.json`.
    ///
    /// # Errors
    /// If it is not of this form or larger than the limits, and says where.
    pub fn from_json(json: &str) -> Result<Self, TextRulesError> {
        let File { version, lists, brands, rules } = File::read(json)?;
        let mut search = Search::default();
        for (index, rule) in rules.iter().enumerate() {
            for looks_for in &rule.looks_for {
                if let LooksFor::Phrases(phrases) | LooksFor::MissingPhrases(phrases) = looks_for {
                    search.add(index, phrases, &lists).map_err(|reason| rule.wrong(reason))?;
                }
            }
        }
        let rules = rules.into_iter().map(Active::new).collect();
        let digest = short_hash(json);
        Ok(Self { version, brands, rules, search, own_domains: Vec::new(), digest })
    }

    /// Returns the version of the rules file, a date.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Identifies the file and the settings: two that are equal decide equally.
    pub(super) fn identity(&self) -> String {
        let mut settings = self.digest.clone();
        for active in &self.rules {
            settings.push_str(active.severity.map_or("-", Severity::as_str));
            settings.push(' ');
        }
        settings.push_str(&self.own_domains.join(" "));
        format!("{} {}", self.version, short_hash(&settings))
    }

    /// Turns a rule off, such as `text/alcohol` for a wine shop that has checked the age of its customers.
    ///
    /// # Errors
    /// If there is no rule of this name.
    pub fn off(self, rule: &str) -> Result<Self, TextRulesError> {
        self.set(rule, None)
    }

    /// Lets a rule warn only.
    ///
    /// # Errors
    /// If there is no rule of this name.
    pub fn warn(self, rule: &str) -> Result<Self, TextRulesError> {
        self.set(rule, Some(Severity::Warn))
    }

    /// Lets a rule block the message.
    ///
    /// # Errors
    /// If there is no rule of this name.
    pub fn block(self, rule: &str) -> Result<Self, TextRulesError> {
        self.set(rule, Some(Severity::Block))
    }

    fn set(mut self, name: &str, severity: Option<Severity>) -> Result<Self, TextRulesError> {
        let active = self.rules.iter_mut().find(|active| active.rule.name == name);
        active.ok_or_else(|| TextRulesError::UnknownRule(name.chars().take(80).collect()))?.severity =
            severity;
        Ok(self)
    }

    /// Names a domain of your own: links to it and to what is below it are trusted.
    ///
    /// # Errors
    /// If it is no domain.
    pub fn allow_domain(mut self, domain: &str) -> Result<Self, TextRulesError> {
        let domain = domain.trim().to_lowercase();
        let is_label =
            |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
        if !domain.contains('.') || domain.len() > 253 || !domain.split('.').all(is_label) {
            return Err(TextRulesError::NotADomain(domain.chars().take(80).collect()));
        }
        self.own_domains.push(domain);
        Ok(self)
    }

    /// Finds what is wrong with a text.
    pub fn check(&self, text: impl AsRef<str>, purpose: Purpose) -> Findings<'_> {
        let text = Checked::new(self, text.as_ref());
        let applies = |index: usize| self.rules.get(index).is_some_and(|active| active.applies(purpose));
        let phrases = self.search.find(&text.words, text.links.first(), applies);
        let findings = self.rules.iter().enumerate().filter(|(_, active)| active.applies(purpose));
        let findings = findings.filter_map(|(index, active)| {
            let phrase = phrases.iter().find(|(rule, _)| *rule == index).map(|(_, place)| place.clone());
            let place = text.place(active, phrase)?;
            active.finding(place)
        });
        Findings::new(&self.version, findings.collect())
    }
}

impl std::fmt::Debug for TextRules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TextRules({} rules of {})", self.rules.len(), self.version)
    }
}

impl Active {
    fn new(rule: Rule) -> Self {
        let mut domains = HashSet::new();
        for looks_for in &rule.looks_for {
            if let LooksFor::Domains(listed) = looks_for {
                domains.extend(listed.iter().map(|domain| domain.to_lowercase()));
            }
        }
        Self { severity: Some(rule.severity), domains, rule }
    }

    fn applies(&self, purpose: Purpose) -> bool {
        self.severity.is_some() && self.rule.purposes.contains(&purpose)
    }

    fn finding(&self, place: Range<usize>) -> Option<Finding<'_>> {
        let rule = &self.rule;
        Some(Finding {
            rule: &rule.name,
            severity: self.severity?,
            concern: &rule.concern,
            instead: &rule.instead,
            require: &rule.require,
            source: &rule.source,
            place,
        })
    }

    /// Is a host one of the domains, or below one?
    fn lists(&self, host: &str) -> bool {
        let below = host.match_indices('.').filter_map(|(dot, _)| host.get(dot + 1..));
        std::iter::once(host).chain(below).any(|domain| self.domains.contains(domain))
    }
}

/// A text and what the rules need to know of it.
struct Checked<'t> {
    text: &'t str,
    brands: &'t [Brand],
    words: Words,
    /// The links whose domain was not allowed by name.
    links: Vec<Link>,
}

impl<'t> Checked<'t> {
    fn new(rules: &'t TextRules, text: &'t str) -> Self {
        let mut links = Link::all(text);
        links.retain(|link| link.user_info || !rules.own_domains.iter().any(|domain| link.is_within(domain)));
        Self { text, brands: &rules.brands, words: Words::of(text), links }
    }

    /// Where the text breaks a rule. `phrase` is where a phrase of the rule stands.
    fn place(&self, active: &Active, phrase: Option<Range<usize>>) -> Option<Range<usize>> {
        active.rule.looks_for.iter().find_map(|looks_for| self.place_of(active, looks_for, phrase.clone()))
    }

    fn place_of(
        &self,
        active: &Active,
        looks_for: &LooksFor,
        phrase: Option<Range<usize>>,
    ) -> Option<Range<usize>> {
        match looks_for {
            LooksFor::Phrases(_) => phrase,
            LooksFor::MissingPhrases(_) => phrase.is_none().then_some(0..self.text.len()),
            LooksFor::Domains(_) => self
                .link(|link| active.lists(&link.host))
                .or_else(|| link::spaced(self.text, |domain| active.domains.contains(domain))),
            LooksFor::DisguisedLink {} => self.link(Link::is_disguised),
            LooksFor::LookalikeLink(lures) => self.link(|link| lures.imitates(link, self.brands)),
            LooksFor::BrandSender(titles) => {
                let sender = titles.sender(self.text, &self.words, self.brands)?;
                sender.is_left_by(&self.links).map(|link| link.place.clone())
            }
            LooksFor::EmptyPlaces(places) => places.find(self.text, &self.words),
            LooksFor::DoubleBlanks(blanks) => blanks.find(self.text, &self.words),
            LooksFor::Capitals(capitals) => capitals.find(self.text, &self.words),
            LooksFor::Repeats(repeats) => repeats.find(self.text),
        }
    }

    fn link(&self, is_wrong: impl Fn(&Link) -> bool) -> Option<Range<usize>> {
        self.links.iter().find(|link| is_wrong(link)).map(|link| link.place.clone())
    }
}
