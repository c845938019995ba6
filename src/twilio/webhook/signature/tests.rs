//! Tests of verification, by what they test.

mod attacks;
mod bodies;
mod matrix;
mod public_url;
mod refusals;
mod tokens;
mod vectors;

use super::*;

/// The URL and the form of Twilio's published examples, whose auth token is `12345`.
const U: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";
const P: &[(&str, &str)] = &[
    ("CallSid", "CA1234567890ABCDE"),
    ("Caller", "+14158675309"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
];
const BODY: &[u8] = br#"{"property": "value", "boolean": true}"#;
const HASH: &str = "bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";
const FORM: &str = "AccountSid=AC1&Body=It%27s+%C3%B1+%2B&Body=&Empty=&From=%2B15005550006";

fn verifier() -> Verifier {
    Verifier::new("12345")
}

/// The pairs of [`FORM`].
fn pairs() -> Vec<(&'static str, &'static str)> {
    vec![("AccountSid", "AC1"), ("Body", "It's ñ +"), ("Body", ""), ("Empty", ""), ("From", "+15005550006")]
}

/// A request that a test can alter.
#[derive(Clone)]
struct TestRequest {
    method: Method,
    url: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl TestRequest {
    fn form(url: &str, body: &str, signature: &str) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::CONTENT_TYPE,
            "application/x-www-form-urlencoded; charset=UTF-8".parse().unwrap(),
        );
        headers.insert(HEADER, signature.parse().unwrap());
        Self { method: Method::POST, url: url.to_owned(), headers, body: body.as_bytes().to_vec() }
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(name, value.parse().unwrap());
        self
    }

    fn request(&self) -> SignedRequest<'_> {
        let Self { method, url, headers, body } = self;
        SignedRequest { method, url, headers, body }
    }

    fn verified_by(&self, verifier: &Verifier) -> Result<Verified<Params>, SignatureError> {
        verifier.verify_params(&self.request())
    }
}
