//! The JSON that dashboards read: the description of a provider, a tested connection, and the envelope of a handler.

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json, to_value};
use switchboard::twilio::{Message, SendSms, TwilioAccount, TwilioAdapter};
use switchboard::{Credentials, Envelope, Outcome, ProviderAdapter as _, ProviderRegistry};
use switchboard_testing::{FakeTwilio, FaultProxy, ProxyMode};

use crate::support::TO;

#[test]
fn the_provider_info_has_the_json_that_dashboards_expect() {
    let expected: Value = serde_json::from_str(include_str!("../data/dashboard.json")).unwrap();
    let mut registry = ProviderRegistry::new();
    registry.register(TwilioAdapter::new());
    let mut infos = registry.infos().map(|info| to_value(info).unwrap());
    let info = infos.next().unwrap();
    for (key, value) in expected["info"].as_object().unwrap() {
        assert_eq!(&info[key], value, "{key}");
    }
    // Further fields stand beside them, and say which of the three they replace.
    let advanced = info["advanced"].as_array().unwrap();
    let key = advanced.iter().find(|field| field["key"] == "apiKey").unwrap();
    assert_eq!((&key["insteadOf"], &key["required"]), (&json!("authToken"), &json!(false)));
}

#[tokio::test]
async fn every_field_of_the_provider_info_is_a_field_of_the_credentials() {
    let fake = FakeTwilio::start().await;
    let (key, secret) = fake.api_key();
    let value = |name: &str| match name {
        "accountSid" => fake.account_sid(),
        "authToken" => fake.auth_token(),
        "phoneNumber" => fake.phone_number().to_owned(),
        "apiKey" => key.clone(),
        "apiSecret" => secret.clone(),
        _ => String::new(),
    };
    let adapter = fake.adapter();
    let plain = adapter.info().fields.iter().filter(|field| !field.advanced);
    let typed: Value = plain.map(|field| (field.key.to_owned(), Value::from(value(field.key)))).collect();
    let credentials = Credentials::from_json(&typed).unwrap();
    assert_eq!(adapter.account(&credentials).unwrap().phone_number().unwrap(), &fake.phone_number());
    let connection = to_value(adapter.test_connection(&credentials).await.unwrap()).unwrap();
    assert_eq!((&connection["success"], &connection["username"]), (&json!(true), &fake.account_sid().into()));
    assert_eq!(
        connection["metadata"],
        json!({"friendlyName": "Fake account", "status": "active", "type": "full"})
    );
}

async fn text(State(account): State<TwilioAccount>, Json(sms): Json<SendSms>) -> Envelope<Message> {
    account.send(&sms.into()).await.into()
}

/// Serves the README's handler over an account, and posts one text to it.
async fn posted(account: TwilioAccount, to: &str) -> (u16, Value) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/text", listener.local_addr().unwrap());
    let app = Router::new().route("/text", post(text)).with_state(account);
    let server = tokio::spawn(async move { axum::serve(listener, app).await });
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = http.post(url).header("content-type", "application/json");
    let answer = request.body(json!({"to": to, "body": "hi"}).to_string()).send().await.unwrap();
    let status = answer.status().as_u16();
    let body = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    server.abort();
    (status, body)
}

/// The JSON that the README shows; `…` marks what it leaves out.
fn in_the_readme() -> Value {
    let readme = include_str!("../../README.md");
    serde_json::from_str(readme.split("```json\n").nth(1).unwrap().split("```").next().unwrap()).unwrap()
}

/// Compares JSON with what was expected, where `…` stands for any text.
fn matches(expected: &Value, actual: &Value) -> bool {
    match (expected, actual) {
        (Value::Object(expected), Value::Object(actual)) => {
            expected.keys().eq(actual.keys())
                && expected.iter().all(|(key, value)| matches(value, &actual[key]))
        }
        (Value::String(expected), Value::String(actual)) => {
            expected.split_once('…').map_or(expected == actual, |(start, _)| actual.starts_with(start))
        }
        _ => expected == actual,
    }
}

#[tokio::test]
async fn the_readme_shows_the_json_that_a_handler_returns() {
    let fake = FakeTwilio::start().await;
    fake.opt_out(TO);
    let (status, body) = posted(fake.account(), TO).await;
    assert_eq!(status, 400);
    assert!(matches(&in_the_readme(), &body), "{body:#}");
    assert!(!matches(&json!({"success": false}), &body) && !matches(&json!(1), &json!(2)));
}

#[tokio::test]
async fn the_http_status_of_a_handler_follows_from_the_outcome() {
    let fake = FakeTwilio::start().await;
    let (status, body) = posted(fake.account(), TO).await;
    assert_eq!((status, &body["success"]), (200, &json!(true)));
    let data = body["data"].as_object().unwrap();
    assert_eq!((&data["accountSid"], &data["body"]), (&json!(fake.account_sid()), &json!("hi")));
    assert!(data.keys().all(|name| !name.contains('_')), "{data:?}");

    fake.opt_out(TO);
    let (status, body) = posted(fake.account(), TO).await;
    let error = &body["error"];
    assert_eq!(
        (status, &error["code"], &error["reason"]),
        (400, &json!("INVALID_REQUEST"), &json!("opted_out"))
    );
    assert_eq!((&error["details"]["twilioCode"], &body["success"]), (&json!(21610), &json!(false)));
    assert!(error["advice"].as_str().unwrap().contains("START"), "{error}");

    let mistyped = Credentials::twilio(fake.account_sid(), "0123456789abcdef0123456789abcdef");
    let mistyped = mistyped.phone_number(fake.phone_number());
    let (status, body) = posted(fake.adapter().account(&mistyped).unwrap(), "+12025550187").await;
    assert_eq!((status, &body["error"]["code"]), (400, &json!("UNAUTHORIZED")));

    let cable = FaultProxy::to(fake.url());
    cable.set(ProxyMode::ResetAfter);
    let broken = fake.adapter_builder().base_url(cable.url()).build().unwrap();
    let (status, body) = posted(broken.account(&fake.credentials()).unwrap(), "+12025550187").await;
    let details = &body["error"]["details"];
    assert_eq!((status, &details["outcome"]), (504, &json!(Outcome::Unknown.as_str())));
    assert_eq!(body["error"]["action"], "check-outcome");
}
