//! The media of messages.

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::clock::rfc2822;
use super::core::Core;
use super::sid::mix;
use super::table::Table;
use super::wire::{Generated, ReplyBody};

/// The length of a medium whose bytes a test did not set.
const DEFAULT_LENGTH: u64 = 1024;
/// One medium of one message.
pub(crate) struct Media {
    pub(super) parent: String,
    pub(super) content_type: String,
    pub(super) bytes: ReplyBody,
    pub(super) created: Timestamp,
}

impl Media {
    pub(super) fn view(&self, account: &str, sid: &str) -> Value {
        let created = rfc2822(self.created);
        json!({
            "sid": sid,
            "account_sid": account,
            "parent_sid": self.parent,
            "content_type": self.content_type,
            "date_created": created,
            "date_updated": created,
            "uri": format!("/2010-04-01/Accounts/{account}/Messages/{}/Media/{sid}.json", self.parent),
        })
    }
}

/// The media of all messages.
#[derive(Default)]
pub(crate) struct MediaStore {
    pub(super) rows: Table<Media>,
}

impl MediaStore {
    /// Adds a medium to a message. Its bytes are generated from the URL, which is not fetched.
    pub(super) fn attach(&mut self, core: &mut Core, message_sid: &str, url: &str) {
        let sid = core.sids.next("ME");
        let seed = url.bytes().fold(0, |seed, byte| mix(seed ^ u64::from(byte)));
        let media = Media {
            parent: message_sid.to_owned(),
            content_type: content_type(url).to_owned(),
            bytes: ReplyBody::Generated(Generated::new(DEFAULT_LENGTH, seed)),
            created: core.now(),
        };
        self.rows.insert(&sid, media);
    }

    /// Returns the SIDs of a message's media, in the order of its URLs.
    pub(crate) fn of_message(&self, message_sid: &str) -> Vec<String> {
        self.rows
            .iter()
            .filter(|(_, media)| media.parent == message_sid)
            .map(|(sid, _)| sid.to_owned())
            .collect()
    }

    /// Sets the bytes of a medium. Returns false when there is no such medium.
    pub(crate) fn set_bytes(&mut self, sid: &str, content_type: &str, bytes: Bytes) -> bool {
        self.replace(sid, content_type, ReplyBody::Whole(bytes))
    }

    /// Sets the content type of a medium, and keeps its bytes. Returns false when there is no such medium.
    pub(super) fn set_type(&mut self, sid: &str, content_type: &str) -> bool {
        self.rows.get_mut(sid).map(|media| media.content_type = content_type.to_owned()).is_some()
    }

    /// Generates bytes of this length for a medium. Returns false when there is no such medium.
    pub(crate) fn set_length(&mut self, sid: &str, content_type: &str, length: u64) -> bool {
        self.replace(sid, content_type, ReplyBody::Generated(Generated::new(length, length)))
    }

    fn replace(&mut self, sid: &str, content_type: &str, bytes: ReplyBody) -> bool {
        let Some(media) = self.rows.get_mut(sid) else { return false };
        media.content_type = content_type.to_owned();
        media.bytes = bytes;
        true
    }
}

fn content_type(url: &str) -> &'static str {
    let path = url.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    match path.rsplit('.').next().unwrap_or_default() {
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "pdf" => "application/pdf",
        "mp3" => "audio/mpeg",
        "mp4" => "video/mp4",
        "vcf" => "text/vcard",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_says_the_content_type() {
        assert_eq!(content_type("https://example.com/a.PNG?x=.gif"), "image/png");
        assert_eq!(content_type("https://example.com/a"), "application/octet-stream");
    }
}
