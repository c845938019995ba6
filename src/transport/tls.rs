//! The TLS configuration of the client. No crypto provider is ever installed for the process.

use reqwest::ClientBuilder;

use crate::provider::ProviderError;

/// Sets TLS and adds root certificates (PEM) to those of the platform.
#[cfg(any(feature = "rustls", not(feature = "rustls-ring")))]
pub(super) fn configure(builder: ClientBuilder, roots: &[Vec<u8>]) -> Result<ClientBuilder, ProviderError> {
    with_reqwest_roots(builder, roots)
}

#[cfg(feature = "rustls")]
fn with_reqwest_roots(builder: ClientBuilder, roots: &[Vec<u8>]) -> Result<ClientBuilder, ProviderError> {
    if roots.is_empty() {
        return Ok(builder);
    }
    let mut certificates = Vec::new();
    for pem in roots {
        let parsed = reqwest::Certificate::from_pem_bundle(pem).map_err(|_| bad_root())?;
        if parsed.is_empty() {
            return Err(bad_root());
        }
        certificates.extend(parsed);
    }
    Ok(builder.tls_certs_merge(certificates))
}

#[cfg(not(any(feature = "rustls", feature = "rustls-ring")))]
fn with_reqwest_roots(builder: ClientBuilder, roots: &[Vec<u8>]) -> Result<ClientBuilder, ProviderError> {
    if roots.is_empty() {
        return Ok(builder);
    }
    Err(ProviderError::invalid_request(
        "a root certificate needs TLS: build switchboard with its feature rustls or rustls-ring",
    ))
}

/// Sets rustls on ring, unless the process has a provider of its own: then reqwest uses that one.
#[cfg(all(feature = "rustls-ring", not(feature = "rustls")))]
pub(super) fn configure(builder: ClientBuilder, roots: &[Vec<u8>]) -> Result<ClientBuilder, ProviderError> {
    use std::sync::Arc;

    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;

    let mut certificates = Vec::new();
    for pem in roots {
        let before = certificates.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            certificates.push(certificate.map_err(|_| bad_root())?);
        }
        if certificates.len() == before {
            return Err(bad_root());
        }
    }
    let provider = rustls::crypto::CryptoProvider::get_default()
        .cloned()
        .unwrap_or_else(|| Arc::new(rustls::crypto::ring::default_provider()));
    let no_tls = |error: rustls::Error| {
        ProviderError::invalid_request(
            "TLS on ring cannot be set up: are there root certificates on this machine?",
        )
        .with_source(error)
    };
    let verifier =
        rustls_platform_verifier::Verifier::new_with_extra_roots(certificates, Arc::clone(&provider))
            .map_err(no_tls)?;
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(no_tls)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(builder.tls_backend_preconfigured(config))
}

#[cfg(any(feature = "rustls", feature = "rustls-ring"))]
fn bad_root() -> ProviderError {
    ProviderError::invalid_request(
        "the root certificate is not PEM: it begins with -----BEGIN CERTIFICATE-----",
    )
}

/// Trusts no certificate at all, for a machine without root certificates: plain http still works.
#[cfg(feature = "rustls")]
pub(super) fn without_roots(builder: ClientBuilder) -> ClientBuilder {
    builder.tls_certs_only(std::iter::empty())
}

/// Trusts no certificate at all, for a machine without root certificates: plain http still works.
#[cfg(not(feature = "rustls"))]
pub(super) fn without_roots(builder: ClientBuilder) -> ClientBuilder {
    builder
}
