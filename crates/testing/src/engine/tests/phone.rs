//! Live calls and replies without HTTP: no document may break the engine.

use proptest::prelude::*;

use super::*;
use crate::engine::{FetchedDocument, InboundMessage, Input, WebhookResult};
use crate::heard::WaitsFor;
use crate::inbound::InboundSms;
use crate::placed::PickedUpBy;

fn page(body: &str) -> FetchedDocument {
    let content_type = Some("text/xml".to_owned());
    FetchedDocument {
        url: "http://127.0.0.1:9/v".to_owned(),
        status: 200,
        content_type,
        body: body.as_bytes().to_vec(),
    }
}

/// Generates a document from elements in random order, valid or not.
fn document() -> impl Strategy<Value = String> {
    let names = prop::sample::select(vec![
        "Say",
        "Play",
        "Pause",
        "Gather",
        "Record",
        "Dial",
        "Number",
        "Client",
        "Conference",
        "Enqueue",
        "Leave",
        "Hangup",
        "Reject",
        "Redirect",
        "Connect",
        "Stream",
        "Start",
        "Pay",
        "Sms",
        "Echo",
        "Message",
        "Body",
        "Media",
        "Nonsense",
    ]);
    let attributes = prop::sample::select(vec![
        "",
        "action='/a'",
        "action='::'",
        "url='/w'",
        "numDigits='1'",
        "numDigits='-1'",
        "timeout='x'",
        "length='99999999999'",
        "input='dtmf speech'",
        "finishOnKey=''",
        "actionOnEmptyResult='true'",
        "method='GET'",
        "to='x'",
        "waitUrl='/m'",
        "transcribe='true' transcribeCallback='/t'",
        "record='record-from-answer-dual'",
        "statusCallback='/s'",
        "é='ü'",
    ]);
    let texts = prop::sample::select(vec!["", "+14155557777", "/next", "http://", "ü€😀", "12", " \n "]);
    let leaf = (names.clone(), attributes.clone(), texts);
    let leaf = leaf.prop_map(|(name, attributes, text)| format!("<{name} {attributes}>{text}</{name}>"));
    let verb = leaf.prop_recursive(3, 12, 3, move |inner| {
        (names.clone(), attributes.clone(), prop::collection::vec(inner, 0..3))
            .prop_map(|(name, attributes, inner)| format!("<{name} {attributes}>{}</{name}>", inner.concat()))
    });
    prop::collection::vec(verb, 0..6).prop_map(|verbs| format!("<Response>{}</Response>", verbs.concat()))
}

fn inputs() -> Vec<Input> {
    vec![
        Input::Press("1#".to_owned()),
        Input::Speak("ü".to_owned()),
        Input::Silence,
        Input::Record { seconds: u32::MAX, key: None, words: None },
        Input::Dialed { status: "completed".to_owned(), seconds: u32::MAX },
        Input::LeaveQueue("bridged".to_owned()),
        Input::LeaveStream,
        Input::Pay("success".to_owned()),
    ]
}

proptest! {
    #[test]
    fn any_document_is_carried_out_to_an_end(documents in prop::collection::vec(document(), 1..4), hang_up in 0..40_usize) {
        let mut client = TestClient::default();
        let sid = client.called(&[("Url", "http://127.0.0.1:9/v")]);
        prop_assert!(client.phones(|phones, tenant| phones.pick_up(tenant, &sid, PickedUpBy::Machine)));
        let mut pages = documents.iter().cycle();
        for step in 0..300 {
            while let Some(request) = client.phones(|phones, tenant| phones.next_request(tenant, &sid)) {
                client.phones(|phones, tenant| phones.take_answer(tenant, &sid, &request, Ok(page(pages.next().unwrap()))));
            }
            if let Some(party) = client.phones(|phones, tenant| phones.party_picks_up(tenant, &sid))
                && let Some(request) = client.phones(|phones, tenant| phones.next_request(tenant, &party))
            {
                client.phones(|phones, tenant| phones.take_answer(tenant, &party, &request, Ok(page(pages.next().unwrap()))));
            }
            if step == hang_up || client.phones(|phones, tenant| phones.waits_for(tenant, &sid)) == WaitsFor::HangUp {
                client.phones(|phones, tenant| phones.hang_up(tenant, &sid));
            }
            if client.phones(|phones, tenant| phones.waits_for(tenant, &sid)) == WaitsFor::Nothing {
                break;
            }
            let done = inputs().iter().any(|input| client.phones(|phones, tenant| phones.input(tenant, &sid, input)));
            prop_assert!(done, "stuck at {:?}", client.phones(|phones, tenant| phones.waits_for(tenant, &sid)));
        }
        prop_assert_eq!(client.phones(|phones, tenant| phones.waits_for(tenant, &sid)), WaitsFor::Nothing);
        let path = format!("/Calls/{sid}.json");
        let call = client.get(&path).1;
        prop_assert!(!call["end_time"].is_null());
    }

    #[test]
    fn any_document_answers_a_message(body in document()) {
        let mut client = TestClient::default();
        let sms = InboundSms::new(TO, "hi").url("http://127.0.0.1:9/sms");
        let inbound: InboundMessage = client.tenant().messaging().receive(&sms, "http://127.0.0.1:1");
        let mut result = WebhookResult::default();
        let (mut next, mut requests) = (inbound.request.clone(), 0);
        while let Some(request) = next {
            next = client.tenant().messaging().read_reply(&inbound, &mut result, &request, Ok(page(&body)));
            requests += 1;
        }
        prop_assert!(requests <= 20);
        prop_assert_eq!(client.tenant().messages.sent().len(), result.replies.len());
    }
}

#[test]
fn a_late_answer_changes_nothing() {
    let mut client = TestClient::default();
    let sid = client.called(&[("Url", "http://127.0.0.1:9/v")]);
    assert!(
        client.phones(|phones, tenant| phones.pick_up(tenant, &sid, PickedUpBy::Person))
            && !client.phones(|phones, tenant| phones.pick_up(tenant, &sid, PickedUpBy::Person))
    );
    let old = client.phones(|phones, tenant| phones.next_request(tenant, &sid)).unwrap();
    assert!(client.phones(|phones, tenant| phones.next_request(tenant, &sid)).is_none(), "one asks");
    client.phones(|phones, tenant| phones.give_back(tenant, &sid, &old));
    let old = client.phones(|phones, tenant| phones.next_request(tenant, &sid)).unwrap();
    let twiml = [("Twiml", "<Response><Record/></Response>")];
    assert_eq!(client.post(&format!("/Calls/{sid}.json"), &twiml).0, 200);
    client.phones(|phones, tenant| phones.take_answer(tenant, &sid, &old, Ok(page("<Response/>"))));
    assert!(matches!(
        client.phones(|phones, tenant| phones.waits_for(tenant, &sid)),
        WaitsFor::Recording { .. }
    ));
}

#[test]
fn a_time_limit_ends_a_driven_call() {
    let mut client = TestClient::default();
    let sid = client.called(&[("TimeLimit", "30"), ("Twiml", "<Response><Gather/></Response>")]);
    assert!(client.phones(|phones, tenant| phones.pick_up(tenant, &sid, PickedUpBy::Person)));
    client.advance_seconds(29);
    assert_eq!(client.tenant().calls.status(&sid), "in-progress");
    client.advance_seconds(1);
    assert_eq!(client.tenant().calls.status(&sid), "completed");
    assert_eq!(client.phones(|phones, tenant| phones.waits_for(tenant, &sid)), WaitsFor::Nothing);
}
