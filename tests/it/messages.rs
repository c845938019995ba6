//! Messages and calls through the adapter, from creating one to deleting it.

use std::time::Duration;

use futures_util::StreamExt as _;
use jiff::Timestamp;
use serde_json::json;
use switchboard::provider::{AccountKind, ApiRequest};
use switchboard::twilio::calls::{CallEvent, ListCalls, UpdateCall};
use switchboard::twilio::messages::{FeedbackOutcome, ListMedia, ListMessages};
use switchboard::twilio::{CallStatus, CreateCall, CreateMessage, MakeCall, Message, MessageStatus, SendSms};
use switchboard::{Action, Credentials, ErrorCode, ProviderAdapter as _, Reason};
use switchboard_testing::{FakeTwilio, Fault};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::TO;

const MG: &str = "MG0123456789abcdef0123456789abcdef";

#[tokio::test]
async fn a_text_is_sent_fetched_redacted_and_deleted() {
    let fake = FakeTwilio::start().await;
    let account = fake.account();
    let message = account.send_sms(TO, "Your table is ready").await.unwrap();
    assert_eq!(message.status, MessageStatus::Queued);
    assert_eq!(message.from.as_ref().unwrap(), &fake.phone_number());
    assert_eq!((message.segments(), message.cost_note()), (1, None));
    assert!(message.extra.is_empty(), "{:?}", message.extra);
    let sid = message.sid;

    fake.deliver(&sid);
    let messages = account.messages();
    let delivered = messages.fetch(&sid).await.unwrap();
    assert_eq!(delivered.status, MessageStatus::Delivered);
    assert!(delivered.price.unwrap().as_str().starts_with("-0.0") && delivered.date_sent.is_some());
    let redacted = messages.redact(&sid).await.unwrap();
    assert!(redacted.body.unwrap().is_empty());
    messages.delete(&sid).await.unwrap();
    assert_eq!(messages.fetch(&sid).await.unwrap_err().code(), ErrorCode::NotFound);
}

#[tokio::test]
async fn a_long_text_reports_its_segments_and_cost() {
    let fake = FakeTwilio::start().await;
    let message = fake.account().send_sms(TO, "It’s ready. ".repeat(20)).await.unwrap();
    assert_eq!(message.segments(), 4);
    assert!(message.cost_note().unwrap().contains('4'));
}

#[tokio::test]
async fn a_scheduled_message_is_cancelled_once() {
    let fake = FakeTwilio::start().await;
    let account = fake.account();
    let at = Timestamp::now() + Duration::from_secs(3600);
    let later = CreateMessage::new(TO).body("later").messaging_service(MG).send_at(at);
    let message = account.send(&later).await.unwrap();
    assert_eq!((message.status, message.from), (MessageStatus::Scheduled, None));
    let sid = message.sid;
    let canceled = account.messages().cancel(&sid).await.unwrap();
    assert_eq!(canceled.status, MessageStatus::Canceled);
    let error = account.messages().cancel(&sid).await.unwrap_err();
    assert_eq!((error.provider_code(), error.reason()), (Some(30409), Reason::WrongState));
}

#[tokio::test]
async fn media_are_listed_downloaded_and_deleted() {
    let fake = FakeTwilio::start().await;
    let account = fake.account();
    let mms =
        CreateMessage::new(TO).media_url("https://example.com/a.png").media_url("https://example.com/b.jpg");
    let message = account.send(&mms).await.unwrap();
    let sid = message.sid;
    assert!(sid.starts_with("MM") && message.num_media == Some(2));

    let media = account.messages().media(&sid);
    let items = media.list(&ListMedia::new()).unwrap().all().await.unwrap();
    assert_eq!(items.len(), 2);
    let first = items[0].sid.clone();
    assert_eq!(media.fetch(&first).await.unwrap(), items[0]);
    fake.set_media(&first, "image/png", vec![7; 100_000]);
    // The fake's storage refuses requests that carry credentials.
    let download = media.download(&first).await.unwrap();
    assert_eq!((download.content_type(), download.content_length()), (Some("image/png"), Some(100_000)));
    assert_eq!(download.bytes().await.unwrap(), vec![7; 100_000]);
    let error = media.download_up_to(&first, 99_999).await.unwrap_err();
    assert_eq!(error.reason(), Reason::MediaProblem);
    media.delete(&first).await.unwrap();
    assert_eq!(media.list(&ListMedia::new()).unwrap().all().await.unwrap().len(), 1);
}

#[tokio::test]
async fn feedback_about_a_message_is_created() {
    let fake = FakeTwilio::start().await;
    let account = fake.account();
    let message =
        account.send(&CreateMessage::new(TO).body("code 1234").provide_feedback(true)).await.unwrap();
    account.messages().feedback(&message.sid, FeedbackOutcome::Confirmed).await.unwrap();
}

#[tokio::test]
async fn lists_stream_page_by_page_and_stop_at_the_limit() {
    let fake = FakeTwilio::start().await;
    let account = fake.account();
    for n in 0..25 {
        account.send_sms(if n % 5 == 0 { "+12025550187" } else { TO }, format!("number {n}")).await.unwrap();
    }
    let messages = account.messages();
    let before = fake.requests();
    let all: Vec<_> = messages.list(&ListMessages::new().page_size(10)).collect().await;
    assert_eq!((all.len(), fake.requests() - before), (25, 3));
    assert_eq!(all[0].as_ref().unwrap().body.as_ref().unwrap(), &"number 24");

    let before = fake.requests();
    let some = messages.list(&ListMessages::new().page_size(10)).limit(12).all().await.unwrap();
    assert_eq!((some.len(), fake.requests() - before), (12, 2));
    let mut few = messages.list(&ListMessages::new().page_size(10)).limit(10);
    assert_eq!(few.next_page().await.unwrap().unwrap().items.len(), 10);
    assert!(few.next_page().await.unwrap().is_none());

    let filtered = messages.list(&ListMessages::new().to("+12025550187")).all().await.unwrap();
    assert_eq!(filtered.len(), 5);
    let nobody = messages.list(&ListMessages::new().from("+12025550100")).all().await.unwrap();
    assert!(nobody.is_empty());
}

#[tokio::test]
async fn a_failed_page_can_be_requested_again_and_a_failed_stream_ends() {
    let fake = FakeTwilio::start().await;
    let account = fake.account();
    for n in 0..4 {
        account.send_sms(TO, format!("number {n}")).await.unwrap();
    }
    let mut pages = account.messages().list(&ListMessages::new().page_size(2));
    assert_eq!(pages.next_page().await.unwrap().unwrap().items.len(), 2);
    fake.fail_next(Fault::Code { status: 403, code: 20403 });
    assert_eq!(pages.next_page().await.unwrap_err().code(), ErrorCode::Forbidden);
    assert_eq!(pages.next_page().await.unwrap().unwrap().items.len(), 2);
    assert!(pages.next_page().await.unwrap().is_none());

    fake.fail_next(Fault::Code { status: 403, code: 20403 });
    let results: Vec<_> = account.messages().list(&ListMessages::new()).collect().await;
    assert!(matches!(results.as_slice(), [Err(_)]));
}

/// A list whose `next_page_uri` is `link`.
async fn leading_to(link: &str) -> (MockServer, FakeTwilio) {
    let server = MockServer::builder().start().await;
    let body = json!({"messages": [{"sid": "SM1"}], "next_page_uri": link});
    Mock::given(any()).respond_with(ResponseTemplate::new(200).set_body_json(body)).mount(&server).await;
    (server, FakeTwilio::start().await)
}

#[tokio::test]
async fn links_to_other_hosts_accounts_or_earlier_pages_are_refused() {
    let fake = FakeTwilio::start().await;
    let away = "https://evil.example/2010-04-01/Accounts/AC1/Messages.json?Page=1";
    let other = "/2010-04-01/Accounts/AC00000000000000000000000000000000/Messages.json?Page=1";
    let round = format!("/2010-04-01/Accounts/{}/Messages.json?Page=1", fake.account_sid());
    for (link, requests, message) in
        [(away, 1, "another host"), (other, 1, "out of the account"), (&round, 2, "read already")]
    {
        let (server, _) = leading_to(link).await;
        let account = fake.adapter_builder().base_url(server.uri()).build().unwrap();
        let account = account.account(&fake.credentials()).unwrap();
        let results: Vec<_> = account.messages().list(&ListMessages::new()).collect().await;
        let error = results.last().unwrap().as_ref().unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
        assert_eq!(server.received_requests().await.unwrap().len(), requests, "{link}");
    }
}

#[tokio::test]
async fn refusals_have_recipient_reason_and_advice() {
    let fake = FakeTwilio::start().await;
    let account = fake.account();
    let cases = [
        ("+15005550001", 21211, Reason::InvalidRecipient),
        ("+15005550003", 21408, Reason::CountryNotEnabled),
        ("+15005550004", 21610, Reason::OptedOut),
        ("+15005550009", 21614, Reason::NotTextable),
    ];
    for (to, code, reason) in cases {
        let error = account.send_sms(to, "hi").await.unwrap_err();
        assert_eq!((error.provider_code(), error.reason()), (Some(code), reason));
        assert_eq!(error.recipient().unwrap(), &to);
        assert!(error.advice().is_some() && error.request_id().is_some() && error.more_info().is_some());
        assert!(!error.is_retryable() && !error.to_string().contains(to.trim_start_matches("+1")), "{error}");
    }
    fake.opt_out("+12025550187");
    let error = account.send_sms("+12025550187", "hi").await.unwrap_err();
    assert_eq!(error.reason(), Reason::OptedOut);
}

#[tokio::test]
async fn refusals_of_a_trial_account_have_their_own_reason() {
    let fake = FakeTwilio::start().await;
    fake.trial();
    let account = fake.account();
    assert_eq!(account.test_connection().await.unwrap().kind, Some(AccountKind::Trial));
    let error = account.send_sms(TO, "hi").await.unwrap_err();
    assert_eq!((error.provider_code(), error.reason()), (Some(21608), Reason::TrialLimit));
    let error = account.make_call(&MakeCall::say(TO, "hi")).await.unwrap_err();
    assert_eq!((error.provider_code(), error.reason()), (Some(21219), Reason::TrialLimit));
    assert!(error.advice().is_some());
    fake.verify_number(TO);
    let message = account.send_sms(TO, "hi").await.unwrap();
    assert!(message.body.unwrap().as_str().starts_with("Sent from your Twilio trial account - "));
}

#[tokio::test]
async fn connections_are_tested_with_tokens_and_with_keys() {
    let fake = FakeTwilio::start().await;
    let adapter = fake.adapter();
    let connection = adapter.test_connection(&fake.credentials()).await.unwrap();
    assert_eq!(
        (connection.account_id.as_str(), connection.kind),
        (fake.account_sid().as_str(), Some(AccountKind::Full))
    );
    assert_eq!(connection.status.as_deref(), Some("active"));
    assert!(connection.friendly_name.is_some());

    let (key, secret) = fake.api_key();
    let connection = adapter.test_connection(&fake.credentials().api_key(&key, secret)).await.unwrap();
    assert_eq!((connection.username, connection.friendly_name), (key.clone(), None));

    let wrong = Credentials::twilio(fake.account_sid(), "00000000000000000000000000000000");
    let error = adapter.test_connection(&wrong).await.unwrap_err();
    assert_eq!((error.code(), error.provider_code()), (ErrorCode::Unauthorized, Some(20003)));
    assert_eq!(error.action(), Action::Reconnect);

    fake.fail_next(Fault::Code { status: 403, code: 70051 });
    let limited = adapter.test_connection(&fake.credentials()).await.unwrap();
    assert!(limited.limited && limited.friendly_name.is_none());
    let before = fake.requests();
    let error = adapter.test_connection(&Credentials::twilio("AC1", "x")).await.unwrap_err();
    assert_eq!((error.code(), fake.requests()), (ErrorCode::InvalidCredentials, before));
}

#[tokio::test]
async fn a_bad_request_is_refused_before_anything_is_sent() {
    let fake = FakeTwilio::start().await;
    let bare = Credentials::twilio(fake.account_sid(), fake.auth_token());
    let adapter = fake.adapter();
    let error = adapter.send_sms(&bare, &SendSms::new(TO, "hi")).await.unwrap_err();
    assert_eq!((error.code(), error.reason()), (ErrorCode::InvalidRequest, Reason::MissingParameter));
    let error = adapter.make_call(&bare, &MakeCall::say(TO, "hi")).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidRequest);
    let account = fake.account();
    for sid in ["", "SM1", "../Calls", "CA0123456789abcdef0123456789abcdef"] {
        assert_eq!(
            account.messages().fetch(sid).await.unwrap_err().code(),
            ErrorCode::InvalidRequest,
            "{sid}"
        );
    }
    let error = account.request(ApiRequest::get("/../../v1/x")).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidRequest);
    assert_eq!(fake.requests(), 0);
}

#[tokio::test]
async fn a_call_is_made_fetched_ended_and_deleted() {
    let fake = FakeTwilio::start().await;
    let account = fake.account();
    let call = account.make_call(&MakeCall::say(TO, "Tom & Jerry <3")).await.unwrap();
    assert_eq!(call.status, CallStatus::Queued);
    assert!(call.extra.is_empty(), "{:?}", call.extra);
    let sid = call.sid;
    let calls = account.calls();
    fake.answer_call(&sid);
    assert_eq!(calls.fetch(&sid).await.unwrap().status, CallStatus::InProgress);
    calls.update(&sid, &UpdateCall::twiml("<Response><Hangup/></Response>")).await.unwrap();
    let over = calls.hang_up(&sid).await.unwrap();
    assert_eq!(over.status, CallStatus::Completed);
    assert!(over.duration.is_some());
    let error = calls.update(&sid, &UpdateCall::redirect("https://example.com/x")).await.unwrap_err();
    assert_eq!((error.provider_code(), error.reason()), (Some(21220), Reason::WrongState));

    let ringing = account.make_call(&MakeCall::url(TO, "https://example.com/greeting")).await.unwrap();
    let canceled = calls.cancel(&ringing.sid).await.unwrap();
    assert_eq!(canceled.status, CallStatus::Canceled);
    let listed = calls.list(&ListCalls::new().status(CallStatus::Canceled)).all().await.unwrap();
    assert_eq!(listed.len(), 1);
    calls.delete(&sid).await.unwrap();
    assert_eq!(calls.list(&ListCalls::new()).all().await.unwrap().len(), 1);
}

#[tokio::test]
async fn callbacks_of_a_call_arrive_and_are_signed() {
    let receiver = MockServer::builder().start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(204)).mount(&receiver).await;
    let fake = FakeTwilio::start().await;
    let call = CreateCall::new(TO).say("hi").status_callback(receiver.uri()).status_callback_events([
        CallEvent::Ringing,
        CallEvent::Answered,
        CallEvent::Completed,
    ]);
    let sid = fake.account().calls().create(&call).await.unwrap().sid;
    fake.complete_call(&sid);
    fake.wait_for_callbacks().await;
    let words: Vec<CallStatus> = receiver
        .received_requests()
        .await
        .unwrap()
        .iter()
        .map(|request| {
            let form: Vec<(String, String)> = serde_urlencoded::from_bytes(&request.body).unwrap();
            form.iter().find(|(key, _)| key == "CallStatus").unwrap().1.as_str().into()
        })
        .collect();
    assert_eq!(words, [CallStatus::Ringing, CallStatus::InProgress, CallStatus::Completed]);
}

#[tokio::test]
async fn an_answer_with_unknown_fields_and_values_is_a_success() {
    let server = MockServer::builder().start().await;
    let body = json!({"sid": "SM1", "status": "teleported", "num_segments": {"new": 1}, "novelty": [1]});
    Mock::given(any()).respond_with(ResponseTemplate::new(201).set_body_json(body)).mount(&server).await;
    let fake = FakeTwilio::start().await;
    let adapter = fake.adapter_builder().base_url(server.uri()).build().unwrap();
    let message: Message = adapter.send_sms(&fake.credentials(), &SendSms::new(TO, "hi")).await.unwrap();
    assert_eq!(message.status, MessageStatus::Unknown("teleported".into()));
    assert_eq!(message.extra.get("num_segments"), Some(&json!({"new": 1})));
    assert_eq!(message.extra.get("novelty"), Some(&json!([1])));
}
