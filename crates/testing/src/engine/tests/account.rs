//! The account: subaccounts, balance, usage, prices, alerts.

use super::*;

fn asked(client: &mut TestClient, path: &str) -> Value {
    let (status, body) = client.product(Method::GET, path, &[]);
    assert_eq!(status, 200, "{path}: {body}");
    body
}

#[test]
fn subaccounts_are_created_suspended_and_closed() {
    let mut client = TestClient::default();
    let all = "/2010-04-01/Accounts.json";
    let (status, sub) = client.product(Method::POST, all, &[("FriendlyName", "Shop")]);
    assert_eq!((status, &sub["status"], &sub["friendly_name"]), (201, &"active".into(), &"Shop".into()));
    assert_eq!(sub["owner_account_sid"], client.tenant().core.account_sid());
    let path = format!("/2010-04-01/Accounts/{}.json", sub["sid"].as_str().unwrap());
    assert_eq!(asked(&mut client, &path), sub);
    for status in ["suspended", "active", "closed"] {
        assert_eq!(client.product(Method::POST, &path, &[("Status", status)]).1["status"], status);
    }
    assert_refused(client.product(Method::POST, &path, &[("Status", "active")]), (400, 20001));
    assert_refused(client.product(Method::POST, &path, &[("Status", "gone")]), (400, 20001));
    assert_refused(client.post(".json", &[("Status", "closed")]), (400, 20001));
    assert_eq!(client.post(".json", &[("FriendlyName", "Me")]).1["friendly_name"], "Me");
    let count = |page: Value| page["accounts"].as_array().unwrap().len();
    assert_eq!(count(asked(&mut client, all)), 2);
    assert_eq!(count(asked(&mut client, &format!("{all}?Status=closed"))), 1);
    assert_eq!(count(asked(&mut client, &format!("{all}?FriendlyName=Me"))), 1);
}

#[test]
fn the_balance_falls_as_things_are_billed() {
    let mut client = TestClient::default();
    let balance =
        |client: &mut TestClient| client.get("/Balance.json").1["balance"].as_str().unwrap().to_owned();
    assert_eq!(balance(&mut client), "100.00000");
    let sid = client.sent(&[]);
    assert_eq!(balance(&mut client), "100.00000");
    client.tenant().messaging().deliver(&sid);
    assert_eq!(balance(&mut client), "99.99210");
    let call = client.called(&[]);
    client.tenant().calling().complete(&call);
    assert_eq!(balance(&mut client), "99.97810");
    client.post("/IncomingPhoneNumbers.json", &[("AreaCode", "212")]);
    assert_eq!(client.get("/Balance.json").1["currency"], "USD");
    assert_eq!(balance(&mut client), "98.82810");
}

#[test]
fn usage_is_calculated_from_the_bills() {
    let mut client = TestClient::default();
    for body in ["hello", "hello", &"x".repeat(161)] {
        let sid = client.sent(&[("Body", body)]);
        client.tenant().messaging().deliver(&sid);
    }
    client.advance_seconds(24 * 3600);
    let sid = client.sent(&[]);
    client.tenant().messaging().deliver(&sid);
    let of = |client: &mut TestClient, rest: &str| {
        let (_, page) = client.get(&format!("/Usage/Records{rest}"));
        let row = |row: &Value| {
            ["start_date", "end_date", "count", "usage", "price"]
                .map(|key| row[key].as_str().unwrap_or("-").to_owned())
                .join(" ")
        };
        page["usage_records"].as_array().unwrap().iter().map(row).collect::<Vec<_>>()
    };
    let whole = ["2026-01-05 2026-01-06 4 5 0.03950"];
    assert_eq!(of(&mut client, ".json?Category=sms"), whole);
    assert_eq!(of(&mut client, "/AllTime.json?Category=sms-outbound"), whole);
    assert_eq!(of(&mut client, "/Yearly.json?Category=sms"), whole);
    let days = ["2026-01-06 2026-01-06 1 1 0.00790", "2026-01-05 2026-01-05 3 4 0.03160"];
    assert_eq!(of(&mut client, "/Daily.json?Category=sms"), days);
    assert_eq!(of(&mut client, "/Today.json?Category=sms"), days[..1]);
    assert_eq!(of(&mut client, "/Yesterday.json?Category=sms"), days[1..]);
    assert_eq!(of(&mut client, ".json?Category=sms&EndDate=2026-01-05"), days[1..]);
    assert_eq!(
        of(&mut client, "/Today.json?Category=totalprice"),
        ["2026-01-06 2026-01-06 - 0.00790 0.00790"]
    );
    assert_eq!(of(&mut client, ".json?Category=calls"), ["2026-01-05 2026-01-06 0 0 0.00000"]);
    assert_eq!(of(&mut client, ".json?Category=nothing"), [""; 0]);
    let (_, page) = client.get("/Usage/Records.json");
    let words: Vec<_> =
        page["usage_records"].as_array().unwrap().iter().map(|row| &row["category"]).collect();
    assert!(words.len() > 10 && words[0] == "authy-authentications", "{words:?}");
    assert_refused(client.get("/Usage/Records.json?StartDate=soon"), (400, 20001));
    assert_refused(client.get("/Usage/Records/Weekly.json"), (404, 20404));
}

#[test]
fn prices_are_listed_and_fetched_by_country() {
    let mut client = TestClient::default();
    for product in ["/v1/Messaging", "/v1/Voice", "/v2/Voice", "/v1/PhoneNumbers"] {
        let page = asked(&mut client, &format!("{product}/Countries?PageSize=2"));
        assert_eq!(
            (&page["countries"][0]["iso_country"], &page["meta"]["key"]),
            (&"AU".into(), &"countries".into())
        );
        assert!(page["meta"]["next_page_url"].is_string());
        let us = asked(&mut client, &format!("{product}/Countries/us"));
        assert_eq!((&us["country"], &us["price_unit"]), (&"United States".into(), &"USD".into()));
        assert_refused(client.product(Method::GET, &format!("{product}/Countries/ZZ"), &[]), (404, 20404));
    }
    let sms = asked(&mut client, "/v1/Messaging/Countries/US");
    let price = &sms["outbound_sms_prices"][0]["prices"][0];
    assert_eq!((&price["current_price"], &price["number_type"]), (&"0.00790".into(), &"local".into()));
    let voice = |version, client: &mut TestClient| asked(client, &format!("/{version}/Voice/Countries/GB"));
    assert_eq!(voice("v1", &mut client)["outbound_prefix_prices"][0]["prefixes"][0], "44");
    assert_eq!(voice("v2", &mut client)["outbound_prefix_prices"][0]["destination_prefixes"][0], "44");
    let call = asked(&mut client, "/v2/Voice/Numbers/%2B447700900123?OriginationNumber=%2B14155550100");
    assert_eq!((&call["iso_country"], &call["origination_number"]), (&"GB".into(), &FROM.into()));
    assert_eq!(call["inbound_call_price"]["base_price"], Value::Null);
    let numbers = asked(&mut client, "/v1/PhoneNumbers/Countries/US");
    let types: Vec<_> =
        numbers["phone_number_prices"].as_array().unwrap().iter().map(|p| &p["number_type"]).collect();
    assert_eq!(types, ["local", "toll free"]);
}

#[test]
fn alerts_are_listed_by_level_and_time() {
    let mut client = TestClient::default();
    let old = client.tenant().core.add_alert(30007);
    client.advance_seconds(24 * 3600);
    client.tenant().core.callback_failed("SM1", "POST", "http://example.com/s", "500");
    let codes = |client: &mut TestClient, query: &str| {
        let page = asked(client, &format!("/v1/Alerts{query}"));
        let row = |row: &Value| row["error_code"].as_str().unwrap().to_owned();
        page["alerts"].as_array().unwrap().iter().map(row).collect::<Vec<_>>()
    };
    assert_eq!(codes(&mut client, ""), ["11200", "30007"]);
    assert_eq!(codes(&mut client, "?LogLevel=error&StartDate=2026-01-06"), ["11200"]);
    assert_eq!(codes(&mut client, "?EndDate=2026-01-05"), ["30007"]);
    assert_eq!(codes(&mut client, "?StartDate=2026-01-05T09:00:00Z&EndDate=2026-01-05T09:00:00Z"), ["30007"]);
    assert_eq!(codes(&mut client, "?LogLevel=debug"), [""; 0]);
    assert_refused(client.product(Method::GET, "/v1/Alerts?LogLevel=loud", &[]), (400, 20001));
    let one = asked(&mut client, &format!("/v1/Alerts/{old}"));
    assert_eq!((&one["sid"], &one["request_variables"]), (&old.as_str().into(), &"".into()));
    assert_eq!(asked(&mut client, "/v1/Alerts")["alerts"][0]["resource_sid"], "SM1");
    assert_refused(client.product(Method::GET, "/v1/Alerts/NO1", &[]), (404, 20404));
}
