//! How a text is spoken: the SSML elements that a `Say` and other SSML elements may contain.
//!
//! Which elements have an effect depends on the voice. <https://www.twilio.com/docs/voice/twiml/say/text-speech>

use super::macros::{children, made_empty, made_of_text, verb};
use super::{BreakStrength, EmphasisLevel, InterpretAs, PhonemeAlphabet, Say};

verb! {
    /// A pause in speech.
    Break = "break" {
        /// Sets its length by name.
        strength: BreakStrength = "strength",
        /// Sets its length in time: `500ms` or `2s`.
        time: text = "time",
    }
}

made_empty!(Break, "A pause as long as the voice makes it.");

impl From<&str> for Break {
    fn from(time: &str) -> Self {
        Self::new().time(time)
    }
}

verb! {
    /// Words with more or less emphasis.
    Emphasis = "emphasis" {
        /// Sets how much emphasis.
        level: EmphasisLevel = "level",
    }
}

made_of_text!(Emphasis, "Gives weight to words.");

verb! {
    /// Words of another language.
    Lang = "lang" {
        /// Sets the language, as in `fr-FR`.
        language: text = "xml:lang",
    }
}

impl Lang {
    /// Says words in another language.
    pub fn new(language: impl AsRef<str>, text: impl AsRef<str>) -> Self {
        Self::open().language(language).text(text)
    }
}

verb! {
    /// A paragraph.
    Paragraph = "p" {}
}

made_of_text!(Paragraph, "Says a paragraph.");

verb! {
    /// A word with its pronunciation.
    Phoneme = "phoneme" {
        /// Sets the alphabet of the pronunciation.
        alphabet: PhonemeAlphabet = "alphabet",
        /// Sets the pronunciation.
        ph: text = "ph",
    }
}

impl Phoneme {
    /// A word, and its pronunciation in a phonetic alphabet.
    pub fn new(text: impl AsRef<str>, alphabet: PhonemeAlphabet, ph: impl AsRef<str>) -> Self {
        let mut phoneme = Self::open().alphabet(alphabet).ph(ph);
        phoneme.0.text(text.as_ref());
        phoneme
    }
}

verb! {
    /// Words with another volume, speed or pitch.
    Prosody = "prosody" {
        /// Sets the volume: `soft`, `loud`, `+6dB`.
        volume: text = "volume",
        /// Sets the speed: `slow`, `fast`, `85%`.
        rate: text = "rate",
        /// Sets the pitch: `low`, `high`, `+10%`.
        pitch: text = "pitch",
    }
}

made_of_text!(Prosody, "Says words with another volume, speed or pitch.");

verb! {
    /// A sentence. A paragraph contains sentences; the reverse does not compile:
    ///
    /// ```compile_fail,E0599
    /// let sentence = switchboard::twilio::twiml::Sentence::new("One.").paragraph("Two.");
    /// ```
    Sentence = "s" {}
}

made_of_text!(Sentence, "Says a sentence.");

verb! {
    /// A text that is read out in a given way: as digits, a date, a telephone number.
    SayAs = "say-as" {
        /// Sets the way.
        interpret_as: InterpretAs = "interpret-as",
        /// Sets the order of a date's parts: `mdy`, `ymd`.
        format: text = "format",
    }
}

impl SayAs {
    /// Reads a text out in that way.
    pub fn new(text: impl AsRef<str>, interpret_as: InterpretAs) -> Self {
        let mut say_as = Self::open().interpret_as(interpret_as);
        say_as.0.text(text.as_ref());
        say_as
    }
}

verb! {
    /// A text for which another text is spoken, such as an abbreviation.
    Sub = "sub" {
        /// Sets what is said.
        alias: text = "alias",
    }
}

impl Sub {
    /// Says the alias instead of the text.
    pub fn new(text: impl AsRef<str>, alias: impl AsRef<str>) -> Self {
        let mut sub = Self::open().alias(alias);
        sub.0.text(text.as_ref());
        sub
    }
}

verb! {
    /// A word with its grammatical role, where the pronunciation depends on it.
    Word = "w" {
        /// Sets the role: `amazon:VB`, `amazon:VBD`, `amazon:SENSE_1`.
        role: text = "role",
    }
}

made_of_text!(Word, "Says a word.");

/// Makes the methods that add text and SSML elements.
macro_rules! speech {
    ($($parent:ident: $($child:ident)+;)+) => {
        $(impl $parent {
            /// Adds text, after what is already there.
            pub fn text(mut self, text: impl AsRef<str>) -> Self {
                self.0.text(text.as_ref());
                self
            }
        }
        $(speech! { @ $parent $child })+)+
    };
    (@ $parent:ident silence) => {
        children! { $parent {
            /// Adds a pause: a [`Break`], or its time, as in `300ms`.
            silence: Break,
        } }
    };
    (@ $parent:ident emphasis) => {
        children! { $parent {
            /// Adds words with more or less emphasis.
            emphasis: Emphasis,
        } }
    };
    (@ $parent:ident lang) => {
        children! { $parent {
            /// Adds words of another language.
            lang: Lang,
        } }
    };
    (@ $parent:ident paragraph) => {
        children! { $parent {
            /// Adds a paragraph.
            paragraph: Paragraph,
        } }
    };
    (@ $parent:ident phoneme) => {
        children! { $parent {
            /// Adds a word with its pronunciation.
            phoneme: Phoneme,
        } }
    };
    (@ $parent:ident prosody) => {
        children! { $parent {
            /// Adds words with another volume, speed or pitch.
            prosody: Prosody,
        } }
    };
    (@ $parent:ident sentence) => {
        children! { $parent {
            /// Adds a sentence.
            sentence: Sentence,
        } }
    };
    (@ $parent:ident say_as) => {
        children! { $parent {
            /// Adds a text that is read out in a given way.
            say_as: SayAs,
        } }
    };
    (@ $parent:ident substitute) => {
        children! { $parent {
            /// Adds a text for which another text is spoken.
            substitute: Sub,
        } }
    };
    (@ $parent:ident word) => {
        children! { $parent {
            /// Adds a word with its grammatical role.
            word: Word,
        } }
    };
}

speech! {
    Say: silence emphasis lang paragraph phoneme prosody sentence say_as substitute word;
    Lang: silence emphasis lang paragraph phoneme prosody sentence say_as substitute word;
    Prosody: silence emphasis lang paragraph phoneme prosody sentence say_as substitute word;
    Paragraph: silence emphasis lang phoneme prosody sentence say_as substitute word;
    Sentence: silence emphasis lang phoneme prosody say_as substitute word;
    Emphasis: silence emphasis lang phoneme prosody say_as substitute word;
    Word: silence emphasis phoneme prosody say_as substitute;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twilio::twiml::VoiceResponse;
    use crate::twilio::twiml::lines;

    #[test]
    fn speech_has_the_expected_xml() {
        let say = Say::new("Hello ")
            .voice("Polly.Joanna")
            .language("en-US")
            .silence(Break::new().strength(BreakStrength::Strong))
            .paragraph(Paragraph::new("One. ").sentence(Sentence::new("Two").emphasis("now")))
            .lang(Lang::new("fr-FR", "à bientôt"))
            .phoneme(Phoneme::new("pecan", PhonemeAlphabet::Ipa, "pɪˈkɑːn"))
            .prosody(Prosody::new("slowly").rate("85%"))
            .say_as(SayAs::new("01/02/2030", InterpretAs::Date).format("mdy"))
            .substitute(Sub::new("Al", "aluminium"))
            .word(Word::new("read").role("amazon:VBD"))
            .text(" Bye.");
        insta::assert_snapshot!(lines(&VoiceResponse::new().say(say).to_xml()), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <Response>
    <Say voice="Polly.Joanna" language="en-US">Hello <break strength="strong"/>
    <p>One. <s>Two<emphasis>now</emphasis>
    </s>
    </p>
    <lang xml:lang="fr-FR">à bientôt</lang>
    <phoneme alphabet="ipa" ph="pɪˈkɑːn">pecan</phoneme>
    <prosody rate="85%">slowly</prosody>
    <say-as interpret-as="date" format="mdy">01/02/2030</say-as>
    <sub alias="aluminium">Al</sub>
    <w role="amazon:VBD">read</w> Bye.</Say>
    </Response>
    "#);
    }
}
