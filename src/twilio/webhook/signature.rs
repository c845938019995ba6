//! `X-Twilio-Signature`.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

use crate::secret::Secret;

/// Signs and, once webhooks are here, verifies what Twilio sends to you, with the auth token of an account.
///
/// An API key cannot sign. `Debug` shows stars.
///
/// ```
/// use switchboard::twilio::webhook::Verifier;
///
/// let verifier = Verifier::new("12345");
/// let signature = verifier.sign_form("https://example.com/sms", &[("Body", "Hi"), ("From", "+15005550006")]);
/// assert_eq!(signature.len(), 28);
/// ```
#[derive(Debug, Clone)]
pub struct Verifier {
    token: Secret,
}

impl Verifier {
    /// Takes the auth token of the account; the primary one where there are two.
    pub fn new(token: impl Into<Secret>) -> Self {
        Self { token: token.into() }
    }

    /// Signs a form as Twilio does, for tests of your own handlers. See [`sign_form`].
    #[must_use]
    pub fn sign_form<K: AsRef<str>, V: AsRef<str>>(&self, url: &str, params: &[(K, V)]) -> String {
        sign_form(self.token.expose(), url, params)
    }
}

/// Signs a form as Twilio does: HMAC-SHA1 over the URL, then every key in byte order with its values, in base64.
///
/// `url` is the full URL as Twilio requests it, with its query and without a fragment; `params` are the decoded
/// pairs of the body. Of a repeated key each different value counts once, sorted. For tests of your own handlers.
///
/// <https://www.twilio.com/docs/usage/security#validating-requests>
#[must_use]
pub fn sign_form<K: AsRef<str>, V: AsRef<str>>(token: &str, url: &str, params: &[(K, V)]) -> String {
    let mut sorted = BTreeMap::<&str, BTreeSet<&str>>::new();
    for (key, value) in params {
        sorted.entry(key.as_ref()).or_default().insert(value.as_ref());
    }
    // HMAC takes a key of any length, so the fallback is never used.
    let mut mac = match Hmac::<Sha1>::new_from_slice(token.as_bytes()) {
        Ok(mac) => mac,
        Err(_) => return String::new(),
    };
    mac.update(url.as_bytes());
    for (key, values) in &sorted {
        for value in values {
            mac.update(key.as_bytes());
            mac.update(value.as_bytes());
        }
    }
    STANDARD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const U: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";
    const P: &[(&str, &str)] = &[
        ("CallSid", "CA1234567890ABCDE"),
        ("Caller", "+14158675309"),
        ("Digits", "1234"),
        ("From", "+14158675309"),
        ("To", "+18005551212"),
    ];

    #[test]
    fn published_vectors() {
        let with_reason = [P, &[("Reason", "Participant"), ("ReasonConferenceEnded", "test")]].concat();
        type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);
        let cases: &[Case<'_>] = &[
            (U, P, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
            ("https://mycompany.com:443/myapp.php?foo=1&bar=2", P, "kvajT1Ptam85bY51eRf/AJRuM3w="),
            ("http://mycompany.com:1234/myapp.php?foo=1&bar=2", P, "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
            (
                U,
                &[
                    ("Sid", "CA123"),
                    ("SidAccount", "AC123"),
                    ("Digits", "5678"),
                    ("Digits", "1234"),
                    ("Digits", "1234"),
                ],
                "IK+Dwps556ElfBT0I3Rgjkr1wJU=",
            ),
            (U, &with_reason, "vOEb5UThFn24KEfnOFLQY2AE5FY="),
            (U, &[], "zYQTYrRWXE7LtzbG4PfP7/bkkGo="),
            (
                U,
                &[("CallSid", "CA1234567890ABCDE"), ("Digits", ""), ("EmptyParam", "")],
                "9HHp/OqQMEwdrVebHDdA/+tqjX8=",
            ),
            (
                "https://example.com/sms",
                &[("Body", "Olá ☕ & co"), ("From", "+15005550006")],
                "BlrAIizq6XRp2PLlkyRCJZBHQm8=",
            ),
        ];
        for (url, params, expected) in cases {
            assert_eq!(sign_form("12345", url, params), *expected, "{url}");
        }
    }
}
