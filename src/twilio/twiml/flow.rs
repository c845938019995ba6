//! Where a call goes next, and how it ends.

use super::macros::{children, made_empty, made_of_text, parameters, verb};
use super::{RejectReason, Sip};
use crate::twilio::calls::HttpMethod;

verb! {
    /// Continues with another document. Verbs after it do not run.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/redirect>
    Redirect = "Redirect" {
        /// Sets the HTTP method of that request; `POST` by default.
        method: HttpMethod = "method",
    }
}

made_of_text!(Redirect, "Continues with the document at a URL.");

verb! {
    /// Hangs up. Verbs after it do not run.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/hangup>
    Hangup = "Hangup" {}
}

made_empty!(Hangup, "Hangs up.");
parameters!(Hangup);

verb! {
    /// Rejects a call without answering it, so that it costs nothing. It has this effect only as the first verb of a
    /// document.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/reject>
    Reject = "Reject" {
        /// Sets the reason; `rejected` by default.
        reason: RejectReason = "reason",
    }
}

made_empty!(Reject, "Rejects a call.");
parameters!(Reject);

impl From<RejectReason> for Reject {
    fn from(reason: RejectReason) -> Self {
        Self::new().reason(reason)
    }
}

verb! {
    /// Takes a call out of its queue. The call continues after the `Enqueue`.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/leave>
    Leave = "Leave" {}
}

made_empty!(Leave, "Leaves the queue.");

verb! {
    /// Transfers a SIP call to another SIP address.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/refer>
    Refer = "Refer" {
        /// Sets the URL of the document that runs after the transfer.
        action: text = "action",
        /// Sets the HTTP method of that request.
        method: HttpMethod = "method",
    }
}

made_empty!(Refer, "Transfers to nobody yet.");

children! { Refer {
    /// Transfers to a SIP address.
    sip: Sip,
} }

verb! {
    /// Plays back what the caller says, to test a line.
    Echo = "Echo" {}
}

made_empty!(Echo, "Plays back what the caller says.");
