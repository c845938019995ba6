//! TwiML: documents that tell Twilio what to do with a call or a text.
//!
//! A [`VoiceResponse`] or a [`MessagingResponse`] is a list of verbs, kept in their order, each as often as you like. The
//! everyday verbs are types with a method for each attribute; what may not stand in a verb has no method there. Anything
//! else goes in as an [`Element`], anywhere, and any attribute with `attr`.
//!
//! Whatever is put in is spoken, sent or dialled, never obeyed: texts and values are escaped, names are checked. No method
//! fails. What is wrong with a document is told by its `check`, before Twilio tells it; `to_xml` gives a well-formed one
//! all the same.
//!
//! What people build most is made already: a [`Menu`], [`Acknowledge`] ("press 1"), [`Voicemail`], and [`Forward`] with a
//! [`Whisper`].
//!
//! <https://www.twilio.com/docs/voice/twiml>, <https://www.twilio.com/docs/messaging/twiml>

mod acknowledge;
#[cfg(feature = "axum")]
mod axum;
mod buffer;
mod connect;
mod dial;
mod document;
mod element;
mod enqueue;
mod error;
mod escape;
mod flow;
mod forward;
mod gather;
mod keys;
mod limits;
mod macros;
mod menu;
mod messaging;
mod pay;
mod query;
mod record;
mod relay;
mod say;
mod ssml;
mod start;
#[cfg(test)]
mod table;
mod voice;
mod voicemail;
mod words;

pub use acknowledge::{Acknowledge, Acknowledgement};
pub use connect::{AiSession, Connect, Conversation, ConversationRelaySession, Room, VirtualAgent};
pub use dial::{Application, Client, Conference, Dial, Number, Queue, Sim, Sip, SipUri, WhatsApp};
pub use element::Element;
pub use enqueue::{Enqueue, Task};
pub use error::TwimlError;
pub use flow::{Echo, Hangup, Leave, Redirect, Refer, Reject};
pub use forward::{Forward, Whisper};
pub use gather::Gather;
pub use limits::MAX_BYTES;
pub use menu::{Choice, Menu};
pub use messaging::{Media, Message, MessagingResponse, Sms};
pub use pay::{BankAccountType, CardType, Pay, PaymentMethod, Prompt, PromptError, PromptStep, TokenType};
pub use record::Record;
pub use relay::{ConversationRelay, RelayLanguage};
pub use say::{Pause, Play, Say};
pub use ssml::{Break, Emphasis, Lang, Paragraph, Phoneme, Prosody, SayAs, Sentence, Sub, Word};
pub use start::{Config, Recording, Siprec, Start, Stop, Stream, Transcription};
pub use voice::{VoiceResponse, WaitResponse};
pub use voicemail::Voicemail;
pub use words::{
    BreakStrength, ConferenceBeep, ConferenceEvent, ConferenceRecord, ConversationEvent, DialRecord,
    EmphasisLevel, GatherInput, InterpretAs, Interruptible, PhonemeAlphabet, RejectReason, Sensitivity,
    StreamTrack,
};

/// The document that says a text and hangs up, for calls in their shortest form.
pub(crate) fn say(text: &str) -> String {
    VoiceResponse::new().say(text).into()
}

/// A document with a line for each tag, for a reader of snapshots.
#[cfg(test)]
fn lines(xml: &str) -> String {
    xml.replace("><", ">\n<")
}
