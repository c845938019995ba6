//! Every combination of scheme, port, query, slash and prefix; and each of them with one bit changed.

use super::*;

/// {http, https} × {port} × {query} × {slash} × {prefix}: the URL that Twilio signs, the configured public URL, and the
/// path that arrives behind a proxy.
fn matrix() -> Vec<(String, String, String)> {
    let queries = [
        "",
        "?a='&b=@c:d",
        "?a=b+c&d=%27",
        "?q=a%20b",
        "?n=%C3%B1&m=ñ",
        "?a=&b",
        "?a=1&b=2&a=3",
        "?A=%2f%2F",
    ];
    let mut all = Vec::new();
    for scheme in ["http", "https"] {
        for port in ["", ":443", ":8443"] {
            for query in queries {
                for slash in ["", "/"] {
                    for prefix in ["", "/gate/way"] {
                        let base = format!("{scheme}://example.com{port}{prefix}");
                        let target = format!("/sms{slash}{query}");
                        all.push((format!("{base}{target}"), base, target));
                    }
                }
            }
        }
    }
    all
}

#[test]
fn every_url_is_accepted_and_no_altered_url_is() {
    let cases = matrix();
    assert_eq!(cases.len(), 2 * 3 * 8 * 2 * 2);
    for (url, base, target) in cases {
        let signature = verifier().sign_form(&url, &pairs());
        let sent = TestRequest::form(&target, FORM, &signature);
        let verifier = verifier().public_url(base);
        assert!(sent.verified_by(&verifier).is_ok(), "{url}");
        for at in 0..target.len() {
            let mut bytes = target.clone().into_bytes();
            bytes[at] ^= 1;
            let Ok(altered) = String::from_utf8(bytes) else { continue };
            // A fragment is never sent.
            if !altered.contains('#') {
                let sent = TestRequest { url: altered, ..sent.clone() };
                assert!(sent.verified_by(&verifier).is_err(), "{url}: {}", sent.url);
            }
        }
        let other_slash = match target.split_once('?') {
            Some((path, query)) => format!("{path}/?{query}"),
            None => format!("{target}/"),
        };
        assert!(TestRequest { url: other_slash, ..sent }.verified_by(&verifier).is_err(), "{url}");
    }
}

#[test]
fn no_altered_body_and_no_altered_signature_is_accepted() {
    let verifier = verifier().public_url("https://example.com");
    let signature = verifier.sign_form("https://example.com/sms", &pairs());
    let sent = TestRequest::form("/sms", FORM, &signature);
    assert_eq!(
        sent.verified_by(&verifier).unwrap().matched(),
        Matched { token: 0, spelling: Spelling::AsIs }
    );
    for at in 0..FORM.len() {
        for bit in 0..8 {
            let mut body = FORM.as_bytes().to_vec();
            body[at] ^= 1 << bit;
            let altered = TestRequest { body: body.clone(), ..sent.clone() };
            // `%2B` and `%2b` are equal, and so are `+` and `%20`: such a change alters no parameter.
            let same = Params::from_form(&body).iter().eq(Params::from_form(FORM.as_bytes()).iter());
            assert_eq!(altered.verified_by(&verifier).is_ok(), same, "{}", String::from_utf8_lossy(&body));
        }
    }
    for at in 0..signature.len() {
        for other in ["A", "a", "/", "=", "0"] {
            let mut altered = signature.clone();
            altered.replace_range(at..=at, other);
            if altered != signature {
                assert!(sent.clone().with(HEADER, &altered).verified_by(&verifier).is_err(), "{altered}");
            }
        }
    }
}
