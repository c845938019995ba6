//! Calls to and from the fake: each test acts as the person at the telephone and checks what the TwiML does.

use std::sync::Arc;
use std::time::Duration;

use switchboard::twilio::MakeCall;
use switchboard_testing::{FakeTwilio, Heard, InboundCall, Phone, WaitsFor};
use tokio::sync::Notify;

use crate::app::{App, Reply};
use crate::support::{Plain, TO, json};

pub(crate) async fn setup() -> (FakeTwilio, App) {
    let fake = FakeTwilio::start().await;
    let app = App::start(&fake).await;
    fake.set_voice_url(&app.at("/voice"));
    (fake, app)
}

/// Places a call over the API, with these parameters.
pub(crate) async fn place(fake: &FakeTwilio, more: &[(&str, &str)]) -> String {
    let mut form = vec![("To", TO), ("From", fake.phone_number())];
    form.extend(more);
    let answer = Plain::new(fake).post("/Calls.json", &form).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    json(answer).await["sid"].as_str().unwrap().to_owned()
}

pub(crate) fn is_over(phone: &Phone) -> bool {
    phone.waits_for() == WaitsFor::Nothing && phone.status() == "completed"
}

const MENU: &str = "<Gather numDigits='1' action='/choice'><Say>Press 1 for sales</Say></Gather>\
    <Say>I heard nothing</Say><Redirect>/voice</Redirect>";

#[tokio::test]
async fn a_menu_continues_with_the_chosen_option() {
    let (fake, app) = setup().await;
    app.says("/voice", MENU).says("/choice", "<Say>Sales it is</Say><Hangup/><Say>never</Say>");
    let phone = fake.call_in(TO).await;
    assert_eq!(phone.said(), ["Press 1 for sales"]);
    let WaitsFor::Input { digits, speech, count, finish_on_key, .. } = phone.waits_for() else { panic!() };
    assert_eq!((digits, speech, count, finish_on_key.as_str()), (true, false, Some(1), "#"));
    assert_eq!(phone.status(), "in-progress");
    phone.press("17").await;
    assert_eq!(phone.said(), ["Press 1 for sales", "Sales it is"]);
    assert!(is_over(&phone) && phone.error().is_none() && phone.warnings().is_empty());
    let choice = app.last("/choice");
    assert_eq!((choice.get("Digits"), choice.get("FinishedOnKey")), (Some("1"), Some("")));
    assert_eq!(choice.get("CallStatus"), Some("in-progress"));
    let tokens: Vec<_> = app.heard().into_iter().map(|heard| heard.token).collect();
    assert_ne!(tokens[0], tokens[1]);
}

#[tokio::test]
async fn a_wrong_key_and_silence_repeat_the_menu() {
    let (fake, app) = setup().await;
    app.says("/voice", MENU).says("/choice", "<Say>There is no such choice</Say><Redirect>/voice</Redirect>");
    let phone = fake.call_in(TO).await;
    phone.press("9").await;
    phone.stay_silent().await;
    let menu = "Press 1 for sales";
    assert_eq!(phone.said(), [menu, "There is no such choice", menu, "I heard nothing", menu]);
    assert_eq!(app.paths(), ["/voice", "/choice", "/voice", "/voice"]);
}

#[tokio::test]
async fn the_first_request_has_what_twilio_sends() {
    let (fake, app) = setup().await;
    app.says("/voice", "<Pause length='3'/>");
    let caller = InboundCall::new("+14155551234").param("CallerName", "ANN").param("FromZip", "94110");
    let phone = fake.receive_call(caller).await;
    assert_eq!(phone.heard(), [Heard::Pause(3)]);
    let first = app.last("/voice");
    for (key, value) in [
        ("CallSid", phone.call_sid()),
        ("AccountSid", &fake.account_sid()),
        ("From", "+14155551234"),
        ("Caller", "+14155551234"),
        ("To", fake.phone_number()),
        ("Called", fake.phone_number()),
        ("CallStatus", "ringing"),
        ("Direction", "inbound"),
        ("ApiVersion", "2010-04-01"),
        ("FromCity", "SAN FRANCISCO"),
        ("FromZip", "94110"),
        ("CalledCountry", "US"),
        ("CallerState", "CA"),
        ("CallerName", "ANN"),
        ("StirVerstat", "TN-Validation-Passed-A"),
    ] {
        assert_eq!(first.get(key), Some(value), "{key}");
    }
    assert!(first.get("CallToken").unwrap().contains("parentCallInfoToken"));
    let call =
        json(Plain::new(&fake).get(&format!("/Calls/{}.json", phone.call_sid())).send().await.unwrap()).await;
    assert_eq!((&call["direction"], &call["duration"]), (&"inbound".into(), &"3".into()));
    assert!(fake.calls().is_empty(), "calls() lists only calls that were placed over the API");
}

#[tokio::test]
async fn a_call_placed_over_the_api_can_be_answered() {
    let (fake, app) = setup().await;
    app.says("/hello", "<Say>Hello\n   <emphasis>you</emphasis></Say><Play>a.mp3</Play><Play digits='1w2'/>");
    let request = MakeCall::url(TO, app.at("/hello"));
    let call = fake.account().make_call(&request).await.unwrap();
    let sid = call.sid.to_string();
    let phone = fake.pick_up(&sid).await;
    let expected = [Heard::Say("Hello you".into()), Heard::Play(app.at("/a.mp3")), Heard::Keys("1w2".into())];
    assert_eq!(phone.heard(), expected);
    let first = app.last("/hello");
    assert_eq!(
        (first.get("CallStatus"), first.get("Direction")),
        (Some("in-progress"), Some("outbound-api"))
    );
    assert_eq!(first.get("From"), Some(fake.phone_number()));
    assert!(is_over(&phone));
}

#[tokio::test]
async fn an_answered_call_sends_the_usual_status_callbacks() {
    let (fake, app) = setup().await;
    app.says("/v", "<Pause length='61'/><Gather action='/x'/>");
    let (url, status) = (app.at("/v"), app.at("/status"));
    let event = |name| ("StatusCallbackEvent", name);
    let all = [event("initiated"), event("ringing"), event("answered"), event("completed")];
    let mut form = vec![("Url", url.as_str()), ("StatusCallback", &status)];
    form.extend(all);
    let phone = fake.pick_up(&place(&fake, &form).await).await;
    fake.advance(Duration::from_secs(3600));
    assert_eq!(phone.status(), "in-progress", "moving the clock does not end a call that a test controls");
    phone.hang_up().await;
    fake.wait_for_callbacks().await;
    let reports: Vec<_> = app.heard().into_iter().filter(|heard| heard.path == "/status").collect();
    let words: Vec<_> = reports.iter().map(|heard| heard.get("CallStatus").unwrap()).collect();
    assert_eq!(words, ["initiated", "ringing", "in-progress", "completed"]);
    assert_eq!((reports[3].get("SequenceNumber"), reports[3].get("CallDuration")), (Some("3"), Some("3600")));
    assert_eq!(reports[3].get("CallbackSource"), Some("call-progress-events"));
    assert!(reports[3].get("Timestamp").unwrap().ends_with("+0000"));
}

#[tokio::test]
async fn record_creates_a_recording_and_requests_its_action() {
    let (fake, app) = setup().await;
    app.says(
        "/voice",
        "<Record action='/done' maxLength='20' finishOnKey='*' recordingStatusCallback='/recorded'/><Say>Nothing?</Say>",
    )
    .says("/done", "<Say>Bye</Say>");
    let phone = fake.call_in(TO).await;
    assert!(matches!(phone.waits_for(), WaitsFor::Recording { max_seconds: 20, .. }));
    phone.record_until(12, '*').await;
    fake.wait_for_callbacks().await;
    let (done, recorded) = (app.last("/done"), app.last("/recorded"));
    assert_eq!((done.get("RecordingDuration"), done.get("Digits")), (Some("12"), Some("*")));
    assert!(done.get("RecordingUrl").unwrap().ends_with(done.get("RecordingSid").unwrap()));
    assert_eq!(recorded.get("RecordingSid"), done.get("RecordingSid"));
    assert_eq!(
        (recorded.get("RecordingStatus"), recorded.get("RecordingSource")),
        (Some("completed"), Some("RecordVerb"))
    );
    let path = format!("/Recordings/{}.json", done.get("RecordingSid").unwrap());
    let recording = json(Plain::new(&fake).get(&path).send().await.unwrap()).await;
    assert_eq!((&recording["duration"], &recording["call_sid"]), (&"12".into(), &phone.call_sid().into()));
    assert_eq!(phone.said(), ["Bye"]);

    let silent = fake.call_in(TO).await;
    silent.stay_silent().await;
    assert_eq!(silent.said(), ["Nothing?"]);
    let long = fake.call_in(TO).await;
    long.record(100).await;
    assert_eq!(app.last("/done").get("RecordingDuration"), Some("20"));
    let cut = fake.call_in(TO).await;
    cut.hang_up().await;
    let done = app.last("/done");
    assert_eq!((done.get("Digits"), done.get("CallStatus")), (Some("hangup"), Some("completed")));
    assert!(is_over(&cut) && cut.said().is_empty());
}

#[tokio::test]
async fn after_a_busy_party_the_next_one_can_be_dialled() {
    let (fake, app) = setup().await;
    app.says("/voice", "<Dial action='/after' callerId='+14155550100'>415-555-7777</Dial><Say>never</Say>").says(
        "/after",
        "<Dial record='record-from-answer'><Number statusCallback='/leg' statusCallbackEvent='initiated ringing answered completed'>\
         +14155558888</Number><Client>alice</Client></Dial><Say>Thanks</Say>",
    );
    let phone = fake.call_in(TO).await;
    let WaitsFor::DialedParty { parties, .. } = phone.waits_for() else { panic!() };
    assert_eq!(parties, ["+14155557777"]);
    phone.dialed("busy").await;
    let after = app.last("/after");
    assert_eq!((after.get("DialCallStatus"), after.get("DialBridged")), (Some("busy"), Some("false")));
    assert_eq!(after.get("DialCallDuration"), None);
    let path = format!("/Calls/{}.json", after.get("DialCallSid").unwrap());
    let leg = json(Plain::new(&fake).get(&path).send().await.unwrap()).await;
    assert_eq!((&leg["status"], &leg["direction"]), (&"busy".into(), &"outbound-dial".into()));
    assert_eq!((&leg["parent_call_sid"], &leg["from"]), (&phone.call_sid().into(), &"+14155550100".into()));
    let WaitsFor::DialedParty { parties, .. } = phone.waits_for() else { panic!() };
    assert_eq!(parties, ["+14155558888", "client:alice"]);
    phone.talked(42).await;
    fake.wait_for_callbacks().await;
    assert_eq!(phone.said(), ["Thanks"], "without an action the next verb of the document runs");
    let reports: Vec<_> = app.heard().into_iter().filter(|heard| heard.path == "/leg").collect();
    let words: Vec<_> = reports.iter().map(|heard| heard.get("CallStatus").unwrap()).collect();
    assert_eq!(words, ["initiated", "ringing", "in-progress", "completed"]);
    assert_eq!(reports[3].get("CallDuration"), Some("42"));
    assert_eq!(reports[3].get("ParentCallSid"), Some(phone.call_sid()));
    let recordings = json(Plain::new(&fake).get("/Recordings.json").send().await.unwrap()).await;
    assert_eq!(
        (&recordings["recordings"][0]["source"], &recordings["recordings"][0]["duration"]),
        (&"DialVerb".into(), &"42".into())
    );
}

#[tokio::test]
async fn gather_takes_speech_and_keys_by_its_attributes() {
    let (fake, app) = setup().await;
    let gather = |attributes: &str| format!("<Gather action='/a' {attributes}/><Say>Nothing</Say>");
    type Case = (&'static str, &'static str, &'static [(&'static str, &'static str)]);
    let cases: [Case; 6] = [
        (
            "input='speech' partialResultCallback='/partial'",
            "say sales",
            &[("SpeechResult", "sales"), ("Confidence", "0.9")],
        ),
        ("input='dtmf speech' numDigits='2'", "press 123", &[("Digits", "12")]),
        ("", "press 12#3", &[("Digits", "12"), ("FinishedOnKey", "#")]),
        ("finishOnKey=''", "press 1#", &[("Digits", "1#")]),
        ("actionOnEmptyResult='true'", "silence", &[("Digits", "")]),
        ("", "silence", &[]),
    ];
    for (attributes, does, expected) in cases {
        app.says("/voice", &gather(attributes)).says("/a", "<Say>Done</Say>");
        let phone = fake.call_in(TO).await;
        match does.split_once(' ') {
            Some(("say", words)) => phone.say(words).await,
            Some((_, keys)) => phone.press(keys).await,
            None => phone.stay_silent().await,
        }
        assert_eq!(phone.said(), [if expected.is_empty() { "Nothing" } else { "Done" }], "{attributes}");
        for (key, value) in expected {
            assert_eq!(app.last("/a").get(key), Some(*value), "{attributes}");
        }
    }
    fake.wait_for_callbacks().await;
    assert_eq!(app.last("/partial").get("UnstableSpeechResult"), Some("sales"));
}

#[tokio::test]
async fn actions_and_redirects_request_the_next_document() {
    let (fake, app) = setup().await;
    app.says("/voice", "<Redirect method='GET'>ivr/start?lang=en#rc=2</Redirect><Say>never</Say>")
        .says("/ivr/start", "<Say>Hi</Say><Gather/>")
        .replies("/moved", Reply::redirect(302, "/ivr/start"));
    let phone = fake.call_in(TO).await;
    let start = app.last("/ivr/start");
    assert_eq!(
        (start.method.as_str(), start.get("lang"), start.get("CallSid")),
        ("GET", Some("en"), Some(phone.call_sid()))
    );
    phone.press("5").await;
    let again = app.last("/ivr/start");
    assert_eq!(
        (again.method.as_str(), again.get("Digits")),
        ("POST", Some("5")),
        "the default action is the URL of the current document"
    );
    assert_eq!(again.get("lang"), Some("en"));

    let moved = fake.receive_call(InboundCall::new(TO).url(app.at("/moved"))).await;
    let after = app.last("/ivr/start");
    assert_eq!((after.method.as_str(), after.keys().len()), ("GET", 0), "a redirect drops the parameters");
    assert_eq!(moved.said(), ["Hi"]);
    let user = app.url.replace("http://", "http://user:pass@");
    let known =
        fake.receive_call(InboundCall::new(TO).url(format!("{user}/ivr/start?a=b#e=dublin")).get()).await;
    assert_eq!((known.said(), app.last("/ivr/start").get("a")), (vec!["Hi".to_owned()], Some("b")));
}

#[tokio::test]
async fn reject_ends_a_call_before_it_is_answered() {
    let (fake, app) = setup().await;
    for (document, status) in [
        ("<Reject/>", "no-answer"),
        ("<Reject reason='busy'/>", "busy"),
        ("<Say>Hm</Say><Reject/>", "completed"),
    ] {
        app.says("/voice", document);
        let phone = fake.call_in(TO).await;
        assert_eq!((phone.status().as_str(), phone.waits_for()), (status, WaitsFor::Nothing), "{document}");
        assert_eq!(phone.warnings().is_empty(), status != "completed");
    }
}

#[tokio::test]
async fn a_call_in_progress_is_updated_over_the_api() {
    let (fake, app) = setup().await;
    app.says("/voice", "<Gather action='/a'><Say>Hold on</Say></Gather>")
        .says("/agent", "<Say>An agent is here</Say><Gather/>");
    let phone = fake.call_in(TO).await;
    let client = Plain::new(&fake);
    let path = format!("/Calls/{}.json", phone.call_sid());
    let agent = app.at("/agent");
    assert_eq!(client.post(&path, &[("Url", &agent)]).send().await.unwrap().status(), 200);
    assert_eq!(phone.waits_for(), WaitsFor::Document);
    phone.catch_up().await;
    assert_eq!(phone.said(), ["Hold on", "An agent is here"]);
    client
        .post(&path, &[("Twiml", "<Response><Say>One moment</Say><Gather action='/a'/></Response>")])
        .send()
        .await
        .unwrap();
    assert_eq!(phone.said().len(), 3, "a document sent with the update is not requested from a URL");
    phone.press("1").await;
    assert!(
        phone.error().unwrap().starts_with("11100"),
        "an inline document has no URL for a default action: {:?}",
        phone.error()
    );

    let other = fake.call_in(TO).await;
    let path = format!("/Calls/{}.json", other.call_sid());
    client.post(&path, &[("Status", "completed")]).send().await.unwrap();
    assert!(is_over(&other));
    other.hang_up().await;
}

#[tokio::test]
async fn an_update_during_a_document_request_replaces_that_document() {
    let (fake, app) = setup().await;
    let gate = Arc::new(Notify::new());
    app.replies("/voice", Reply::xml("<Say>too late</Say><Gather/>").once_notified(&gate))
        .says("/new", "<Say>in time</Say><Gather/>");
    let change = async {
        while app.heard().is_empty() {
            tokio::task::yield_now().await;
        }
        let sid = app.heard()[0].get("CallSid").unwrap().to_owned();
        fake.answer_call(&sid);
        let url = app.at("/new");
        let changed = Plain::new(&fake).post(&format!("/Calls/{sid}.json"), &[("Url", &url)]).send().await;
        assert_eq!(changed.unwrap().status(), 200);
        gate.notify_one();
    };
    let (phone, ()) = tokio::join!(fake.call_in(TO), change);
    assert_eq!(phone.said(), ["in time"]);
}

#[tokio::test]
async fn a_call_runs_through_queue_stream_payment_and_sms() {
    let (fake, app) = setup().await;
    app.says("/voice", "<Enqueue action='/left' waitUrl='/music'>support</Enqueue>")
        .says("/music", "<Play>jazz.mp3</Play><Dial>1</Dial>")
        .says("/left", "<Connect action='/connected'><Stream url='wss://example.com/s'/></Connect>")
        .says("/connected", "<Start><Stream url='wss://example.com/s'/></Start><Pay action='/paid'/>")
        .says("/paid", "<Sms action='/texted'>Paid, thank you</Sms>")
        .says("/texted", "<Dial><Conference>room</Conference></Dial><Echo/><Say>never</Say>");
    let phone = fake.call_in(TO).await;
    assert!(matches!(phone.waits_for(), WaitsFor::Queue { name, .. } if name == "support"));
    assert_eq!(
        (app.last("/music").get("QueuePosition"), phone.heard()),
        (Some("1"), vec![Heard::Play(app.at("/jazz.mp3"))])
    );
    phone.leave_queue("bridged").await;
    let left = app.last("/left");
    assert_eq!(
        (left.get("QueueResult"), left.get("QueueSid")),
        (Some("bridged"), app.last("/music").get("QueueSid"))
    );
    assert!(
        matches!(phone.waits_for(), WaitsFor::Stream { kind, url, .. } if kind == "Stream" && url == "wss://example.com/s")
    );
    phone.leave_stream().await;
    phone.pay("success").await;
    assert_eq!(app.last("/paid").get("Result"), Some("success"));
    let sent = fake.sent();
    assert_eq!((sent.len(), &sent[0].body, &sent[0].to), (1, &"Paid, thank you".into(), &TO.into()));
    assert_eq!(app.last("/texted").get("SmsSid"), Some(sent[0].sid.as_str()));
    assert!(matches!(phone.waits_for(), WaitsFor::Conference { name, .. } if name == "room"));
    phone.dialed("completed").await;
    assert_eq!(phone.waits_for(), WaitsFor::HangUp);
    phone.hang_up().await;
    assert!(is_over(&phone) && phone.errors().is_empty() && phone.warnings().len() == 1);
}

#[tokio::test]
async fn hanging_up_requests_the_action() {
    let (fake, app) = setup().await;
    for (document, key, value) in [
        ("<Dial action='/a'>+14155557777</Dial>", "DialCallStatus", "canceled"),
        ("<Enqueue action='/a'>q</Enqueue>", "QueueResult", "hangup"),
    ] {
        app.says("/voice", document).says("/a", "<Say>Who is there?</Say>");
        let phone = fake.call_in(TO).await;
        phone.hang_up().await;
        assert_eq!((app.last("/a").get(key), phone.said().len()), (Some(value), 0));
        assert!(is_over(&phone));
    }
    app.says("/voice", "<Gather action='/never'/>");
    fake.call_in(TO).await.hang_up().await;
    assert!(!app.paths().contains(&"/never".to_owned()));
}

#[tokio::test]
async fn machine_detection_is_reported_if_it_was_requested() {
    let (fake, app) = setup().await;
    app.says("/v", "<Hangup/>");
    let (url, aside) = (app.at("/v"), app.at("/amd"));
    let sid = place(&fake, &[("Url", &url), ("MachineDetection", "DetectMessageEnd")]).await;
    fake.pick_up_by_machine(&sid).await;
    assert_eq!(app.last("/v").get("AnsweredBy"), Some("machine_end_beep"));
    let call = json(Plain::new(&fake).get(&format!("/Calls/{sid}.json")).send().await.unwrap()).await;
    assert_eq!(call["answered_by"], "machine_end_beep");
    let async_amd = [
        ("Url", url.as_str()),
        ("MachineDetection", "Enable"),
        ("AsyncAmd", "true"),
        ("AsyncAmdStatusCallback", &aside),
    ];
    fake.pick_up(&place(&fake, &async_amd).await).await;
    fake.wait_for_callbacks().await;
    assert_eq!((app.last("/v").get("AnsweredBy"), app.last("/amd").get("AnsweredBy")), (None, Some("human")));
    fake.pick_up_by_machine(&place(&fake, &[("Url", &url)]).await).await;
    assert_eq!(app.last("/v").get("AnsweredBy"), None);
}

#[tokio::test]
async fn the_dialled_party_hears_the_document_of_number_url_first() {
    let (fake, app) = setup().await;
    app.says("/voice", "<Dial action='/after'><Number url='whisper'>+14155557777</Number></Dial>")
        .says(
            "/whisper",
            "<Gather numDigits='1' action='/accept'><Say>Press 1 to accept</Say></Gather><Hangup/>",
        )
        .says("/accept", "<Say>Here you go</Say>")
        .says("/after", "<Say>Bye</Say>");
    let phone = fake.call_in(TO).await;
    let party = phone.dialed_party().await;
    let asked = app.last("/whisper");
    assert_eq!((asked.get("To"), asked.get("ParentCallSid")), (Some("+14155557777"), Some(phone.call_sid())));
    party.press("1").await;
    assert_eq!((party.said().len(), party.waits_for()), (2, WaitsFor::HangUp));
    phone.talked(7).await;
    assert_eq!((phone.said(), party.status().as_str()), (vec!["Bye".to_owned()], "completed"));
    assert_eq!(app.last("/after").get("DialCallSid"), Some(party.call_sid()));

    let phone = fake.call_in(TO).await;
    let party = phone.dialed_party().await;
    party.stay_silent().await;
    assert!(is_over(&party), "the party did not accept");
    phone.dialed("completed").await;
    let after = app.last("/after");
    assert_eq!((after.get("DialCallStatus"), after.get("DialBridged")), (Some("completed"), Some("false")));
}

#[tokio::test]
async fn a_recording_is_transcribed() {
    let (fake, app) = setup().await;
    app.says("/voice", "<Record action='/done' transcribe='true' transcribeCallback='/text'/>");
    fake.call_in(TO).await.record_words(9, "Call me").await;
    fake.wait_for_callbacks().await;
    let reports = app.last("/text");
    assert_eq!(
        (reports.get("TranscriptionText"), reports.get("TranscriptionStatus")),
        (Some("Call me"), Some("completed"))
    );
    assert_eq!(reports.get("RecordingSid"), app.last("/done").get("RecordingSid"));
    let path = format!("/Transcriptions/{}.json", reports.get("TranscriptionSid").unwrap());
    assert_eq!(
        json(Plain::new(&fake).get(&path).send().await.unwrap()).await["transcription_text"],
        "Call me"
    );
}
