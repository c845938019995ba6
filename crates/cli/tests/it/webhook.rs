//! A webhook that is sent is one that verifies.

use axum::Router;
use axum::extract::State;
use http::{HeaderMap, Uri};
use switchboard::twilio::webhook::{Event, SignedRequest, Verifier};

use crate::program::run;
use crate::seeded::{self, Home};

/// A server that verifies with this token, and answers with what it has read.
async fn server(token: String) -> String {
    let handler = async |State(token): State<String>, uri: Uri, headers: HeaderMap, body: String| {
        let host = headers["host"].to_str().unwrap();
        let url = format!("http://{host}{uri}");
        let request = SignedRequest {
            method: &http::Method::POST,
            url: &url,
            headers: &headers,
            body: body.as_bytes(),
        };
        match Verifier::new(token).verify(&request).map(|event| event.into_inner()) {
            Ok(Event::InboundMessage(message)) => (
                http::StatusCode::OK,
                format!("<Response>{}</Response>", message.body.unwrap_or_default().as_str()),
            ),
            Ok(_) => (http::StatusCode::OK, "<Response/>".to_owned()),
            Err(_) => (http::StatusCode::FORBIDDEN, String::new()),
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/sms?lang=en", listener.local_addr().unwrap());
    let app = Router::new().fallback(handler).with_state(token);
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    url
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_sent_verifies_and_its_answer_is_shown_without_steering_the_terminal() {
    let (home, fake) = (Home::new("webhook"), seeded::start().await);
    let environment = seeded::environment(&fake, home.path());
    let url = server(fake.auth_token()).await;
    let sent = run(&environment, &["webhook", "send", &url, "--text", "Hi\u{1b}[2J"]).await;
    assert_eq!((sent.status, sent.stdout.contains('\u{1b}')), (Some(0), false), "{sent:?}");
    assert!(sent.stdout.contains("<Response>Hi\\u{1b}[2J</Response>"), "{sent:?}");
    for event in ["status", "call"] {
        let sent = run(&environment, &["webhook", "send", &url, "--event", event]).await;
        assert_eq!(sent.status, Some(0), "{sent:?}");
    }
    let other = server("0123456789abcdef0123456789abcdef".to_owned()).await;
    let refused = run(&environment, &["webhook", "send", &other]).await;
    assert_eq!(refused.status, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("auth token"), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_right_signature_is_told_from_a_wrong_one() {
    let (home, fake) = (Home::new("verify"), seeded::start().await);
    let environment = seeded::environment(&fake, home.path());
    let url = "https://example.com/sms?lang=en";
    let signature =
        Verifier::new(fake.auth_token()).sign_form(url, &[("MessageSid", "SM1"), ("Body", "Hi you")]);
    let verify = |url: &'static str, body: &'static str, signature: String| {
        let environment = environment.clone();
        async move {
            let fields = ["-F", "MessageSid=SM1", "-F", body, "--signature", signature.as_str()];
            let arguments: Vec<&str> = ["webhook", "verify", url].into_iter().chain(fields).collect();
            run(&environment, &arguments).await
        }
    };
    assert_eq!(verify(url, "Body=Hi you", signature.clone()).await.status, Some(0));
    let refused = verify(url, "Body=Hi", signature.clone()).await;
    assert_eq!(refused.status, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("what to do:") && !refused.stderr.contains("Hi"), "{refused:?}");
    // Whoever sees another URL than Twilio is told so.
    let refused = verify("http://example.com/sms?lang=en", "Body=Hi you", signature).await;
    assert_eq!(refused.status, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("https"), "{refused:?}");
}
