//! Basic auth, and the headers that every request carries.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderValue};
use zeroize::Zeroizing;

use super::credentials::Login;
use super::error::invalid_credentials;
use crate::provider::ProviderError;

const AGENT: HeaderValue =
    HeaderValue::from_static(concat!("switchboard/", env!("CARGO_PKG_VERSION"), " (rust)"));

/// Makes the `Authorization` header, marked as sensitive.
pub(super) fn authorization(login: &Login) -> Result<HeaderValue, ProviderError> {
    let pair = Zeroizing::new(format!("{}:{}", login.username, login.password.expose()));
    let value = Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())));
    let mut header = HeaderValue::from_str(&value)
        .map_err(|_| invalid_credentials("the credentials cannot be sent in a header"))?;
    header.set_sensitive(true);
    Ok(header)
}

/// Makes what every request carries.
pub(super) fn headers(login: &Login) -> Result<HeaderMap, ProviderError> {
    let mut headers = HeaderMap::with_capacity(6);
    headers.insert(AUTHORIZATION, authorization(login)?);
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(USER_AGENT, AGENT);
    Ok(headers)
}

pub(super) fn with_content(mut headers: HeaderMap, kind: &'static str) -> HeaderMap {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::Credentials;

    #[test]
    fn the_header_is_basic_and_sensitive() {
        let credentials = Credentials::twilio("AC0123456789abcdef0123456789abcdef", "tok");
        let header = authorization(&Login::of(&credentials).unwrap()).unwrap();
        assert_eq!(
            STANDARD.decode(header.to_str().unwrap().strip_prefix("Basic ").unwrap()).unwrap(),
            b"AC0123456789abcdef0123456789abcdef:tok"
        );
        assert!(header.is_sensitive());
        assert_eq!(format!("{header:?}"), "Sensitive");
    }
}
