//! Transcriptions: the texts of recordings.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::clock::rfc2822;
use super::ledger;

/// In 1/100000 of a dollar.
pub(super) const PRICE: u64 = 5000;

/// The text of one recording.
pub(crate) struct Transcription {
    pub(super) recording: String,
    pub(super) text: String,
    pub(super) created: Timestamp,
}

impl Transcription {
    pub(super) fn view(&self, account: &str, sid: &str) -> Value {
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
