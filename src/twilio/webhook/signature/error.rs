//! Why a request is not taken for Twilio's.

use thiserror::Error;

use super::diagnosis::Diagnosis;

/// Why a request is not taken for Twilio's, and what to change if it is.
///
/// It holds neither a token, nor a signature that would have been right, nor a value of the request. It is for your own
/// log: a stranger gets 403 and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// There is no auth token to verify with.
    #[error(
        "there is no auth token to verify with: give the primary auth token of the account (an API key cannot verify)"
    )]
    NoToken,
    /// The account that the request claims to come from is not one of yours, or has no token.
    #[error("no auth token is known for the account that the request claims to come from")]
    UnknownAccount,
    /// The request names two accounts.
    #[error("the request names more than one account")]
    AmbiguousAccount,
    /// There is no `X-Twilio-Signature`.
    #[error("there is no X-Twilio-Signature: this is not from Twilio, or a proxy took the header off")]
    MissingHeader,
    /// There is more than one `X-Twilio-Signature`.
    #[error("there is more than one X-Twilio-Signature")]
    RepeatedHeader,
    /// The header is not the base64 of a signature: 28 characters, or 44 with HMAC-SHA256.
    #[error("the X-Twilio-Signature is not base64 of the right length (28 characters; 44 with HMAC-SHA256)")]
    MalformedHeader,
    /// The request says that it was signed in a way that is not known here.
    #[error(
        "the X-Twilio-Webhooks-Signature-Settings name an algorithm other than HMAC_SHA1 and HMAC_SHA256"
    )]
    UnknownAlgorithm,
    /// The URL that Twilio called is not known.
    #[error(
        "the public URL of this service is not known: set it with Verifier::public_url(\"https://example.com\")"
    )]
    NoPublicUrl,
    /// What was given as the public URL cannot be one.
    #[error("the public URL that was configured cannot be used: {0}")]
    WrongPublicUrl(&'static str),
    /// `Forwarded` and `X-Forwarded-…` tell of different URLs.
    #[error(
        "the headers Forwarded and X-Forwarded-… name different URLs: one of them comes from a stranger; let the proxy remove it, or set Verifier::public_url"
    )]
    ProxiesDisagree,
    /// A GET has a body, which no signature covers.
    #[error("this is a GET with a body, which the signature does not cover; Twilio's have none")]
    BodyOfGet,
    /// The body is no form, and nothing in the URL says which body it must be.
    #[error(
        "the body is not a form and the URL has no bodySHA256, so nothing ties the body to the signature (a form must come as application/x-www-form-urlencoded)"
    )]
    NoBodyHash,
    /// The URL says that it belongs to another body.
    #[error(
        "the body is not the one that was signed: it was changed on its way, or read and written anew before it got here"
    )]
    WrongBody,
    /// The signature is not the one of this request.
    #[error("{0}")]
    Mismatch(Box<Diagnosis>),
}

impl SignatureError {
    /// Returns what was tried, where a signature was there and did not fit.
    #[must_use]
    pub fn diagnosis(&self) -> Option<&Diagnosis> {
        match self {
            Self::Mismatch(diagnosis) => Some(diagnosis),
            _ => None,
        }
    }
}
