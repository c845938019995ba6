//! Tests of events as a whole.

use proptest::prelude::*;

use super::fixtures::{self as f, Pairs};
use super::*;
use crate::sms::Text;

const ALL: &[(Pairs, &str)] = &[
    (f::SMS, "inbound_message"),
    (f::MMS, "inbound_message"),
    (f::WHATSAPP, "inbound_message"),
    (f::STOP, "opted_out"),
    (f::UNDELIVERED, "message_status_update"),
    (f::READ, "message_status_update"),
    (f::CALL, "inbound_call"),
    (f::FALLBACK, "inbound_call"),
    (f::CALL_COMPLETED, "call_status_update"),
    (f::GATHER, "gather_result"),
    (f::SPEECH, "gather_result"),
    (f::PARTIAL, "gather_result"),
    (f::DIAL, "dial_result"),
    (f::RECORD, "record_result"),
    (f::QUEUE_WAIT, "queue_result"),
    (f::QUEUE_LEFT, "queue_result"),
    (f::RECORDING, "recording_status_update"),
    (f::TRANSCRIPTION, "transcription_update"),
    (f::LIVE_TRANSCRIPTION, "transcription_update"),
    (f::AMD, "answering_machine_result"),
    (f::VERIFY, "verify_event"),
    (f::DEBUGGER, "debugger_event"),
];

fn event(pairs: &[(&str, &str)]) -> Event {
    Event::from_params(&Params::from_pairs(pairs.iter().copied()))
}

#[test]
fn every_kind_is_recognised_and_serialised_under_its_name() {
    for (pairs, name) in ALL {
        let event = event(pairs);
        assert_eq!(event.name(), *name);
        let json = serde_json::to_value(&event).unwrap();
        assert_eq!(json["event"], *name);
        assert_eq!(serde_json::from_value::<Event>(json).unwrap(), event, "{name}");
    }
}

#[test]
fn altered_parameters_lose_no_value_whatever_event_they_become() {
    for (pairs, _) in ALL {
        mutation::survives::<Event>(pairs);
    }
    mutation::survives::<Event>(&[("Anything", "planted"), ("else", "")]);
}

#[test]
fn a_consent_change_has_the_person_and_the_sender() {
    let Event::OptedOut(change) = event(f::STOP) else { panic!("no opt-out") };
    assert_eq!(change.person().unwrap(), "+14155551234");
    assert_eq!(change.sender(), Some("MG0123456789abcdef0123456789abcdef"));
    assert!(change.is_answered_by_twilio());
    let said = |body| {
        event(&[("MessageSid", "SM1"), ("From", "+14155551234"), ("To", "+15005550006"), ("Body", body)])
    };
    assert_eq!(said("start").name(), "opted_in");
    assert_eq!(said("Help!").name(), "help_requested");
    assert_eq!(said("helpful").name(), "inbound_message");
    for body in ["stop", "start", "help", "hello"] {
        let event = said(body);
        assert_eq!(event.message().unwrap().text(), body);
        let pairs = [("MessageSid", "SM1"), ("Body", body)];
        assert_eq!(InboundMessage::from_params(&Params::from_pairs(pairs)).unwrap().text(), body);
    }
}

#[test]
fn only_reports_have_a_dedupe_key() {
    for (pairs, name) in ALL {
        let key = event(pairs).dedupe_key();
        let report = name.ends_with("_update") && pairs != &f::LIVE_TRANSCRIPTION;
        assert_eq!(key.is_some(), report, "{name}: {key:?}");
    }
    let of = |word| {
        MessageStatusUpdate::from_params(&Params::from_pairs([
            ("MessageSid", "SM1"),
            ("MessageStatus", word),
        ]))
    };
    assert_ne!(of("sent").unwrap().dedupe_key(), of("delivered").unwrap().dedupe_key());
}

#[test]
fn unknown_words_and_parameters_are_kept() {
    let pairs =
        [("MessageSid", "SM1"), ("MessageStatus", "brand-new"), ("EventType", "WAVED"), ("New", "planted")];
    let Event::MessageStatusUpdate(update) = event(&pairs) else { panic!("no status") };
    assert_eq!(update.status.as_ref().unwrap().as_str(), "brand-new");
    assert_eq!(update.event_type, Some(ChannelEvent::Unknown("WAVED".into())));
    assert_eq!(update.extra.get("New"), Some("planted"));
    let again: MessageStatusUpdate = serde_json::from_str(&serde_json::to_string(&update).unwrap()).unwrap();
    assert_eq!(again, *update);
}

#[test]
fn an_empty_value_counts_as_missing_and_is_kept_in_extra() {
    let Event::InboundMessage(message) = event(&[("MessageSid", "MM1"), ("Body", ""), ("NumMedia", "1")])
    else {
        panic!("no message")
    };
    assert_eq!((message.body.as_ref(), message.text()), (None::<&Text>, ""));
    assert_eq!(message.extra.iter().collect::<Vec<_>>(), [("Body", "")]);
}

#[test]
fn names_are_spelt_in_camel_case_with_the_call_in_its_own_object() {
    let json = serde_json::to_value(event(f::GATHER)).unwrap();
    insta::assert_snapshot!(json, @r##"{"data":{"call":{"accountSid":"AC0123456789abcdef0123456789abcdef","apiVersion":"2010-04-01","direction":"inbound","from":"+14155551234","sid":"CA0123456789abcdef0123456789abcdef","status":"in-progress","to":"+15005550006"},"digits":"8642","finishedOnKey":"#"},"event":"gather_result"}"##);
}

fn any_pairs() -> impl Strategy<Value = Vec<(String, String)>> {
    let names: Vec<&str> = ALL.iter().flat_map(|(pairs, _)| pairs.iter().map(|(name, _)| *name)).collect();
    let values: Vec<&str> = ALL.iter().flat_map(|(pairs, _)| pairs.iter().map(|(_, value)| *value)).collect();
    let name = prop_oneof![9 => prop::sample::select(names).prop_map(str::to_owned), 1 => any::<String>()];
    let value = prop_oneof![
        prop::sample::select(values).prop_map(str::to_owned),
        any::<i64>().prop_map(|n| n.to_string()),
        any::<String>(),
    ];
    prop::collection::vec((name, value), 0..24)
}

#[test]
fn a_number_is_read_back_as_the_same_one() {
    let pairs = [
        ("CallSid", "CA0123456789abcdef0123456789abcdef"),
        ("Digits", "1"),
        ("Stability", "-956914895786408001"),
    ];
    let event = Event::from_params(&Params::from_pairs(pairs));
    let json = serde_json::to_string(&event).unwrap();
    assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), event);
}

proptest! {
    #[test]
    fn any_parameters_are_an_event_that_a_route_for_its_kind_accepts(pairs in any_pairs()) {
        let params = Params::from_pairs(pairs.iter().map(|(name, value)| (name, value)));
        let event = Event::from_params(&params);
        let taken = match &event {
            Event::InboundMessage(_) | Event::OptedOut(_) | Event::OptedIn(_) | Event::HelpRequested(_) => {
                InboundMessage::from_params(&params).is_ok()
            }
            Event::MessageStatusUpdate(_) => MessageStatusUpdate::from_params(&params).is_ok(),
            Event::InboundCall(_) => InboundCall::from_params(&params).is_ok(),
            Event::CallStatusUpdate(_) => CallStatusUpdate::from_params(&params).is_ok(),
            Event::GatherResult(_) => GatherResult::from_params(&params).is_ok(),
            Event::DialResult(_) => DialResult::from_params(&params).is_ok(),
            Event::RecordResult(_) => RecordResult::from_params(&params).is_ok(),
            Event::QueueResult(_) => QueueResult::from_params(&params).is_ok(),
            Event::RecordingStatusUpdate(_) => RecordingStatusUpdate::from_params(&params).is_ok(),
            Event::TranscriptionUpdate(_) => TranscriptionUpdate::from_params(&params).is_ok(),
            Event::AnsweringMachineResult(_) => AnsweringMachineResult::from_params(&params).is_ok(),
            Event::VerifyEvent(_) => VerifyEvent::from_params(&params).is_ok(),
            Event::DebuggerEvent(_) => DebuggerEvent::from_params(&params).is_ok(),
            Event::Unknown(kept) => *kept == params,
        };
        prop_assert!(taken, "{}", event.name());
        let json = serde_json::to_string(&event).unwrap();
        prop_assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), event);
    }
}
