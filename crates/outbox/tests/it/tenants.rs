//! Tenants with accounts of their own who share an outbox: what the account of one says changes nothing of the other.

use std::time::Duration;

use switchboard::phone::Address;
use switchboard::provider::{Callback, Delivery, DeliveryError, DeliveryStatus, Evidence, Outgoing, SendId};
use switchboard::sms::Consent;
use switchboard_outbox::policy::{ConsentScope, OptOutReach, Policy};
use switchboard_outbox::{
    Account, AccountError, Accounts, Enqueue, Evidenced, Outbox, OutboxError, State, Worker,
};
use switchboard_testing::{FakeTwilio, Fault};

use crate::database::{TestDatabase, on_both};
use crate::setup::{TO, account, quick, text, until};

const BLUE: &str = "AC00000000000000000000000000000001";
const GREEN: &str = "AC00000000000000000000000000000002";
const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// Each tenant has an account of its own.
#[derive(Debug)]
struct Tenants {
    blue: Account,
    green: Account,
}

#[async_trait::async_trait]
impl Accounts for Tenants {
    async fn account(&self, tenant: &str) -> Result<Account, AccountError> {
        let account = if tenant == "blue" { &self.blue } else { &self.green };
        Ok(account.clone().named(tenant))
    }
}

struct Site {
    outbox: Outbox,
    worker: Worker,
    blue: FakeTwilio,
    green: FakeTwilio,
}

impl Site {
    async fn start(database: &TestDatabase, policy: Policy) -> Self {
        let blue = FakeTwilio::builder().account(BLUE, TOKEN).account(GREEN, TOKEN).start().await;
        let green = blue.for_account(GREEN);
        assert_ne!(blue.phone_number(), green.phone_number());
        let outbox = database.outbox().await.with_policy(policy);
        let tenants = Tenants { blue: account(&blue), green: account(&green) };
        let worker = outbox.worker(tenants).timing(quick()).callbacks("http://127.0.0.1:9/status");
        let worker = worker.spawn().await.unwrap();
        Self { outbox, worker, blue, green }
    }

    async fn send(&self, tenant: &str, key: &str, message: Outgoing) -> State {
        self.outbox.enqueue_all([Enqueue::new(key, message).tenant(tenant)]).await.unwrap();
        self.outbox.wait((tenant, key)).await.unwrap().state
    }

    /// Sends a message whose answer is lost, and returns the id at the provider and the reference of its callback.
    async fn lose(&self, tenant: &str, key: &str) -> (String, String) {
        self.blue.fail_next(Fault::cut_after());
        let to = format!("+1415555{:04}", 2_000 + self.fake(tenant).sent().len());
        assert_eq!(self.send(tenant, key, Outgoing::text(to, key)).await, State::Unknown);
        let sent = self.fake(tenant).sent().into_iter().find(|sent| sent.body == key).unwrap();
        (sent.sid, Callback::reference_in(&sent.status_callback.unwrap()).unwrap())
    }

    fn fake(&self, tenant: &str) -> &FakeTwilio {
        if tenant == "blue" { &self.blue } else { &self.green }
    }

    async fn is(&self, tenant: &str, key: &str, sid: &str, status: &str) -> bool {
        let state = self.outbox.get((tenant, key)).await.unwrap().state;
        matches!(state, State::Accepted { sid: Some(own), status: of, .. } if own == sid && of.as_str() == status)
    }

    async fn blocks(&self, tenant: &str, key: &str, message: Outgoing) -> bool {
        let enqueued = self.outbox.enqueue_all([Enqueue::new(key, message).tenant(tenant)]).await;
        match enqueued {
            Ok(_) => false,
            Err(OutboxError::Blocked { .. }) => true,
            Err(other) => panic!("{other}"),
        }
    }

    async fn topics(&self) -> Vec<(String, Option<i64>)> {
        let events = self.outbox.store();
        let log = switchboard_store::Log::open(events.clone()).await.unwrap();
        log.read(0, 10_000).await.unwrap().into_iter().map(|event| (event.topic, event.subject)).collect()
    }
}

fn report(sid: &str, status: DeliveryStatus, reference: Option<&str>) -> Evidence {
    let reference = reference.map(ToOwned::to_owned);
    Evidence::Delivery { delivery: Delivery::new(SendId::text(sid), status), reference }
}

/// A report that the recipient has opted out.
fn refusal(sid: &str, reference: &str) -> Evidence {
    let mut delivery = Delivery::new(SendId::text(sid), DeliveryStatus::Undelivered);
    delivery.error = Some(opted_out());
    Evidence::Delivery { delivery, reference: Some(reference.to_owned()) }
}

fn word(from: &str, to: &str, pool: Option<&str>, consent: Consent) -> Evidence {
    let pool = pool.map(ToOwned::to_owned);
    Evidence::Inbound { from: Address::from(from), to: Address::from(to), pool, consent: Some(consent) }
}

fn opted_out() -> DeliveryError {
    let form =
        [("MessageSid", "SM1"), ("MessageStatus", "failed"), ("ErrorCode", "21610"), ("AccountSid", "AC1")];
    let form = form.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let adapter = switchboard::twilio::TwilioAdapter::new();
    let evidence = switchboard::provider::Messenger::evidence(&adapter, "https://a.example/", &form).unwrap();
    let Evidence::Delivery { delivery, .. } = evidence else { panic!("{evidence:?}") };
    delivery.error.unwrap()
}

async fn a_leaked_reference_or_id_is_of_no_use_to_another_tenant(database: &TestDatabase) {
    let site = Site::start(database, Policy::new()).await;
    let outbox = &site.outbox;
    let (sid, reference) = site.lose("blue", "b").await;
    let (own_sid, own_reference) = site.lose("green", "g").await;
    let before = site.topics().await;
    let forged = format!("{}.{}", reference.rsplit_once('.').unwrap().0, "0".repeat(32));
    for attack in [
        report(&sid, DeliveryStatus::Delivered, Some(&reference)),
        report("SMforged", DeliveryStatus::Delivered, Some(&reference)),
        report(&own_sid, DeliveryStatus::Failed, Some(&reference)),
        report(&sid, DeliveryStatus::Failed, Some(&forged)),
        report(&sid, DeliveryStatus::Failed, None),
        refusal(&sid, &reference),
    ] {
        assert_eq!(outbox.evidence_of("green", &attack).await.unwrap(), Evidenced::NotOurs, "{attack:?}");
        assert_eq!(outbox.evidence_of("", &attack).await.unwrap(), Evidenced::NotOurs, "{attack:?}");
    }
    assert_eq!(outbox.get(("blue", "b")).await.unwrap().state, State::Unknown);
    assert_eq!(outbox.get(("green", "g")).await.unwrap().state, State::Unknown);
    assert_eq!(site.topics().await, before, "the log says nothing");
    assert_eq!(outbox.ignored_references().of_another, 8);

    let own = report(&sid, DeliveryStatus::Sent, Some(&reference));
    assert_eq!(outbox.evidence_of("blue", &own).await.unwrap(), Evidenced::Changed);
    assert_eq!(outbox.evidence_of("blue", &own).await.unwrap(), Evidenced::Known);
    // Now the id is known: it can be claimed by nobody else, with or without a reference of their own.
    for attack in [
        report(&sid, DeliveryStatus::Failed, None),
        report(&sid, DeliveryStatus::Delivered, Some(&own_reference)),
        report(&sid, DeliveryStatus::Failed, Some(&reference)),
    ] {
        assert_eq!(outbox.evidence_of("green", &attack).await.unwrap(), Evidenced::NotOurs, "{attack:?}");
    }
    assert_eq!(outbox.get(("green", "g")).await.unwrap().state, State::Unknown);
    let by_id = report(&sid, DeliveryStatus::Delivered, None);
    assert_eq!(outbox.evidence_of("blue", &by_id).await.unwrap(), Evidenced::Changed);
    assert!(site.is("blue", "b", &sid, "delivered").await);
    site.worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

/// Every report of each tenant, forged and right ones, in random orders: only what is right counts.
async fn shuffled_forgeries_end_in_what_is_true(database: &TestDatabase) {
    let site = Site::start(database, Policy::new()).await;
    let mut all = Vec::new();
    let mut messages = Vec::new();
    for n in 0..4 {
        for tenant in ["blue", "green"] {
            let key = format!("{tenant} {n}");
            messages.push((tenant, key.clone(), site.lose(tenant, &key).await));
        }
    }
    for (tenant, _, (sid, reference)) in &messages {
        for status in [DeliveryStatus::Sent, DeliveryStatus::Delivered] {
            all.push((*tenant, report(sid, status, Some(reference))));
        }
        all.push((tenant, report(sid, DeliveryStatus::Sent, None)));
        for (other, _, (other_sid, _)) in messages.iter().filter(|(other, ..)| other != tenant) {
            all.push((other, report(sid, DeliveryStatus::Failed, Some(reference))));
            all.push((other, report(other_sid, DeliveryStatus::Failed, Some(reference))));
            all.push((other, report(sid, DeliveryStatus::Failed, None)));
            all.push((other, refusal(sid, reference)));
        }
    }
    let mut random = fastrand::Rng::with_seed(7);
    for _ in 0..2 {
        random.shuffle(&mut all);
        for (tenant, evidence) in &all {
            site.outbox.evidence_of(tenant, evidence).await.unwrap();
        }
    }
    for (tenant, key, (sid, _)) in &messages {
        assert!(
            site.is(tenant, key, sid, "delivered").await,
            "{:?}",
            site.outbox.get((*tenant, key.as_str())).await
        );
    }
    let topics = site.topics().await;
    assert!(
        topics.iter().all(|(topic, _)| !["doubled", "consent", "stale_copy"].contains(&topic.as_str())),
        "{topics:?}"
    );
    site.worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn a_word_to_the_number_of_another_tenant_is_ignored(database: &TestDatabase) {
    let site = Site::start(database, Policy::new()).await;
    let outbox = &site.outbox;
    let (blue, green) = (site.blue.phone_number().to_owned(), site.green.phone_number().to_owned());
    let whatsapp = "whatsapp:+18005550199";
    site.send("blue", "first", text("first")).await;
    site.send("blue", "whatsapp", text("first").from(whatsapp)).await;
    site.send("green", "first", text("first")).await;
    for to in [blue.as_str(), whatsapp, "WhatsApp:+18005550199"] {
        for consent in [Consent::OptedOut, Consent::OptedIn] {
            let word = word(TO, to, None, consent);
            assert_eq!(outbox.evidence_of("green", &word).await.unwrap(), Evidenced::NotOurs, "{to}");
        }
    }
    assert!(outbox.consents(TO).await.unwrap().is_empty());
    // With a pool of their own, it counts for the pool only.
    let pooled = word(TO, &blue, Some("MGgreen"), Consent::OptedOut);
    assert_eq!(outbox.evidence_of("green", &pooled).await.unwrap(), Evidenced::Changed);
    let known = outbox.consents(TO).await.unwrap();
    assert_eq!(known.len(), 1);
    assert_eq!(known[0].scope, ConsentScope::Sender("MGgreen".into()));
    assert!(!site.blocks("blue", "second", text("second")).await);

    let stop = word(TO, &green, None, Consent::OptedOut);
    assert_eq!(outbox.evidence_of("green", &stop).await.unwrap(), Evidenced::Changed);
    assert!(site.blocks("green", "third", text("third").from(green.as_str())).await);
    assert!(!site.blocks("blue", "third", text("third")).await);
    // Nothing is known of this number yet.
    let new = word(TO, "+18005550177", None, Consent::OptedOut);
    assert_eq!(outbox.evidence_of("blue", &new).await.unwrap(), Evidenced::Changed);
    site.worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

/// Whoever enqueues a message "from" the number of another tenant, which the provider refuses, gains nothing.
async fn naming_a_number_as_the_sender_does_not_make_it_ones_own(database: &TestDatabase) {
    let site = Site::start(database, Policy::new()).await;
    let outbox = &site.outbox;
    let blue = site.blue.phone_number().to_owned();
    site.send("blue", "first", text("first")).await;
    let other = "+14155557777";
    let stop = word(other, &blue, None, Consent::OptedOut);
    assert_eq!(outbox.evidence_of("blue", &stop).await.unwrap(), Evidenced::Changed);

    outbox
        .enqueue_all([Enqueue::new("trick", text("trick").from(blue.as_str())).tenant("green")])
        .await
        .unwrap();
    until("the provider refuses it", async || !outbox.paused().await.unwrap().is_empty()).await;
    let start = word(other, &blue, None, Consent::OptedIn);
    assert_eq!(outbox.evidence_of("green", &start).await.unwrap(), Evidenced::Changed);
    assert!(site.blocks("blue", "second", Outgoing::text(other, "second").from(blue.as_str())).await);
    let stop = word(TO, &blue, None, Consent::OptedOut);
    assert_eq!(outbox.evidence_of("green", &stop).await.unwrap(), Evidenced::Changed);
    assert!(!site.blocks("blue", "third", text("third").from(blue.as_str())).await);
    assert!(site.blocks("green", "fourth", text("fourth")).await, "it counts for their own messages");
    // And a person who texts STOP to the right tenant is still heard.
    assert_eq!(outbox.evidence_of("blue", &stop).await.unwrap(), Evidenced::Changed);
    assert!(site.blocks("blue", "fifth", text("fifth").from(blue.as_str())).await);
    site.worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn a_word_reaches_other_senders_of_its_own_tenant_only(database: &TestDatabase) {
    let site = Site::start(database, Policy::new().opt_out_reach(OptOutReach::Tenant)).await;
    let (blue, green) = (site.blue.phone_number().to_owned(), site.green.phone_number().to_owned());
    site.send("blue", "first", text("first")).await;
    site.send("green", "first", text("first")).await;
    let stop = word(TO, &green, None, Consent::OptedOut);
    assert_eq!(site.outbox.evidence_of("green", &stop).await.unwrap(), Evidenced::Changed);
    let scopes: Vec<_> =
        site.outbox.consents(TO).await.unwrap().into_iter().map(|record| record.scope).collect();
    assert_eq!(scopes, [ConsentScope::Sender(green.as_str().into()), ConsentScope::Tenant("green".into())]);
    let foreign = word(TO, &blue, None, Consent::OptedOut);
    assert_eq!(site.outbox.evidence_of("green", &foreign).await.unwrap(), Evidenced::NotOurs);
    assert_eq!(site.outbox.consents(TO).await.unwrap().len(), 2, "nothing of the policy either");
    site.worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

on_both! {
    a_leaked_reference_or_id_is_of_no_use_to_another_tenant,
    shuffled_forgeries_end_in_what_is_true,
    a_word_to_the_number_of_another_tenant_is_ignored,
    naming_a_number_as_the_sender_does_not_make_it_ones_own,
    a_word_reaches_other_senders_of_its_own_tenant_only,
}
