//! Media, and the storage behind the redirect.

use super::*;

fn with_media(client: &mut TestClient) -> (String, Vec<String>) {
    let sid =
        client.sent(&[("MediaUrl", "https://example.com/a.png"), ("MediaUrl", "https://example.com/b.pdf")]);
    let media = client.tenant().media.of_message(&sid);
    (sid, media)
}

fn fetch(client: &mut TestClient, path: &str, headers: HeaderMap) -> FakeReply {
    client.handle(&FakeRequest::new(Method::GET, path, "", headers, Bytes::new()))
}

#[test]
fn media_are_listed_fetched_and_deleted() {
    let mut client = TestClient::default();
    let (sid, media) = with_media(&mut client);
    let list = format!("/Messages/{sid}/Media.json");
    let (_, page) = client.get(&list);
    assert_eq!(page["media_list"].as_array().unwrap().len(), 2);
    let one = format!("/Messages/{sid}/Media/{}.json", media[0]);
    let (_, found) = client.get(&one);
    assert_eq!((&found["content_type"], &found["parent_sid"]), (&"image/png".into(), &sid.as_str().into()));
    assert_eq!(client.delete(&one).0, 204);
    assert_eq!(client.get(&list).1["media_list"].as_array().unwrap().len(), 1);
    assert_refused(client.get(&format!("/Messages/SM1/Media/{}.json", media[1])), (404, 20404));
    assert_refused(client.get("/Messages/SM1/Media.json"), (404, 20404));
}

fn stored_at(client: &mut TestClient, sid: &str) -> String {
    format!("/_storage/{}/media/{sid}", client.account)
}

#[test]
fn bytes_come_from_storage_and_without_credentials() {
    let mut client = TestClient::default();
    let (sid, media) = with_media(&mut client);
    let reply = client.request(Method::GET, &format!("/Messages/{sid}/Media/{}", media[0]), &[]);
    assert_eq!(reply.status, StatusCode::TEMPORARY_REDIRECT);
    let path = stored_at(&mut client, &media[0]);
    assert_eq!(reply.headers[header::LOCATION], format!("http://api.example.com{path}"));

    let stored = fetch(&mut client, &path, HeaderMap::new());
    assert_eq!(
        (stored.status, &stored.headers[header::CONTENT_TYPE]),
        (OK, &HeaderValue::from_static("image/png"))
    );
    assert_eq!(stored.body.into_bytes().len(), 1024);

    let mut headers = HeaderMap::new();
    headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Basic eA=="));
    assert_eq!(fetch(&mut client, &path, headers).status, StatusCode::BAD_REQUEST);
}

#[test]
fn a_test_can_set_the_bytes() {
    let mut client = TestClient::default();
    let (_, media) = with_media(&mut client);
    assert!(client.tenant().media.set_bytes(&media[0], "text/plain", Bytes::from_static(b"cat")));
    assert!(client.tenant().media.set_length(&media[1], "video/mp4", 1 << 40));
    assert!(!client.tenant().media.set_bytes("ME1", "text/plain", Bytes::new()));
    let [first, second] = [&media[0], &media[1]].map(|sid| stored_at(&mut client, sid));
    let stored = fetch(&mut client, &first, HeaderMap::new());
    assert_eq!(stored.body.into_bytes(), "cat");
    let large = fetch(&mut client, &second, HeaderMap::new());
    assert!(matches!(large.body, super::super::ReplyBody::Generated(bytes) if bytes.left() == 1 << 40));
}

#[test]
fn media_are_deleted_with_their_message() {
    let mut client = TestClient::default();
    let (sid, media) = with_media(&mut client);
    assert!(client.tenant().messaging().deliver(&sid));
    let path = stored_at(&mut client, &media[0]);
    assert_eq!(fetch(&mut client, &path, HeaderMap::new()).status, OK);
    assert_eq!(client.delete(&format!("/Messages/{sid}.json")).0, 204);
    assert_eq!(fetch(&mut client, &path, HeaderMap::new()).status, StatusCode::NOT_FOUND);
}
