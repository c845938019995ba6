//! Several accounts: each has access to its own data and to its subaccounts, and to nothing else.

use switchboard::secret::Secret;

use super::*;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const ONE: &str = "AC00000000000000000000000000000001";
const OTHER: &str = "AC00000000000000000000000000000002";

fn two() -> TestClient {
    let given = [ONE, OTHER].map(|sid| (sid.to_owned(), Secret::new(TOKEN))).to_vec();
    let engine = Engine::new(0, "2026-01-05T09:00:00Z".parse().unwrap(), given);
    TestClient { account: ONE.to_owned(), engine }
}

/// Makes a subaccount of the client's account; returns its SID and token.
fn subaccount(client: &mut TestClient) -> (String, String) {
    let (status, sub) =
        client.product(Method::POST, "/2010-04-01/Accounts.json", &[("FriendlyName", "Shop")]);
    assert_eq!(status, 201);
    ["sid", "auth_token"].map(|key| sub[key].as_str().unwrap().to_owned()).into()
}

fn messages(account: &str) -> String {
    format!("/2010-04-01/Accounts/{account}/Messages.json")
}

fn count(client: &mut TestClient, user: &str, token: &str, account: &str) -> usize {
    let (status, page) = parts(client.request_as(user, token, Method::GET, &messages(account), &[]));
    assert_eq!(status, 200, "{page}");
    page["messages"].as_array().unwrap().len()
}

#[test]
fn accounts_have_nothing_in_common() {
    let mut client = two();
    let sid = client.sent(&[]);
    client.account = OTHER.to_owned();
    assert_eq!(client.tenant().senders.main_number(), Some("+14155550101"));
    assert_refused(client.send(&[]), (400, 21606));
    client.sent(&[("From", "+14155550101")]);
    let path = format!("/2010-04-01/Accounts/{OTHER}/Messages/{sid}.json");
    assert_refused(client.product(Method::GET, &path, &[]), (404, 20404));
    assert_eq!((count(&mut client, ONE, TOKEN, ONE), count(&mut client, OTHER, TOKEN, OTHER)), (1, 1));
    for (user, account) in [(ONE, OTHER), (OTHER, ONE)] {
        let found = parts(client.request_as(user, TOKEN, Method::GET, &messages(account), &[]));
        assert_refused(found, (401, 20003));
        let account = format!("/2010-04-01/Accounts/{account}.json");
        let found =
            parts(client.request_as(user, TOKEN, Method::POST, &account, &[("FriendlyName", "Mine")]));
        assert_refused(found, (401, 20003));
    }
}

#[test]
fn products_without_an_account_in_their_path_belong_to_the_login() {
    let mut client = two();
    let (_, service) = client.product(Method::POST, "/v1/Services", &[("FriendlyName", "Shop")]);
    assert_eq!(service["account_sid"], ONE);
    let path = format!("/v1/Services/{}", service["sid"].as_str().unwrap());
    assert_eq!(client.product(Method::GET, &path, &[]).0, 200);
    client.account = OTHER.to_owned();
    assert_refused(client.product(Method::GET, &path, &[]), (404, 20404));
    assert_eq!(client.product(Method::GET, "/v1/Services", &[]).1["services"], serde_json::json!([]));
}

#[test]
fn a_subaccount_works_with_its_own_login_and_with_its_owners() {
    let mut client = two();
    let (sub, token) = subaccount(&mut client);
    assert_ne!(token, TOKEN);
    let form = [("To", TO), ("From", "+15005550006"), ("Body", "hello")];
    for (user, password) in [(ONE, TOKEN), (sub.as_str(), token.as_str())] {
        let (status, sent) = parts(client.request_as(user, password, Method::POST, &messages(&sub), &form));
        assert_eq!((status, &sent["account_sid"]), (201, &sub.as_str().into()));
        assert_refused(
            parts(client.request_as(OTHER, TOKEN, Method::POST, &messages(&sub), &form)),
            (401, 20003),
        );
    }
    assert_eq!((count(&mut client, &sub, &token, &sub), count(&mut client, ONE, TOKEN, ONE)), (2, 0));
    // Nor does a subaccount see its owner, or other accounts in the list.
    assert_refused(parts(client.request_as(&sub, &token, Method::GET, &messages(ONE), &[])), (401, 20003));
    let (_, page) = parts(client.request_as(&sub, &token, Method::GET, "/2010-04-01/Accounts.json", &[]));
    let sids: Vec<_> = page["accounts"].as_array().unwrap().iter().map(|account| &account["sid"]).collect();
    assert_eq!(sids, [&sub]);
    assert_eq!(page["accounts"][0]["owner_account_sid"], ONE);
}

#[test]
fn a_suspended_subaccount_is_refused_until_its_owner_activates_it() {
    let mut client = two();
    let (sub, token) = subaccount(&mut client);
    let path = format!("/2010-04-01/Accounts/{sub}.json");
    assert_refused(
        parts(client.request_as(&sub, &token, Method::POST, &path, &[("Status", "closed")])),
        (400, 20001),
    );
    assert_eq!(client.product(Method::POST, &path, &[("Status", "suspended")]).0, 200);
    assert_refused(parts(client.request_as(&sub, &token, Method::GET, &messages(&sub), &[])), (401, 20005));
    assert_eq!(client.product(Method::POST, &path, &[("Status", "active")]).0, 200);
    assert_eq!(count(&mut client, &sub, &token, &sub), 0);
}

#[test]
fn callbacks_are_signed_for_the_account_they_are_about() {
    let mut client = two();
    client.account = OTHER.to_owned();
    let sid = client.sent(&[("From", "+14155550101"), ("StatusCallback", "http://example.com/s")]);
    client.advance_seconds(1);
    let callback = client.engine.take_callbacks().remove(0);
    assert_eq!((callback.account.as_str(), callback.sid.as_str()), (OTHER, sid.as_str()));
    assert_eq!(value(&form(&callback.form.unwrap()), "AccountSid"), Some(OTHER));
}
