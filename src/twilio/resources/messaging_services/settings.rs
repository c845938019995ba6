//! What can be set of a messaging service.

use serde::{Deserialize, Serialize};

use super::super::{HttpMethod, check};
use super::MessagingUsecase;
use crate::provider::ProviderError;
use crate::sms::Text;
use crate::transport::Form;

/// The most characters of a service's name.
const MAX_NAME: usize = 64;

/// What can be set of a messaging service, when it is made and later. What is not set stays as it is; a URL that is
/// set to nothing is taken away.
///
/// ```
/// use switchboard::twilio::{MessagingServiceSettings, MessagingUsecase};
///
/// let service = MessagingServiceSettings::named("Reminders")
///     .usecase(MessagingUsecase::Notifications)
///     .status_callback("https://example.com/status");
/// # let _ = service;
/// ```
///
/// <https://www.twilio.com/docs/messaging/api/service-resource#create-a-service-resource>
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct MessagingServiceSettings {
    /// Its name, at most 64 characters.
    pub friendly_name: Option<String>,
    /// What Twilio asks when a message comes in; without it, incoming messages are not reported.
    pub inbound_request_url: Option<Text>,
    /// How Twilio asks it; `POST` where it is not set.
    pub inbound_method: Option<HttpMethod>,
    /// What Twilio asks when the other fails.
    pub fallback_url: Option<Text>,
    /// How Twilio asks that one.
    pub fallback_method: Option<HttpMethod>,
    /// Where Twilio reports what becomes of messages.
    pub status_callback: Option<Text>,
    /// Show each recipient always the same sender.
    pub sticky_sender: Option<bool>,
    /// Make an MMS a link where there is no MMS.
    pub mms_converter: Option<bool>,
    /// Replace characters that would switch to UCS-2.
    pub smart_encoding: Option<bool>,
    /// Prefer senders of the recipient's area.
    pub area_code_geomatch: Option<bool>,
    /// How long a message may wait to be sent, in seconds: 1 to 36,000.
    pub validity_period: Option<u32>,
    /// What it is for.
    pub usecase: Option<MessagingUsecase>,
    /// Ask each number's own webhook, rather than the service's.
    pub use_inbound_webhook_on_number: Option<bool>,
    /// Parameters that are not known here, sent as they are.
    pub more: Vec<(String, Text)>,
}

impl MessagingServiceSettings {
    /// Changes nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts with a name.
    pub fn named(name: impl Into<String>) -> Self {
        Self { friendly_name: Some(name.into()), ..Self::default() }
    }

    /// Sets the name.
    #[must_use]
    pub fn friendly_name(mut self, name: impl Into<String>) -> Self {
        self.friendly_name = Some(name.into());
        self
    }

    /// Sets what Twilio asks when a message comes in.
    #[must_use]
    pub fn inbound_request_url(mut self, url: impl Into<Text>) -> Self {
        self.inbound_request_url = Some(url.into());
        self
    }

    /// Sets how Twilio asks it.
    #[must_use]
    pub fn inbound_method(mut self, method: HttpMethod) -> Self {
        self.inbound_method = Some(method);
        self
    }

    /// Sets what Twilio asks when the other fails.
    #[must_use]
    pub fn fallback_url(mut self, url: impl Into<Text>) -> Self {
        self.fallback_url = Some(url.into());
        self
    }

    /// Sets how Twilio asks that one.
    #[must_use]
    pub fn fallback_method(mut self, method: HttpMethod) -> Self {
        self.fallback_method = Some(method);
        self
    }

    /// Sets where Twilio reports what becomes of messages.
    #[must_use]
    pub fn status_callback(mut self, url: impl Into<Text>) -> Self {
        self.status_callback = Some(url.into());
        self
    }

    /// Shows each recipient always the same sender.
    #[must_use]
    pub fn sticky_sender(mut self, yes: bool) -> Self {
        self.sticky_sender = Some(yes);
        self
    }

    /// Makes an MMS a link where there is no MMS.
    #[must_use]
    pub fn mms_converter(mut self, yes: bool) -> Self {
        self.mms_converter = Some(yes);
        self
    }

    /// Replaces characters that would switch to UCS-2.
    #[must_use]
    pub fn smart_encoding(mut self, yes: bool) -> Self {
        self.smart_encoding = Some(yes);
        self
    }

    /// Prefers senders of the recipient's area.
    #[must_use]
    pub fn area_code_geomatch(mut self, yes: bool) -> Self {
        self.area_code_geomatch = Some(yes);
        self
    }

    /// Sets how long a message may wait to be sent, in seconds.
    #[must_use]
    pub fn validity_period(mut self, seconds: u32) -> Self {
        self.validity_period = Some(seconds);
        self
    }

    /// Sets what it is for.
    #[must_use]
    pub fn usecase(mut self, usecase: MessagingUsecase) -> Self {
        self.usecase = Some(usecase);
        self
    }

    /// Asks each number's own webhook, rather than the service's.
    #[must_use]
    pub fn use_inbound_webhook_on_number(mut self, yes: bool) -> Self {
        self.use_inbound_webhook_on_number = Some(yes);
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
            return Err(check::missing("a messaging service needs a name"));
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
            .maybe("InboundRequestUrl", self.inbound_request_url.as_ref())
            .maybe("InboundMethod", self.inbound_method.as_ref())
            .maybe("FallbackUrl", self.fallback_url.as_ref())
            .maybe("FallbackMethod", self.fallback_method.as_ref())
            .maybe("StatusCallback", self.status_callback.as_ref())
            .display("StickySender", self.sticky_sender)
            .display("MmsConverter", self.mms_converter)
            .display("SmartEncoding", self.smart_encoding)
            .display("AreaCodeGeomatch", self.area_code_geomatch)
            .display("ValidityPeriod", self.validity_period)
            .maybe("Usecase", self.usecase.as_ref())
            .display("UseInboundWebhookOnNumber", self.use_inbound_webhook_on_number);
        for (name, value) in &self.more {
            form.put(name, value);
        }
        Ok(form.finish())
    }

    fn check(&self) -> Result<(), ProviderError> {
        match self.friendly_name.as_ref().map(|name| name.chars().count()) {
            Some(0) => return Err(check::missing("the name of the messaging service is empty")),
            Some(length) if length > MAX_NAME => {
                return Err(check::refuse(format!(
                    "the name of the messaging service has {length} characters, Twilio takes {MAX_NAME}"
                )));
            }
            _ => {}
        }
        let set = |url: &Option<Text>| url.clone().filter(|url| !url.is_empty());
        check::optional_url("inbound URL", set(&self.inbound_request_url).as_ref().map(Text::as_str))?;
        check::optional_url("fallback URL", set(&self.fallback_url).as_ref().map(Text::as_str))?;
        check::optional_url("status callback", set(&self.status_callback).as_ref().map(Text::as_str))?;
        check::range("validity period in seconds", self.validity_period, 1, 36_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_is_written_by_its_name() {
        let settings = MessagingServiceSettings::named("Acme")
            .inbound_request_url("https://e.com/i")
            .inbound_method(HttpMethod::Get)
            .fallback_url("https://e.com/f")
            .fallback_method(HttpMethod::Post)
            .status_callback("https://e.com/s")
            .sticky_sender(true)
            .mms_converter(false)
            .smart_encoding(true)
            .area_code_geomatch(true)
            .validity_period(60)
            .usecase(MessagingUsecase::Poll)
            .use_inbound_webhook_on_number(true)
            .param("Brand", "New");
        assert_eq!(
            settings.create().unwrap(),
            "FriendlyName=Acme&InboundRequestUrl=https%3A%2F%2Fe.com%2Fi&InboundMethod=GET&\
             FallbackUrl=https%3A%2F%2Fe.com%2Ff&FallbackMethod=POST&StatusCallback=https%3A%2F%2Fe.com%2Fs&\
             StickySender=true&MmsConverter=false&SmartEncoding=true&AreaCodeGeomatch=true&ValidityPeriod=60&\
             Usecase=poll&UseInboundWebhookOnNumber=true&Brand=New"
        );
        let stored = serde_json::to_string(&settings).unwrap();
        assert_eq!(serde_json::from_str::<MessagingServiceSettings>(&stored).unwrap(), settings);
    }

    #[test]
    fn what_is_surely_wrong_is_refused_and_a_url_can_be_taken_away() {
        let named = MessagingServiceSettings::named;
        for (settings, expected) in [
            (MessagingServiceSettings::new(), "needs a name"),
            (named(""), "is empty"),
            (named("x".repeat(65).as_str()), "65 characters"),
            (named("x").status_callback("e.com"), "status callback is no URL"),
            (named("x").validity_period(36_001), "from 1 to 36000"),
        ] {
            let error = settings.create().unwrap_err().to_string();
            assert!(error.contains(expected), "{error} lacks {expected:?}");
        }
        assert!(MessagingServiceSettings::new().update().is_err());
        let away = MessagingServiceSettings::new().inbound_request_url("");
        assert_eq!(away.update().unwrap(), "InboundRequestUrl=");
    }
}
