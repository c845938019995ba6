//! The statuses of a message.

use crate::engine::whatsapp_windows;

/// The statuses of a message. An incoming message has only `Received`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum MessageStatus {
    Scheduled,
    Accepted,
    Queued,
    Sending,
    Sent,
    Delivered,
    Undelivered,
    Failed,
    Canceled,
    Received,
}

impl MessageStatus {
    /// Returns the status as Twilio writes it.
    pub(in crate::engine) const fn word(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Accepted => "accepted",
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Undelivered => "undelivered",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
            Self::Received => "received",
        }
    }

    /// Returns the next status when nothing goes wrong.
    pub(super) const fn next(self) -> Option<Self> {
        match self {
            Self::Scheduled => Some(Self::Accepted),
            Self::Accepted => Some(Self::Queued),
            Self::Queued => Some(Self::Sending),
            Self::Sending => Some(Self::Sent),
            Self::Sent => Some(Self::Delivered),
            Self::Delivered | Self::Undelivered | Self::Failed | Self::Canceled | Self::Received => None,
        }
    }

    /// Returns whether the message may be deleted.
    pub(in crate::engine) const fn is_settled(self) -> bool {
        matches!(self, Self::Sent) || self.next().is_none()
    }
}

/// Returns the text of a failed message's code.
pub(in crate::engine) const fn error_message(code: u32) -> &'static str {
    match code {
        30001 => "Queue overflow",
        30003 => "Unreachable handset",
        30004 => "Message blocked",
        30005 => "Unknown handset",
        30006 => "Landline or unreachable carrier",
        30007 => "Message filtered",
        whatsapp_windows::OUTSIDE => "Outside the window in which free text may be sent",
        30034 => "Unregistered number",
        30036 => "Validity period expired",
        _ => "Unknown error",
    }
}
