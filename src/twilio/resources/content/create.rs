//! The request that creates a template.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    CallToAction, Card, ContentAction, ContentType, ContentTypes, ContentVariables, ListItem, ListPicker,
    MediaContent, QuickReply, TextContent,
};
use crate::provider::{ProviderError, Reason};
use crate::sms::Text;
use crate::twilio::wire::check;

/// A template to be created, in one or several variants. Each channel uses the richest variant that it supports.
///
/// ```
/// use switchboard::twilio::content::{ContentAction, CreateContent};
///
/// let template = CreateContent::new("en")
///     .friendly_name("Table ready")
///     .text("Hi {{1}}, your table is ready. Are you coming?")
///     .quick_reply(
///         "Hi {{1}}, your table is ready. Are you coming?",
///         [ContentAction::quick_reply("Yes", "yes"), ContentAction::quick_reply("No", "no")],
///     )
///     .variable("1", "Ada"); // WhatsApp requires an example value
/// # let _ = template;
/// ```
///
/// <https://www.twilio.com/docs/content/content-types-overview>
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct CreateContent {
    /// Its name, which recipients do not see.
    #[serde(default, alias = "friendly_name", skip_serializing_if = "Option::is_none")]
    pub friendly_name: Option<String>,
    /// Its language, such as `en` or `pt_BR`.
    pub language: String,
    /// Default values for its placeholders, for messages that give none; WhatsApp reviews them as examples.
    #[serde(default, skip_serializing_if = "ContentVariables::is_empty")]
    pub variables: ContentVariables,
    /// Its content.
    pub types: ContentTypes,
}

impl CreateContent {
    /// Starts a template in a language, such as `en` or `pt_BR`.
    pub fn new(language: impl Into<String>) -> Self {
        Self {
            friendly_name: None,
            language: language.into(),
            variables: ContentVariables::new(),
            types: ContentTypes::default(),
        }
    }

    /// Sets its name, which recipients do not see.
    #[must_use]
    pub fn friendly_name(mut self, name: impl Into<String>) -> Self {
        self.friendly_name = Some(name.into());
        self
    }

    /// Sets an example value for a placeholder, `{{1}}` or `{{name}}`.
    #[must_use]
    pub fn variable(mut self, place: impl Into<String>, example: impl Into<Text>) -> Self {
        self.variables.insert(place.into(), example.into());
        self
    }

    /// Adds a type, in place of another of the same name.
    #[must_use]
    pub fn content_type(mut self, kind: ContentType) -> Self {
        self.types.set(kind);
        self
    }

    /// Adds a text.
    #[must_use]
    pub fn text(self, body: impl Into<Text>) -> Self {
        let text = TextContent { body: Some(body.into()), ..TextContent::default() };
        self.content_type(ContentType::Text(text))
    }

    /// Adds a picture or a file with a text.
    #[must_use]
    pub fn media(self, body: impl Into<Text>, url: impl Into<Text>) -> Self {
        let media = vec![url.into()];
        let media = MediaContent { body: Some(body.into()), media: Some(media), ..MediaContent::default() };
        self.content_type(ContentType::Media(media))
    }

    /// Adds a text with answers to tap.
    #[must_use]
    pub fn quick_reply(
        self,
        body: impl Into<Text>,
        actions: impl IntoIterator<Item = ContentAction>,
    ) -> Self {
        let actions = Some(actions.into_iter().collect());
        let reply = QuickReply { body: Some(body.into()), actions, ..QuickReply::default() };
        self.content_type(ContentType::QuickReply(reply))
    }

    /// Adds a text with a menu, which `button` opens.
    #[must_use]
    pub fn list_picker(
        self,
        body: impl Into<Text>,
        button: impl Into<Text>,
        items: impl IntoIterator<Item = ListItem>,
    ) -> Self {
        let items = Some(items.into_iter().collect());
        let (body, button) = (Some(body.into()), Some(button.into()));
        let picker = ListPicker { body, button, items, ..ListPicker::default() };
        self.content_type(ContentType::ListPicker(picker))
    }

    /// Adds a text with buttons that open a page or make a call.
    #[must_use]
    pub fn call_to_action(
        self,
        body: impl Into<Text>,
        actions: impl IntoIterator<Item = ContentAction>,
    ) -> Self {
        let actions = Some(actions.into_iter().collect());
        let call = CallToAction { body: Some(body.into()), actions, ..CallToAction::default() };
        self.content_type(ContentType::CallToAction(call))
    }

    /// Adds a title with a picture and buttons.
    #[must_use]
    pub fn card(
        self,
        title: impl Into<Text>,
        media_url: impl Into<Text>,
        actions: impl IntoIterator<Item = ContentAction>,
    ) -> Self {
        let (media, actions) = (Some(vec![media_url.into()]), Some(actions.into_iter().collect()));
        let card = Card { title: Some(title.into()), media, actions, ..Card::default() };
        self.content_type(ContentType::Card(card))
    }

    /// Adds content of a type that this crate does not know, such as `whatsapp/authentication`, as JSON.
    #[must_use]
    pub fn other(self, name: impl Into<String>, body: Value) -> Self {
        self.content_type(ContentType::Other { name: name.into(), body })
    }

    /// Checks it and encodes it as Twilio expects it.
    pub(super) fn body(&self) -> Result<Value, ProviderError> {
        self.check()?;
        let mut body = Map::new();
        body.insert("language".to_owned(), json!(self.language));
        body.insert("types".to_owned(), json!(self.types));
        if let Some(name) = &self.friendly_name {
            body.insert("friendly_name".to_owned(), json!(name));
        }
        if !self.variables.is_empty() {
            body.insert("variables".to_owned(), json!(self.variables));
        }
        Ok(Value::Object(body))
    }

    /// Refuses what Twilio would certainly refuse.
    fn check(&self) -> Result<(), ProviderError> {
        let problem = |error: ProviderError| error.with_reason(Reason::TemplateProblem);
        if self.language.is_empty() {
            return Err(problem(check::missing("the template has no language, as in en")));
        }
        if self.types.is_empty() {
            return Err(problem(check::missing("the template has no content: add a text")));
        }
        self.types.iter().try_for_each(ContentType::check).map_err(problem)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_written_as_twilio_takes_it() {
        let template = CreateContent::new("en")
            .friendly_name("Table")
            .variable("1", "Ada")
            .text("a")
            .text("Hi {{1}}")
            .media("Plan", "https://e.com/a.png")
            .quick_reply("Coming?", [ContentAction::quick_reply("Yes", "yes")])
            .list_picker("Which?", "Open", [ListItem::new("1", "One").description("First")])
            .call_to_action(
                "More",
                [
                    ContentAction::url("Page", "https://e.com"),
                    ContentAction::phone_number("Call", "+14155551234"),
                    ContentAction::copy_code("Copy", "X1"),
                ],
            )
            .card("Title", "https://e.com/b.png", [])
            .other("twilio/location", json!({"latitude": 1.5, "longitude": 2}));
        let body = template.body().unwrap();
        assert_eq!(
            body,
            json!({
                "friendly_name": "Table", "language": "en", "variables": {"1": "Ada"},
                "types": {
                    "twilio/text": {"body": "Hi {{1}}"},
                    "twilio/media": {"body": "Plan", "media": ["https://e.com/a.png"]},
                    "twilio/quick-reply": {
                        "body": "Coming?", "actions": [{"type": "QUICK_REPLY", "title": "Yes", "id": "yes"}]
                    },
                    "twilio/list-picker": {
                        "body": "Which?", "button": "Open",
                        "items": [{"id": "1", "item": "One", "description": "First"}]
                    },
                    "twilio/call-to-action": {"body": "More", "actions": [
                        {"type": "URL", "title": "Page", "url": "https://e.com"},
                        {"type": "PHONE_NUMBER", "title": "Call", "phone": "+14155551234"},
                        {"type": "COPY_CODE", "title": "Copy", "code": "X1"}
                    ]},
                    "twilio/card": {"title": "Title", "media": ["https://e.com/b.png"], "actions": []},
                    "twilio/location": {"latitude": 1.5, "longitude": 2}
                }
            })
        );
        let stored = serde_json::to_value(&template).unwrap();
        assert_eq!(stored["friendlyName"], "Table");
        // JSON in Twilio's own format is read, too. The order of the types does not matter.
        for json in [stored, body.clone()] {
            let read: CreateContent = serde_json::from_value(json).unwrap();
            assert_eq!(read.body().unwrap(), body);
        }
        let least = CreateContent::new("en").text("x").body().unwrap();
        assert_eq!(least, json!({"language": "en", "types": {"twilio/text": {"body": "x"}}}));
    }

    #[test]
    fn invalid_requests_are_refused() {
        let new = || CreateContent::new("en");
        let eleven = (0..11).map(|n| ListItem::new(n.to_string(), "x"));
        for (template, expected) in [
            (CreateContent::new("").text("x"), "no language"),
            (new(), "has no content"),
            (new().text(""), "twilio/text has no body"),
            (new().content_type(ContentType::Media(MediaContent::default())), "twilio/media has no media"),
            (new().quick_reply("x", []), "twilio/quick-reply has no actions"),
            (new().list_picker("x", "", [ListItem::new("1", "x")]), "twilio/list-picker has no button"),
            (new().list_picker("x", "y", []), "twilio/list-picker has no items"),
            (new().list_picker("x", "y", eleven), "11 items"),
            (new().card("", "https://e.com", []), "twilio/card has no title"),
        ] {
            let error = template.check().unwrap_err();
            assert!(error.to_string().contains(expected), "{error} lacks {expected:?}");
            assert_eq!(error.reason(), Reason::TemplateProblem);
        }
    }

    #[test]
    fn debug_shows_no_text() {
        let template = CreateContent::new("en").text("planted").variable("1", "planted");
        let template = template.other("x", json!({"body": "planted"}));
        let shown = format!("{template:?}");
        assert!(!shown.contains("planted"), "{shown}");
    }
}
