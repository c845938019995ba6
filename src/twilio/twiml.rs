//! TwiML: documents that tell Twilio what to do with a call or a text.
//!
//! Read in this order:
//!
//! 1. A document is a [`VoiceResponse`] for a call, a [`MessagingResponse`] for a text, or a [`WaitResponse`] for a caller who
//!    waits. It is a list of verbs, which Twilio executes from the top.
//! 2. A verb is a type with a method for each attribute: [`Say`], [`Play`], [`Gather`], [`Record`], [`Dial`], [`Enqueue`],
//!    [`Redirect`], [`Pay`] and the others. What a verb may contain has a method, too, so that wrong nesting does not compile.
//! 3. [`Start`] runs something beside the call ([`Stream`], [`Transcription`], [`Recording`], [`Siprec`]), [`Connect`] gives
//!    the call to a program ([`ConversationRelay`], a [`Stream`] both ways, [`VirtualAgent`]).
//! 4. What Twilio adds before it has a type here is an [`Element`], or an attribute that `attr` sets.
//! 5. `to_xml` returns the XML, which is always well-formed. `check` reports, as a [`TwimlError`], what Twilio would refuse or
//!    what had to be left out. With the feature `axum` a document is an HTTP response.
//! 6. Ready-made dialogues: a [`Menu`], [`Acknowledge`] ("press 1"), [`Voicemail`], and [`Forward`] with a [`Whisper`].
//!
//! Texts and values are always escaped, and names are checked. So nothing that a caller says or a texter writes can add a verb
//! to a document.
//!
//! This module only writes XML. It must not use the network, accounts or webhooks.
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
mod record;
mod relay;
mod say;
mod ssml;
mod start;
#[cfg(test)]
mod tests;
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

/// Makes the document of the simplest call: it says a text and hangs up.
pub(crate) fn say(text: &str) -> String {
    VoiceResponse::new().say(text).into()
}

/// Writes one tag a line, so that snapshots are easy to read.
#[cfg(test)]
fn lines(xml: &str) -> String {
    xml.replace("><", ">\n<")
}
