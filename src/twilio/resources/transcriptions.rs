//! Transcriptions: what was said in a recording, as text.

use jiff::Timestamp;

use crate::provider::{ApiRequest, ProviderError};
use crate::sms::Text;
use crate::twilio::page::Pages;
use crate::twilio::session::Session;
use crate::twilio::sid;
use crate::twilio::wire::{Amount, answer, wire_enum};

wire_enum! {
    /// The status of a transcription.
    TranscriptionStatus {
        /// The transcription is in progress.
        InProgress = "in-progress",
        /// The text is available.
        Completed = "completed",
        /// The transcription failed: only recordings of 2 to 120 seconds are transcribed.
        Failed = "failed",
    }
}

answer! {
    /// A transcription as Twilio describes it.
    ///
    /// <https://www.twilio.com/docs/voice/api/recording-transcription>
    Transcription always {
        /// Its SID, `TR…`.
        sid: String = "sid",
        /// Its status.
        status: TranscriptionStatus = "status",
    } {
        /// The account it belongs to.
        account_sid: String = "account_sid",
        /// The transcribed recording, `RE…`.
        recording_sid: String = "recording_sid",
        /// What was said.
        text: Text = "transcription_text",
        /// The kind of transcription: `fast`.
        kind: String = "type",
        /// How long the recording is, in seconds.
        duration: u32 = "duration",
        /// Its price, a negative amount; `None` until it is billed.
        price: Amount = "price",
        /// The currency of the price, ISO 4217.
        price_unit: String = "price_unit",
        /// When it was made.
        date_created: Timestamp = "date_created",
        /// When it last changed.
        date_updated: Timestamp = "date_updated",
        /// The version of the API.
        api_version: String = "api_version",
        /// Its path.
        uri: String = "uri",
    }
}

/// The transcriptions of an account.
///
/// <https://www.twilio.com/docs/voice/api/recording-transcription>
#[derive(Debug, Clone)]
pub struct Transcriptions {
    session: Session,
}

impl Transcriptions {
    pub(in crate::twilio) fn of(session: &Session) -> Self {
        Self { session: session.clone() }
    }

    /// Lists all transcriptions, the newest first.
    ///
    /// <https://www.twilio.com/docs/voice/api/recording-transcription#read-multiple-transcription-resources>
    pub fn list(&self) -> Pages<Transcription> {
        Pages::new(&self.session, ApiRequest::get("/Transcriptions.json"), "transcriptions")
    }

    /// Lists the transcriptions of one recording.
    ///
    /// <https://www.twilio.com/docs/voice/api/recording-transcription#read-multiple-transcription-resources>
    ///
    /// # Errors
    /// `INVALID_REQUEST` where the recording's SID is malformed.
    pub fn of_recording(&self, recording_sid: &str) -> Result<Pages<Transcription>, ProviderError> {
        sid::check(recording_sid, "recording", &["RE"])?;
        let request = ApiRequest::get("/Recordings/{sid}/Transcriptions.json").segment(recording_sid);
        Ok(Pages::new(&self.session, request, "transcriptions"))
    }

    /// Reads a transcription.
    ///
    /// <https://www.twilio.com/docs/voice/api/recording-transcription#fetch-a-transcription-resource>
    ///
    /// # Errors
    /// `NOT_FOUND`, or any other [`ProviderError`].
    pub async fn fetch(&self, sid: &str) -> Result<Transcription, ProviderError> {
        self.session.json(one(ApiRequest::get("/Transcriptions/{sid}.json"), sid)?).await
    }

    /// Deletes a transcription. It cannot be undone.
    ///
    /// <https://www.twilio.com/docs/voice/api/recording-transcription#delete-a-transcription-resource>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn delete(&self, sid: &str) -> Result<(), ProviderError> {
        self.session.no_content(one(ApiRequest::delete("/Transcriptions/{sid}.json"), sid)?).await
    }
}

fn one(request: ApiRequest, sid: &str) -> Result<ApiRequest, ProviderError> {
    sid::check(sid, "transcription", &["TR"])?;
    Ok(request.segment(sid))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_of_the_documents_is_read() {
        let read: Transcription = serde_json::from_str(
            r#"{"account_sid": "AC0123456789abcdef0123456789abcdef", "api_version": "2008-08-01",
                "date_created": "Sun, 13 Feb 2011 02:12:08 +0000", "date_updated": "Sun, 13 Feb 2011 02:30:01 +0000",
                "duration": "1", "price": "-0.05000", "price_unit": "USD", "status": "failed", "type": "fast",
                "recording_sid": "RE0123456789abcdef0123456789abcdef", "sid": "TR0123456789abcdef0123456789abcdef",
                "transcription_text": "planted", "uri": "/x.json"}"#,
        )
        .unwrap();
        assert_eq!((read.status.clone(), read.duration), (TranscriptionStatus::Failed, Some(1)));
        assert_eq!(read.price.as_ref().unwrap().as_str(), "-0.05000");
        assert!(read.extra.is_empty() && !format!("{read:?}").contains("planted"));
    }
}
