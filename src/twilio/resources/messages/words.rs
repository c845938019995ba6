//! The values of the parameters of messages.

use crate::twilio::wire::wire_enum;

wire_enum! {
    /// Whether Twilio checks for signs of fraud (SMS pumping) before it sends.
    RiskCheck {
        /// It does.
        Enable = "enable",
        /// It does not.
        Disable = "disable",
    }
}

wire_enum! {
    /// Whether Twilio keeps the text.
    ContentRetention {
        /// It does.
        Retain = "retain",
        /// It does not.
        Discard = "discard",
    }
}

wire_enum! {
    /// Whether Twilio keeps the recipient's number.
    AddressRetention {
        /// It does.
        Retain = "retain",
        /// It keeps part of it.
        Obfuscate = "obfuscate",
    }
}

wire_enum! {
    /// How the message is charged.
    TrafficType {
        /// It is free for its recipient.
        Free = "free",
    }
}

wire_enum! {
    /// Your feedback on whether a recipient acted on a message.
    FeedbackOutcome {
        /// The recipient received it and acted on it.
        Confirmed = "confirmed",
        /// Nothing shows that the recipient received it.
        Unconfirmed = "unconfirmed",
    }
}
