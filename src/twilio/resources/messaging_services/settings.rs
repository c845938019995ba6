//! The settings of a messaging service.

use super::MessagingUsecase;
use crate::provider::ProviderError;
use crate::sms::Text;
use crate::twilio::calls::HttpMethod;
use crate::twilio::wire::{Parameters as _, check, request};

/// The most characters of a service's name.
const MAX_NAME: usize = 64;

request! {
    /// The settings of a messaging service, to create or update it. Fields that are not set stay unchanged; an empty URL
    /// removes the setting.
    ///
    /// ```
    /// use switchboard::twilio::messaging_services::{MessagingServiceSettings, MessagingUsecase};
    ///
    /// let service = MessagingServiceSettings::named("Reminders")
    ///     .usecase(MessagingUsecase::Notifications)
    ///     .status_callback("https://example.com/status");
    /// # let _ = service;
    /// ```
    ///
    /// <https://www.twilio.com/docs/messaging/api/service-resource#create-a-service-resource>
    MessagingServiceSettings {
        /// Its name, at most 64 characters.
        friendly_name: Option<String> = "FriendlyName",
        /// The URL that Twilio requests when a message arrives; without it, incoming messages are not reported.
        inbound_request_url: Option<Text> = "InboundRequestUrl",
        /// The HTTP method of that request; `POST` by default.
        inbound_method: Option<HttpMethod> = "InboundMethod",
        /// The URL that Twilio requests if the first one fails.
        fallback_url: Option<Text> = "FallbackUrl",
        /// The HTTP method of that request.
        fallback_method: Option<HttpMethod> = "FallbackMethod",
        /// The URL that Twilio reports the delivery status of messages to.
        status_callback: Option<Text> = "StatusCallback",
        /// Always use the same sender for a recipient.
        sticky_sender: Option<bool> = "StickySender",
        /// Send an MMS as an SMS with a link if the recipient's carrier does not support MMS.
        mms_converter: Option<bool> = "MmsConverter",
        /// Replace characters that would change the encoding to UCS-2.
        smart_encoding: Option<bool> = "SmartEncoding",
        /// Prefer senders with the recipient's area code.
        area_code_geomatch: Option<bool> = "AreaCodeGeomatch",
        /// How long a message may wait to be sent, in seconds: 1 to 36,000.
        validity_period: Option<u32> = "ValidityPeriod",
        /// Its use case.
        usecase: Option<MessagingUsecase> = "Usecase",
        /// Use the webhook of each number, instead of the service's.
        use_inbound_webhook_on_number: Option<bool> = "UseInboundWebhookOnNumber",
        /// Has no effect any more; Twilio only kept the parameter.
        fallback_to_long_code: Option<bool> = "FallbackToLongCode",
        /// Reserved by Twilio.
        scan_message_content: Option<String> = "ScanMessageContent",
        /// Reserved by Twilio.
        synchronous_validation: Option<bool> = "SynchronousValidation",
    }
}

impl MessagingServiceSettings {
    /// Starts without settings.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts with a name.
    pub fn named(name: impl Into<String>) -> Self {
        Self { friendly_name: Some(name.into()), ..Self::default() }
    }

    /// Checks the settings and encodes them, to create a service.
    pub(super) fn create(&self) -> Result<String, ProviderError> {
        if self.friendly_name.is_none() {
            return Err(check::missing("a messaging service needs a name"));
        }
        self.check()?;
        self.encoded()
    }

    /// Checks the settings and encodes them, to update a service.
    pub(super) fn update(&self) -> Result<String, ProviderError> {
        self.check()?;
        self.encoded_update()
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
    fn invalid_settings_are_refused_and_a_url_can_be_removed() {
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
