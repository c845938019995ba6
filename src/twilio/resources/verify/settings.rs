//! What can be set of a Verify service.

use serde::{Deserialize, Serialize};

use super::super::check;
use crate::phone::Address;
use crate::provider::ProviderError;
use crate::sms::Text;
use crate::transport::Form;

/// The most characters of a service's name.
const MAX_NAME: usize = 32;

/// What can be set of a Verify service, when it is made and later. What is not set stays as it is.
///
/// ```
/// use switchboard::twilio::VerifyServiceSettings;
///
/// let service = VerifyServiceSettings::named("Acme").code_length(6);
/// # let _ = service;
/// ```
///
/// Push factors, authenticator apps and passkeys are set by [`param`](Self::param), as in
/// `.param("Totp.Issuer", "Acme")`.
///
/// <https://www.twilio.com/docs/verify/api/service#create-a-verification-service>
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct VerifyServiceSettings {
    /// The name in the texts, at most 32 characters, of them at most four digits; nothing personal.
    pub friendly_name: Option<String>,
    /// How many digits a code has, 4 to 10.
    pub code_length: Option<u32>,
    /// Look each number up.
    pub lookup_enabled: Option<bool>,
    /// Text nothing to landlines; numbers must be looked up for that.
    pub skip_sms_to_landlines: Option<bool>,
    /// Say the code in a call only after a key was pressed.
    pub dtmf_input_required: Option<bool>,
    /// The voice of calls.
    pub tts_name: Option<String>,
    /// Confirm payments.
    pub psd2_enabled: Option<bool>,
    /// Warn in texts not to share the code.
    pub do_not_share_warning_enabled: Option<bool>,
    /// Allow codes of your own.
    pub custom_code_enabled: Option<bool>,
    /// The template of texts, `HJ…`.
    pub default_template_sid: Option<String>,
    /// The messaging service that sends over WhatsApp, `MG…`.
    pub whatsapp_msg_service_sid: Option<String>,
    /// The number that sends over WhatsApp.
    pub whatsapp_from: Option<Address>,
    /// Send its events to event streams.
    pub verify_event_subscription_enabled: Option<bool>,
    /// Parameters that are not known here, sent as they are.
    pub more: Vec<(String, Text)>,
}

impl VerifyServiceSettings {
    /// Changes nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts with the name in the texts.
    pub fn named(name: impl Into<String>) -> Self {
        Self { friendly_name: Some(name.into()), ..Self::default() }
    }

    /// Sets the name in the texts.
    #[must_use]
    pub fn friendly_name(mut self, name: impl Into<String>) -> Self {
        self.friendly_name = Some(name.into());
        self
    }

    /// Sets how many digits a code has.
    #[must_use]
    pub fn code_length(mut self, digits: u32) -> Self {
        self.code_length = Some(digits);
        self
    }

    /// Looks each number up.
    #[must_use]
    pub fn lookup(mut self, yes: bool) -> Self {
        self.lookup_enabled = Some(yes);
        self
    }

    /// Texts nothing to landlines.
    #[must_use]
    pub fn skip_sms_to_landlines(mut self, yes: bool) -> Self {
        self.skip_sms_to_landlines = Some(yes);
        self
    }

    /// Says the code in a call only after a key was pressed.
    #[must_use]
    pub fn dtmf_input_required(mut self, yes: bool) -> Self {
        self.dtmf_input_required = Some(yes);
        self
    }

    /// Sets the voice of calls.
    #[must_use]
    pub fn tts_name(mut self, name: impl Into<String>) -> Self {
        self.tts_name = Some(name.into());
        self
    }

    /// Confirms payments.
    #[must_use]
    pub fn psd2(mut self, yes: bool) -> Self {
        self.psd2_enabled = Some(yes);
        self
    }

    /// Warns in texts not to share the code.
    #[must_use]
    pub fn do_not_share_warning(mut self, yes: bool) -> Self {
        self.do_not_share_warning_enabled = Some(yes);
        self
    }

    /// Allows codes of your own.
    #[must_use]
    pub fn custom_code(mut self, yes: bool) -> Self {
        self.custom_code_enabled = Some(yes);
        self
    }

    /// Sets the template of texts, `HJ…`.
    #[must_use]
    pub fn default_template(mut self, sid: impl Into<String>) -> Self {
        self.default_template_sid = Some(sid.into());
        self
    }

    /// Sets who sends over WhatsApp: a messaging service, `MG…`, and one of its numbers.
    #[must_use]
    pub fn whatsapp(mut self, messaging_service_sid: impl Into<String>, from: impl Into<Address>) -> Self {
        self.whatsapp_msg_service_sid = Some(messaging_service_sid.into());
        self.whatsapp_from = Some(from.into());
        self
    }

    /// Sends its events to event streams.
    #[must_use]
    pub fn event_subscription(mut self, yes: bool) -> Self {
        self.verify_event_subscription_enabled = Some(yes);
        self
    }

    /// Adds a parameter that is not known here.
    #[must_use]
    pub fn param(mut self, name: impl Into<String>, value: impl Into<Text>) -> Self {
        self.more.push((name.into(), value.into()));
        self
    }

    /// Checks it and writes it, for a service that is made.
    pub(super) fn create(&self) -> Result<String, ProviderError> {
        if self.friendly_name.is_none() {
            return Err(check::missing("a Verify service needs a name: it stands in its texts"));
        }
        self.form()
    }

    /// Checks it and writes it, for a service that is changed.
    pub(super) fn update(&self) -> Result<String, ProviderError> {
        let form = self.form()?;
        if form.is_empty() { Err(check::missing("the update changes nothing")) } else { Ok(form) }
    }

    fn form(&self) -> Result<String, ProviderError> {
        self.check()?;
        let mut form = Form::new();
        form.maybe("FriendlyName", self.friendly_name.as_ref())
            .display("CodeLength", self.code_length)
            .display("LookupEnabled", self.lookup_enabled)
            .display("SkipSmsToLandlines", self.skip_sms_to_landlines)
            .display("DtmfInputRequired", self.dtmf_input_required)
            .maybe("TtsName", self.tts_name.as_ref())
            .display("Psd2Enabled", self.psd2_enabled)
            .display("DoNotShareWarningEnabled", self.do_not_share_warning_enabled)
            .display("CustomCodeEnabled", self.custom_code_enabled)
            .maybe("DefaultTemplateSid", self.default_template_sid.as_ref())
            .maybe("Whatsapp.MsgServiceSid", self.whatsapp_msg_service_sid.as_ref())
            .maybe("Whatsapp.From", self.whatsapp_from.as_ref())
            .display("VerifyEventSubscriptionEnabled", self.verify_event_subscription_enabled);
        for (name, value) in &self.more {
            form.put(name, value);
        }
        Ok(form.finish())
    }

    fn check(&self) -> Result<(), ProviderError> {
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
            .param("Totp.Issuer", "Acme");
        assert_eq!(
            settings.create().unwrap(),
            "FriendlyName=Acme&CodeLength=6&LookupEnabled=true&SkipSmsToLandlines=true&DtmfInputRequired=false&\
             TtsName=x&Psd2Enabled=false&DoNotShareWarningEnabled=true&CustomCodeEnabled=true&\
             DefaultTemplateSid=HJ0123456789abcdef0123456789abcdef&\
             Whatsapp.MsgServiceSid=MG0123456789abcdef0123456789abcdef&\
             Whatsapp.From=whatsapp%3A%2B14155551234&VerifyEventSubscriptionEnabled=true&Totp.Issuer=Acme"
        );
        let stored = serde_json::to_string(&settings).unwrap();
        assert_eq!(serde_json::from_str::<VerifyServiceSettings>(&stored).unwrap(), settings);
    }

    #[test]
    fn what_is_surely_wrong_is_refused() {
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
