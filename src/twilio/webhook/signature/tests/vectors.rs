//! Signatures that Twilio published, or that another implementation made.

use super::*;

/// The signature of a form, made with another implementation of HMAC-SHA256.
const SHA256: &str = "eiGF+EB1aNg5pLfQ5RSJ8i0OGVt9LMU0G1dMRLBNuog=";

fn signed_spelling(url: &str, params: &[(&str, &str)], signature: &str) -> Result<Spelling, SignatureError> {
    verifier().verify_form(url, params, signature).map(|verified| verified.matched().spelling)
}

#[test]
fn published_form_vectors() {
    type Case<'a> = (&'a str, Vec<(&'a str, &'a str)>, &'a str);
    let twice = |name, values: [&'static str; 2]| values.map(|value| (name, value)).to_vec();
    let numbers = vec![("Caller", "+12349013030"), ("From", "+12349013030")];
    let with_numbers = P.iter().filter(|(key, _)| !matches!(*key, "Caller" | "From")).copied();
    let cases: &[Case<'_>] = &[
        (U, P.to_vec(), "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ("https://mycompany.com:443/myapp.php?foo=1&bar=2", P.to_vec(), "kvajT1Ptam85bY51eRf/AJRuM3w="),
        ("http://mycompany.com:80/myapp.php?foo=1&bar=2", P.to_vec(), "0ZXoZLH/DfblKGATFgpif+LLRf4="),
        ("http://mycompany.com:1234/myapp.php?foo=1&bar=2", P.to_vec(), "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
        (
            U,
            vec![
                ("Sid", "CA123"),
                ("SidAccount", "AC123"),
                ("Digits", "5678"),
                ("Digits", "1234"),
                ("Digits", "1234"),
            ],
            "IK+Dwps556ElfBT0I3Rgjkr1wJU=",
        ),
        (
            U,
            twice("MessagingBinding.Address", ["+1415xxxxxxx", "+1325xxxxxxx"]),
            "83O6e2vORAoJHUNzJjDWN1jz+BA=",
        ),
        ("https://user:pass@mycompany.com/myapp.php?foo=1&bar=2", P.to_vec(), "CukzLTc1tT5dXEDIHm/tKBanW10="),
        (
            "https://user:pass@mycompany.com:443/myapp.php?foo=1&bar=2",
            P.to_vec(),
            "ZQFR1PTIZXF2MXB8ZnKCvnnA+rI=",
        ),
        (
            U,
            [P, &[("Reason", "Participant"), ("ReasonConferenceEnded", "test")]].concat(),
            "vOEb5UThFn24KEfnOFLQY2AE5FY=",
        ),
        (U, vec![], "zYQTYrRWXE7LtzbG4PfP7/bkkGo="),
        (
            U,
            vec![("CallSid", "CA1234567890ABCDE"), ("Digits", ""), ("EmptyParam", "")],
            "9HHp/OqQMEwdrVebHDdA/+tqjX8=",
        ),
        (
            U,
            vec![
                ("From", "+1 (415) 867-5309"),
                ("Message", "Hello & goodbye! @#$%^*()"),
                ("Special", "unicode: ñáéíóú"),
            ],
            "dCPiR4WtQ6QFN6pJh81CtlCcWLQ=",
        ),
        (
            "https://mycompany.com/myapp.php?foo=hello%20world&bar=test%2Bvalue",
            P.to_vec(),
            "er2tvAP1Wx+iuTTE2BPgvEaN1cs=",
        ),
        (U, with_numbers.chain(numbers).collect(), "0/KCTR6DLpKmkAf8muzZqo1nDgQ="),
        (
            "https://example.com/sms",
            vec![("Body", "Olá ☕ & co"), ("From", "+15005550006")],
            "BlrAIizq6XRp2PLlkyRCJZBHQm8=",
        ),
    ];
    for (url, params, signature) in cases {
        assert_eq!(verifier().sign_form(url, params), *signature, "{url}");
        assert_eq!(signed_spelling(url, params, signature), Ok(Spelling::AsIs), "{url}");
    }
}

#[test]
fn signatures_over_other_spellings_of_the_url_are_accepted() {
    let plain_http = "http://mycompany.com/myapp.php?foo=1&bar=2";
    let odd_port = "https://mycompany.com:8443/myapp.php?foo=1&bar=2";
    let quote = "https://mycompany.com/myapp.php?foo=1&bar=2&Body=It's+amazing";
    for (url, signature, spelling) in [
        (U, "kvajT1Ptam85bY51eRf/AJRuM3w=", Spelling::OtherPort),
        (plain_http, "0ZXoZLH/DfblKGATFgpif+LLRf4=", Spelling::OtherPort),
        (odd_port, "RSOYDt4T1cUTdK1PDd93/VVr8B8=", Spelling::OtherPort),
        (quote, "TfZzewPq8wqrGlMfyAud8+/IvJ0=", Spelling::Encoded),
    ] {
        assert_eq!(signed_spelling(url, P, signature), Ok(spelling), "{url}");
    }
    let rewritten = verifier().sign_form("https://a.example/x?q=a%20b%40c", P);
    assert_eq!(signed_spelling("https://a.example/x?q=a+b@c", P, &rewritten), Ok(Spelling::Rewritten));
    assert!(signed_spelling(U, P, "95+Bu0JVPi0r/SsESZCVf0dWAjw=").is_err());
}

#[test]
fn published_body_vectors() {
    let with_query = format!("{U}&{HASH}");
    let alone = format!("https://mycompany.com/myapp.php?{HASH}");
    let empty = format!("{U}&bodySHA256=44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    for (url, body, signature) in [
        (&with_query, BODY, "a9nBmqA0ju/hNViExpshrM61xv4="),
        (&alone, BODY, "y77kIzt2vzLz71DgmJGsen2scGs="),
        // Signed with the port in the URL.
        (&empty, b"{}", "Ldidvp12m26NI7eqEvxnEpkd9Hc="),
    ] {
        assert!(verifier().verify_body(url, body, signature).is_ok(), "{url}");
    }
    assert_eq!(hashed_url(U, BODY), with_query);
    assert_eq!(verifier().sign_body(U, BODY), "a9nBmqA0ju/hNViExpshrM61xv4=");
    assert_eq!(hashed_url("https://a.example/x#rc=2", BODY), format!("https://a.example/x?{HASH}#rc=2"));
}

#[test]
fn requests_that_name_hmac_sha256_are_verified_with_it() {
    let verifier = verifier().public_url("https://example.com");
    let sent = TestRequest::form("/sms", "Body=Hi&From=%2B15005550006", SHA256);
    let settings = |algorithm: &str| {
        let settings = format!("key=webhooks_sharedkey_1, algorithm={algorithm}");
        sent.clone().with("x-twilio-webhooks-signature-settings", &settings).verified_by(&verifier)
    };
    assert!(settings("HMAC_SHA256").is_ok());
    assert_eq!(settings("HMAC_SHA1").unwrap_err(), SignatureError::MalformedHeader);
    assert_eq!(settings("NONE").unwrap_err(), SignatureError::UnknownAlgorithm);
    assert_eq!(sent.verified_by(&verifier).unwrap_err(), SignatureError::MalformedHeader);
}
