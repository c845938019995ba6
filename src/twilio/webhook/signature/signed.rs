//! Computes and compares signatures: HMAC over the URL, followed by the parameters of a form.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use super::outcome::SignatureError;
use super::url::query;

/// An auth token or the secret of a shared key, prepared for signing. It is never printed.
#[derive(Clone)]
pub(super) struct Key {
    sha1: Hmac<Sha1>,
    sha256: Hmac<Sha256>,
    /// Whether it is not 32 hexadecimal digits, as an auth token is.
    pub(super) looks_odd: bool,
}

impl Key {
    /// Prepares a token; `None` if it is blank, because anybody can sign with an empty token.
    pub(super) fn new(token: &str) -> Option<Self> {
        if token.trim().is_empty() {
            return None;
        }
        let bytes = token.as_bytes();
        // HMAC takes a key of any length.
        let (sha1, sha256) = (Hmac::new_from_slice(bytes).ok()?, Hmac::new_from_slice(bytes).ok()?);
        let looks_odd = token.len() != 32 || !token.bytes().all(|b| b.is_ascii_hexdigit());
        Some(Self { sha1, sha256, looks_odd })
    }

    /// Signs the URL and the parameters with HMAC-SHA1, as Twilio does unless a shared key is configured.
    pub(super) fn sign(&self, url: &str, params: &[u8]) -> String {
        STANDARD.encode(mac_over(&self.sha1, url, params).finalize().into_bytes())
    }

    /// Is this the signature of the URL and the parameters? Compares in constant time.
    pub(super) fn matches(&self, url: &str, params: &[u8], signature: &Signature) -> bool {
        match signature {
            Signature::Sha1(bytes) => mac_over(&self.sha1, url, params).verify_slice(bytes).is_ok(),
            Signature::Sha256(bytes) => mac_over(&self.sha256, url, params).verify_slice(bytes).is_ok(),
        }
    }
}

fn mac_over<M: hmac::Mac + Clone>(mac: &M, url: &str, params: &[u8]) -> M {
    let mut mac = mac.clone();
    mac.update(url.as_bytes());
    mac.update(params);
    mac
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The algorithm of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Sha1,
    Sha256,
}

/// The bytes of an `X-Twilio-Signature`.
pub(super) enum Signature {
    Sha1([u8; 20]),
    Sha256([u8; 32]),
}

impl Signature {
    /// Decodes base64 strictly: the exact length, with padding, and with unused bits zero. So a signature has one spelling.
    pub(super) fn read(header: &str, algorithm: Algorithm) -> Option<Self> {
        match algorithm {
            Algorithm::Sha1 => decode(header).map(Self::Sha1),
            Algorithm::Sha256 => decode(header).map(Self::Sha256),
        }
    }
}

fn decode<const N: usize>(header: &str) -> Option<[u8; N]> {
    // The length is checked first, so that a long header is not decoded.
    if header.len() != N.div_ceil(3) * 4 {
        return None;
    }
    STANDARD.decode(header).ok()?.try_into().ok()
}

/// Concatenates the pairs of a form as Twilio signs them: sorted by key and then by value, without duplicates.
pub(super) fn sorted<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<u8> {
    let mut length = 0;
    let mut sorted: Vec<Pair<'a>> = pairs
        .map(|(key, value)| {
            length += key.len() + value.len();
            Pair { start: start(key), key, value }
        })
        .collect();
    sorted.sort_unstable();
    sorted.dedup();
    let mut out = Vec::with_capacity(length);
    for pair in &sorted {
        out.extend_from_slice(pair.key.as_bytes());
        out.extend_from_slice(pair.value.as_bytes());
    }
    out
}

/// The derived order compares the fields from first to last. `start` nearly always decides, which is faster than comparing
/// strings.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Pair<'a> {
    start: u64,
    key: &'a str,
    value: &'a str,
}

/// Returns the first eight bytes as a number with the same order, padded with zeros so that a prefix is sorted first. If
/// two are equal, the keys themselves are compared.
fn start(key: &str) -> u64 {
    let mut bytes = [0; 8];
    for (to, from) in bytes.iter_mut().zip(key.bytes()) {
        *to = from;
    }
    u64::from_be_bytes(bytes)
}

/// The parameter that names the account, in forms and in JSON. Nearly every delivery has it; in a sorted form it is the first.
const ACCOUNT: [&str; 2] = ["AccountSid", "account_sid"];
/// The length of the longer name together with its value.
const ACCOUNT_AND_VALUE: usize = "account_sid".len() + SID;
const SID: usize = 34;

/// Does the URL contain parameters of the form that Twilio signed?
///
/// Nothing in the signed bytes marks where the URL ends. So an attacker who has a signature can append the first parameters to
/// the URL, and the signature stays valid. Such a URL contains `AccountSid` directly followed by the SID, while a genuine one
/// has a `=` between the two. If the attacker moved only a part of them, the rest is at the beginning of the parameters.
pub(super) fn holds_parameters(url: &str, params: &[u8]) -> bool {
    if ACCOUNT.iter().any(|name| is_account_in(url.as_bytes(), name)) {
        return true;
    }
    // If the parameters begin with the account, nothing was moved.
    if params.is_empty() || ACCOUNT.iter().any(|name| params.starts_with(name.as_bytes())) {
        return false;
    }
    let end = url.as_bytes();
    let mut border = end.get(end.len().saturating_sub(ACCOUNT_AND_VALUE - 1)..).unwrap_or(end).to_vec();
    let moved = border.len();
    border.extend(params.iter().take(ACCOUNT_AND_VALUE - 1));
    // Only matches that begin in the URL count: after it, the account is an ordinary parameter.
    (0..moved).any(|at| border.get(at..).is_some_and(begins_with_account))
}

fn is_account_in(text: &[u8], name: &str) -> bool {
    text.len() >= name.len() + SID
        && text
            .windows(name.len() + SID)
            .any(|window| window.first() == name.as_bytes().first() && begins_with_account(window))
}

fn begins_with_account(text: &[u8]) -> bool {
    let sid = ACCOUNT.iter().find_map(|name| text.strip_prefix(name.as_bytes()));
    let digits = sid.and_then(|sid| sid.strip_prefix(b"AC")?.get(..SID - 2));
    digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

const BODY_HASH: &str = "bodySHA256";

/// Checks that the URL contains the hash of this body.
///
/// Twilio writes the hash as the last pair of the query. A hash in another place, or of another form, is refused, because an
/// attacker may have written it into a parameter.
pub(super) fn check_body_hash(url: &str, body: &[u8]) -> Result<(), SignatureError> {
    let (count, last) = body_hashes(url);
    match (count, last) {
        (0, _) => Err(SignatureError::NoBodyHash),
        (1, Some(hash)) if is_hash(hash) => {
            if hash.eq_ignore_ascii_case(&hash_of(body)) {
                Ok(())
            } else {
                Err(SignatureError::WrongBody)
            }
        }
        _ => Err(SignatureError::MisplacedBodyHash),
    }
}

/// Returns the number of hashes, and the one in the last pair.
fn body_hashes(url: &str) -> (usize, Option<&str>) {
    let query = query(url);
    (query.split('&').filter_map(body_hash).count(), query.rsplit('&').next().and_then(body_hash))
}

fn body_hash(pair: &str) -> Option<&str> {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    (name == BODY_HASH).then_some(value)
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Appends the hash of a body to a URL as Twilio does, unless the URL has one.
pub(super) fn hashed_url(url: &str, body: &[u8]) -> String {
    if body_hashes(url).0 > 0 {
        return url.to_owned();
    }
    let (url, fragment) = url.split_once('#').map_or((url, None), |(url, fragment)| (url, Some(fragment)));
    let joint = if url.contains('?') { '&' } else { '?' };
    let mark = if fragment.is_some() { "#" } else { "" };
    format!("{url}{joint}{BODY_HASH}={}{mark}{}", hash_of(body), fragment.unwrap_or_default())
}

fn hash_of(body: &[u8]) -> String {
    use fmt::Write as _;
    Sha256::digest(body).iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a String does not fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_signature_has_one_spelling() {
        assert!(Signature::read("RSOYDt4T1cUTdK1PDd93/VVr8B8=", Algorithm::Sha1).is_some());
        // The last character before the padding has two unused bits, which must be zero.
        for wrong in [
            "",
            "RSOYDt4T1cUTdK1PDd93/VVr8B8",
            "RSOYDt4T1cUTdK1PDd93/VVr8B9=",
            "RSOYDt4T1cUTdK1PDd93_VVr8B8=",
            "RSOYDt4T1cUTdK1PDd93/VVr8B8= ",
            "RSOYDt4T1cUTdK1PDd93/VVr8BAA",
        ] {
            assert!(Signature::read(wrong, Algorithm::Sha1).is_none(), "{wrong}");
        }
    }

    #[test]
    fn an_empty_token_is_refused() {
        assert!(Key::new("").is_none() && Key::new("  \n").is_none());
        assert_eq!(format!("{:?}", Key::new("hunter2")), "Some(***)");
    }

    #[test]
    fn pairs_are_sorted_by_key_before_value() {
        let pairs = [("ReasonEnded", "a"), ("Reason", "Z"), ("reason", ""), ("Reason", "A"), ("Reason", "Z")];
        assert_eq!(sorted(pairs.into_iter()), b"ReasonAReasonZReasonEndedareason");
    }

    #[test]
    fn an_account_that_is_partly_in_the_url_is_found_wherever_it_is_split() {
        let url = "https://example.com/sms?x=";
        for account in
            ["AccountSidAC0123456789abcdef0123456789abcdef", "account_sidAC0123456789abcdef0123456789abcdef"]
        {
            for at in 0..=account.len() {
                let (moved, rest) = account.split_at(at);
                let rest = format!("{rest}ApiVersion2010-04-01Bodyhello");
                assert_eq!(holds_parameters(&format!("{url}{moved}"), rest.as_bytes()), at > 0, "{moved}");
            }
            assert!(holds_parameters(&format!("{url}{account}ApiVersion"), b""));
            // A value that looks like an account is allowed, and so is a query that names the account.
            assert!(!holds_parameters(url, format!("Body{account}").as_bytes()));
            let (name, sid) = account.split_at(account.len() - SID);
            assert!(!holds_parameters(&format!("{url}&{name}={sid}"), account.as_bytes()));
            assert!(!holds_parameters(&format!("{url}{name}ACME"), b"From1"));
        }
    }

    #[test]
    fn a_body_hash_must_be_whole_and_the_last_parameter_and_occur_once() {
        let hash = hash_of(b"{}");
        for (query, expected) in [
            (format!("?a=1&bodySHA256={hash}"), Ok(())),
            (format!("?bodySHA256={hash}#rc=2"), Ok(())),
            (format!("?bodySHA256={}", hash.to_uppercase()), Ok(())),
            (format!("?bodySHA256={}", hash_of(b"[]")), Err(SignatureError::WrongBody)),
            (format!("?bodySHA256={hash}&a=1"), Err(SignatureError::MisplacedBodyHash)),
            (format!("?bodySHA256={hash}&"), Err(SignatureError::MisplacedBodyHash)),
            (format!("?bodySHA256={hash}&bodySHA256={hash}"), Err(SignatureError::MisplacedBodyHash)),
            (format!("?bodySHA256&bodySHA256={hash}"), Err(SignatureError::MisplacedBodyHash)),
            (format!("?bodySHA256={hash}From"), Err(SignatureError::MisplacedBodyHash)),
            (format!("?bodySHA256={}", hash.replacen('4', "", 1)), Err(SignatureError::MisplacedBodyHash)),
            ("?bodySHA256".to_owned(), Err(SignatureError::MisplacedBodyHash)),
            (format!("?xbodySHA256={hash}"), Err(SignatureError::NoBodyHash)),
            (format!("/bodySHA256={hash}"), Err(SignatureError::NoBodyHash)),
        ] {
            assert_eq!(check_body_hash(&format!("https://example.com/{query}"), b"{}"), expected, "{query}");
        }
    }

    proptest! {
        #[test]
        fn pairs_are_sorted_by_their_bytes(pairs in proptest::collection::vec(("[a-c\0]{0,10}", "[a-c]{0,2}"), 0..12)) {
            let mut expected = BTreeMap::<&[u8], BTreeSet<&[u8]>>::new();
            for (key, value) in &pairs {
                expected.entry(key.as_bytes()).or_default().insert(value.as_bytes());
            }
            let expected: Vec<u8> = expected
                .into_iter()
                .flat_map(|(key, values)| values.into_iter().flat_map(move |value| [key, value].concat()))
                .collect();
            prop_assert_eq!(sorted(pairs.iter().map(|(key, value)| (key.as_str(), value.as_str()))), expected);
        }
    }
}
