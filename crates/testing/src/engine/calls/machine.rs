//! Whether a call wants to know who answers it, somebody or a machine, and how it is told.

use crate::engine::form::Pairs;
use crate::engine::webhook::{Endpoint, is_callback_url};

/// How a call detects who answers.
#[derive(Debug, Clone)]
pub(in crate::engine) struct MachineDetection {
    /// Does it wait for the end of a greeting?
    pub(in crate::engine) to_the_end: bool,
    /// With `AsyncAmd`: where the result is reported while the call continues. Without it the document waits for the result.
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
