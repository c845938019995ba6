//! The requests of each resource: method, path and body, and which of them are never repeated.

use std::time::Duration;

use serde_json::{Value, json};
use switchboard::twilio::TwilioAccount;
use switchboard::twilio::content::{ContentCategory, CreateContent, RequestApproval};
use switchboard::twilio::lookup::LookupRequest;
use switchboard::twilio::messaging_services::MessagingServiceSettings;
use switchboard::twilio::verify::{
    CheckOutcome, CheckVerification, StartVerification, VerificationStatus, VerifyServiceSettings,
};
use switchboard::twilio::whatsapp::WhatsAppMessage;
use switchboard::{ErrorCode, Outcome};
use switchboard_testing::FakeTwilio;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::TO;

const VA: &str = "VA0123456789abcdef0123456789abcdef";
const VE: &str = "VE0123456789abcdef0123456789abcdef";
const HX: &str = "HX0123456789abcdef0123456789abcdef";
const MG: &str = "MG0123456789abcdef0123456789abcdef";
const PN: &str = "PN0123456789abcdef0123456789abcdef";

/// A server that gives the same answer to every request, and an account that uses it as Twilio.
async fn answering(answer: ResponseTemplate) -> (MockServer, TwilioAccount) {
    let server = MockServer::builder().start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let fake = FakeTwilio::start().await;
    let adapter = fake.adapter_builder().base_url(server.uri()).build().unwrap();
    (server, adapter.account(&fake.credentials()).unwrap())
}

async fn sent(server: &MockServer) -> Vec<String> {
    let all = server.received_requests().await.unwrap();
    let line = |request: &wiremock::Request| {
        let query = request.url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let body = String::from_utf8_lossy(&request.body);
        format!("{} {}{query} {body}", request.method, request.url.path()).trim_end().to_owned()
    };
    all.iter().map(line).collect()
}

/// An answer that every list reads as an empty page.
fn nothing() -> ResponseTemplate {
    let body: Value = json!({"services": [], "contents": [], "phone_numbers": [], "sid": VA, "meta": {"next_page_url": null}});
    ResponseTemplate::new(200).set_body_json(body)
}

#[tokio::test]
async fn verify_sends_the_documented_requests() {
    let (server, account) = answering(nothing()).await;
    let services = account.verify_services();
    services.create(&VerifyServiceSettings::named("Acme")).await.unwrap();
    services.list().all().await.unwrap();
    services.fetch(VA).await.unwrap();
    services.update(VA, &VerifyServiceSettings::new().code_length(6)).await.unwrap();
    services.delete(VA).await.unwrap();
    let verify = account.verify(VA);
    verify.start(&StartVerification::call(TO)).await.unwrap();
    verify.fetch(VE).await.unwrap();
    verify.cancel(TO).await.unwrap();
    verify.approve("ada+1@example.com").await.unwrap();
    verify.check(&CheckVerification::new(TO, "123456")).await.unwrap();
    let one = format!("/v2/Services/{VA}");
    assert_eq!(
        sent(&server).await,
        [
            "POST /v2/Services FriendlyName=Acme".to_owned(),
            "GET /v2/Services".to_owned(),
            format!("GET {one}"),
            format!("POST {one} CodeLength=6"),
            format!("DELETE {one}"),
            format!("POST {one}/Verifications To=%2B14155551234&Channel=call"),
            format!("GET {one}/Verifications/{VE}"),
            format!("POST {one}/Verifications/%2B14155551234 Status=canceled"),
            format!("POST {one}/Verifications/ada%2B1%40example.com Status=approved"),
            format!("POST {one}/VerificationCheck To=%2B14155551234&Code=123456"),
        ]
    );
}

#[tokio::test]
async fn lookup_content_and_messaging_services_send_the_documented_requests() {
    let (server, account) = answering(nothing()).await;
    account.lookup().number(TO).await.unwrap();
    account.lookup().fetch(&LookupRequest::new("415/../5").country("US").line_type()).await.unwrap();
    let contents = account.content();
    contents.create(&CreateContent::new("en").text("x")).await.unwrap();
    contents.list().all().await.unwrap();
    contents.list_with_approvals().all().await.unwrap();
    contents.fetch(HX).await.unwrap();
    contents.request_approval(HX, &RequestApproval::new("x", ContentCategory::Utility)).await.unwrap();
    contents.approval(HX).await.unwrap();
    contents.delete(HX).await.unwrap();
    let services = account.messaging_services();
    services.create(&MessagingServiceSettings::named("x")).await.unwrap();
    services.list().all().await.unwrap();
    services.fetch(MG).await.unwrap();
    services.update(MG, &MessagingServiceSettings::new().sticky_sender(true)).await.unwrap();
    services.delete(MG).await.unwrap();
    let numbers = services.phone_numbers(MG);
    numbers.list().unwrap().all().await.unwrap();
    numbers.add(PN).await.unwrap();
    numbers.fetch(PN).await.unwrap();
    numbers.remove(PN).await.unwrap();
    let (content, service) = (format!("/v1/Content/{HX}"), format!("/v1/Services/{MG}"));
    assert_eq!(
        sent(&server).await,
        [
            "GET /v2/PhoneNumbers/%2B14155551234".to_owned(),
            "GET /v2/PhoneNumbers/415%2F..%2F5?Fields=line_type_intelligence&CountryCode=US".to_owned(),
            r#"POST /v1/Content {"language":"en","types":{"twilio/text":{"body":"x"}}}"#.to_owned(),
            "GET /v1/Content".to_owned(),
            "GET /v1/ContentAndApprovals".to_owned(),
            format!("GET {content}"),
            format!(r#"POST {content}/ApprovalRequests/whatsapp {{"name":"x","category":"UTILITY"}}"#),
            format!("GET {content}/ApprovalRequests"),
            format!("DELETE {content}"),
            "POST /v1/Services FriendlyName=x".to_owned(),
            "GET /v1/Services".to_owned(),
            format!("GET {service}"),
            format!("POST {service} StickySender=true"),
            format!("DELETE {service}"),
            format!("GET {service}/PhoneNumbers"),
            format!("POST {service}/PhoneNumbers PhoneNumberSid={PN}"),
            format!("GET {service}/PhoneNumbers/{PN}"),
            format!("DELETE {service}/PhoneNumbers/{PN}"),
        ]
    );
}

#[tokio::test]
async fn malformed_sids_are_refused_before_anything_is_sent() {
    let (server, account) = answering(nothing()).await;
    let verify = account.verify("VA1");
    assert!(verify.start(&StartVerification::sms(TO)).await.is_err());
    assert!(account.verify(VA).fetch("VE1").await.is_err());
    assert!(account.verify(VA).cancel("..").await.is_err());
    assert!(account.content().fetch("../x").await.is_err());
    assert!(account.messaging_services().delete(VA).await.is_err());
    assert!(account.messaging_services().phone_numbers("").list().is_err());
    assert!(account.messaging_services().phone_numbers(MG).remove(MG).await.is_err());
    assert!(sent(&server).await.is_empty());
}

fn refusal(status: u16, code: u32) -> ResponseTemplate {
    let body = json!({"code": code, "message": "no", "more_info": "", "status": status});
    ResponseTemplate::new(status).set_body_json(body)
}

#[tokio::test]
async fn a_check_is_sent_once_for_every_answer() {
    let check = CheckVerification::new(TO, "123456");
    for (answer, expected) in [
        (refusal(404, 20404), CheckOutcome::Gone),
        (refusal(429, 60202), CheckOutcome::TooManyAttempts),
        (
            refusal(429, 20429).insert_header("Retry-After", "1"),
            CheckOutcome::RateLimited(Some(Duration::from_secs(1))),
        ),
        (ResponseTemplate::new(429), CheckOutcome::RateLimited(None)),
    ] {
        let (server, account) = answering(answer).await;
        assert_eq!(account.verify(VA).check(&check).await.unwrap(), expected);
        assert_eq!(sent(&server).await.len(), 1);
    }
    for (status, outcome) in [(503, Outcome::Unknown), (404, Outcome::NotApplied), (403, Outcome::NotApplied)]
    {
        let (server, account) = answering(ResponseTemplate::new(status)).await;
        let error = account.verify(VA).check(&check).await.unwrap_err();
        assert_eq!((error.outcome(), error.is_retryable()), (outcome, false), "{status}");
        assert_eq!(sent(&server).await.len(), 1);
    }
}

#[tokio::test]
async fn a_start_of_unknown_outcome_is_not_sent_again() {
    let (server, account) = answering(ResponseTemplate::new(503)).await;
    let error = account.verify(VA).start(&StartVerification::sms(TO)).await.unwrap_err();
    assert_eq!((error.outcome(), error.recipient().map(|to| to.as_str())), (Outcome::Unknown, Some(TO)));
    assert_eq!(sent(&server).await.len(), 1);
    // 60203 (five sends of one verification) comes with 429, but waiting a moment does not help, so it is not repeated.
    let (server, account) = answering(refusal(429, 60203)).await;
    let error = account.verify(VA).start(&StartVerification::sms(TO)).await.unwrap_err();
    assert_eq!((error.code(), error.is_retryable()), (ErrorCode::RateLimited, false));
    assert_eq!(sent(&server).await.len(), 1);
}

#[tokio::test]
async fn checks_report_wrong_approved_and_gone() {
    let fake = FakeTwilio::start().await;
    fake.set_code("424242");
    let account = fake.account();
    let service = account.verify_services().create(&VerifyServiceSettings::named("Acme")).await.unwrap();
    let verify = account.verify(service.sid);
    let check = async |code: &str| verify.check(&CheckVerification::new(TO, code)).await.unwrap();
    assert_eq!(check("424242").await, CheckOutcome::Gone, "nothing was started");
    verify.start(&StartVerification::sms(TO)).await.unwrap();
    let CheckOutcome::WrongCode(pending) = check("000000").await else { panic!("not wrong") };
    assert_eq!(pending.status, VerificationStatus::Pending);
    assert!(check("424242").await.is_approved());
    assert_eq!(check("424242").await, CheckOutcome::Gone);

    verify.start(&StartVerification::sms(TO)).await.unwrap();
    for _ in 0..5 {
        assert!(matches!(check("000000").await, CheckOutcome::WrongCode(_)));
    }
    assert_eq!(check("424242").await, CheckOutcome::TooManyAttempts);
}

#[tokio::test]
async fn a_whatsapp_message_is_sent_from_the_accounts_number_on_whatsapp() {
    let fake = FakeTwilio::start().await;
    let message = WhatsAppMessage::template(TO, HX).variable("1", "Ada");
    let message = fake.account().send(&message.into()).await.unwrap();
    assert_eq!(message.to.unwrap().as_str(), format!("whatsapp:{TO}"));
    assert_eq!(message.from.unwrap().as_str(), format!("whatsapp:{}", fake.phone_number()));
}
