//! A recording as Twilio describes it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use crate::twilio::wire::{Amount, answer, wire_enum};

wire_enum! {
    /// The status of a recording.
    RecordingStatus {
        /// It runs.
        InProgress = "in-progress",
        /// It is paused.
        Paused = "paused",
        /// It was ended.
        Stopped = "stopped",
        /// Twilio prepares it.
        Processing = "processing",
        /// It can be downloaded.
        Completed = "completed",
        /// There is nothing in it; the error code says why.
        Absent = "absent",
        /// It was deleted.
        Deleted = "deleted",
    }
}

wire_enum! {
    /// What made a recording.
    RecordingSource {
        /// The TwiML verb `Dial`.
        DialVerb = "DialVerb",
        /// A conference.
        Conference = "Conference",
        /// A call that was made with `record`.
        OutboundApi = "OutboundAPI",
        /// A SIP trunk.
        Trunking = "Trunking",
        /// The TwiML verb `Record`.
        RecordVerb = "RecordVerb",
        /// A request, during a call.
        StartCallRecordingApi = "StartCallRecordingAPI",
        /// A request, during a conference.
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
        /// The call it was made of, `CA…`: the parent where there are several.
        call_sid: String = "call_sid",
        /// The conference it was made of, `CF…`.
        conference_sid: String = "conference_sid",
        /// What made it.
        source: RecordingSource = "source",
        /// Its channels, 1 or 2.
        channels: u32 = "channels",
        /// Which side of the call is in it.
        track: String = "track",
        /// How long it is, in seconds.
        duration: u32 = "duration",
        /// When it began.
        start_time: Timestamp = "start_time",
        /// What it cost, negative; `None` until it is billed.
        price: Amount = "price",
        /// The currency of the price, ISO 4217.
        price_unit: String = "price_unit",
        /// Why there is nothing in it: Twilio's number.
        error_code: u32 = "error_code",
        /// Where it can be downloaded.
        media_url: String = "media_url",
        /// How it is encrypted, where it is.
        encryption_details: Value = "encryption_details",
        /// When it was made.
        date_created: Timestamp = "date_created",
        /// When it last changed.
        date_updated: Timestamp = "date_updated",
        /// The version of the API.
        api_version: String = "api_version",
        /// Its path.
        uri: String = "uri",
        /// Paths of what belongs to it.
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
