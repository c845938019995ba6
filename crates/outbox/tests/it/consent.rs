//! STOP and START over the webhook, the provider's refusals, and what people said elsewhere.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::{Timestamp, ToSpan};
use switchboard::ErrorCode;
use switchboard::provider::{Outgoing, Reason};
use switchboard_outbox::policy::{ConsentRecord, ConsentScope, ConsentSource, OptOutReach, Policy, Purpose};
use switchboard_outbox::{Enqueue, Outbox, OutboxError, State};
use switchboard_testing::FakeTwilio;

use crate::callbacks::Site;
use crate::database::{TestDatabase, on_both};
use crate::setup::{TO, account, quick, start, text};

async fn is_blocked(outbox: &Outbox, key: &str, message: impl Into<switchboard_outbox::Payload>) -> bool {
    match outbox.enqueue(key, message).await {
        Ok(_) => false,
        Err(OutboxError::Blocked { place: 0, because }) => {
            assert_eq!(because.rule, "consent");
            assert!(!because.reason.contains("1234"), "{because}");
            true
        }
        Err(other) => panic!("{other}"),
    }
}

async fn a_stop_blocks_what_waits_and_what_comes_and_a_start_lifts_it(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let (outbox, worker) = start(&fake, database).await;
    let site = Site::start(&fake, outbox).await;
    fake.set_sms_url(&site.url);
    let outbox = site.outbox;
    outbox.enqueue("first", text("first")).await.unwrap();
    outbox.wait("first").await.unwrap();
    let soon = Timestamp::now() + 3.seconds();
    outbox.enqueue_all([Enqueue::new("later", text("later")).due(soon)]).await.unwrap();
    let other = Outgoing::text("+14155559876", "to somebody else");
    let stop = fake.receive_sms(TO, "Stop").await;
    assert_eq!(stop.status(), Some(204), "{:?}", stop.error());
    assert!(is_blocked(&outbox, "second", text("second")).await);
    outbox.enqueue("other", other).await.unwrap();
    let later = outbox.wait("later").await.unwrap();
    assert_eq!(later.state, State::Blocked);
    let error = later.error.unwrap();
    assert_eq!(error.code(), ErrorCode::Blocked);
    assert!(error.to_string().contains("opted out"), "{error}");
    assert_eq!(fake.sent().len(), 2, "the first, and that to somebody else");
    let known = outbox.consents(TO).await.unwrap();
    assert_eq!(known.len(), 1);
    assert_eq!(known[0].scope, ConsentScope::Sender(fake.phone_number().into()));
    assert_eq!(known[0].source, ConsentSource::Keyword);

    fake.receive_sms(TO, "START").await;
    outbox.enqueue("third", text("third")).await.unwrap();
    assert!(matches!(outbox.wait("third").await.unwrap().state, State::Accepted { .. }));
    assert_eq!(outbox.get("later").await.unwrap().state, State::Blocked, "it is over");
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn a_start_lifts_only_what_the_stop_of_this_number_did(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let (outbox, worker) = start(&fake, database).await;
    let site = Site::start(&fake, outbox.clone()).await;
    fake.set_sms_url(&site.url);
    outbox.enqueue("first", text("first")).await.unwrap();
    outbox.wait("first").await.unwrap();
    let long_ago = Timestamp::now() - 24.hours();
    let tenant = ConsentRecord::opted_out(TO, ConsentScope::Tenant(String::new()), long_ago);
    outbox.record_consent(tenant.clone(), "ada").await.unwrap();
    fake.receive_sms(TO, "STOP").await;
    fake.receive_sms(TO, "START").await;
    assert!(is_blocked(&outbox, "second", text("second")).await, "the tenant's opt-out is another one");
    let scope = ConsentScope::Tenant(String::new());
    let source = ConsentSource::Import("web form".into());
    let again =
        ConsentRecord::opted_in(TO, scope, Timestamp::now()).source(source).proof("https://example.com/7");
    assert!(outbox.record_consent(again.clone(), "ada").await.unwrap().changed);
    assert!(!outbox.record_consent(tenant, "ada").await.unwrap().changed, "it is older");
    outbox.enqueue("third", text("third")).await.unwrap();
    outbox.wait("third").await.unwrap();
    let known = outbox.consents(TO).await.unwrap();
    let by_tenant = known.iter().find(|record| matches!(record.scope, ConsentScope::Tenant(_))).unwrap();
    assert_eq!((&by_tenant.source, &by_tenant.proof), (&again.source, &again.proof));
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn a_stop_may_reach_all_senders_of_the_tenant(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let outbox = database.outbox().await.with_policy(Policy::new().opt_out_reach(OptOutReach::Tenant));
    let worker = outbox.worker(account(&fake)).timing(quick()).spawn().await.unwrap();
    let site = Site::start(&fake, outbox.clone()).await;
    fake.set_sms_url(&site.url);
    outbox.enqueue("first", text("first")).await.unwrap();
    outbox.wait("first").await.unwrap();
    fake.receive_sms(TO, "STOP").await;
    let elsewhere = || text("second").from("+18005550100");
    assert!(is_blocked(&outbox, "second", elsewhere()).await);
    let of_other = Enqueue::new("of another tenant", elsewhere()).tenant("other");
    outbox.enqueue_all([of_other]).await.unwrap();
    fake.receive_sms(TO, "UNSTOP").await;
    assert!(!is_blocked(&outbox, "third", elsewhere()).await);
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn the_providers_refusal_stops_the_next_message(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let (outbox, worker) = start(&fake, database).await;
    // No webhook: the outbox does not hear it.
    fake.receive_sms(TO, "STOP").await;
    outbox.enqueue("first", text("first")).await.unwrap();
    let first = outbox.wait("first").await.unwrap();
    assert_eq!(first.state, State::Rejected);
    assert_eq!(first.error.unwrap().reason(), Reason::OptedOut);
    let requests = fake.requests();
    assert!(is_blocked(&outbox, "second", text("second")).await);
    assert_eq!(fake.requests(), requests, "nothing was asked of the provider");
    assert_eq!(outbox.consents(TO).await.unwrap()[0].source, ConsentSource::Provider);
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn consents_are_imported_with_their_proof_and_needed_for_marketing(database: &TestDatabase) {
    let outbox = database.outbox().await.with_policy(Policy::new().require_consent(Purpose::Marketing));
    let yesterday = Timestamp::now() - 24.hours();
    let form = || ConsentSource::Import("web form".into());
    let everything = || ConsentScope::Everything;
    let records = (0..2_500).map(|n| {
        let to = format!("+1415{:07}", n % 2_400);
        ConsentRecord::opted_in(to, everything(), yesterday).source(form()).proof(format!("row {n}"))
    });
    let imported = outbox.import_consents(records, "ada").await.unwrap();
    assert_eq!((imported.changed, imported.unchanged), (2_400, 100));
    let marketing =
        |key: &str, to: &str| Enqueue::new(key, Outgoing::text(to, "Sale!")).purpose(Purpose::Marketing);
    outbox.enqueue_all([marketing("a", "+14150000007")]).await.unwrap();
    let refused = outbox.enqueue_all([marketing("b", "+14150009999")]).await.unwrap_err();
    assert!(refused.to_string().contains("none is recorded"), "{refused}");
    outbox.enqueue("c", Outgoing::text("+14150009999", "Your code is 1234")).await.unwrap();
}

async fn a_consent_that_cannot_be_right_is_refused(database: &TestDatabase) {
    let outbox = database.outbox().await;
    let now = Timestamp::now();
    let record = || ConsentRecord::opted_out(TO, ConsentScope::Everything, now);
    for wrong in [
        ConsentRecord::opted_out(TO, ConsentScope::Everything, now + 1.hour()),
        ConsentRecord::opted_out("", ConsentScope::Everything, now),
        record().proof("x".repeat(4_097)),
    ] {
        assert!(matches!(outbox.record_consent(wrong, "ada").await, Err(OutboxError::Invalid(_))));
    }
    assert!(outbox.record_consent(record(), " ").await.is_err());
    assert!(outbox.import_consents([record()], "").await.is_err());
    assert!(outbox.consents(TO).await.unwrap().is_empty());
}

/// Many have the time of an import, in several scopes, and one changes while the pages are read.
async fn the_consents_of_scopes_are_listed_page_by_page(database: &TestDatabase) {
    let outbox = database.outbox().await;
    let (import, now) = (Timestamp::now() - 24.hours(), Timestamp::now());
    let scopes = [
        ConsentScope::Tenant("blue".into()),
        ConsentScope::Sender("WhatsApp:+18005550100".into()),
        ConsentScope::Everything,
    ];
    let of_green = ConsentScope::Tenant("green".into());
    let records = (0..120_usize).map(|n| {
        let scope = scopes.iter().chain([&of_green]).nth(n % 4).unwrap().clone();
        let record = ConsentRecord::opted_in(format!("+1415555{:04}", n / 8), scope, import);
        if n % 8 < 4 { record } else { record.purpose(Purpose::Marketing) }
    });
    outbox.import_consents(records, "ada").await.unwrap();
    let latest = ConsentRecord::opted_out("+14155550003", ConsentScope::Everything, now);
    outbox.record_consent(latest, "ada").await.unwrap();

    let mut found: Vec<ConsentRecord> = Vec::new();
    loop {
        let page = outbox.consents_of(&scopes, found.last(), 7).await.unwrap();
        assert!(page.len() <= 7);
        if page.is_empty() {
            break;
        }
        found.extend(page);
        let again = ConsentRecord::opted_out("+14155550003", ConsentScope::Everything, Timestamp::now());
        outbox.record_consent(again, "ada").await.unwrap();
    }
    assert_eq!(found[0].consent, switchboard::sms::Consent::OptedOut, "the latest is first");
    assert!(found.is_sorted_by_key(|record| std::cmp::Reverse(record.at)));
    let name = |record: &ConsentRecord| {
        (record.recipient.as_str().to_owned(), record.scope.clone(), record.purpose.map(Purpose::as_str))
    };
    let names: BTreeSet<_> = found.iter().map(name).collect();
    assert_eq!((names.len(), found.len()), (90, 90), "each once");
    assert!(names.iter().all(|(_, scope, _)| *scope != of_green));
    assert!(outbox.consents_of(&[], None, 7).await.unwrap().is_empty());
    let twice = [of_green.clone(), of_green];
    assert_eq!(outbox.consents_of(&twice, None, 1_000).await.unwrap().len(), 30);
    for limit in [0, 1_001] {
        assert!(matches!(outbox.consents_of(&scopes, None, limit).await, Err(OutboxError::Invalid(_))));
    }
}

async fn countries_that_are_not_listed_are_refused(database: &TestDatabase) {
    let outbox = database.outbox().await.with_policy(Policy::new().countries(["US"]).unwrap());
    outbox.enqueue("us", text("Hi")).await.unwrap();
    let refused = outbox.enqueue("gb", Outgoing::text("+442071234567", "Hi")).await.unwrap_err();
    assert!(refused.to_string().contains("messages to GB are not allowed, only to US"), "{refused}");
}

on_both! {
    a_stop_blocks_what_waits_and_what_comes_and_a_start_lifts_it,
    a_start_lifts_only_what_the_stop_of_this_number_did,
    a_stop_may_reach_all_senders_of_the_tenant,
    the_providers_refusal_stops_the_next_message,
    consents_are_imported_with_their_proof_and_needed_for_marketing,
    a_consent_that_cannot_be_right_is_refused,
    the_consents_of_scopes_are_listed_page_by_page,
    countries_that_are_not_listed_are_refused,
}
