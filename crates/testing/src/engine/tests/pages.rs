//! Lists: pages that stay correct while rows are added and deleted, and filters.

use super::*;

fn bodies(page: &Value) -> Vec<String> {
    page["messages"].as_array().unwrap().iter().map(|m| m["body"].as_str().unwrap().to_owned()).collect()
}

/// Follows a link of a page.
fn follow(client: &mut TestClient, page: &Value, link: &str) -> Value {
    let account = format!("/2010-04-01/Accounts/{}", client.tenant().core.account_sid());
    let uri = page[link].as_str().unwrap().strip_prefix(&account).unwrap().to_owned();
    client.get(&uri).1
}

#[test]
fn pages_are_followed_in_both_directions() {
    let mut client = TestClient::default();
    for n in 0..5 {
        client.sent(&[("Body", &n.to_string())]);
    }
    let (_, first) = client.get("/Messages.json?PageSize=2");
    assert_eq!(bodies(&first), ["4", "3"]);
    let account = client.tenant().core.account_sid();
    let base = format!("/2010-04-01/Accounts/{account}/Messages.json?PageSize=2&Page=");
    assert_eq!(first["first_page_uri"], format!("{base}0"));
    assert_eq!(first["uri"], format!("{base}0"));
    assert_eq!(first["previous_page_uri"], Value::Null);
    assert!(first["next_page_uri"].as_str().unwrap().starts_with(&format!("{base}1&PageToken=PASM")));
    let numbers = |page: &Value| ["page", "page_size", "start", "end"].map(|key| page[key].as_u64().unwrap());
    assert_eq!(numbers(&first), [0, 2, 0, 1]);

    client.sent(&[("Body", "new")]);
    let second = follow(&mut client, &first, "next_page_uri");
    assert_eq!((bodies(&second), numbers(&second)), (vec!["2".into(), "1".into()], [1, 2, 2, 3]));
    let third = follow(&mut client, &second, "next_page_uri");
    assert_eq!((bodies(&third), numbers(&third)), (vec!["0".to_owned()], [2, 2, 4, 4]));
    assert_eq!(third["next_page_uri"], Value::Null);
    let back = follow(&mut client, &third, "previous_page_uri");
    assert_eq!(bodies(&back), bodies(&second));
    assert_eq!(bodies(&follow(&mut client, &back, "previous_page_uri")), ["4", "3"]);
}

#[test]
fn paging_continues_after_a_deleted_message() {
    let mut client = TestClient::default();
    let sids: Vec<_> = (0..3).map(|n| client.sent(&[("Body", &n.to_string())])).collect();
    client.advance_seconds(9);
    let (_, first) = client.get("/Messages.json?PageSize=1");
    assert_eq!(client.delete(&format!("/Messages/{}.json", sids[2])).0, 204);
    assert_eq!(bodies(&follow(&mut client, &first, "next_page_uri")), ["1"]);
}

#[test]
fn filters_apply_to_every_page() {
    let mut client = TestClient::default();
    for n in 0..4 {
        let to = if n % 2 == 0 { TO } else { "+14155559999" };
        client.sent(&[("Body", &n.to_string()), ("To", to)]);
    }
    let (_, first) = client.get("/Messages.json?To=%2B14155551234&PageSize=1");
    let second = follow(&mut client, &first, "next_page_uri");
    assert_eq!([bodies(&first), bodies(&second)], [["2"], ["0"]]);
    assert_eq!(second["next_page_uri"], Value::Null);
    assert!(bodies(&client.get("/Messages.json?From=%2B14155559999").1).is_empty());
}

#[test]
fn dates_are_filtered_to_the_day() {
    let mut client = TestClient::default();
    client.sent(&[("Body", "monday")]);
    client.advance_seconds(24 * 3600);
    client.sent(&[("Body", "tuesday")]);
    let cases: [(&str, &[&str]); 5] = [
        ("DateSent=2026-01-05", &["monday"]),
        ("DateSent%3E=2026-01-06", &["tuesday"]),
        ("DateSent%3C=2026-01-06", &["tuesday", "monday"]),
        ("DateSent%3C=2026-01-05T09:00:02Z", &["monday"]),
        ("DateSent%3E=2026-01-07", &[]),
    ];
    for (query, expected) in cases {
        assert_eq!(bodies(&client.get(&format!("/Messages.json?{query}")).1), expected, "{query}");
    }
    assert_refused(client.get("/Messages.json?DateSent=today"), (400, 20001));
}

#[test]
fn a_page_has_its_limits() {
    let mut client = TestClient::default();
    for _ in 0..51 {
        client.sent(&[]);
    }
    let (_, page) = client.get("/Messages.json");
    assert_eq!((bodies(&page).len(), &page["page_size"]), (50, &50.into()));
    assert_refused(client.get("/Messages.json?PageSize=1001"), (400, 20007));
    assert_refused(client.get("/Messages.json?PageSize=0"), (400, 20001));
    assert_refused(client.get("/Messages.json?PageToken=nonsense"), (400, 20001));
    let (_, alone) = client.get("/Messages.json?Page=3&PageSize=1000");
    assert_eq!((bodies(&alone).len(), &alone["page"]), (51, &0.into()));
}

#[test]
fn lists_contain_new_messages_and_calls_after_the_lag() {
    let mut client = TestClient::default();
    let listed = |client: &mut TestClient| {
        let rows = |page: Value, key: &str| page[key].as_array().unwrap().len();
        (rows(client.get("/Messages.json").1, "messages"), rows(client.get("/Calls.json").1, "calls"))
    };
    client.sent(&[]);
    client.tenant().core.set_list_lag(Duration::from_secs(60));
    let sid = client.sent(&[]);
    client.called(&[]);
    assert_eq!(client.message(&sid)["sid"], sid, "a fetch finds it immediately");
    client.advance_seconds(59);
    assert_eq!(listed(&mut client), (1, 0));
    client.advance_seconds(1);
    assert_eq!(listed(&mut client), (2, 1));
    client.tenant().core.set_list_lag(Duration::MAX);
    client.sent(&[]);
    client.advance_seconds(1_000_000);
    assert_eq!(listed(&mut client), (2, 1));
}
