//! API keys: made, used, renamed and revoked.

use super::*;

/// Asks with a key for a path of the account; returns the status.
fn with_key(client: &mut TestClient, (key, secret): (&str, &str), path: &str) -> u16 {
    let path = format!("/2010-04-01/Accounts/{}{path}", client.account);
    parts(client.request_as(key, secret, Method::GET, &path, &[])).0
}

#[test]
fn a_created_key_opens_the_account_until_it_is_revoked() {
    let mut client = TestClient::default();
    let (status, made) = client.post("/Keys.json", &[("FriendlyName", "worker")]);
    assert_eq!((status, &made["friendly_name"]), (201, &"worker".into()));
    let [sid, secret] = ["sid", "secret"].map(|key| made[key].as_str().unwrap().to_owned());
    let key = (sid.as_str(), secret.as_str());
    assert!(sid.starts_with("SK") && secret.len() == 32);
    assert_eq!(with_key(&mut client, key, "/Messages.json"), 200);
    assert_eq!(with_key(&mut client, (key.0, "wrong"), "/Messages.json"), 401);
    for closed in [".json", "/Keys.json", &format!("/Keys/{sid}.json")] {
        assert_eq!(with_key(&mut client, key, closed), 401, "{closed}");
    }
    let one = format!("/Keys/{sid}.json");
    assert_eq!(client.get(&one).1["secret"], Value::Null);
    assert_eq!(client.post(&one, &[("FriendlyName", "other")]).1["friendly_name"], "other");
    assert_eq!(client.delete(&one).0, 204);
    assert_eq!(with_key(&mut client, key, "/Messages.json"), 401);
    assert_refused(client.get(&one), (404, 20404));
    assert_refused(client.delete(&one), (404, 20404));
}

#[test]
fn the_list_has_every_key_without_its_secret() {
    let mut client = TestClient::default();
    client.post("/Keys.json", &[]);
    let (_, page) = client.get("/Keys.json");
    let names: Vec<_> = page["keys"].as_array().unwrap().iter().map(|key| &key["friendly_name"]).collect();
    assert_eq!(names, ["", "Standard key", "Main key"]);
    assert!(!page.to_string().contains("secret"));
    assert_refused(client.post("/Keys.json", &[("FriendlyName", &"x".repeat(65))]), (400, 20001));
}

#[test]
fn a_main_key_manages_keys_and_the_first_keys_can_be_revoked() {
    let mut client = TestClient::default();
    let (key, secret) = client.tenant().core.main_api_key();
    let (key, secret) = (key.to_owned(), secret.expose().to_owned());
    assert_eq!(with_key(&mut client, (&key, &secret), "/Keys.json"), 200);
    client.delete(&format!("/Keys/{key}.json"));
    assert_eq!(with_key(&mut client, (&key, &secret), "/Keys.json"), 401);
}
