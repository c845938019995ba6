//! What the policy says about a message without enqueuing it, and that this is what becomes of it.

use std::time::Duration;

use jiff::Timestamp;
use switchboard::provider::{Outgoing, OutgoingCall};
use switchboard::sms::{Encoding, PriceList};
use switchboard_outbox::policy::{
    Budget, ConsentRecord, ConsentScope, Decision, Emergency, Policy, Purpose, QuietHours, Severity,
    TextRules, Velocity,
};
use switchboard_outbox::{Enqueue, Outbox, OutboxError, Person, Preview, State};
use switchboard_testing::FakeTwilio;

use crate::database::{TestDatabase, on_both};
use crate::setup::{TO, account, quick};

const DAY: Duration = Duration::from_secs(24 * 3_600);

fn text(to: &str, text: &str) -> Enqueue {
    Enqueue::new("a key", Outgoing::text(to, text))
}

fn prices() -> PriceList {
    let mut prices = PriceList::new("USD");
    prices.set("US", "local", "0.0083".parse().unwrap());
    prices
}

async fn preview<'o>(outbox: &'o Outbox, message: &Enqueue) -> Preview<'o> {
    outbox.preview(message, None).await.unwrap()
}

fn blocked_by(preview: &Preview<'_>) -> String {
    match &preview.decision {
        Decision::Block { because } => because.rule.clone(),
        other => panic!("{other:?}"),
    }
}

fn deferred_by(preview: &Preview<'_>) -> (Timestamp, String) {
    match &preview.decision {
        Decision::Defer { until, because } => (*until, because.rule.clone()),
        other => panic!("{other:?}"),
    }
}

async fn every_rule_is_asked(database: &TestDatabase) {
    let policy = Policy::new()
        .countries(["US"])
        .unwrap()
        .quiet_hours(QuietHours::us())
        .text_rules(TextRules::standard())
        .require_consent(Purpose::Marketing)
        .emergencies(0);
    let outbox = database.outbox().await.with_policy(policy);
    assert_eq!(preview(&outbox, &text(TO, "Your table is ready")).await.decision, Decision::Allow);
    assert_eq!(blocked_by(&preview(&outbox, &text("+442071234567", "Hi")).await), "countries");
    let short = preview(&outbox, &text(TO, "See https://bit.ly/3xYz")).await;
    assert_eq!(blocked_by(&short), "text/shortener");
    assert!(short.findings.unwrap().blocks());
    let advert = text(TO, "Everything must go").purpose(Purpose::Marketing);
    assert_eq!(blocked_by(&preview(&outbox, &advert).await), "consent");
    let at = Timestamp::now() - DAY;
    let consent = ConsentRecord::opted_in(TO, ConsentScope::Everything, at);
    outbox.record_consent(consent, "ada").await.unwrap();
    // 03:00 in California, tomorrow at the earliest.
    let night = "2031-01-15T11:00:00Z".parse().unwrap();
    let (until, rule) = deferred_by(&preview(&outbox, &advert.clone().due(night)).await);
    assert_eq!((until.to_string().as_str(), rule.as_str()), ("2031-01-15T16:00:00Z", "quiet-hours"));
    let noon = "2031-01-15T20:00:00Z".parse().unwrap();
    assert_eq!(preview(&outbox, &advert.clone().due(noon)).await.decision, Decision::Allow);
    let flood = advert.clone().due(night).emergency(Emergency::new("ada", "flood"));
    assert_eq!(deferred_by(&preview(&outbox, &flood).await).1, "budget", "none is left today");
    outbox
        .record_consent(ConsentRecord::opted_out(TO, ConsentScope::Everything, Timestamp::now()), "ada")
        .await
        .unwrap();
    assert_eq!(blocked_by(&preview(&outbox, &text(TO, "Hi")).await), "consent");
    outbox.forget(&Person::new("+14155559999"), "ada").await.unwrap();
    assert_eq!(blocked_by(&preview(&outbox, &text("+14155559999", "Hi")).await), "forgotten");
    let invalid = outbox.preview(&text(TO, ""), None).await.unwrap_err();
    assert!(matches!(invalid, OutboxError::Invalid(_)), "{invalid}");
    let counts = outbox.counts().await.unwrap();
    assert_eq!(counts.ready + counts.blocked, 0, "nothing was enqueued");
    assert_eq!(
        database.text("SELECT CAST(count(*) AS TEXT) FROM {t}queue").await,
        "0",
        "nothing was written"
    );
}

async fn what_was_sent_and_spent_counts(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let person = Velocity::per_recipient(1, DAY).unwrap().every_purpose();
    let budget = || Budget::messages("two", 2).unwrap().per_day("UTC").unwrap();
    let outbox = database.outbox().await.with_policy(Policy::new().velocity(person).budget(budget()));
    let worker =
        outbox.worker(account(&fake)).timing(quick()).rate(fake.phone_number(), 1e6).spawn().await.unwrap();
    assert_eq!(preview(&outbox, &text(TO, "one")).await.decision, Decision::Allow);
    let sent = Timestamp::now();
    outbox.enqueue("one", Outgoing::text(TO, "one")).await.unwrap();
    assert!(matches!(outbox.wait("one").await.unwrap().state, State::Accepted { .. }));
    let (until, rule) = deferred_by(&preview(&outbox, &text(TO, "two")).await);
    assert_eq!(rule, "velocity/recipient");
    assert!(until >= sent + DAY && until < Timestamp::now() + DAY + quick().begin, "{until}");
    // This is what becomes of it.
    outbox.enqueue("two", Outgoing::text(TO, "two")).await.unwrap();
    crate::setup::until("it waits", async || outbox.get("two").await.unwrap().at == until).await;
    let other = "+14155550199";
    assert_eq!(preview(&outbox, &text(other, "two")).await.decision, Decision::Allow);
    let blocks = Policy::new().velocity(Velocity::per_recipient(1, DAY).unwrap().every_purpose().block());
    let stricter = outbox.clone().with_policy(blocks);
    assert_eq!(blocked_by(&preview(&stricter, &text(TO, "two")).await), "velocity/recipient");
    assert_eq!(
        preview(&stricter, &text(TO, "two").due(until)).await.decision,
        Decision::Allow,
        "it may then"
    );
    outbox.enqueue("other", Outgoing::text(other, "two")).await.unwrap();
    assert!(matches!(outbox.wait("other").await.unwrap().state, State::Accepted { .. }));
    let (until, rule) = deferred_by(&preview(&outbox, &text("+14155550101", "three")).await);
    assert_eq!(rule, "budget");
    assert!(until > Timestamp::now() && until < Timestamp::now() + DAY, "{until}");
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn segments_and_cost_are_shown(database: &TestDatabase) {
    let spend = Budget::cost("spend", "5".parse().unwrap(), prices()).unwrap();
    let policy =
        Policy::new().budget(spend).text_rules(TextRules::standard().warn("text/shortener").unwrap());
    let outbox = database.outbox().await.with_policy(policy);
    let curly = text(TO, &"It’s ready. ".repeat(10));
    let shown = preview(&outbox, &curly).await;
    let part = shown.text.clone().unwrap();
    assert_eq!((part.segments, part.encoding), (2, Encoding::Ucs2));
    let found = part.non_gsm.unwrap();
    assert_eq!(
        (found.character.as_str(), found.index, found.instead.as_deref(), found.saves),
        ("’", 2, Some("'"), 1)
    );
    assert_eq!(shown.cost.as_ref().unwrap().total.to_string(), "0.0166");
    let json = serde_json::to_value(&shown).unwrap();
    assert_eq!(json["decision"], "allow");
    assert_eq!(json["text"]["encoding"], "ucs2");
    assert_eq!(json["text"]["nonGsm"]["instead"], "'");
    assert_eq!(json["cost"]["total"], "0.0166");
    let mut other = PriceList::new("EUR");
    other.set("US", "local", "0.01".parse().unwrap());
    let shown = outbox.preview(&curly, Some(&other)).await.unwrap();
    assert_eq!(shown.cost.unwrap().total.to_string(), "0.02");
    let plain = preview(&outbox, &text(TO, "Ready")).await;
    assert_eq!(plain.text.unwrap().encoding, Encoding::Gsm7);
    let short = preview(&outbox, &text(TO, "Your table is ready: https://bit.ly/3xYz")).await;
    assert_eq!(short.decision, Decision::Allow);
    let warned = short.findings.unwrap();
    assert!(
        warned.iter().all(|finding| finding.severity == Severity::Warn) && !warned.is_empty(),
        "{warned:?}"
    );
    let no_cost = database.outbox().await;
    let call = Enqueue::new("call", OutgoingCall::say(TO, "Your table is ready"));
    let call = no_cost.preview(&call, Some(&other)).await.unwrap();
    assert!(call.text.is_none() && call.cost.is_none() && call.findings.is_none());
    assert!(no_cost.preview(&curly, None).await.unwrap().cost.is_none());
}

on_both! {
    every_rule_is_asked,
    what_was_sent_and_spent_counts,
    segments_and_cost_are_shown,
}
