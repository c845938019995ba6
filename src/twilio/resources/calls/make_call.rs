//! A call to somebody, in its shortest form.

use serde::{Deserialize, Serialize};

use super::CreateCall;
use crate::phone::Address;
use crate::sms::Text;
use crate::twilio::twiml;

/// A call to somebody: all that most programs need. For everything else see [`CreateCall`].
///
/// ```
/// use switchboard::twilio::MakeCall;
///
/// let call = MakeCall::say("+14155551234", "The build is broken").from("+14155550100");
/// # let _ = call;
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MakeCall {
    /// Whom it is for.
    pub to: Address,
    /// Who calls; the credentials' phone number where it is not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Address>,
    /// The URL of the document that says what happens once it is picked up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Text>,
    /// That document itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twiml: Option<Text>,
    /// Where Twilio reports what becomes of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_callback: Option<Text>,
}

impl MakeCall {
    /// Calls somebody and says a text. Markup in it is spoken, not obeyed.
    pub fn say(to: impl Into<Address>, text: impl AsRef<str>) -> Self {
        Self::twiml(to, twiml::say(text.as_ref()))
    }

    /// Calls somebody and does what a TwiML document says, at most 4,000 characters.
    pub fn twiml(to: impl Into<Address>, document: impl Into<String>) -> Self {
        Self { twiml: Some(Text::new(document)), ..Self::to(to) }
    }

    /// Calls somebody and does what the TwiML document at a URL says.
    pub fn url(to: impl Into<Address>, url: impl Into<Text>) -> Self {
        Self { url: Some(url.into()), ..Self::to(to) }
    }

    fn to(to: impl Into<Address>) -> Self {
        Self { to: to.into(), from: None, url: None, twiml: None, status_callback: None }
    }

    /// Sets who calls: a number of yours, or a verified one.
    #[must_use]
    pub fn from(mut self, from: impl Into<Address>) -> Self {
        self.from = Some(from.into());
        self
    }

    /// Sets where Twilio reports what becomes of it.
    #[must_use]
    pub fn status_callback(mut self, url: impl Into<Text>) -> Self {
        self.status_callback = Some(url.into());
        self
    }
}

impl From<&MakeCall> for CreateCall {
    fn from(call: &MakeCall) -> Self {
        Self {
            to: call.to.clone(),
            from: call.from.clone(),
            url: call.url.clone(),
            twiml: call.twiml.clone(),
            status_callback: call.status_callback.clone(),
            ..Self::default()
        }
    }
}
