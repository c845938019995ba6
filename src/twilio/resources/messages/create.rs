//! What to send.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::{SendOptions, whatsapp};
use crate::phone::Address;
use crate::provider::ProviderError;
use crate::sms::{Guards, Text};
use crate::transport::Form;
use crate::twilio::wire::wire_enum;

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
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct CreateMessage {
    /// Whom it is for: a number, or an address of a channel such as `whatsapp:+14155551234`.
    pub to: Address,
    /// Who sends it. With a messaging service it picks one of its senders.
    pub from: Option<Address>,
    /// The messaging service that sends it, `MG…`.
    pub messaging_service_sid: Option<String>,
    /// Who sends it as a text where RCS fails; only with a messaging service that has an RCS sender.
    pub fallback_from: Option<Address>,
    /// The text, at most 1,600 characters.
    pub body: Option<Text>,
    /// Where Twilio fetches pictures and files, at most 10.
    pub media_url: Vec<Text>,
    /// A content template, `HX…`, instead of a text.
    pub content_sid: Option<String>,
    /// What fills the template's places: a JSON object.
    pub content_variables: Option<Text>,
    /// Where Twilio reports what becomes of it.
    pub status_callback: Option<Text>,
    /// The TwiML app whose status callback is used, `AP…`; ignored where a status callback is set.
    pub application_sid: Option<String>,
    /// How long it may wait to be sent, in seconds: 1 to 36,000.
    pub validity_period: Option<u32>,
    /// When it is sent: 5 minutes to 35 days from now, and only with a messaging service.
    pub send_at: Option<Timestamp>,
    /// Send it as one MMS, however short.
    pub send_as_mms: Option<bool>,
    /// Shorten its links, with a domain of yours.
    pub shorten_urls: Option<bool>,
    /// Replace characters that would switch it to UCS-2.
    pub smart_encoded: Option<bool>,
    /// Accept feedback about it later.
    pub provide_feedback: Option<bool>,
    /// Rich actions of a channel, such as `geo:37.78,-122.39|Office`.
    pub persistent_action: Vec<Text>,
    /// Whether Twilio looks for signs of fraud first.
    pub risk_check: Option<RiskCheck>,
    /// Whether Twilio keeps the text.
    pub content_retention: Option<ContentRetention>,
    /// Whether Twilio keeps the recipient's number.
    pub address_retention: Option<AddressRetention>,
    /// The number of the attempt, for your own statistics.
    pub attempt: Option<u32>,
    /// Send it even to a number that looks like a landline.
    pub force_delivery: Option<bool>,
    /// How it is charged.
    pub traffic_type: Option<TrafficType>,
    /// The most it may cost, a decimal. Twilio has ignored it since June 2024.
    pub max_price: Option<String>,
    /// Parameters that are not known here, sent as they are.
    pub more: Vec<(String, Text)>,
    /// Limits of your own, kept before anything is sent; Twilio never sees them.
    #[serde(skip_serializing_if = "Guards::is_empty")]
    pub guards: Guards,
    /// How it is sent; not stored.
    #[serde(skip)]
    pub options: SendOptions,
}

/// What it is, and from whom.
impl CreateMessage {
    /// Starts a message to somebody.
    pub fn new(to: impl Into<Address>) -> Self {
        Self { to: to.into(), ..Self::default() }
    }

    /// Sets who sends it.
    #[must_use]
    pub fn from(mut self, from: impl Into<Address>) -> Self {
        self.from = Some(from.into());
        self
    }

    /// Lets a messaging service, `MG…`, send it.
    #[must_use]
    pub fn messaging_service(mut self, sid: impl Into<String>) -> Self {
        self.messaging_service_sid = Some(sid.into());
        self
    }

    /// Sets who sends it as a text where RCS fails.
    #[must_use]
    pub fn fallback_from(mut self, from: impl Into<Address>) -> Self {
        self.fallback_from = Some(from.into());
        self
    }

    /// Sets the text.
    #[must_use]
    pub fn body(mut self, body: impl Into<Text>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Adds a picture or a file.
    #[must_use]
    pub fn media_url(mut self, url: impl Into<Text>) -> Self {
        self.media_url.push(url.into());
        self
    }

    /// Sends a content template, `HX…`, with what fills its places.
    #[must_use]
    pub fn template(mut self, content_sid: impl Into<String>, variables: &Value) -> Self {
        self.content_sid = Some(content_sid.into());
        self.content_variables = Some(variables.to_string().into()).filter(|_| !variables.is_null());
        self
    }

    /// Sets where Twilio reports what becomes of it.
    #[must_use]
    pub fn status_callback(mut self, url: impl Into<Text>) -> Self {
        self.status_callback = Some(url.into());
        self
    }

    /// Sets the TwiML app, `AP…`, whose status callback is used.
    #[must_use]
    pub fn application(mut self, sid: impl Into<String>) -> Self {
        self.application_sid = Some(sid.into());
        self
    }

    /// Sends it later: 5 minutes to 35 days from now, with a messaging service.
    #[must_use]
    pub fn send_at(mut self, at: Timestamp) -> Self {
        self.send_at = Some(at);
        self
    }

    /// Sets how long it may wait to be sent, in seconds.
    #[must_use]
    pub fn validity_period(mut self, seconds: u32) -> Self {
        self.validity_period = Some(seconds);
        self
    }

    /// Sends it as one MMS, however short.
    #[must_use]
    pub fn send_as_mms(mut self, yes: bool) -> Self {
        self.send_as_mms = Some(yes);
        self
    }

    /// Shortens its links.
    #[must_use]
    pub fn shorten_urls(mut self, yes: bool) -> Self {
        self.shorten_urls = Some(yes);
        self
    }

    /// Replaces characters that would switch it to UCS-2.
    #[must_use]
    pub fn smart_encoded(mut self, yes: bool) -> Self {
        self.smart_encoded = Some(yes);
        self
    }

    /// Accepts feedback about it later.
    #[must_use]
    pub fn provide_feedback(mut self, yes: bool) -> Self {
        self.provide_feedback = Some(yes);
        self
    }

    /// Adds a rich action of a channel.
    #[must_use]
    pub fn persistent_action(mut self, action: impl Into<Text>) -> Self {
        self.persistent_action.push(action.into());
        self
    }

    /// Sets whether Twilio looks for signs of fraud first.
    #[must_use]
    pub fn risk_check(mut self, check: RiskCheck) -> Self {
        self.risk_check = Some(check);
        self
    }

    /// Sets whether Twilio keeps the text.
    #[must_use]
    pub fn content_retention(mut self, retention: ContentRetention) -> Self {
        self.content_retention = Some(retention);
        self
    }

    /// Sets whether Twilio keeps the recipient's number.
    #[must_use]
    pub fn address_retention(mut self, retention: AddressRetention) -> Self {
        self.address_retention = Some(retention);
        self
    }

    /// Sets the number of the attempt, for your own statistics.
    #[must_use]
    pub fn attempt(mut self, number: u32) -> Self {
        self.attempt = Some(number);
        self
    }

    /// Sends it even to a number that looks like a landline.
    #[must_use]
    pub fn force_delivery(mut self, yes: bool) -> Self {
        self.force_delivery = Some(yes);
        self
    }

    /// Sets how it is charged.
    #[must_use]
    pub fn traffic_type(mut self, traffic: TrafficType) -> Self {
        self.traffic_type = Some(traffic);
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
impl CreateMessage {
    /// Checks it and writes it as Twilio takes it. Without a sender of its own it comes from `account`.
    pub(super) fn form(&self, account: Option<&Address>, now: Timestamp) -> Result<String, ProviderError> {
        let fallback = account.filter(|_| self.messaging_service_sid.is_none());
        let fallback = fallback.map(|number| whatsapp::sender_for(number, &self.to));
        let from = self.from.as_ref().or(fallback.as_deref());
        self.check_at(from, now).map_err(|error| error.with_recipient(self.to.clone()))?;
        let mut form = Form::new();
        form.put("To", &self.to)
            .maybe("From", from)
            .maybe("MessagingServiceSid", self.messaging_service_sid.as_ref())
            .maybe("FallbackFrom", self.fallback_from.as_ref())
            .maybe("Body", self.body.as_ref())
            .each("MediaUrl", &self.media_url)
            .maybe("ContentSid", self.content_sid.as_ref())
            .maybe("ContentVariables", self.content_variables.as_ref())
            .maybe("StatusCallback", self.status_callback.as_ref())
            .maybe("ApplicationSid", self.application_sid.as_ref())
            .display("ValidityPeriod", self.validity_period);
        if let Some(at) = self.send_at {
            form.put("ScheduleType", "fixed").put("SendAt", at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
        }
        form.display("SendAsMms", self.send_as_mms)
            .display("ShortenUrls", self.shorten_urls)
            .display("SmartEncoded", self.smart_encoded)
            .display("ProvideFeedback", self.provide_feedback)
            .each("PersistentAction", &self.persistent_action)
            .maybe("RiskCheck", self.risk_check.as_ref())
            .maybe("ContentRetention", self.content_retention.as_ref())
            .maybe("AddressRetention", self.address_retention.as_ref())
            .display("Attempt", self.attempt)
            .display("ForceDelivery", self.force_delivery)
            .maybe("TrafficType", self.traffic_type.as_ref())
            .maybe("MaxPrice", self.max_price.as_ref());
        for (name, value) in &self.more {
            form.put(name, value);
        }
        Ok(form.finish())
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
        message.form(None, now()).unwrap()
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
        assert_eq!(
            keys,
            [
                "To",
                "From",
                "MessagingServiceSid",
                "FallbackFrom",
                "Body",
                "MediaUrl",
                "MediaUrl",
                "StatusCallback",
                "ApplicationSid",
                "ValidityPeriod",
                "ScheduleType",
                "SendAt",
                "SendAsMms",
                "ShortenUrls",
                "SmartEncoded",
                "ProvideFeedback",
                "PersistentAction",
                "RiskCheck",
                "ContentRetention",
                "AddressRetention",
                "Attempt",
                "ForceDelivery",
                "TrafficType",
                "Brand"
            ]
        );
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
            let error = message.form(None, now()).unwrap_err();
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
    fn the_account_sends_where_nobody_else_does() {
        let account = Address::from("+14155550100");
        let plain = CreateMessage::new("+14155551234").body("x");
        assert!(plain.form(Some(&account), now()).unwrap().contains("From=%2B14155550100"));
        let service = plain.messaging_service(MG);
        assert!(!service.form(Some(&account), now()).unwrap().contains("From="));
    }

    #[test]
    fn it_is_stored_and_read_back_and_masked_in_debug() {
        let message = sms().media_url("https://e.com/planted").template(HX, &json!({"1": "planted"}));
        let stored = serde_json::to_string(&message).unwrap();
        assert_eq!(serde_json::from_str::<CreateMessage>(&stored).unwrap(), message);
        let shown = format!("{message:?}");
        assert!(!shown.contains("planted") && !shown.contains("5551234"), "{shown}");
    }
}
