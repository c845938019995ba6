//! Bodies that are no forms: tied to the URL by their hash.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::error::SignatureError;
use super::query;
use crate::twilio::webhook::params::Params;

const NAME: &str = "bodySHA256";

/// Is it the body that the URL was made for?
pub(super) fn fits(url: &str, body: &[u8]) -> Result<(), SignatureError> {
    let mut hashes = hashes(url);
    let hash = hashes.next().ok_or(SignatureError::NoBodyHash)?;
    // Two hashes would let somebody choose which one is looked at.
    if hashes.next().is_some() || !hash.eq_ignore_ascii_case(&hash_of(body)) {
        return Err(SignatureError::WrongBody);
    }
    Ok(())
}

fn hashes(url: &str) -> impl Iterator<Item = &str> {
    query(url)
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .filter(|(key, _)| *key == NAME)
        .map(|(_, v)| v)
}

/// The fields of a JSON object; nothing for anything else.
pub(super) fn params(body: &[u8]) -> Params {
    serde_json::from_slice(body).map_or_else(|_| Params::default(), |value| Params::from_json(&value))
}

pub(super) fn hashed_url(url: &str, body: &[u8]) -> String {
    if hashes(url).next().is_some() {
        return url.to_owned();
    }
    let (url, fragment) = url.split_once('#').map_or((url, None), |(url, fragment)| (url, Some(fragment)));
    let joint = if url.contains('?') { '&' } else { '?' };
    let mark = if fragment.is_some() { "#" } else { "" };
    format!("{url}{joint}{NAME}={}{mark}{}", hash_of(body), fragment.unwrap_or_default())
}

fn hash_of(body: &[u8]) -> String {
    Sha256::digest(body).iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a text does not fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
