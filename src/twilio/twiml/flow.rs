//! Where a call goes next, and how it ends.

use super::macros::{children, made_empty, made_of_text, parameters, verb};
use super::{RejectReason, Sip};
use crate::twilio::HttpMethod;

verb! {
    /// Goes on with another document; what stands after it does not run.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/redirect>
    Redirect = "Redirect" {
        /// Sets how it is asked for; `POST` where it is not set.
        method: HttpMethod = "method",
    }
}

made_of_text!(Redirect, "Goes on with the document at a URL.");

verb! {
    /// Hangs up; what stands after it does not run.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/hangup>
    Hangup = "Hangup" {}
}

made_empty!(Hangup, "Hangs up.");
parameters!(Hangup);

verb! {
    /// Turns a call away without answering it, so that it costs nothing. It does so only where it stands first in the
    /// document.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/reject>
    Reject = "Reject" {
        /// Sets how; `rejected` where it is not set.
        reason: RejectReason = "reason",
    }
}

made_empty!(Reject, "Turns a call away.");
parameters!(Reject);

impl From<RejectReason> for Reject {
    fn from(reason: RejectReason) -> Self {
        Self::new().reason(reason)
    }
}

verb! {
    /// Takes a call out of its queue, and goes on after the verb that put it in.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/leave>
    Leave = "Leave" {}
}

made_empty!(Leave, "Leaves the queue.");

verb! {
    /// Sends a SIP call on to another SIP address.
    ///
    /// <https://www.twilio.com/docs/voice/twiml/refer>
    Refer = "Refer" {
        /// Sets the URL of the document that runs when it is done.
        action: text = "action",
        /// Sets how it is asked for.
        method: HttpMethod = "method",
    }
}

made_empty!(Refer, "Sends nowhere yet.");

children! { Refer {
    /// Sends to a SIP address.
    sip: Sip,
} }

verb! {
    /// Plays back what the caller says, to test a line.
    Echo = "Echo" {}
}

made_empty!(Echo, "Plays back what the caller says.");
