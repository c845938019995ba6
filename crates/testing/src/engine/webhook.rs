//! Requests to the webhooks of a program: their URLs, their signatures, and the documents that are received.

use url::{Url, form_urlencoded};

use switchboard::twilio::webhook::sign_form;

/// A callback URL of a resource, with its method.
#[derive(Debug, Clone)]
pub(super) struct Endpoint {
    pub(super) url: String,
    pub(super) get: bool,
}

/// Decoded pairs of a request.
pub(super) type Params = Vec<(String, String)>;

/// A request for a document, ready to be sent.
#[derive(Clone)]
pub(crate) struct WebhookRequest {
    /// The URL as it is requested and signed: a GET carries its parameters in it.
    pub(crate) url: String,
    /// The fragment of the URL, which is neither sent nor signed.
    pub(crate) fragment: String,
    /// The form of a POST.
    pub(crate) form: Option<String>,
    /// `X-Twilio-Signature`.
    pub(crate) signature: String,
    /// `I-Twilio-Idempotency-Token`: the same for every attempt.
    pub(crate) token: String,
    /// The URL as the user set it, without its fragment.
    pub(super) target: String,
}

/// A document that was received.
pub(crate) struct FetchedDocument {
    /// Its URL after all redirects. Relative URLs in it are resolved against this one.
    pub(crate) url: String,
    pub(crate) status: u16,
    pub(crate) content_type: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// A document was not received, or cannot be used.
#[derive(Clone)]
pub(crate) struct WebhookError {
    /// Twilio's code.
    pub(crate) code: u32,
    /// The HTTP status, if there was an answer.
    pub(crate) status: Option<u16>,
    pub(crate) why: String,
    /// The body of the answer.
    pub(crate) body: String,
}

impl WebhookError {
    pub(crate) fn new(code: u32, why: impl Into<String>) -> Self {
        Self { code, status: None, why: why.into(), body: String::new() }
    }

    /// Writes code and reason: `11200: the webhook answered 500`.
    pub(crate) fn text(&self) -> String {
        format!("{}: {}", self.code, self.why)
    }
}

impl WebhookRequest {
    pub(super) fn method(&self) -> &'static str {
        if self.form.is_some() { "POST" } else { "GET" }
    }
}

/// A signed request: its URL, its form and its signature.
pub(super) struct Signed {
    pub(super) url: String,
    pub(super) form: Option<String>,
    pub(super) signature: String,
}

/// Writes the parameters into a form or, for a GET, into the query of the URL, and signs the result.
pub(super) fn sign<K: AsRef<str>, V: AsRef<str>>(
    token: &str,
    target: &str,
    get: bool,
    params: &[(K, V)],
) -> Signed {
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish();
    if !get {
        return Signed {
            url: target.to_owned(),
            form: Some(form),
            signature: sign_form(token, target, params),
        };
    }
    let joint = match target.split_once('?') {
        _ if form.is_empty() => "",
        None => "?",
        Some((_, "")) => "",
        Some(_) => "&",
    };
    let url = format!("{target}{joint}{form}");
    let signature = sign_form::<&str, &str>(token, &url, &[]);
    Signed { url, form: None, signature }
}

/// Returns the additional parameters of a request to a fallback URL.
pub(super) fn fallback_params(error: &WebhookError, request: &WebhookRequest) -> Params {
    [("ErrorCode", error.code.to_string()), ("ErrorUrl", request.target.to_owned())]
        .map(|(key, value)| (key.to_owned(), value))
        .to_vec()
}

/// Splits a URL into the part that is requested, normalised, and the fragment.
pub(super) fn split(url: &str) -> (String, String) {
    let (target, fragment) = url.split_once('#').unwrap_or((url, ""));
    let target = web_url(target).map_or_else(|| target.to_owned(), String::from);
    (target, fragment.to_owned())
}

/// Resolves a URL in a document against the URL of the document.
pub(super) fn resolve(base: Option<&str>, url: &str) -> Option<String> {
    let url = url.trim();
    let joined = match base.and_then(|base| Url::parse(base).ok()) {
        Some(base) => base.join(url).ok()?,
        None => Url::parse(url).ok()?,
    };
    web_url(joined.as_str()).map(String::from)
}

/// Returns whether Twilio can call this URL. Its host may not contain an underscore.
pub(super) fn is_callback_url(text: &str) -> bool {
    web_url(text).is_some_and(|url| !url.host_str().unwrap_or_default().contains('_'))
}

/// Reads an `http` or `https` URL.
pub(super) fn web_url(text: &str) -> Option<url::Url> {
    let url = url::Url::parse(text).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_urls_are_resolved_against_the_document() {
        let base = Some("http://user:pass@127.0.0.1:81/ivr/start?x=1");
        for (url, expected) in [
            ("menu", Some("http://user:pass@127.0.0.1:81/ivr/menu")),
            (" /menu?a=b ", Some("http://user:pass@127.0.0.1:81/menu?a=b")),
            ("", Some("http://user:pass@127.0.0.1:81/ivr/start?x=1")),
            ("https://example.com", Some("https://example.com/")),
            ("mailto:me@example.com", None),
        ] {
            assert_eq!(resolve(base, url).as_deref(), expected, "{url}");
        }
        assert_eq!(resolve(None, "/menu"), None);
    }

    #[test]
    fn a_get_has_its_parameters_in_its_url() {
        let url = |target| sign("12345", target, true, &[("a", "b c")]).url;
        assert_eq!(url("http://h/p"), "http://h/p?a=b+c");
        assert_eq!(url("http://h/p?"), "http://h/p?a=b+c");
        assert_eq!(url("http://h/p?x=?"), "http://h/p?x=?&a=b+c");
        assert_eq!(url("http://h/p?x=1"), "http://h/p?x=1&a=b+c");
        assert_eq!(sign::<&str, &str>("12345", "http://h/p", true, &[]).url, "http://h/p");
    }
}
