//! Whom to send a code to, and how.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::{RiskCheck, SendOptions, check};
use super::VerificationChannel;
use crate::phone::Address;
use crate::provider::ProviderError;
use crate::sms::Text;
use crate::transport::Form;

/// How long a code is, in characters.
pub(super) const CODE_LENGTH: std::ops::RangeInclusive<usize> = 4..=10;
/// The most tags of a verification.
const MAX_TAGS: usize = 10;

/// Whom to send a code to, and how. Plain data, masked in `Debug`.
///
/// ```
/// use switchboard::twilio::StartVerification;
///
/// let by_text = StartVerification::sms("+14155551234").locale("de");
/// let by_mail = StartVerification::email("ada@example.com");
/// # let _ = (by_text, by_mail);
/// ```
///
/// <https://www.twilio.com/docs/verify/api/verification#start-new-verification>
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StartVerification {
    /// Whom it goes to: a number, also for WhatsApp, without a prefix; or an e-mail address.
    pub to: Address,
    /// How it goes there.
    pub channel: VerificationChannel,
    /// The name in the text, instead of the service's.
    #[serde(default)]
    pub custom_friendly_name: Option<String>,
    /// What is dialled once a call is picked up, such as an extension.
    #[serde(default)]
    pub send_digits: Option<Text>,
    /// The language, such as `de` or `pt-BR`; that of the number's country where it is not set.
    #[serde(default)]
    pub locale: Option<String>,
    /// A code of your own, 4 to 10 characters; the service must allow it.
    #[serde(default)]
    pub custom_code: Option<Text>,
    /// What is paid, for the confirmation of a payment (PSD2).
    #[serde(default)]
    pub amount: Option<Text>,
    /// Who is paid, for the confirmation of a payment (PSD2).
    #[serde(default)]
    pub payee: Option<Text>,
    /// What your own rate limits count by: their names, and this request's values.
    #[serde(default)]
    pub rate_limits: BTreeMap<String, Text>,
    /// How the e-mail is sent: a JSON object, with `from`, `from_name`, `template_id`, `substitutions`.
    #[serde(default)]
    pub channel_configuration: Option<Text>,
    /// The hash that lets an Android app read the text.
    #[serde(default)]
    pub app_hash: Option<String>,
    /// The template of the text, `HJ…`, instead of the service's.
    #[serde(default)]
    pub template_sid: Option<String>,
    /// What fills the template's own places.
    #[serde(default)]
    pub template_substitutions: BTreeMap<String, Text>,
    /// The IP address of the person's device; it helps the channel `auto`.
    #[serde(default)]
    pub device_ip: Option<Text>,
    /// Ask for a token with a silent verification (`sna`).
    #[serde(default)]
    pub enable_sna_client_token: Option<bool>,
    /// Whether Verify's protections (Fraud Guard, geo permissions) hold for it.
    #[serde(default)]
    pub risk_check: Option<RiskCheck>,
    /// Notes that come back in events, at most 10. Nothing personal belongs here.
    #[serde(default)]
    pub tags: BTreeMap<String, Text>,
    /// Parameters that are not known here, sent as they are.
    #[serde(default)]
    pub more: Vec<(String, Text)>,
    /// How it is sent; not stored.
    #[serde(skip)]
    pub options: SendOptions,
}

/// Whom, and how.
impl StartVerification {
    /// Sends a code over a channel.
    pub fn new(to: impl Into<Address>, channel: VerificationChannel) -> Self {
        Self {
            to: to.into(),
            channel,
            custom_friendly_name: None,
            send_digits: None,
            locale: None,
            custom_code: None,
            amount: None,
            payee: None,
            rate_limits: BTreeMap::new(),
            channel_configuration: None,
            app_hash: None,
            template_sid: None,
            template_substitutions: BTreeMap::new(),
            device_ip: None,
            enable_sna_client_token: None,
            risk_check: None,
            tags: BTreeMap::new(),
            more: Vec::new(),
            options: SendOptions::default(),
        }
    }

    /// Texts a code.
    pub fn sms(to: impl Into<Address>) -> Self {
        Self::new(to, VerificationChannel::Sms)
    }

    /// Calls and says a code.
    pub fn call(to: impl Into<Address>) -> Self {
        Self::new(to, VerificationChannel::Call)
    }

    /// Sends a code over WhatsApp. The number is written without a prefix.
    pub fn whatsapp(to: impl Into<Address>) -> Self {
        Self::new(to, VerificationChannel::WhatsApp)
    }

    /// Mails a code. The service must have an e-mail integration.
    pub fn email(to: impl Into<Address>) -> Self {
        Self::new(to, VerificationChannel::Email)
    }

    /// Sets the name in the text.
    #[must_use]
    pub fn custom_friendly_name(mut self, name: impl Into<String>) -> Self {
        self.custom_friendly_name = Some(name.into());
        self
    }

    /// Sets what is dialled once a call is picked up.
    #[must_use]
    pub fn send_digits(mut self, digits: impl Into<Text>) -> Self {
        self.send_digits = Some(digits.into());
        self
    }

    /// Sets the language.
    #[must_use]
    pub fn locale(mut self, locale: impl Into<String>) -> Self {
        self.locale = Some(locale.into());
        self
    }

    /// Sets a code of your own; the service must have
    /// [`custom_code`](super::VerifyServiceSettings::custom_code) on.
    #[must_use]
    pub fn custom_code(mut self, code: impl Into<Text>) -> Self {
        self.custom_code = Some(code.into());
        self
    }

    /// Sets what is paid, and to whom, for the confirmation of a payment (PSD2).
    #[must_use]
    pub fn payment(mut self, amount: impl Into<Text>, payee: impl Into<Text>) -> Self {
        self.amount = Some(amount.into());
        self.payee = Some(payee.into());
        self
    }

    /// Adds what one of your own rate limits counts by.
    #[must_use]
    pub fn rate_limit(mut self, name: impl Into<String>, value: impl Into<Text>) -> Self {
        self.rate_limits.insert(name.into(), value.into());
        self
    }

    /// Sets how the e-mail is sent: a JSON object.
    #[must_use]
    pub fn channel_configuration(mut self, configuration: &Value) -> Self {
        self.channel_configuration = Some(configuration.to_string().into());
        self
    }

    /// Sets the hash that lets an Android app read the text.
    #[must_use]
    pub fn app_hash(mut self, hash: impl Into<String>) -> Self {
        self.app_hash = Some(hash.into());
        self
    }

    /// Sets the template of the text, `HJ…`.
    #[must_use]
    pub fn template(mut self, sid: impl Into<String>) -> Self {
        self.template_sid = Some(sid.into());
        self
    }

    /// Fills one of the template's own places.
    #[must_use]
    pub fn template_substitution(mut self, place: impl Into<String>, value: impl Into<Text>) -> Self {
        self.template_substitutions.insert(place.into(), value.into());
        self
    }

    /// Sets the IP address of the person's device.
    #[must_use]
    pub fn device_ip(mut self, address: impl Into<Text>) -> Self {
        self.device_ip = Some(address.into());
        self
    }

    /// Asks for a token with a silent verification.
    #[must_use]
    pub fn enable_sna_client_token(mut self, yes: bool) -> Self {
        self.enable_sna_client_token = Some(yes);
        self
    }

    /// Sets whether Verify's protections hold for it.
    #[must_use]
    pub fn risk_check(mut self, check: RiskCheck) -> Self {
        self.risk_check = Some(check);
        self
    }

    /// Adds a note that comes back in events.
    #[must_use]
    pub fn tag(mut self, name: impl Into<String>, value: impl Into<Text>) -> Self {
        self.tags.insert(name.into(), value.into());
        self
    }

    /// Adds a parameter that is not known here.
    #[must_use]
    pub fn param(mut self, name: impl Into<String>, value: impl Into<Text>) -> Self {
        self.more.push((name.into(), value.into()));
        self
    }

    /// Sets how it is sent.
    #[must_use]
    pub fn options(mut self, options: SendOptions) -> Self {
        self.options = options;
        self
    }
}

/// On its way out.
impl StartVerification {
    fn check(&self) -> Result<(), ProviderError> {
        match &self.channel {
            VerificationChannel::Email => super::email(&self.to)?,
            VerificationChannel::Unknown(_) => super::person(&self.to)?,
            _ => super::number(&self.to)?,
        }
        check::optional_sid("template", self.template_sid.as_deref(), "HJ")?;
        if let Some(length) = self.custom_code.as_ref().map(|code| code.as_str().chars().count())
            && !CODE_LENGTH.contains(&length)
        {
            return Err(check::refuse(format!("a code has 4 to 10 characters, this one has {length}")));
        }
        if self.device_ip.as_ref().is_some_and(|ip| ip.as_str().parse::<IpAddr>().is_err()) {
            return Err(check::refuse("the device's IP address is none"));
        }
        if self.tags.len() > MAX_TAGS {
            return Err(check::refuse(format!(
                "there are {} tags, Twilio takes {MAX_TAGS}",
                self.tags.len()
            )));
        }
        Ok(())
    }

    /// Checks it and writes it as Twilio takes it.
    pub(super) fn form(&self) -> Result<String, ProviderError> {
        self.check()?;
        let mut form = Form::new();
        form.put("To", &self.to)
            .put("Channel", &self.channel)
            .maybe("CustomFriendlyName", self.custom_friendly_name.as_ref())
            .maybe("SendDigits", self.send_digits.as_ref())
            .maybe("Locale", self.locale.as_ref())
            .maybe("CustomCode", self.custom_code.as_ref())
            .maybe("Amount", self.amount.as_ref())
            .maybe("Payee", self.payee.as_ref())
            .maybe("RateLimits", object(&self.rate_limits))
            .maybe("ChannelConfiguration", self.channel_configuration.as_ref())
            .maybe("AppHash", self.app_hash.as_ref())
            .maybe("TemplateSid", self.template_sid.as_ref())
            .maybe("TemplateCustomSubstitutions", object(&self.template_substitutions))
            .maybe("DeviceIp", self.device_ip.as_ref())
            .display("EnableSnaClientToken", self.enable_sna_client_token)
            .maybe("RiskCheck", self.risk_check.as_ref())
            .maybe("Tags", object(&self.tags));
        for (name, value) in &self.more {
            form.put(name, value);
        }
        Ok(form.finish())
    }
}

/// Writes pairs as a JSON object; none where there are none.
fn object(pairs: &BTreeMap<String, Text>) -> Option<String> {
    let object = pairs.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str())));
    (!pairs.is_empty()).then(|| Value::Object(object.collect()).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const HJ: &str = "HJ0123456789abcdef0123456789abcdef";

    #[test]
    fn every_parameter_is_written_by_its_name() {
        let full = StartVerification::sms("+14155551234")
            .custom_friendly_name("Acme")
            .send_digits("ww1")
            .locale("de")
            .custom_code("1234")
            .payment("€39.99", "Acme Inc.")
            .rate_limit("ip", "1.2.3.4")
            .channel_configuration(&json!({"from": "a@b.c"}))
            .app_hash("AAAAAAAAAAA")
            .template(HJ)
            .template_substitution("AppName", "MyApp")
            .device_ip("2001:db8::1")
            .enable_sna_client_token(true)
            .risk_check(RiskCheck::Disable)
            .tag("tenant", "12345")
            .param("Brand", "New");
        let form = full.form().unwrap();
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(&form).unwrap();
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(
            pairs,
            [
                ("To", "+14155551234"),
                ("Channel", "sms"),
                ("CustomFriendlyName", "Acme"),
                ("SendDigits", "ww1"),
                ("Locale", "de"),
                ("CustomCode", "1234"),
                ("Amount", "€39.99"),
                ("Payee", "Acme Inc."),
                ("RateLimits", r#"{"ip":"1.2.3.4"}"#),
                ("ChannelConfiguration", r#"{"from":"a@b.c"}"#),
                ("AppHash", "AAAAAAAAAAA"),
                ("TemplateSid", HJ),
                ("TemplateCustomSubstitutions", r#"{"AppName":"MyApp"}"#),
                ("DeviceIp", "2001:db8::1"),
                ("EnableSnaClientToken", "true"),
                ("RiskCheck", "disable"),
                ("Tags", r#"{"tenant":"12345"}"#),
                ("Brand", "New"),
            ]
        );
        let stored = serde_json::to_string(&full).unwrap();
        assert_eq!(serde_json::from_str::<StartVerification>(&stored).unwrap(), full);
        let least: StartVerification = serde_json::from_str(r#"{"to": "+1415", "channel": "call"}"#).unwrap();
        assert_eq!(least, StartVerification::call("+1415"));
    }

    #[test]
    fn what_is_surely_wrong_is_refused_with_what_to_change() {
        let sms = || StartVerification::sms("+14155551234");
        let many = (0..11).fold(sms(), |start, n| start.tag(n.to_string(), "x"));
        for (start, expected) in [
            (StartVerification::sms(""), "nobody to verify"),
            (StartVerification::sms("4155551234"), "does not start with \"+\""),
            (StartVerification::sms("ada@example.com"), "does not start with \"+\""),
            (StartVerification::whatsapp("whatsapp:+14155551234"), "does not start with \"+\""),
            (StartVerification::email("+14155551234"), "no e-mail address"),
            (StartVerification::email("@example.com"), "no e-mail address"),
            (sms().custom_code("123"), "4 to 10 characters, this one has 3"),
            (sms().template("HX0"), "must start with \"HJ\""),
            (sms().device_ip("0.000.00.0000"), "IP address"),
            (many, "11 tags"),
        ] {
            let error = start.form().unwrap_err();
            assert!(error.to_string().contains(expected), "{error} lacks {expected:?}");
        }
    }

    #[test]
    fn debug_shows_neither_whom_nor_the_code() {
        let start = StartVerification::sms("+14155551234").custom_code("planted").device_ip("198.51.100.7");
        let mail = StartVerification::email("planted@example.com").rate_limit("who", "planted");
        let shown = format!("{start:?}{mail:?}");
        for secret in ["planted", "5551234", "198.51"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}
