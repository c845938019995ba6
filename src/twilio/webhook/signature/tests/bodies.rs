//! GET requests, JSON bodies, and forms with a body hash.

use super::*;

#[test]
fn a_signature_is_valid_for_one_body_only() {
    let url = format!("{U}&{HASH}");
    let signature = "a9nBmqA0ju/hNViExpshrM61xv4=";
    let verify = |url: &str, body: &[u8]| verifier().verify_body(url, body, signature).map(|_| ());
    // An attacker has the signature and sends another body, or the same fields in another order.
    assert_eq!(verify(&url, br#"{"property": "evil", "boolean": true}"#), Err(SignatureError::WrongBody));
    assert_eq!(verify(&url, br#"{"boolean": true, "property": "value"}"#), Err(SignatureError::WrongBody));
    assert_eq!(verify(&url, b"\xff\xfe"), Err(SignatureError::WrongBody));
    assert_eq!(verify(U, BODY), Err(SignatureError::NoBodyHash));
    assert_eq!(verify(&format!("{url}&{HASH}"), BODY), Err(SignatureError::MisplacedBodyHash));
    assert_eq!(verify(&format!("{url}&x=1"), BODY), Err(SignatureError::MisplacedBodyHash));
    let moved = url.replace("?foo=1", "?foo=2");
    assert!(matches!(verify(&moved, BODY), Err(SignatureError::Mismatch(_))));
    let binary = hashed_url(U, b"\xff\xfe\x00");
    let signed = verifier().sign_body(&binary, b"\xff\xfe\x00");
    assert!(verifier().verify_body(&binary, b"\xff\xfe\x00", &signed).is_ok());
}

#[test]
fn a_get_is_verified_by_its_url() {
    let url = "https://example.com/voice?CallSid=CA1&Digits=1&Name=Jos%C3%A9+O'Neil";
    let signature = verifier().sign_form::<&str, &str>(url, &[]);
    let sent = TestRequest { method: Method::GET, ..TestRequest::form(url, "", &signature) };
    let params = sent.verified_by(&verifier()).unwrap();
    assert_eq!((params.get("Digits"), params.get("Name")), (Some("1"), Some("José O'Neil")));
    let with_body = TestRequest { body: b"Digits=2".to_vec(), ..sent };
    assert_eq!(with_body.verified_by(&verifier()).unwrap_err(), SignatureError::BodyOfGet);
}

#[test]
fn json_and_forms_with_a_body_hash_are_verified() {
    let verifier = verifier().public_url("https://example.com");
    let url = hashed_url("https://example.com/events", BODY);
    let sent = TestRequest {
        body: BODY.to_vec(),
        ..TestRequest::form(
            url.strip_prefix("https://example.com").unwrap(),
            "",
            &verifier.sign_body(&url, BODY),
        )
    }
    .with("content-type", "application/json");
    assert_eq!(sent.verified_by(&verifier).unwrap().get("property"), Some("value"));
    let forged = TestRequest { body: br#"{"property": "evil"}"#.to_vec(), ..sent };
    assert_eq!(forged.verified_by(&verifier).unwrap_err(), SignatureError::WrongBody);
    // The URL of a form without parameters may have a body hash; the hash must then match.
    for body in ["", "&&&&"] {
        let empty = TestRequest { body: body.into(), ..forged.clone() };
        let empty = empty.with("content-type", "application/x-www-form-urlencoded");
        assert_eq!(empty.verified_by(&verifier).unwrap_err(), SignatureError::WrongBody);
    }
    let get = TestRequest { method: Method::GET, ..forged };
    assert_eq!(get.verified_by(&verifier).unwrap_err(), SignatureError::BodyOfGet);

    let url = hashed_url("https://example.com/sms", FORM.as_bytes());
    let target = url.strip_prefix("https://example.com").unwrap();
    let by_pairs = verifier.sign_form(&url, &pairs());
    assert!(TestRequest::form(target, FORM, &by_pairs).verified_by(&verifier).is_ok());
    assert!(TestRequest::form(target, "Body=evil", &by_pairs).verified_by(&verifier).is_err());
    // A form is signed by its parameters. A body hash is not enough, since a text in a form can look like one.
    let by_hash = verifier.sign_body(&url, FORM.as_bytes());
    assert!(TestRequest::form(target, FORM, &by_hash).verified_by(&verifier).is_err());
}
