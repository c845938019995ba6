//! What the fake tells of a call.

use switchboard::phone::Address;
use switchboard::sms::Text;

/// A call that was placed through the fake, as it stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlacedCall {
    /// Its SID: `CA…`.
    pub sid: String,
    /// The number that is called.
    pub to: Address,
    /// The number that calls.
    pub from: Address,
    /// Where its instructions are.
    pub url: Option<Text>,
    /// Its instructions, if they came with it.
    pub twiml: Option<Text>,
    /// Twilio's word: `queued`, `in-progress`, `completed`.
    pub status: String,
    /// Seconds from the answer to the end; `None` before the end.
    pub duration: Option<u32>,
    /// Where its changes are told.
    pub status_callback: Option<Text>,
}
