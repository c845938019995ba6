mod attacks;

use std::collections::HashMap;

use super::*;

const U: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";
const P: &[(&str, &str)] = &[
    ("CallSid", "CA1234567890ABCDE"),
    ("Caller", "+14158675309"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
];
const BODY: &[u8] = br#"{"property": "value", "boolean": true}"#;
const HASH: &str = "bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";

fn verifier() -> Verifier {
    Verifier::new("12345")
}

fn judge(url: &str, params: &[(&str, &str)], signature: &str) -> Result<Spelling, SignatureError> {
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
        assert_eq!(judge(url, params, signature), Ok(Spelling::AsIs), "{url}");
    }
}

#[test]
fn signatures_of_other_spellings_are_taken() {
    let plain_http = "http://mycompany.com/myapp.php?foo=1&bar=2";
    let odd_port = "https://mycompany.com:8443/myapp.php?foo=1&bar=2";
    let quote = "https://mycompany.com/myapp.php?foo=1&bar=2&Body=It's+amazing";
    for (url, signature, spelling) in [
        (U, "kvajT1Ptam85bY51eRf/AJRuM3w=", Spelling::OtherPort),
        (plain_http, "0ZXoZLH/DfblKGATFgpif+LLRf4=", Spelling::OtherPort),
        (odd_port, "RSOYDt4T1cUTdK1PDd93/VVr8B8=", Spelling::OtherPort),
        (quote, "TfZzewPq8wqrGlMfyAud8+/IvJ0=", Spelling::Encoded),
    ] {
        assert_eq!(judge(url, P, signature), Ok(spelling), "{url}");
    }
    let rewritten = verifier().sign_form("https://a.example/x?q=a%20b%40c", P);
    assert_eq!(judge("https://a.example/x?q=a+b@c", P, &rewritten), Ok(Spelling::Rewritten));
    assert!(judge(U, P, "95+Bu0JVPi0r/SsESZCVf0dWAjw=").is_err());
}

#[test]
fn published_body_vectors() {
    let with_query = format!("{U}&{HASH}");
    let alone = format!("https://mycompany.com/myapp.php?{HASH}");
    let empty = format!("{U}&bodySHA256=44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    for (url, body, signature) in [
        (&with_query, BODY, "a9nBmqA0ju/hNViExpshrM61xv4="),
        (&alone, BODY, "y77kIzt2vzLz71DgmJGsen2scGs="),
        // This one was made with the port in the URL.
        (&empty, b"{}", "Ldidvp12m26NI7eqEvxnEpkd9Hc="),
    ] {
        assert!(verifier().verify_body(url, body, signature).is_ok(), "{url}");
    }
    assert_eq!(hashed_url(U, BODY), with_query);
    assert_eq!(verifier().sign_body(U, BODY), "a9nBmqA0ju/hNViExpshrM61xv4=");
    assert_eq!(hashed_url("https://a.example/x#rc=2", BODY), format!("https://a.example/x?{HASH}#rc=2"));
}

#[test]
fn a_body_is_tied_to_its_url() {
    let url = format!("{U}&{HASH}");
    let signature = "a9nBmqA0ju/hNViExpshrM61xv4=";
    let judge = |url: &str, body: &[u8]| verifier().verify_body(url, body, signature).map(|_| ());
    // The signature was captured, the body is another one: in other words, or in another order.
    assert_eq!(judge(&url, br#"{"property": "evil", "boolean": true}"#), Err(SignatureError::WrongBody));
    assert_eq!(judge(&url, br#"{"boolean": true, "property": "value"}"#), Err(SignatureError::WrongBody));
    assert_eq!(judge(&url, b"\xff\xfe"), Err(SignatureError::WrongBody));
    assert_eq!(judge(U, BODY), Err(SignatureError::NoBodyHash));
    assert_eq!(judge(&format!("{url}&{HASH}"), BODY), Err(SignatureError::MisplacedBodyHash));
    assert_eq!(judge(&format!("{url}&x=1"), BODY), Err(SignatureError::MisplacedBodyHash));
    let moved = url.replace("?foo=1", "?foo=2");
    assert!(matches!(judge(&moved, BODY), Err(SignatureError::Mismatch(_))));
    let binary = hashed_url(U, b"\xff\xfe\x00");
    let signed = verifier().sign_body(&binary, b"\xff\xfe\x00");
    assert!(verifier().verify_body(&binary, b"\xff\xfe\x00", &signed).is_ok());
}

/// A request to be spoiled.
#[derive(Clone)]
struct Sent {
    method: Method,
    url: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Sent {
    fn form(url: &str, body: &str, signature: &str) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::CONTENT_TYPE,
            "application/x-www-form-urlencoded; charset=UTF-8".parse().unwrap(),
        );
        headers.insert(HEADER, signature.parse().unwrap());
        Self { method: Method::POST, url: url.to_owned(), headers, body: body.as_bytes().to_vec() }
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(name, value.parse().unwrap());
        self
    }

    fn request(&self) -> SignedRequest<'_> {
        let Self { method, url, headers, body } = self;
        SignedRequest { method, url, headers, body }
    }

    fn judged_by(&self, verifier: &Verifier) -> Result<Verified<Params>, SignatureError> {
        verifier.verify_params(&self.request())
    }
}

const SHA256: &str = "eiGF+EB1aNg5pLfQ5RSJ8i0OGVt9LMU0G1dMRLBNuog=";
const FORM: &str = "AccountSid=AC1&Body=It%27s+%C3%B1+%2B&Body=&Empty=&From=%2B15005550006";

fn pairs() -> Vec<(&'static str, &'static str)> {
    vec![("AccountSid", "AC1"), ("Body", "It's ñ +"), ("Body", ""), ("Empty", ""), ("From", "+15005550006")]
}

/// {http, https} × {port} × {query} × {slash} × {prefix}, each as Twilio would sign it and as it arrives behind a proxy.
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
fn every_url_of_the_matrix_passes_and_no_spoiled_one() {
    let cases = matrix();
    assert_eq!(cases.len(), 2 * 3 * 8 * 2 * 2);
    for (url, base, target) in cases {
        let signature = verifier().sign_form(&url, &pairs());
        let sent = Sent::form(&target, FORM, &signature);
        let verifier = verifier().public_url(base);
        assert!(sent.judged_by(&verifier).is_ok(), "{url}");
        for at in 0..target.len() {
            let mut bytes = target.clone().into_bytes();
            bytes[at] ^= 1;
            let Ok(spoiled) = String::from_utf8(bytes) else { continue };
            // What follows a `#` is never sent.
            if !spoiled.contains('#') {
                let sent = Sent { url: spoiled, ..sent.clone() };
                assert!(sent.judged_by(&verifier).is_err(), "{url}: {}", sent.url);
            }
        }
        let other_slash = match target.split_once('?') {
            Some((path, query)) => format!("{path}/?{query}"),
            None => format!("{target}/"),
        };
        assert!(Sent { url: other_slash, ..sent }.judged_by(&verifier).is_err(), "{url}");
    }
}

#[test]
fn no_spoiled_body_and_no_spoiled_signature_passes() {
    let verifier = verifier().public_url("https://example.com");
    let signature = verifier.sign_form("https://example.com/sms", &pairs());
    let sent = Sent::form("/sms", FORM, &signature);
    assert_eq!(sent.judged_by(&verifier).unwrap().matched(), Matched { token: 0, spelling: Spelling::AsIs });
    for at in 0..FORM.len() {
        for bit in 0..8 {
            let mut body = FORM.as_bytes().to_vec();
            body[at] ^= 1 << bit;
            let spoiled = Sent { body: body.clone(), ..sent.clone() };
            // The digits of an escape mean the same in either case, and a space is a plus sign.
            let same = Params::from_form(&body).iter().eq(Params::from_form(FORM.as_bytes()).iter());
            assert_eq!(spoiled.judged_by(&verifier).is_ok(), same, "{}", String::from_utf8_lossy(&body));
        }
    }
    for at in 0..signature.len() {
        for other in ["A", "a", "/", "=", "0"] {
            let mut spoiled = signature.clone();
            spoiled.replace_range(at..=at, other);
            if spoiled != signature {
                assert!(sent.clone().with(HEADER, &spoiled).judged_by(&verifier).is_err(), "{spoiled}");
            }
        }
    }
}

#[test]
fn what_has_no_proof_is_refused_for_its_own_reason() {
    let verifier = verifier().public_url("https://example.com");
    let signature = verifier.sign_form("https://example.com/sms", &pairs());
    let sent = Sent::form("/sms", FORM, &signature);
    let refused = |sent: Sent| sent.judged_by(&verifier).unwrap_err();

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
    // A form that is read as a GET has no parameters.
    let get = Sent { method: Method::GET, body: Vec::new(), ..sent.clone() };
    assert!(matches!(refused(get), SignatureError::Mismatch(_)));
    for token in ["", "   "] {
        let empty = Verifier::new(token).public_url("https://example.com");
        assert_eq!(sent.judged_by(&empty).unwrap_err(), SignatureError::NoToken);
        assert_eq!(empty.sign_form(U, P), "");
    }
    assert_eq!(sent.judged_by(&self::verifier()).unwrap_err(), SignatureError::NoPublicUrl);
    for wrong in ["example.com", "ftp://example.com", "https://", "https://example.com?x=1"] {
        let wrong = self::verifier().public_url(wrong);
        assert!(matches!(sent.judged_by(&wrong).unwrap_err(), SignatureError::WrongPublicUrl(_)));
    }
}

#[test]
fn a_get_is_its_url() {
    let url = "https://example.com/voice?CallSid=CA1&Digits=1&Name=Jos%C3%A9+O'Neil";
    let signature = verifier().sign_form::<&str, &str>(url, &[]);
    let sent = Sent { method: Method::GET, ..Sent::form(url, "", &signature) };
    let params = sent.judged_by(&verifier()).unwrap();
    assert_eq!((params.get("Digits"), params.get("Name")), (Some("1"), Some("José O'Neil")));
    let with_body = Sent { body: b"Digits=2".to_vec(), ..sent };
    assert_eq!(with_body.judged_by(&verifier()).unwrap_err(), SignatureError::BodyOfGet);
}

#[test]
fn json_and_hashed_forms_come_through_the_same_door() {
    let verifier = verifier().public_url("https://example.com");
    let url = hashed_url("https://example.com/events", BODY);
    let sent = Sent {
        body: BODY.to_vec(),
        ..Sent::form(url.strip_prefix("https://example.com").unwrap(), "", &verifier.sign_body(&url, BODY))
    }
    .with("content-type", "application/json");
    assert_eq!(sent.judged_by(&verifier).unwrap().get("property"), Some("value"));
    let forged = Sent { body: br#"{"property": "evil"}"#.to_vec(), ..sent };
    assert_eq!(forged.judged_by(&verifier).unwrap_err(), SignatureError::WrongBody);
    // A form without a pair is signed like the hashed body; it must be that body then.
    for body in ["", "&&&&"] {
        let empty = Sent { body: body.into(), ..forged.clone() };
        let empty = empty.with("content-type", "application/x-www-form-urlencoded");
        assert_eq!(empty.judged_by(&verifier).unwrap_err(), SignatureError::WrongBody);
    }
    let get = Sent { method: Method::GET, ..forged };
    assert_eq!(get.judged_by(&verifier).unwrap_err(), SignatureError::BodyOfGet);

    let url = hashed_url("https://example.com/sms", FORM.as_bytes());
    let target = url.strip_prefix("https://example.com").unwrap();
    let by_pairs = verifier.sign_form(&url, &pairs());
    assert!(Sent::form(target, FORM, &by_pairs).judged_by(&verifier).is_ok());
    assert!(Sent::form(target, "Body=evil", &by_pairs).judged_by(&verifier).is_err());
    // The hash of a form is no proof: it may be a text that somebody wrote.
    let by_hash = verifier.sign_body(&url, FORM.as_bytes());
    assert!(Sent::form(target, FORM, &by_hash).judged_by(&verifier).is_err());
}

#[test]
fn proxies_prefixes_sockets_and_passwords() {
    let signed = |url: &str| verifier().sign_form(url, &pairs());
    let sent = |target: &str, url: &str| Sent::form(target, FORM, &signed(url));
    let passes = |sent: Sent, verifier: Verifier| sent.judged_by(&verifier).map(|_| ());

    // The proxy took the prefix off, or left it.
    let base = || verifier().public_url("https://example.com/gate/");
    assert_eq!(passes(sent("/sms", "https://example.com/gate/sms"), base()), Ok(()));
    assert_eq!(passes(sent("/gate/sms", "https://example.com/gate/sms"), base()), Ok(()));
    assert!(passes(sent("/gateway/sms", "https://example.com/gateway/sms"), base()).is_err());
    // The host that the server sees counts for nothing.
    let inner =
        sent("http://10.0.0.5:8080/sms", "https://example.com/gate/sms").with("host", "10.0.0.5:8080");
    assert_eq!(passes(inner, base()), Ok(()));

    // Headers of a proxy count only where it is trusted.
    let proxied = sent("/sms", "https://example.com/sms")
        .with("host", "app:8080")
        .with("x-forwarded-proto", "https, http")
        .with("x-forwarded-host", "example.com");
    assert_eq!(passes(proxied.clone(), verifier().trust_proxy()), Ok(()));
    assert_eq!(passes(proxied.clone(), verifier()), Err(SignatureError::NoPublicUrl));
    let standard = sent("/sms", "https://example.com:8443/sms")
        .with("forwarded", r#"for=1.2.3.4;proto=https;host="example.com:8443", for=10.0.0.1;proto=http"#);
    assert_eq!(passes(standard.clone(), verifier().trust_proxy()), Ok(()));
    let disputed = standard.with("x-forwarded-host", "other.example");
    assert_eq!(passes(disputed, verifier().trust_proxy()), Err(SignatureError::ProxiesDisagree));
    let prefixed = sent("/sms", "https://example.com/p/sms")
        .with("x-forwarded-proto", "https")
        .with("host", "example.com")
        .with("x-forwarded-prefix", "/p");
    assert!(passes(prefixed, verifier().trust_proxy()).is_err());
    assert_eq!(
        passes(sent("/", "https://example.com"), verifier().public_url("HTTPS://example.com")),
        Ok(())
    );
    let port = sent("/sms", "https://example.com:8443/sms")
        .with("host", "example.com")
        .with("x-forwarded-proto", "https")
        .with("x-forwarded-port", "8443");
    assert_eq!(passes(port, verifier().trust_proxy()), Ok(()));

    // Passwords and sockets count only where they are configured: a stranger writes the headers that hint at them.
    let user = sent("/sms", "https://user:pass@example.com/sms").with("authorization", "Basic dXNlcjpwYXNz");
    assert_eq!(passes(user.clone(), verifier().public_url("https://user:pass@example.com")), Ok(()));
    let advice = passes(user, verifier().public_url("https://example.com")).unwrap_err().to_string();
    assert!(advice.contains("there is a password") && !advice.contains("pass@"), "{advice}");
    let socket = verifier().sign_form::<&str, &str>("wss://example.com/stream", &[]);
    let socket =
        Sent { method: Method::GET, ..Sent::form("/stream", "", &socket) }.with("upgrade", "websocket");
    let configured = || verifier().public_url("https://example.com");
    assert_eq!(passes(socket.clone(), configured().websockets()), Ok(()));
    assert!(passes(socket, configured()).unwrap_err().to_string().contains("Verifier::websockets"));
}

#[test]
fn several_tokens() {
    let rotating = Verifier::new("old").or_token("").or_token("new").public_url("https://example.com");
    for (index, token) in ["old", "new"].into_iter().enumerate() {
        let sent = Sent::form("/sms", FORM, &sign_form(token, "https://example.com/sms", &pairs()));
        assert_eq!(sent.judged_by(&rotating).unwrap().matched().token, index);
    }
}

#[tokio::test]
async fn tenants_are_told_apart_by_the_account_they_name() {
    let source = HashMap::from([
        ("AC1".to_owned(), vec![Secret::new("one")]),
        ("AC2".to_owned(), vec![Secret::new("two"), Secret::new("")]),
    ]);
    let tenants = TenantVerifier::new(source).public_url("https://example.com");
    assert_eq!(format!("{tenants:?}"), "TenantVerifier(***)");
    let send = async |body: &str, token: &str, target: &str| {
        let url = format!("https://example.com{target}");
        let pairs = Params::from_form(body.as_bytes());
        let pairs: Vec<(&str, &str)> = pairs.iter().collect();
        let sent = Sent::form(target, body, &sign_form(token, &url, &pairs));
        tenants.verify(&sent.request()).await.map(|_| ())
    };
    for (body, token, target, taken) in [
        ("AccountSid=AC1&Body=x", "one", "/sms", true),
        ("AccountSid=AC2&Body=x", "two", "/sms", true),
        ("account_sid=AC1&type=x", "one", "/verify", true),
        ("AccountSid=AC3&Body=x", "one", "/sms", false),
        ("Body=x", "one", "/sms", false),
        // The first tenant cannot reach the second one's handler: not in the body, not in the query.
        ("AccountSid=AC2&Body=x", "one", "/sms", false),
        ("AccountSid=AC2&Body=x", "one", "/sms?AccountSid=AC1", false),
        ("account_sid=AC2&AccountSid=AC1", "one", "/verify", false),
    ] {
        assert_eq!(send(body, token, target).await.is_ok(), taken, "{body} {target}");
    }
    let twice = send("AccountSid=AC1&AccountSid=AC2", "one", "/sms").await;
    assert_eq!(twice, Err(SignatureError::AmbiguousAccount));

    // Of an object with a field twice, the last one counts, for the account as for the event.
    let json = br#"{"AccountSid": "AC2", "AccountSid": "AC1"}"#;
    let url = hashed_url("https://example.com/events", json);
    for (token, taken) in [("one", true), ("two", false)] {
        let target = url.strip_prefix("https://example.com").unwrap();
        let signature = sign_form::<&str, &str>(token, &url, &[]);
        let sent = Sent { body: json.to_vec(), ..Sent::form(target, "", &signature) };
        let sent = sent.with("content-type", "application/json");
        assert_eq!(tenants.verify(&sent.request()).await.is_ok(), taken, "{token}");
    }
}

#[tokio::test]
async fn tokens_that_cannot_be_read_are_no_refusal() {
    #[derive(Debug)]
    struct Broken;
    #[async_trait::async_trait]
    impl TokenSource for Broken {
        async fn tokens(&self, _: Option<&str>) -> Result<Vec<Secret>, TokenError> {
            Err(TokenError::new("no connection"))
        }
    }
    let tenants = TenantVerifier::new(Broken).public_url("https://example.com");
    let sent = Sent::form("/sms", FORM, &verifier().sign_form("https://example.com/sms", &pairs()));
    let error = tenants.verify(&sent.request()).await.unwrap_err();
    assert_eq!(error, SignatureError::TokensUnavailable("no connection".into()));
}

#[test]
fn the_diagnosis_says_what_to_change_and_shows_nothing() {
    let advice = |sent: Sent, verifier: Verifier| {
        let error = sent.judged_by(&verifier).unwrap_err();
        let shown = format!("{error} {error:?}");
        for secret in ["12345", "planted", "+15005550006", "RSOYD", "pass", "%2B1500"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        error.diagnosis().unwrap().to_string()
    };
    let signed = |url: &str| verifier().sign_form(url, &pairs());

    let sent = Sent::form("/sms?k=planted", FORM, &signed("https://example.com/sms?k=planted"));
    let scheme = advice(sent, verifier().public_url("http://example.com"));
    assert!(scheme.contains("tried http://example.com/sms?k=… with 1 token)"), "{scheme}");
    assert!(scheme.contains("made for https://example.com/sms?k=…; set the URL"), "{scheme}");

    let sent = Sent::form("/sms", FORM, &signed("https://example.com/sms/"));
    assert!(advice(sent, verifier().public_url("https://example.com")).contains("slash at the end"));

    let sent = Sent::form("/sms", FORM, &signed("https://outer.example/sms"))
        .with("x-forwarded-host", "outer.example")
        .with("x-forwarded-proto", "https");
    let forwarded = advice(sent, verifier().public_url("https://user:pass@inner.example"));
    assert!(forwarded.contains("made for https://outer.example/sms"), "{forwarded}");

    let sent = Sent::form("/sms", FORM, &verifier().sign_form::<&str, &str>("https://example.com/sms", &[]));
    assert!(advice(sent, verifier().public_url("https://example.com")).contains("without parameters"));

    let sent = Sent::form("/sms", "", &signed("https://example.com/sms"));
    assert!(advice(sent, verifier().public_url("https://example.com")).contains("something read the body"));

    let sent = Sent::form("/sms", FORM, &sign_form("another", "https://example.com/sms", &pairs()));
    assert!(advice(sent, verifier().public_url("https://example.com")).contains("secret of an API key"));
    assert_eq!(format!("{:?}", verifier()), "Verifier(***)");
}

#[test]
fn credentials_without_an_auth_token_cannot_verify() {
    let sid = "AC0123456789abcdef0123456789abcdef";
    let whole = Credentials::twilio(sid, "12345");
    let verifier = Verifier::from_credentials(&whole).unwrap();
    assert_eq!(verifier.sign_form(U, P), "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    let key = Credentials::new().set("accountSid", sid).api_key("SK0123456789abcdef0123456789abcdef", "s");
    let error = Verifier::from_credentials(&key).unwrap_err();
    assert!(error.to_string().contains("signed with the auth token"), "{error}");
    let both = whole.api_key("SK0123456789abcdef0123456789abcdef", "s");
    assert!(Verifier::from_credentials(&both).is_ok());
}

#[test]
fn shared_keys_sign_with_sha256_where_the_request_says_so() {
    let verifier = verifier().public_url("https://example.com");
    // Made with another implementation of HMAC-SHA256.
    let sent = Sent::form("/sms", "Body=Hi&From=%2B15005550006", SHA256);
    let settings = |algorithm: &str| {
        let settings = format!("key=webhooks_sharedkey_1, algorithm={algorithm}");
        sent.clone().with("x-twilio-webhooks-signature-settings", &settings).judged_by(&verifier)
    };
    assert!(settings("HMAC_SHA256").is_ok());
    assert_eq!(settings("HMAC_SHA1").unwrap_err(), SignatureError::MalformedHeader);
    assert_eq!(settings("NONE").unwrap_err(), SignatureError::UnknownAlgorithm);
    assert_eq!(sent.judged_by(&verifier).unwrap_err(), SignatureError::MalformedHeader);
}
