//! What people have already is met as values.

use serde_json::{Value, json};

use crate::site::Site;

fn fixture(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[tokio::test]
async fn the_card_is_the_one_that_dashboards_show() {
    let site = Site::start().await;
    let answer = site.get("/api/providers", "blue ada view").await;
    let mut card = answer.body[0].clone();
    let wanted = fixture(include_str!("../fixtures/provider-card-twilio.json"));
    let more = card.as_object_mut().unwrap();
    assert!(more.remove("advanced").unwrap().as_array().unwrap().len() > 1);
    more.retain(|name, _| wanted.get(name).is_some());
    // Ours are not required: an API key can replace the token, and a messaging service the number.
    for card in [&mut card, &mut wanted.clone()] {
        assert_eq!(card["fields"].as_array().unwrap().len(), 3);
    }
    for (ours, theirs) in card["fields"].as_array().unwrap().iter().zip(wanted["fields"].as_array().unwrap())
    {
        for name in ["key", "label", "type", "placeholder", "helpText"] {
            assert_eq!(ours.get(name), theirs.get(name), "{name}");
        }
    }
    for name in ["name", "displayName", "description", "icon"] {
        assert_eq!(card[name], wanted[name], "{name}");
    }
}

#[tokio::test]
async fn the_widget_is_the_one_that_dashboards_have() {
    let site = Site::start().await;
    let answer = site.get("/api/widgets/twilio-send-sms", "blue ada view").await;
    assert_eq!(answer.body, fixture(include_str!("../fixtures/widget-twilio-send-sms.json")));
    let registry = site.get("/api/widgets", "blue ada view").await.body;
    assert_eq!(
        registry["twilio-send-sms"],
        json!({
            "type": "twilio-send-sms", "version": 1, "name": "Send SMS",
            "description": "Send SMS messages via Twilio", "defaultConfig": {}
        })
    );
    assert_eq!(site.get("/api/widgets/nothing", "blue ada view").await.status, 404);
}
