//! One call: its data and its JSON.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::machine::MachineDetection;
use super::status::CallStatus;
use crate::engine::clock::rfc2822;
use crate::engine::ledger;
use crate::engine::locations;
use crate::engine::recording::RecordingOptions;
use crate::engine::webhook::{Endpoint, Params};
use crate::placed::PlacedCall;

/// In 1/100000 of a dollar.
pub(in crate::engine) const MINUTE_PRICE: u64 = 1400;

/// A call as the fake keeps it.
pub(crate) struct Call {
    /// `outbound-api`, `inbound` or `outbound-dial`.
    pub(in crate::engine) direction: &'static str,
    /// The call that dialled this one.
    pub(in crate::engine) parent: Option<String>,
    /// The calls that this one dialled.
    pub(in crate::engine) legs: Vec<String>,
    pub(in crate::engine) to: String,
    pub(in crate::engine) from: String,
    pub(in crate::engine) url: Option<String>,
    /// Whether the document is requested with a GET.
    pub(in crate::engine) get: bool,
    /// The fallback URL, requested when the document fails.
    pub(in crate::engine) fallback: Option<Endpoint>,
    pub(in crate::engine) twiml: Option<String>,
    pub(in crate::engine) status: CallStatus,
    /// When the next status is due.
    pub(in crate::engine) due: Option<Timestamp>,
    pub(in crate::engine) time_limit: Option<u64>,
    /// The options of the recording that starts when it is answered.
    pub(in crate::engine) recording: Option<RecordingOptions>,
    pub(in crate::engine) endpoint: Option<Endpoint>,
    pub(in crate::engine) events: Vec<String>,
    /// How many callbacks were sent.
    pub(in crate::engine) sequence: u32,
    pub(in crate::engine) created: Timestamp,
    /// Lists do not contain it before this time.
    pub(in crate::engine) listed_from: Timestamp,
    pub(in crate::engine) updated: Timestamp,
    /// When it was answered.
    pub(in crate::engine) started: Option<Timestamp>,
    pub(in crate::engine) ended: Option<Timestamp>,
    /// Whether and how to detect an answering machine.
    pub(in crate::engine) machine: Option<MachineDetection>,
    pub(in crate::engine) answered_by: Option<&'static str>,
    /// The keys that the person pressed, one text for each input.
    pub(in crate::engine) pressed: Vec<String>,
    /// Whether a test, or the call that dialled it, changes its status instead of the clock.
    pub(in crate::engine) manual: bool,
    /// Whether a test answered it and drives it.
    pub(in crate::engine) picked_up: bool,
    /// How often the API gave it another document while it was live.
    pub(in crate::engine) redirects: u32,
    /// Seconds that belong to the duration although the clock did not move.
    pub(in crate::engine) talk_seconds: i64,
    /// Parameters that its webhooks receive in addition.
    pub(in crate::engine) extra: Params,
}

/// A new call whose parameters were checked.
pub(in crate::engine) struct NewCall {
    pub(in crate::engine) to: String,
    pub(in crate::engine) from: String,
    pub(in crate::engine) url: Option<String>,
    pub(in crate::engine) get: bool,
    pub(in crate::engine) fallback: Option<Endpoint>,
    pub(in crate::engine) machine: Option<MachineDetection>,
    pub(in crate::engine) twiml: Option<String>,
    pub(in crate::engine) time_limit: Option<u64>,
    pub(in crate::engine) recording: Option<RecordingOptions>,
    pub(in crate::engine) endpoint: Option<Endpoint>,
    pub(in crate::engine) events: Vec<String>,
}

impl Call {
    pub(in crate::engine) fn begin(draft: NewCall, now: Timestamp) -> Self {
        Self {
            direction: "outbound-api",
            parent: None,
            legs: Vec::new(),
            to: draft.to,
            from: draft.from,
            url: draft.url,
            get: draft.get,
            fallback: draft.fallback,
            twiml: draft.twiml,
            status: CallStatus::Queued,
            due: None,
            time_limit: draft.time_limit,
            recording: draft.recording,
            endpoint: draft.endpoint,
            events: draft.events,
            sequence: 0,
            created: now,
            listed_from: now,
            updated: now,
            started: None,
            ended: None,
            machine: draft.machine,
            answered_by: None,
            pressed: Vec::new(),
            manual: false,
            picked_up: false,
            redirects: 0,
            talk_seconds: 0,
            extra: Params::new(),
        }
    }

    /// Returns whether the call is in progress.
    pub(in crate::engine) fn is_answered(&self) -> bool {
        self.status == CallStatus::InProgress
    }

    /// Returns the seconds from the answer to the end.
    pub(in crate::engine) fn duration(&self) -> Option<i64> {
        let ended = self.ended?;
        Some(
            self.started
                .map_or(0, |started| (ended.as_second() - started.as_second()).max(self.talk_seconds)),
        )
    }

    /// Returns the minutes that are billed, rounded up. `None` before the end, and for a call that was not answered.
    pub(in crate::engine) fn minutes(&self) -> Option<u64> {
        self.started?;
        self.duration().map(|seconds| seconds.unsigned_abs().div_ceil(60).max(1))
    }

    pub(in crate::engine) fn view(&self, account: &str, sid: &str) -> Value {
        let uri = format!("/2010-04-01/Accounts/{account}/Calls/{sid}");
        json!({
            "sid": sid,
            "account_sid": account,
            "parent_call_sid": self.parent,
            "phone_number_sid": null,
            "group_sid": null,
            "trunk_sid": null,
            "to": self.to,
            "to_formatted": self.to,
            "from": self.from,
            "from_formatted": self.from,
            "status": self.status.word(),
            "direction": self.direction,
            "start_time": self.started.map(rfc2822),
            "end_time": self.ended.map(rfc2822),
            "duration": self.duration().map(|seconds| seconds.to_string()),
            "price": self.minutes().map(|minutes| ledger::charge(minutes * MINUTE_PRICE)),
            "price_unit": "USD",
            "answered_by": self.answered_by,
            "forwarded_from": null,
            "caller_name": null,
            "queue_time": "0",
            "api_version": "2010-04-01",
            "date_created": rfc2822(self.created),
            "date_updated": rfc2822(self.updated),
            "uri": format!("{uri}.json"),
            "subresource_uris": subresources(&uri),
        })
    }

    pub(in crate::engine) fn record(&self, sid: &str) -> PlacedCall {
        PlacedCall {
            sid: sid.to_owned(),
            to: self.to.clone(),
            from: self.from.clone(),
            url: self.url.clone(),
            twiml: self.twiml.clone(),
            status: self.status.word().to_owned(),
            duration: self.duration().and_then(|seconds| u32::try_from(seconds).ok()),
            answered_by: self.answered_by.map(str::to_owned),
            pressed: self.pressed.clone(),
            status_callback: self.endpoint.as_ref().map(|endpoint| endpoint.url.clone()),
        }
    }

    /// Returns whether it was placed over the API.
    pub(in crate::engine) fn is_placed(&self) -> bool {
        self.direction == "outbound-api"
    }

    pub(in crate::engine) fn is_live(&self) -> bool {
        self.status.is_live()
    }

    /// Returns whether it was not answered yet.
    pub(in crate::engine) fn is_unanswered(&self) -> bool {
        self.status.is_unanswered()
    }

    /// Returns the endpoint that is requested when a document fails.
    pub(in crate::engine) fn fallback(&self) -> Option<Endpoint> {
        self.fallback.clone()
    }

    /// Returns the endpoint of its document, and the document that came with the call.
    pub(in crate::engine) fn instructions(&self) -> (Option<Endpoint>, Option<String>) {
        let endpoint = self.url.clone().map(|url| Endpoint { url, get: self.get });
        (endpoint, self.twiml.clone())
    }

    /// Returns the number of the account, and that of the other party.
    pub(in crate::engine) fn parties(&self) -> (String, String) {
        let (from, to) = (self.from.clone(), self.to.clone());
        if self.direction == "inbound" { (to, from) } else { (from, to) }
    }

    /// Returns the parameters of a request for a document.
    pub(in crate::engine) fn document_params(&self, sid: &str, account: &str) -> Params {
        let mut params = [
            ("CallSid", sid),
            ("AccountSid", account),
            ("From", &self.from),
            ("To", &self.to),
            ("Caller", &self.from),
            ("Called", &self.to),
            ("CallStatus", self.status.word()),
            ("Direction", self.direction),
            ("ApiVersion", "2010-04-01"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .to_vec();
        params.extend(self.additional_params());
        params
    }

    /// Returns the parameters that every request of a call has in addition to the basic ones.
    pub(in crate::engine) fn additional_params(&self) -> Params {
        let parties = [("From", &self.from), ("To", &self.to), ("Caller", &self.from), ("Called", &self.to)];
        let mut params: Params =
            self.parent.iter().map(|sid| ("ParentCallSid".to_owned(), sid.clone())).collect();
        params.extend(parties.into_iter().flat_map(|(party, number)| locations::params(party, number)));
        params.retain(|(key, _)| !self.extra.iter().any(|(own, _)| own == key));
        params.extend(self.extra.iter().cloned());
        params
    }

    pub(in crate::engine) fn params(&self, sid: &str, status: &str) -> Params {
        let mut params = vec![
            ("CallSid", sid.to_owned()),
            ("From", self.from.clone()),
            ("To", self.to.clone()),
            ("Caller", self.from.clone()),
            ("Called", self.to.clone()),
            ("CallStatus", status.to_owned()),
            ("Direction", self.direction.to_owned()),
            ("ApiVersion", "2010-04-01".to_owned()),
            ("CallbackSource", "call-progress-events".to_owned()),
            ("SequenceNumber", self.sequence.to_string()),
        ];
        if let Some(seconds) = self.duration() {
            params.push(("CallDuration", seconds.to_string()));
            // In minutes, rounded up.
            params.push(("Duration", seconds.unsigned_abs().div_ceil(60).to_string()));
        }
        let mut params: Params = params.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        params.extend(self.additional_params());
        params
    }
}

fn subresources(uri: &str) -> Map<String, Value> {
    [("recordings", "Recordings"), ("notifications", "Notifications"), ("events", "Events")]
        .into_iter()
        .map(|(key, name)| (key.to_owned(), json!(format!("{uri}/{name}.json"))))
        .collect()
}
