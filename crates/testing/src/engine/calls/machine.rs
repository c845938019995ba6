//! Answering machine detection of a call: its settings.

use crate::engine::form::Pairs;
use crate::engine::webhook::{Endpoint, is_callback_url};

/// The settings of answering machine detection.
#[derive(Debug, Clone)]
pub(in crate::engine) struct MachineDetection {
    /// Whether it waits for the beep at the end of a greeting (`DetectMessageEnd`).
    pub(in crate::engine) waits_for_beep: bool,
    pub(in crate::engine) report: MachineReport,
}

/// How the result of the detection is reported.
#[derive(Debug, Clone)]
pub(in crate::engine) enum MachineReport {
    /// As a parameter of the request for the document, which is made once the result is known.
    WithDocument,
    /// With `AsyncAmd`: to this URL, if there is one, while the call goes on.
    Async(Option<Endpoint>),
}

impl MachineDetection {
    /// Reads the parameters of a call. `SendDigits` turns detection off.
    pub(in crate::engine) fn read(form: &Pairs) -> Option<Self> {
        let how = form.get("MachineDetection").filter(|_| form.get("SendDigits").is_none())?;
        let waits_for_beep = match how {
            "Enable" => false,
            "DetectMessageEnd" => true,
            _ => return None,
        };
        let url = form.owned("AsyncAmdStatusCallback").filter(|url| is_callback_url(url));
        let endpoint = url.map(|url| Endpoint { url, get: form.is_get("AsyncAmdStatusCallbackMethod") });
        let report = match form.flag("AsyncAmd") {
            true => MachineReport::Async(endpoint),
            false => MachineReport::WithDocument,
        };
        Some(Self { waits_for_beep, report })
    }
}
