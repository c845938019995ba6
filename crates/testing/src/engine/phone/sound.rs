//! The verbs that are heard: `Say`, `Play` and `Pause`.

use super::progress::Progress;
use crate::engine::twiml::Verb;
use crate::heard::Heard;

/// Returns what a verb lets the person hear; `None` for a verb without sound.
pub(super) fn sound(progress: &Progress, verb: &Verb) -> Option<Heard> {
    match verb.name.as_str() {
        // Line breaks and indentation of a document count as one space.
        "Say" => Some(Heard::Say(verb.text.split_whitespace().collect::<Vec<_>>().join(" "))),
        "Play" if verb.text.is_empty() => verb.get("digits").map(|digits| Heard::Keys(digits.to_owned())),
        "Play" => Some(Heard::Play(progress.url(&verb.text).unwrap_or_else(|_| verb.text.clone()))),
        "Pause" => Some(Heard::Pause(verb.number("length", 1))),
        _ => None,
    }
}
