//! The messages of an account, and the products that sending and receiving use.

use jiff::Timestamp;

use super::message::{INBOUND, Message, NewMessage};
use super::queues::SenderQueues;
use crate::engine::content::Contents;
use crate::engine::core::Core;
use crate::engine::media::MediaStore;
use crate::engine::senders::Senders;
use crate::engine::table::Table;
use crate::engine::whatsapp_windows::WhatsAppWindows;
use crate::sent::SentMessage;

/// The messages of an account.
#[derive(Default)]
pub(crate) struct Messages {
    pub(in crate::engine) rows: Table<Message>,
    pub(crate) queues: SenderQueues,
}

impl Messages {
    /// Returns what was sent, oldest first.
    pub(crate) fn sent(&self) -> Vec<SentMessage> {
        let sent = self.rows.iter().filter(|(_, message)| message.direction != INBOUND);
        sent.map(|(sid, message)| message.record(sid)).collect()
    }

    /// Returns one message with its current status.
    pub(crate) fn find_sent(&self, sid: &str) -> Option<SentMessage> {
        self.rows.get(sid).map(|message| message.record(sid))
    }
}

/// The messages of an account with the products that they depend on.
pub(crate) struct Messaging<'a> {
    pub(in crate::engine) core: &'a mut Core,
    pub(in crate::engine) senders: &'a mut Senders,
    pub(in crate::engine) contents: &'a Contents,
    pub(in crate::engine) media: &'a mut MediaStore,
    pub(in crate::engine) windows: &'a mut WhatsAppWindows,
    pub(in crate::engine) messages: &'a mut Messages,
}

impl Messaging<'_> {
    /// Sends a message that was checked.
    pub(in crate::engine) fn send(&mut self, draft: NewMessage, direction: &'static str) -> String {
        let sid = self.core.sids.next(if draft.media.is_empty() { "SM" } else { "MM" });
        for url in &draft.media {
            self.media.attach(self.core, &sid, url);
        }
        let listed_from = self.core.listed_from();
        let message = Message { direction, listed_from, ..Message::begin(draft, self.core.now()) };
        let to = message.to.clone();
        self.messages.rows.insert_in(&to, &sid, message);
        self.schedule_next(&sid);
        sid
    }

    pub(in crate::engine) fn redact(&mut self, sid: &str, now: Timestamp) {
        if let Some(message) = self.messages.rows.get_mut(sid) {
            message.body.clear();
            message.updated = now;
        }
    }

    /// Hides a message from lists. Returns false when there is no such message.
    pub(crate) fn hide_from_lists(&mut self, sid: &str) -> bool {
        let message = self.messages.rows.get_mut(sid);
        message.map(|message| message.listed_from = Timestamp::MAX).is_some()
    }
}
