//! Attacks with forged headers, with large requests, and with a signature that the attacker has seen.

use proptest::prelude::*;

use super::*;

#[test]
fn a_proxy_header_cannot_contain_a_path() {
    // The signature is for `/low`; the request goes to `/admin`.
    let signature = verifier().sign_form("https://example.com/low", &pairs());
    let sent = TestRequest::form("/admin", FORM, &signature);
    for (name, value) in [
        ("x-forwarded-host", "example.com/low#"),
        ("x-forwarded-host", "example.com/low?"),
        ("x-forwarded-host", "user@example.com"),
        ("x-forwarded-host", "example.com low"),
        ("x-forwarded-host", "%65xample.com"),
        ("forwarded", r#"host="example.com/low#";proto=https"#),
        ("forwarded", "host=example.com;proto=https://example.com/low#"),
        ("host", "example.com/low#"),
        ("x-forwarded-proto", "https://example.com/low#"),
        ("x-forwarded-proto", "wss"),
        ("x-forwarded-port", "443/low#"),
        ("x-forwarded-port", "443/low?x="),
    ] {
        let base = sent.clone().with("host", "example.com").with("x-forwarded-proto", "https");
        let forged = if name == "forwarded" { sent.clone() } else { base }.with(name, value);
        let result = forged.verified_by(&verifier().trust_proxy()).map(|_| ());
        assert_eq!(result, Err(SignatureError::OddProxyHeader), "{name}: {value}");
        // The advice of a diagnosis does not name it either.
        let tried = forged.verified_by(&verifier().public_url("https://inner.example")).unwrap_err();
        assert!(!tried.to_string().contains("/low"), "{name}: {value}: {tried}");
    }
    let address = TestRequest::form("/sms", FORM, &verifier().sign_form("http://[::1]:8080/sms", &pairs()));
    assert!(address.with("host", "[::1]:8080").verified_by(&verifier().trust_proxy()).is_ok());
}

/// How many URLs are signed before a request is refused, without those of the diagnosis.
fn work(sent: &TestRequest, verifier: &Verifier) -> usize {
    let mut spelled = 0;
    for url in verifier.public.candidates(&sent.request()).unwrap() {
        url::find_spelling(&url, |_| {
            spelled += 1;
            false
        });
    }
    spelled
}

#[test]
fn headers_do_not_add_work_and_large_bodies_get_no_diagnosis() {
    let signature = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";
    let target = "/gate/it's?a=b+c@d&x='";
    let plain = TestRequest::form(target, "", signature);
    let mut sent = plain.clone();
    for (name, value) in [
        ("authorization", "Basic dTpw"),
        ("upgrade", "websocket"),
        ("host", "a.example"),
        ("x-forwarded-host", "b.example"),
        ("x-forwarded-proto", "https"),
        ("forwarded", "host=b.example;proto=https"),
    ] {
        sent = sent.with(name, value);
    }
    let verifier = verifier().public_url("https://example.com");
    assert_eq!((work(&plain, &verifier), work(&sent, &verifier)), (6, 6));

    for (length, diagnosed) in [(3_000, true), (5_000, false)] {
        let body = "x".repeat(length);
        // A diagnosis finds the slash at the end of the path.
        let signed = verifier.sign_form("https://example.com/sms/", &[("Body", body.as_str())]);
        let error =
            TestRequest::form("/sms", &format!("Body={body}"), &signed).verified_by(&verifier).unwrap_err();
        assert_eq!(error.to_string().contains("slash at the end"), diagnosed, "{length}");
        assert_eq!(error.to_string().contains("too large to search for"), !diagnosed, "{length}");
    }
}

#[test]
fn numbers_in_paths_are_masked_in_a_diagnosis() {
    let sent = TestRequest::form("/sms/+14155551234?to=1", FORM, "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    let error = sent.verified_by(&verifier().public_url("https://example.com")).unwrap_err();
    let shown = format!("{error} {error:?} {:?}", error.diagnosis().unwrap().tried());
    assert!(shown.contains("https://example.com/sms/…1234?to=…") && !shown.contains("415555"), "{shown}");
}

/// The account as it stands in the signed bytes. In these tests, the attacker chose the text of a delivery and saw its signature.
const ACCOUNT: &str = "AccountSidAC0123456789abcdef0123456789abcdef";
const SID: &str = "AC0123456789abcdef0123456789abcdef";

/// Signs these bytes; the signature is the same wherever the URL ends in them.
fn signed_bytes(bytes: &str) -> String {
    verifier().sign_form::<&str, &str>(bytes, &[])
}

#[test]
fn parameters_that_were_moved_into_the_url_are_refused() {
    let verifier = verifier().public_url("https://example.com");
    let hash = hashed_url("", br#"{"admin": true}"#).replace('?', "");
    let url = "https://example.com/sms?step=";
    let text = format!("&{hash}&z=");
    let genuine = format!("{url}{ACCOUNT}ApiVersion2010-04-01Body{text}From+14155551234");
    let signature = signed_bytes(&genuine);
    let form = format!(
        "AccountSid={}&ApiVersion=2010-04-01&Body={}&From=%2B14155551234",
        SID,
        text.replace('&', "%26").replace('=', "%3D")
    );
    let target = |url: &str| url.strip_prefix("https://example.com").unwrap().to_owned();
    assert!(TestRequest::form(&target(url), &form, &signature).verified_by(&verifier).is_ok());

    // All parameters are moved into the URL, of a GET or of a body with a hash.
    let get = TestRequest { method: Method::GET, ..TestRequest::form(&target(&genuine), "", &signature) };
    assert_eq!(get.verified_by(&verifier).unwrap_err(), SignatureError::ParametersInUrl);
    let empty = TestRequest::form(&target(&genuine), "", &signature).verified_by(&verifier).unwrap_err();
    assert_eq!(empty, SignatureError::ParametersInUrl);
    let json = TestRequest {
        body: br#"{"admin": true}"#.to_vec(),
        ..TestRequest::form(&target(&genuine), "", &signature)
    }
    .with("content-type", "application/json");
    assert_eq!(json.verified_by(&verifier).unwrap_err(), SignatureError::MisplacedBodyHash);
    // The text is the last parameter, so that its hash is the last, too.
    let last = format!("{url}{ACCOUNT}Body&{hash}");
    let json = TestRequest { url: target(&last), ..json }.with(HEADER, &signed_bytes(&last));
    assert_eq!(json.verified_by(&verifier).unwrap_err(), SignatureError::ParametersInUrl);

    // Only the first parameters are moved: the rest is sent as one parameter.
    let (start, end) = (url.len() + 1, genuine.len());
    for at in start..end {
        let (url, rest) = genuine.split_at(at);
        let shifted = verifier.verify_form(url, &[(rest, "")], &signature).map(|_| ());
        assert_eq!(shifted, Err(SignatureError::ParametersInUrl), "{url}");
    }
}

proptest! {
    /// For any text and any position: parameters that were moved into the URL are detected.
    #[test]
    fn no_border_can_be_moved_to_the_right(
        query in "[?]?[a-zA-Z=&%]{0,8}",
        text in any::<String>(),
        names in prop::collection::vec("[B-Zb-z][A-Za-z]{0,6}", 0..4),
        split in any::<prop::sample::Index>(),
        rest in any::<prop::sample::Index>(),
    ) {
        let url = format!("https://example.com/sms{query}");
        let mut pairs = vec![("AccountSid", SID), ("Body", text.as_str())];
        pairs.extend(names.iter().map(|name| (name.as_str(), "x")));
        let signature = verifier().sign_form(&url, &pairs);
        prop_assert!(verifier().verify_form(&url, &pairs, &signature).is_ok());
        let signed = String::from_utf8(sorted(&pairs)).unwrap();
        let borders: Vec<usize> = signed.char_indices().map(|(at, _)| at).chain([signed.len()]).collect();
        let at = borders[1 + split.index(borders.len() - 1)];
        let (moved, left) = signed.split_at(at);
        let ends: Vec<usize> = left.char_indices().map(|(at, _)| at).chain([left.len()]).collect();
        let (key, value) = left.split_at(ends[rest.index(ends.len())]);
        // A fragment is neither signed nor sent.
        if !moved.contains('#') {
            let url = format!("{url}{moved}");
            for form in [&[(key, value)][..], &[(left, "")], &[]] {
                prop_assert!(verifier().verify_form(&url, form, &signature).is_err(), "{url}");
            }
            let body = verifier().verify_body(&url, b"text", &signature);
            prop_assert!(body.is_err());
        }
    }
}

#[test]
fn a_verifier_alone_cannot_detect_a_border_moved_inside_a_form() {
    // As the documentation of `Verifier` says. `tests/it/webhook_borders.rs` shows that the router detects it.
    let url = "https://example.com/sms";
    let account = ("AccountSid", SID);
    let genuine = [account, ("Body", "hiFrom+19995550100FromCityX"), ("From", "+14155551234")];
    let forged = [account, ("Body", "hi"), ("From", "+19995550100"), ("FromCity", "XFrom+14155551234")];
    let signature = verifier().sign_form(url, &genuine);
    assert!(verifier().verify_form(url, &genuine, &signature).is_ok());
    assert!(verifier().verify_form(url, &forged, &signature).is_ok());
    // Nor can it detect that the end of the URL was moved into the form.
    let from_url = [("/sms", ""), genuine[0], genuine[1], genuine[2]];
    assert!(verifier().verify_form("https://example.com", &from_url, &signature).is_ok());
}
