//! The files of an incoming message.

use serde::{Deserialize, Serialize};

use super::read::Part;
use crate::sms::Text;

/// Most files that are looked for. Twilio sends ten at most; what is beyond stays in `extra`.
const MOST: u32 = 1_000;

/// A file of an incoming message.
///
/// Its URL wants the credentials of the account. With its SID,
/// [`account.messages().media(message_sid).download(sid)`](crate::twilio::Media::download) sends them, and to Twilio
/// only.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct InboundMedia {
    /// Its place in the message, from 0.
    pub index: u32,
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<Text>,
    /// What it is: `image/jpeg`.
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

/// By what is there: `NumMedia` may be missing or wrong.
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

/// `0` to `999`, written in one way only, so that no two names mean the same file.
fn index(number: &str) -> Option<u32> {
    let index: u32 = number.parse().ok().filter(|index| *index < MOST)?;
    (number.len() == index.checked_ilog10().map_or(1, |log| log as usize + 1)).then_some(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_by_what_is_there_in_their_order() {
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
