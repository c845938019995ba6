//! What a test lets people do: call the account, or write to it.

mod call;
mod sms;

pub use self::call::InboundCall;
pub use self::sms::InboundSms;

/// What incoming calls and incoming messages have in common.
#[derive(Clone)]
pub(super) struct Inbound {
    pub(super) from: String,
    /// The number that is called or written to, if it is not the fake's own.
    pub(super) to: Option<String>,
    /// The webhook, if it is not the number's.
    pub(super) url: Option<String>,
    /// Whether the webhook is requested with a GET.
    pub(super) get: bool,
    /// Parameters of the request in addition to the fake's, or instead of them.
    pub(super) params: Vec<(String, String)>,
}

impl Inbound {
    fn new(from: String) -> Self {
        Self { from, to: None, url: None, get: false, params: Vec::new() }
    }
}

/// Implements the setters of a type with a field `inbound`.
macro_rules! inbound_setters {
    ($type:ident) => {
        impl $type {
            /// Sets which number of the account is called or written to.
            #[must_use]
            pub fn to(mut self, number: impl Into<String>) -> Self {
                self.inbound.to = Some(number.into());
                self
            }

            /// Sets the URL of the webhook, instead of the number's.
            #[must_use]
            pub fn url(mut self, url: impl Into<String>) -> Self {
                self.inbound.url = Some(url.into());
                self
            }

            /// Requests the [`url`](Self::url) with a GET.
            #[must_use]
            pub const fn get(mut self) -> Self {
                self.inbound.get = true;
                self
            }

            /// Sets a parameter of each request, in addition to the fake's parameters or instead of one of them: `CallerName`
            /// and `StirVerstat` of a call, `ProfileName` and `ButtonPayload` of a message.
            #[must_use]
            pub fn param(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
                self.inbound.params.push((name.into(), value.into()));
                self
            }
        }
    };
}
use inbound_setters;
