//! A recording as Twilio describes it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use crate::twilio::wire::{Amount, answer, wire_enum};

wire_enum! {
    /// The status of a recording.
    RecordingStatus {
        /// Recording is in progress.
        InProgress = "in-progress",
        /// Recording is paused.
        Paused = "paused",
        /// Recording was stopped.
        Stopped = "stopped",
        /// Twilio is processing the recording.
        Processing = "processing",
        /// The recording can be downloaded.
        Completed = "completed",
        /// There is no recording; the error code says why.
        Absent = "absent",
        /// The recording was deleted.
        Deleted = "deleted",
    }
}

wire_enum! {
    /// How a recording was started.
    RecordingSource {
        /// The TwiML verb `Dial`.
        DialVerb = "DialVerb",
        /// A conference.
        Conference = "Conference",
        /// A call that was created with `record`.
        OutboundApi = "OutboundAPI",
        /// A SIP trunk.
        Trunking = "Trunking",
        /// The TwiML verb `Record`.
        RecordVerb = "RecordVerb",
        /// A request of the REST API during a call.
        StartCallRecordingApi = "StartCallRecordingAPI",
        /// A request of the REST API during a conference.
        StartConferenceRecordingApi = "StartConferenceRecordingAPI",
    }
}

answer! {
    /// A recording as Twilio describes it.
    ///
    /// <https://www.twilio.com/docs/voice/api/recording#recording-properties>
    Recording always {
        /// Its SID, `RE…`.
        sid: String = "sid",
        /// Its status.
        status: RecordingStatus = "status",
    } {
        /// The account it belongs to.
        account_sid: String = "account_sid",
        /// The recorded call, `CA…`; the parent call if there are several.
        call_sid: String = "call_sid",
        /// The recorded conference, `CF…`.
        conference_sid: String = "conference_sid",
        /// How it was started.
        source: RecordingSource = "source",
        /// Its channels, 1 or 2.
        channels: u32 = "channels",
        /// Which side of the call was recorded.
        track: String = "track",
        /// How long it is, in seconds.
        duration: u32 = "duration",
        /// When it began.
        start_time: Timestamp = "start_time",
        /// Its price, a negative amount; `None` until it is billed.
        price: Amount = "price",
        /// The currency of the price, ISO 4217.
        price_unit: String = "price_unit",
        /// Twilio's error code, if there is no recording.
        error_code: u32 = "error_code",
        /// The URL for downloads.
        media_url: String = "media_url",
        /// Details of the encryption, if it is encrypted.
        encryption_details: Value = "encryption_details",
        /// When it was made.
        date_created: Timestamp = "date_created",
        /// When it last changed.
        date_updated: Timestamp = "date_updated",
        /// The version of the API.
        api_version: String = "api_version",
        /// Its path.
        uri: String = "uri",
        /// The paths of related resources.
        subresource_uris: BTreeMap<String, String> = "subresource_uris",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_of_the_documents_is_read() {
        let read: Recording = serde_json::from_str(
            r#"{"account_sid": "AC0123456789abcdef0123456789abcdef", "api_version": "2010-04-01", "channels": 1,
                "call_sid": "CA0123456789abcdef0123456789abcdef", "conference_sid": null, "error_code": null,
                "date_created": "Fri, 14 Oct 2016 21:56:34 +0000", "date_updated": "Fri, 14 Oct 2016 21:56:38 +0000",
                "start_time": "Fri, 14 Oct 2016 21:56:34 +0000", "price": "0.04", "price_unit": "USD",
                "duration": "4", "sid": "RE0123456789abcdef0123456789abcdef", "source": "StartCallRecordingAPI",
                "status": "completed", "uri": "/x.json", "media_url": "https://api.twilio.com/x",
                "encryption_details": {"encryption_cek": "OV4h", "encryption_public_key_sid": "CR1"},
                "subresource_uris": {"transcriptions": "/t.json"}}"#,
        )
        .unwrap();
        assert_eq!(read.status, RecordingStatus::Completed);
        assert_eq!((read.channels, read.duration, read.error_code), (Some(1), Some(4), None));
        assert!(read.extra.is_empty() && read.encryption_details.is_some());
    }
}
