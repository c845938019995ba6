//! A call to one person, and what the person hears who picks up.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Callback, cannot};
use crate::phone::Address;
use crate::provider::{Abilities, ProviderError, Reason};
use crate::sms::Text;

/// What the person hears who picks up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum CallContent {
    /// A text that is read out. Markup in it is spoken, not obeyed.
    Say(Text),
    /// A text that is read out, and then the call waits for keys: "press 1 to confirm".
    ///
    /// The provider reports the keys to the [callback](KeyInput::callback). Where nobody presses one in time, it reports
    /// nothing, and the call ends.
    Ask {
        /// The text. Markup in it is spoken, not obeyed.
        text: Text,
        /// The keys that the call waits for.
        keys: KeyInput,
    },
    /// A document in the provider's own language, such as TwiML.
    Document(Text),
    /// The URL of such a document.
    Url(Text),
}

/// The keys of the telephone that a call waits for.
///
/// What is pressed is stored and reported in the clear: do not ask for a PIN or the number of a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct KeyInput {
    /// How many keys end the input, 1 to [`MAX`](Self::MAX).
    pub count: u32,
    /// How long the call waits for the first key, and between two keys, in whole seconds. The provider's usual time, which
    /// is a few seconds, where it is not set.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "super::whole_seconds")]
    pub wait: Option<Duration>,
    /// Where the provider reports the keys. It expects a document there in its own language, which says what the person
    /// hears next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback: Option<Callback>,
}

impl KeyInput {
    /// The most keys of one input.
    pub const MAX: u32 = 20;

    /// Waits for so many keys.
    #[must_use]
    pub const fn new(count: u32) -> Self {
        Self { count, wait: None, callback: None }
    }

    /// Waits for one key: a choice.
    #[must_use]
    pub const fn one() -> Self {
        Self::new(1)
    }

    /// Sets how long the call waits for the first key, and between two keys. Parts of a second are cut off.
    #[must_use]
    pub const fn wait(mut self, limit: Duration) -> Self {
        self.wait = Some(Duration::from_secs(limit.as_secs()));
        self
    }

    /// Sets where the provider reports the keys.
    #[must_use]
    pub fn callback(mut self, callback: impl Into<Callback>) -> Self {
        self.callback = Some(callback.into());
        self
    }

    /// Checks how many keys it waits for, and how long.
    ///
    /// # Errors
    /// `INVALID_REQUEST`, saying what to change.
    pub fn check(&self) -> Result<(), ProviderError> {
        if !(1..=Self::MAX).contains(&self.count) {
            return Err(ProviderError::invalid_request("a call waits for 1 to 20 keys"));
        }
        if self.wait.is_some_and(|wait| wait.is_zero()) {
            return Err(ProviderError::invalid_request("a call waits for keys for a second or more"));
        }
        Ok(())
    }

    fn check_with_callback(&self) -> Result<(), ProviderError> {
        if self.callback.is_none() {
            let what = "the call asks for keys, and no URL receives them: set their callback";
            return Err(ProviderError::invalid_request(what).with_reason(Reason::MissingParameter));
        }
        self.check()
    }
}

/// A call to one person: plain data that can be stored and made later.
///
/// ```
/// use switchboard::provider::OutgoingCall;
///
/// let call = OutgoingCall::say("+14155551234", "The build is broken").from("+14155550100");
/// # let _ = call;
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct OutgoingCall {
    /// The recipient.
    pub to: Address,
    /// The caller's number; the one that the credentials name where it is not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Address>,
    /// What the person hears.
    pub content: CallContent,
    /// How long it rings, in whole seconds.
    #[serde(
        default,
        alias = "ring_for",
        skip_serializing_if = "Option::is_none",
        with = "super::whole_seconds"
    )]
    pub ring_for: Option<Duration>,
    /// Does the provider find out whether a person or a machine picks up? See [`detect_machine`](Self::detect_machine).
    #[serde(default, alias = "detect_machine", skip_serializing_if = "std::ops::Not::not")]
    pub detect_machine: bool,
    /// Where the provider reports the status of the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback: Option<Callback>,
}

impl OutgoingCall {
    /// Calls somebody with any content.
    pub fn new(to: impl Into<Address>, content: CallContent) -> Self {
        Self { to: to.into(), from: None, content, ring_for: None, detect_machine: false, callback: None }
    }

    /// Calls somebody and reads a text out.
    pub fn say(to: impl Into<Address>, text: impl Into<Text>) -> Self {
        Self::new(to, CallContent::Say(text.into()))
    }

    /// Calls somebody, reads a text out, and waits for keys.
    pub fn ask(to: impl Into<Address>, text: impl Into<Text>, keys: KeyInput) -> Self {
        Self::new(to, CallContent::Ask { text: text.into(), keys })
    }

    /// Calls somebody and does what a document in the provider's own language says.
    pub fn document(to: impl Into<Address>, document: impl Into<Text>) -> Self {
        Self::new(to, CallContent::Document(document.into()))
    }

    /// Calls somebody and does what the document at a URL says.
    pub fn url(to: impl Into<Address>, url: impl Into<Text>) -> Self {
        Self::new(to, CallContent::Url(url.into()))
    }

    /// Sets who calls.
    #[must_use]
    pub fn from(mut self, number: impl Into<Address>) -> Self {
        self.from = Some(number.into());
        self
    }

    /// Limits how long it rings. Parts of a second are cut off.
    #[must_use]
    pub const fn ring_for(mut self, limit: Duration) -> Self {
        self.ring_for = Some(Duration::from_secs(limit.as_secs()));
        self
    }

    /// Lets the provider find out whether a person or a machine picks up. Its reports then say so in
    /// [`picked_up_by`](crate::provider::Delivery::picked_up_by).
    ///
    /// The person hears silence until the provider has decided, which takes some seconds, and detection can be wrong. Most
    /// providers bill it.
    #[must_use]
    pub const fn detect_machine(mut self) -> Self {
        self.detect_machine = true;
        self
    }

    /// Sets where the provider reports the status of the call.
    #[must_use]
    pub fn callback(mut self, callback: impl Into<Callback>) -> Self {
        self.callback = Some(callback.into());
        self
    }

    /// Returns the keys that the call waits for, if it waits for any.
    #[must_use]
    pub const fn keys(&self) -> Option<&KeyInput> {
        match &self.content {
            CallContent::Ask { keys, .. } => Some(keys),
            _ => None,
        }
    }

    /// Checks the call against what a provider can do.
    ///
    /// # Errors
    /// `INVALID_REQUEST`, naming the first thing that the provider cannot do.
    pub fn check(&self, abilities: &Abilities) -> Result<(), ProviderError> {
        let keys = self.keys().and_then(|keys| keys.callback.as_ref());
        let has_reference = |callback: &Callback| callback.reference.is_some();
        let reference = self.callback.iter().chain(keys).any(has_reference);
        let needs = [
            (abilities.calls, "call"),
            (self.callback.is_none() || abilities.callbacks, "report the status of a call to a URL"),
            (!reference || abilities.callback_reference, "return a reference in its reports"),
            (!self.detect_machine || abilities.machine_detection, "find out whether a machine picks up"),
            (self.keys().is_none() || abilities.key_input, "wait for keys in a call"),
        ];
        match needs.into_iter().find(|(can, _)| !can) {
            Some((_, what)) => Err(cannot(what)),
            None => self.keys().map_or(Ok(()), KeyInput::check_with_callback),
        }
    }
}
