//! The requests that send a message, `CreateMessage` and the shorter `SendSms`, and the checks before they are sent.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::super::{check, whatsapp};
use crate::phone::{Address, AddressKind};
use crate::provider::{ProviderError, Reason};
use crate::sms::Text;
use crate::transport::Form;
use crate::twilio::session::Senders;
use crate::twilio::wire::{Parameters as _, request, wire_enum};

/// The most characters of a text.
const MAX_BODY: usize = 1600;
/// The most pictures and files.
const MAX_MEDIA: usize = 10;
/// The earliest and the latest time for a scheduled message, from now. Each is a minute wider than Twilio's, because
/// clocks differ.
const EARLIEST: SignedDuration = SignedDuration::from_secs(300 - 60);
const LATEST: SignedDuration = SignedDuration::from_secs(35 * 24 * 3600 + 60);

request! {
    /// A message with everything that Twilio knows about messages. Plain data: it can be stored and sent later.
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
        /// The sender of the text that is sent where RCS fails; only with a messaging service that has an RCS sender.
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
        /// The TwiML app whose status callback is used, `AP…`; ignored where a status callback is set.
        application_sid as application: Option<String> = "ApplicationSid",
        /// How long it may wait to be sent, in seconds: 1 to 36,000.
        validity_period: Option<u32> = "ValidityPeriod",
        /// When it is sent: 5 minutes to 35 days from now, and only with a messaging service.
        send_at: Option<Timestamp> = "SendAt",
        /// Send it as one MMS, even if it is short.
        send_as_mms: Option<bool> = "SendAsMms",
        /// Shorten its links, with a domain of yours.
        shorten_urls: Option<bool> = "ShortenUrls",
        /// Replace characters that would switch it to UCS-2.
        smart_encoded: Option<bool> = "SmartEncoded",
        /// Accept feedback about it later.
        provide_feedback: Option<bool> = "ProvideFeedback",
        /// Rich actions of a channel, such as `geo:37.78,-122.39|Office`.
        persistent_action: Vec<Text> = "PersistentAction",
        /// Whether Twilio looks for signs of fraud first.
        risk_check: Option<RiskCheck> = "RiskCheck",
        /// Whether Twilio keeps the text.
        content_retention: Option<ContentRetention> = "ContentRetention",
        /// Whether Twilio keeps the recipient's number.
        address_retention: Option<AddressRetention> = "AddressRetention",
        /// The number of the attempt, for your own statistics.
        attempt: Option<u32> = "Attempt",
        /// Send it even to a number that looks like a landline.
        force_delivery: Option<bool> = "ForceDelivery",
        /// How it is charged.
        traffic_type: Option<TrafficType> = "TrafficType",
        /// The most it may cost, a decimal. Twilio has ignored it since June 2024.
        max_price: Option<String> = "MaxPrice",
    }
}

impl CreateMessage {
    /// Starts a message to somebody.
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
    /// [`create`](super::Messages::create) does this, too.
    ///
    /// # Errors
    /// `INVALID_REQUEST`, saying what to change.
    pub fn check(&self) -> Result<(), ProviderError> {
        self.form(&Senders::default(), Timestamp::now()).map(drop)
    }

    /// Checks it and encodes it as a form. Where it names no sender, one of the account's is added.
    pub(super) fn form(&self, account: &Senders, now: Timestamp) -> Result<String, ProviderError> {
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
        check::recipient(&self.to)?;
        if matches!(self.to.kind(), Ok(AddressKind::Client | AddressKind::Sip | AddressKind::Alphanumeric)) {
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
            return Err(check::missing("there is nothing to send: set a body, a media URL or a template"));
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
    /// A text to somebody: all that most programs need. For everything else see [`CreateMessage`].
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
        /// The sender; the credentials' phone number where it is not set.
        from: Option<Address> = "From",
        /// The messaging service that sends it and chooses the sender.
        messaging_service_sid as messaging_service: Option<String> = "MessagingServiceSid",
        /// The URL that Twilio reports the delivery status to.
        status_callback: Option<Text> = "StatusCallback",
    }
}

impl SendSms {
    /// Writes a text to somebody.
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

wire_enum! {
    /// Whether Twilio looks for signs of fraud (SMS pumping) before it sends.
    RiskCheck {
        /// It does.
        Enable = "enable",
        /// It does not.
        Disable = "disable",
    }
}

wire_enum! {
    /// Whether Twilio keeps the text.
    ContentRetention {
        /// It does.
        Retain = "retain",
        /// It does not.
        Discard = "discard",
    }
}

wire_enum! {
    /// Whether Twilio keeps the recipient's number.
    AddressRetention {
        /// It does.
        Retain = "retain",
        /// It keeps part of it.
        Obfuscate = "obfuscate",
    }
}

wire_enum! {
    /// How the message is charged.
    TrafficType {
        /// It is free for its recipient.
        Free = "free",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const MG: &str = "MG0123456789abcdef0123456789abcdef";
    const HX: &str = "HX0123456789abcdef0123456789abcdef";

    fn now() -> Timestamp {
        "2026-01-05T09:00:00Z".parse().unwrap()
    }

    fn sms() -> CreateMessage {
        CreateMessage::new("+14155551234").from("+14155550100").body("Hi")
    }

    fn form(message: &CreateMessage) -> String {
        message.form(&Senders::default(), now()).unwrap()
    }

    #[test]
    fn every_parameter_is_written_by_its_name() {
        let message = sms()
            .media_url("https://e.com/a.png")
            .media_url("https://e.com/b.png")
            .messaging_service(MG)
            .fallback_from("+14155550101")
            .status_callback("https://e.com/s#rc=2")
            .application("AP0123456789abcdef0123456789abcdef")
            .validity_period(60)
            .send_at("2026-01-05T10:00:00Z".parse().unwrap())
            .send_as_mms(true)
            .shorten_urls(false)
            .smart_encoded(true)
            .provide_feedback(true)
            .persistent_action("geo:1,2|x")
            .risk_check(RiskCheck::Disable)
            .content_retention(ContentRetention::Discard)
            .address_retention(AddressRetention::Obfuscate)
            .attempt(2)
            .force_delivery(true)
            .traffic_type(TrafficType::Free)
            .param("Brand", "New");
        let form = form(&message);
        let keys: Vec<_> = form.split('&').map(|pair| pair.split('=').next().unwrap()).collect();
        let expected = "To From MessagingServiceSid FallbackFrom Body MediaUrl MediaUrl StatusCallback ApplicationSid \
            ValidityPeriod SendAt SendAsMms ShortenUrls SmartEncoded ProvideFeedback PersistentAction RiskCheck \
            ContentRetention AddressRetention Attempt ForceDelivery TrafficType Brand ScheduleType";
        assert_eq!(keys, expected.split_whitespace().collect::<Vec<_>>());
        assert!(form.contains("SendAt=2026-01-05T10%3A00%3A00Z") && form.contains("ShortenUrls=false"));
    }

    #[test]
    fn what_is_surely_wrong_is_refused_with_what_to_change() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let cases = [
            (CreateMessage::new("").body("x").from("72345"), "no recipient"),
            (CreateMessage::new("4155551234").body("x").from("72345"), "does not start with \"+\""),
            (CreateMessage::new("client:alice").body("x").from("72345"), "not to a name"),
            (CreateMessage::new("+14155551234").body("x"), "no sender"),
            (sms().from("+1 415"), "the sender cannot be used"),
            (sms().body(""), "nothing to send"),
            (sms().body("x".repeat(1601)), "1601 characters"),
            ((0..11).fold(sms(), |m, _| m.media_url("https://e.com/a")), "11 media URLs"),
            (sms().media_url("e.com/a.png"), "media URL is no URL"),
            (sms().status_callback("https://my_host.example/x"), "underscore"),
            (sms().status_callback("ftp://e.com"), "must start with https"),
            (sms().messaging_service("MG1"), "messaging service SID must start with \"MG\""),
            (sms().template(HX, &json!({})), "cannot go together"),
            (CreateMessage { content_variables: Some("{}".into()), ..sms() }, "without a template"),
            (sms().body("").template(HX, &json!(["x"])), "JSON object"),
            (sms().validity_period(0), "from 1 to 36000"),
            (sms().send_at(at("2026-01-05T10:00:00Z")), "only with a messaging service"),
            (sms().messaging_service(MG).send_at(at("2026-01-05T09:03:59Z")), "5 minutes to 35 days"),
            (sms().messaging_service(MG).send_at(at("2026-02-09T09:01:01Z")), "5 minutes to 35 days"),
        ];
        for (message, expected) in cases {
            let error = message.form(&Senders::default(), now()).unwrap_err();
            assert!(error.to_string().contains(expected), "{error} lacks {expected:?}");
            assert_eq!(error.code(), crate::ErrorCode::InvalidRequest);
        }
    }

    #[test]
    fn what_twilio_takes_is_not_refused() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        for message in [
            sms().body("ü".repeat(1600)),
            sms().body("").media_url("https://e.com/a"),
            sms().body("").template(HX, &Value::Null),
            sms().messaging_service(MG).send_at(at("2026-01-05T09:04:00Z")),
            sms().messaging_service(MG).send_at(at("2026-02-09T09:01:00Z")),
            sms().from("ACME").validity_period(36_000),
            sms().media_url("https://my_bucket.s3.amazonaws.com/a.png"),
            sms().from("DE0123456789abcdef0123456789abcdef"),
            CreateMessage::new("whatsapp:+14155551234").from("whatsapp:+14155550100").body("x"),
            CreateMessage::new("+14155551234").messaging_service(MG).body("x"),
        ] {
            form(&message);
        }
    }

    #[test]
    fn the_account_sends_where_the_message_names_nobody() {
        let senders = |from: Option<&str>, service: Option<&str>| Senders {
            from: from.map(Address::from),
            messaging_service_sid: service.map(str::to_owned),
            ..Senders::default()
        };
        let (number, own) = (Some("+14155550100"), "MG00000000000000000000000000000000");
        let plain = CreateMessage::new("+14155551234").body("x");
        let later = plain.clone().send_at("2026-01-05T10:00:00Z".parse().unwrap());
        let (by_number, by_service) = ("From=%2B14155550100", format!("MessagingServiceSid={MG}"));
        for (message, account, expected) in [
            (&plain, senders(number, None), by_number),
            (&plain, senders(number, Some(MG)), by_number),
            (&plain, senders(None, Some(MG)), by_service.as_str()),
            (&later, senders(number, Some(MG)), by_service.as_str()),
            (&plain.clone().from("72345"), senders(number, Some(MG)), "From=72345"),
            (
                &plain.clone().messaging_service(own),
                senders(number, Some(MG)),
                &format!("MessagingServiceSid={own}"),
            ),
            (
                &CreateMessage::new("whatsapp:+14155551234").body("x"),
                senders(number, None),
                "From=whatsapp%3A%2B14155550100",
            ),
        ] {
            let form = message.form(&account, now()).unwrap();
            let sender = |pair: &&str| pair.starts_with("From=") || pair.starts_with("MessagingServiceSid=");
            assert_eq!(form.split('&').filter(sender).collect::<Vec<_>>(), [expected], "{form}");
        }
        assert!(later.form(&senders(number, None), now()).is_err());
    }

    #[test]
    fn it_is_stored_and_read_back_and_masked_in_debug() {
        let message = sms().media_url("https://e.com/planted").template(HX, &json!({"1": "planted"}));
        let stored = serde_json::to_string(&message).unwrap();
        assert_eq!(serde_json::from_str::<CreateMessage>(&stored).unwrap(), message);
        let shown = format!("{message:?}");
        assert!(!shown.contains("planted") && !shown.contains("5551234"), "{shown}");
    }

    #[test]
    fn what_has_a_setter_does_not_come_past_it() {
        let past = sms().param("Body", "y").form(&Senders::default(), now()).unwrap_err();
        assert!(past.to_string().contains("set body"), "{past}");
    }
}
