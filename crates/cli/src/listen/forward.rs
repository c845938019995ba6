//! The server of the user's own that webhooks are passed on to.

use std::time::Duration;

use axum::body::Bytes;
use http::uri::Uri;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::failure::Failure;

/// The longest answer that is passed back. Twilio reads 64 kB of a document.
const LONGEST: usize = 1 << 20;

/// Headers of a connection, which mean nothing on the next one.
const OF_A_CONNECTION: [HeaderName; 9] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::EXPECT,
    header::HOST,
    header::PROXY_AUTHENTICATE,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// A webhook as it came.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// What the target answered.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// Where webhooks go: a plain http URL, usually on this machine.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    authority: String,
    host: String,
    port: u16,
    path: String,
}

impl Target {
    /// Reads the URL of a target.
    pub(crate) fn parse(url: &str) -> Result<Self, Failure> {
        Self::named("--forward", url)
    }

    /// The same for the URL of another argument, which an error names.
    pub(crate) fn named(argument: &str, url: &str) -> Result<Self, Failure> {
        let wrong = |why: &str| {
            let example = if argument.starts_with("--") { format!("{argument} ") } else { String::new() };
            Failure::usage(format!("{argument}: {why}"))
                .todo(format!("for instance `{example}http://localhost:3000/twilio`"))
        };
        let uri: Uri = url.parse().map_err(|_| wrong("this is no URL"))?;
        match uri.scheme_str() {
            Some("http") => {}
            Some("https") => {
                return Err(wrong("the target speaks plain http, as nothing leaves this machine"));
            }
            _ => return Err(wrong("the URL begins with http://")),
        }
        if uri.query().is_some() {
            return Err(wrong("the URL of the target has no query: that of the webhook is appended"));
        }
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@'));
        let authority = authority.ok_or_else(|| wrong("the URL has a host, and no password"))?;
        Ok(Self {
            authority: authority.to_string(),
            host: authority.host().trim_matches(['[', ']']).to_owned(),
            port: authority.port_u16().unwrap_or(80),
            path: uri.path().trim_end_matches('/').to_owned(),
        })
    }

    /// The path and query at the target, of what Twilio requested behind the path of the public URL.
    fn path_of(&self, requested: &Uri, public_path: &str) -> String {
        let path = requested.path();
        let behind = path.strip_prefix(public_path).filter(|rest| rest.is_empty() || rest.starts_with('/'));
        let behind = behind.unwrap_or(path);
        let joined = match (self.path.as_str(), behind) {
            ("", "") => "/".to_owned(),
            (_, "/") if !self.path.is_empty() => self.path.clone(),
            (own, behind) => format!("{own}{behind}"),
        };
        match requested.query() {
            Some(query) => format!("{joined}?{query}"),
            None => joined,
        }
    }

    /// Passes a webhook on, and returns the answer or, in words, why there is none.
    pub(crate) async fn pass_on(
        &self,
        webhook: &Received,
        signed_url: &str,
        public_path: &str,
        limit: Duration,
    ) -> Result<Answered, (StatusCode, String)> {
        let exchange = self.exchange(webhook, signed_url, public_path);
        match tokio::time::timeout(limit, exchange).await {
            Ok(answered) => answered.map_err(|why| (StatusCode::BAD_GATEWAY, why)),
            Err(_) => Err((
                StatusCode::GATEWAY_TIMEOUT,
                format!("the target did not answer within {} s", limit.as_secs_f32()),
            )),
        }
    }

    async fn exchange(
        &self,
        webhook: &Received,
        signed_url: &str,
        public_path: &str,
    ) -> Result<Answered, String> {
        let request = self.request(webhook, signed_url, public_path)?;
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await;
        let stream =
            stream.map_err(|error| format!("the target at {} cannot be reached: {error}", self.authority))?;
        let broken = |error: hyper::Error| format!("the target broke off: {error}");
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
        // The task of the connection ends with this exchange.
        let mut tasks = JoinSet::new();
        tasks.spawn(connection);
        let (head, body) = sender.send_request(request).await.map_err(broken)?.into_parts();
        let body = Limited::new(body, LONGEST).collect().await;
        let body =
            body.map_err(|error| format!("the answer of the target cannot be read: {error}"))?.to_bytes();
        Ok(Answered { status: head.status, headers: kept(&head.headers), body })
    }

    fn request(
        &self,
        webhook: &Received,
        signed_url: &str,
        public_path: &str,
    ) -> Result<Request<Full<Bytes>>, String> {
        let wrong = |error: http::Error| format!("the webhook cannot be passed on: {error}");
        let path = self.path_of(&webhook.uri, public_path);
        let mut request = Request::builder().method(&webhook.method).uri(path);
        if let Some(headers) = request.headers_mut() {
            *headers = kept(&webhook.headers);
            headers
                .insert(header::HOST, HeaderValue::from_str(&self.authority).map_err(|e| wrong(e.into()))?);
            for (name, value) in original(signed_url) {
                headers.insert(name, HeaderValue::from_str(&value).map_err(|e| wrong(e.into()))?);
            }
        }
        request.body(Full::new(webhook.body.clone())).map_err(wrong)
    }
}

/// The headers that tell the target which URL Twilio signed.
fn original(signed_url: &str) -> Vec<(HeaderName, String)> {
    let Some((scheme, rest)) = signed_url.split_once("://") else { return Vec::new() };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    // Twilio signs the password of a URL, too. A target that verifies such a URL knows it, and no log needs it.
    let host = authority.rsplit('@').next().unwrap_or_default();
    let behind = rest.strip_prefix(authority).unwrap_or_default();
    vec![
        (HeaderName::from_static("x-original-url"), format!("{scheme}://{host}{behind}")),
        (HeaderName::from_static("x-forwarded-proto"), scheme.to_owned()),
        (HeaderName::from_static("x-forwarded-host"), host.to_owned()),
    ]
}

/// All headers except those of the connection, and those that `Connection` names.
fn kept(headers: &HeaderMap) -> HeaderMap {
    let named: Vec<String> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|names| names.to_str().ok())
        .flat_map(|names| names.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .collect();
    let stays = |name: &HeaderName| {
        !OF_A_CONNECTION.contains(name)
            && name != "keep-alive"
            && !named.iter().any(|named| named == name.as_str())
    };
    headers
        .iter()
        .filter(|(name, _)| stays(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_behind_the_public_url_is_appended() {
        for (target, public, requested, expected) in [
            ("http://localhost:3000", "", "/", "/"),
            ("http://localhost:3000", "", "/sms?a=%27b", "/sms?a=%27b"),
            ("http://localhost:3000/twilio/", "", "/", "/twilio"),
            ("http://localhost:3000/twilio", "", "/voice/menu?step=2", "/twilio/voice/menu?step=2"),
            ("http://localhost:3000/twilio", "/dev", "/dev/voice", "/twilio/voice"),
            ("http://localhost:3000/twilio", "/dev", "/dev?x=1", "/twilio?x=1"),
            ("http://localhost:3000", "/dev", "/dev", "/"),
            // A tunnel that removes the prefix.
            ("http://localhost:3000", "/dev", "/voice", "/voice"),
            ("http://localhost:3000", "/dev", "/device", "/device"),
        ] {
            let target = Target::parse(target).unwrap();
            assert_eq!(target.path_of(&requested.parse().unwrap(), public), expected, "{requested}");
        }
    }

    #[test]
    fn what_is_no_target_is_refused_with_an_example() {
        for wrong in [
            "localhost:3000",
            "https://localhost",
            "ftp://x",
            "http://a:b@localhost",
            "http://x?y=1",
            "",
            "/",
        ] {
            let (what, todo) = Target::parse(wrong).unwrap_err().lines();
            assert!(
                what.starts_with("--forward: ") && todo.contains("http://localhost:3000"),
                "{wrong}: {what}"
            );
        }
    }

    #[tokio::test]
    async fn a_target_that_does_not_answer_in_time_or_at_all_is_told() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let target = Target::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let webhook = Received {
            method: Method::POST,
            uri: "/sms".parse().unwrap(),
            headers: HeaderMap::new(),
            body: Bytes::from_static(b"Body=hi"),
        };
        let pass_on = || target.pass_on(&webhook, "https://example.com/sms", "", Duration::from_millis(50));
        // It is connected, and nobody answers.
        let (status, why) = pass_on().await.unwrap_err();
        assert_eq!(
            (status, why.as_str()),
            (StatusCode::GATEWAY_TIMEOUT, "the target did not answer within 0.05 s")
        );
        drop(listener);
        let (status, why) = pass_on().await.unwrap_err();
        assert_eq!(status, StatusCode::BAD_GATEWAY);
        assert!(why.contains("cannot be reached"), "{why}");
    }

    #[test]
    fn headers_of_the_connection_stay_behind_and_the_url_is_told() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("host", "127.0.0.1"),
            ("connection", "close, X-Hop"),
            ("x-hop", "1"),
            ("content-length", "5"),
            ("x-twilio-signature", "abc"),
            ("i-twilio-idempotency-token", "t"),
        ] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let mut names: Vec<_> = kept(&headers).keys().map(|name| name.as_str().to_owned()).collect();
        names.sort_unstable();
        assert_eq!(names, ["i-twilio-idempotency-token", "x-twilio-signature"]);
        let told = original("https://user:secret@example.ngrok.app/dev?x=1");
        assert_eq!(told[0].1, "https://example.ngrok.app/dev?x=1");
        assert_eq!((told[1].1.as_str(), told[2].1.as_str()), ("https", "example.ngrok.app"));
    }
}
