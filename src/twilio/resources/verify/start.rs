//! The request that starts a verification.

use std::net::IpAddr;

use super::VerificationChannel;
use crate::phone::Address;
use crate::provider::ProviderError;
use crate::sms::Text;
use crate::twilio::messages::RiskCheck;
use crate::twilio::wire::{Pairs, Parameters as _, check, request};

/// How long a code is, in characters.
pub(super) const CODE_LENGTH: std::ops::RangeInclusive<usize> = 4..=10;
/// The most tags of a verification.
const MAX_TAGS: usize = 10;

request! {
    /// The request that sends a code. Plain data, masked in `Debug`.
    ///
    /// ```
    /// use switchboard::twilio::verify::StartVerification;
    ///
    /// let by_text = StartVerification::sms("+14155551234").locale("de");
    /// let by_mail = StartVerification::email("ada@example.com");
    /// # let _ = (by_text, by_mail);
    /// ```
    ///
    /// <https://www.twilio.com/docs/verify/api/verification#start-new-verification>
    StartVerification {
        /// The recipient: a number, without a prefix even for WhatsApp; or an e-mail address.
        to: Address = "To",
        /// The channel.
        channel: VerificationChannel = "Channel",
        /// The name in the text, instead of the service's.
        custom_friendly_name: Option<String> = "CustomFriendlyName",
        /// The keys that are dialled after a call is answered, such as an extension.
        send_digits: Option<Text> = "SendDigits",
        /// The language, such as `de` or `pt-BR`; that of the number's country by default.
        locale: Option<String> = "Locale",
        /// A code of your own, 4 to 10 characters; the service must allow it.
        custom_code: Option<Text> = "CustomCode",
        /// A text of your own in place of the template's; only for accounts that Twilio has enabled for it.
        custom_message: Option<Text> = "CustomMessage",
        /// The amount, for the confirmation of a payment (PSD2).
        amount: Option<Text> = "Amount",
        /// The payee, for the confirmation of a payment (PSD2).
        payee: Option<Text> = "Payee",
        /// The keys of your own rate limits: the name of each limit, with this request's value.
        rate_limits as rate_limit: Pairs = "RateLimits",
        /// How the e-mail is sent: a JSON object, with `from`, `from_name`, `template_id`, `substitutions`.
        channel_configuration: Option<Text> = "ChannelConfiguration",
        /// The hash of an Android app, which lets the app read the text.
        app_hash: Option<String> = "AppHash",
        /// The template of the text, `HJ…`, instead of the service's.
        template_sid as template: Option<String> = "TemplateSid",
        /// The values for the template's own placeholders.
        template_substitutions as template_substitution: Pairs = "TemplateCustomSubstitutions",
        /// The IP address of the person's device; it helps the channel `auto`.
        device_ip: Option<Text> = "DeviceIp",
        /// Request a token for a silent verification (`sna`).
        enable_sna_client_token: Option<bool> = "EnableSnaClientToken",
        /// Whether Verify's protections (Fraud Guard, geo permissions) apply.
        risk_check: Option<RiskCheck> = "RiskCheck",
        /// Tags that are returned in events, at most 10. They must not contain personal data.
        tags as tag: Pairs = "Tags",
    }
}

/// Recipient and channel.
impl StartVerification {
    /// Sends a code over a channel.
    pub fn new(to: impl Into<Address>, channel: VerificationChannel) -> Self {
        Self { to: to.into(), channel, ..Self::default() }
    }

    /// Sends a code by SMS.
    pub fn sms(to: impl Into<Address>) -> Self {
        Self::new(to, VerificationChannel::Sms)
    }

    /// Sends a code by a call.
    pub fn call(to: impl Into<Address>) -> Self {
        Self::new(to, VerificationChannel::Call)
    }

    /// Sends a code over WhatsApp. The number is written without a prefix.
    pub fn whatsapp(to: impl Into<Address>) -> Self {
        Self::new(to, VerificationChannel::WhatsApp)
    }

    /// Sends a code by e-mail. The service must have an e-mail integration.
    pub fn email(to: impl Into<Address>) -> Self {
        Self::new(to, VerificationChannel::Email)
    }

    /// Sets the amount and the payee, for the confirmation of a payment (PSD2).
    #[must_use]
    pub fn payment(mut self, amount: impl Into<Text>, payee: impl Into<Text>) -> Self {
        self.amount = Some(amount.into());
        self.payee = Some(payee.into());
        self
    }
}

/// Checks and encoding.
impl StartVerification {
    /// Checks the request without sending it: it refuses what Twilio would certainly refuse.
    /// [`start`](super::Verify::start) does this, too.
    ///
    /// # Errors
    /// `INVALID_REQUEST`, saying what to change.
    pub fn check(&self) -> Result<(), ProviderError> {
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
            return Err(check::refuse("the device's IP address is not valid"));
        }
        if self.tags.len() > MAX_TAGS {
            return Err(check::refuse(format!(
                "there are {} tags, Twilio takes {MAX_TAGS}",
                self.tags.len()
            )));
        }
        Ok(())
    }

    /// Checks it and encodes it as Twilio expects it.
    pub(super) fn form(&self) -> Result<String, ProviderError> {
        self.check()?;
        self.encoded()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            .channel_configuration(r#"{"from":"a@b.c"}"#)
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
    fn invalid_requests_are_refused_with_what_to_change() {
        let sms = || StartVerification::sms("+14155551234");
        let many = (0..11).fold(sms(), |start, n| start.tag(n.to_string(), "x"));
        for (start, expected) in [
            (StartVerification::sms(""), "no recipient to verify"),
            (StartVerification::sms("4155551234"), "does not start with \"+\""),
            (StartVerification::sms("ada@example.com"), "does not start with \"+\""),
            (StartVerification::whatsapp("whatsapp:+14155551234"), "does not start with \"+\""),
            (StartVerification::email("+14155551234"), "not an e-mail address"),
            (StartVerification::email("@example.com"), "not an e-mail address"),
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
