//! What became of a call.

use std::time::Duration;

use jiff::Timestamp;

use super::call::CallContext;
use super::read::{event, of_a_call};
use crate::sms::Text;
use crate::twilio::CallStatus;

event! {
    /// What became of a call.
    ///
    /// Reports may come late, twice and out of order: fold them with [`apply_to`](CallStatusUpdate::apply_to).
    /// `completed` says that somebody or something picked up, not that a person did. Answer with 200 or 204 and
    /// nothing.
    ///
    /// <https://www.twilio.com/docs/voice/api/call-resource#statuscallback>
    CallStatusUpdate {
        @within {
            /// The call.
            call: CallContext,
        }
        /// How long it was talked on, in seconds; of an end only.
        call_duration: u32 = "CallDuration",
        /// The same in minutes that were begun.
        duration: u32 = "Duration",
        /// What the other side's telephone answered.
        sip_response_code: u32 = "SipResponseCode",
        /// Where its recording can be downloaded.
        recording_url: Text = "RecordingUrl",
        /// Its recording, `RE…`.
        recording_sid: String = "RecordingSid",
        /// How long the recording is, in seconds.
        recording_duration: u32 = "RecordingDuration",
        /// When it happened.
        timestamp: Timestamp = "Timestamp",
        /// What reports: `call-progress-events`.
        callback_source: String = "CallbackSource",
        /// The place of this report among those of the call, from 0. They may arrive in another order.
        sequence_number: u32 = "SequenceNumber",
    }
}

of_a_call!(CallStatusUpdate);

impl CallStatusUpdate {
    /// Returns where the call is.
    #[must_use]
    pub fn status(&self) -> Option<&CallStatus> {
        self.call.status.as_ref()
    }

    /// Is it over?
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        self.status().is_some_and(CallStatus::is_terminal)
    }

    /// Returns how long it was talked on.
    #[must_use]
    pub fn talked(&self) -> Option<Duration> {
        self.call_duration.map(|seconds| Duration::from_secs(seconds.into()))
    }

    /// Folds this report into what you know, whatever came first. Says whether that changed anything.
    pub fn apply_to(&self, known: &mut CallStatus) -> bool {
        let Some(report) = self.status() else { return false };
        let folded = known.clone().fold(report.clone());
        let changed = folded != *known;
        *known = folded;
        changed
    }

    /// Returns `SID:status`, by which a second delivery is known, where `I-Twilio-Idempotency-Token` is missing.
    ///
    /// `None` where only the status says that it is a report: the action of a verb may look so, too, once the call is
    /// over.
    #[must_use]
    pub fn dedupe_key(&self) -> Option<String> {
        let is_report =
            self.callback_source.is_some() || self.call_duration.is_some() || self.sequence_number.is_some();
        if !is_report {
            return None;
        }
        super::key(self.call_sid(), self.status())
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures;
    use super::super::mutation::{read_whole, survives};
    use super::*;

    #[test]
    fn the_end_of_a_recorded_call_is_read_whole() {
        let update: CallStatusUpdate = read_whole(fixtures::CALL_COMPLETED);
        assert_eq!(update.talked(), Some(Duration::from_secs(42)));
        assert_eq!((update.is_terminal(), update.sequence_number), (true, Some(3)));
        assert_eq!(update.timestamp.unwrap().to_string(), "2026-01-31T23:59:05Z");
        assert_eq!(update.dedupe_key().unwrap(), "CA0123456789abcdef0123456789abcdef:completed");
        let mut known = CallStatus::Ringing;
        assert!(update.apply_to(&mut known) && !update.apply_to(&mut known));
        assert_eq!(known, CallStatus::Completed);
        survives::<CallStatusUpdate>(fixtures::CALL_COMPLETED);
    }
}
