//! The status transitions of a message, by the clock or by a test.

use std::time::Duration;

use jiff::Timestamp;

use super::message::Message;
use super::messaging::{Messages, Messaging};
use super::queues::{Entry, SenderQueues};
use super::status::{MessageStatus, error_message};
use crate::engine::clock::ScheduledEvent;
use crate::engine::whatsapp_windows;

/// The time between two statuses.
const STEP: Duration = Duration::from_secs(1);

impl Messaging<'_> {
    /// Schedules the next status of a message, if it has one.
    pub(in crate::engine) fn schedule_next(&mut self, sid: &str) {
        let (now, step) = (self.core.now(), self.core.clock.after(STEP));
        let Messages { rows, queues } = &mut *self.messages;
        let Some(message) = rows.get_mut(sid) else { return };
        message.due = match message.status {
            MessageStatus::Scheduled => message.send_at,
            MessageStatus::Queued => Some(message.enter_queue(queues, now).unwrap_or(step)),
            status => status.next().map(|_| step),
        };
        if let Some(due) = message.due {
            self.core.clock.schedule(due, ScheduledEvent::Message(sid.to_owned()));
        }
    }

    /// Moves a message to its next status, unless the status changed after this was scheduled.
    pub(in crate::engine) fn advance_if_due(&mut self, sid: &str) {
        let now = self.core.now();
        let due = self.messages.rows.get(sid).filter(|message| message.due == Some(now));
        let Some(message) = due else { return };
        match (message.queue_error, message.status.next()) {
            (Some(code), Some(_)) => {
                self.fail(sid, code);
            }
            (None, Some(next)) => self.set_status(sid, next),
            (_, None) => {}
        }
    }

    /// Begins to send the newest messages that wait, back to the first one that does not. Returns those with a callback.
    pub(in crate::engine) fn send_created(&mut self) -> Vec<String> {
        let waits =
            |message: &Message| matches!(message.status, MessageStatus::Queued | MessageStatus::Accepted);
        let newest = self.messages.rows.iter().rev().take_while(|(_, message)| waits(message));
        let newest: Vec<String> = newest.map(|(sid, _)| sid.to_owned()).collect();
        newest.iter().for_each(|sid| {
            self.advance_to(sid, MessageStatus::Sending);
        });
        let has_callback =
            |sid: &String| self.messages.rows.get(sid).is_some_and(|message| message.endpoint.is_some());
        newest.into_iter().filter(has_callback).collect()
    }

    /// Sets the status of a message, and adds the status callback.
    pub(in crate::engine) fn set_status(&mut self, sid: &str, status: MessageStatus) {
        let now = self.core.now();
        let Some(message) = self.messages.rows.get(sid) else { return };
        if status == MessageStatus::Sending
            && !self.is_taken_by_whatsapp(&message.to, message.content_sid.as_deref())
        {
            self.fail(sid, whatsapp_windows::OUTSIDE);
            return;
        }
        let sender = self.sender_of(message);
        let Messages { rows, queues } = &mut *self.messages;
        let Some(message) = rows.get_mut(sid) else { return };
        message.leave_queue(queues);
        message.status = status;
        message.updated = now;
        match status {
            MessageStatus::Queued => message.choose_sender(sender),
            MessageStatus::Sent => {
                message.sent = Some(now);
                let (item, usage, price) = message.charge();
                message.price = Some(price);
                self.core.ledger.bill(now, item, usage, price);
            }
            _ => {}
        }
        self.schedule_next(sid);
        self.report(sid);
    }

    fn sender_of(&self, message: &Message) -> String {
        self.senders.sender_for(message.from.as_deref(), message.service.as_deref(), &message.to)
    }

    /// Returns whether WhatsApp accepts this message now: an approved template always, free text within the window.
    fn is_taken_by_whatsapp(&self, to: &str, content_sid: Option<&str>) -> bool {
        !to.starts_with("whatsapp:")
            || content_sid.is_some_and(|sid| self.contents.is_approved(sid))
            || self.windows.is_open(to, self.core.now())
    }

    fn report(&mut self, sid: &str) {
        let Some(message) = self.messages.rows.get(sid) else { return };
        let Some(endpoint) = message.endpoint.clone() else { return };
        let params = self.params(sid, message);
        self.core.call_back(&endpoint, sid, params.status, &params.pairs);
    }

    fn params(&self, sid: &str, message: &Message) -> CallbackParams {
        let status = message.status.word();
        let mut pairs = vec![
            ("MessageSid", sid.to_owned()),
            ("SmsSid", sid.to_owned()),
            ("MessageStatus", status.to_owned()),
            ("SmsStatus", status.to_owned()),
            ("AccountSid", self.core.account.sid.clone()),
            ("To", message.to.clone()),
            ("ApiVersion", "2010-04-01".to_owned()),
        ];
        pairs.extend(message.from.clone().map(|from| ("From", from)));
        pairs.extend(message.service.clone().map(|service| ("MessagingServiceSid", service)));
        if let Some(code) = message.error {
            pairs.push(("ErrorCode", code.to_string()));
            pairs.push(("ErrorMessage", error_message(code).to_owned()));
        }
        if matches!(message.status, MessageStatus::Delivered | MessageStatus::Undelivered) {
            pairs.push(("RawDlrDoneDate", self.core.now().strftime("%y%m%d%H%M").to_string()));
        }
        CallbackParams { status, pairs }
    }

    /// Moves a message through all statuses to `delivered` at once. Returns false when there is no such message.
    pub(crate) fn deliver(&mut self, sid: &str) -> bool {
        self.advance_to(sid, MessageStatus::Delivered)
    }

    /// Ends a message with a code: as `failed` if it was not sent yet, else as `undelivered`.
    pub(crate) fn fail(&mut self, sid: &str, code: u32) -> bool {
        let Some(message) = self.messages.rows.get_mut(sid) else { return false };
        if message.status.next().is_some() {
            let end = if message.status == MessageStatus::Sent {
                MessageStatus::Undelivered
            } else {
                MessageStatus::Failed
            };
            message.error = Some(code);
            self.set_status(sid, end);
        }
        true
    }

    /// Moves a message to `sent`, and then to `undelivered` with a code.
    pub(crate) fn undeliver(&mut self, sid: &str, code: u32) -> bool {
        self.advance_to(sid, MessageStatus::Sent) && self.fail(sid, code)
    }

    fn advance_to(&mut self, sid: &str, goal: MessageStatus) -> bool {
        while let Some(message) = self.messages.rows.get(sid) {
            match message.status.next().filter(|_| message.status != goal) {
                Some(next) => self.set_status(sid, next),
                None => return true,
            }
        }
        false
    }
}

impl Message {
    /// Enters the queue of its sender, and returns when it leaves it. `None` where senders have no queues.
    fn enter_queue(&mut self, queues: &mut SenderQueues, now: Timestamp) -> Option<Timestamp> {
        let entry = Entry {
            from: self.from.as_deref()?,
            service: self.service.as_deref(),
            segments: self.segments as u64,
            validity: self.validity,
        };
        let turn = queues.enter(&entry, now)?;
        (self.queue, self.queue_error) = (turn.queue, turn.error);
        Some(turn.at)
    }

    fn leave_queue(&mut self, queues: &mut SenderQueues) {
        if let Some(queue) = self.queue.take() {
            queues.leave(&queue, self.segments as u64);
        }
        self.queue_error = None;
    }
}

struct CallbackParams {
    status: &'static str,
    pairs: Vec<(&'static str, String)>,
}
