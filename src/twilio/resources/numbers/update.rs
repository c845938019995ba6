//! What happens when somebody calls or texts a number.

use serde::{Deserialize, Serialize};

use super::super::check;
use super::{EmergencyStatus, VoiceReceiveMode};
use crate::provider::ProviderError;
use crate::sms::Text;
use crate::transport::Form;
use crate::twilio::HttpMethod;

/// What happens when somebody calls or texts a number. What is not set stays as it is; an empty text takes it away.
///
/// An application beats the URLs beside it; a trunk and a voice application take each other's place.
///
/// <https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource#update-an-incomingphonenumber-resource>
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct UpdateNumber {
    /// What it is called, at most 64 characters.
    pub friendly_name: Option<Text>,
    /// What Twilio asks when somebody texts it.
    pub sms_url: Option<Text>,
    /// How.
    pub sms_method: Option<HttpMethod>,
    /// What Twilio asks when that fails.
    pub sms_fallback_url: Option<Text>,
    /// How.
    pub sms_fallback_method: Option<HttpMethod>,
    /// The TwiML app that answers texts, `AP…`.
    pub sms_application_sid: Option<String>,
    /// What Twilio asks when somebody calls it.
    pub voice_url: Option<Text>,
    /// How.
    pub voice_method: Option<HttpMethod>,
    /// What Twilio asks when that fails.
    pub voice_fallback_url: Option<Text>,
    /// How.
    pub voice_fallback_method: Option<HttpMethod>,
    /// The TwiML app that answers calls, `AP…`.
    pub voice_application_sid: Option<String>,
    /// Look up the caller's name, which costs money for each call.
    pub voice_caller_id_lookup: Option<bool>,
    /// What it takes when somebody calls it.
    pub voice_receive_mode: Option<VoiceReceiveMode>,
    /// Where Twilio reports what becomes of calls.
    pub status_callback: Option<Text>,
    /// How.
    pub status_callback_method: Option<HttpMethod>,
    /// The trunk that takes its calls, `TK…`.
    pub trunk_sid: Option<String>,
    /// Whether emergency calls are enabled.
    pub emergency_status: Option<EmergencyStatus>,
    /// The address that emergency calls give, `AD…`.
    pub emergency_address_sid: Option<String>,
    /// Your address for it, `AD…`.
    pub address_sid: Option<String>,
    /// Your identity for it, `RI…`.
    pub identity_sid: Option<String>,
    /// Your documents for it, `BU…`.
    pub bundle_sid: Option<String>,
    /// The account that it goes to, `AC…`: one of yours.
    pub account_sid: Option<String>,
}

impl UpdateNumber {
    /// Changes nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets what it is called, at most 64 characters.
    #[must_use]
    pub fn friendly_name(mut self, name: impl Into<Text>) -> Self {
        self.friendly_name = Some(name.into());
        self
    }

    /// Sets what Twilio asks when somebody texts it.
    #[must_use]
    pub fn sms_url(mut self, url: impl Into<Text>) -> Self {
        self.sms_url = Some(url.into());
        self
    }

    /// Sets what Twilio asks when somebody calls it.
    #[must_use]
    pub fn voice_url(mut self, url: impl Into<Text>) -> Self {
        self.voice_url = Some(url.into());
        self
    }

    /// Sets where Twilio reports what becomes of calls.
    #[must_use]
    pub fn status_callback(mut self, url: impl Into<Text>) -> Self {
        self.status_callback = Some(url.into());
        self
    }

    /// Lets a TwiML app, `AP…`, answer texts.
    #[must_use]
    pub fn sms_application(mut self, sid: impl Into<String>) -> Self {
        self.sms_application_sid = Some(sid.into());
        self
    }

    /// Lets a TwiML app, `AP…`, answer calls.
    #[must_use]
    pub fn voice_application(mut self, sid: impl Into<String>) -> Self {
        self.voice_application_sid = Some(sid.into());
        self
    }

    /// Gives it to another account of yours, `AC…`.
    #[must_use]
    pub fn transfer_to(mut self, account_sid: impl Into<String>) -> Self {
        self.account_sid = Some(account_sid.into());
        self
    }

    /// Writes it, where it changes anything.
    pub(super) fn checked_form(&self) -> Result<String, ProviderError> {
        let mut form = Form::new();
        self.write(&mut form)?;
        let form = form.finish();
        if form.is_empty() { Err(check::missing("the update changes nothing")) } else { Ok(form) }
    }

    pub(super) fn write(&self, form: &mut Form) -> Result<(), ProviderError> {
        check::longest("name", self.friendly_name.as_ref(), 64)?;
        for (what, url) in [
            ("SMS URL", &self.sms_url),
            ("SMS fallback URL", &self.sms_fallback_url),
            ("voice URL", &self.voice_url),
            ("voice fallback URL", &self.voice_fallback_url),
        ] {
            // An empty one takes it away.
            check::optional_url(what, url.as_ref().map(Text::as_str).filter(|url| !url.is_empty()))?;
        }
        check::callback(self.status_callback.as_ref().filter(|url| !url.is_empty()))?;
        form.maybe("FriendlyName", self.friendly_name.as_ref())
            .maybe("SmsUrl", self.sms_url.as_ref())
            .maybe("SmsMethod", self.sms_method.as_ref())
            .maybe("SmsFallbackUrl", self.sms_fallback_url.as_ref())
            .maybe("SmsFallbackMethod", self.sms_fallback_method.as_ref())
            .maybe("SmsApplicationSid", self.sms_application_sid.as_ref())
            .maybe("VoiceUrl", self.voice_url.as_ref())
            .maybe("VoiceMethod", self.voice_method.as_ref())
            .maybe("VoiceFallbackUrl", self.voice_fallback_url.as_ref())
            .maybe("VoiceFallbackMethod", self.voice_fallback_method.as_ref())
            .maybe("VoiceApplicationSid", self.voice_application_sid.as_ref())
            .display("VoiceCallerIdLookup", self.voice_caller_id_lookup)
            .maybe("VoiceReceiveMode", self.voice_receive_mode.as_ref())
            .maybe("StatusCallback", self.status_callback.as_ref())
            .maybe("StatusCallbackMethod", self.status_callback_method.as_ref())
            .maybe("TrunkSid", self.trunk_sid.as_ref())
            .maybe("EmergencyStatus", self.emergency_status.as_ref())
            .maybe("EmergencyAddressSid", self.emergency_address_sid.as_ref())
            .maybe("AddressSid", self.address_sid.as_ref())
            .maybe("IdentitySid", self.identity_sid.as_ref())
            .maybe("BundleSid", self.bundle_sid.as_ref())
            .maybe("AccountSid", self.account_sid.as_ref());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_have_twilios_names_and_an_empty_text_takes_away() {
        let update = UpdateNumber::new().friendly_name("Front desk").sms_url("https://e.com/s").voice_url("");
        assert_eq!(
            update.checked_form().unwrap(),
            "FriendlyName=Front+desk&SmsUrl=https%3A%2F%2Fe.com%2Fs&VoiceUrl="
        );
        assert!(UpdateNumber::new().checked_form().is_err());
        assert!(UpdateNumber::new().sms_url("e.com").checked_form().is_err());
        assert!(UpdateNumber::new().friendly_name("x".repeat(65)).checked_form().is_err());
    }
}
