//! Transcriptions of recordings: `/2010-04-01/Accounts/{AccountSid}/Transcriptions`.

use serde_json::Value;

use super::plain::{self, Resource, delete, fetch};
use crate::engine::error::HandlerResult;
use crate::engine::page::ListFormat;
use crate::engine::request::RoutedRequest;
use crate::engine::route::Route;
use crate::engine::table::Table;
use crate::engine::tenant::Tenant;
use crate::engine::transcriptions::Transcription;

pub(super) const ROUTES: &[Route] = &[
    Route::get("/2010-04-01/Accounts/{AccountSid}/Transcriptions.json", list),
    Route::get("/2010-04-01/Accounts/{AccountSid}/Transcriptions/{Sid}.json", fetch::<Transcription>),
    Route::delete("/2010-04-01/Accounts/{AccountSid}/Transcriptions/{Sid}.json", delete::<Transcription>),
    Route::get("/2010-04-01/Accounts/{AccountSid}/Recordings/{RecordingSid}/Transcriptions.json", list),
    Route::get(
        "/2010-04-01/Accounts/{AccountSid}/Recordings/{RecordingSid}/Transcriptions/{Sid}.json",
        fetch::<Transcription>,
    ),
    Route::delete(
        "/2010-04-01/Accounts/{AccountSid}/Recordings/{RecordingSid}/Transcriptions/{Sid}.json",
        delete::<Transcription>,
    ),
];

impl Resource for Transcription {
    const KEY: &'static str = "transcriptions";
    const FORMAT: ListFormat = ListFormat::Classic;

    fn rows(tenant: &Tenant) -> &Table<Self> {
        &tenant.recordings.transcriptions
    }

    fn rows_mut(tenant: &mut Tenant) -> &mut Table<Self> {
        &mut tenant.recordings.transcriptions
    }

    fn view(&self, _: &RoutedRequest<'_>, account: &str, sid: &str) -> Value {
        self.view(account, sid)
    }

    fn is_under(&self, request: &RoutedRequest<'_>) -> bool {
        let recording = request.param("RecordingSid");
        recording.is_empty() || self.recording == recording
    }
}

fn list(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let recording = request.param("RecordingSid");
    if !recording.is_empty() && tenant.recordings.rows.get(recording).is_none() {
        return Err(request.not_found());
    }
    plain::list::<Transcription>(tenant, request)
}
