//! A placed call, for a test.

/// Who or what picks up a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PickedUpBy {
    /// A person.
    Person,
    /// An answering machine.
    Machine,
    /// A fax.
    Fax,
    /// Somebody or something that machine detection cannot tell.
    Unknown,
}

/// A call that was placed through the fake, with its current status.
///
/// Texts and numbers are plain strings, so that a failed assertion shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlacedCall {
    /// Its SID: `CA…`.
    pub sid: String,
    /// The number that is called.
    pub to: String,
    /// The number that calls.
    pub from: String,
    /// The URL of its TwiML.
    pub url: Option<String>,
    /// Its TwiML, if it came with the request.
    pub twiml: Option<String>,
    /// The status: `queued`, `in-progress`, `completed`.
    pub status: String,
    /// Seconds from the answer to the end; `None` before the end.
    pub duration: Option<u32>,
    /// The result of machine detection as Twilio writes it: `human`, `machine_start`. `None` if the call did not ask for it.
    pub answered_by: Option<String>,
    /// The keys that the person pressed, one text for each input.
    pub pressed: Vec<String>,
    /// The status callback URL.
    pub status_callback: Option<String>,
}
