//! Recordings of calls and conferences.

mod download;
mod list;
mod live;
mod recording;

pub use download::{AudioFormat, DownloadRecording};
pub use list::ListRecordings;
pub use live::{PauseBehavior, StartRecording};
pub use recording::{Recording, RecordingSource, RecordingStatus};

use crate::provider::{ApiRequest, ProviderError, RequestBody, RequestClass};
use crate::twilio::download::Download;
use crate::twilio::page::Pages;
use crate::twilio::session::Session;
use crate::twilio::sid;

/// The recordings of an account.
///
/// <https://www.twilio.com/docs/voice/api/recording>
#[derive(Debug, Clone)]
pub struct Recordings {
    session: Session,
}

impl Recordings {
    pub(in crate::twilio) fn of(session: &Session) -> Self {
        Self { session: session.clone() }
    }

    /// Lists recordings, the newest first.
    ///
    /// <https://www.twilio.com/docs/voice/api/recording#read-multiple-recording-resources>
    pub fn list(&self, filter: &ListRecordings) -> Pages<Recording> {
        Pages::new(&self.session, filter.request(), "recordings")
    }

    /// Reads a recording.
    ///
    /// <https://www.twilio.com/docs/voice/api/recording#fetch-a-recording-resource>
    ///
    /// # Errors
    /// `NOT_FOUND`, or any other [`ProviderError`].
    pub async fn fetch(&self, sid: &str) -> Result<Recording, ProviderError> {
        self.session.json(one(ApiRequest::get("/Recordings/{sid}.json"), sid)?).await
    }

    /// Reads a recording that may have been deleted, while Twilio still keeps its metadata.
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch).
    pub async fn fetch_deleted(&self, sid: &str) -> Result<Recording, ProviderError> {
        let request = one(ApiRequest::get("/Recordings/{sid}.json"), sid)?;
        self.session.json(request.query([("IncludeSoftDeleted", "true")])).await
    }

    /// Deletes a recording. It cannot be undone. Twilio keeps its metadata for 40 days.
    ///
    /// <https://www.twilio.com/docs/voice/api/recording#delete-a-recording-resource>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn delete(&self, sid: &str) -> Result<(), ProviderError> {
        self.session.no_content(one(ApiRequest::delete("/Recordings/{sid}.json"), sid)?).await
    }

    /// Starts to record a call in progress. If the answer is lost, the request is not repeated, because two recordings might run.
    ///
    /// <https://www.twilio.com/docs/voice/api/recording#create-a-recording-resource>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn start(
        &self,
        call_sid: &str,
        recording: &StartRecording,
    ) -> Result<Recording, ProviderError> {
        let request = of_call(ApiRequest::post("/Calls/{call}/Recordings.json"), call_sid)?;
        let request = request.body(RequestBody::Form(recording.form()?)).class(RequestClass::Create);
        self.session.json(request).await
    }

    /// Pauses the recording of a call. [`CURRENT`](Self::CURRENT) means the running one.
    ///
    /// <https://www.twilio.com/docs/voice/api/recording#update-a-recording-resource>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn pause(
        &self,
        call_sid: &str,
        sid: &str,
        behavior: PauseBehavior,
    ) -> Result<Recording, ProviderError> {
        self.set(call_sid, sid, &[("Status", "paused"), ("PauseBehavior", behavior.as_str())]).await
    }

    /// Resumes a paused recording.
    ///
    /// <https://www.twilio.com/docs/voice/api/recording#update-a-recording-resource>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn resume(&self, call_sid: &str, sid: &str) -> Result<Recording, ProviderError> {
        self.set(call_sid, sid, &[("Status", "in-progress")]).await
    }

    /// Ends a recording; the call continues.
    ///
    /// <https://www.twilio.com/docs/voice/api/recording#update-a-recording-resource>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn stop(&self, call_sid: &str, sid: &str) -> Result<Recording, ProviderError> {
        self.set(call_sid, sid, &[("Status", "stopped")]).await
    }

    /// Can be used instead of a SID, and means the running recording.
    pub const CURRENT: &'static str = "Twilio.CURRENT";

    async fn set(
        &self,
        call_sid: &str,
        sid: &str,
        form: &[(&str, &str)],
    ) -> Result<Recording, ProviderError> {
        let request = of_call(ApiRequest::post("/Calls/{call}/Recordings/{sid}.json"), call_sid)?;
        let request = if sid == Self::CURRENT { request.segment(sid) } else { one(request, sid)? };
        self.session.json(request.form(form).class(RequestClass::Update)).await
    }

    /// Starts to download a recording.
    ///
    /// <https://www.twilio.com/docs/voice/api/recording#fetch-a-recordings-media-file>
    ///
    /// ```no_run
    /// # async fn run(account: switchboard::twilio::TwilioAccount) -> Result<(), Box<dyn std::error::Error>> {
    /// use switchboard::twilio::recordings::DownloadRecording;
    ///
    /// let wish = DownloadRecording::mp3().limit(100_000_000);
    /// let mut download = account.recordings().download("RE0123456789abcdef0123456789abcdef", &wish).await?;
    /// let mut file = tokio::fs::File::create("call.mp3").await?;
    /// download.copy_to(&mut file, |so_far| eprintln!("{} bytes", so_far.arrived)).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// `NOT_FOUND` if two channels are requested of a recording that has one, or any other [`ProviderError`].
    pub async fn download(&self, sid: &str, wish: &DownloadRecording) -> Result<Download, ProviderError> {
        let request = one(ApiRequest::get(wish.path()), sid)?.encoded_query(wish.query());
        Ok(Download::of(self.session.download(&request, wish.most()).await?))
    }
}

fn one(request: ApiRequest, sid: &str) -> Result<ApiRequest, ProviderError> {
    sid::check(sid, "recording", &["RE"])?;
    Ok(request.segment(sid))
}

fn of_call(request: ApiRequest, sid: &str) -> Result<ApiRequest, ProviderError> {
    sid::check(sid, "call", &["CA"])?;
    Ok(request.segment(sid))
}
