//! Auth tokens: two at once, and the second in the place of the first.

use super::*;
use crate::engine::webhook::sign;

const SECONDARY: &str = "/v1/AuthTokens/Secondary";
const PROMOTE: &str = "/v1/AuthTokens/Promote";

fn create(client: &mut TestClient) -> String {
    let (status, made) = client.product(Method::POST, SECONDARY, &[]);
    assert_eq!((status, &made["account_sid"]), (201, &client.account.as_str().into()));
    made["secondary_auth_token"].as_str().unwrap().to_owned()
}

/// Lists messages with a token; returns the status.
fn with_token(client: &mut TestClient, token: &str) -> u16 {
    let account = client.account.clone();
    let path = format!("/2010-04-01/Accounts/{account}/Messages.json");
    parts(client.request_as(&account, token, Method::GET, &path, &[])).0
}

/// Sends a text, and returns whether its callback is signed with a token.
fn signs(client: &mut TestClient, token: &str) -> bool {
    let sid = client.sent(&[("StatusCallback", "http://example.com/s")]);
    client.tenant().messaging().deliver(&sid);
    let callback = client.engine.take_callbacks().remove(0);
    sign(token, &callback.endpoint, false, &form(&callback.form.unwrap())).signature == callback.signature
}

#[test]
fn both_tokens_open_the_account_and_the_primary_one_signs_until_the_other_is_promoted() {
    let mut client = TestClient::default();
    let (_, old) = client.login();
    let new = create(&mut client);
    assert_ne!(old, new);
    assert_eq!((with_token(&mut client, &old), with_token(&mut client, &new)), (200, 200));
    assert!(signs(&mut client, &old));
    let (status, promoted) = client.product(Method::POST, PROMOTE, &[]);
    assert_eq!((status, &promoted["auth_token"]), (200, &new.as_str().into()));
    assert_eq!((with_token(&mut client, &old), with_token(&mut client, &new)), (401, 200));
    assert!(signs(&mut client, &new), "the client logs in with the new token by now");
    assert_refused(client.product(Method::POST, PROMOTE, &[]), (404, 20404));
}

#[test]
fn there_is_one_secondary_token_at_a_time() {
    let mut client = TestClient::default();
    let first = create(&mut client);
    assert_refused(client.product(Method::POST, SECONDARY, &[]), (409, 20409));
    assert_eq!(client.product(Method::DELETE, SECONDARY, &[]).0, 204);
    assert_eq!(with_token(&mut client, &first), 401);
    assert_refused(client.product(Method::DELETE, SECONDARY, &[]), (404, 20404));
    assert_ne!(create(&mut client), first);
}

#[test]
fn a_standard_key_may_not_touch_the_tokens_and_keys_stay() {
    let mut client = TestClient::default();
    let (key, secret) = client.tenant().core.api_key();
    let (key, secret) = (key.to_owned(), secret.expose().to_owned());
    for (method, path) in [(Method::POST, SECONDARY), (Method::DELETE, SECONDARY), (Method::POST, PROMOTE)] {
        assert_refused(parts(client.request_as(&key, &secret, method, path, &[])), (401, 20003));
    }
    create(&mut client);
    client.product(Method::POST, PROMOTE, &[]);
    let path = format!("/2010-04-01/Accounts/{}/Messages.json", client.account);
    assert_eq!(parts(client.request_as(&key, &secret, Method::GET, &path, &[])).0, 200);
}
