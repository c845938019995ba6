//! Attacks that reuse an observed signature. Twilio signs the URL and the parameters one after the other, without
//! separators, so the same signature is valid for other requests, too.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use switchboard::twilio::webhook::{Event, TwilioWebhook, Verifier, hashed_url};

use crate::webhooks::{Site, TOKEN, answer_to, hooks};

const SID: &str = "AC0123456789abcdef0123456789abcdef";
const EVIL: &str = r#"{"type": "verification.approved", "admin": true}"#;
const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// The events that the handler received.
#[derive(Clone, Default)]
struct Handled(Arc<Mutex<Vec<String>>>);

impl Handled {
    fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

/// Accepts any method and any path, like a program that checks nothing itself.
async fn handle(State(handled): State<Handled>, TwilioWebhook(event): TwilioWebhook<Event>) -> Response {
    let mut handled = handled.0.lock().unwrap();
    handled.push(serde_json::to_string(&event.into_inner()).unwrap());
    handled.len().to_string().into_response()
}

async fn site(handled: &Handled) -> Site {
    let routes = Router::new().route("/{*path}", any(handle)).route("/", any(handle));
    let routes = routes.with_state(handled.clone());
    Site::start(|verifier| hooks(verifier).protect(routes)).await
}

/// A request that carries the signature of another request.
#[derive(Clone)]
struct Attack {
    what: &'static str,
    method: Method,
    url: String,
    kind: &'static str,
    body: String,
    /// Whether it is refused even if the genuine delivery has not arrived yet.
    at_once: bool,
}

impl Attack {
    fn form(what: &'static str, url: &str, pairs: &[(&str, &str)]) -> Self {
        let body = serde_urlencoded::to_string(pairs).unwrap();
        Self { what, method: Method::POST, url: url.to_owned(), kind: FORM, body, at_once: false }
    }

    fn at_once(self) -> Self {
        Self { at_once: true, ..self }
    }

    async fn sent(&self, site: &Site, signature: &str) -> u16 {
        let request =
            site.http.request(self.method.clone(), &self.url).header("X-Twilio-Signature", signature);
        let request =
            request.header("Content-Type", self.kind).header("I-Twilio-Idempotency-Token", self.what);
        answer_to(request.body(self.body.clone())).await.0
    }
}

/// A genuine delivery whose signature the attacker has seen.
struct Genuine {
    url: String,
    pairs: Vec<(&'static str, String)>,
}

impl Genuine {
    fn new(site: &Site) -> Self {
        let hash = hashed_url("", EVIL.as_bytes()).replace('?', "");
        let pairs = vec![
            ("AccountSid", SID.to_owned()),
            ("ApiVersion", "2010-04-01".to_owned()),
            ("Body", format!("hiFrom+19995550100FromCityX&{hash}&z=")),
            ("From", "+14155551234".to_owned()),
            ("MessageSid", "SM0123456789abcdef0123456789abcdef".to_owned()),
            ("Tag", "one".to_owned()),
            ("Tag", "two".to_owned()),
            ("To", "+14155550100".to_owned()),
        ];
        Self { url: format!("{}/sms?step=a%20b", site.url), pairs }
    }

    fn pairs(&self) -> Vec<(&str, &str)> {
        self.pairs.iter().map(|(key, value)| (*key, value.as_str())).collect()
    }

    fn signature(&self) -> String {
        Verifier::new(TOKEN).sign_form(&self.url, &self.pairs())
    }

    /// The signed text after the URL.
    fn signed(&self) -> String {
        self.pairs().iter().flat_map(|(key, value)| [*key, *value]).collect()
    }

    async fn sent(&self, site: &Site) -> u16 {
        Attack::form("genuine", &self.url, &self.pairs()).sent(site, &self.signature()).await
    }

    fn attacks(&self, site: &Site) -> Vec<Attack> {
        let signed = self.signed();
        let whole = format!("{}{signed}", self.url);
        let until_hash = whole.find("&z=").unwrap();
        let bare = |what, method, url: &str, kind, body: &str| Attack {
            what,
            method,
            url: url.to_owned(),
            kind,
            body: body.to_owned(),
            at_once: true,
        };
        let mut all = vec![
            bare("all in the URL of a GET", Method::GET, &whole, FORM, ""),
            bare("all in the URL of an empty form", Method::POST, &whole, FORM, ""),
            bare("all in the URL of a JSON body", Method::POST, &whole, JSON, EVIL),
            bare("the hash in the URL, the rest nowhere", Method::POST, &whole[..until_hash], JSON, EVIL),
        ];
        let rest = &whole[until_hash..];
        all.push(Attack::form("a form behind the hash", &whole[..until_hash], &[(rest, "")]).at_once());
        // The SID is split at each character into a name and a value.
        for at in 1..="AccountSid".len() + SID.len() {
            let (url, key) = whole.split_at(self.url.len() + at);
            all.push(Attack::form("a SID that is split", url, &[(key, "")]).at_once());
        }
        let account = ("AccountSid", SID);
        let pairs = self.pairs();
        let query = [&[("?step=a%20b", "")], &pairs[..]].concat();
        let path = [&[("/sms?step=a%20b", "")], &pairs[..]].concat();
        let turned: Vec<_> = pairs.iter().rev().copied().collect();
        let (version, body) = (pairs[1], pairs[2].1);
        let (text, city) = body.split_once("From+19995550100FromCity").unwrap();
        let city = format!("{city}From+14155551234");
        let inside =
            [&[account, version, ("Body", text), ("From", "+19995550100"), ("FromCity", &city)], &pairs[4..]];
        let name = format!("Body{body}");
        all.extend([
            Attack::form("another sender", &self.url, &inside.concat()),
            Attack::form("one parameter", &self.url, &[(&signed, "")]),
            Attack::form(
                "a value in a name",
                &self.url,
                &[&[account, version, (&name, "")], &pairs[3..]].concat(),
            ),
            Attack::form("the query in the form", &format!("{}/sms", site.url), &query),
            Attack::form("the path in the form", &site.url, &path),
            Attack::form("values in another order", &self.url, &turned),
            Attack::form("a pair twice", &self.url, &[&pairs[..], &pairs[7..]].concat()),
            Attack { method: Method::PUT, ..Attack::form("another method", &self.url, &pairs) },
        ]);
        all
    }
}

#[tokio::test]
async fn after_the_genuine_delivery_every_attack_is_refused_and_nothing_runs_twice() {
    let handled = Handled::default();
    let site = site(&handled).await;
    let genuine = Genuine::new(&site);
    assert_eq!(genuine.sent(&site).await, 200);
    for attack in genuine.attacks(&site) {
        assert_eq!(attack.sent(&site, &genuine.signature()).await, 403, "{}: {}", attack.what, attack.url);
    }
    assert_eq!((genuine.sent(&site).await, handled.count()), (200, 1));
    // Another encoding of the query, and the default port, are the same request.
    for url in [genuine.url.replace("%20", "+"), genuine.url.clone()] {
        let again = Attack::form("spelt otherwise", &url, &genuine.pairs());
        assert_eq!((again.sent(&site, &genuine.signature()).await, handled.count()), (200, 1), "{url}");
    }
    // The pairs in another order, but not the values of one name, are the same delivery.
    let mut turned = genuine.pairs();
    turned.rotate_left(4);
    let again = Attack::form("in another order", &genuine.url, &turned);
    assert_eq!((again.sent(&site, &genuine.signature()).await, handled.count()), (200, 1));
}

#[tokio::test]
async fn a_refused_attack_does_not_block_the_genuine_delivery() {
    let handled = Handled::default();
    let site = site(&handled).await;
    let genuine = Genuine::new(&site);
    let attacks: Vec<Attack> = genuine.attacks(&site).into_iter().filter(|attack| attack.at_once).collect();
    assert!(attacks.len() > 40);
    for attack in attacks {
        assert_eq!(attack.sent(&site, &genuine.signature()).await, 403, "{}: {}", attack.what, attack.url);
    }
    assert_eq!(handled.count(), 0);
    assert_eq!((genuine.sent(&site).await, handled.count()), (200, 1));
}

/// The remaining attack that the documentation of `Verifier` names: a forged request that arrives before Twilio's.
#[tokio::test]
async fn a_form_with_moved_boundaries_passes_if_it_arrives_before_the_genuine_delivery() {
    for at in 0..8 {
        let handled = Handled::default();
        let site = site(&handled).await;
        let genuine = Genuine::new(&site);
        let attacks: Vec<Attack> =
            genuine.attacks(&site).into_iter().filter(|attack| !attack.at_once).collect();
        assert_eq!(attacks.len(), 8);
        let first = &attacks[at];
        assert_eq!(first.sent(&site, &genuine.signature()).await, 200, "{}", first.what);
        // From then on the signature is bound to that content.
        assert_eq!(genuine.sent(&site).await, 403, "{}", first.what);
        for other in attacks.iter().filter(|other| other.what != first.what) {
            assert_eq!(other.sent(&site, &genuine.signature()).await, 403, "{}", other.what);
        }
        assert_eq!(handled.count(), 1);
    }
}

#[tokio::test]
async fn of_concurrent_contents_with_one_signature_one_passes() {
    let handled = Handled::default();
    let site = Arc::new(site(&handled).await);
    let genuine = Genuine::new(&site);
    let mut tasks = tokio::task::JoinSet::new();
    for attack in genuine.attacks(&site).into_iter().filter(|attack| !attack.at_once) {
        for _ in 0..6 {
            let (site, signature, attack) = (Arc::clone(&site), genuine.signature(), attack.clone());
            tasks.spawn(async move { (attack.sent(&site, &signature).await, attack.what) });
        }
    }
    let passed = tasks.join_all().await.into_iter().filter(|(status, _)| *status == 200);
    let mut passed: Vec<_> = passed.map(|(_, what)| what).collect();
    passed.dedup();
    assert_eq!(passed.len(), 1, "{passed:?}");
    assert_eq!(handled.count(), 1);
}

#[tokio::test]
async fn json_and_gets_cannot_become_forms() {
    let handled = Handled::default();
    let site = site(&handled).await;
    let verifier = Verifier::new(TOKEN);
    let empty: &[(&str, &str)] = &[];

    let url = hashed_url(&format!("{}/events?a=1", site.url), EVIL.as_bytes());
    let signature = verifier.sign_body(&url, EVIL.as_bytes());
    let json = Attack { kind: JSON, body: EVIL.into(), ..Attack::form("genuine", &url, empty) };
    let (path, query) = url.split_once('?').unwrap();
    let as_pair = format!("?{query}");
    let get = Attack { method: Method::GET, ..Attack::form("a GET", &url, empty) };
    let forms = [
        Attack::form("an empty form", &url, empty),
        Attack::form("the query in a form", path, &[(&as_pair, "")]),
        get,
    ];
    assert_eq!(forms[0].sent(&site, &signature).await, 403);
    assert_eq!(json.sent(&site, &signature).await, 200);
    for attack in forms {
        assert_eq!(attack.sent(&site, &signature).await, 403, "{}", attack.what);
    }
    assert_eq!((json.sent(&site, &signature).await, handled.count()), (200, 1));

    let url = format!("{}/voice?AccountSid={SID}&Body=xCallSidCA1CallStatusringing&CallSid=CA2", site.url);
    let signature = verifier.sign_form::<&str, &str>(&url, &[]);
    let get = Attack { method: Method::GET, ..Attack::form("genuine", &url, empty) };
    assert_eq!((get.sent(&site, &signature).await, handled.count()), (200, 2));
    let (start, rest) = url.split_once("CallSidCA1").unwrap();
    let (path, query) = start.split_once('?').unwrap();
    let query = format!("?{query}");
    let pairs = [(query.as_str(), ""), ("CallSid", "CA1"), ("CallStatus", &rest["CallStatus".len()..])];
    for attack in [
        Attack::form("the query in a form", path, &pairs),
        Attack::form("an empty form", &url, empty),
        Attack { method: Method::HEAD, ..Attack::form("a HEAD", &url, empty) },
    ] {
        assert_eq!(attack.sent(&site, &signature).await, 403, "{}", attack.what);
    }
    assert_eq!(handled.count(), 2);
}

#[tokio::test]
async fn twilio_may_request_the_same_document_again_with_the_same_signature() {
    let handled = Handled::default();
    let site = site(&handled).await;
    // A `Redirect` to its own URL: the same call in the same state requests the same URL.
    let url = format!("{}/voice", site.url);
    let pairs = [("AccountSid", SID), ("CallSid", "CA1"), ("CallStatus", "in-progress")];
    let signature = Verifier::new(TOKEN).sign_form(&url, &pairs);
    for (token, runs) in [("first", 1), ("second", 2), ("second", 2), ("third", 3)] {
        let fetch = Attack::form(token, &url, &pairs);
        assert_eq!((fetch.sent(&site, &signature).await, handled.count()), (200, runs), "{token}");
    }
}
