//! `Messenger`: sending texts and calls through any provider.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{
    Accepted, Credentials, Delivery, Evidence, Found, FoundRow, Likeness, Outgoing, OutgoingCall, PageToken,
    ProviderAdapter, ProviderError, Search, SendId, SendKind, SendOptions, Sender,
};

/// A provider that can text, and perhaps call.
///
/// Object-safe. An adapter that can text returns itself from
/// [`ProviderAdapter::messenger`]; a [`ProviderRegistry`](super::ProviderRegistry) hands out an owned one.
///
/// ```
/// use switchboard::provider::{Messenger, Outgoing, SendOptions};
/// use switchboard::{Credentials, ProviderAdapter, ProviderError};
///
/// async fn text(adapter: &dyn ProviderAdapter, tenant: &Credentials) -> Result<String, ProviderError> {
///     let messenger = adapter
///         .messenger()
///         .ok_or_else(|| ProviderError::invalid_request("this provider cannot text"))?;
///     let text = Outgoing::text("+14155551234", "Your table is ready");
///     Ok(messenger.send(tenant, &text, &SendOptions::new()).await?.id.id)
/// }
/// ```
///
/// # What an implementor promises
///
/// - [`send`](Self::send) and [`call`](Self::call) are never repeated where their outcome is unknown, unless
///   [`allow_duplicates`](SendOptions::allow_duplicates) is set. They return `Ok` only where the provider said that
///   it took the message, and every error tells the truth about its [`outcome`](ProviderError::outcome).
/// - After [`begin_by`](SendOptions::begin_by) nothing is sent: the error is `NotApplied`.
/// - What the message asks for and [`abilities`](Self::abilities) denies is refused before anything is sent, which
///   [`Outgoing::check`] and [`OutgoingCall::check`] do.
/// - [`list`](Self::list) is sorted by time of creation, the newest first, and leaves nothing out.
/// - [`abilities`](Self::abilities), [`rate`](Self::rate), [`default_sender`](Self::default_sender),
///   [`likeness`](Self::likeness) and [`evidence`](Self::evidence) do no I/O.
///
/// The suite in `switchboard_testing::contract` tests an implementation against this contract.
#[async_trait]
pub trait Messenger: ProviderAdapter {
    /// Returns what the provider can do.
    fn abilities(&self) -> &Abilities;

    /// Returns how fast a sender may send texts, or begin calls. An account's own agreement with the provider may allow
    /// more.
    fn rate(&self, kind: SendKind, from: &Sender) -> Rate;

    /// Returns the sender that the credentials name for texts, or for calls, that name none.
    ///
    /// # Errors
    /// [`InvalidCredentials`](super::ErrorCode::InvalidCredentials), as
    /// [`validate_credentials`](ProviderAdapter::validate_credentials).
    fn default_sender(
        &self,
        credentials: &Credentials,
        kind: SendKind,
    ) -> Result<Option<Sender>, ProviderError>;

    /// Sends a text.
    ///
    /// # Errors
    /// Any [`ProviderError`]; its [`outcome`](ProviderError::outcome) says whether the text may have gone out.
    async fn send(
        &self,
        credentials: &Credentials,
        message: &Outgoing,
        options: &SendOptions,
    ) -> Result<Accepted, ProviderError>;

    /// Calls somebody.
    ///
    /// # Errors
    /// Any [`ProviderError`]; its [`outcome`](ProviderError::outcome) says whether the telephone may ring.
    async fn call(
        &self,
        credentials: &Credentials,
        call: &OutgoingCall,
        options: &SendOptions,
    ) -> Result<Accepted, ProviderError>;

    /// Reads the status of a text or a call.
    ///
    /// # Errors
    /// [`NotFound`](super::ErrorCode::NotFound), or any other [`ProviderError`].
    async fn status(&self, credentials: &Credentials, id: &SendId) -> Result<Delivery, ProviderError>;

    /// Lists texts or calls, the newest first, page by page.
    ///
    /// # Errors
    /// Any [`ProviderError`].
    async fn list(
        &self,
        credentials: &Credentials,
        search: &Search,
        page: Option<&PageToken>,
    ) -> Result<Found, ProviderError>;

    /// Compares the text of a message with a listed one, as the provider may have changed it. [`Outgoing::likeness`] is
    /// enough where a provider changes no text.
    fn likeness(&self, message: &Outgoing, found: &FoundRow) -> Likeness;

    /// Reads what a webhook proves. Its signature must have been verified: nothing is checked here.
    ///
    /// `url` is the URL that the provider called, `signed` the parameters of the form, decoded. `None` where it proves
    /// nothing about a text or a call.
    fn evidence(&self, url: &str, signed: &[(String, String)]) -> Option<Evidence>;
}

/// What a provider can do beyond a plain text. Everything is off unless it is set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Abilities {
    /// It calls.
    pub calls: bool,
    /// It sends pictures and files.
    pub media: bool,
    /// It keeps templates.
    pub templates: bool,
    /// It sends from pools of numbers.
    pub pools: bool,
    /// It sends at a later time.
    pub schedule: bool,
    /// It takes a limit on how long a message may wait.
    pub validity: bool,
    /// It lists what was sent.
    pub list: bool,
    /// It reports the delivery status to a URL.
    pub callbacks: bool,
    /// These reports bring the caller's reference back, signed.
    pub callback_reference: bool,
    /// It finds out whether a person or a machine picks up a call.
    pub machine_detection: bool,
    /// It waits for keys in a call, and reports them to a URL.
    pub key_input: bool,
    /// Segments that one text may have at most.
    pub max_segments: Option<u32>,
}

macro_rules! abilities {
    ($($name:ident: $doc:literal),+ $(,)?) => {
        impl Abilities {
            /// It sends plain texts, and nothing else.
            #[must_use]
            pub const fn none() -> Self {
                Self { $($name: false,)+ max_segments: None }
            }

            $(#[doc = $doc]
            #[must_use]
            pub const fn $name(mut self) -> Self {
                self.$name = true;
                self
            })+

            /// One text may have this many segments at most.
            #[must_use]
            pub const fn max_segments(mut self, segments: u32) -> Self {
                self.max_segments = Some(segments);
                self
            }
        }
    };
}

abilities! {
    calls: "It calls.",
    media: "It sends pictures and files.",
    templates: "It keeps templates.",
    pools: "It sends from pools of numbers.",
    schedule: "It sends at a later time.",
    validity: "It takes a limit on how long a message may wait.",
    list: "It lists what was sent.",
    callbacks: "It reports the delivery status to a URL.",
    callback_reference: "These reports bring the caller's reference back, signed.",
    machine_detection: "It finds out whether a person or a machine picks up a call.",
    key_input: "It waits for keys in a call, and reports them to a URL.",
}

/// What kind of sender it is: carriers allow each kind its own speed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SenderKind {
    /// A number like that of a telephone.
    LongCode,
    /// A toll-free number.
    TollFree,
    /// A short code.
    ShortCode,
    /// A sender name; nobody can reply to it.
    Alphanumeric,
    /// A number on WhatsApp or another channel.
    Channel,
    /// A pool of numbers.
    Pool,
    /// None of these.
    Other,
}

/// How fast a sender may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Rate {
    /// What kind of sender it is.
    pub kind: SenderKind,
    /// Segments in 1,000 seconds: 1,000 is one segment a second. A call counts as one segment.
    pub milli_segments_per_second: u32,
    /// The length of the provider's queue for this sender, as time of sending; messages beyond it are refused or fail.
    pub queue: Duration,
}

impl Rate {
    /// Makes one, for adapters.
    #[must_use]
    pub const fn new(kind: SenderKind, milli_segments_per_second: u32, queue: Duration) -> Self {
        Self { kind, milli_segments_per_second, queue }
    }
}

#[async_trait]
impl<M: Messenger + ?Sized> Messenger for Arc<M> {
    fn abilities(&self) -> &Abilities {
        (**self).abilities()
    }

    fn rate(&self, kind: SendKind, from: &Sender) -> Rate {
        (**self).rate(kind, from)
    }

    fn default_sender(
        &self,
        credentials: &Credentials,
        kind: SendKind,
    ) -> Result<Option<Sender>, ProviderError> {
        (**self).default_sender(credentials, kind)
    }

    async fn send(
        &self,
        credentials: &Credentials,
        message: &Outgoing,
        options: &SendOptions,
    ) -> Result<Accepted, ProviderError> {
        (**self).send(credentials, message, options).await
    }

    async fn call(
        &self,
        credentials: &Credentials,
        call: &OutgoingCall,
        options: &SendOptions,
    ) -> Result<Accepted, ProviderError> {
        (**self).call(credentials, call, options).await
    }

    async fn status(&self, credentials: &Credentials, id: &SendId) -> Result<Delivery, ProviderError> {
        (**self).status(credentials, id).await
    }

    async fn list(
        &self,
        credentials: &Credentials,
        search: &Search,
        page: Option<&PageToken>,
    ) -> Result<Found, ProviderError> {
        (**self).list(credentials, search, page).await
    }

    fn likeness(&self, message: &Outgoing, found: &FoundRow) -> Likeness {
        (**self).likeness(message, found)
    }

    fn evidence(&self, url: &str, signed: &[(String, String)]) -> Option<Evidence> {
        (**self).evidence(url, signed)
    }
}
