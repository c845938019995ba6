//! Webhooks as typed events.

mod call;
mod classify;
mod content;
mod debugger;
#[cfg(test)]
mod fixtures;
mod message;
#[cfg(test)]
mod mutation;
mod read;
mod recording;
mod status;
mod verbs;
mod verify;
mod wrong;

pub use call::{AnsweringMachineResult, CallContext, CallStatusUpdate, InboundCall, StirVerstat};
pub use content::{
    Button, InboundMedia, ListChoice, Location, MessageType, Payload, Place, Referral, RepliedTo,
};
pub use debugger::DebuggerEvent;
pub use message::{ConsentChange, InboundMessage, OptOutType};
pub use recording::{RecordingStatusUpdate, TranscriptionUpdate};
pub use status::{ChannelEvent, MessageStatusUpdate};
pub use verbs::{DialResult, DialStatus, GatherResult, QueueOutcome, QueueResult, RecordResult};
pub use verify::{VerifyEvent, VerifyEventType};
pub use wrong::WrongEvent;

pub use crate::sms::Consent;

use serde::{Deserialize, Serialize};

use super::Params;
use crate::sms::Keyword;
use classify::{Kind, Traits};

/// A webhook: one variant for each kind of report or request that Twilio sends.
///
/// The parameters decide the kind. The first row that matches counts:
///
/// | parameter | condition | kind |
/// |---|---|---|
/// | `MessageSid` or `SmsSid` | a status of `received` or `receiving`; or no status, and `Body`, `NumMedia` or `OptOutType` | [`OptedOut`](Event::OptedOut), [`OptedIn`](Event::OptedIn) or [`HelpRequested`](Event::HelpRequested) if it is such a keyword, else [`InboundMessage`](Event::InboundMessage) |
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
/// | `CallSid` | a final `CallStatus` | [`CallStatusUpdate`](Event::CallStatusUpdate) |
/// | `CallSid` | any other `CallStatus` | [`InboundCall`](Event::InboundCall) |
/// | `type` of a factor, challenge or verification, the SID of one, or `service_sid` `VA…` | | [`VerifyEvent`](Event::VerifyEvent) |
/// | `Payload` or `Level` | | [`DebuggerEvent`](Event::DebuggerEvent) |
/// | anything else | | [`Unknown`](Event::Unknown) |
///
/// If a URL receives one kind only, read that kind directly, with [`WebhookEvent`].
///
/// `Serialize` writes `{"event": "inbound_message", "data": {…}}` with keys in camelCase, personal data included. `Debug` shows none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", content = "data", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// Somebody sent you a message, except those of the three variants below.
    InboundMessage(Box<InboundMessage>),
    /// Somebody opts out. Twilio may have answered already. It recognises only the word alone, not `Stop!`, so keep your own
    /// list.
    OptedOut(Box<ConsentChange>),
    /// Somebody opts in again. `YES` counts, too.
    OptedIn(Box<ConsentChange>),
    /// Somebody asks for help. Twilio may have answered already.
    HelpRequested(Box<InboundMessage>),
    /// The delivery status of a message that you sent.
    MessageStatusUpdate(Box<MessageStatusUpdate>),
    /// Somebody calls you, or a running call needs its next TwiML.
    InboundCall(Box<InboundCall>),
    /// The status of a call changed.
    CallStatusUpdate(Box<CallStatusUpdate>),
    /// What a caller pressed or said.
    GatherResult(Box<GatherResult>),
    /// A call that `Dial` made is over.
    DialResult(Box<DialResult>),
    /// What a caller recorded with `Record`.
    RecordResult(Box<RecordResult>),
    /// A call waits in a queue, or left it.
    QueueResult(Box<QueueResult>),
    /// The status of a recording changed.
    RecordingStatusUpdate(Box<RecordingStatusUpdate>),
    /// The transcription of a recording or a call.
    TranscriptionUpdate(Box<TranscriptionUpdate>),
    /// A person or a machine answered a call.
    AnsweringMachineResult(Box<AnsweringMachineResult>),
    /// A report of a Verify service.
    VerifyEvent(Box<VerifyEvent>),
    /// An error or a warning in your account.
    DebuggerEvent(Box<DebuggerEvent>),
    /// None of these: all parameters.
    Unknown(Params),
}

impl Event {
    /// Reads parameters by the table above. It never fails: other parameters become [`Unknown`](Event::Unknown).
    #[must_use]
    pub fn from_params(params: &Params) -> Self {
        match Traits::of(params).kind() {
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

    /// Reads pairs that are already verified and decoded.
    #[must_use]
    pub fn from_pairs<K: AsRef<str>, V: AsRef<str>>(pairs: &[(K, V)]) -> Self {
        Self::from_params(&pairs.iter().map(|(name, value)| (name, value)).collect())
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

    /// Converts into the message that somebody sent you, as [`message`](Self::message) finds it.
    ///
    /// # Errors
    /// Returns the event itself where it is not a message.
    pub fn into_message(self) -> Result<InboundMessage, Self> {
        match self {
            Self::InboundMessage(message) | Self::HelpRequested(message) => Ok(*message),
            Self::OptedOut(change) | Self::OptedIn(change) => Ok(change.message),
            other => Err(other),
        }
    }

    /// Returns the name of its kind, such as `inbound_message` or `opted_out`, as `Serialize` writes it.
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

    /// Returns the message that somebody sent you, also if it is an opt-out, an opt-in or a request for help.
    #[must_use]
    pub fn message(&self) -> Option<&InboundMessage> {
        match self {
            Self::InboundMessage(message) | Self::HelpRequested(message) => Some(message),
            Self::OptedOut(change) | Self::OptedIn(change) => Some(&change.message),
            _ => None,
        }
    }
}

/// The kind of event that a route expects.
///
/// The route for the `action` URL of a `Gather` reads a [`GatherResult`], whatever other parameters there are. If the request
/// cannot be one, because it is a report or a message, reading fails with [`WrongEvent`]. [`Event`] reads every kind.
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
    /// The name of the kind, such as `inbound_message`.
    const NAME: &'static str;

    /// Reads the event from parameters.
    ///
    /// # Errors
    /// [`WrongEvent`] if the parameters are those of another kind.
    fn from_params(params: &Params) -> Result<Self, WrongEvent>;

    /// Converts an event that was already read.
    ///
    /// # Errors
    /// Returns the event itself if it is of another kind. [`from_params`](Self::from_params) may still accept its parameters.
    fn from_event(event: Event) -> Result<Self, Event>;

    /// Returns `SID:status` of a report, which identifies a repeated delivery where `I-Twilio-Idempotency-Token` is
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

/// Accepts every kind: for handlers that store all parameters, or pass them to
/// [`Messenger::evidence`](crate::provider::Messenger::evidence).
impl WebhookEvent for Params {
    const NAME: &'static str = "params";

    fn from_params(params: &Params) -> Result<Self, WrongEvent> {
        Ok(params.clone())
    }

    fn from_event(event: Event) -> Result<Self, Event> {
        Err(event)
    }
}

macro_rules! kinds {
    ($($name:ident = $word:literal $(by $key:ident)? $(out of $own:ident)?),+ $(,)?) => {$(
        impl WebhookEvent for $name {
            const NAME: &'static str = $word;

            fn from_params(params: &Params) -> Result<Self, WrongEvent> {
                let traits = Traits::of(params);
                if traits.can_be(Kind::$name) {
                    return Ok(Self::read(params));
                }
                Err(WrongEvent { wanted: Kind::$name, got: traits.kind() })
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
