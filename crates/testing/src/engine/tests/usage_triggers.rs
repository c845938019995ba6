//! Usage triggers: kept, and fired by the bills.

use super::*;

const URL: &str = "http://example.com/usage";

fn trigger(client: &mut TestClient, category: &str, value: &str, more: &[(&str, &str)]) -> String {
    let mut form = vec![("UsageCategory", category), ("TriggerValue", value), ("CallbackUrl", URL)];
    form.extend(more);
    let (status, made) = client.post("/Usage/Triggers.json", &form);
    assert_eq!(status, 201, "{made}");
    made["sid"].as_str().unwrap().to_owned()
}

fn send(client: &mut TestClient) {
    let sid = client.sent(&[]);
    client.tenant().messaging().deliver(&sid);
}

/// The callbacks of triggers since the last time: their SIDs.
fn fired(client: &mut TestClient) -> Vec<String> {
    client.engine.take_callbacks().into_iter().map(|callback| callback.sid).collect()
}

#[test]
fn a_trigger_fires_once_when_its_value_is_reached() {
    let mut client = TestClient::default();
    let sid = trigger(&mut client, "sms-outbound", "2", &[("TriggerBy", "count")]);
    send(&mut client);
    assert_eq!(fired(&mut client), [""; 0]);
    send(&mut client);
    let callback = client.engine.take_callbacks().remove(0);
    let params = form(&callback.form.unwrap());
    let expected = [
        ("UsageTriggerSid", sid.as_str()),
        ("TriggerValue", "2"),
        ("CurrentValue", "2"),
        ("TriggerBy", "count"),
    ];
    for (key, expected) in expected {
        assert_eq!(value(&params, key), Some(expected), "{key}");
    }
    assert_eq!((callback.endpoint.as_str(), callback.signature.is_empty()), (URL, false));
    send(&mut client);
    assert_eq!(fired(&mut client), [""; 0]);
    let (_, kept) = client.get(&format!("/Usage/Triggers/{sid}.json"));
    assert_eq!((&kept["current_value"], kept["date_fired"].is_string()), (&"3".into(), true));
}

#[test]
fn a_recurring_trigger_fires_once_in_each_period_and_prices_are_exact() {
    let mut client = TestClient::default();
    let daily = [("TriggerBy", "price"), ("Recurring", "daily")];
    let sid = trigger(&mut client, "totalprice", "0.0079", &daily);
    for _ in 0..3 {
        send(&mut client);
        send(&mut client);
        assert_eq!(fired(&mut client), [sid.as_str()]);
        client.advance_seconds(24 * 3600);
    }
    let exact = trigger(&mut client, "sms", "0.04741", &[("TriggerBy", "price")]);
    assert_eq!(fired(&mut client), [""; 0], "six texts cost 0.04740");
    send(&mut client);
    assert_eq!(fired(&mut client), [sid, exact]);
}

#[test]
fn a_value_with_a_plus_counts_from_now() {
    let mut client = TestClient::default();
    send(&mut client);
    let sid = trigger(&mut client, "sms", "+1", &[("CallbackMethod", "GET")]);
    let (_, made) = client.get(&format!("/Usage/Triggers/{sid}.json"));
    assert_eq!((&made["trigger_value"], &made["current_value"]), (&"2".into(), &"1".into()));
    assert_eq!(fired(&mut client), [""; 0]);
    send(&mut client);
    assert_eq!(client.engine.take_callbacks().remove(0).method(), "GET");
}

#[test]
fn triggers_are_listed_changed_and_deleted_and_bad_ones_are_refused() {
    let mut client = TestClient::default();
    let sid = trigger(&mut client, "sms", "10", &[("Recurring", "yearly"), ("FriendlyName", "a")]);
    trigger(&mut client, "calls", "10", &[]);
    let count = |client: &mut TestClient, query: &str| {
        let (_, page) = client.get(&format!("/Usage/Triggers.json{query}"));
        page["usage_triggers"].as_array().unwrap().len()
    };
    for (query, expected) in
        [("", 2), ("?UsageCategory=sms", 1), ("?Recurring=alltime", 1), ("?TriggerBy=price", 0)]
    {
        assert_eq!(count(&mut client, query), expected, "{query}");
    }
    let one = format!("/Usage/Triggers/{sid}.json");
    let (_, changed) = client.post(&one, &[("FriendlyName", "b"), ("Recurring", "daily")]);
    assert_eq!((&changed["friendly_name"], &changed["recurring"]), (&"b".into(), &"yearly".into()));
    assert_eq!(client.delete(&one).0, 204);
    assert_refused(client.get(&one), (404, 20404));
    let good = [("UsageCategory", "sms"), ("TriggerValue", "1"), ("CallbackUrl", URL)];
    for bad in [
        ("UsageCategory", ""),
        ("UsageCategory", "S M S"),
        ("TriggerValue", "-1"),
        ("TriggerValue", "0"),
        ("CallbackUrl", "nowhere"),
        ("TriggerBy", "weight"),
        ("Recurring", "hourly"),
    ] {
        let mut form = good.to_vec();
        form.retain(|(key, _)| *key != bad.0);
        form.push(bad);
        assert_refused(client.post("/Usage/Triggers.json", &form), (400, 20001));
    }
}
