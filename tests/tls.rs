//! What each TLS feature does to a host that uses reqwest itself.

#![cfg(any(feature = "rustls", feature = "rustls-ring"))]

use switchboard::twilio::TwilioAdapter;

/// With `rustls`, reqwest has a provider of its own: the host's clients work.
#[cfg(feature = "rustls")]
#[test]
fn a_host_may_make_clients_of_its_own() {
    TwilioAdapter::builder().build().expect("the adapter is made");
    assert!(std::panic::catch_unwind(reqwest::Client::new).is_ok());
}

/// With `rustls-ring` alone, reqwest has none, and we install none for the process: our client works, and a client of
/// the host panics until the host enables a TLS feature of reqwest's or installs a provider.
#[cfg(not(feature = "rustls"))]
#[test]
fn a_host_needs_a_tls_of_its_own() {
    TwilioAdapter::builder().build().expect("the adapter is made");
    assert!(std::panic::catch_unwind(reqwest::Client::new).is_err());
    assert!(rustls::crypto::CryptoProvider::get_default().is_none(), "no provider was installed by us");
    rustls::crypto::ring::default_provider().install_default().expect("nobody has installed one");
    assert!(std::panic::catch_unwind(reqwest::Client::new).is_ok());
    TwilioAdapter::builder().build().expect("the adapter is made, with the provider of the process");
}
