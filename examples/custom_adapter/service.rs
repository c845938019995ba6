//! A server for Courier, with only the requests that this example makes.

use serde_json::json;
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

/// The token that it accepts.
pub(crate) const TOKEN: &str = "t0ken-of-the-example";

/// Starts the server. It ends when it is dropped.
pub(crate) async fn start() -> MockServer {
    let server = MockServer::builder().start().await;
    let text = json!({"id": "t-1", "state": "queued"});
    let call = json!({"id": "c-1", "state": "ringing"});
    let answers = [
        ("GET", "/me", json!({"id": "team-7", "state": "ada"})),
        ("POST", "/texts", text.clone()),
        ("GET", "/texts", json!({"rows": [text], "next": null})),
        ("GET", "/texts/t-1", json!({"id": "t-1", "state": "delivered"})),
        ("POST", "/calls", call.clone()),
        ("GET", "/calls", json!({"rows": [call], "next": null})),
        ("GET", "/calls/c-1", json!({"id": "c-1", "state": "completed"})),
    ];
    let authorization = format!("Bearer {TOKEN}");
    for (verb, at, body) in answers {
        Mock::given(method(verb))
            .and(path(at))
            .and(header("authorization", authorization.as_str()))
            .respond_with(ResponseTemplate::new(200).set_body_json(body))
            .mount(&server)
            .await;
    }
    server
}
