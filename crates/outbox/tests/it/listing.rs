//! Lists of messages, page by page.

use std::collections::BTreeSet;
use std::time::Duration;

use switchboard::provider::{Outgoing, OutgoingCall};
use switchboard::sms::Templates;
use switchboard_outbox::campaign::Recipients;
use switchboard_outbox::{Enqueue, Listing, Message, MessageId, Outbox, OutboxError, Payload, Person, State};
use switchboard_testing::{FakeTwilio, Fault};

use crate::database::{TestDatabase, on_both};
use crate::setup::{TO, start, text};

fn keys(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| message.key.as_str()).collect()
}

async fn every_message_is_on_one_page_while_others_are_enqueued(database: &TestDatabase) {
    let outbox = database.outbox().await;
    let message = |n: usize| {
        let tenant = if n.is_multiple_of(3) { "green" } else { "blue" };
        Enqueue::new(format!("k{n:03}"), text(&n.to_string())).tenant(tenant)
    };
    outbox.enqueue_all((0..100).map(message)).await.unwrap();
    let (mut listing, mut found, mut pages) = (Listing::of("blue").limit(7), Vec::new(), 0);
    loop {
        let page = outbox.messages(&listing).await.unwrap();
        assert!(page.messages.iter().all(|message| message.tenant == "blue" && message.campaign.is_none()));
        found.extend(page.messages.iter().map(|message| message.key.clone()));
        outbox.enqueue_all([message(1_000 + pages)]).await.unwrap();
        pages += 1;
        let Some(next) = page.next else { break };
        listing = listing.before(next);
    }
    let expected: Vec<String> = (0..100).rev().filter(|n| n % 3 != 0).map(|n| format!("k{n:03}")).collect();
    assert_eq!(found, expected);
    assert_eq!(pages, 10, "66 messages, 7 on a page");
}

async fn a_page_that_finds_little_ends_and_the_next_one_goes_on(database: &TestDatabase) {
    let outbox = database.outbox().await;
    let rare = |n: u32| Enqueue::new(format!("rare/{n}"), Outgoing::text("whatsapp:+14155559999", "x"));
    outbox.enqueue_all([rare(1)]).await.unwrap();
    let others = (0..12_000).map(|n| Enqueue::new(format!("k{n}"), text("x")));
    outbox.enqueue_all(others).await.unwrap();
    for listing in [Listing::of("").to("WhatsApp:+14155559999"), Listing::of("").key_prefix("rare/")] {
        let first = outbox.messages(&listing).await.unwrap();
        assert!(first.messages.is_empty(), "{first:?}");
        let next = first.next.unwrap();
        assert_eq!(next.get(), 2_002, "it has read 10,000 messages");
        let second = outbox.messages(&listing.before(next)).await.unwrap();
        assert_eq!(keys(&second.messages), ["rare/1"]);
        assert_eq!(second.next, None);
    }
    let all = outbox.messages(&Listing::of("").state("ready").limit(1_000)).await.unwrap();
    assert_eq!((all.messages.len(), all.next), (1_000, Some(MessageId::new(11_002))));
}

async fn what_is_unsettled_is_listed_for_its_tenant_with_that_of_campaigns(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let (outbox, worker) = start(&fake, database).await;
    fake.fail_next(Fault::cut_after());
    outbox.enqueue("lost", text("lost")).await.unwrap();
    assert_eq!(outbox.wait("lost").await.unwrap().state, State::Unknown);
    let templates = Templates::new().add("sale", "Sale!").unwrap();
    let campaign = outbox.campaign("spring");
    fake.fail_next(Fault::cut_after());
    let list = Recipients::csv(std::io::Cursor::new("phone\n+14155551111\n".to_owned()));
    campaign.text(&templates, "sale").unwrap().start(list).await.unwrap().finished().await.unwrap();
    outbox.drained().await.unwrap();
    outbox.enqueue_all([Enqueue::new("fine", text("fine")).tenant("t")]).await.unwrap();
    outbox.enqueue("fine", text("fine")).await.unwrap();
    outbox.drained().await.unwrap();

    let unsettled = outbox.messages(&Listing::of("").unsettled()).await.unwrap().messages;
    let id = campaign.progress().await.unwrap().id;
    let of: Vec<Option<i64>> = unsettled.iter().map(|message| message.campaign).collect();
    assert_eq!(of, [Some(id), None]);
    assert!(unsettled.iter().all(|message| message.state == State::Unknown));
    assert!(outbox.messages(&Listing::of("t").unsettled()).await.unwrap().messages.is_empty());
    let of_campaign = outbox.messages(&Listing::of("").campaign(id)).await.unwrap().messages;
    assert_eq!(of_campaign.len(), 1);
    assert!(outbox.messages(&Listing::of("t").campaign(id)).await.unwrap().messages.is_empty());
    let accepted = outbox.messages(&Listing::of("").state("accepted")).await.unwrap().messages;
    assert_eq!(keys(&accepted), ["fine"]);
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn messages_and_their_texts_are_read_by_id(database: &TestDatabase) {
    let outbox = database.outbox().await;
    let call = OutgoingCall::say("+14155550001", "Hello");
    let mut ids = vec![MessageId::from(99)];
    ids.push(outbox.enqueue("text", text("Hi")).await.unwrap().id());
    ids.push(outbox.enqueue("call", call.clone()).await.unwrap().id());
    ids.push(outbox.enqueue("newest", Outgoing::text("+14155550002", "secret")).await.unwrap().id());
    ids.insert(0, ids[2]);
    let found = outbox.messages_by_id(&ids).await.unwrap();
    assert_eq!(keys(&found), ["text", "call", "newest"]);
    let payloads = outbox.payloads(&ids).await.unwrap();
    let (text, call) = (Payload::from(text("Hi")), Payload::from(call));
    assert_eq!(payloads[..2], [(ids[2], text.clone()), (ids[3], call.clone())]);
    outbox.forget(&Person::new("+14155550002"), "ada").await.unwrap();
    assert_eq!(outbox.payloads(&ids).await.unwrap(), [(ids[2], text), (ids[3], call)]);
    assert!(outbox.messages_by_id(&[]).await.unwrap().is_empty());
    let many: Vec<MessageId> = (0..1_001).map(MessageId::new).collect();
    assert!(matches!(outbox.messages_by_id(&many).await, Err(OutboxError::Invalid(_))));
    assert!(matches!(outbox.payloads(&many).await, Err(OutboxError::Invalid(_))));
    assert_eq!(outbox.messages_by_id(&many[..1_000]).await.unwrap().len(), 3);
}

/// While a worker moves messages from table to table, a reader finds each of them.
async fn a_message_that_is_being_sent_is_never_missing(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let (outbox, worker) = start(&fake, database).await;
    let to = |n: u32| Outgoing::text(format!("+1415556{n:04}"), n.to_string());
    let enqueued = outbox.enqueue_all((0..200).map(|n| Enqueue::new(format!("k{n}"), to(n)))).await.unwrap();
    let ids: Vec<MessageId> = enqueued.iter().map(|one| one.id()).collect();
    let reader: Outbox = outbox.clone();
    let mut states = BTreeSet::new();
    while outbox.counts().await.unwrap().accepted < 200 {
        let found = reader.messages_by_id(&ids).await.unwrap();
        assert_eq!(found.len(), 200);
        states.extend(found.iter().map(|message| message.state.as_str()));
        let page = reader.messages(&Listing::of("").limit(200)).await.unwrap();
        assert_eq!(page.messages.len(), 200);
    }
    assert!(states.contains("ready") || states.contains("sending"), "{states:?}");
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn a_listing_that_cannot_be_right_is_refused(database: &TestDatabase) {
    let outbox = database.outbox().await;
    outbox.enqueue("k", text(TO)).await.unwrap();
    for wrong in [Listing::of("").limit(0), Listing::of("").limit(1_001), Listing::of("").state("delivered")]
    {
        assert!(matches!(outbox.messages(&wrong).await, Err(OutboxError::Invalid(_))), "{wrong:?}");
    }
    let odd = ["", "t\0", "\u{fffd}"].map(|tenant| Listing::of(tenant).key_prefix("k\0").to("\0"));
    for listing in odd {
        assert!(outbox.messages(&listing).await.unwrap().messages.is_empty());
    }
}

on_both! {
    every_message_is_on_one_page_while_others_are_enqueued,
    a_page_that_finds_little_ends_and_the_next_one_goes_on,
    what_is_unsettled_is_listed_for_its_tenant_with_that_of_campaigns,
    messages_and_their_texts_are_read_by_id,
    a_message_that_is_being_sent_is_never_missing,
    a_listing_that_cannot_be_right_is_refused,
}
