//! Messages over WhatsApp.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::phone::{Address, AddressKind};
use crate::provider::{ProviderError, Reason};
use crate::sms::Text;
use crate::twilio::content::ContentVariables;
use crate::twilio::messages::CreateMessage;
use crate::twilio::wire::{check, request};

/// The prefix of a number on WhatsApp.
const PREFIX: &str = "whatsapp:";

/// The number of Twilio's sandbox, with which anybody can try WhatsApp. A recipient joins it for three days by texting
/// `join` and the sandbox's code words to it. Messages to others fail with code 63015.
pub const WHATSAPP_SANDBOX: &str = "whatsapp:+14155238886";

request! {
    /// A message over WhatsApp: either free text or a template.
    ///
    /// **The 24 hours.** Whoever writes to you opens a window of 24 hours, in which you may answer with free text.
    /// Each further message restarts it. Outside it, only a template that WhatsApp has approved arrives; free text
    /// is accepted by Twilio and then fails, with `error_code` 63016 on the message and in the status callback
    /// ([`Reason::OutsideWindow`](crate::Reason::OutsideWindow)). An accepted message is therefore no proof that it was
    /// within the window.
    ///
    /// Numbers are written with or without `whatsapp:`, which is added once. They are checked when it is sent, or by
    /// [`CreateMessage::check`].
    ///
    /// ```
    /// use switchboard::twilio::CreateMessage;
    /// use switchboard::twilio::whatsapp::WhatsAppMessage;
    ///
    /// let answer = WhatsAppMessage::text("+14155551234", "Your table is ready").from("+14155550100");
    ///
    /// let first = WhatsAppMessage::template("+14155551234", "HX0123456789abcdef0123456789abcdef")
    ///     .variable("1", "Ada")
    ///     .from("+14155550100");
    ///
    /// let message: CreateMessage = first.into(); // account.send(&message)
    /// assert_eq!(message.to.as_str(), "whatsapp:+14155551234");
    /// message.check()?;
    /// # let _ = answer;
    /// # Ok::<(), switchboard::ProviderError>(())
    /// ```
    ///
    /// <https://www.twilio.com/docs/whatsapp/api>
    WhatsAppMessage {
        /// The recipient: a number, with or without `whatsapp:`.
        to: Address = "To",
        /// The sender, a number of yours that is registered with WhatsApp; the credentials' phone number where it is not
        /// set.
        from: Option<Address> = "From",
        /// The messaging service that sends it, `MG…`.
        messaging_service_sid as messaging_service: Option<String> = "MessagingServiceSid",
        /// The URL that Twilio reports the delivery status to.
        status_callback: Option<Text> = "StatusCallback",
    }
    apart {
        /// Its content.
        content: WhatsAppContent,
    }
}

/// The content of a message over WhatsApp.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum WhatsAppContent {
    /// Free text, a picture or a file, or both; only within 24 hours of the recipient's last message.
    Freeform {
        /// The text.
        #[serde(default)]
        body: Option<Text>,
        /// The URL of the picture or file; WhatsApp accepts one, of at most 16 MB.
        #[serde(default, alias = "media_url")]
        media_url: Option<Text>,
    },
    /// A template that WhatsApp has approved.
    Template {
        /// The template, `HX…`.
        #[serde(alias = "content_sid")]
        content_sid: String,
        /// The values for its placeholders; none may be empty.
        #[serde(default)]
        variables: ContentVariables,
    },
}

impl WhatsAppMessage {
    /// Starts a message with free text.
    pub fn text(to: impl Into<Address>, body: impl Into<Text>) -> Self {
        Self::new(to, WhatsAppContent::Freeform { body: Some(body.into()), media_url: None })
    }

    /// Starts a message with a picture or a file; [`caption`](Self::caption) adds a text.
    pub fn media(to: impl Into<Address>, url: impl Into<Text>) -> Self {
        Self::new(to, WhatsAppContent::Freeform { body: None, media_url: Some(url.into()) })
    }

    /// Starts a message with a template, `HX…`; [`variable`](Self::variable) fills its placeholders.
    pub fn template(to: impl Into<Address>, content_sid: impl Into<String>) -> Self {
        let variables = ContentVariables::new();
        Self::new(to, WhatsAppContent::Template { content_sid: content_sid.into(), variables })
    }

    /// Starts a message with this content.
    pub fn new(to: impl Into<Address>, content: WhatsAppContent) -> Self {
        Self { to: to.into(), content, ..Self::default() }
    }

    /// Sets the text of a message with free text. A template has its own text and is not changed.
    #[must_use]
    pub fn caption(mut self, text: impl Into<Text>) -> Self {
        if let WhatsAppContent::Freeform { body, .. } = &mut self.content {
            *body = Some(text.into());
        }
        self
    }

    /// Fills a placeholder of a template. Free text has no placeholders and is not changed.
    #[must_use]
    pub fn variable(mut self, place: impl Into<String>, value: impl Into<Text>) -> Self {
        if let WhatsAppContent::Template { variables, .. } = &mut self.content {
            variables.insert(place.into(), value.into());
        }
        self
    }
}

/// Free text, still empty.
impl Default for WhatsAppContent {
    fn default() -> Self {
        Self::Freeform { body: None, media_url: None }
    }
}

impl From<WhatsAppMessage> for CreateMessage {
    fn from(message: WhatsAppMessage) -> Self {
        let mut create = Self::new(prefixed(&message.to));
        create.from = message.from.as_ref().map(prefixed);
        create.messaging_service_sid = message.messaging_service_sid;
        create.status_callback = message.status_callback;
        create.more = message.more;
        match message.content {
            WhatsAppContent::Freeform { body, media_url } => {
                create.body = body;
                create.media_url.extend(media_url);
                create
            }
            WhatsAppContent::Template { content_sid, variables } => {
                let values = variables.into_iter().map(|(place, text)| (place, text.into_string().into()));
                let values = Value::Object(values.collect());
                let none = values.as_object().is_none_or(serde_json::Map::is_empty);
                create.template(content_sid, if none { &Value::Null } else { &values })
            }
        }
    }
}

impl From<&WhatsAppMessage> for CreateMessage {
    fn from(message: &WhatsAppMessage) -> Self {
        message.clone().into()
    }
}

/// Adds the prefix `whatsapp:` unless it is there in any case (`WhatsApp:`). The number is checked later.
fn prefixed(address: &Address) -> Address {
    let text = address.as_str();
    match text.get(..PREFIX.len()) {
        _ if text.is_empty() => address.clone(),
        Some(prefix) if prefix.eq_ignore_ascii_case(PREFIX) => address.clone(),
        _ => Address::from(format!("{PREFIX}{text}")),
    }
}

/// Returns the sender as its recipient's channel needs it: to WhatsApp, a bare number sends as `whatsapp:+…`.
pub(super) fn sender_for<'a>(from: &'a Address, to: &Address) -> Cow<'a, Address> {
    let prefix = is_whatsapp(to) && from.kind() == Ok(AddressKind::Phone);
    if prefix { Cow::Owned(prefixed(from)) } else { Cow::Borrowed(from) }
}

/// Checks the values for a template's placeholders: WhatsApp accepts only texts, and no empty ones.
pub(super) fn check_variables(to: &Address, variables: &Value) -> Result<(), ProviderError> {
    let Some(variables) = variables.as_object().filter(|_| is_whatsapp(to)) else { return Ok(()) };
    match variables.iter().find(|(_, value)| value.as_str().is_none_or(str::is_empty)) {
        Some((place, _)) => Err(check::refuse(format!(
            "the template variable {place:?} is empty or not a text: WhatsApp accepts only texts that are not empty"
        ))
        .with_reason(Reason::TemplateProblem)),
        None => Ok(()),
    }
}

fn is_whatsapp(address: &Address) -> bool {
    address.kind() == Ok(AddressKind::WhatsApp)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HX: &str = "HX0123456789abcdef0123456789abcdef";
    const TO: &str = "+14155551234";

    fn created(message: WhatsAppMessage) -> CreateMessage {
        message.into()
    }

    #[test]
    fn free_words_and_templates_become_messages() {
        let words =
            created(WhatsAppMessage::text(TO, "Hi").from("+14155550100").status_callback("https://e.com"));
        let expected = CreateMessage::new("whatsapp:+14155551234").from("whatsapp:+14155550100").body("Hi");
        assert_eq!(words, expected.status_callback("https://e.com"));
        words.check().unwrap();

        let picture =
            created(WhatsAppMessage::media(TO, "https://e.com/a.png").caption("Plan").from("+14155550100"));
        assert_eq!((picture.body.unwrap().as_str(), picture.media_url.len()), ("Plan", 1));

        let template = WhatsAppMessage::template(TO, HX).variable("1", "Ada \"A\"").variable("2", "7");
        let template = created(template.messaging_service("MG0123456789abcdef0123456789abcdef"));
        assert_eq!(template.content_variables.as_ref().unwrap().as_str(), r#"{"1":"Ada \"A\"","2":"7"}"#);
        template.check().unwrap();
        let plain = created(WhatsAppMessage::template(TO, HX).from("+14155550100"));
        assert_eq!(plain.content_variables, None);
        plain.check().unwrap();
    }

    #[test]
    fn never_both() {
        let template = WhatsAppMessage::template(TO, HX).caption("words");
        assert_eq!(created(template).body, None);
        let words = WhatsAppMessage::text(TO, "words").variable("1", "x");
        assert_eq!(created(words).content_variables, None);
    }

    #[test]
    fn the_prefix_is_added_once() {
        for to in [TO, "whatsapp:+14155551234", "WhatsApp:+14155551234"] {
            let message = created(WhatsAppMessage::text(to, "x").from(WHATSAPP_SANDBOX));
            assert!(message.to.as_str().eq_ignore_ascii_case("whatsapp:+14155551234"), "{:?}", message.to);
            message.check().unwrap();
        }
    }

    #[test]
    fn numbers_that_are_none_and_empty_variables_are_refused() {
        let from = "+14155550100";
        for (message, expected) in [
            (WhatsAppMessage::text("", "x").from(from), "no recipient"),
            (WhatsAppMessage::text("4155551234", "x").from(from), "does not start with \"+\""),
            (WhatsAppMessage::text("sms:+14155551234", "x").from(from), "recipient cannot be reached"),
            (WhatsAppMessage::text(TO, "x").from("ACME"), "sender cannot be used"),
            (WhatsAppMessage::text(TO, "").from(from), "nothing to send"),
            (WhatsAppMessage::template(TO, "HX1").from(from), "must start with \"HX\""),
            (WhatsAppMessage::template(TO, HX).variable("1", "").from(from), "variable \"1\" is empty"),
        ] {
            let error = created(message).check().unwrap_err().to_string();
            assert!(error.contains(expected), "{error} lacks {expected:?}");
        }
    }

    #[test]
    fn the_accounts_number_sends_on_the_recipients_channel() {
        let (number, whatsapp) = (Address::from(TO), Address::from("whatsapp:+14155550100"));
        assert_eq!(sender_for(&number, &whatsapp).as_str(), "whatsapp:+14155551234");
        assert_eq!(sender_for(&number, &number).as_str(), TO);
        assert_eq!(sender_for(&whatsapp, &whatsapp).as_str(), "whatsapp:+14155550100");
    }

    #[test]
    fn it_is_stored_and_masked() {
        let message = WhatsAppMessage::template(TO, HX).variable("1", "planted");
        let stored = serde_json::to_string(&message).unwrap();
        assert_eq!(serde_json::from_str::<WhatsAppMessage>(&stored).unwrap(), message);
        let camel =
            r#"{"to": "+1415", "content": {"template": {"contentSid": "HX1", "variables": {"1": "Ada"}}}}"#;
        let snake = camel.replace("contentSid", "content_sid");
        assert_eq!(
            serde_json::from_str::<WhatsAppMessage>(camel).unwrap(),
            serde_json::from_str(&snake).unwrap()
        );
        assert!(serde_json::from_str::<WhatsAppMessage>(&camel.replace("contentSid", "contentSId")).is_err());
        let shown = format!("{message:?}{:?}", WhatsAppMessage::text(TO, "planted"));
        assert!(!shown.contains("planted") && !shown.contains("5551234"), "{shown}");
    }
}
