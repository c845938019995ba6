//! Waiting in a queue.

use super::call::CallContext;
use super::read::{event, of_a_call};
use crate::twilio::wire::wire_enum;

wire_enum! {
    /// How a call left a queue.
    QueueOutcome {
        /// It was connected, and that is over.
        Bridged = "bridged",
        /// It is being connected.
        BridgingInProcess = "bridging-in-process",
        /// Something was wrong with the TwiML.
        Error = "error",
        /// The caller hung up.
        Hangup = "hangup",
        /// The verb `Leave`.
        Leave = "leave",
        /// The call was sent elsewhere while it waited.
        Redirected = "redirected",
        /// The call was sent elsewhere while it was connected.
        RedirectedFromBridged = "redirected-from-bridged",
        /// The queue was full.
        QueueFull = "queue-full",
        /// Twilio failed.
        SystemError = "system-error",
    }
}

event! {
    /// A call that waits in a queue, is taken out of it, or left it.
    ///
    /// The outcome comes to the `action` of `Enqueue`; position and times come to its `waitUrl`, again and again.
    /// Twilio expects TwiML within 15 seconds.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/enqueue>
    QueueResult {
        @within {
            /// The call.
            call: CallContext,
        }
        /// How it left.
        outcome: QueueOutcome = "QueueResult",
        /// The queue, `QU…`.
        queue_sid: String = "QueueSid",
        /// How long it has waited, in seconds.
        queue_time: u32 = "QueueTime",
        /// Its place, from 1.
        position: u32 = "QueuePosition",
        /// How long calls wait there, in seconds.
        average_time: u32 = "AvgQueueTime",
        /// How many calls wait there.
        current_size: u32 = "CurrentQueueSize",
        /// How many may wait there.
        max_size: u32 = "MaxQueueSize",
        /// The call that takes it out, `CA…`. Twilio spells it so.
        dequeuing_call_sid: String = "DequeingCallSid",
    }
}

of_a_call!(QueueResult);

impl QueueResult {
    /// Does it still wait?
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.outcome.is_none() && self.dequeuing_call_sid.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures;
    use super::super::mutation::{read_whole, survives};
    use super::*;

    #[test]
    fn waiting_and_leaving_are_read_whole() {
        let waiting: QueueResult = read_whole(fixtures::QUEUE_WAIT);
        assert_eq!((waiting.is_waiting(), waiting.position, waiting.current_size), (true, Some(2), Some(5)));
        let left: QueueResult = read_whole(fixtures::QUEUE_LEFT);
        assert_eq!((left.is_waiting(), left.outcome.clone()), (false, Some(QueueOutcome::QueueFull)));
        for pairs in [fixtures::QUEUE_WAIT, fixtures::QUEUE_LEFT] {
            survives::<QueueResult>(pairs);
        }
    }
}
