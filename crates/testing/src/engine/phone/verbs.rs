//! What each verb of a call does.

use super::web::pairs;
use super::{Phone, Wait};
use crate::engine::callbacks::Listener;
use crate::engine::calls::Status;
use crate::engine::hook::{Params, Trouble};
use crate::engine::tenant::Tenant;
use crate::engine::twiml::Verb;
use crate::phone::Heard;

/// What comes after a verb.
pub(super) enum Flow {
    Next,
    Ask(Listener, Params),
    /// Plays a document's sound, then waits.
    Music(Listener, Params, Wait),
    Wait(Wait),
    End(Status),
}

/// Things that are no part of a document's sound leave the verb to others.
pub(super) fn sound(phone: &Phone, verb: &Verb) -> Option<Heard> {
    match verb.name.as_str() {
        // Lines and indents of a document are not heard.
        "Say" => Some(Heard::Say(verb.text.split_whitespace().collect::<Vec<_>>().join(" "))),
        "Play" if verb.text.is_empty() => verb.get("digits").map(|digits| Heard::Keys(digits.to_owned())),
        "Play" => Some(Heard::Play(phone.url(&verb.text).unwrap_or_else(|_| verb.text.clone()))),
        "Pause" => Some(Heard::Pause(verb.number("length", 1))),
        _ => None,
    }
}

impl Tenant {
    pub(super) fn carry_out_verb(
        &mut self,
        sid: &str,
        phone: &mut Phone,
        verb: Verb,
    ) -> Result<Flow, Trouble> {
        let waiting = self.calls.get(sid).is_some_and(|call| call.is_waiting());
        match verb.name.as_str() {
            "Reject" if waiting => {
                let busy = verb.get("reason") == Some("busy");
                return Ok(Flow::End(if busy { Status::Busy } else { Status::NoAnswer }));
            }
            "Redirect" => return phone.ask(&verb.own, verb.is_get("method"), Params::new()),
            _ => self.answer_waiting(sid),
        }
        if let Some(heard) = sound(phone, &verb) {
            self.pass(sid, if let Heard::Pause(seconds) = heard { seconds } else { 0 });
            phone.heard.push(heard);
            return Ok(Flow::Next);
        }
        match verb.name.as_str() {
            "Gather" => self.gather(sid, phone, verb),
            "Record" => Ok(Flow::Wait(Wait::Recording(verb))),
            "Dial" => self.dial(sid, phone, verb),
            "Enqueue" => self.enqueue(phone, verb),
            "Connect" => Ok(Flow::Wait(Wait::Connect { verb })),
            "Pay" => Ok(Flow::Wait(Wait::Pay { verb })),
            "Sms" => self.sms(sid, phone, &verb),
            "Echo" => Ok(Flow::Wait(Wait::HangUp)),
            "Hangup" => Ok(Flow::End(Status::Completed)),
            "Reject" => {
                phone.warnings.push("Reject comes too late: the call was answered".to_owned());
                self.warn(sid, super::SCHEMA);
                Ok(Flow::End(Status::Completed))
            }
            // Forks and transfers that no telephone hears, a Leave outside a queue, and what is no verb.
            _ => Ok(Flow::Next),
        }
    }

    fn enqueue(&mut self, phone: &Phone, verb: Verb) -> Result<Flow, Trouble> {
        let sid = self.sids.next("QU");
        let name = if verb.own.is_empty() {
            verb.get("workflowSid").unwrap_or("default").to_owned()
        } else {
            verb.own.clone()
        };
        let music = phone.listener(&verb, "waitUrl", "waitUrlMethod")?;
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
            Some(listener) => Flow::Music(listener, extra, wait),
            None => Flow::Wait(wait),
        })
    }

    /// Sends a text to the other party of the call.
    fn sms(&mut self, sid: &str, phone: &mut Phone, verb: &Verb) -> Result<Flow, Trouble> {
        let (own, other) = self.calls.get(sid).map(|call| call.parties()).unwrap_or_default();
        let text = pairs([
            ("Body", verb.own.clone()),
            ("To", verb.get("to").map_or(other, str::to_owned)),
            ("From", verb.get("from").map_or(own, str::to_owned)),
        ]);
        let listener = phone.listener(verb, "statusCallback", "")?;
        let outcome = match self.send_reply(text, listener) {
            Ok(message) => pairs([("SmsSid", message), ("SmsStatus", "queued".to_owned())]),
            Err(trouble) => {
                self.note(sid, phone, &trouble, None);
                pairs([("SmsSid", String::new()), ("SmsStatus", "failed".to_owned())])
            }
        };
        phone.act_if_given(verb, outcome)
    }
}
