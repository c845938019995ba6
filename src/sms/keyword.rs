//! STOP, START and HELP: the words with which people withdraw their consent, give it again, or ask who the sender is.

use serde::{Deserialize, Serialize};

/// The words that Twilio treats as an opt-out.
///
/// <https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out>
pub const STOP_WORDS: &[&str] =
    &["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"];

/// The words that Twilio treats as an opt-in.
///
/// `YES` is among them: an app that asks "YES or NO?" may want [`Keywords::without`].
pub const START_WORDS: &[&str] = &["START", "YES", "UNSTOP"];

/// The words that Twilio treats as a request for help.
pub const HELP_WORDS: &[&str] = &["HELP", "INFO"];

/// What a person asks for with one of the words that carriers and Twilio recognise.
///
/// ```
/// use switchboard::sms::Keyword;
///
/// assert_eq!(Keyword::of(" Stop! "), Some(Keyword::Stop));
/// assert_eq!(Keyword::of("please stop by"), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Keyword {
    /// The person opts out: [`STOP_WORDS`].
    Stop,
    /// The person opts in again: [`START_WORDS`].
    Start,
    /// The person asks who the sender is: [`HELP_WORDS`].
    Help,
}

impl Keyword {
    /// Reads a whole message as one of the default words.
    ///
    /// The message must consist of that word only, in upper or lower case. White space, punctuation and emoji around it are
    /// ignored. `STOP PLEASE` is no keyword, as at Twilio.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        default(bare(text))
    }

    /// Reads a whole message as Twilio's own opt-out list does: the word alone, in any case, with nothing but white space
    /// around it. [`of`](Self::of) also accepts punctuation and emoji around the word.
    #[must_use]
    pub fn as_twilio_reads(text: &str) -> Option<Self> {
        default(text.trim())
    }
}

/// What a person said about their consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// The person does not want messages.
    OptedOut,
    /// The person wants messages again.
    OptedIn,
}

impl Consent {
    /// Returns the consent that a keyword expresses; `None` for a request for help.
    #[must_use]
    pub const fn of(keyword: Keyword) -> Option<Self> {
        match keyword {
            Keyword::Stop => Some(Self::OptedOut),
            Keyword::Start => Some(Self::OptedIn),
            Keyword::Help => None,
        }
    }
}

fn default(word: &str) -> Option<Keyword> {
    DEFAULTS
        .iter()
        .find(|(words, _)| words.iter().any(|known| known.eq_ignore_ascii_case(word)))
        .map(|(_, keyword)| *keyword)
}

const DEFAULTS: [(&[&str], Keyword); 3] =
    [(STOP_WORDS, Keyword::Stop), (START_WORDS, Keyword::Start), (HELP_WORDS, Keyword::Help)];

/// A set of keywords: the default ones and your own, such as those of another language.
///
/// ```
/// use switchboard::sms::{Keyword, Keywords};
///
/// let words = Keywords::default().stop("ARRÊT").without("YES");
/// assert_eq!(words.of("arrêt."), Some(Keyword::Stop));
/// assert_eq!(words.of("yes"), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keywords {
    /// In lower case, each once.
    words: Vec<(String, Keyword)>,
}

impl Default for Keywords {
    fn default() -> Self {
        let words = DEFAULTS
            .iter()
            .flat_map(|(words, keyword)| words.iter().map(|word| (word.to_ascii_lowercase(), *keyword)));
        Self { words: words.collect() }
    }
}

impl Keywords {
    /// Adds a word for [`Keyword::Stop`].
    #[must_use]
    pub fn stop(self, word: &str) -> Self {
        self.with(word, Keyword::Stop)
    }

    /// Adds a word for [`Keyword::Start`].
    #[must_use]
    pub fn start(self, word: &str) -> Self {
        self.with(word, Keyword::Start)
    }

    /// Adds a word for [`Keyword::Help`].
    #[must_use]
    pub fn help(self, word: &str) -> Self {
        self.with(word, Keyword::Help)
    }

    /// Removes a word from the set. Twilio still acts on its own words; the set only changes how your code reads them.
    #[must_use]
    pub fn without(mut self, word: &str) -> Self {
        let word = bare(word).to_lowercase();
        self.words.retain(|(known, _)| *known != word);
        self
    }

    /// Reads a whole message as one of the words, as [`Keyword::of`] does.
    #[must_use]
    pub fn of(&self, text: &str) -> Option<Keyword> {
        let word = bare(text).to_lowercase();
        self.words.iter().find(|(known, _)| *known == word).map(|(_, keyword)| *keyword)
    }

    /// The last meaning of a word counts. A word without letters and digits would match any emoji, so it is ignored.
    fn with(self, word: &str, keyword: Keyword) -> Self {
        let mut set = self.without(word);
        let word = bare(word).to_lowercase();
        if !word.is_empty() {
            set.words.push((word, keyword));
        }
        set
    }
}

/// Removes white space, punctuation and emoji around a text.
fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| !c.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_message_is_a_keyword_only_as_a_whole() {
        use Keyword::{Help, Start, Stop};
        let cases = [
            ("STOP", Some(Stop)),
            ("Stop!", Some(Stop)),
            (" \"STOP.\" ", Some(Stop)),
            ("stop 🙏", Some(Stop)),
            ("¡stop!\r\n", Some(Stop)),
            ("\u{200b}stop\u{fe0f}", Some(Stop)),
            ("stopall", Some(Stop)),
            ("OptOut", Some(Stop)),
            ("end", Some(Stop)),
            ("Yes", Some(Start)),
            ("unstop", Some(Start)),
            ("(help)", Some(Help)),
            ("info?", Some(Help)),
            ("please stop by", None),
            ("stop all", None),
            ("STOP PLEASE", None),
            ("stopp", None),
            ("s.t.o.p", None),
            ("stop2", None),
            ("2 stop", None),
            ("opt-out", None),
            ("", None),
            ("🙏!", None),
        ];
        let own = Keywords::default();
        for (text, keyword) in cases {
            assert_eq!(Keyword::of(text), keyword, "{text:?}");
            assert_eq!(own.of(text), keyword, "{text:?}");
        }
    }

    #[test]
    fn every_listed_word_means_what_its_list_says() {
        for (words, keyword) in DEFAULTS {
            for word in words {
                assert_eq!(Keyword::of(word), Some(keyword), "{word}");
                assert_eq!(Keyword::of(&word.to_lowercase()), Some(keyword), "{word}");
            }
        }
    }

    #[test]
    fn words_can_be_added_moved_and_removed() {
        let words =
            Keywords::default().stop("ARRÊT!").start("Oui").help("aide").without("CANCEL").help("end");
        assert_eq!(words.of("\"arrêt\""), Some(Keyword::Stop));
        assert_eq!(words.of("OUI"), Some(Keyword::Start));
        assert_eq!(words.of("Aide?"), Some(Keyword::Help));
        assert_eq!(words.of("cancel"), None);
        assert_eq!(words.of("END"), Some(Keyword::Help));
        assert_eq!(words.of("stop"), Some(Keyword::Stop));
        assert_eq!(Keywords::default().stop(" 🙏 ").of("🙂"), None);
        let json = serde_json::to_string(&words).unwrap();
        assert_eq!(serde_json::from_str::<Keywords>(&json).unwrap(), words);
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_signs_around_a_word_do_not_count(
            text in any::<String>(),
            before in "[ .,!?\"'()\n\t🙏-]{0,5}",
            after in "[ .,!?\"'()\n\t🙏-]{0,5}",
        ) {
            let _ = Keywords::default().of(&text);
            let around = format!("{before}sToP{after}");
            prop_assert_eq!(Keyword::of(&around), Some(Keyword::Stop));
            let one = Keyword::of(&text);
            prop_assert!(one.is_none() || !bare(&text).contains(char::is_whitespace));
        }
    }
}
