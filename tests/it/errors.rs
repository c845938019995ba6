//! Errors as a program uses them: the provider's name, storing and reading back, and the printed message.

use std::error::Error as _;

use switchboard::provider::ApiRequest;
use switchboard::twilio::TwilioAdapter;
use switchboard::{Credentials, ErrorCode, Outcome, ProviderAdapter as _, ProviderError, ProviderName};
use switchboard_testing::{FakeTwilio, FaultProxy, ProxyMode};

use crate::support::TO;

#[tokio::test]
async fn errors_found_before_anything_is_sent_name_the_provider() {
    let fake = FakeTwilio::start().await;
    let account = fake.account();
    let base_url = |url| TwilioAdapter::builder().base_url(url).build().unwrap_err();
    let errors = [
        fake.adapter().validate_credentials(&Credentials::new()).unwrap_err(),
        fake.adapter().auth_headers(&Credentials::twilio("AC1", "t")).unwrap_err(),
        account.send_sms("12345", "").await.unwrap_err(),
        account.send_sms("", "hi").await.unwrap_err(),
        account.messages().fetch("no SID").await.unwrap_err(),
        account.request(ApiRequest::get("/../x")).await.unwrap_err(),
        account.request(ApiRequest::post("/x").form(1)).await.unwrap_err(),
        account.request(ApiRequest::get("/x").on("no host")).await.unwrap_err(),
        base_url("nowhere"),
        base_url("http://example.com"),
        TwilioAdapter::builder().root_certificate_pem("none").build().unwrap_err(),
        TwilioAdapter::builder().region("mars").build().unwrap_err(),
    ];
    assert_eq!(fake.sent().len(), 0);
    for error in errors {
        assert_eq!(error.provider(), Some(&ProviderName::TWILIO), "{error}");
        assert_eq!(error.outcome(), Outcome::NotApplied, "{error}");
    }
}

/// The results of all methods of an error, and its printed forms.
fn answers(error: &ProviderError) -> Vec<String> {
    let mut causes = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        causes.push(cause.to_string());
        next = cause.source();
    }
    vec![
        format!("{} {} {}", error.code(), error.reason(), error.outcome()),
        format!("{} {} {:?}", error.action(), error.is_retryable(), error.retry_after()),
        format!("{:?} {}", error.scope(), error.http_status()),
        format!("{:?} {:?}", error.recipient().map(|to| to.as_str()), error.provider()),
        format!("{:?} {:?}", error.provider_code(), error.provider_status()),
        format!("{:?} {:?} {:?}", error.request_id(), error.more_info(), error.sid()),
        format!("{:?} {:?}", error.advice(), error.console()),
        format!("{} {error} {error:?} {causes:?}", error.message()),
    ]
}

#[tokio::test]
async fn an_error_that_was_stored_and_read_gives_the_same_answers() {
    let fake = FakeTwilio::start().await;
    fake.opt_out(TO);
    let refused = fake.account().send_sms(TO, "hi").await.unwrap_err();
    assert!(refused.advice().is_some() && refused.recipient().is_some());

    let cable = FaultProxy::to(fake.url());
    let broken = fake.adapter_builder().base_url(cable.url()).build().unwrap();
    let broken = broken.account(&fake.credentials()).unwrap();
    let mut errors = vec![refused];
    for mode in [ProxyMode::ResetAfter, ProxyMode::CutAnswer { after: 400 }, ProxyMode::Refuse] {
        cable.set(mode);
        errors.push(broken.send_sms("+12025550187", "hi").await.unwrap_err());
        errors.push(broken.request(ApiRequest::get("/Messages.json").max_attempts(1)).await.unwrap_err());
    }
    let outcomes: Vec<Outcome> = errors.iter().map(ProviderError::outcome).collect();
    for outcome in [Outcome::NotApplied, Outcome::Unknown, Outcome::Applied] {
        assert!(outcomes.contains(&outcome), "{outcomes:?}");
    }
    for error in errors {
        let text = serde_json::to_string(&error).unwrap();
        let stored: ProviderError = serde_json::from_str(&text).unwrap();
        assert_eq!(answers(&stored), answers(&error));
        assert_eq!(answers(&error.clone()), answers(&error));
        assert_eq!(serde_json::to_string(&stored).unwrap(), text);
    }
}

#[test]
fn an_error_stored_by_another_version_can_be_read() {
    let newer = serde_json::json!({
        "code": "GONE_FISHING", "outcome": "unknown", "reason": "fish", "later": [1], "action": "wait"
    });
    let error: ProviderError = serde_json::from_value(newer).unwrap();
    assert_eq!((error.code(), error.outcome()), (ErrorCode::ProviderError, Outcome::Unknown));
    assert!(!error.is_retryable() && error.advice().is_none());
    // Without an outcome nobody could know whether to send again, so it is an error.
    assert!(serde_json::from_value::<ProviderError>(serde_json::json!({"code": "BLOCKED"})).is_err());
}

#[tokio::test]
async fn an_error_returned_from_main_prints_as_a_sentence() {
    let fake = FakeTwilio::start().await;
    fake.opt_out(TO);
    let refused = fake.account().send_sms(TO, "hi").await.unwrap_err();
    // As `fn main() -> Result<(), ProviderError>` prints it.
    let printed = format!("Error: {refused:?}");
    assert!(printed.starts_with("Error: twilio: the recipient has opted out"), "{printed}");
    assert!(printed.contains("(to …1234) [code 21610, HTTP 400]; nothing was done."), "{printed}");
    assert!(
        printed.contains(refused.advice().unwrap()) && printed.contains("docs/errors/21610"),
        "{printed}"
    );
    for never in ["ProviderError", "Some(", "{", "5551234"] {
        assert!(!printed.contains(never), "{never} in {printed}");
    }
}
