//! Status callbacks: made and signed here, delivered by whoever runs the engine.

use super::hook::{Signed, sign};
use super::tenant::Tenant;

/// Where a resource wants to hear of its changes.
#[derive(Debug, Clone)]
pub(super) struct Listener {
    pub(super) url: String,
    pub(super) get: bool,
}

/// One callback, ready to be sent.
#[derive(Clone)]
pub(crate) struct Callback {
    /// The account of the resource.
    pub(crate) account: String,
    /// The resource that changed.
    pub(crate) sid: String,
    /// What it changed to.
    pub(crate) event: String,
    /// Where the listener is, without a fragment.
    pub(crate) listener: String,
    /// What stood behind the listener's `#`.
    pub(crate) fragment: String,
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

impl Tenant {
    /// Notes a callback to be sent.
    pub(super) fn call_back<K: AsRef<str>>(
        &mut self,
        listener: &Listener,
        sid: &str,
        event: &str,
        params: &[(K, String)],
    ) {
        let (target, fragment) = listener.url.split_once('#').unwrap_or((&listener.url, ""));
        let Signed { url, form, signature } = sign(self.account.token.expose(), target, listener.get, params);
        let token = self.sids.token();
        self.callbacks.push(Callback {
            account: self.account.sid.clone(),
            sid: sid.to_owned(),
            event: event.to_owned(),
            listener: target.to_owned(),
            fragment: fragment.to_owned(),
            url,
            form,
            signature,
            token,
        });
    }

    /// Takes the callbacks that were noted since the last time.
    pub(super) fn take_callbacks(&mut self) -> Vec<Callback> {
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
