//! The settings of a number.

use super::{EmergencyStatus, VoiceReceiveMode};
use crate::provider::ProviderError;
use crate::sms::Text;
use crate::twilio::calls::HttpMethod;
use crate::twilio::wire::{Parameters as _, check, request};

request! {
    /// The settings of a number. Fields that are not set stay unchanged; an empty text removes a setting.
    ///
    /// An application has precedence over URLs; setting a trunk removes the voice application, and the other way round.
    ///
    /// <https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource#update-an-incomingphonenumber-resource>
    UpdateNumber {
        /// Its name, at most 64 characters.
        friendly_name: Option<Text> = "FriendlyName",
        /// The URL that Twilio requests when somebody texts it.
        sms_url: Option<Text> = "SmsUrl",
        /// The HTTP method of that request.
        sms_method: Option<HttpMethod> = "SmsMethod",
        /// The URL that Twilio requests if the first one fails.
        sms_fallback_url: Option<Text> = "SmsFallbackUrl",
        /// The HTTP method of that request.
        sms_fallback_method: Option<HttpMethod> = "SmsFallbackMethod",
        /// The TwiML app that answers texts, `AP…`.
        sms_application_sid as sms_application: Option<String> = "SmsApplicationSid",
        /// The URL that Twilio requests when somebody calls it.
        voice_url: Option<Text> = "VoiceUrl",
        /// The HTTP method of that request.
        voice_method: Option<HttpMethod> = "VoiceMethod",
        /// The URL that Twilio requests if the first one fails.
        voice_fallback_url: Option<Text> = "VoiceFallbackUrl",
        /// The HTTP method of that request.
        voice_fallback_method: Option<HttpMethod> = "VoiceFallbackMethod",
        /// The TwiML app that answers calls, `AP…`.
        voice_application_sid as voice_application: Option<String> = "VoiceApplicationSid",
        /// Look up the caller's name, which costs money for each call.
        voice_caller_id_lookup: Option<bool> = "VoiceCallerIdLookup",
        /// Whether incoming calls are voice or fax.
        voice_receive_mode: Option<VoiceReceiveMode> = "VoiceReceiveMode",
        /// The URL that Twilio reports the status of calls to.
        status_callback: Option<Text> = "StatusCallback",
        /// The HTTP method of that request.
        status_callback_method: Option<HttpMethod> = "StatusCallbackMethod",
        /// The SIP trunk that receives its calls, `TK…`.
        trunk_sid: Option<String> = "TrunkSid",
        /// Whether emergency calls are enabled.
        emergency_status: Option<EmergencyStatus> = "EmergencyStatus",
        /// The address that is reported for emergency calls, `AD…`.
        emergency_address_sid: Option<String> = "EmergencyAddressSid",
        /// Your address for it, `AD…`.
        address_sid: Option<String> = "AddressSid",
        /// Your identity for it, `RI…`.
        identity_sid: Option<String> = "IdentitySid",
        /// Your documents for it, `BU…`.
        bundle_sid: Option<String> = "BundleSid",
        /// The version of the API that handles its calls: `2010-04-01`, or the older `2008-08-01`.
        api_version: Option<String> = "ApiVersion",
        /// The account to which the number is moved, `AC…`: one of yours.
        account_sid as transfer_to: Option<String> = "AccountSid",
    }
}

impl UpdateNumber {
    /// Starts without settings.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Checks the settings and encodes them; an update without any is an error.
    pub(super) fn form(&self) -> Result<String, ProviderError> {
        self.check()?;
        self.encoded_update()
    }

    pub(super) fn check(&self) -> Result<(), ProviderError> {
        check::longest("name", self.friendly_name.as_ref(), 64)?;
        for (what, url) in [
            ("SMS URL", &self.sms_url),
            ("SMS fallback URL", &self.sms_fallback_url),
            ("voice URL", &self.voice_url),
            ("voice fallback URL", &self.voice_fallback_url),
        ] {
            // An empty text removes the setting.
            check::optional_url(what, url.as_ref().map(Text::as_str).filter(|url| !url.is_empty()))?;
        }
        check::callback(self.status_callback.as_ref().filter(|url| !url.is_empty()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_have_twilios_names_and_an_empty_text_takes_away() {
        let update = UpdateNumber::new().friendly_name("Front desk").sms_url("https://e.com/s").voice_url("");
        assert_eq!(
            update.form().unwrap(),
            "FriendlyName=Front+desk&SmsUrl=https%3A%2F%2Fe.com%2Fs&VoiceUrl="
        );
        assert!(UpdateNumber::new().form().is_err());
        assert!(UpdateNumber::new().sms_url("e.com").form().is_err());
        assert!(UpdateNumber::new().friendly_name("x".repeat(65)).form().is_err());
    }
}
