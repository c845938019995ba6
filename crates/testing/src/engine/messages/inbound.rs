//! Incoming messages, and the request to the webhook of each.

use std::time::Duration;

use serde_json::json;

use super::message::{INBOUND, Message, count};
use super::messaging::Messaging;
use super::status::MessageStatus;
use crate::engine::keywords::Keyword;
use crate::engine::locations;
use crate::engine::numbers::{AddressKind, kind};
use crate::engine::webhook::{Endpoint, Params, WebhookRequest};
use crate::inbound::InboundSms;

/// A message that was received.
#[derive(Clone)]
pub(crate) struct InboundMessage {
    pub(crate) sid: String,
    /// The request to the webhook; `None` when there is no webhook.
    pub(crate) request: Option<WebhookRequest>,
    /// The endpoint that is requested when the webhook fails.
    pub(super) fallback: Option<Endpoint>,
    /// The reply that Twilio itself sends to a keyword.
    pub(crate) automatic: Option<&'static str>,
    pub(super) params: Params,
}

impl Messaging<'_> {
    /// Receives a message from a person.
    pub(crate) fn receive(&mut self, sms: &InboundSms, base: &str) -> InboundMessage {
        let to = sms.inbound.to.clone().unwrap_or_else(|| self.senders.reached_number());
        let channel = |number: &str| match number.split_once(':') {
            None if sms.whatsapp => format!("whatsapp:{number}"),
            _ => number.to_owned(),
        };
        let (from, to) = (channel(&sms.inbound.from), channel(&to));
        let sid = self.store_inbound(sms, &from, &to);
        let keyword = self.apply_keyword(&sms.body, &from, &to);
        if from.starts_with("whatsapp:") {
            self.windows.open(&from, self.core.now());
        }
        let params = self.inbound_params(sms, &sid, &from, &to, base, keyword);
        let [endpoint, fallback] = match &sms.inbound.url {
            Some(url) => [Some(Endpoint { url: url.clone(), get: sms.inbound.get }), None],
            None => self.sms_webhooks(&to),
        };
        let request = endpoint.map(|endpoint| self.core.webhook_request(&endpoint, &params));
        InboundMessage { sid, request, fallback, automatic: keyword.map(Keyword::reply), params }
    }

    fn store_inbound(&mut self, sms: &InboundSms, from: &str, to: &str) -> String {
        let sid = self.core.sids.next(if sms.media.is_empty() { "SM" } else { "MM" });
        for medium in &sms.media {
            self.media.attach(self.core, &sid, &medium.url);
        }
        for (medium, kept) in sms.media.iter().zip(self.media.of_message(&sid)) {
            match &medium.bytes {
                Some(bytes) => self.media.set_bytes(&kept, &medium.content_type, bytes.clone()),
                None => self.media.set_type(&kept, &medium.content_type),
            };
        }
        let now = self.core.now();
        let media: Vec<String> = sms.media.iter().map(|medium| medium.url.clone()).collect();
        let message = Message {
            direction: INBOUND,
            to: to.to_owned(),
            from: Some(from.to_owned()),
            service: self.senders.service_of(to).map(|(sid, _)| sid.to_owned()),
            content_sid: None,
            segments: count(&sms.body, &media),
            body: sms.body.clone(),
            media,
            status: MessageStatus::Received,
            due: None,
            queue: None,
            queue_error: None,
            validity: Duration::ZERO,
            send_at: None,
            endpoint: None,
            feedback: false,
            created: now,
            listed_from: now,
            updated: now,
            sent: Some(now),
            price: None,
            error: None,
        };
        let to = message.to.clone();
        self.messages.rows.insert_in(&to, &sid, message);
        sid
    }

    /// Applies a keyword: opts the person out or in. There are keywords only in messages to telephone numbers, not to short
    /// codes or WhatsApp.
    fn apply_keyword(&mut self, body: &str, from: &str, to: &str) -> Option<Keyword> {
        let keyword = Keyword::read(body).filter(|_| kind(to) == Some(AddressKind::Phone))?;
        for number in self.senders.opt_out_group(to) {
            match keyword {
                Keyword::Stop => self.senders.numbers.opt_out(from, Some(&number)),
                Keyword::Start => self.senders.numbers.opt_in(from, Some(&number)),
                Keyword::Help => {}
            }
        }
        Some(keyword)
    }

    /// Returns the webhook for messages to a number, and its fallback.
    fn sms_webhooks(&self, to: &str) -> [Option<Endpoint>; 2] {
        let number = to.trim_start_matches("whatsapp:");
        let of_service = self.senders.service_of(number).and_then(|(_, service)| service.webhooks());
        of_service.unwrap_or_else(|| {
            [("sms_url", "sms_method"), ("sms_fallback_url", "sms_fallback_method")]
                .map(|(url, method)| self.senders.number_endpoint(number, url, method))
        })
    }

    fn inbound_params(
        &self,
        sms: &InboundSms,
        sid: &str,
        from: &str,
        to: &str,
        base: &str,
        keyword: Option<Keyword>,
    ) -> Params {
        let segments = if sms.media.is_empty() { count(&sms.body, &[]) } else { sms.media.len() };
        let mut params: Params = [
            ("MessageSid", sid.to_owned()),
            ("SmsSid", sid.to_owned()),
            ("SmsMessageSid", sid.to_owned()),
            ("SmsStatus", "received".to_owned()),
            ("AccountSid", self.core.account.sid.clone()),
            ("From", from.to_owned()),
            ("To", to.to_owned()),
            ("Body", sms.body.clone()),
            ("NumMedia", sms.media.len().to_string()),
            ("NumSegments", segments.to_string()),
            ("ApiVersion", "2010-04-01".to_owned()),
        ]
        .map(|(key, value)| (key.to_owned(), value))
        .to_vec();
        params.extend(self.media_params(sms, sid, base));
        params.extend(locations::params("From", from));
        params.extend(locations::params("To", to));
        if let Some((service, settings)) = self.senders.service_of(to.trim_start_matches("whatsapp:")) {
            params.push(("MessagingServiceSid".to_owned(), service.to_owned()));
            if let Some(keyword) = keyword.filter(|_| settings.has_advanced_opt_out()) {
                params.push(("OptOutType".to_owned(), keyword.word().to_owned()));
            }
        }
        if from.starts_with("whatsapp:") {
            params.extend(whatsapp_params(sms, from));
        }
        // Parameters of the test have precedence over the fake's.
        params.retain(|(key, _)| !sms.inbound.params.iter().any(|(own, _)| own == key));
        params.extend(sms.inbound.params.iter().cloned());
        params
    }

    fn media_params(&self, sms: &InboundSms, sid: &str, base: &str) -> Params {
        let account = &self.core.account.sid;
        let mut params = Params::new();
        for (n, (medium, kept)) in sms.media.iter().zip(self.media.of_message(sid)).enumerate() {
            let hosted = format!("{base}/2010-04-01/Accounts/{account}/Messages/{sid}/Media/{kept}");
            let url = if medium.bytes.is_some() { hosted } else { medium.url.clone() };
            params.push((format!("MediaUrl{n}"), url));
            params.push((format!("MediaContentType{n}"), medium.content_type.clone()));
        }
        params
    }
}

fn whatsapp_params(sms: &InboundSms, from: &str) -> Params {
    let number = from.trim_start_matches("whatsapp:").trim_start_matches('+');
    let named =
        sms.inbound.params.iter().find(|(key, _)| key == "ProfileName").map(|(_, name)| name.as_str());
    let name = named.unwrap_or("Fake User");
    let first = sms.media.first().map(|medium| medium.content_type.as_str());
    let kind = match first.and_then(|content_type| content_type.split('/').next()) {
        None => "text",
        Some(kind @ ("image" | "audio" | "video")) => kind,
        Some(_) => "document",
    };
    let metadata =
        json!({ "type": "whatsapp", "data": { "context": { "ProfileName": name, "WaId": number } } });
    [
        ("ProfileName", name.to_owned()),
        ("WaId", number.to_owned()),
        ("MessageType", kind.to_owned()),
        ("ChannelMetadata", metadata.to_string()),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .to_vec()
}
