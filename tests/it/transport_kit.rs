//! Uses the transport as an adapter of another crate does, with its public items only.

use http::{HeaderMap, HeaderValue, header};
use switchboard::provider::{ApiRequest, ApiResponse};
use switchboard::transport::{Exchange, Fact, Interpret, Refusal, RetryPolicy, Transport};
use switchboard::{ErrorCode, Outcome, ProviderError, ProviderName, Reason};

use crate::raw_server::RawServer;
use crate::support::TO;

const NAME: ProviderName = ProviderName::of("notes");

/// A provider whose errors are `{"error": "full"}`.
struct Notes;

impl Interpret for Notes {
    fn provider(&self) -> ProviderName {
        NAME
    }

    fn explain(&self, refusal: &Refusal<'_>, error: ProviderError) -> (ProviderError, Fact) {
        match serde_json::from_slice::<serde_json::Value>(refusal.body).unwrap_or_default()["error"].as_str()
        {
            Some("full") => {
                (error.with_reason(Reason::QueueFull), Fact { later: Some(true), ..Fact::default() })
            }
            Some("half") => (error, Fact { outcome: Some(Outcome::Unknown), ..Fact::default() }),
            _ => (error, Fact::default()),
        }
    }

    fn is_failure(&self, body: &[u8]) -> bool {
        body.starts_with(b"{\"error\"")
    }

    fn made(&self, partial: &[u8]) -> Option<String> {
        partial.starts_with(b"{\"id\":7").then(|| "7".to_owned())
    }

    fn request_id(&self, headers: &HeaderMap) -> Option<String> {
        Some(headers.get("x-request")?.to_str().ok()?.to_owned())
    }
}

/// Posts a note to a server that always gives this answer; also returns how many requests arrived.
async fn post(status: &str, body: &str, cut: usize) -> (Result<ApiResponse, ProviderError>, u32) {
    let head = format!("HTTP/1.1 {status}\r\nX-Request: r1\r\nContent-Length: {}\r\n\r\n", body.len() + cut);
    let server = RawServer::answering(Some(format!("{head}{body}"))).await;
    let transport = Transport::builder()
        .system_proxy(false)
        .retry(RetryPolicy::default().base(std::time::Duration::from_millis(1)))
        .timeouts(switchboard::provider::Timeouts::new().read(std::time::Duration::from_millis(200)))
        .build()
        .unwrap();
    let base = format!("http://127.0.0.1:{}/v1", server.port).parse().unwrap();
    let auth = HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_static("Bearer t0ken"))]);
    let request = ApiRequest::post("/notes").json(["Body=x"]).recipient(TO);
    let result = transport.exchange(Exchange::new(&base, auth, &request, &Notes).unwrap()).await;
    drop(transport);
    (result, server.finish().await.into_values().sum())
}

#[tokio::test]
async fn an_adapter_of_another_crate_reports_the_true_outcome_in_every_row() {
    use Outcome::{Applied, NotApplied, Unknown};
    assert_eq!(post("201 Created", "{}", 0).await.0.unwrap().status(), 201);
    for (status, body, cut, outcome, requests, retryable) in [
        ("429 X", "", 0, NotApplied, 3, true),
        ("400 X", "", 0, NotApplied, 1, false),
        ("400 X", "{\"error\":\"full\"}", 0, NotApplied, 1, true),
        ("400 X", "{\"error\":\"half\"}", 0, Unknown, 1, false),
        ("302 X", "", 0, NotApplied, 1, false),
        ("303 X", "", 0, Unknown, 1, false),
        ("408 X", "", 0, Unknown, 1, false),
        ("500 X", "", 0, Unknown, 1, false),
        ("200 X", "{\"error\":\"x\"}", 0, Unknown, 1, false),
        ("201 X", "{\"id\":7", 5, Applied, 1, false),
    ] {
        let (result, sent) = post(status, body, cut).await;
        let error = result.unwrap_err();
        let told = (error.outcome(), sent, error.is_retryable());
        assert_eq!(told, (outcome, requests, retryable), "{status} {body}: {error:?}");
        assert_eq!((error.provider(), error.request_id()), (Some(&NAME), Some("r1")), "{status} {body}");
        assert_eq!(error.recipient().map(ToString::to_string).as_deref(), Some(TO), "{status} {body}");
        assert_eq!(error.sid(), (outcome == Applied).then_some("7"));
    }
}

#[tokio::test]
async fn a_refused_connection_is_not_applied() {
    let port = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let transport = Transport::builder().system_proxy(false).retry(RetryPolicy::never()).build().unwrap();
    let base = format!("http://127.0.0.1:{port}").parse().unwrap();
    let request = ApiRequest::post("/notes");
    let exchange = Exchange::new(&base, HeaderMap::new(), &request, &Notes).unwrap();
    let error = transport.exchange(exchange).await.unwrap_err();
    assert_eq!((error.outcome(), error.is_retryable()), (Outcome::NotApplied, true));
    assert_eq!((error.code(), error.provider()), (ErrorCode::NetworkError, Some(&NAME)));
}
