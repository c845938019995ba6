//! Status callbacks: made and signed here, delivered by whoever runs the engine.

use url::form_urlencoded;

use super::Engine;
use crate::twilio::webhook::sign_form;

/// Where a resource wants to hear of its changes.
#[derive(Debug, Clone)]
pub(super) struct Listener {
    pub(super) url: String,
    pub(super) get: bool,
}

/// One callback, ready to be sent.
#[derive(Clone)]
pub(crate) struct Callback {
    /// The resource that changed.
    pub(crate) sid: String,
    /// What it changed to.
    pub(crate) event: String,
    /// Where the listener is, without a fragment.
    pub(crate) listener: String,
    /// The URL as it is requested and signed: a GET carries numbers in it.
    pub(crate) url: String,
    /// The form of a POST.
    pub(crate) form: Option<String>,
    /// `X-Twilio-Signature`.
    pub(crate) signature: String,
    /// `I-Twilio-Idempotency-Token`: the same for every attempt.
    pub(crate) token: String,
}

impl Callback {
    /// Its method: a form goes with a POST.
    pub(crate) fn method(&self) -> &'static str {
        if self.form.is_some() { "POST" } else { "GET" }
    }
}

impl Engine {
    /// Notes a callback to be sent.
    pub(super) fn call_back(
        &mut self,
        listener: &Listener,
        sid: &str,
        event: &str,
        params: &[(&str, String)],
    ) {
        let target = listener.url.split('#').next().unwrap_or_default();
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish();
        let token = self.keys.auth_token.expose();
        let (url, form, signature) = if listener.get {
            let joint = if target.contains('?') { '&' } else { '?' };
            let url = format!("{target}{joint}{form}");
            let signature = sign_form::<&str, &str>(token, &url, &[]);
            (url, None, signature)
        } else {
            (target.to_owned(), Some(form), sign_form(token, target, params))
        };
        let token = self.sids.token();
        let (sid, event, listener) = (sid.to_owned(), event.to_owned(), target.to_owned());
        self.callbacks.push(Callback { sid, event, listener, url, form, signature, token });
    }

    /// Takes the callbacks that were noted since the last time.
    pub(crate) fn take_callbacks(&mut self) -> Vec<Callback> {
        std::mem::take(&mut self.callbacks)
    }
}

/// Can Twilio call this URL? Its host may not have an underscore in it.
pub(super) fn is_callback_url(text: &str) -> bool {
    web_url(text).is_some_and(|url| !url.host_str().unwrap_or_default().contains('_'))
}

/// Reads an `http` or `https` URL.
pub(super) fn web_url(text: &str) -> Option<url::Url> {
    let url = url::Url::parse(text).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}
