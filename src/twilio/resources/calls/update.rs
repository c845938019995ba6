//! What to do with a call that is under way.

use serde::{Deserialize, Serialize};

use super::super::check;
use super::create::{HttpMethod, MAX_TWIML};
use crate::provider::ProviderError;
use crate::sms::Text;
use crate::transport::Form;

/// What to do with a call that is under way.
///
/// <https://www.twilio.com/docs/voice/api/call-resource#update-a-call-resource>
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct UpdateCall {
    /// `completed` ends it, `canceled` ends it only if it was not answered.
    pub status: Option<String>,
    /// The document it goes on with, by its URL.
    pub url: Option<Text>,
    /// How Twilio asks for that document.
    pub method: Option<HttpMethod>,
    /// The document it goes on with, itself, at most 4,000 characters.
    pub twiml: Option<Text>,
    /// The document for when the other cannot be had.
    pub fallback_url: Option<Text>,
    /// How Twilio asks for that one.
    pub fallback_method: Option<HttpMethod>,
    /// Where Twilio reports what becomes of it.
    pub status_callback: Option<Text>,
    /// How Twilio reports it.
    pub status_callback_method: Option<HttpMethod>,
    /// The longest it may last, in seconds.
    pub time_limit: Option<u32>,
}

impl UpdateCall {
    /// Ends it, whether it rings or is talked on.
    #[must_use]
    pub fn hang_up() -> Self {
        Self { status: Some("completed".to_owned()), ..Self::default() }
    }

    /// Ends it if nobody picked up yet.
    #[must_use]
    pub fn cancel() -> Self {
        Self { status: Some("canceled".to_owned()), ..Self::default() }
    }

    /// Goes on with the document at a URL.
    #[must_use]
    pub fn redirect(url: impl Into<Text>) -> Self {
        Self { url: Some(url.into()), ..Self::default() }
    }

    /// Goes on with a document.
    #[must_use]
    pub fn twiml(document: impl Into<String>) -> Self {
        Self { twiml: Some(Text::new(document)), ..Self::default() }
    }

    /// Sets how Twilio asks for the document.
    #[must_use]
    pub fn method(mut self, method: HttpMethod) -> Self {
        self.method = Some(method);
        self
    }

    /// Sets the document for when the other cannot be had.
    #[must_use]
    pub fn fallback_url(mut self, url: impl Into<Text>) -> Self {
        self.fallback_url = Some(url.into());
        self
    }

    /// Sets where Twilio reports what becomes of it.
    #[must_use]
    pub fn status_callback(mut self, url: impl Into<Text>) -> Self {
        self.status_callback = Some(url.into());
        self
    }

    /// Sets the longest it may last, in seconds.
    #[must_use]
    pub fn time_limit(mut self, seconds: u32) -> Self {
        self.time_limit = Some(seconds);
        self
    }

    /// Does it start a document? Then doing it twice is not doing it once.
    pub(super) const fn redirects(&self) -> bool {
        self.url.is_some() || self.twiml.is_some()
    }

    pub(super) fn form(&self) -> Result<String, ProviderError> {
        if self.url.is_some() && self.twiml.is_some() {
            return Err(check::refuse("a call goes on with a URL or with TwiML, not with both"));
        }
        check::optional_url("URL", self.url.as_ref().map(Text::as_str))?;
        check::optional_url("fallback URL", self.fallback_url.as_ref().map(Text::as_str))?;
        check::callback(self.status_callback.as_ref())?;
        check::longest("TwiML", self.twiml.as_ref(), MAX_TWIML)?;
        let mut form = Form::new();
        form.maybe("Status", self.status.as_ref())
            .maybe("Url", self.url.as_ref())
            .maybe("Method", self.method.as_ref())
            .maybe("Twiml", self.twiml.as_ref())
            .maybe("FallbackUrl", self.fallback_url.as_ref())
            .maybe("FallbackMethod", self.fallback_method.as_ref())
            .maybe("StatusCallback", self.status_callback.as_ref())
            .maybe("StatusCallbackMethod", self.status_callback_method.as_ref())
            .display("TimeLimit", self.time_limit);
        let form = form.finish();
        if form.is_empty() { Err(check::missing("the update changes nothing")) } else { Ok(form) }
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
