//! Sending a message: the requests, `CreateMessage` and the shorter `SendSms`, how they are sent, and the checks before.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::super::whatsapp;
use super::{AddressRetention, ContentRetention, Message, Messages, RiskCheck, TrafficType};
use crate::phone::{Address, AddressKind};
use crate::provider::{ApiRequest, ProviderError, Reason, RequestBody, RequestClass, SendOptions};
use crate::sms::Text;
use crate::twilio::other_recipient;
use crate::twilio::session::Senders;
use crate::twilio::wire::{Form, Parameters as _, check, request};

/// The most characters of a text.
const MAX_BODY: usize = 1600;
/// The most pictures and files.
const MAX_MEDIA: usize = 10;
/// The earliest and the latest time for a scheduled message, from now. Each is a minute wider than Twilio's, because
/// clocks differ.
const EARLIEST: SignedDuration = SignedDuration::from_secs(300 - 60);
const LATEST: SignedDuration = SignedDuration::from_secs(35 * 24 * 3600 + 60);

request! {
    /// A message with all of Twilio's parameters. Plain data: it can be stored and sent later.
    ///
    /// ```
    /// use switchboard::twilio::CreateMessage;
    ///
    /// let mms = CreateMessage::new("+14155551234")
    ///     .from("+14155550100")
    ///     .body("The plan of the building")
    ///     .media_url("https://example.com/plan.png");
    /// # let _ = mms;
    /// ```
    ///
    /// <https://www.twilio.com/docs/messaging/api/message-resource#request-body-parameters>
    CreateMessage {
        /// The recipient: a number, or an address of a channel such as `whatsapp:+14155551234`.
        to: Address = "To",
        /// The sender. With a messaging service, this must be one of the service's senders.
        from: Option<Address> = "From",
        /// The messaging service that sends it, `MG…`.
        messaging_service_sid as messaging_service: Option<String> = "MessagingServiceSid",
        /// The sender of the SMS that is sent if RCS fails; only with a messaging service that has an RCS sender.
        fallback_from: Option<Address> = "FallbackFrom",
        /// The text, at most 1,600 characters.
        body: Option<Text> = "Body",
        /// The URLs from which Twilio fetches pictures and files, at most 10.
        media_url: Vec<Text> = "MediaUrl",
        /// A content template, `HX…`, instead of a text.
        content_sid: Option<String> = "ContentSid",
        /// The values for the template's placeholders: a JSON object.
        content_variables: Option<Text> = "ContentVariables",
        /// The URL that Twilio reports the delivery status to.
        status_callback: Option<Text> = "StatusCallback",
        /// The TwiML app whose status callback is used, `AP…`; ignored if a status callback is set.
        application_sid as application: Option<String> = "ApplicationSid",
        /// How long it may wait to be sent, in seconds: 1 to 36,000.
        validity_period: Option<u32> = "ValidityPeriod",
        /// When it is sent: 5 minutes to 35 days from now, and only with a messaging service.
        send_at: Option<Timestamp> = "SendAt",
        /// Send it as one MMS, even if it is short.
        send_as_mms: Option<bool> = "SendAsMms",
        /// Shorten its links, with your own domain.
        shorten_urls: Option<bool> = "ShortenUrls",
        /// Replace characters that would change the encoding to UCS-2.
        smart_encoded: Option<bool> = "SmartEncoded",
        /// Allow feedback about the message later.
        provide_feedback: Option<bool> = "ProvideFeedback",
        /// Rich actions of a channel, such as `geo:37.78,-122.39|Office`.
        persistent_action: Vec<Text> = "PersistentAction",
        /// Whether Twilio checks for signs of fraud first.
        risk_check: Option<RiskCheck> = "RiskCheck",
        /// Whether Twilio keeps the text.
        content_retention: Option<ContentRetention> = "ContentRetention",
        /// Whether Twilio keeps the recipient's number.
        address_retention: Option<AddressRetention> = "AddressRetention",
        /// The number of your attempt to send this content, for Twilio's statistics.
        attempt: Option<u32> = "Attempt",
        /// Send it even to a number that looks like a landline.
        force_delivery: Option<bool> = "ForceDelivery",
        /// How it is charged.
        traffic_type: Option<TrafficType> = "TrafficType",
        /// The most it may cost, a decimal. Twilio has ignored it since June 2024.
        max_price: Option<String> = "MaxPrice",
    }
}

impl Messages {
    /// Sends a message.
    ///
    /// A request that Twilio would certainly refuse is refused before anything is sent. The answer says that Twilio
    /// accepted the message, not that it arrived: see [`MessageStatus`](super::MessageStatus).
    ///
    /// <https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource>
    ///
    /// # Errors
    /// Any [`ProviderError`]. Its [`outcome`](ProviderError::outcome) says whether the message may have gone out; a
    /// message whose outcome is unknown is never repeated automatically.
    pub async fn create(&self, message: &CreateMessage) -> Result<Message, ProviderError> {
        self.create_with(message, &SendOptions::new()).await
    }

    /// Sends a message with its own limits on time and attempts.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub async fn create_with(
        &self,
        message: &CreateMessage,
        options: &SendOptions,
    ) -> Result<Message, ProviderError> {
        let made = self.session.json(self.create_request(message, options)?).await;
        made.inspect(|made: &Message| other_recipient::warn(&message.to, made.to.as_ref()))
    }

    pub(in crate::twilio) fn create_request(
        &self,
        message: &CreateMessage,
        options: &SendOptions,
    ) -> Result<ApiRequest, ProviderError> {
        let form = message.form(self.session.senders(), Timestamp::now())?;
        let request = ApiRequest::post("/Messages.json").body(RequestBody::Form(form)).recipient(&message.to);
        Ok(request.class(RequestClass::Create).options(options))
    }
}

impl CreateMessage {
    /// Starts a message to a recipient.
    pub fn new(to: impl Into<Address>) -> Self {
        Self { to: to.into(), ..Self::default() }
    }

    /// Sends a content template, `HX…`, with the values for its placeholders.
    #[must_use]
    pub fn template(mut self, content_sid: impl Into<String>, variables: &Value) -> Self {
        self.content_sid = Some(content_sid.into());
        self.content_variables = Some(variables.to_string().into()).filter(|_| !variables.is_null());
        self
    }

    /// Checks the message without sending it: it refuses what Twilio would certainly refuse.
    /// [`create`](Messages::create) does this, too.
    ///
    /// # Errors
    /// `INVALID_REQUEST`, saying what to change.
    pub fn check(&self) -> Result<(), ProviderError> {
        self.form(&Senders::default(), Timestamp::now()).map(drop)
    }

    /// Checks the message and encodes it as a form. If it has no sender, the account's is added.
    fn form(&self, account: &Senders, now: Timestamp) -> Result<String, ProviderError> {
        self.encode(account, now).map_err(|error| error.with_recipient(self.to.clone()))
    }

    fn encode(&self, account: &Senders, now: Timestamp) -> Result<String, ProviderError> {
        let own = self.from.is_some() || self.messaging_service_sid.is_some();
        let service = account.messaging_service_sid.as_deref().filter(|_| !own);
        // Only a messaging service can send at a later time.
        let number = account.from.as_ref().filter(|_| !own && (self.send_at.is_none() || service.is_none()));
        let number = number.map(|number| whatsapp::sender_for(number, &self.to));
        let service = service.filter(|_| number.is_none());

        self.check_addresses(self.from.as_ref().or(number.as_deref()))?;
        let any_service = self.messaging_service_sid.as_deref().or(service);
        if self.from.is_none() && number.is_none() && any_service.is_none() {
            return Err(check::missing(
                "there is no sender: set from(..), a messaging service, or the credentials' phone number",
            ));
        }
        check::optional_sid("messaging service", any_service, "MG")?;
        check::optional_sid("TwiML app", self.application_sid.as_deref(), "AP")?;
        check::callback(self.status_callback.as_ref())?;
        check::range("validity period in seconds", self.validity_period, 1, 36_000)?;
        self.check_content()?;
        self.check_schedule(any_service.is_some(), now)?;

        let mut form = Form::new();
        self.write(&mut form)?;
        form.maybe("From", number.as_deref()).maybe("MessagingServiceSid", service);
        if self.send_at.is_some() {
            form.put("ScheduleType", "fixed");
        }
        Ok(form.finish())
    }

    fn check_addresses(&self, from: Option<&Address>) -> Result<(), ProviderError> {
        let kind = check::recipient(&self.to)?;
        if matches!(kind, AddressKind::Client | AddressKind::Sip | AddressKind::Alphanumeric) {
            return Err(check::refuse(
                "a message goes to a number or to a channel such as whatsapp:, not to a name",
            )
            .with_reason(Reason::InvalidRecipient));
        }
        from.map_or(Ok(()), check::sender)
    }

    fn check_content(&self) -> Result<(), ProviderError> {
        let text = self.body.as_ref().map_or("", Text::as_str);
        check::optional_sid("content template", self.content_sid.as_deref(), "HX")?;
        if text.is_empty() && self.media_url.is_empty() && self.content_sid.is_none() {
            return Err(check::missing(
                "the message is empty, there is nothing to send: set a body, a media URL or a template",
            ));
        }
        let length = text.chars().count();
        if length > MAX_BODY {
            return Err(check::refuse(format!(
                "the text has {length} characters, Twilio takes {MAX_BODY}: shorten it or send several"
            )));
        }
        if self.media_url.len() > MAX_MEDIA {
            return Err(check::refuse(format!(
                "there are {} media URLs, Twilio takes {MAX_MEDIA}",
                self.media_url.len()
            ))
            .with_reason(Reason::MediaProblem));
        }
        for media in &self.media_url {
            check::url("media URL", media.as_str())?;
        }
        self.check_template(text)
    }

    fn check_template(&self, text: &str) -> Result<(), ProviderError> {
        let wrong = |message: &str| Err(check::refuse(message).with_reason(Reason::TemplateProblem));
        if self.content_sid.is_some() && !text.is_empty() {
            return wrong("a template and a body cannot go together: the template is the text");
        }
        let Some(variables) = &self.content_variables else { return Ok(()) };
        if self.content_sid.is_none() {
            return wrong("there are template variables without a template: set its SID, HX…");
        }
        match serde_json::from_str(variables.as_str()) {
            Ok(variables @ Value::Object(_)) => whatsapp::check_variables(&self.to, &variables),
            _ => wrong("the template variables must be a JSON object, as in {\"1\": \"Ada\"}"),
        }
    }

    fn check_schedule(&self, by_service: bool, now: Timestamp) -> Result<(), ProviderError> {
        let Some(at) = self.send_at else { return Ok(()) };
        if !by_service {
            return Err(check::missing("a message can be scheduled only with a messaging service, MG…"));
        }
        let wait = at.duration_since(now);
        if wait < EARLIEST || wait > LATEST {
            return Err(check::refuse(format!(
                "a message can be scheduled 5 minutes to 35 days ahead, this one is {} minutes ahead",
                wait.as_mins()
            )));
        }
        Ok(())
    }
}

request! {
    /// A text with the few parameters that most programs need. For all others see [`CreateMessage`].
    ///
    /// ```
    /// use switchboard::twilio::SendSms;
    ///
    /// let sms = SendSms::new("+14155551234", "Your table is ready").from("+14155550100");
    /// # let _ = sms;
    /// ```
    SendSms {
        /// The recipient.
        to: Address = "To",
        /// The text, at most 1,600 characters.
        body: Text = "Body",
        /// The sender; the credentials' phone number by default.
        from: Option<Address> = "From",
        /// The messaging service that sends it and chooses the sender.
        messaging_service_sid as messaging_service: Option<String> = "MessagingServiceSid",
        /// The URL that Twilio reports the delivery status to.
        status_callback: Option<Text> = "StatusCallback",
    }
}

impl SendSms {
    /// Starts a text to a number.
    pub fn new(to: impl Into<Address>, body: impl Into<Text>) -> Self {
        Self { to: to.into(), body: body.into(), ..Self::default() }
    }
}

impl From<SendSms> for CreateMessage {
    fn from(sms: SendSms) -> Self {
        Self {
            to: sms.to,
            from: sms.from,
            body: Some(sms.body),
            messaging_service_sid: sms.messaging_service_sid,
            status_callback: sms.status_callback,
            more: sms.more,
            ..Self::default()
        }
    }
}

impl From<&SendSms> for CreateMessage {
    fn from(sms: &SendSms) -> Self {
        sms.clone().into()
    }
}

#[cfg(test)]
mod tests;
