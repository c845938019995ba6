//! Where the public URL comes from: the configuration, or the headers of a proxy.

use super::*;

fn sent(target: &str, url: &str) -> TestRequest {
    TestRequest::form(target, FORM, &verifier().sign_form(url, &pairs()))
}

fn passes(sent: TestRequest, verifier: Verifier) -> Result<(), SignatureError> {
    sent.verified_by(&verifier).map(|_| ())
}

#[test]
fn a_proxy_may_remove_the_prefix_or_leave_it() {
    let base = || verifier().public_url("https://example.com/gate/");
    assert_eq!(passes(sent("/sms", "https://example.com/gate/sms"), base()), Ok(()));
    assert_eq!(passes(sent("/gate/sms", "https://example.com/gate/sms"), base()), Ok(()));
    assert!(passes(sent("/gateway/sms", "https://example.com/gateway/sms"), base()).is_err());
    // The host that this server sees is ignored.
    let inner =
        sent("http://10.0.0.5:8080/sms", "https://example.com/gate/sms").with("host", "10.0.0.5:8080");
    assert_eq!(passes(inner, base()), Ok(()));
}

#[test]
fn headers_of_a_proxy_are_read_only_where_it_is_trusted() {
    let proxied = sent("/sms", "https://example.com/sms")
        .with("host", "app:8080")
        .with("x-forwarded-proto", "https, http")
        .with("x-forwarded-host", "example.com");
    assert_eq!(passes(proxied.clone(), verifier().trust_proxy()), Ok(()));
    assert_eq!(passes(proxied.clone(), verifier()), Err(SignatureError::NoPublicUrl));
    let standard = sent("/sms", "https://example.com:8443/sms")
        .with("forwarded", r#"for=1.2.3.4;proto=https;host="example.com:8443", for=10.0.0.1;proto=http"#);
    assert_eq!(passes(standard.clone(), verifier().trust_proxy()), Ok(()));
    let disputed = standard.with("x-forwarded-host", "other.example");
    assert_eq!(passes(disputed, verifier().trust_proxy()), Err(SignatureError::ProxiesDisagree));
    let prefixed = sent("/sms", "https://example.com/p/sms")
        .with("x-forwarded-proto", "https")
        .with("host", "example.com")
        .with("x-forwarded-prefix", "/p");
    assert!(passes(prefixed, verifier().trust_proxy()).is_err());
    assert_eq!(
        passes(sent("/", "https://example.com"), verifier().public_url("HTTPS://example.com")),
        Ok(())
    );
    let port = sent("/sms", "https://example.com:8443/sms")
        .with("host", "example.com")
        .with("x-forwarded-proto", "https")
        .with("x-forwarded-port", "8443");
    assert_eq!(passes(port, verifier().trust_proxy()), Ok(()));
}

/// Anybody can send the header that hints at a password.
#[test]
fn a_password_in_the_url_must_be_configured() {
    let user = sent("/sms", "https://user:pass@example.com/sms").with("authorization", "Basic dXNlcjpwYXNz");
    assert_eq!(passes(user.clone(), verifier().public_url("https://user:pass@example.com")), Ok(()));
    let advice = passes(user, verifier().public_url("https://example.com")).unwrap_err().to_string();
    assert!(advice.contains("the request has a password") && !advice.contains("pass@"), "{advice}");
}

/// Anybody can send the header that asks for a WebSocket.
#[test]
fn web_sockets_must_be_configured() {
    let socket = verifier().sign_form::<&str, &str>("wss://example.com/stream", &[]);
    let socket = TestRequest { method: Method::GET, ..TestRequest::form("/stream", "", &socket) }
        .with("upgrade", "websocket");
    let configured = || verifier().public_url("https://example.com");
    assert_eq!(passes(socket.clone(), configured().websockets()), Ok(()));
    assert!(passes(socket, configured()).unwrap_err().to_string().contains("Verifier::websockets"));
}
