//! Twilio's limits on a well-formed document.

use super::TwimlError;
use super::buffer::Buffer;

/// How large a document may be, in bytes: Twilio refuses larger ones with 11750.
///
/// <https://www.twilio.com/docs/api/errors/11750>
pub const MAX_BYTES: usize = 65_536;
/// How long the text of a `Say` may be, in characters.
const SAY: usize = 4_096;
/// How long the text of a message may be, in characters.
const BODY: usize = 1_600;
/// How many files a message may have.
const MEDIA: usize = 10;
/// How many parties may be dialled at the same time.
const PARTIES: usize = 10;
/// How long a queue may be.
const QUEUE: u32 = 5_000;

/// Returns the limit that a finished element exceeds.
pub(super) fn exceeded_by(element: &Buffer) -> Option<TwimlError> {
    match element.name() {
        "Say" => too_long(element, SAY),
        "Body" => too_long(element, BODY),
        "Message" => match (count(element, "Body"), count(element, "Media")) {
            (0, 0) => too_long(element, BODY),
            (_, files) => too_many(element, "files", files, MEDIA),
        },
        "Dial" if element.attribute("sequential") != Some("true") => {
            let nouns = ["Number", "Client", "Sip"].map(|noun| count(element, noun)).iter().sum();
            too_many(element, "parties that are dialled at once", nouns, PARTIES)
        }
        "Enqueue" => {
            let size: u64 = element.attribute("maxQueueSize")?.parse().ok()?;
            (size > u64::from(QUEUE)).then(|| TwimlError::OutOfRange {
                element: "Enqueue".to_owned(),
                attribute: "maxQueueSize",
                limit: QUEUE,
            })
        }
        _ => None,
    }
}

/// Returns a problem if the whole document is too large.
pub(super) fn too_large(document: &Buffer) -> Option<TwimlError> {
    let bytes = document.finished_len();
    (bytes > MAX_BYTES).then_some(TwimlError::TooLarge { bytes })
}

fn too_long(element: &Buffer, limit: usize) -> Option<TwimlError> {
    // There are never more characters than bytes.
    if element.content().len() <= limit {
        return None;
    }
    let characters = characters(element.content());
    let element = element.name().to_owned();
    (characters > limit).then_some(TwimlError::TooLong { element, characters, limit })
}

fn too_many(element: &Buffer, what: &'static str, count: usize, limit: usize) -> Option<TwimlError> {
    let element = element.name().to_owned();
    (count > limit).then_some(TwimlError::TooMany { element, what, count, limit })
}

/// Counts the characters of a text without its markup; an escape such as `&amp;` counts as one.
fn characters(content: &str) -> usize {
    let mut count = 0;
    let mut inside = None;
    for c in content.chars() {
        match inside {
            Some(end) if c == end => inside = None,
            Some(_) => {}
            None if c == '<' => inside = Some('>'),
            None => {
                count += 1;
                inside = (c == '&').then_some(';');
            }
        }
    }
    count
}

/// Counts the elements with this name. Every `<` begins a tag, because a `<` in a text is escaped.
fn count(element: &Buffer, name: &str) -> usize {
    let tags = element.content().split('<').filter_map(|tag| tag.strip_prefix(name));
    tags.filter(|rest| rest.starts_with([' ', '>', '/'])).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twilio::twiml::{
        Dial, Element, Enqueue, Message, MessagingResponse, Say, TwimlError, VoiceResponse,
    };

    #[test]
    fn a_say_may_have_4096_characters_however_they_are_escaped() {
        let fits = VoiceResponse::new().say(Say::new("&".repeat(4_000)).text("é".repeat(96)));
        assert_eq!(fits.check(), Ok(()));
        let longer = VoiceResponse::new().say("&".repeat(4_097));
        let told = TwimlError::TooLong { element: "Say".into(), characters: 4_097, limit: 4_096 };
        assert_eq!(longer.check(), Err(told.clone()));
        let untyped = VoiceResponse::new().element(Element::new("Say").text("x".repeat(4_097)));
        assert_eq!(untyped.try_to_xml(), Err(told));
    }

    #[test]
    fn a_message_may_have_1600_characters_and_ten_files() {
        let reply = |text: usize, files: usize| {
            let message = (0..files).fold(Message::new("x".repeat(text)), |message, _| message.media("u"));
            MessagingResponse::new().message(message).check()
        };
        assert_eq!(reply(1_600, 10), Ok(()));
        assert_eq!(reply(1_600, 0), Ok(()));
        let files = Message::without_text().media("u".repeat(1_000)).media("u".repeat(1_000));
        assert_eq!(MessagingResponse::new().message(files).check(), Ok(()));
        let bare = MessagingResponse::new().element(Element::new("Message").text("x".repeat(1_601)));
        assert!(matches!(bare.check(), Err(TwimlError::TooLong { characters: 1_601, .. })));
        assert!(matches!(reply(1_601, 0), Err(TwimlError::TooLong { characters: 1_601, .. })));
        assert!(matches!(reply(1, 11), Err(TwimlError::TooMany { count: 11, limit: 10, .. })));
    }

    #[test]
    fn ten_parties_are_dialled_at_once_or_more_one_after_the_other() {
        let dial = |count: usize| (0..count).fold(Dial::new(), |dial, _| dial.number("+14155550100"));
        assert_eq!(VoiceResponse::new().dial(dial(10)).check(), Ok(()));
        assert_eq!(VoiceResponse::new().dial(dial(11).sequential(true)).check(), Ok(()));
        let told = VoiceResponse::new().dial(dial(10).client("alice")).check().unwrap_err();
        assert_eq!(
            told.to_string(),
            "<Dial> holds 11 parties that are dialled at once, and Twilio accepts 10"
        );
    }

    #[test]
    fn a_queue_has_a_largest_size() {
        let queue = |size| VoiceResponse::new().enqueue(Enqueue::new("q").max_queue_size(size)).check();
        assert_eq!(queue(5_000), Ok(()));
        assert!(matches!(queue(5_001), Err(TwimlError::OutOfRange { limit: 5_000, .. })));
    }

    #[test]
    fn a_document_that_is_too_large_is_reported_by_check() {
        let mut document = VoiceResponse::new();
        while document.to_xml().len() < MAX_BYTES {
            document = document.redirect("x".repeat(100));
        }
        let bytes = document.to_xml().len();
        assert!(bytes > MAX_BYTES);
        assert_eq!(document.check(), Err(TwimlError::TooLarge { bytes }));
        assert_eq!(document.try_to_xml(), Err(TwimlError::TooLarge { bytes }));

        let just = |extra: usize| {
            let empty = VoiceResponse::new().redirect("x").to_xml().len() - 1;
            VoiceResponse::new().redirect("x".repeat(MAX_BYTES - empty + extra))
        };
        assert_eq!(just(0).try_to_xml().unwrap().len(), MAX_BYTES);
        assert_eq!(just(1).check(), Err(TwimlError::TooLarge { bytes: MAX_BYTES + 1 }));
    }
}
