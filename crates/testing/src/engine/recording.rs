//! One recording: its options, its status, its length and its JSON.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::clock::rfc2822;
use super::form::Pairs;
use super::ledger;
use super::request::RoutedRequest;
use super::webhook::Endpoint;

/// In 1/100000 of a dollar, for each minute begun.
pub(super) const MINUTE_PRICE: u64 = 250;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RecordingStatus {
    InProgress,
    Paused,
    Stopped,
    Completed,
}

impl RecordingStatus {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::InProgress => "in-progress",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
            Self::Completed => "completed",
        }
    }

    /// Returns whether it is not stopped yet.
    pub(super) const fn is_live(self) -> bool {
        matches!(self, Self::InProgress | Self::Paused)
    }
}

/// The options of a recording.
#[derive(Debug, Clone)]
pub(super) struct RecordingOptions {
    pub(super) channels: u8,
    pub(super) track: String,
    pub(super) source: &'static str,
    pub(super) endpoint: Option<Endpoint>,
}

impl RecordingOptions {
    /// Makes the options of a recording that a verb asks for.
    pub(super) fn new(channels: u8, source: &'static str, endpoint: Option<Endpoint>) -> Self {
        Self { channels, track: "both".to_owned(), source, endpoint }
    }

    /// Reads the parameters of a new recording, or of a call that is to be recorded.
    pub(super) fn read(form: &Pairs, source: &'static str) -> Self {
        let get = form.get("RecordingStatusCallbackMethod").is_some_and(|m| m.eq_ignore_ascii_case("GET"));
        Self {
            channels: if form.get("RecordingChannels") == Some("dual") { 2 } else { 1 },
            track: form.get("RecordingTrack").unwrap_or("both").to_owned(),
            source,
            endpoint: form.owned("RecordingStatusCallback").map(|url| Endpoint { url, get }),
        }
    }
}

/// A recording as the fake keeps it.
pub(crate) struct Recording {
    pub(super) call: String,
    pub(super) conference: Option<String>,
    pub(super) options: RecordingOptions,
    pub(super) status: RecordingStatus,
    pub(super) started: Timestamp,
    pub(super) updated: Timestamp,
    /// The start of the current pause with `skip`.
    pub(super) skipping: Option<Timestamp>,
    /// The seconds of past pauses with `skip`, which are not in the file.
    pub(super) skipped: i64,
    /// In seconds; known once it is stopped.
    pub(super) duration: Option<u64>,
    /// The length of its file in bytes, if a test set it.
    pub(super) length: Option<u64>,
    /// Whether it was deleted. Its metadata can still be read with `IncludeSoftDeleted`.
    pub(super) deleted: bool,
}

impl Recording {
    pub(super) fn begin(call: &str, options: RecordingOptions, now: Timestamp) -> Self {
        Self {
            call: call.to_owned(),
            conference: None,
            options,
            status: RecordingStatus::InProgress,
            started: now,
            updated: now,
            skipping: None,
            skipped: 0,
            duration: None,
            length: None,
            deleted: false,
        }
    }

    pub(super) fn price(&self) -> Option<u64> {
        self.duration.map(|seconds| seconds.div_ceil(60).max(1) * MINUTE_PRICE)
    }

    pub(super) fn view(&self, request: &RoutedRequest<'_>, sid: &str) -> Value {
        let account = request.param("AccountSid");
        let own = format!("/2010-04-01/Accounts/{account}/Recordings/{sid}");
        let mut view = json!({
            "sid": sid,
            "account_sid": account,
            "api_version": "2010-04-01",
            "call_sid": self.call,
            "conference_sid": self.conference,
            "channels": self.options.channels,
            "source": self.options.source,
            "status": if self.deleted { "deleted" } else { self.status.word() },
            "duration": self.duration.map(|seconds| seconds.to_string()),
            "price": self.price().map(ledger::charge),
            "price_unit": "USD",
            "error_code": null,
            "encryption_details": null,
            "start_time": rfc2822(self.started),
            "date_created": rfc2822(self.started),
            "date_updated": rfc2822(self.updated),
            "uri": format!("{own}.json"),
        });
        let of_call = !request.param("CallSid").is_empty();
        if let Some(fields) = view.as_object_mut() {
            if of_call {
                let uri = format!("/2010-04-01/Accounts/{account}/Calls/{}/Recordings/{sid}.json", self.call);
                fields.insert("track".to_owned(), json!(self.options.track));
                fields.insert("uri".to_owned(), json!(uri));
            } else {
                let subresources = json!({
                    "add_on_results": format!("{own}/AddOnResults.json"),
                    "transcriptions": format!("{own}/Transcriptions.json"),
                });
                fields.insert("media_url".to_owned(), json!(request.url(&own)));
                fields.insert("subresource_uris".to_owned(), subresources);
            }
        }
        view
    }

    /// Changes the status; a pause with `skip` makes the recording shorter.
    pub(super) fn change_status(&mut self, wanted: RecordingStatus, silence: bool, now: Timestamp) {
        if let Some(since) = self.skipping.take() {
            self.skipped += now.as_second() - since.as_second();
        }
        if wanted == RecordingStatus::Paused && !silence {
            self.skipping = Some(now);
        }
        (self.status, self.updated) = (wanted, now);
        if wanted == RecordingStatus::Stopped {
            self.measure(now);
        }
    }

    pub(super) fn measure(&mut self, now: Timestamp) {
        let seconds = now.as_second() - self.started.as_second() - self.skipped;
        self.duration = Some(seconds.max(0).unsigned_abs());
    }

    pub(super) fn finish(&mut self, now: Timestamp) {
        if self.status.is_live() {
            self.change_status(RecordingStatus::Stopped, true, now);
        }
        (self.status, self.updated) = (RecordingStatus::Completed, now);
    }
}
