//! Tests that write every verb, noun and attribute of TwiML and read it back with an XML parser.

use std::collections::BTreeSet;

use roxmltree::{Document, Node};

use super::*;

/// A verb or noun, its attributes, and the elements that it may contain.
const TABLE: &[(&str, &str, &str)] = &[
    ("Say", "voice language loop", "break emphasis lang p phoneme prosody s say-as sub w"),
    ("break", "strength time", ""),
    ("emphasis", "level", "break emphasis lang phoneme prosody say-as sub w"),
    ("lang", "xml:lang", "break emphasis lang p phoneme prosody s say-as sub w"),
    ("p", "", "break emphasis lang phoneme prosody s say-as sub w"),
    ("phoneme", "alphabet ph", ""),
    ("prosody", "volume rate pitch", "break emphasis lang p phoneme prosody s say-as sub w"),
    ("s", "", "break emphasis lang phoneme prosody say-as sub w"),
    ("say-as", "interpret-as format", ""),
    ("sub", "alias", ""),
    ("w", "role", "break emphasis phoneme prosody say-as sub"),
    ("Play", "loop digits", ""),
    ("Pause", "length", ""),
    (
        "Gather",
        "input action method timeout speechTimeout maxSpeechTime finishOnKey numDigits partialResultCallback \
         partialResultCallbackMethod language hints bargeIn profanityFilter speechModel enhanced actionOnEmptyResult \
         debug",
        "Say Play Pause",
    ),
    (
        "Record",
        "action method timeout finishOnKey maxLength playBeep trim recordingStatusCallback \
         recordingStatusCallbackMethod recordingStatusCallbackEvent transcribe transcribeCallback \
         recordingConfigurationId",
        "",
    ),
    (
        "Dial",
        "action method timeout hangupOnStar timeLimit callerId record trim recordingTrack recordingStatusCallback \
         recordingStatusCallbackMethod recordingStatusCallbackEvent recordingConfigurationId answerOnBridge ringTone \
         sequential referUrl referMethod events passports",
        "Number Client Conference Queue Sim Sip Application WhatsApp",
    ),
    (
        "Number",
        "sendDigits url method statusCallback statusCallbackEvent statusCallbackMethod byoc machineDetection \
         machineDetectionTimeout machineDetectionSpeechThreshold machineDetectionSpeechEndThreshold \
         machineDetectionSilenceTimeout amdStatusCallback amdStatusCallbackMethod",
        "",
    ),
    ("Client", "url method statusCallback statusCallbackEvent statusCallbackMethod", "Identity Parameter"),
    ("Identity", "", ""),
    ("Parameter", "name value", ""),
    (
        "Sip",
        "username password url method statusCallback statusCallbackEvent statusCallbackMethod machineDetection \
         machineDetectionTimeout machineDetectionSpeechThreshold machineDetectionSpeechEndThreshold \
         machineDetectionSilenceTimeout amdStatusCallback amdStatusCallbackMethod",
        "Uri Headers",
    ),
    ("Uri", "priority weight username password", ""),
    ("Headers", "", "Header"),
    ("Header", "name value", ""),
    (
        "Conference",
        "muted beep startConferenceOnEnter endConferenceOnExit waitUrl waitMethod maxParticipants record region coach \
         trim statusCallback statusCallbackEvent statusCallbackMethod recordingStatusCallback \
         recordingStatusCallbackMethod recordingStatusCallbackEvent recordingConfigurationId eventCallbackUrl \
         jitterBufferSize participantLabel",
        "",
    ),
    ("Queue", "url method reservationSid postWorkActivitySid", ""),
    ("Sim", "", ""),
    (
        "Application",
        "url method statusCallback statusCallbackEvent statusCallbackMethod copyParentTo customerId",
        "ApplicationSid Parameter",
    ),
    ("ApplicationSid", "", ""),
    ("WhatsApp", "url method statusCallback statusCallbackEvent statusCallbackMethod", ""),
    ("Enqueue", "action method maxQueueSize waitUrl waitUrlMethod workflowSid", "Task"),
    ("Task", "priority timeout", ""),
    ("Leave", "", ""),
    ("Hangup", "", "Parameter"),
    ("Echo", "", ""),
    ("Reject", "reason", "Parameter"),
    ("Redirect", "method", ""),
    ("Refer", "action method", "Sip"),
    (
        "Connect",
        "action method",
        "Stream ConversationRelay Conversation Room VirtualAgent AiSession ConversationRelaySession Autopilot",
    ),
    (
        "Conversation",
        "serviceInstanceSid inboundAutocreation routingAssignmentTimeout inboundTimeout url method record trim \
         recordingStatusCallback recordingStatusCallbackMethod recordingStatusCallbackEvent statusCallback \
         statusCallbackMethod statusCallbackEvent",
        "",
    ),
    ("Room", "participantIdentity", ""),
    (
        "VirtualAgent",
        "connectorName language sentimentAnalysis statusCallback statusCallbackMethod",
        "Config Parameter",
    ),
    ("Config", "name value", ""),
    ("AiSession", "aiConnector aiSessionConfiguration", ""),
    ("ConversationRelaySession", "connector sessionConfiguration", ""),
    ("Autopilot", "", ""),
    ("Start", "action method", "Stream Siprec Transcription Recording"),
    ("Stop", "action method", "Stream Siprec Transcription Recording"),
    (
        "Stream",
        "name connectorName url track audioFormat sampleRate statusCallback statusCallbackMethod",
        "Parameter",
    ),
    ("Siprec", "name connectorName track statusCallback statusCallbackMethod", "Parameter"),
    (
        "Transcription",
        "name statusCallbackUrl statusCallbackMethod track inboundTrackLabel outboundTrackLabel partialResults \
         languageCode transcriptionEngine speechModel profanityFilter hints enableAutomaticPunctuation \
         intelligenceService",
        "Config Parameter",
    ),
    (
        "Recording",
        "channels track trim recordingStatusCallback recordingStatusCallbackMethod recordingStatusCallbackEvent \
         recordingConfigurationId",
        "",
    ),
    (
        "ConversationRelay",
        "url language ttsLanguage transcriptionLanguage ttsProvider voice transcriptionProvider speechModel \
         profanityFilter dtmfDetection welcomeGreeting welcomeGreetingInterruptible interruptible interruptSensitivity \
         preemptible hints partialPrompts intelligenceService reportInputDuringAgentSpeech \
         elevenlabsTextNormalization elevenlabsLanguageTextNormalization ttsTextNormalization \
         ttsLanguageTextNormalization deepgramSmartFormat asrSmartFormat speechTimeout turnDetection eotThreshold \
         eagerEotThreshold ignoreBackchannel backgroundNoiseReduction echoPromptFiltering partialPromptOnHangup \
         includeInPrompt applicationReconnect customerName debug events",
        "Language Parameter",
    ),
    (
        "Language",
        "code ttsProvider voice transcriptionProvider speechModel hints asrSmartFormat ttsTextNormalization \
         ttsLanguageTextNormalization",
        "",
    ),
    (
        "Pay",
        "input action bankAccountType statusCallback statusCallbackMethod timeout maxAttempts securityCode postalCode \
         minPostalCodeLength paymentConnector paymentMethod tokenType chargeAmount currency description validCardTypes \
         language",
        "Prompt Parameter",
    ),
    ("Prompt", "for errorType cardType attempt requireMatchingInputs", "Say Play Pause"),
    ("Sms", "to from action method statusCallback", ""),
    ("Message", "to from action method statusCallback", "Body Media"),
    ("Body", "", ""),
    ("Media", "", ""),
];

/// Elements without a type, which are added as an `Element` or by a method such as `parameter` and `headers`.
const UNTYPED: &str = "Identity Parameter Headers Header ApplicationSid Autopilot Body";

/// Attributes of typed verbs that have no setter, and are set with `attr`.
const BY_ATTR: &[(&str, &str)] = &[];

/// Setters whose name differs from the attribute: the attribute's name is a keyword of Rust or would be unclear.
const RENAMED_SETTERS: &[(&str, &str)] = &[("times", "loop"), ("language", "xml:lang"), ("step", "for")];

/// Converts a name of TwiML such as `numDigits` or `say-as` to Rust's form.
fn snake_case(attribute: &str) -> String {
    attribute.chars().fold(String::new(), |mut name, c| {
        if c.is_ascii_uppercase() {
            name.push('_');
        }
        name.push(if c == '-' { '_' } else { c.to_ascii_lowercase() });
        name
    })
}

/// Returns the typed verb of this name after every setter was called, and the list of its setters with their attributes.
fn typed(name: &str) -> Option<(Element, &'static [(&'static str, &'static str)])> {
    macro_rules! typed {
        ($($tag:literal $verb:ident)+) => {
            match name {
                $($tag => Some((Element::from($verb::open().all_set()), $verb::SETTERS)),)+
                _ => None,
            }
        };
    }
    typed! {
        "Say" Say "break" Break "emphasis" Emphasis "lang" Lang "p" Paragraph "phoneme" Phoneme "prosody" Prosody
        "s" Sentence "say-as" SayAs "sub" Sub "w" Word "Play" Play "Pause" Pause "Gather" Gather "Record" Record
        "Dial" Dial "Number" Number "Client" Client "Sip" Sip "Uri" SipUri "Conference" Conference "Queue" Queue
        "Enqueue" Enqueue "Task" Task "Leave" Leave "Hangup" Hangup "Reject" Reject "Redirect" Redirect "Refer" Refer
        "Connect" Connect "Start" Start "Stop" Stop "Stream" Stream "ConversationRelay" ConversationRelay
        "Language" RelayLanguage "Message" Message "Media" Media "Application" Application "WhatsApp" WhatsApp "Sim" Sim
        "Echo" Echo "Room" Room "Conversation" Conversation "VirtualAgent" VirtualAgent "AiSession" AiSession
        "ConversationRelaySession" ConversationRelaySession "Config" Config "Siprec" Siprec
        "Transcription" Transcription "Recording" Recording "Pay" Pay "Prompt" Prompt "Sms" Sms
    }
}

/// Returns a verb with every attribute set, through its type if it has one.
fn written(name: &str) -> Element {
    let row = TABLE.iter().find(|(known, ..)| *known == name).unwrap_or_else(|| panic!("{name} has no row"));
    let (start, set) = typed(name).unwrap_or((Element::new(name), &[]));
    let missing =
        row.1.split_whitespace().filter(|attribute| set.iter().all(|(_, known)| known != attribute));
    missing.fold(start, |element, attribute| element.attr(attribute, "x"))
}

fn attributes(node: Node<'_, '_>) -> BTreeSet<String> {
    let prefix = |space: Option<&str>| if space.is_some() { "xml:" } else { "" };
    node.attributes().map(|one| format!("{}{}", prefix(one.namespace()), one.name())).collect()
}

#[test]
fn every_verb_noun_and_attribute_is_written_and_read_back() {
    let (mut elements, mut count, mut nestings) = (0, 0, 0);
    for &(name, all, children) in TABLE {
        let children: Vec<&str> = children.split_whitespace().collect();
        let element = children.iter().fold(written(name), |element, child| element.child(written(child)));
        let xml = VoiceResponse::new().element(element).try_to_xml().unwrap();

        let document = Document::parse(&xml).unwrap();
        let node = document.root_element().first_element_child().unwrap();
        assert_eq!(node.tag_name().name(), name);
        let expected: BTreeSet<String> = all.split_whitespace().map(str::to_owned).collect();
        assert_eq!(attributes(node), expected, "{name}");
        let found: Vec<&str> = node.children().map(|child| child.tag_name().name()).collect();
        assert_eq!(found, children, "{name}");

        elements += 1;
        count += expected.len();
        nestings += children.len();
    }
    assert_eq!((elements, count, nestings), (60, 306, 114));
}

#[test]
fn every_attribute_of_a_typed_verb_has_its_setter() {
    let mut typed_verbs = 0;
    for &(name, all, _) in TABLE {
        let Some((_, set)) = typed(name) else {
            assert!(UNTYPED.split_whitespace().any(|untyped| untyped == name), "{name} has no type");
            continue;
        };
        typed_verbs += 1;
        let by_attr = BY_ATTR.iter().filter(|(verb, _)| *verb == name).map(|(_, attribute)| *attribute);
        let reached: BTreeSet<&str> = set.iter().map(|(_, attribute)| *attribute).chain(by_attr).collect();
        let all: BTreeSet<&str> = all.split_whitespace().collect();
        assert_eq!(reached, all, "{name}");
        for (setter, attribute) in set {
            let named = RENAMED_SETTERS.contains(&(*setter, *attribute)) || *setter == snake_case(attribute);
            assert!(named, "{name}: {setter} sets {attribute}");
        }
        let (element, _) = typed(name).unwrap();
        let xml = VoiceResponse::new().element(element).to_xml();
        let document = Document::parse(&xml).unwrap();
        let node = document.root_element().first_element_child().unwrap();
        let values: BTreeSet<&str> = node.attributes().map(|one| one.value()).collect();
        assert!(values.iter().all(|value| ["x", "7", "true", "x y"].contains(value)), "{name}: {values:?}");
    }
    assert_eq!(typed_verbs, 53);
    assert_eq!(typed_verbs + UNTYPED.split_whitespace().count(), TABLE.len());
}

/// Adds each kind of child with its own method.
#[test]
fn every_child_of_a_typed_verb_has_its_method() {
    let call = VoiceResponse::new()
        .reject(Reject::new().parameter("a", "b"))
        .say("text")
        .play("url")
        .pause(2)
        .gather(Gather::new().say("text").play("url").pause(1))
        .record(Record::new())
        .dial(
            Dial::new()
                .number("+14155550100")
                .client(Client::new("alice").parameter("a", "b"))
                .sip(Sip::new("sip:a@example.com").headers([("X-A", "b")]))
                .sip(Sip::any_of([SipUri::new("sip:b@example.com").priority(1)]))
                .conference("room")
                .queue("support")
                .application(Application::new("AP0").parameter("a", "b"))
                .whatsapp("+14155550101")
                .sim("DE0"),
        )
        .enqueue("support")
        .enqueue(Enqueue::task("WW0", "{}"))
        .refer(Refer::new().sip("sip:c@example.com"))
        .start(Start::new().stream(Stream::new("wss://example.com").parameter("a", "b")))
        .start(Start::new().siprec(Siprec::new("c").parameter("a", "b")))
        .start(
            Start::new()
                .transcription(Transcription::new("/t").config(Config::new("a", "b")).parameter("c", "d")),
        )
        .start(Start::new().recording(Recording::new()))
        .stop(Stop::new().stream(Stream::named("one")).siprec(Siprec::named("two")))
        .stop(Stop::new().transcription(Transcription::named("three")).recording(Recording::new()))
        .connect(Connect::new().stream(Stream::new("wss://example.com")))
        .connect(
            Connect::new().conversation_relay(
                ConversationRelay::new("wss://example.com")
                    .add_language(RelayLanguage::new("sv-SE"))
                    .parameter("a", "b"),
            ),
        )
        .connect(Connect::new().room(Room::new("r").participant_identity("alice")))
        .connect(
            Connect::new()
                .virtual_agent(VirtualAgent::new("v").config(Config::new("a", "b")).parameter("c", "d")),
        )
        .connect(Connect::new().conversation(Conversation::new("IS0")))
        .connect(Connect::new().ai_session(AiSession::new("a")))
        .connect(Connect::new().conversation_relay_session(ConversationRelaySession::new("c")))
        .pay(
            Pay::new()
                .prompt(Prompt::new(PromptStep::PostalCode).say("text").play("url").pause(1))
                .parameter("a", "b"),
        )
        .sms("text")
        .redirect("/next")
        .leave()
        .echo()
        .hangup();
    let xml = call.try_to_xml().unwrap();
    insta::assert_snapshot!(lines(&xml), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <Response>
    <Reject>
    <Parameter name="a" value="b"/>
    </Reject>
    <Say>text</Say>
    <Play>url</Play>
    <Pause length="2"/>
    <Gather>
    <Say>text</Say>
    <Play>url</Play>
    <Pause length="1"/>
    </Gather>
    <Record/>
    <Dial>
    <Number>+14155550100</Number>
    <Client>
    <Identity>alice</Identity>
    <Parameter name="a" value="b"/>
    </Client>
    <Sip>sip:a@example.com<Headers>
    <Header name="X-A" value="b"/>
    </Headers>
    </Sip>
    <Sip>
    <Uri priority="1">sip:b@example.com</Uri>
    </Sip>
    <Conference>room</Conference>
    <Queue>support</Queue>
    <Application>
    <ApplicationSid>AP0</ApplicationSid>
    <Parameter name="a" value="b"/>
    </Application>
    <WhatsApp>+14155550101</WhatsApp>
    <Sim>DE0</Sim>
    </Dial>
    <Enqueue>support</Enqueue>
    <Enqueue workflowSid="WW0">
    <Task>{}</Task>
    </Enqueue>
    <Refer>
    <Sip>sip:c@example.com</Sip>
    </Refer>
    <Start>
    <Stream url="wss://example.com">
    <Parameter name="a" value="b"/>
    </Stream>
    </Start>
    <Start>
    <Siprec connectorName="c">
    <Parameter name="a" value="b"/>
    </Siprec>
    </Start>
    <Start>
    <Transcription statusCallbackUrl="/t">
    <Config name="a" value="b"/>
    <Parameter name="c" value="d"/>
    </Transcription>
    </Start>
    <Start>
    <Recording/>
    </Start>
    <Stop>
    <Stream name="one"/>
    <Siprec name="two"/>
    </Stop>
    <Stop>
    <Transcription name="three"/>
    <Recording/>
    </Stop>
    <Connect>
    <Stream url="wss://example.com"/>
    </Connect>
    <Connect>
    <ConversationRelay url="wss://example.com">
    <Language code="sv-SE"/>
    <Parameter name="a" value="b"/>
    </ConversationRelay>
    </Connect>
    <Connect>
    <Room participantIdentity="alice">r</Room>
    </Connect>
    <Connect>
    <VirtualAgent connectorName="v">
    <Config name="a" value="b"/>
    <Parameter name="c" value="d"/>
    </VirtualAgent>
    </Connect>
    <Connect>
    <Conversation serviceInstanceSid="IS0"/>
    </Connect>
    <Connect>
    <AiSession aiConnector="a"/>
    </Connect>
    <Connect>
    <ConversationRelaySession connector="c"/>
    </Connect>
    <Pay>
    <Prompt for="postal-code">
    <Say>text</Say>
    <Play>url</Play>
    <Pause length="1"/>
    </Prompt>
    <Parameter name="a" value="b"/>
    </Pay>
    <Sms>text</Sms>
    <Redirect>/next</Redirect>
    <Leave/>
    <Echo/>
    <Hangup/>
    </Response>
    "#);
}
