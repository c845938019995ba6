//! Twilio as a neutral messenger: for programs that do not care which provider it is.

mod delivery;
mod likeness;

use std::time::Duration;

use async_trait::async_trait;
use http::HeaderMap;
use http::header::DATE;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use self::delivery::{call_delivery, found_call, found_text, text_delivery};
use super::calls::{AmdMode, Calls, ListCalls};
use super::error::invalid_request;
use super::messages::{ListMessages, Messages};
use super::page::{self, decode};
use super::session::{Senders, Session};
use super::{Call, CreateCall, CreateMessage, Message, TwilioAdapter};
use crate::phone::{Address, AddressKind};
use crate::provider::{
    Abilities, Accepted, ApiRequest, CallContent, Callback, Credentials, Delivery, Evidence, Found, FoundRow,
    Likeness, Messenger, Outgoing, OutgoingCall, PageToken, ProviderError, ProviderName, Rate, Search,
    SendId, SendKind, SendOptions, Sender, SenderKind,
};

const ALWAYS: Abilities = Abilities::none()
    .calls()
    .media()
    .templates()
    .pools()
    .schedule()
    .validity()
    .list()
    .callbacks()
    .machine_detection()
    .key_input()
    // A text has at most 1,600 characters of up to two units, and a segment of UCS-2 holds 67 units.
    .max_segments(48);
/// Reports are read with the types of webhooks.
static ABILITIES: Abilities = if cfg!(feature = "webhook") { ALWAYS.callback_reference() } else { ALWAYS };

/// Twilio's queue holds ten hours of sending for each sender, on WhatsApp four.
///
/// <https://www.twilio.com/docs/api/errors/30001>
const QUEUE: Duration = Duration::from_secs(10 * 3600);
/// An account begins one call a second unless Twilio has agreed to more, and queues the rest.
///
/// <https://www.twilio.com/docs/voice/api/call-resource#create-a-call-resource>
const CALLS: u32 = 1_000;
const CHANNEL_QUEUE: Duration = Duration::from_secs(4 * 3600);

#[async_trait]
impl Messenger for TwilioAdapter {
    fn abilities(&self) -> &Abilities {
        &ABILITIES
    }

    fn rate(&self, kind: SendKind, from: &Sender) -> Rate {
        match from {
            Sender::Number(number) if kind == SendKind::Call => {
                Rate { milli_segments_per_second: CALLS, ..rate_of(number) }
            }
            Sender::Number(number) | Sender::Pool { number: Some(number), .. } => rate_of(number),
            // The service's numbers are not known here, so the rate of one long code, the lowest, is assumed.
            Sender::Pool { number: None, .. } => Rate::new(SenderKind::Pool, 1_000, QUEUE),
        }
    }

    fn default_sender(
        &self,
        credentials: &Credentials,
        kind: SendKind,
    ) -> Result<Option<Sender>, ProviderError> {
        let session = self.session(credentials)?;
        let Senders { from, messaging_service_sid, .. } = session.senders();
        let number = from.clone().map(Sender::Number);
        let pool = messaging_service_sid.clone().filter(|_| kind == SendKind::Text);
        Ok(number.or_else(|| pool.map(Sender::pool)))
    }

    async fn send(
        &self,
        credentials: &Credentials,
        message: &Outgoing,
        options: &SendOptions,
    ) -> Result<Accepted, ProviderError> {
        let session = self.session(credentials)?;
        let create = create_message(message).map_err(|error| about(error, &message.to))?;
        let request = Messages::of(&session)
            .create_request(&create, options)
            .map_err(|error| about(error, &message.to))?;
        let answer = session.send(&request).await?;
        let sent: Message = session.read(&answer, &request)?;
        super::other_recipient::warn(&message.to, sent.to.as_ref());
        let mut accepted = Accepted::new(SendId::text(sent.sid), sent.status.delivery());
        accepted.segments = sent.num_segments.filter(|segments| *segments > 0);
        accepted.server_time = server_time(answer.headers());
        Ok(accepted)
    }

    async fn call(
        &self,
        credentials: &Credentials,
        call: &OutgoingCall,
        options: &SendOptions,
    ) -> Result<Accepted, ProviderError> {
        let session = self.session(credentials)?;
        let create = create_call(call).map_err(|error| about(error, &call.to))?;
        let request =
            Calls::of(&session).create_request(&create, options).map_err(|error| about(error, &call.to))?;
        let answer = session.send(&request).await?;
        let made: Call = session.read(&answer, &request)?;
        super::other_recipient::warn(&call.to, made.to.as_ref());
        let mut accepted = Accepted::new(SendId::call(made.sid), made.status.delivery());
        accepted.server_time = server_time(answer.headers());
        Ok(accepted)
    }

    async fn status(&self, credentials: &Credentials, id: &SendId) -> Result<Delivery, ProviderError> {
        let session = self.session(credentials)?;
        match id.kind {
            SendKind::Text => Messages::of(&session).fetch(&id.id).await.map(|text| text_delivery(&text)),
            SendKind::Call => Calls::of(&session).fetch(&id.id).await.map(|call| call_delivery(&call)),
        }
    }

    async fn list(
        &self,
        credentials: &Credentials,
        search: &Search,
        page: Option<&PageToken>,
    ) -> Result<Found, ProviderError> {
        let session = self.session(credentials)?;
        match search.kind {
            SendKind::Text => {
                let mut list = ListMessages::new();
                (list.to, list.from) = (search.to.clone(), search.from.clone());
                list.page_size = search.page_size;
                read_page(&session, list.request(), page, "messages", found_text).await
            }
            SendKind::Call => {
                let mut list = ListCalls::new();
                (list.to, list.from) = (search.to.clone(), search.from.clone());
                list.page_size = search.page_size;
                read_page(&session, list.request(), page, "calls", found_call).await
            }
        }
    }

    fn likeness(&self, message: &Outgoing, found: &FoundRow) -> Likeness {
        likeness::of(message, found)
    }

    #[cfg(feature = "webhook")]
    fn evidence(&self, url: &str, signed: &[(String, String)]) -> Option<Evidence> {
        crate::twilio::webhook::evidence::read(url, signed)
    }

    #[cfg(not(feature = "webhook"))]
    fn evidence(&self, _: &str, _: &[(String, String)]) -> Option<Evidence> {
        None
    }
}

/// Names the provider and the recipient in an error that was found before anything was sent.
fn about(error: ProviderError, to: &Address) -> ProviderError {
    error.with_provider(ProviderName::TWILIO).with_recipient(to.clone())
}

/// What a sender of this kind may send by default. An account's own agreement may allow more.
///
/// <https://www.twilio.com/docs/messaging/guides/scaling-queueing-latency>
fn rate_of(number: &Address) -> Rate {
    let north_american = number.as_str().starts_with("+1");
    match number.kind() {
        Ok(AddressKind::Phone) if is_toll_free(number) => Rate::new(SenderKind::TollFree, 3_000, QUEUE),
        Ok(AddressKind::Phone) if north_american => Rate::new(SenderKind::LongCode, 1_000, QUEUE),
        Ok(AddressKind::Phone) => Rate::new(SenderKind::LongCode, 10_000, QUEUE),
        Ok(AddressKind::ShortCode) => Rate::new(SenderKind::ShortCode, 100_000, QUEUE),
        Ok(AddressKind::Alphanumeric) => Rate::new(SenderKind::Alphanumeric, 10_000, QUEUE),
        Ok(AddressKind::WhatsApp) => Rate::new(SenderKind::Channel, 80_000, CHANNEL_QUEUE),
        Ok(AddressKind::Rcs | AddressKind::Messenger) => Rate::new(SenderKind::Channel, 1_000, CHANNEL_QUEUE),
        _ => Rate::new(SenderKind::Other, 1_000, QUEUE),
    }
}

/// The toll-free area codes of the North American numbering plan.
fn is_toll_free(number: &Address) -> bool {
    ["+1800", "+1833", "+1844", "+1855", "+1866", "+1877", "+1888"]
        .iter()
        .any(|code| number.as_str().starts_with(code))
}

/// The longest that a message waits in Twilio's queue, in seconds.
///
/// <https://www.twilio.com/docs/messaging/api/message-resource#create-a-message>
const LONGEST_WAIT: u32 = 36_000;

fn create_message(message: &Outgoing) -> Result<CreateMessage, ProviderError> {
    message.check(&ABILITIES)?;
    let mut create = CreateMessage::new(message.to.clone());
    create.body = message.text.clone().filter(|text| !text.is_empty());
    create.media_url.clone_from(&message.media);
    create.send_at = message.send_at;
    create.status_callback = callback(message.callback.as_ref())?;
    match &message.from {
        Some(Sender::Number(number)) => create.from = Some(number.clone()),
        Some(Sender::Pool { id, number }) => {
            create.messaging_service_sid = Some(id.clone());
            create.from.clone_from(number);
        }
        None => {}
    }
    if let Some(limit) = message.valid_for {
        // Twilio keeps nothing for longer, so a longer limit holds, too.
        create.validity_period = Some(u32::try_from(limit.as_secs()).unwrap_or(u32::MAX).min(LONGEST_WAIT));
    }
    if let Some(template) = &message.template {
        let value = |(name, text): (&String, &crate::sms::Text)| (name.clone(), text.as_str().into());
        let values: Map<String, Value> = template.values.iter().map(value).collect();
        let values = if values.is_empty() { Value::Null } else { Value::Object(values) };
        create = create.template(template.id.clone(), &values);
    }
    Ok(create)
}

fn create_call(call: &OutgoingCall) -> Result<CreateCall, ProviderError> {
    call.check(&ABILITIES)?;
    let create = CreateCall::new(call.to.clone());
    let mut create = match &call.content {
        CallContent::Say(text) => create.say(text.as_str()),
        CallContent::Ask { text, keys } => create.ask(text.as_str(), keys)?,
        CallContent::Document(document) => create.twiml(document.as_str()),
        CallContent::Url(url) => create.url(url.clone()),
    };
    create.from.clone_from(&call.from);
    create.status_callback = callback(call.callback.as_ref())?;
    // The reports of asynchronous detection would need a second URL, and the person would hear the text meanwhile.
    create.machine_detection = call.detect_machine.then_some(AmdMode::Enable);
    if let Some(limit) = call.ring_for {
        let seconds = u32::try_from(limit.as_secs());
        create.timeout = Some(seconds.map_err(|_| invalid_request("a call may not ring for so long"))?);
    }
    Ok(create)
}

fn callback(callback: Option<&Callback>) -> Result<Option<crate::sms::Text>, ProviderError> {
    Ok(callback.map(Callback::to_url).transpose()?.map(Into::into))
}

async fn read_page<T: DeserializeOwned>(
    session: &Session,
    first: ApiRequest,
    page: Option<&PageToken>,
    key: &str,
    row: fn(T) -> FoundRow,
) -> Result<Found, ProviderError> {
    let answer = match page {
        None => session.send(&first).await?,
        Some(link) => page::follow(session, link.as_str(), &first).await?,
    };
    let body: Map<String, Value> = session.read(&answer, &first)?;
    let page = decode(body, key)?;
    // A row that cannot be read might be the one that is looked for, so the whole page is then an error.
    let rows = page.rows.into_iter().map(|read| read.map(row)).collect::<Result<_, _>>()?;
    Ok(Found::new(rows, page.next.map(PageToken::new), server_time(answer.headers())))
}

/// Reads Twilio's clock, whole seconds.
fn server_time(headers: &HeaderMap) -> Option<Timestamp> {
    let date = headers.get(DATE)?.to_str().ok()?;
    DateTimeParser::new().parse_timestamp(date).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::KeyInput;

    #[test]
    fn a_sender_has_the_rate_of_its_kind() {
        let adapter = TwilioAdapter::new();
        let rate = |sender: Sender| {
            let rate = adapter.rate(SendKind::Text, &sender);
            (rate.kind, rate.milli_segments_per_second, rate.queue.as_secs() / 3600)
        };
        assert_eq!(rate("+14155550100".into()), (SenderKind::LongCode, 1_000, 10));
        assert_eq!(rate("+18885550100".into()), (SenderKind::TollFree, 3_000, 10));
        assert_eq!(rate("+447911123456".into()), (SenderKind::LongCode, 10_000, 10));
        assert_eq!(rate("72345".into()), (SenderKind::ShortCode, 100_000, 10));
        assert_eq!(rate("ACME".into()), (SenderKind::Alphanumeric, 10_000, 10));
        assert_eq!(rate("whatsapp:+14155550100".into()), (SenderKind::Channel, 80_000, 4));
        assert_eq!(rate(Sender::pool("MG1")), (SenderKind::Pool, 1_000, 10));
    }

    #[test]
    fn everything_of_a_message_reaches_twilio() {
        let at: Timestamp = "2026-12-01T09:00:00Z".parse().unwrap();
        let message = Outgoing::text("+14155551234", "Hello")
            .from(Sender::Pool { id: "MG1".into(), number: Some("+14155550100".into()) })
            .add_media("https://example.com/a.png")
            .valid_for(Duration::from_secs(90))
            .send_at(at)
            .callback(Callback::new("https://example.com/s#rc=5").reference("r1"));
        let create = create_message(&message).unwrap();
        let expected = CreateMessage::new("+14155551234")
            .from("+14155550100")
            .messaging_service("MG1")
            .body("Hello")
            .media_url("https://example.com/a.png")
            .validity_period(90)
            .send_at(at)
            .status_callback("https://example.com/s?sbref=r1#rc=5");
        assert_eq!(create, expected);
        let call = OutgoingCall::say("+14155551234", "<b>").ring_for(Duration::from_secs(20));
        let expected = CreateCall::new("+14155551234").say("<b>").timeout(20);
        assert_eq!(create_call(&call).unwrap(), expected);
    }

    #[test]
    fn a_question_waits_for_keys_and_detection_is_turned_on() {
        let keys = KeyInput::new(2)
            .wait(Duration::from_secs(9))
            .callback(Callback::new("https://example.com/k?a=1#rc=2").reference("r1"));
        let call = OutgoingCall::ask("+14155551234", "Press 1 & 2 <now>", keys).detect_machine();
        let create = create_call(&call).unwrap();
        assert_eq!(create.machine_detection, Some(AmdMode::Enable));
        assert_eq!(
            create.twiml.unwrap().as_str(),
            r#"<?xml version="1.0" encoding="UTF-8"?><Response><Gather numDigits="2" finishOnKey="" action="https://example.com/k?a=1&amp;sbref=r1#rc=2" timeout="9"><Say>Press 1 &amp; 2 &lt;now&gt;</Say></Gather></Response>"#,
        );
    }

    #[test]
    fn a_question_that_nobody_could_answer_is_refused() {
        let ask = |keys| create_call(&OutgoingCall::ask("+14155551234", "Press 1", keys));
        for (keys, why) in [
            (KeyInput::one(), "no URL receives them"),
            (KeyInput::one().callback("/keys"), "callback of the keys"),
            (KeyInput::new(0).callback("https://e.com"), "1 to 20 keys"),
            (KeyInput::new(21).callback("https://e.com"), "1 to 20 keys"),
            (KeyInput::one().wait(Duration::from_millis(999)).callback("https://e.com"), "for a second"),
            (KeyInput::one().wait(Duration::MAX).callback("https://e.com"), "so long"),
        ] {
            let error = ask(keys).unwrap_err();
            assert!(error.to_string().contains(why), "{error} lacks {why:?}");
        }
        assert!(ask(KeyInput::new(20).callback("https://e.com")).is_ok());
    }

    #[test]
    fn a_limit_beyond_the_longest_wait_is_the_longest_wait() {
        for (seconds, told) in [(35_999, 35_999), (36_000, 36_000), (604_800, 36_000), (u64::MAX, 36_000)] {
            let text = Outgoing::text("+14155551234", "Hi").from("+14155550100");
            let create = create_message(&text.valid_for(Duration::from_secs(seconds))).unwrap();
            assert_eq!(create.validity_period, Some(told), "{seconds} s");
            assert!(create.check().is_ok());
        }
    }
}
