//! Status callbacks: requests whose answers do not matter, delivered by whoever runs the engine.

/// One callback, ready to be sent.
#[derive(Clone)]
pub(crate) struct Callback {
    /// The account of the resource.
    pub(crate) account: String,
    /// The resource that changed.
    pub(crate) sid: String,
    /// What it changed to.
    pub(crate) event: String,
    /// The URL of the endpoint, without a fragment.
    pub(crate) endpoint: String,
    /// The fragment of the endpoint's URL.
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
    /// Returns its method: `POST` with a form, else `GET`.
    pub(crate) fn method(&self) -> &'static str {
        if self.form.is_some() { "POST" } else { "GET" }
    }
}
