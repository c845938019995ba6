//! Changes to a call in progress.

use super::HttpMethod;
use super::create::MAX_TWIML;
use crate::provider::ProviderError;
use crate::sms::Text;
use crate::twilio::wire::{Parameters as _, check, request};

request! {
    /// A change to a call in progress.
    ///
    /// <https://www.twilio.com/docs/voice/api/call-resource#update-a-call-resource>
    UpdateCall {
        /// `completed` ends the call; `canceled` ends it only if it was not answered.
        status: Option<String> = "Status",
        /// The URL of the document with which the call continues.
        url: Option<Text> = "Url",
        /// The HTTP method of that request.
        method: Option<HttpMethod> = "Method",
        /// The document with which the call continues, at most 4,000 characters.
        twiml as _: Option<Text> = "Twiml",
        /// The URL of the document that Twilio requests if the first one fails.
        fallback_url: Option<Text> = "FallbackUrl",
        /// The HTTP method of that request.
        fallback_method: Option<HttpMethod> = "FallbackMethod",
        /// The URL that Twilio reports the status of the call to.
        status_callback: Option<Text> = "StatusCallback",
        /// The HTTP method of those reports.
        status_callback_method: Option<HttpMethod> = "StatusCallbackMethod",
        /// The longest it may last, in seconds.
        time_limit: Option<u32> = "TimeLimit",
    }
}

impl UpdateCall {
    /// Starts without a change.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends the call, whether it is ringing or answered.
    #[must_use]
    pub fn hang_up() -> Self {
        Self { status: Some("completed".to_owned()), ..Self::default() }
    }

    /// Ends the call if nobody has answered yet.
    #[must_use]
    pub fn cancel() -> Self {
        Self { status: Some("canceled".to_owned()), ..Self::default() }
    }

    /// Continues with the document at a URL.
    #[must_use]
    pub fn redirect(url: impl Into<Text>) -> Self {
        Self { url: Some(url.into()), ..Self::default() }
    }

    /// Continues with a document.
    #[must_use]
    pub fn twiml(document: impl Into<String>) -> Self {
        Self { twiml: Some(Text::new(document)), ..Self::default() }
    }

    /// Does it start another document? Then a repeat would start the document again from its beginning.
    pub(super) const fn redirects(&self) -> bool {
        self.url.is_some() || self.twiml.is_some()
    }

    pub(super) fn form(&self) -> Result<String, ProviderError> {
        if self.url.is_some() && self.twiml.is_some() {
            return Err(check::refuse("a call continues with a URL or with TwiML, not with both"));
        }
        check::optional_url("URL", self.url.as_ref().map(Text::as_str))?;
        check::optional_url("fallback URL", self.fallback_url.as_ref().map(Text::as_str))?;
        check::callback(self.status_callback.as_ref())?;
        check::longest("TwiML", self.twiml.as_ref(), MAX_TWIML)?;
        self.encoded_update()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ending_may_be_repeated_and_redirecting_may_not() {
        assert_eq!(UpdateCall::hang_up().form().unwrap(), "Status=completed");
        assert!(!UpdateCall::hang_up().redirects() && !UpdateCall::cancel().redirects());
        assert!(
            UpdateCall::redirect("https://e.com/x").redirects()
                && UpdateCall::twiml("<Response/>").redirects()
        );
        assert!(UpdateCall::default().form().is_err());
        assert!(
            UpdateCall { twiml: Some("<Response/>".into()), ..UpdateCall::redirect("https://e.com") }
                .form()
                .is_err()
        );
    }
}
