//! Campaigns and templates over HTTP.

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};

use crate::site::{Answer, Site};

const ALL: &str = "blue ada view,send,manage";

async fn post(site: &Site, path: &str, body: &Value) -> Answer {
    site.json("POST", path, ALL, body).await
}

async fn upload(site: &Site, id: i64, kind: &str, list: impl Into<Body>) -> Answer {
    let request = Request::put(format!("/api/campaigns/{id}/list")).header("user", ALL);
    site.call(request.header("content-type", kind).body(list.into()).unwrap()).await
}

fn list(rows: usize) -> String {
    (0..rows).fold("phone,name\n".to_owned(), |list, row| format!("{list}+1415555{:04},P{row}\n", 2000 + row))
}

async fn draft(site: &Site, name: &str) -> i64 {
    let body = json!({"name": name, "body": "Hi {{name}}", "purpose": "transactional"});
    let added = post(site, "/api/campaigns", &body).await;
    assert_eq!((added.status.as_u16(), &added.body["status"]), (201, &json!("draft")), "{added:?}");
    added.body["id"].as_i64().unwrap()
}

#[tokio::test]
async fn a_campaign_is_entered_looked_at_and_runs_to_its_end() {
    let site = Site::open().await;
    let id = draft(&site, "spring").await;
    let path = format!("/api/campaigns/{id}");
    let early = post(&site, &format!("{path}/start"), &json!({})).await;
    assert_eq!((early.status.as_u16(), early.body["error"].as_str().unwrap().contains("list")), (409, true));
    let uploaded = upload(&site, id, "text/csv", list(20) + "nonsense,X\n").await;
    assert_eq!((uploaded.status.as_u16(), &uploaded.body["format"]), (200, &json!("csv")), "{uploaded:?}");
    let plan = post(&site, &format!("{path}/plan"), &json!({})).await.body;
    assert_eq!((&plan["rows"], &plan["messages"], &plan["rejected"]), (&json!(21), &json!(20), &json!(1)));
    assert_eq!(plan["firstRejected"][0]["line"], 22);
    assert_eq!(site.fake.sent().len(), 0, "a plan sends nothing");
    let started = post(&site, &format!("{path}/start"), &json!({})).await;
    assert_eq!(started.status, 200, "{started:?}");
    site.until(|| async { site.get(&path, ALL).await.body["status"] == "finished" }).await;
    let ended = site.get(&path, ALL).await.body;
    assert_eq!((&ended["progress"]["accepted"], &ended["imported"]["rejected"]), (&json!(20), &json!(1)));
    assert_eq!(site.fake.sent().len(), 20);
    // Started again, it sends nobody a second text.
    assert!(post(&site, &format!("{path}/start"), &json!({})).await.status.as_u16() < 500);
    site.until(|| async { site.get(&path, ALL).await.body["status"] == "finished" }).await;
    assert_eq!(site.fake.sent().len(), 20);
    site.until(|| async { !site.raw(&format!("{path}/rejects.csv"), ALL).await.1.is_empty() }).await;
    let (parts, rejects) = site.raw(&format!("{path}/rejects.csv"), ALL).await;
    assert!(String::from_utf8(rejects).unwrap().contains("nonsense"));
    assert!(parts.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
    let report = site.get(&format!("{path}/report"), ALL).await.body;
    assert_eq!(report["total"]["texts"]["states"]["accepted"], 20);
    let (_, csv) = site.raw(&format!("{path}/report.csv"), ALL).await;
    assert!(String::from_utf8(csv).unwrap().starts_with("by,name,texts"));
    let messages = site.get(&format!("/api/messages?campaign={id}&limit=200"), ALL).await.body;
    assert_eq!(messages["items"].as_array().unwrap().len(), 20);
    assert_eq!(messages["items"][0]["campaign"], id);
    assert_eq!(site.get("/api/messages", ALL).await.body["items"], json!([]), "others are listed without it");
    assert_eq!(site.json("DELETE", &path, ALL, &json!({})).await.status, 409);
    for path in [&path, &format!("{path}/report"), &format!("{path}/deliveries")] {
        assert_eq!(site.get(path, "red eve view,manage").await.status, 404);
    }
    let foreign = site.json("POST", &format!("{path}/stop"), "red eve manage", &json!({})).await;
    assert_eq!(foreign.status, 404);
}

#[tokio::test]
async fn deliveries_are_counted_over_time() {
    let site = Site::open().await;
    let id = draft(&site, "spring").await;
    upload(&site, id, "text/csv", list(5)).await;
    let path = format!("/api/campaigns/{id}");
    post(&site, &format!("{path}/start"), &json!({})).await;
    site.until(|| async { site.fake.sent().len() == 5 }).await;
    for sent in site.fake.sent() {
        site.fake.deliver(&sent.sid);
    }
    site.until(|| async { site.get(&path, ALL).await.body["progress"]["delivered"] == 5 }).await;
    let deliveries = site.get(&format!("{path}/deliveries"), ALL).await.body;
    let items = deliveries["items"].as_array().unwrap();
    assert_eq!(items.iter().map(|one| one["delivered"].as_u64().unwrap()).sum::<u64>(), 5, "{deliveries}");
    assert!(deliveries["seconds"].as_u64().unwrap() >= 1);
}

#[tokio::test]
async fn a_campaign_is_paused_resumed_and_stopped() {
    let site = Site::with(|outbox| outbox, false).await;
    site.connect("blue").await;
    let id = draft(&site, "spring").await;
    let path = format!("/api/campaigns/{id}");
    assert_eq!(post(&site, &format!("{path}/pause"), &json!({})).await.status, 409, "it was not started");
    upload(&site, id, "application/x-ndjson", "{\"phone\": \"+14155552000\", \"name\": \"Ada\"}\n").await;
    post(&site, &format!("{path}/start"), &json!({})).await;
    for (order, status) in [("pause", "paused"), ("resume", "sending"), ("stop", "stopped")] {
        site.until(|| async { site.get(&path, ALL).await.body["status"] != "importing" }).await;
        let answer = post(&site, &format!("{path}/{order}"), &json!({})).await;
        assert_eq!((answer.status.as_u16(), &answer.body["status"]), (200, &json!(status)), "{answer:?}");
    }
    assert_eq!(post(&site, &format!("{path}/resume"), &json!({})).await.status, 409, "it is over");
    let audit = site.get("/api/audit", ALL).await.body;
    let actions: Vec<&str> =
        audit["items"].as_array().unwrap().iter().map(|one| one["action"].as_str().unwrap()).collect();
    assert_eq!(actions[..4], ["campaign.stop", "campaign.resume", "campaign.pause", "campaign.start"]);
}

#[tokio::test]
async fn what_is_wrong_with_a_campaign_says_what_to_change() {
    let site = Site::open().await;
    draft(&site, "taken").await;
    for (body, status, part) in [
        (json!({"name": "a"}), 400, "`body`"),
        (json!({"name": "a/b", "body": "Hi"}), 400, "name"),
        (json!({"name": "a", "body": "Hi", "kind": "fax"}), 400, "`kind`"),
        (json!({"name": "a", "body": "Hi", "from": "0415"}), 400, "+"),
        (json!({"name": "a", "body": "Hi", "dueAt": "tomorrow"}), 400, "`dueAt`"),
        (json!({"name": "a", "body": "Hi", "maxSegments": 0}), 400, "`maxSegments`"),
        (json!({"name": "a", "templateId": 99}), 400, "template"),
        (json!({"name": "taken", "body": "Hi"}), 409, "name"),
    ] {
        let answer = post(&site, "/api/campaigns", &body).await;
        let said = answer.body["error"].as_str().unwrap();
        assert!(answer.status == status && said.contains(part), "{body}: {} {said}", answer.status);
    }
    let id = draft(&site, "lists").await;
    assert_eq!(upload(&site, id, "application/json", "[]").await.status, 415);
    assert_eq!(upload(&site, id, "text/csv", "").await.status, 400);
    assert_eq!(upload(&site, id, "text/csv", "x".repeat(33 << 20)).await.status, 413);
    upload(&site, id, "text/csv", "phone,city\n+14155552000,Rome\n").await;
    let path = format!("/api/campaigns/{id}/plan");
    let missing = post(&site, &path, &json!({})).await;
    assert!(missing.status == 422 && missing.body["error"].as_str().unwrap().contains("name"), "{missing:?}");
    // What was uploaded last counts.
    upload(&site, id, "text/csv", list(3)).await;
    assert_eq!(post(&site, &path, &json!({})).await.body["messages"], 3);
}

#[tokio::test]
async fn a_list_larger_than_its_parts_is_read_whole() {
    let site = Site::open().await;
    let id = draft(&site, "large").await;
    upload(
        &site,
        id,
        "text/csv",
        "phone,name\n".to_owned() + &list(7_999).split_once('\n').unwrap().1.repeat(4),
    )
    .await;
    let plan = post(&site, &format!("/api/campaigns/{id}/plan"), &json!({})).await.body;
    assert_eq!((&plan["rows"], &plan["messages"]), (&json!(31_996), &json!(7_999)), "{plan}");
}

#[tokio::test]
async fn templates_are_kept_by_name() {
    let site = Site::start().await;
    let added =
        post(&site, "/api/templates", &json!({"name": "due", "body": "Hi {{name}}, pay {{sum}}"})).await;
    assert_eq!((added.status.as_u16(), &added.body["variables"]), (201, &json!(["name", "sum"])));
    let path = format!("/api/templates/{}", added.body["id"]);
    for body in
        [json!({"name": "due", "body": "x"}), json!({"name": "bad", "body": "{% x"}), json!({"name": ""})]
    {
        assert!(post(&site, "/api/templates", &body).await.status.is_client_error(), "{body}");
    }
    let changed = json!({"name": "over", "body": "Over"});
    assert_eq!(site.json("PUT", &path, ALL, &changed).await.body["name"], "over");
    assert_eq!(site.get("/api/templates", ALL).await.body["items"].as_array().unwrap().len(), 1);
    let foreign = "red eve manage";
    assert_eq!(site.get("/api/templates", foreign).await.body["items"], json!([]));
    assert_eq!(site.json("PUT", &path, foreign, &changed).await.status, 404);
    assert_eq!(site.json("DELETE", &path, foreign, &json!({})).await.status, 404);
    assert_eq!(site.json("DELETE", &path, ALL, &json!({})).await.status, 204);
}

#[tokio::test]
async fn of_two_lists_at_once_one_counts_and_it_is_whole() {
    let site = Site::open().await;
    let id = draft(&site, "twice").await;
    let slow = |rows: usize| {
        let list = list(rows);
        let chunks: Vec<_> =
            list.as_bytes().chunks(60_000).map(|chunk| Ok::<_, std::io::Error>(chunk.to_vec())).collect();
        Body::from_stream(futures_util::stream::iter(chunks))
    };
    for _ in 0..5 {
        let lists = [29_000, 19_000].map(|rows| upload(&site, id, "text/csv", slow(rows)));
        let answers = futures_util::future::join_all(lists).await;
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
        assert!(
            statuses.contains(&200) && statuses.iter().all(|status| [200, 409].contains(status)),
            "{statuses:?}"
        );
        let plan = post(&site, &format!("/api/campaigns/{id}/plan"), &json!({})).await;
        let rows = plan.body["rows"].as_u64().unwrap_or_else(|| panic!("{plan:?}"));
        assert!([29_000, 19_000].contains(&rows), "{rows}");
    }
}
