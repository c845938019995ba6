//! Media of messages, and the storage their bytes come from.

use bytes::Bytes;
use http::{StatusCode, header};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::clock::rfc2822;
use super::error::{Answer, Refusal};
use super::exchange::{FakeReply, Generated, ReplyBody};
use super::filter::Dates;
use super::page;
use super::route::{Asked, Route};
use super::sid::mix;
use super::tenant::Tenant;

pub(super) const ROUTES: &[Route] = &[
    Route::get("/2010-04-01/Accounts/{AccountSid}/Messages/{MessageSid}/Media.json", list),
    Route::get("/2010-04-01/Accounts/{AccountSid}/Messages/{MessageSid}/Media/{Sid}.json", fetch),
    Route::delete("/2010-04-01/Accounts/{AccountSid}/Messages/{MessageSid}/Media/{Sid}.json", delete),
    Route::get("/2010-04-01/Accounts/{AccountSid}/Messages/{MessageSid}/Media/{Sid}", redirect),
    Route::storage("/_storage/{AccountSid}/media/{Sid}", storage),
];

/// Bytes of a medium that a test did not set.
const DEFAULT_LENGTH: u64 = 1024;
const XML: &str = "application/xml";
const TWO_CREDENTIALS: &str = "<?xml version=\"1.0\"?><Error><Code>InvalidArgument</Code><Message>The URL is signed: send no Authorization</Message></Error>";

/// One medium of one message.
pub(super) struct Media {
    parent: String,
    content_type: String,
    bytes: ReplyBody,
    created: Timestamp,
}

impl Media {
    pub(super) fn parent(&self) -> &str {
        &self.parent
    }

    fn view(&self, account: &str, sid: &str) -> Value {
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

fn list(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let dates = Dates::read(&asked.query, "DateCreated")?;
    let (account, parent) = (asked.name("AccountSid"), asked.name("MessageSid"));
    tenant.messages.get(parent).ok_or_else(|| Refusal::not_found(&asked.request.path))?;
    let keep = |media: &Media| media.parent == parent && dates.contain(Some(media.created));
    page::list(asked, "media_list", &tenant.media, keep, |sid, media| media.view(account, sid))
}

fn fetch(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let media = find(tenant, asked)?;
    Ok(FakeReply::json(StatusCode::OK, &media.view(asked.name("AccountSid"), asked.name("Sid"))))
}

fn delete(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    find(tenant, asked)?;
    tenant.media.remove(asked.name("Sid"));
    Ok(FakeReply::empty(StatusCode::NO_CONTENT))
}

fn redirect(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    find(tenant, asked)?;
    Ok(FakeReply::redirect(&asked.url(&format!(
        "/_storage/{}/media/{}",
        asked.name("AccountSid"),
        asked.name("Sid")
    ))))
}

fn storage(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    if let Some(refusal) = refuse_credentials(asked) {
        return Ok(refusal);
    }
    let media = tenant.media.get(asked.name("Sid")).ok_or_else(|| Refusal::not_found(&asked.request.path))?;
    Ok(FakeReply::empty(StatusCode::OK).with_body(&media.content_type, media.bytes.clone()))
}

/// The URLs of storage are signed: it takes no other credentials.
pub(super) fn refuse_credentials(asked: &Asked<'_>) -> Option<FakeReply> {
    let given = asked.request.headers.contains_key(header::AUTHORIZATION);
    given.then(|| FakeReply::empty(StatusCode::BAD_REQUEST).with_body(XML, TWO_CREDENTIALS))
}

fn find<'e>(tenant: &'e Tenant, asked: &Asked<'_>) -> Result<&'e Media, Refusal> {
    let media = tenant.media.get(asked.name("Sid")).filter(|media| media.parent == asked.name("MessageSid"));
    media.ok_or_else(|| Refusal::not_found(&asked.request.path))
}

impl Tenant {
    /// Gives a message the medium behind a URL. Its bytes follow from the URL, which is not fetched.
    pub(super) fn attach(&mut self, message_sid: &str, url: &str) {
        let sid = self.sids.next("ME");
        let seed = url.bytes().fold(0, |seed, byte| mix(seed ^ u64::from(byte)));
        let media = Media {
            parent: message_sid.to_owned(),
            content_type: content_type(url).to_owned(),
            bytes: ReplyBody::Generated(Generated::new(DEFAULT_LENGTH, seed)),
            created: self.clock.now(),
        };
        self.media.insert(&sid, media);
    }

    /// Returns the SIDs of a message's media, in the order of its URLs.
    pub(crate) fn media_of(&self, message_sid: &str) -> Vec<String> {
        self.media
            .iter()
            .filter(|(_, media)| media.parent == message_sid)
            .map(|(sid, _)| sid.to_owned())
            .collect()
    }

    /// Sets the bytes of a medium. Is there such a medium?
    pub(crate) fn set_media(&mut self, sid: &str, content_type: &str, bytes: Bytes) -> bool {
        self.replace_media(sid, content_type, ReplyBody::Whole(bytes))
    }

    /// Says what a medium is, and leaves its bytes. Is there such a medium?
    pub(super) fn set_media_type(&mut self, sid: &str, content_type: &str) -> bool {
        self.media.get_mut(sid).map(|media| media.content_type = content_type.to_owned()).is_some()
    }

    /// Makes a medium as long as this. Is there such a medium?
    pub(crate) fn set_media_length(&mut self, sid: &str, content_type: &str, length: u64) -> bool {
        self.replace_media(sid, content_type, ReplyBody::Generated(Generated::new(length, length)))
    }

    fn replace_media(&mut self, sid: &str, content_type: &str, bytes: ReplyBody) -> bool {
        let Some(media) = self.media.get_mut(sid) else { return false };
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
