//! Answering machine detection of a call: its settings.

use crate::engine::form::Pairs;
use crate::engine::webhook::{Endpoint, is_callback_url};

/// The settings of answering machine detection.
#[derive(Debug, Clone)]
pub(in crate::engine) struct MachineDetection {
    /// Does it wait for the end of a greeting?
    pub(in crate::engine) to_the_end: bool,
    /// With `AsyncAmd`: the URL, if any, that the result is reported to while the call continues. `None` without it:
    /// the call's document is then requested once the result is known.
    pub(in crate::engine) aside: Option<Option<Endpoint>>,
}

impl MachineDetection {
    /// Reads the parameters of a call. `SendDigits` turns detection off.
    pub(in crate::engine) fn read(form: &Pairs) -> Option<Self> {
        let how = form.get("MachineDetection").filter(|_| form.get("SendDigits").is_none())?;
        let to_the_end = match how {
            "Enable" => false,
            "DetectMessageEnd" => true,
            _ => return None,
        };
        let url = form.owned("AsyncAmdStatusCallback").filter(|url| is_callback_url(url));
        let endpoint = url.map(|url| Endpoint { url, get: form.is_get("AsyncAmdStatusCallbackMethod") });
        Some(Self { to_the_end, aside: form.flag("AsyncAmd").then_some(endpoint) })
    }
}
