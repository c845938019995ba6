//! The short form of a request for a call.

use super::CreateCall;
use crate::phone::Address;
use crate::sms::Text;
use crate::twilio::twiml;
use crate::twilio::wire::request;

request! {
    /// A call with the few parameters that most programs need. For all others see [`CreateCall`].
    ///
    /// Start with [`say`](Self::say), [`twiml`](Self::twiml) or [`url`](Self::url): a call with nothing to say cannot be
    /// made, so there is no `new`.
    ///
    /// ```
    /// use switchboard::twilio::MakeCall;
    ///
    /// let call = MakeCall::say("+14155551234", "The build is broken").from("+14155550100");
    /// # let _ = call;
    /// ```
    MakeCall {
        /// The number or address that is called.
        to: Address = "To",
        /// The caller's number; the credentials' phone number by default.
        from: Option<Address> = "From",
        /// The URL of the TwiML document that runs when the call is answered.
        url as _: Option<Text> = "Url",
        /// The TwiML document itself.
        twiml as _: Option<Text> = "Twiml",
        /// The URL that Twilio reports the status of the call to.
        status_callback: Option<Text> = "StatusCallback",
    }
}

impl MakeCall {
    /// Calls somebody and says a text. Markup in the text is spoken, not interpreted.
    pub fn say(to: impl Into<Address>, text: impl AsRef<str>) -> Self {
        Self::twiml(to, twiml::say(text.as_ref()))
    }

    /// Calls somebody and runs a TwiML document of at most 4,000 characters.
    pub fn twiml(to: impl Into<Address>, document: impl Into<String>) -> Self {
        Self { twiml: Some(Text::new(document)), ..Self::to(to) }
    }

    /// Calls somebody and runs the TwiML document at a URL.
    pub fn url(to: impl Into<Address>, url: impl Into<Text>) -> Self {
        Self { url: Some(url.into()), ..Self::to(to) }
    }

    fn to(to: impl Into<Address>) -> Self {
        Self { to: to.into(), ..Self::default() }
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
            more: call.more.clone(),
            ..Self::default()
        }
    }
}
