//! The types of a template: variants of one message. Each channel uses the richest variant that it supports.

use std::fmt;

use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::{CallToAction, Card, ListPicker, MediaContent, QuickReply, TextContent};
use crate::provider::ProviderError;
use crate::sms::Text;
use crate::twilio::wire::{Field, Found, check};

/// The most entries of a menu.
const MAX_ITEMS: usize = 10;

/// One type of a template.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum ContentType {
    /// A text.
    Text(TextContent),
    /// Pictures and files.
    Media(MediaContent),
    /// A text with answers to tap.
    QuickReply(QuickReply),
    /// A text with a menu.
    ListPicker(ListPicker),
    /// A text with buttons.
    CallToAction(CallToAction),
    /// A title with a picture and buttons.
    Card(Card),
    /// A type that this version does not know or could not read, as JSON.
    Other {
        /// Its name, such as `whatsapp/authentication`.
        name: String,
        /// Its content.
        body: Value,
    },
}

impl ContentType {
    /// Returns its name, such as `twilio/text`.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Text(_) => "twilio/text",
            Self::Media(_) => "twilio/media",
            Self::QuickReply(_) => "twilio/quick-reply",
            Self::ListPicker(_) => "twilio/list-picker",
            Self::CallToAction(_) => "twilio/call-to-action",
            Self::Card(_) => "twilio/card",
            Self::Other { name, .. } => name,
        }
    }

    /// Returns its text; of a card, the title.
    #[must_use]
    pub fn body(&self) -> Option<&str> {
        let text = match self {
            Self::Text(text) => &text.body,
            Self::Media(media) => &media.body,
            Self::QuickReply(reply) => &reply.body,
            Self::ListPicker(picker) => &picker.body,
            Self::CallToAction(call) => &call.body,
            Self::Card(card) => &card.title,
            Self::Other { body, .. } => return body.get("body").and_then(Value::as_str),
        };
        text.as_ref().map(Text::as_str)
    }

    fn read(name: &str, body: &Value) -> Self {
        let known = match name {
            "twilio/text" => field(body).map(Self::Text),
            "twilio/media" => field(body).map(Self::Media),
            "twilio/quick-reply" => field(body).map(Self::QuickReply),
            "twilio/list-picker" => field(body).map(Self::ListPicker),
            "twilio/call-to-action" => field(body).map(Self::CallToAction),
            "twilio/card" => field(body).map(Self::Card),
            _ => None,
        };
        known.unwrap_or_else(|| Self::Other { name: name.to_owned(), body: body.clone() })
    }

    /// Checks that the fields that its type requires are set.
    pub(super) fn check(&self) -> Result<(), ProviderError> {
        let lacks = |what: &str| Err(check::missing(format!("the type {} has no {what}", self.name())));
        let no_body = self.body().is_none_or(str::is_empty);
        match self {
            Self::Card(_) if no_body => lacks("title"),
            Self::Text(_) | Self::QuickReply(_) | Self::ListPicker(_) | Self::CallToAction(_) if no_body => {
                lacks("body")
            }
            Self::Media(media) if is_none(&media.media) => lacks("media"),
            Self::QuickReply(reply) if is_none(&reply.actions) => lacks("actions"),
            Self::CallToAction(call) if is_none(&call.actions) => lacks("actions"),
            Self::ListPicker(picker) if picker.button.as_ref().is_none_or(Text::is_empty) => lacks("button"),
            Self::ListPicker(picker) => match picker.items.as_ref().map_or(0, Vec::len) {
                0 => lacks("items"),
                count if count > MAX_ITEMS => {
                    Err(check::refuse(format!("the menu has {count} items, Twilio takes {MAX_ITEMS}")))
                }
                _ => Ok(()),
            },
            Self::Other { name, .. } if name.is_empty() => lacks("name"),
            _ => Ok(()),
        }
    }
}

fn is_none<T>(list: &Option<Vec<T>>) -> bool {
    list.as_ref().is_none_or(Vec::is_empty)
}

fn field<T: Field>(body: &Value) -> Option<T> {
    T::read(Found::Other(body))
}

/// `Debug` shows no text, and only the name of an unknown type.
impl fmt::Debug for ContentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => text.fmt(f),
            Self::Media(media) => media.fmt(f),
            Self::QuickReply(reply) => reply.fmt(f),
            Self::ListPicker(picker) => picker.fmt(f),
            Self::CallToAction(call) => call.fmt(f),
            Self::Card(card) => card.fmt(f),
            Self::Other { name, .. } => write!(f, "Other({name:?})"),
        }
    }
}

/// The types of a template, each at most once.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ContentTypes(Vec<ContentType>);

impl ContentTypes {
    /// Returns all types.
    pub fn iter(&self) -> impl Iterator<Item = &ContentType> {
        self.0.iter()
    }

    /// Returns the content of a type, such as `twilio/text`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&ContentType> {
        self.iter().find(|kind| kind.name() == name)
    }

    /// Are there no types?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a type, and replaces one of the same name.
    pub(super) fn set(&mut self, kind: ContentType) {
        self.0.retain(|other| other.name() != kind.name());
        self.0.push(kind);
    }

    fn read(types: &Map<String, Value>) -> Self {
        Self(types.iter().map(|(name, body)| ContentType::read(name, body)).collect())
    }
}

impl Field for ContentTypes {
    fn read(value: Found<'_>) -> Option<Self> {
        match value {
            Found::Other(Value::Object(types)) => Some(Self::read(types)),
            _ => None,
        }
    }
}

impl Serialize for ContentTypes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for kind in &self.0 {
            let name = kind.name();
            match kind {
                ContentType::Text(body) => map.serialize_entry(name, body)?,
                ContentType::Media(body) => map.serialize_entry(name, body)?,
                ContentType::QuickReply(body) => map.serialize_entry(name, body)?,
                ContentType::ListPicker(body) => map.serialize_entry(name, body)?,
                ContentType::CallToAction(body) => map.serialize_entry(name, body)?,
                ContentType::Card(body) => map.serialize_entry(name, body)?,
                ContentType::Other { body, .. } => map.serialize_entry(name, body)?,
            }
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for ContentTypes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Map::deserialize(deserializer).map(|types| Self::read(&types))
    }
}
