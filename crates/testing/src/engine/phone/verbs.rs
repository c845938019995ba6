//! What each verb of a call does.

use super::live_call::{LiveCall, SCHEMA};
use super::progress::{NextStep, Wait, pairs};
use super::sound::sound;
use crate::engine::calls::CallStatus;
use crate::engine::twiml::Verb;
use crate::engine::webhook::{Params, WebhookError};
use crate::heard::Heard;

impl LiveCall<'_> {
    pub(super) fn carry_out(&mut self, verb: Verb) -> Result<NextStep, WebhookError> {
        let waiting = self.call().is_some_and(|call| call.is_unanswered());
        match verb.name.as_str() {
            "Reject" if waiting => {
                let busy = verb.get("reason") == Some("busy");
                return Ok(NextStep::End(if busy { CallStatus::Busy } else { CallStatus::NoAnswer }));
            }
            "Redirect" => return self.progress.go_to(&verb.own_text, verb.is_get("method"), Params::new()),
            _ => self.tenant.calling().answer_if_unanswered(self.sid),
        }
        if let Some(heard) = sound(self.progress, &verb) {
            self.tenant
                .calls
                .add_talk_time(self.sid, if let Heard::Pause(seconds) = heard { seconds } else { 0 });
            self.progress.heard.push(heard);
            return Ok(NextStep::Next);
        }
        match verb.name.as_str() {
            "Gather" => self.gather(verb),
            "Record" => Ok(NextStep::Wait(Wait::Recording(verb))),
            "Dial" => self.dial(verb),
            "Enqueue" => self.enqueue(verb),
            "Connect" => Ok(NextStep::Wait(Wait::Connect { verb })),
            "Pay" => Ok(NextStep::Wait(Wait::Pay { verb })),
            "Sms" => self.sms(&verb),
            "Echo" => Ok(NextStep::Wait(Wait::HangUp)),
            "Hangup" => Ok(NextStep::End(CallStatus::Completed)),
            "Reject" => {
                self.progress.warnings.push("Reject has no effect: the call was answered already".to_owned());
                self.tenant.core.warn(self.sid, SCHEMA);
                Ok(NextStep::End(CallStatus::Completed))
            }
            // Ignored: Start, Stop and Refer, which the person does not hear; a Leave outside a queue; and elements that are
            // not verbs.
            _ => Ok(NextStep::Next),
        }
    }

    fn enqueue(&mut self, verb: Verb) -> Result<NextStep, WebhookError> {
        let sid = self.tenant.core.sids.next("QU");
        let name = if verb.own_text.is_empty() {
            verb.get("workflowSid").unwrap_or("default").to_owned()
        } else {
            verb.own_text.clone()
        };
        let music = self.progress.endpoint(&verb, "waitUrl", "waitUrlMethod")?;
        let extra = pairs([
            ("QueueSid", sid.clone()),
            ("QueueTime", "0".to_owned()),
            ("QueuePosition", "1".to_owned()),
            ("AvgQueueTime", "0".to_owned()),
            ("CurrentQueueSize", "1".to_owned()),
            ("MaxQueueSize", verb.number("maxQueueSize", 100).to_string()),
        ]);
        let wait = Wait::Queue { verb, name, sid };
        Ok(match music {
            Some(endpoint) => NextStep::WaitMusic(endpoint, extra, wait),
            None => NextStep::Wait(wait),
        })
    }

    /// Sends a text to the other party of the call.
    fn sms(&mut self, verb: &Verb) -> Result<NextStep, WebhookError> {
        let (own, other) = self.call().map(|call| call.parties()).unwrap_or_default();
        let text = pairs([
            ("Body", verb.own_text.clone()),
            ("To", verb.get("to").map_or(other, str::to_owned)),
            ("From", verb.get("from").map_or(own, str::to_owned)),
        ]);
        let endpoint = self.progress.endpoint(verb, "statusCallback", "")?;
        let outcome = match self.tenant.messaging().send_reply(text, endpoint) {
            Ok(message) => pairs([("SmsSid", message), ("SmsStatus", "queued".to_owned())]),
            Err(error) => {
                self.note_error(&error, None);
                pairs([("SmsSid", String::new()), ("SmsStatus", "failed".to_owned())])
            }
        };
        self.progress.go_to_action_if_given(verb, outcome)
    }
}
