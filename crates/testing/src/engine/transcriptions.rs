//! Transcriptions of recordings: `/2010-04-01/Accounts/{AccountSid}/Transcriptions`.

use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::clock::rfc2822;
use super::error::{Answer, Refusal};
use super::exchange::FakeReply;
use super::ledger::{self, Item};
use super::page;
use super::route::{Asked, Route};
use super::tenant::Tenant;

pub(super) const ROUTES: &[Route] = &[
    Route::get("/2010-04-01/Accounts/{AccountSid}/Transcriptions.json", list),
    Route::get("/2010-04-01/Accounts/{AccountSid}/Transcriptions/{Sid}.json", fetch),
    Route::delete("/2010-04-01/Accounts/{AccountSid}/Transcriptions/{Sid}.json", delete),
    Route::get("/2010-04-01/Accounts/{AccountSid}/Recordings/{RecordingSid}/Transcriptions.json", list),
    Route::get(
        "/2010-04-01/Accounts/{AccountSid}/Recordings/{RecordingSid}/Transcriptions/{Sid}.json",
        fetch,
    ),
    Route::delete(
        "/2010-04-01/Accounts/{AccountSid}/Recordings/{RecordingSid}/Transcriptions/{Sid}.json",
        delete,
    ),
];

/// In 1/100000 of a dollar.
const PRICE: u64 = 5000;

/// The text of one recording.
pub(super) struct Transcription {
    recording: String,
    text: String,
    created: Timestamp,
}

impl Transcription {
    pub(super) fn recording(&self) -> &str {
        &self.recording
    }

    fn view(&self, account: &str, sid: &str) -> Value {
        let created = rfc2822(self.created);
        json!({
            "sid": sid,
            "account_sid": account,
            "api_version": "2010-04-01",
            "recording_sid": self.recording,
            "status": "completed",
            "transcription_text": self.text,
            "type": "fast",
            "duration": "10",
            "price": ledger::charge(PRICE),
            "price_unit": "USD",
            "date_created": created,
            "date_updated": created,
            "uri": format!("/2010-04-01/Accounts/{account}/Transcriptions/{sid}.json"),
        })
    }
}

fn list(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let (account, recording) = (asked.name("AccountSid"), asked.name("RecordingSid"));
    if !recording.is_empty() && tenant.recordings.get(recording).is_none() {
        return Err(asked.not_found());
    }
    let keep = |row: &Transcription| recording.is_empty() || row.recording == recording;
    page::list(asked, "transcriptions", &tenant.transcriptions, keep, |sid, row| row.view(account, sid))
}

fn fetch(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    let found = find(tenant, asked)?;
    Ok(FakeReply::json(StatusCode::OK, &found.view(asked.name("AccountSid"), asked.name("Sid"))))
}

fn delete(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    find(tenant, asked)?;
    tenant.transcriptions.remove(asked.name("Sid"));
    Ok(FakeReply::empty(StatusCode::NO_CONTENT))
}

fn find<'e>(tenant: &'e Tenant, asked: &Asked<'_>) -> Result<&'e Transcription, Refusal> {
    let recording = asked.name("RecordingSid");
    let found = tenant.transcriptions.get(asked.name("Sid"));
    let found = found.filter(|row| recording.is_empty() || row.recording == recording);
    found.ok_or_else(|| asked.not_found())
}

impl Tenant {
    /// Adds the text of a recording. Is there such a recording?
    pub(crate) fn add_transcription(&mut self, recording_sid: &str, text: &str) -> Option<String> {
        self.recordings.get(recording_sid)?;
        let created = self.clock.now();
        let row = Transcription { recording: recording_sid.to_owned(), text: text.to_owned(), created };
        let sid = self.sids.next("TR");
        self.transcriptions.insert(&sid, row);
        self.ledger.bill(created, Item::Transcription, 1, PRICE);
        Some(sid)
    }
}
