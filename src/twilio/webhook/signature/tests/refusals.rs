//! Each error of a refused request, and the diagnosis in it.

use super::*;

#[test]
fn each_missing_or_malformed_part_has_its_own_error() {
    let verifier = verifier().public_url("https://example.com");
    let signature = verifier.sign_form("https://example.com/sms", &pairs());
    let sent = TestRequest::form("/sms", FORM, &signature);
    let refused = |sent: TestRequest| sent.verified_by(&verifier).unwrap_err();

    let mut bare = sent.clone();
    bare.headers.remove(HEADER);
    assert_eq!(refused(bare), SignatureError::MissingHeader);
    for header in ["", "x", "RSOYDt4T1cUTdK1PDd93/VVr8B8", "RSOYDt4T1cUTdK1PDd93/VVr8B8=="] {
        assert_eq!(refused(sent.clone().with(HEADER, header)), SignatureError::MalformedHeader);
    }
    let mut doubled = sent.clone();
    doubled.headers.append(HEADER, signature.parse().unwrap());
    assert_eq!(refused(doubled), SignatureError::RepeatedHeader);
    for kind in ["application/json", "text/plain", "", "multipart/form-data"] {
        assert_eq!(refused(sent.clone().with("content-type", kind)), SignatureError::NoBodyHash, "{kind}");
    }
    // A GET has no signed parameters.
    let get = TestRequest { method: Method::GET, body: Vec::new(), ..sent.clone() };
    assert!(matches!(refused(get), SignatureError::Mismatch(_)));
    for token in ["", "   "] {
        let empty = Verifier::new(token).public_url("https://example.com");
        assert_eq!(sent.verified_by(&empty).unwrap_err(), SignatureError::NoToken);
        assert_eq!(empty.sign_form(U, P), "");
    }
    assert_eq!(sent.verified_by(&self::verifier()).unwrap_err(), SignatureError::NoPublicUrl);
    for wrong in ["example.com", "ftp://example.com", "https://", "https://example.com?x=1"] {
        let wrong = self::verifier().public_url(wrong);
        assert!(matches!(sent.verified_by(&wrong).unwrap_err(), SignatureError::WrongPublicUrl(_)));
    }
}

#[test]
fn a_diagnosis_says_what_to_change_and_contains_no_secret() {
    let advice = |sent: TestRequest, verifier: Verifier| {
        let error = sent.verified_by(&verifier).unwrap_err();
        let shown = format!("{error} {error:?}");
        for secret in ["12345", "planted", "+15005550006", "RSOYD", "pass", "%2B1500"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        error.diagnosis().unwrap().to_string()
    };
    let signed = |url: &str| verifier().sign_form(url, &pairs());

    let sent = TestRequest::form("/sms?k=planted", FORM, &signed("https://example.com/sms?k=planted"));
    let scheme = advice(sent, verifier().public_url("http://example.com"));
    assert!(scheme.contains("tried http://example.com/sms?k=… with 1 token)"), "{scheme}");
    assert!(scheme.contains("signature of https://example.com/sms?k=…; set the URL"), "{scheme}");

    let sent = TestRequest::form("/sms", FORM, &signed("https://example.com/sms/"));
    assert!(advice(sent, verifier().public_url("https://example.com")).contains("slash at the end"));

    let sent = TestRequest::form("/sms", FORM, &signed("https://outer.example/sms"))
        .with("x-forwarded-host", "outer.example")
        .with("x-forwarded-proto", "https");
    let forwarded = advice(sent, verifier().public_url("https://user:pass@inner.example"));
    assert!(forwarded.contains("signature of https://outer.example/sms"), "{forwarded}");

    let sent =
        TestRequest::form("/sms", FORM, &verifier().sign_form::<&str, &str>("https://example.com/sms", &[]));
    assert!(advice(sent, verifier().public_url("https://example.com")).contains("without parameters"));

    let sent = TestRequest::form("/sms", "", &signed("https://example.com/sms"));
    assert!(
        advice(sent, verifier().public_url("https://example.com")).contains("something consumed the body")
    );

    let sent = TestRequest::form("/sms", FORM, &sign_form("another", "https://example.com/sms", &pairs()));
    assert!(advice(sent, verifier().public_url("https://example.com")).contains("secret of an API key"));
    assert_eq!(format!("{:?}", verifier()), "Verifier(***)");
}
