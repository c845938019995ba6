//! The rules of a policy on messages that wait, that come with plain SQL, and that are enqueued.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use switchboard::provider::Outgoing;
use switchboard::sms::Templates;
use switchboard_outbox::campaign::{Recipient, Recipients};
use switchboard_outbox::policy::{Emergency, Policy, Purpose, QuietHours, TextRules};
use switchboard_outbox::{Enqueue, OutboxError, State};
use switchboard_testing::FakeTwilio;

use crate::database::{TestDatabase, on_both};
use crate::setup::{TO, account, quick, text, until};

/// A zone in which it is this hour now.
fn zone_at(hour: i8) -> String {
    let zones = (-14..=12).map(|west| format!("Etc/GMT{west:+}"));
    let is = |zone: &String| Timestamp::now().to_zoned(TimeZone::get(zone).unwrap()).hour() == hour;
    zones.map(|zone| if zone == "Etc/GMT+0" { "Etc/GMT".to_owned() } else { zone }).find(is).unwrap()
}

fn marketing(key: &str, message: Outgoing, zone: String) -> Enqueue {
    Enqueue::new(key, message).purpose(Purpose::Marketing).zone(zone)
}

async fn marketing_waits_for_the_morning_of_the_recipient(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let policy = Policy::new().quiet_hours(QuietHours::us());
    let outbox = database.outbox().await.with_policy(policy);
    let worker =
        outbox.worker(account(&fake)).timing(quick()).rate(fake.phone_number(), 1e6).spawn().await.unwrap();
    let (night, noon) = (zone_at(3), zone_at(12));
    let messages = [
        marketing("night", text("Sale"), night.clone()),
        marketing("noon", text("Sale!"), noon),
        Enqueue::new("code", text("1234 is your code")).zone(night),
    ];
    outbox.enqueue_all(messages).await.unwrap();
    for key in ["noon", "code"] {
        assert!(matches!(outbox.wait(key).await.unwrap().state, State::Accepted { .. }), "{key}");
    }
    until("it is put off", async || outbox.get("night").await.unwrap().at > Timestamp::now()).await;
    let waits = outbox.get("night").await.unwrap();
    assert_eq!(waits.state, State::Ready);
    let hours = waits.at.duration_since(Timestamp::now()).as_hours();
    assert!((4..=5).contains(&hours), "8 o'clock is in {hours} hours");
    assert_eq!(fake.sent().len(), 2);
    let mut events = outbox.events("test").await.unwrap();
    let deferred = loop {
        let event = events.next().await.unwrap();
        if event.topic == "deferred" {
            break event;
        }
    };
    assert_eq!((deferred.detail["rule"].as_str(), deferred.message), (Some("quiet-hours"), Some(waits.id)));
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn a_text_that_is_filtered_is_refused_also_from_plain_sql(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let outbox = database.outbox().await.with_policy(Policy::new().text_rules(TextRules::standard()));
    let bad = || text("Your table is ready: https://bit.ly/3xYz");
    let refused = outbox.enqueue("bad", bad()).await.unwrap_err();
    assert!(
        matches!(&refused, OutboxError::Blocked { because, .. } if because.rule == "text/shortener"),
        "{refused}"
    );
    assert!(!refused.to_string().contains("table"), "{refused}");
    let mut events = outbox.events("audit").await.unwrap();
    let logged = events.next().await.unwrap();
    assert_eq!((logged.topic.as_str(), logged.message), ("refused", None));
    assert_eq!(logged.detail["rule"], "text/shortener");
    assert!(logged.detail["version"].is_string() && logged.detail["reason"].is_string());
    let to = logged.detail["to"].as_str().unwrap();
    assert!(to.ends_with("1234") && !to.contains("415"), "{to}");
    drop(events);
    let by_hand = serde_json::to_vec(&Enqueue::new("sql", bad()).tenant("t")).unwrap();
    database.enqueue(&by_hand).await.unwrap();
    let by_row = |key: &str, message: Outgoing| Enqueue::new(key, message).row().unwrap();
    database.enqueue(by_row("row", text("Call us: https://bit.ly/3xYz")).as_bytes()).await.unwrap();
    database.enqueue(by_row("good", text("Your table is ready")).as_bytes()).await.unwrap();
    let accounts = account(&fake);
    let worker =
        outbox.worker(accounts).timing(quick()).rate(fake.phone_number(), 1e6).spawn().await.unwrap();
    let blocked = outbox.wait(("t", "sql")).await.unwrap();
    assert_eq!(blocked.state, State::Blocked);
    assert_eq!(outbox.wait("row").await.unwrap().state, State::Blocked);
    assert!(blocked.error.unwrap().to_string().contains("short"));
    assert!(matches!(outbox.wait("good").await.unwrap().state, State::Accepted { .. }));
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn a_warning_is_logged_and_refuses_nothing(database: &TestDatabase) {
    let outbox = database.outbox().await.with_policy(Policy::new().text_rules(TextRules::standard()));
    let sale = || Enqueue::new("sale", text("20 % off boots today")).purpose(Purpose::Marketing);
    let sold = outbox.enqueue_all([sale()]).await.unwrap();
    outbox.enqueue_all([sale()]).await.unwrap();
    outbox.enqueue("code", text("1234 is your code")).await.unwrap();
    let list = Recipients::rows((0..1_200).map(|n| Recipient::new(format!("+1415555{:04}", n))));
    let templates = Templates::new().add("sale", "20 % off boots today").unwrap();
    let draft = || outbox.campaign("boots").text(&templates, "sale").unwrap();
    let imported = draft().start(list).await.unwrap().finished().await.unwrap();
    assert_eq!(imported.warnings.get("text/opt-out"), Some(&1_200));
    let plan = draft().plan(Recipients::rows([Recipient::new("+14155551234")])).await.unwrap();
    assert!(plan.to_string().contains("text/opt-out warns of 1"), "{plan}");
    outbox.enqueue_all([sale().tenant("last")]).await.unwrap();

    let mut events = outbox.events("audit").await.unwrap();
    let mut warned = Vec::new();
    while warned.len() < 3 {
        let event = events.next().await.unwrap();
        if event.topic == "warned" {
            assert_eq!(event.detail["rule"], "text/opt-out");
            assert!(event.detail["version"].is_string());
            assert!(event.detail["reason"].as_str().unwrap().contains("Reply STOP"));
            warned.push((event.message, event.detail["campaign"].as_str().map(str::to_owned)));
        }
    }
    assert_eq!(warned[0], (Some(sold[0].id()), None));
    assert_eq!(warned[1], (None, Some("boots".to_owned())), "once for all messages of the campaign");
    assert!(warned[2].0.is_some(), "the message that was enqueued again is not logged again");
}

/// What was allowed was allowed by the rules that the last event `policy` names.
async fn a_worker_logs_the_rules_that_it_asks(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let outbox = database.outbox().await;
    let policy = Policy::new().quiet_hours(QuietHours::us()).text_rules(TextRules::standard());
    for outbox in [outbox.clone(), outbox.clone().with_policy(policy)] {
        let worker = outbox.worker(account(&fake)).timing(quick()).spawn().await.unwrap();
        worker.shutdown(Duration::from_secs(5)).await.unwrap();
    }
    let first = outbox.events("audit").await.unwrap().next().await.unwrap();
    assert_eq!(first.topic, "policy", "a worker without rules logs nothing");
    let rules: Vec<&str> =
        first.detail["rules"].as_array().unwrap().iter().map(|rule| rule["rule"].as_str().unwrap()).collect();
    assert_eq!(rules, ["consent", "quiet-hours", "text"]);
    assert_eq!(first.detail["rules"][1]["version"], QuietHours::us().version());
}

async fn a_recipient_without_any_window_is_refused_at_once(database: &TestDatabase) {
    let policy = Policy::new().quiet_hours(QuietHours::standard());
    let outbox = database.outbox().await.with_policy(policy);
    let satellite = Enqueue::new("sat", Outgoing::text("+881612345678", "Sale")).purpose(Purpose::Marketing);
    let refused = outbox.enqueue_all([satellite]).await.unwrap_err();
    assert!(
        matches!(&refused, OutboxError::Blocked { because, .. } if because.rule == "quiet-hours"),
        "{refused}"
    );
    let wrong = Enqueue::new("zone", Outgoing::text(TO, "Sale")).zone("Moon/Base");
    assert!(matches!(outbox.enqueue_all([wrong]).await, Err(OutboxError::Invalid(_))));
}

async fn an_emergency_passes_quiet_hours_as_often_as_the_policy_allows(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let policy = Policy::new().quiet_hours(QuietHours::us());
    let strict = database.outbox().await.with_policy(policy.clone());
    let night = zone_at(3);
    let alarm = |key: &str| {
        let emergency = Emergency::new("ada", "flood");
        marketing(key, text(&format!("Leave now, {key}")), night.clone()).emergency(emergency)
    };
    let refused = strict.enqueue_all([alarm("none")]).await.unwrap_err();
    assert!(refused.to_string().contains("allows no emergencies"), "{refused}");
    let nameless = marketing("nameless", text("!"), night.clone()).emergency(Emergency::new(" ", "flood"));
    assert!(matches!(strict.enqueue_all([nameless]).await, Err(OutboxError::Invalid(_))));
    assert!(alarm("sql").row().is_err(), "plain SQL has no emergencies");

    let outbox = database.outbox().await.with_policy(policy.emergencies(2));
    let worker =
        outbox.worker(account(&fake)).timing(quick()).rate(fake.phone_number(), 1e6).spawn().await.unwrap();
    for key in ["first", "second"] {
        outbox.enqueue_all([alarm(key)]).await.unwrap();
        assert!(matches!(outbox.wait(key).await.unwrap().state, State::Accepted { .. }), "{key}");
    }
    outbox.enqueue_all([alarm("third")]).await.unwrap();
    until("the third waits", async || {
        outbox.get("third").await.unwrap().at > Timestamp::now() + Duration::from_secs(1)
    })
    .await;
    assert_eq!(fake.sent().len(), 2);
    let mut events = outbox.events("test").await.unwrap();
    // Before it, the one that the strict policy refused.
    assert_eq!(events.next().await.unwrap().topic, "refused");
    assert_eq!(events.next().await.unwrap().topic, "policy");
    let first = events.next().await.unwrap();
    assert_eq!((first.topic.as_str(), first.actor.as_deref()), ("emergency", Some("ada")));
    assert_eq!(first.detail["reason"], "flood");
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

on_both! {
    an_emergency_passes_quiet_hours_as_often_as_the_policy_allows,
    marketing_waits_for_the_morning_of_the_recipient,
    a_text_that_is_filtered_is_refused_also_from_plain_sql,
    a_warning_is_logged_and_refuses_nothing,
    a_worker_logs_the_rules_that_it_asks,
    a_recipient_without_any_window_is_refused_at_once,
}
