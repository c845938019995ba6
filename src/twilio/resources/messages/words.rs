//! The words that a message is sent with.

use crate::twilio::wire::wire_enum;

wire_enum! {
    /// Whether Twilio looks for signs of fraud (SMS pumping) before it sends.
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
    /// What a recipient did with a message, as you saw it.
    FeedbackOutcome {
        /// They got it, and acted on it.
        Confirmed = "confirmed",
        /// Nothing shows that they got it.
        Unconfirmed = "unconfirmed",
    }
}
