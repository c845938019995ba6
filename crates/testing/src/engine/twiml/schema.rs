//! The attributes of each verb. Twilio ignores other attributes, and raises the warning 12200.
//!
//! <https://www.twilio.com/docs/voice/twiml>, <https://www.twilio.com/docs/messaging/twiml>

use super::Verb;

const RECORDING: &str = "recordingStatusCallback recordingStatusCallbackMethod recordingStatusCallbackEvent \
    recordingConfigurationId trim";
const STATUS: &str = "statusCallback statusCallbackMethod statusCallbackEvent";
const AMD: &str = "machineDetection machineDetectionTimeout machineDetectionSpeechThreshold \
    machineDetectionSpeechEndThreshold machineDetectionSilenceTimeout amdStatusCallback amdStatusCallbackMethod";

/// The verbs of a call, and the nouns of `Dial`, each with its attributes.
const VOICE: &[(&str, &[&str])] = &[
    ("Say", &["voice language loop"]),
    ("Play", &["loop digits"]),
    ("Pause", &["length"]),
    (
        "Gather",
        &[
            "input action method timeout speechTimeout maxSpeechTime finishOnKey numDigits language hints",
            "partialResultCallback partialResultCallbackMethod bargeIn profanityFilter speechModel enhanced",
            "actionOnEmptyResult debug",
        ],
    ),
    (
        "Record",
        &["action method timeout finishOnKey maxLength playBeep transcribe transcribeCallback", RECORDING],
    ),
    (
        "Dial",
        &[
            "action method timeout hangupOnStar timeLimit callerId record recordingTrack answerOnBridge",
            "ringTone sequential referUrl referMethod events passports",
            RECORDING,
        ],
    ),
    ("Number", &["sendDigits url method byoc", STATUS, AMD]),
    ("Client", &["url method", STATUS]),
    ("Sip", &["username password url method", STATUS, AMD]),
    (
        "Conference",
        &[
            "muted beep startConferenceOnEnter endConferenceOnExit waitUrl waitMethod maxParticipants record",
            "region coach eventCallbackUrl jitterBufferSize participantLabel",
            STATUS,
            RECORDING,
        ],
    ),
    ("Queue", &["url method reservationSid postWorkActivitySid"]),
    ("Enqueue", &["action method maxQueueSize waitUrl waitUrlMethod workflowSid"]),
    ("Leave", &[]),
    ("Hangup", &[]),
    ("Echo", &[]),
    ("Reject", &["reason"]),
    ("Redirect", &["method"]),
    ("Refer", &["action method"]),
    ("Connect", &["action method"]),
    ("Start", &["action method"]),
    ("Stop", &["action method"]),
    (
        "Pay",
        &[
            "input action bankAccountType timeout maxAttempts securityCode postalCode minPostalCodeLength",
            "paymentConnector paymentMethod tokenType chargeAmount currency description validCardTypes language",
            STATUS,
        ],
    ),
    ("Sms", &["to from action method statusCallback"]),
];

/// The verbs of a reply to a message.
const MESSAGING: &[(&str, &[&str])] =
    &[("Message", &["to from action method statusCallback"]), ("Redirect", &["method"])];

/// Returns a warning for every attribute that Twilio does not know, also those of the nouns in a `Dial` or a `Gather`.
pub(in crate::engine) fn schema_warnings(verb: &Verb, voice: bool) -> Vec<String> {
    let table = if voice { VOICE } else { MESSAGING };
    let Some((_, known)) = table.iter().find(|(name, _)| *name == verb.name) else {
        let kind = if voice { "voice" } else { "messaging" };
        return vec![format!("the element {} is no verb of {kind}", clipped(&verb.name))];
    };
    let is_known = |name: &str| known.iter().any(|words| words.split_whitespace().any(|word| word == name));
    let unknown = verb.attributes.iter().map(|(name, _)| name).filter(|name| !is_known(name));
    let mut schema_warnings: Vec<String> =
        unknown.map(|name| format!("{} has no attribute {}", verb.name, clipped(name))).collect();
    if verb.name == "Dial" || verb.name == "Gather" {
        schema_warnings.extend(verb.children.iter().flat_map(|child| nested(child, table)));
    }
    schema_warnings
}

fn nested(noun: &Verb, table: &[(&str, &[&str])]) -> Vec<String> {
    // Elements without a row here are checked where the verb is carried out.
    if table.iter().any(|(name, _)| *name == noun.name) { schema_warnings(noun, true) } else { Vec::new() }
}

/// Shortens a name, since a document may have very long ones.
fn clipped(name: &str) -> String {
    name.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::twiml::read;

    #[test]
    fn only_what_twilio_does_not_know_is_complained_of() {
        let said = |inner: &str, voice| {
            let verbs = read(format!("<Response>{inner}</Response>").as_bytes()).ok().unwrap();
            verbs.iter().flat_map(|verb| schema_warnings(verb, voice)).collect::<Vec<_>>()
        };
        let good = "<Gather numDigits='1' input='dtmf speech'><Say voice='alice'>x</Say></Gather>\
            <Dial recordingStatusCallback='/r'><Number statusCallback='/s'>+14155551234</Number></Dial>";
        assert!(
            said(good, true).is_empty()
                && said("<Message action='/a'><Body>x</Body></Message>", false).is_empty()
        );
        assert_eq!(said("<Gather numdigits='1'/>", true), ["Gather has no attribute numdigits"]);
        assert_eq!(said("<Message>x</Message>", true), ["the element Message is no verb of voice"]);
        assert_eq!(said("<Dial><Number Url='/w'>x</Number></Dial>", true), ["Number has no attribute Url"]);
    }
}
