//! Which token a request is verified with.

use std::collections::HashMap;

use super::*;

#[test]
fn during_a_rotation_both_tokens_are_accepted() {
    let rotating = Verifier::new("old").or_token("").or_token("new").public_url("https://example.com");
    for (index, token) in ["old", "new"].into_iter().enumerate() {
        let sent = TestRequest::form("/sms", FORM, &sign_form(token, "https://example.com/sms", &pairs()));
        assert_eq!(sent.verified_by(&rotating).unwrap().matched().token, index);
    }
}

#[test]
fn credentials_without_an_auth_token_cannot_verify() {
    let sid = "AC0123456789abcdef0123456789abcdef";
    let whole = Credentials::twilio(sid, "12345");
    let verifier = Verifier::from_credentials(&whole).unwrap();
    assert_eq!(verifier.sign_form(U, P), "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    let key = Credentials::new().set("accountSid", sid).api_key("SK0123456789abcdef0123456789abcdef", "s");
    let error = Verifier::from_credentials(&key).unwrap_err();
    assert!(error.to_string().contains("signed with the auth token"), "{error}");
    let both = whole.api_key("SK0123456789abcdef0123456789abcdef", "s");
    assert!(Verifier::from_credentials(&both).is_ok());
}

#[tokio::test]
async fn a_request_is_verified_with_the_token_of_the_account_it_names() {
    let source = HashMap::from([
        ("AC1".to_owned(), vec![Secret::new("one")]),
        ("AC2".to_owned(), vec![Secret::new("two"), Secret::new("")]),
    ]);
    let tenants = TenantVerifier::new(source).public_url("https://example.com");
    assert_eq!(format!("{tenants:?}"), "TenantVerifier(***)");
    let send = async |body: &str, token: &str, target: &str| {
        let url = format!("https://example.com{target}");
        let pairs = Params::from_form(body.as_bytes());
        let pairs: Vec<(&str, &str)> = pairs.iter().collect();
        let sent = TestRequest::form(target, body, &sign_form(token, &url, &pairs));
        tenants.verify(&sent.request()).await.map(|_| ())
    };
    for (body, token, target, taken) in [
        ("AccountSid=AC1&Body=x", "one", "/sms", true),
        ("AccountSid=AC2&Body=x", "two", "/sms", true),
        ("account_sid=AC1&type=x", "one", "/verify", true),
        ("AccountSid=AC3&Body=x", "one", "/sms", false),
        ("Body=x", "one", "/sms", false),
        // A request signed by the first account cannot name the second one, in the body or in the query.
        ("AccountSid=AC2&Body=x", "one", "/sms", false),
        ("AccountSid=AC2&Body=x", "one", "/sms?AccountSid=AC1", false),
        ("account_sid=AC2&AccountSid=AC1", "one", "/verify", false),
    ] {
        assert_eq!(send(body, token, target).await.is_ok(), taken, "{body} {target}");
    }
    let twice = send("AccountSid=AC1&AccountSid=AC2", "one", "/sms").await;
    assert_eq!(twice, Err(SignatureError::AmbiguousAccount));

    // If a JSON object has a field twice, the last one is used, both for the account and for the event.
    let json = br#"{"AccountSid": "AC2", "AccountSid": "AC1"}"#;
    let url = hashed_url("https://example.com/events", json);
    for (token, taken) in [("one", true), ("two", false)] {
        let target = url.strip_prefix("https://example.com").unwrap();
        let signature = sign_form::<&str, &str>(token, &url, &[]);
        let sent = TestRequest { body: json.to_vec(), ..TestRequest::form(target, "", &signature) };
        let sent = sent.with("content-type", "application/json");
        assert_eq!(tenants.verify(&sent.request()).await.is_ok(), taken, "{token}");
    }
}

#[tokio::test]
async fn a_failing_token_source_is_not_reported_as_a_bad_signature() {
    #[derive(Debug)]
    struct Broken;
    #[async_trait::async_trait]
    impl TokenSource for Broken {
        async fn tokens(&self, _: Option<&str>) -> Result<Vec<Secret>, TokenError> {
            Err(TokenError::new("no connection"))
        }
    }
    let tenants = TenantVerifier::new(Broken).public_url("https://example.com");
    let sent = TestRequest::form("/sms", FORM, &verifier().sign_form("https://example.com/sms", &pairs()));
    let error = tenants.verify(&sent.request()).await.unwrap_err();
    assert_eq!(error, SignatureError::TokensUnavailable("no connection".into()));
}
