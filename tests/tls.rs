//! What each TLS feature means for a program that also uses reqwest itself.

#![cfg(any(feature = "rustls", feature = "rustls-ring"))]

use switchboard::twilio::TwilioAdapter;

/// With `rustls`, reqwest has its own crypto provider, so the program's own clients work.
#[cfg(feature = "rustls")]
#[test]
fn a_program_can_make_its_own_reqwest_clients() {
    TwilioAdapter::builder().build().expect("the adapter is made");
    assert!(std::panic::catch_unwind(reqwest::Client::new).is_ok());
}

/// With `rustls-ring` alone, reqwest has no crypto provider, and we install none for the process. Our client works; a
/// reqwest client of the program panics until the program enables a TLS feature of reqwest or installs a provider.
#[cfg(not(feature = "rustls"))]
#[test]
fn a_program_must_choose_tls_for_its_own_reqwest_clients() {
    TwilioAdapter::builder().build().expect("the adapter is made");
    assert!(std::panic::catch_unwind(reqwest::Client::new).is_err());
    assert!(rustls::crypto::CryptoProvider::get_default().is_none(), "no provider was installed by us");
    rustls::crypto::ring::default_provider().install_default().expect("nobody has installed one");
    assert!(std::panic::catch_unwind(reqwest::Client::new).is_ok());
    TwilioAdapter::builder().build().expect("the adapter is made, with the provider of the process");
}
