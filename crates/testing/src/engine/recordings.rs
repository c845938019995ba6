//! Recordings of calls and conferences, and their transcriptions.

use super::clock::rfc2822;
use super::core::Core;
use super::form::Pairs;
use super::ledger::Item;
use super::recording::{MINUTE_PRICE, Recording, RecordingOptions, RecordingStatus};
use super::table::Table;
use super::transcriptions::{self, Transcription};

/// The length of a recording that a test adds, in seconds.
const ADDED: u64 = 10;

/// The recordings of an account, and their transcriptions.
#[derive(Default)]
pub(crate) struct Recordings {
    pub(super) rows: Table<Recording>,
    pub(super) transcriptions: Table<Transcription>,
    /// Whether a request for a file is redirected to a storage.
    pub(crate) redirected: bool,
}

/// Returns the URL of a recording.
pub(super) fn url(core: &Core, sid: &str) -> String {
    format!("https://api.twilio.com/2010-04-01/Accounts/{}/Recordings/{sid}", core.account_sid())
}

impl Recordings {
    /// Adds a finished recording of ten seconds to a call.
    pub(super) fn add(&mut self, core: &mut Core, call_sid: &str) -> String {
        let options = RecordingOptions::read(&Pairs::default(), "OutboundAPI");
        let mut recording = Recording::begin(call_sid, options, core.now());
        (recording.status, recording.duration) = (RecordingStatus::Completed, Some(ADDED));
        let sid = core.sids.next("RE");
        self.rows.insert(&sid, recording);
        sid
    }

    /// Adds a finished recording of ten seconds to a conference, and to the call that took part in it.
    pub(super) fn add_to_conference(
        &mut self,
        core: &mut Core,
        conference_sid: &str,
        call_sid: &str,
    ) -> String {
        let sid = self.add(core, call_sid);
        if let Some(recording) = self.rows.get_mut(&sid) {
            recording.conference = Some(conference_sid.to_owned());
            recording.options.source = "StartConferenceRecordingAPI";
        }
        sid
    }

    /// Sets the length of a recording's file in bytes. Returns false when there is no such recording.
    pub(crate) fn set_length(&mut self, sid: &str, bytes: u64) -> bool {
        self.rows.get_mut(sid).map(|recording| recording.length = Some(bytes)).is_some()
    }

    /// Sets the number of channels of a recording. Returns false when there is no such recording.
    pub(crate) fn set_channels(&mut self, sid: &str, channels: u8) -> bool {
        self.rows.get_mut(sid).map(|recording| recording.options.channels = channels).is_some()
    }

    /// Starts a recording of a call.
    pub(super) fn start(&mut self, core: &mut Core, call_sid: &str, options: RecordingOptions) -> String {
        let sid = core.sids.next("RE");
        let recording = Recording::begin(call_sid, options, core.now());
        self.rows.insert(&sid, recording);
        sid
    }

    /// Adds a finished recording of this length; returns its SID.
    pub(super) fn add_whole(
        &mut self,
        core: &mut Core,
        call_sid: &str,
        options: RecordingOptions,
        seconds: u32,
    ) -> String {
        let sid = self.start(core, call_sid, options);
        if let Some(recording) = self.rows.get_mut(&sid) {
            (recording.status, recording.duration) = (RecordingStatus::Stopped, Some(seconds.into()));
        }
        self.finish(core, &sid);
        sid
    }

    /// Finishes all recordings of a call that is over.
    pub(super) fn finish_of_call(&mut self, core: &mut Core, call_sid: &str) {
        let live = self.rows.iter().rev().filter(|(_, recording)| {
            recording.call == call_sid && !recording.deleted && recording.status != RecordingStatus::Completed
        });
        let mut sids: Vec<String> = live.map(|(sid, _)| sid.to_owned()).collect();
        while let Some(sid) = sids.pop() {
            self.finish(core, &sid);
        }
    }

    /// Completes a recording, bills it and reports it to its callback.
    pub(super) fn finish(&mut self, core: &mut Core, sid: &str) {
        let now = core.now();
        let Some(recording) = self.rows.get_mut(sid) else { return };
        if recording.deleted || recording.status == RecordingStatus::Completed {
            return;
        }
        recording.finish(now);
        let minutes = recording.price().unwrap_or_default() / MINUTE_PRICE;
        core.ledger.bill(now, Item::Recording, minutes, minutes * MINUTE_PRICE);
        self.report(core, sid);
    }

    fn report(&self, core: &mut Core, sid: &str) {
        let Some(recording) = self.rows.get(sid) else { return };
        let Some(endpoint) = recording.options.endpoint.clone() else { return };
        let status = recording.status.word();
        let params = [
            ("AccountSid", core.account_sid().to_owned()),
            ("CallSid", recording.call.clone()),
            ("RecordingSid", sid.to_owned()),
            ("RecordingUrl", url(core, sid)),
            ("RecordingStatus", status.to_owned()),
            ("RecordingDuration", recording.duration.unwrap_or_default().to_string()),
            ("RecordingChannels", recording.options.channels.to_string()),
            ("RecordingStartTime", rfc2822(recording.started)),
            ("RecordingSource", recording.options.source.to_owned()),
            ("RecordingTrack", recording.options.track.clone()),
        ];
        core.call_back(&endpoint, sid, status, &params);
    }

    /// Adds a transcription of a recording, and returns its SID. `None` where there is no such recording.
    pub(crate) fn transcribe(&mut self, core: &mut Core, recording_sid: &str, text: &str) -> Option<String> {
        self.rows.get(recording_sid)?;
        let created = core.now();
        let row = Transcription { recording: recording_sid.to_owned(), text: text.to_owned(), created };
        let sid = core.sids.next("TR");
        self.transcriptions.insert(&sid, row);
        core.ledger.bill(created, Item::Transcription, 1, transcriptions::PRICE);
        Some(sid)
    }
}
