//! A plain HTTP client that knows nothing of the crate.

use reqwest::{RequestBuilder, Response};
use serde_json::Value;
use switchboard_testing::FakeTwilio;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub(crate) const TO: &str = "+14155551234";

/// A client with the credentials of a fake, optionally through a proxy.
pub(crate) struct Plain {
    http: reqwest::Client,
    base: String,
    account: String,
    token: String,
    from: String,
}

impl Plain {
    pub(crate) fn new(fake: &FakeTwilio) -> Self {
        Self::through(fake, fake.url())
    }

    pub(crate) fn through(fake: &FakeTwilio, base: String) -> Self {
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        Self {
            http: http.build().unwrap(),
            base,
            account: fake.account_sid(),
            token: fake.auth_token(),
            from: fake.phone_number().to_owned(),
        }
    }

    /// Sends a GET for a path below `/2010-04-01/Accounts/AC…`.
    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        let url = format!("{}/2010-04-01/Accounts/{}{path}", self.base, self.account);
        self.http.get(url).basic_auth(&self.account, Some(&self.token))
    }

    /// Sends a GET for an absolute path, for products other than the 2010 API.
    pub(crate) fn product(&self, path: &str) -> RequestBuilder {
        self.http.get(format!("{}{path}", self.base)).basic_auth(&self.account, Some(&self.token))
    }

    /// Posts a form to a path below `/2010-04-01/Accounts/AC…`.
    pub(crate) fn post(&self, path: &str, form: &[(&str, &str)]) -> RequestBuilder {
        let url = format!("{}/2010-04-01/Accounts/{}{path}", self.base, self.account);
        self.http
            .post(url)
            .basic_auth(&self.account, Some(&self.token))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(serde_urlencoded::to_string(form).unwrap())
    }

    /// Sends a text.
    pub(crate) fn text(&self, body: &str, more: &[(&str, &str)]) -> RequestBuilder {
        let mut form = vec![("To", TO), ("From", self.from.as_str()), ("Body", body)];
        form.extend(more);
        self.post("/Messages.json", &form)
    }

    /// Sends a text that must be accepted; returns its SID.
    pub(crate) async fn sent(&self, body: &str, more: &[(&str, &str)]) -> String {
        let answer = self.text(body, more).send().await.unwrap();
        assert_eq!(answer.status(), 201);
        json(answer).await["sid"].as_str().unwrap().to_owned()
    }
}

pub(crate) async fn json(answer: Response) -> Value {
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

/// One keep-alive connection over plain TCP.
pub(crate) struct Raw(TcpStream);

impl Raw {
    pub(crate) async fn open(url: &str) -> Self {
        Self(TcpStream::connect(url.strip_prefix("http://").unwrap()).await.unwrap())
    }

    /// Makes a request and reads its whole answer.
    pub(crate) async fn exchange(&mut self) -> String {
        self.0.write_all(b"GET / HTTP/1.1\r\nHost: fake\r\n\r\n").await.unwrap();
        let mut read = Vec::new();
        loop {
            assert_ne!(self.0.read_buf(&mut read).await.unwrap(), 0, "closed too early");
            let text = String::from_utf8_lossy(&read);
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length =
                head.to_lowercase().lines().find_map(|l| l.strip_prefix("content-length: ")?.parse().ok());
            if length == Some(body.len()) {
                return text.into_owned();
            }
        }
    }

    /// Waits until the other side closes.
    pub(crate) async fn closed(&mut self) {
        let mut read = Vec::new();
        assert!(!matches!(self.0.read_buf(&mut read).await, Ok(1..)), "got {read:?}");
    }
}
