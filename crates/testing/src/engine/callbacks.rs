//! Status callbacks, which whoever runs the engine delivers. Their answers are ignored.

/// One callback, ready to be sent.
#[derive(Clone)]
pub(crate) struct Callback {
    /// The account of the resource.
    pub(crate) account: String,
    /// The resource that changed.
    pub(crate) sid: String,
    /// Its new status.
    pub(crate) event: String,
    /// The URL of the endpoint, without a fragment.
    pub(crate) endpoint: String,
    /// The fragment of the endpoint's URL.
    pub(crate) fragment: String,
    /// The URL as it is requested and signed. For a GET it contains the parameters, with personal data.
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
