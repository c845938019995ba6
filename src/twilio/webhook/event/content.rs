//! What a message contains besides its text: media, location, buttons and other content of a channel.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::read::{Part, part};
use crate::phone::Address;
use crate::sms::Text;
use crate::twilio::wire::{Field, Found, wire_enum};

/// The number of media that are read; parameters of further ones stay in `extra`. Twilio sends at most ten.
const MAX_MEDIA: u32 = 1_000;

/// A file of an incoming message.
///
/// A download from its URL needs the credentials of the account.
/// [`account.messages().media(message_sid).download(sid)`](crate::twilio::messages::Media::download) takes its SID, and sends the
/// credentials to Twilio only.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct InboundMedia {
    /// Its number in the message, from 0.
    pub index: u32,
    /// Its URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<Text>,
    /// Its media type: `image/jpeg`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
}

impl InboundMedia {
    /// Returns its SID, `ME…`, the last part of its URL.
    #[must_use]
    pub fn sid(&self) -> Option<&str> {
        let (_, sid) = self.url.as_ref()?.as_str().rsplit_once('/')?;
        sid.starts_with("ME").then_some(sid)
    }
}

/// Reads the media by their own parameters, because `NumMedia` may be missing or wrong.
impl Part for Vec<InboundMedia> {
    fn take(&mut self, key: &str, value: &str) -> bool {
        let (number, is_url) = match (key.strip_prefix("MediaUrl"), key.strip_prefix("MediaContentType")) {
            (Some(number), _) => (number, true),
            (_, Some(number)) => (number, false),
            _ => return false,
        };
        let Some(index) = index(number).filter(|_| !value.is_empty()) else { return false };
        let at = self.binary_search_by_key(&index, |media| media.index).unwrap_or_else(|free| {
            self.insert(free, InboundMedia { index, ..InboundMedia::default() });
            free
        });
        let Some(media) = self.get_mut(at) else { return false };
        match is_url {
            true if media.url.is_none() => media.url = Some(value.into()),
            false if media.content_type.is_none() => media.content_type = Some(value.to_owned()),
            _ => return false,
        }
        true
    }
}

/// Reads `0` to `999` without leading zeros or signs, so that no two names mean the same file.
fn index(number: &str) -> Option<u32> {
    let index: u32 = number.parse().ok().filter(|index| *index < MAX_MEDIA)?;
    (number.len() == index.checked_ilog10().map_or(1, |log| log as usize + 1)).then_some(index)
}

wire_enum! {
    /// The type of a channel's message.
    MessageType {
        /// Text.
        Text = "text",
        /// An image.
        Image = "image",
        /// An audio file.
        Audio = "audio",
        /// A video.
        Video = "video",
        /// A file.
        Document = "document",
        /// A sticker.
        Sticker = "sticker",
        /// A location.
        Location = "location",
        /// Contact cards.
        Contacts = "contacts",
        /// A button that was pressed.
        Button = "button",
        /// An answer to a list or a form.
        Interactive = "interactive",
        /// A reaction to another message.
        Reaction = "reaction",
    }
}

part! {
    /// A button that the person pressed.
    Button {
        /// Its label.
        text: Text = "Text",
        /// The payload that you gave it.
        payload: Text = "Payload",
    }
}

part! {
    /// What the person chose from a list.
    ListChoice {
        /// The ID that you gave it.
        id: Text = "Id",
        /// Its label.
        title: Text = "Title",
    }
}

part! {
    /// A location that the person sent.
    Location {
        /// Latitude in degrees, as Twilio sent it; see [`coordinates`](Location::coordinates).
        latitude: Text = "Latitude",
        /// Longitude in degrees, as Twilio sent it.
        longitude: Text = "Longitude",
        /// Its address.
        address: Text = "Address",
        /// Its name.
        label: Text = "Label",
    }
}

impl Location {
    /// Returns latitude and longitude in degrees; `None` if one of them is missing or not a number.
    #[must_use]
    pub fn coordinates(&self) -> Option<(f64, f64)> {
        let read = |text: &Option<Text>, most: f64| {
            let degrees = text.as_ref()?.as_str().parse::<f64>().ok()?;
            (degrees.abs() <= most).then_some(degrees)
        };
        Some((read(&self.latitude, 90.0)?, read(&self.longitude, 180.0)?))
    }
}

part! {
    /// The advertisement that led the person to you.
    Referral {
        /// Its text.
        body: Text = "Body",
        /// Its headline.
        headline: Text = "Headline",
        /// Its ID.
        source_id: String = "SourceId",
        /// Its kind: `ad`, `post`.
        source_type: String = "SourceType",
        /// Its URL.
        source_url: Text = "SourceUrl",
        /// The number of its media.
        num_media: u32 = "NumMedia",
        /// The ID of its medium.
        media_id: String = "MediaId",
        /// The media type of its medium.
        media_content_type: String = "MediaContentType",
        /// The URL of its medium.
        media_url: Text = "MediaUrl",
        /// The ID of the click.
        ctwa_clid: Text = "CtwaClid",
    }
}

part! {
    /// The message that this one answers.
    RepliedTo {
        /// Who sent that message.
        sender: Address = "Sender",
        /// Its SID.
        sid: String = "Sid",
    }
}

part! {
    /// The region of a telephone number, as Twilio knows it: where the number was issued, not where the person is. Mostly
    /// for numbers of the United States and Canada.
    Place {
        /// City.
        city: Text = "City",
        /// State or province.
        state: Text = "State",
        /// Postal code.
        zip: Text = "Zip",
        /// Country, two letters.
        country: Text = "Country",
    }
}

/// JSON in the value of a parameter: an object or a list.
///
/// `Debug` shows only the names of its outermost fields, because the values may be personal.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Payload(Value);

impl Payload {
    /// Returns the JSON.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.0
    }

    /// Returns the JSON, owned.
    #[must_use]
    pub fn into_value(self) -> Value {
        self.0
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Value::Object(fields) => f.debug_set().entries(fields.keys()).finish(),
            Value::Array(entries) => write!(f, "[{} entries]", entries.len()),
            _ => f.write_str("…"),
        }
    }
}

impl Field for Payload {
    fn read(value: Found<'_>) -> Option<Self> {
        let Found::Text(text) = value else { return None };
        let json: Value = serde_json::from_str(&text).ok()?;
        (json.is_object() || json.is_array()).then_some(Self(json))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_are_found_by_their_own_parameters_in_order() {
        let mut media = Vec::<InboundMedia>::new();
        for (key, value, taken) in [
            ("MediaUrl10", "https://x/10", true),
            ("MediaContentType0", "image/jpeg", true),
            ("MediaUrl0", "https://x/0", true),
            ("MediaUrl0", "https://x/again", false),
            ("MediaUrl00", "https://x/00", false),
            ("MediaUrl+1", "https://x/1", false),
            ("MediaUrl4294967295", "https://x/huge", false),
            ("MediaUrl", "https://x", false),
            ("MediaUrl3", "", false),
            ("MediaContentType2", "audio/ogg", true),
        ] {
            assert_eq!(media.take(key, value), taken, "{key}");
        }
        let found: Vec<_> =
            media.iter().map(|m| (m.index, m.url.is_some(), m.content_type.is_some())).collect();
        assert_eq!(found, [(0, true, true), (2, false, true), (10, true, false)]);
    }
    #[test]
    fn the_sid_is_the_last_part_of_the_url() {
        let sid =
            |url: &str| InboundMedia { url: Some(url.into()), ..Default::default() }.sid().map(str::to_owned);
        assert_eq!(
            sid("https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1").unwrap(),
            "ME1"
        );
        assert_eq!((sid("https://x/1"), sid("ME1"), sid("")), (None, None, None));
    }
}
