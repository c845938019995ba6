//! TLS to a PostgreSQL server, with the adapter's own provider: ring, and the roots of the platform.

use std::sync::Arc;

use rustls::ClientConfig;
use rustls::crypto::ring::default_provider;
use rustls_platform_verifier::Verifier;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::exit::Exit;
use crate::failure::Failure;

pub(super) fn connector() -> Result<MakeRustlsConnect, Failure> {
    let no_tls = |error: rustls::Error| Failure::new(Exit::Failed, format!("TLS cannot be set up: {error}"));
    let provider = Arc::new(default_provider());
    let verifier = Verifier::new(Arc::clone(&provider)).map_err(no_tls)?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(no_tls)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}
