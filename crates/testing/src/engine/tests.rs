//! Tests of the engine without HTTP.

mod account;
mod accounts;
mod api;
mod api_keys;
mod auth_tokens;
mod caller_ids;
mod calls;
mod conferences;
mod content;
mod faults;
mod geo_permissions;
mod lookups;
mod media;
mod messages;
mod numbers;
mod pages;
mod phone;
mod queues;
mod recordings;
mod registrations;
mod services;
mod statuses;
mod usage_triggers;
mod verify;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde_json::Value;
use url::form_urlencoded;

use super::{Engine, FakeReply, FakeRequest, Phones, Tenant};

pub(super) const TO: &str = "+14155551234";
pub(super) const FROM: &str = "+14155550100";
pub(super) const SERVICE: &str = "MG00000000000000000000000000000001";

/// An engine, and a client of its first account.
struct TestClient {
    engine: Engine,
    account: String,
}

/// 2026-01-05T09:00:00Z, a Monday.
fn engine() -> Engine {
    Engine::new(0, "2026-01-05T09:00:00Z".parse().unwrap(), Vec::new())
}

impl Default for TestClient {
    fn default() -> Self {
        let engine = engine();
        Self { account: engine.main_account().to_owned(), engine }
    }
}

impl TestClient {
    /// Returns the account that the requests are for.
    fn tenant(&mut self) -> &mut Tenant {
        &mut self.engine.account_mut(&self.account).unwrap().tenant
    }

    /// Calls a function with the live calls of the account.
    fn phones<T>(&mut self, work: impl FnOnce(&mut Phones, &mut Tenant) -> T) -> T {
        let state = self.engine.account_mut(&self.account).unwrap();
        work(&mut state.phones, &mut state.tenant)
    }

    /// The SID and the auth token of the account.
    fn login(&mut self) -> (String, String) {
        let core = &self.tenant().core;
        (core.account_sid().to_owned(), core.auth_token().expose().to_owned())
    }

    /// The credentials of the account, as they are written in a Basic header.
    fn basic(&mut self) -> String {
        let (user, password) = self.login();
        format!("{user}:{password}")
    }

    /// Sends a request with the credentials of the account. `path` is the part after the account.
    fn request(&mut self, method: Method, path: &str, form: &[(&str, &str)]) -> FakeReply {
        let (user, password) = self.login();
        let path = format!("/2010-04-01/Accounts/{user}{path}");
        self.request_as(&user, &password, method, &path, form)
    }

    /// Sends a text; returns whether the connection was closed without an answer.
    fn unanswered(&mut self, form: &[(&str, &str)]) -> bool {
        let (user, password) = self.login();
        let path = format!("/2010-04-01/Accounts/{user}/Messages.json");
        self.engine.handle(&build_request(&user, &password, Method::POST, &path, form)).is_none()
    }

    fn request_as(
        &mut self,
        user: &str,
        password: &str,
        method: Method,
        path: &str,
        form: &[(&str, &str)],
    ) -> FakeReply {
        self.handle(&build_request(user, password, method, path, form))
    }

    /// Hands in a request that is answered.
    fn handle(&mut self, request: &FakeRequest) -> FakeReply {
        self.engine.handle(request).expect("an answer")
    }

    fn get(&mut self, path: &str) -> (u16, Value) {
        parts(self.request(Method::GET, path, &[]))
    }

    fn post(&mut self, path: &str, form: &[(&str, &str)]) -> (u16, Value) {
        parts(self.request(Method::POST, path, form))
    }

    fn delete(&mut self, path: &str) -> (u16, Value) {
        parts(self.request(Method::DELETE, path, &[]))
    }

    /// Sends a request to another product than the 2010 API. `path` is the whole path.
    fn product(&mut self, method: Method, path: &str, form: &[(&str, &str)]) -> (u16, Value) {
        let (user, password) = self.login();
        parts(self.request_as(&user, &password, method, path, form))
    }

    /// Sends a text; these parameters are added, or replace the defaults.
    fn send(&mut self, more: &[(&str, &str)]) -> (u16, Value) {
        let mut form = vec![("To", TO), ("From", FROM), ("Body", "hello")];
        form.retain(|(key, _)| !more.iter().any(|(k, _)| k == key));
        form.extend(more);
        self.post("/Messages.json", &form)
    }

    /// Sends a text that is accepted; returns its SID.
    fn sent(&mut self, more: &[(&str, &str)]) -> String {
        let (status, body) = self.send(more);
        assert_eq!(status, 201, "{body}");
        body["sid"].as_str().unwrap().to_owned()
    }

    /// Places a call; these parameters are added, or replace the defaults.
    fn call(&mut self, more: &[(&str, &str)]) -> (u16, Value) {
        let mut form = vec![("To", TO), ("From", FROM), ("Twiml", "<Response/>")];
        form.retain(|(key, _)| !more.iter().any(|(k, _)| k == key));
        form.extend(more);
        self.post("/Calls.json", &form)
    }

    fn called(&mut self, more: &[(&str, &str)]) -> String {
        let (status, body) = self.call(more);
        assert_eq!(status, 201, "{body}");
        body["sid"].as_str().unwrap().to_owned()
    }

    fn message(&mut self, sid: &str) -> Value {
        self.get(&format!("/Messages/{sid}.json")).1
    }

    fn advance_seconds(&mut self, seconds: u64) {
        self.engine.advance(Duration::from_secs(seconds));
    }
}

/// A request with credentials.
fn build_request(
    user: &str,
    password: &str,
    method: Method,
    path: &str,
    form: &[(&str, &str)],
) -> FakeRequest {
    let basic = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
    let mut headers = HeaderMap::new();
    headers.insert(header::HOST, HeaderValue::from_static("api.example.com"));
    headers.insert(header::AUTHORIZATION, HeaderValue::from_str(&basic).unwrap());
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    FakeRequest::new(method, path, query, headers, Bytes::from(body))
}

fn parts(reply: FakeReply) -> (u16, Value) {
    let bytes = reply.body.into_bytes();
    (reply.status.as_u16(), serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

fn assert_refused((status, body): (u16, Value), expected: (u16, u32)) {
    assert_eq!((status, body["code"].as_u64()), (expected.0, Some(expected.1.into())), "{body}");
    assert_eq!(body["status"].as_u64(), Some(expected.0.into()));
    assert_eq!(body["more_info"], format!("https://www.twilio.com/docs/errors/{}", expected.1));
    assert!(!body["message"].as_str().unwrap().is_empty());
}

fn form(text: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

fn value<'a>(pairs: &'a [(String, String)], key: &str) -> Option<&'a str> {
    pairs.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str())
}

const OK: StatusCode = StatusCode::OK;
