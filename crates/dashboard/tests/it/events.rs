//! The stream of events.

use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use http::request::Parts;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use switchboard_automation::mesh::{LiveEvent, Mesh, Notice};
use switchboard_dashboard::{Dashboard, Identity, Login};
use switchboard_store::Keys;
use tower::ServiceExt as _;

use crate::site::{ByHeader, Site, database};

/// A login that is good for its first request only.
struct Once;

#[async_trait]
impl Identity for Once {
    async fn login(&self, parts: &Parts) -> Option<Login> {
        ByHeader.login(parts).await
    }

    async fn still_valid(&self, _: &Login) -> bool {
        false
    }
}

async fn site(identity: impl Identity) -> (Mesh, Router) {
    let database = database().await;
    let mesh = Mesh::open(database.clone()).await.unwrap();
    let keys = Keys::parse(Keys::new_key("test").unwrap().expose()).unwrap();
    let dashboard = Dashboard::open(database, keys, identity).await.unwrap().mesh(mesh.clone());
    (mesh, dashboard.check_logins(Duration::from_millis(50)).api())
}

async fn open(app: &Router, user: &str, last: Option<&str>) -> Response<Body> {
    let request = Request::get("/api/events").header("user", user);
    let request = last.into_iter().fold(request, |request, last| request.header("Last-Event-ID", last));
    app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

/// The next event of a stream that is no comment; `None` at its end.
async fn next(stream: &mut Response<Body>) -> Option<String> {
    loop {
        let frame =
            tokio::time::timeout(Duration::from_secs(20), stream.body_mut().frame()).await.unwrap()?;
        let text = String::from_utf8(frame.unwrap().into_data().unwrap().to_vec()).unwrap();
        if !text.starts_with(':') {
            return Some(text);
        }
    }
}

/// The id and the payload of an event.
fn read(event: &str) -> (String, Value) {
    let line = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    let data: Value = serde_json::from_str(line("data: ")).unwrap();
    (line("id: ").to_owned(), data["payload"].clone())
}

fn notice(n: u64, tenant: &str) -> Notice {
    Notice::new("twilio.sms.status", json!({"n": n})).tenant(tenant)
}

#[tokio::test]
async fn a_page_gets_what_is_published_for_its_tenant_and_what_it_missed() {
    let (mesh, app) = site(ByHeader).await;
    let mut page = open(&app, "blue ada view", None).await;
    assert_eq!((page.status().as_u16(), &page.headers()["x-accel-buffering"]), (200, &"no".parse().unwrap()));
    assert!(page.headers()["content-type"].to_str().unwrap().starts_with("text/event-stream"));
    let first = page.body_mut().frame().await.unwrap().unwrap().into_data().unwrap();
    assert!(first.starts_with(b":"), "a comment comes at once");
    mesh.publish(notice(1, "red")).await.unwrap();
    mesh.publish(notice(2, "blue")).await.unwrap();
    let (id, payload) = read(&next(&mut page).await.unwrap());
    assert_eq!(payload["n"], 2);
    drop(page);
    mesh.publish(notice(3, "blue")).await.unwrap();
    let mut page = open(&app, "blue ada view", Some(&id)).await;
    mesh.publish(notice(4, "blue")).await.unwrap();
    for n in [3, 4] {
        assert_eq!(read(&next(&mut page).await.unwrap()).1["n"], n);
    }
    assert_eq!(open(&app, "blue ada view", Some("x")).await.status(), 400);
}

#[tokio::test]
async fn only_who_may_read_gets_a_stream() {
    let (_mesh, app) = site(ByHeader).await;
    let nobody = app.clone().oneshot(Request::get("/api/events").body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(nobody.status(), 401);
    for (roles, status) in [("none", 403), ("send", 403), ("manage", 403), ("view", 200)] {
        assert_eq!(open(&app, &format!("blue ada {roles}"), None).await.status(), status, "{roles}");
    }
}

#[tokio::test]
async fn a_stream_ends_with_its_login() {
    let (mesh, app) = site(Once).await;
    let mut page = open(&app, "blue ada view", None).await;
    assert_eq!(next(&mut page).await, None);
    mesh.publish(notice(1, "blue")).await.unwrap();
}

#[tokio::test]
async fn a_person_has_twenty_streams() {
    let (_mesh, app) = site(ByHeader).await;
    let mut pages = Vec::new();
    for _ in 0..20 {
        pages.push(open(&app, "blue ada view", None).await);
    }
    assert_eq!(open(&app, "blue ada view", None).await.status(), 429);
    assert_eq!(open(&app, "blue bob view", None).await.status(), 200);
    pages.pop();
    assert_eq!(open(&app, "blue ada view", None).await.status(), 200);
}

#[tokio::test]
async fn a_text_that_is_asked_for_by_an_event_is_sent_once() {
    let site = Site::open().await;
    let ask = |id: &str, payload: Value| {
        Notice::new("twilio.sms.send", payload).id(id).source("shop").tenant("blue")
    };
    let mesh = site.mesh.as_ref().unwrap();
    for _ in 0..2 {
        mesh.publish(ask("1", json!({"to": "+14155551234", "body": "Paid"}))).await.unwrap();
    }
    // What cannot be sent does not hold up the rest.
    mesh.publish(ask("2", json!({"to": "nobody", "body": "x"}))).await.unwrap();
    mesh.publish(ask("3", json!({"body": "x"}))).await.unwrap();
    mesh.publish(ask("4", json!({"to": "+14155551235", "body": "Last"}))).await.unwrap();
    site.until(|| async { site.fake.sent().iter().any(|sent| sent.body == "Last") }).await;
    let bodies: Vec<String> = site.fake.sent().into_iter().map(|sent| sent.body).collect();
    assert_eq!(bodies, ["Paid", "Last"]);
}

#[tokio::test]
async fn what_happens_to_a_text_is_published_in_order() {
    let site = Site::open().await;
    let mut live = site.mesh.as_ref().unwrap().live("twilio.**").await.unwrap();
    site.send("blue ada send", None, &json!({"to": "+14155551234", "body": "Hi"})).await;
    let sid = site.fake.sent()[0].sid.clone();
    site.fake.deliver(&sid);
    let mut seen = Vec::new();
    while !seen.iter().any(|(_, status)| status == "delivered") {
        let next = tokio::time::timeout(Duration::from_secs(20), live.next()).await.unwrap();
        let Ok(Some(LiveEvent::Notice { notice, .. })) = next else { continue };
        assert_eq!((notice.tenant.as_str(), notice.subject.as_deref()), ("blue", Some("+14155551234")));
        assert_eq!((&notice.payload["messageSid"], &notice.payload["id"]), (&json!(sid), &json!(1)));
        seen.push((notice.name.clone(), notice.payload["status"].as_str().unwrap().to_owned()));
    }
    assert_eq!(seen[0], ("twilio.sms.sent".to_owned(), "queued".to_owned()));
    assert!(seen[1..].iter().all(|(name, _)| name == "twilio.sms.status"), "{seen:?}");
}

#[tokio::test]
async fn a_page_of_another_database_reads_again() {
    let (mesh, app) = site(ByHeader).await;
    let mut stream = open(&app, "blue ada view", Some("1000")).await;
    assert!(next(&mut stream).await.unwrap().contains("event: resync"));
    mesh.publish(Notice::new("order.paid", json!({"order": 1})).tenant("blue")).await.unwrap();
    assert!(next(&mut stream).await.unwrap().contains("order.paid"));
}
