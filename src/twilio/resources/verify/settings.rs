//! The settings of a Verify service.

use crate::phone::Address;
use crate::provider::ProviderError;
use crate::twilio::wire::{Parameters as _, check, request};

/// The most characters of a service's name.
const MAX_NAME: usize = 32;

request! {
    /// The settings of a Verify service, to create or update it. Fields that are not set stay unchanged.
    ///
    /// ```
    /// use switchboard::twilio::verify::VerifyServiceSettings;
    ///
    /// let service = VerifyServiceSettings::named("Acme").code_length(6);
    /// # let _ = service;
    /// ```
    ///
    /// <https://www.twilio.com/docs/verify/api/service#create-a-verification-service>
    VerifyServiceSettings {
        /// The name in the texts: at most 32 characters, with at most four digits, and no personal data.
        friendly_name: Option<String> = "FriendlyName",
        /// How many digits a code has, 4 to 10.
        code_length: Option<u32> = "CodeLength",
        /// Look each number up.
        lookup_enabled as lookup: Option<bool> = "LookupEnabled",
        /// Skip texts to landlines; this needs `lookup`.
        skip_sms_to_landlines: Option<bool> = "SkipSmsToLandlines",
        /// Say the code in a call only after a key was pressed.
        dtmf_input_required: Option<bool> = "DtmfInputRequired",
        /// The voice of calls.
        tts_name: Option<String> = "TtsName",
        /// Support the confirmation of payments (PSD2).
        psd2_enabled as psd2: Option<bool> = "Psd2Enabled",
        /// Warn in texts not to share the code.
        do_not_share_warning_enabled as do_not_share_warning: Option<bool> = "DoNotShareWarningEnabled",
        /// Allow your own codes.
        custom_code_enabled as custom_code: Option<bool> = "CustomCodeEnabled",
        /// The template of texts, `HJ…`.
        default_template_sid as default_template: Option<String> = "DefaultTemplateSid",
        /// The messaging service that sends over WhatsApp, `MG…`.
        whatsapp_msg_service_sid: Option<String> = "Whatsapp.MsgServiceSid",
        /// The number that sends over WhatsApp.
        whatsapp_from: Option<Address> = "Whatsapp.From",
        /// Include the creation date in push challenges.
        push_include_date: Option<bool> = "Push.IncludeDate",
        /// The credential of push challenges for Apple's devices, `CR…`.
        push_apn_credential_sid as push_apn_credential: Option<String> = "Push.ApnCredentialSid",
        /// The credential of push challenges for Google's devices, `CR…`.
        push_fcm_credential_sid as push_fcm_credential: Option<String> = "Push.FcmCredentialSid",
        /// The name in an authenticator app.
        totp_issuer: Option<String> = "Totp.Issuer",
        /// How long a code of an authenticator app is valid, in seconds: 20 to 60.
        totp_time_step: Option<u32> = "Totp.TimeStep",
        /// How many digits a code of an authenticator app has: 3 to 8.
        totp_code_length: Option<u32> = "Totp.CodeLength",
        /// By how many time steps the clock of the device may differ: 0 to 2.
        totp_skew: Option<u32> = "Totp.Skew",
        /// The domain that passkeys are for.
        passkeys_relying_party_id: Option<String> = "Passkeys.RelyingParty.Id",
        /// The name that a device shows with a passkey.
        passkeys_relying_party_name: Option<String> = "Passkeys.RelyingParty.Name",
        /// The origins where passkeys are used, separated by commas.
        passkeys_relying_party_origins: Option<String> = "Passkeys.RelyingParty.Origins",
        /// Which authenticators may be used: `platform`, `cross-platform` or `any`.
        passkeys_authenticator_attachment: Option<String> = "Passkeys.AuthenticatorAttachment",
        /// Whether the passkey must be discoverable: `required`, `preferred` or `discouraged`.
        passkeys_discoverable_credentials: Option<String> = "Passkeys.DiscoverableCredentials",
        /// Whether the authenticator must verify the user: `required`, `preferred` or `discouraged`.
        passkeys_user_verification: Option<String> = "Passkeys.UserVerification",
        /// Send the service's events to event streams.
        verify_event_subscription_enabled as event_subscription: Option<bool> = "VerifyEventSubscriptionEnabled",
    }
}

impl VerifyServiceSettings {
    /// Starts without settings.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts with the name in the texts.
    pub fn named(name: impl Into<String>) -> Self {
        Self { friendly_name: Some(name.into()), ..Self::default() }
    }

    /// Sets the sender on WhatsApp: a messaging service, `MG…`, and one of its numbers.
    #[must_use]
    pub fn whatsapp(mut self, messaging_service_sid: impl Into<String>, from: impl Into<Address>) -> Self {
        self.whatsapp_msg_service_sid = Some(messaging_service_sid.into());
        self.whatsapp_from = Some(from.into());
        self
    }

    /// Checks the settings and encodes them, to create a service.
    pub(super) fn create(&self) -> Result<String, ProviderError> {
        if self.friendly_name.is_none() {
            return Err(check::missing("a Verify service needs a name, which its texts contain"));
        }
        self.check()?;
        self.encoded()
    }

    /// Checks the settings and encodes them, to update a service.
    pub(super) fn update(&self) -> Result<String, ProviderError> {
        self.check()?;
        self.encoded_update()
    }

    /// Checks the settings without sending them: it refuses what Twilio would certainly refuse. Creating and updating a
    /// service does this, too.
    ///
    /// # Errors
    /// `INVALID_REQUEST`, saying what to change.
    pub fn check(&self) -> Result<(), ProviderError> {
        match self.friendly_name.as_ref().map(|name| name.chars().count()) {
            Some(0) => return Err(check::missing("the name of the Verify service is empty")),
            Some(length) if length > MAX_NAME => {
                return Err(check::refuse(format!(
                    "the name of the Verify service has {length} characters, Twilio takes {MAX_NAME}"
                )));
            }
            _ => {}
        }
        check::range("length of a code", self.code_length, 4, 10)?;
        check::optional_sid("template", self.default_template_sid.as_deref(), "HJ")?;
        check::optional_sid("messaging service", self.whatsapp_msg_service_sid.as_deref(), "MG")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_is_written_by_its_name() {
        let settings = VerifyServiceSettings::named("Acme")
            .code_length(6)
            .lookup(true)
            .skip_sms_to_landlines(true)
            .dtmf_input_required(false)
            .tts_name("x")
            .psd2(false)
            .do_not_share_warning(true)
            .custom_code(true)
            .default_template("HJ0123456789abcdef0123456789abcdef")
            .whatsapp("MG0123456789abcdef0123456789abcdef", "whatsapp:+14155551234")
            .event_subscription(true)
            .totp_issuer("Acme")
            .push_include_date(true)
            .passkeys_relying_party_id("acme.com")
            .param("Brand", "New");
        assert_eq!(
            settings.create().unwrap(),
            "FriendlyName=Acme&CodeLength=6&LookupEnabled=true&SkipSmsToLandlines=true&DtmfInputRequired=false&\
             TtsName=x&Psd2Enabled=false&DoNotShareWarningEnabled=true&CustomCodeEnabled=true&\
             DefaultTemplateSid=HJ0123456789abcdef0123456789abcdef&\
             Whatsapp.MsgServiceSid=MG0123456789abcdef0123456789abcdef&\
             Whatsapp.From=whatsapp%3A%2B14155551234&Push.IncludeDate=true&Totp.Issuer=Acme&\
             Passkeys.RelyingParty.Id=acme.com&VerifyEventSubscriptionEnabled=true&Brand=New"
        );
        let stored = serde_json::to_string(&settings).unwrap();
        assert_eq!(serde_json::from_str::<VerifyServiceSettings>(&stored).unwrap(), settings);
    }

    #[test]
    fn invalid_requests_are_refused() {
        let named = VerifyServiceSettings::named;
        for (settings, expected) in [
            (VerifyServiceSettings::new(), "needs a name"),
            (named(""), "is empty"),
            (named("x".repeat(33).as_str()), "33 characters"),
            (named("x").code_length(3), "from 4 to 10"),
            (named("x").default_template("HX"), "must start with \"HJ\""),
            (named("x").whatsapp("VA", "+1"), "must start with \"MG\""),
        ] {
            let error = settings.create().unwrap_err().to_string();
            assert!(error.contains(expected), "{error} lacks {expected:?}");
        }
        assert!(VerifyServiceSettings::new().update().is_err());
        assert_eq!(VerifyServiceSettings::new().code_length(8).update().unwrap(), "CodeLength=8");
    }
}
