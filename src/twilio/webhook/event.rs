//! What Twilio posts to you, as types.

mod amd;
mod call;
mod call_status;
mod channel;
mod classify;
mod consent;
mod debugger;
mod dial;
#[cfg(test)]
mod fixtures;
mod gather;
mod media;
mod message;
#[cfg(test)]
mod mutation;
mod payload;
mod place;
mod queue;
mod read;
mod record;
mod recording;
mod status;
mod transcription;
mod verify;
mod wrong;

pub use amd::AnsweringMachineResult;
pub use call::{CallContext, InboundCall, StirVerstat};
pub use call_status::CallStatusUpdate;
pub use channel::{Button, ListChoice, Location, MessageType, Referral, RepliedTo};
pub use consent::{Consent, ConsentChange};
pub use debugger::DebuggerEvent;
pub use dial::{DialResult, DialStatus};
pub use gather::GatherResult;
pub use media::InboundMedia;
pub use message::{InboundMessage, OptOutType};
pub use payload::Payload;
pub use place::Place;
pub use queue::{QueueOutcome, QueueResult};
pub use record::RecordResult;
pub use recording::RecordingStatusUpdate;
pub use status::{ChannelEvent, MessageStatusUpdate};
pub use transcription::TranscriptionUpdate;
pub use verify::{VerifyEvent, VerifyEventType};
pub use wrong::WrongEvent;

use serde::{Deserialize, Serialize};

use super::Params;
use crate::sms::Keyword;
use classify::Marks;
use wrong::Kind;

/// Something that Twilio posts to you.
///
/// It is told by its parameters, row by row, and the first row that fits counts:
///
/// | there is | and | it is |
/// |---|---|---|
/// | `MessageSid` or `SmsSid` | a status of `received` or `receiving`; or no status, and `Body`, `NumMedia` or `OptOutType` | an incoming message: [`OptedOut`](Event::OptedOut), [`OptedIn`](Event::OptedIn), [`HelpRequested`](Event::HelpRequested) by what it asks for, else [`InboundMessage`](Event::InboundMessage) |
/// | the same | another `MessageStatus` or `SmsStatus` | [`MessageStatusUpdate`](Event::MessageStatusUpdate) |
/// | `TranscriptionSid` | | [`TranscriptionUpdate`](Event::TranscriptionUpdate) |
/// | `RecordingStatus` | | [`RecordingStatusUpdate`](Event::RecordingStatusUpdate) |
/// | `CallSid` | `StatusCallbackEvent` or `StreamEvent` (conferences, streams) | [`Unknown`](Event::Unknown) |
/// | `CallSid`, `CallStatus` | `CallbackSource` or `CallDuration` | [`CallStatusUpdate`](Event::CallStatusUpdate) |
/// | `CallSid`, no `CallStatus` | `AnsweredBy` or `MachineDetectionDuration` | [`AnsweringMachineResult`](Event::AnsweringMachineResult) |
/// | `CallSid` | `ErrorUrl`: the fallback URL | [`InboundCall`](Event::InboundCall) |
/// | `CallSid` | `DialCallStatus` | [`DialResult`](Event::DialResult) |
/// | `CallSid` | `QueueResult`, `QueueSid` or `QueuePosition` | [`QueueResult`](Event::QueueResult) |
/// | `CallSid` | `SpeechResult`, a partial one, or `FinishedOnKey` | [`GatherResult`](Event::GatherResult) |
/// | `CallSid` | `RecordingUrl` or `RecordingDuration` | [`RecordResult`](Event::RecordResult) |
/// | `CallSid` | `Digits`, even empty | [`GatherResult`](Event::GatherResult) |
/// | `CallSid` | a `CallStatus` that is an end | [`CallStatusUpdate`](Event::CallStatusUpdate) |
/// | `CallSid` | any other `CallStatus` | [`InboundCall`](Event::InboundCall) |
/// | `type` of a factor, challenge or verification, the SID of one, or `service_sid` `VA…` | | [`VerifyEvent`](Event::VerifyEvent) |
/// | `Payload` or `Level` | | [`DebuggerEvent`](Event::DebuggerEvent) |
/// | anything else | | [`Unknown`](Event::Unknown) |
///
/// A URL that is made for one kind is better asked for that kind: [`WebhookEvent`].
///
/// `Serialize` writes `{"event": "inbound_message", "data": {…}}`, personal data included. `Debug` shows none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", content = "data", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// Somebody sent you a message, and it is none of the three below.
    InboundMessage(Box<InboundMessage>),
    /// Somebody wants no more messages. Twilio may have answered already; but to `Stop!`, with more than the bare word, it
    /// does not listen, so keep a list of your own.
    OptedOut(Box<ConsentChange>),
    /// Somebody wants messages again. `YES` says so, too.
    OptedIn(Box<ConsentChange>),
    /// Somebody asks who you are. Twilio may have answered already.
    HelpRequested(Box<InboundMessage>),
    /// What became of a message that you sent.
    MessageStatusUpdate(Box<MessageStatusUpdate>),
    /// Somebody calls you, or a call of yours wants its next TwiML.
    InboundCall(Box<InboundCall>),
    /// What became of a call.
    CallStatusUpdate(Box<CallStatusUpdate>),
    /// What a caller pressed or said.
    GatherResult(Box<GatherResult>),
    /// What became of a call that a call dialled.
    DialResult(Box<DialResult>),
    /// What a caller left on tape.
    RecordResult(Box<RecordResult>),
    /// A call that waits in a queue, or left it.
    QueueResult(Box<QueueResult>),
    /// What became of a recording.
    RecordingStatusUpdate(Box<RecordingStatusUpdate>),
    /// What was said in a recording or in a call.
    TranscriptionUpdate(Box<TranscriptionUpdate>),
    /// Who, or what, picked up.
    AnsweringMachineResult(Box<AnsweringMachineResult>),
    /// What a Verify service reports.
    VerifyEvent(Box<VerifyEvent>),
    /// What went wrong in your account.
    DebuggerEvent(Box<DebuggerEvent>),
    /// None of these, as it came.
    Unknown(Params),
}

impl Event {
    /// Tells what it is, by the table above. Never fails: what is not known is [`Unknown`](Event::Unknown).
    #[must_use]
    pub fn from_params(params: &Params) -> Self {
        match Marks::of(params).kind() {
            Kind::InboundMessage => Self::of_message(InboundMessage::read(params)),
            Kind::MessageStatusUpdate => {
                Self::MessageStatusUpdate(Box::new(MessageStatusUpdate::read(params)))
            }
            Kind::InboundCall => Self::InboundCall(Box::new(InboundCall::read(params))),
            Kind::CallStatusUpdate => Self::CallStatusUpdate(Box::new(CallStatusUpdate::read(params))),
            Kind::GatherResult => Self::GatherResult(Box::new(GatherResult::read(params))),
            Kind::DialResult => Self::DialResult(Box::new(DialResult::read(params))),
            Kind::RecordResult => Self::RecordResult(Box::new(RecordResult::read(params))),
            Kind::QueueResult => Self::QueueResult(Box::new(QueueResult::read(params))),
            Kind::RecordingStatusUpdate => {
                Self::RecordingStatusUpdate(Box::new(RecordingStatusUpdate::read(params)))
            }
            Kind::TranscriptionUpdate => {
                Self::TranscriptionUpdate(Box::new(TranscriptionUpdate::read(params)))
            }
            Kind::AnsweringMachineResult => {
                Self::AnsweringMachineResult(Box::new(AnsweringMachineResult::read(params)))
            }
            Kind::VerifyEvent => Self::VerifyEvent(Box::new(VerifyEvent::read(params))),
            Kind::DebuggerEvent => Self::DebuggerEvent(Box::new(DebuggerEvent::read(params))),
            Kind::Unknown => Self::Unknown(params.clone()),
        }
    }

    fn of_message(message: InboundMessage) -> Self {
        match message.keyword() {
            Some(Keyword::Stop) => {
                Self::OptedOut(Box::new(ConsentChange { consent: Consent::OptedOut, message }))
            }
            Some(Keyword::Start) => {
                Self::OptedIn(Box::new(ConsentChange { consent: Consent::OptedIn, message }))
            }
            Some(Keyword::Help) => Self::HelpRequested(Box::new(message)),
            None => Self::InboundMessage(Box::new(message)),
        }
    }

    /// Takes out the message that somebody sent you, as [`message`](Self::message) finds it.
    ///
    /// # Errors
    /// The event itself, where it is none.
    pub fn into_message(self) -> Result<InboundMessage, Self> {
        match self {
            Self::InboundMessage(message) | Self::HelpRequested(message) => Ok(*message),
            Self::OptedOut(change) | Self::OptedIn(change) => Ok(change.message),
            other => Err(other),
        }
    }

    /// Returns what kind it is in one word: `inbound_message`, `opted_out`, as `Serialize` writes it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::InboundMessage(_) => InboundMessage::NAME,
            Self::OptedOut(_) => "opted_out",
            Self::OptedIn(_) => "opted_in",
            Self::HelpRequested(_) => "help_requested",
            Self::MessageStatusUpdate(_) => MessageStatusUpdate::NAME,
            Self::InboundCall(_) => InboundCall::NAME,
            Self::CallStatusUpdate(_) => CallStatusUpdate::NAME,
            Self::GatherResult(_) => GatherResult::NAME,
            Self::DialResult(_) => DialResult::NAME,
            Self::RecordResult(_) => RecordResult::NAME,
            Self::QueueResult(_) => QueueResult::NAME,
            Self::RecordingStatusUpdate(_) => RecordingStatusUpdate::NAME,
            Self::TranscriptionUpdate(_) => TranscriptionUpdate::NAME,
            Self::AnsweringMachineResult(_) => AnsweringMachineResult::NAME,
            Self::VerifyEvent(_) => VerifyEvent::NAME,
            Self::DebuggerEvent(_) => DebuggerEvent::NAME,
            Self::Unknown(_) => "unknown",
        }
    }

    /// Returns the message that somebody sent you, also where it is about consent or a call for help.
    #[must_use]
    pub fn message(&self) -> Option<&InboundMessage> {
        match self {
            Self::InboundMessage(message) | Self::HelpRequested(message) => Some(message),
            Self::OptedOut(change) | Self::OptedIn(change) => Some(&change.message),
            _ => None,
        }
    }
}

/// A kind of event that a URL is made for.
///
/// A URL that is the `action` of a `Gather` wants a [`GatherResult`] and gets it, whatever else is in there; it gets
/// [`WrongEvent`] where that cannot be, as with a report or a message. [`Event`] takes anything.
///
/// ```
/// use switchboard::twilio::webhook::{GatherResult, InboundMessage, Params, WebhookEvent};
///
/// let params = Params::from_query("CallSid=CA1&CallStatus=in-progress&Digits=1");
/// assert_eq!(GatherResult::from_params(&params)?.digits(), Some("1"));
/// let wrong = InboundMessage::from_params(&params).unwrap_err();
/// assert!(wrong.to_string().contains("received pressed keys or speech"));
/// # Ok::<(), switchboard::twilio::webhook::WrongEvent>(())
/// ```
pub trait WebhookEvent: Sized + Send + 'static {
    /// The kind in one word: `inbound_message`.
    const NAME: &'static str;

    /// Reads it.
    ///
    /// # Errors
    /// [`WrongEvent`] where it cannot be one.
    fn from_params(params: &Params) -> Result<Self, WrongEvent>;

    /// Takes it out of an event that was read already.
    ///
    /// # Errors
    /// The event itself, where it was told to be of another kind. [`from_params`](Self::from_params) may still read it.
    fn from_event(event: Event) -> Result<Self, Event>;

    /// Returns `SID:status` of a report, by which a second delivery is known, where `I-Twilio-Idempotency-Token` is
    /// missing. `None` for everything else.
    fn dedupe_key(&self) -> Option<String> {
        None
    }
}

impl WebhookEvent for Event {
    const NAME: &'static str = "event";

    fn from_params(params: &Params) -> Result<Self, WrongEvent> {
        Ok(Self::from_params(params))
    }

    fn from_event(event: Event) -> Result<Self, Event> {
        Ok(event)
    }

    fn dedupe_key(&self) -> Option<String> {
        match self {
            Self::MessageStatusUpdate(update) => update.dedupe_key(),
            Self::CallStatusUpdate(update) => update.dedupe_key(),
            Self::RecordingStatusUpdate(update) => update.dedupe_key(),
            Self::TranscriptionUpdate(update) => update.dedupe_key(),
            _ => None,
        }
    }
}

macro_rules! kinds {
    ($($name:ident = $word:literal $(by $key:ident)? $(out of $own:ident)?),+ $(,)?) => {$(
        impl WebhookEvent for $name {
            const NAME: &'static str = $word;

            fn from_params(params: &Params) -> Result<Self, WrongEvent> {
                let marks = Marks::of(params);
                if marks.can_be(Kind::$name) {
                    return Ok(Self::read(params));
                }
                Err(WrongEvent { wanted: Kind::$name, got: marks.kind() })
            }

            fn from_event(event: Event) -> Result<Self, Event> {
                match event {
                    Event::$name(event) => Ok(*event),
                    $(event @ (Event::OptedOut(_) | Event::OptedIn(_) | Event::HelpRequested(_)) => Event::$own(event),)?
                    other => Err(other),
                }
            }

            $(fn dedupe_key(&self) -> Option<String> {
                Self::$key(self)
            })?
        }
    )+};
}

kinds! {
    InboundMessage = "inbound_message" out of into_message,
    MessageStatusUpdate = "message_status_update" by dedupe_key,
    InboundCall = "inbound_call",
    CallStatusUpdate = "call_status_update" by dedupe_key,
    GatherResult = "gather_result",
    DialResult = "dial_result",
    RecordResult = "record_result",
    QueueResult = "queue_result",
    RecordingStatusUpdate = "recording_status_update" by dedupe_key,
    TranscriptionUpdate = "transcription_update" by dedupe_key,
    AnsweringMachineResult = "answering_machine_result",
    VerifyEvent = "verify_event",
    DebuggerEvent = "debugger_event",
}

fn key(sid: Option<&str>, status: Option<&impl AsRef<str>>) -> Option<String> {
    Some(format!("{}:{}", sid?, status?.as_ref()))
}

#[cfg(test)]
mod tests;
