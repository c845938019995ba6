//! The keywords by which people opt out and in.
//!
//! <https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out>

/// The meaning of a keyword.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keyword {
    Stop,
    Start,
    Help,
}

const WORDS: &[(Keyword, &[&str])] = &[
    (Keyword::Stop, &["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"]),
    (Keyword::Start, &["START", "YES", "UNSTOP"]),
    (Keyword::Help, &["HELP", "INFO"]),
];

impl Keyword {
    /// Reads a message that is a single keyword, in any case.
    pub(super) fn read(body: &str) -> Option<Self> {
        let body = body.trim();
        let found = WORDS.iter().find(|(_, words)| words.iter().any(|word| word.eq_ignore_ascii_case(body)));
        found.map(|(keyword, _)| *keyword)
    }

    /// Returns the value of `OptOutType`.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Stop => "STOP",
            Self::Start => "START",
            Self::Help => "HELP",
        }
    }

    /// Returns the automatic reply. The texts are the fake's own: those of Twilio depend on the country and the service.
    pub(super) const fn reply(self) -> &'static str {
        match self {
            Self::Stop => "This number will not text you again. Text START to undo this.",
            Self::Start => "This number may text you again. Text HELP for help, STOP to end this.",
            Self::Help => "Text STOP to get no more texts from this number. Your carrier's rates may apply.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_single_word_counts() {
        for (body, expected) in [
            ("STOP", Some(Keyword::Stop)),
            (" stop\n", Some(Keyword::Stop)),
            ("OptOut", Some(Keyword::Stop)),
            ("Yes", Some(Keyword::Start)),
            ("info", Some(Keyword::Help)),
            ("STOP PLEASE", None),
            ("stop.", None),
            ("", None),
        ] {
            assert_eq!(Keyword::read(body), expected, "{body:?}");
        }
    }
}
