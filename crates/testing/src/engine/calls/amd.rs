//! Who answers a call: somebody, or a machine.

use super::check::is_get;
use crate::engine::callbacks::{Listener, is_callback_url};
use crate::engine::form::Pairs;
use crate::engine::tenant::Tenant;

/// How a call wants to find out.
#[derive(Debug, Clone)]
pub(super) struct Machine {
    /// Does it wait for the end of a greeting?
    to_the_end: bool,
    /// Told beside the call, which goes on meanwhile; without it the document waits for the answer.
    aside: Option<Option<Listener>>,
}

impl Machine {
    /// Reads the parameters of a call. Digits to be sent turn it off.
    pub(super) fn read(form: &Pairs) -> Option<Self> {
        let how = form.get("MachineDetection").filter(|_| form.get("SendDigits").is_none())?;
        let to_the_end = match how {
            "Enable" => false,
            "DetectMessageEnd" => true,
            _ => return None,
        };
        let url = form.owned("AsyncAmdStatusCallback").filter(|url| is_callback_url(url));
        let listener = url.map(|url| Listener { url, get: is_get(form, "AsyncAmdStatusCallbackMethod") });
        Some(Self { to_the_end, aside: form.flag("AsyncAmd").then_some(listener) })
    }
}

impl Tenant {
    /// Notes who answered a call, if it wanted to know, and tells it.
    pub(super) fn detect(&mut self, sid: &str, machine: bool) {
        let Some(call) = self.calls.get_mut(sid) else { return };
        let Some(plan) = call.machine.clone() else { return };
        let word = match (machine, plan.to_the_end) {
            (false, _) => "human",
            (true, false) => "machine_start",
            (true, true) => "machine_end_beep",
        };
        call.answered_by = Some(word);
        match plan.aside {
            None => call.extra.push(("AnsweredBy".to_owned(), word.to_owned())),
            Some(listener) => {
                let Some(listener) = listener else { return };
                let params = [
                    ("CallSid", sid.to_owned()),
                    ("AccountSid", self.account.sid.clone()),
                    ("AnsweredBy", word.to_owned()),
                    ("MachineDetectionDuration", "2500".to_owned()),
                ];
                self.call_back(&listener, sid, word, &params);
            }
        }
    }
}
