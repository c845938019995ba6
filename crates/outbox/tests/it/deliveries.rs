//! When the messages of a campaign arrived.

use std::io::Cursor;
use std::time::Duration;

use jiff::{Timestamp, ToSpan};
use switchboard::provider::{Delivery, DeliveryStatus, Evidence, SendId};
use switchboard::sms::Templates;
use switchboard_outbox::campaign::{Campaign, Recipients};
use switchboard_outbox::{Listing, Outbox, OutboxError, State};
use switchboard_testing::FakeTwilio;

use crate::database::{TestDatabase, on_both};
use crate::setup::start;

async fn import(campaign: &Campaign, people: u32) {
    let templates = Templates::new().add("sale", "Sale!").unwrap();
    let rows: String = (0..people).map(|n| format!("+1415556{n:04}\n")).collect();
    let list = Recipients::csv(Cursor::new(format!("phone\n{rows}")));
    let draft = campaign.text(&templates, "sale").unwrap();
    assert_eq!(draft.start(list).await.unwrap().finished().await.unwrap().new, u64::from(people));
}

async fn tell(outbox: &Outbox, sid: &str, status: DeliveryStatus, at: Timestamp) {
    let mut delivery = Delivery::new(SendId::text(sid), status);
    delivery.updated = Some(at);
    outbox.evidence(&Evidence::Delivery { delivery, reference: None }).await.unwrap();
}

async fn the_buckets_of_a_campaign_are_those_of_its_callbacks(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let (outbox, worker) = start(&fake, database).await;
    let (spring, other) = (outbox.campaign("spring"), outbox.campaign("other").tenant("t"));
    import(&spring, 6).await;
    import(&other, 1).await;
    outbox.drained().await.unwrap();
    let id = spring.progress().await.unwrap().id;
    assert!(spring.deliveries(Duration::from_secs(60)).await.unwrap().buckets.is_empty());
    let sids: Vec<String> = outbox
        .messages(&Listing::of("").campaign(id))
        .await
        .unwrap()
        .messages
        .into_iter()
        .map(|message| match message.state {
            State::Accepted { sid: Some(sid), .. } => sid,
            other => panic!("{other}"),
        })
        .collect();
    let begin: Timestamp = "2026-11-22T15:00:00Z".parse().unwrap();
    for (sid, (status, seconds)) in sids.iter().zip([
        (DeliveryStatus::Delivered, 0),
        (DeliveryStatus::Delivered, 59),
        (DeliveryStatus::Undelivered, 59),
        (DeliveryStatus::Failed, 185),
        (DeliveryStatus::Sent, 300),
    ]) {
        tell(&outbox, sid, status, begin + seconds.seconds()).await;
    }
    let chart = spring.deliveries(Duration::from_secs(60)).await.unwrap();
    assert_eq!(chart.width, Duration::from_secs(60));
    let found: Vec<_> = chart.buckets.iter().map(|one| (one.at, one.delivered, one.undelivered)).collect();
    let minute = |n: i64| begin + n.minutes();
    assert_eq!(found, [(minute(0), 2, 1), (minute(1), 0, 0), (minute(2), 0, 0), (minute(3), 0, 1)]);
    let wide = spring.deliveries(Duration::from_secs(3_600)).await.unwrap();
    assert_eq!(wide.buckets.len(), 1);
    for wrong in [Duration::ZERO, Duration::from_millis(999)] {
        assert!(matches!(spring.deliveries(wrong).await, Err(OutboxError::Invalid(_))));
    }
    let none = outbox.campaign("winter").deliveries(Duration::from_secs(60)).await;
    assert!(matches!(none, Err(OutboxError::NotFound)));
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

/// More messages than one page has, and more seconds than a chart has buckets.
async fn a_large_campaign_is_read_in_pages_and_drawn_in_wider_buckets(database: &TestDatabase) {
    let outbox = database.outbox().await;
    let campaign = outbox.campaign("spring");
    import(&campaign, 4_100).await;
    database
        .run(
            "INSERT INTO {t}outcome (id, at, state, attempt, no_repeat, accepted, sid, status, campaign, done)
             SELECT id, 1, 'accepted', 1, false, 1, 'SM' || id, 'delivered', campaign, id * 1000000 FROM {t}message;
             DELETE FROM {t}ready",
        )
        .await;
    let chart = campaign.deliveries(Duration::from_secs(1)).await.unwrap();
    assert_eq!(chart.width, Duration::from_secs(4));
    assert_eq!(chart.buckets.len(), 1_026, "seconds 1 to 4,100");
    assert_eq!(chart.buckets.iter().map(|one| one.delivered).sum::<u64>(), 4_100);
    assert!(chart.buckets[1..1_025].iter().all(|one| (one.delivered, one.undelivered) == (4, 0)));
}

on_both! {
    the_buckets_of_a_campaign_are_those_of_its_callbacks,
    a_large_campaign_is_read_in_pages_and_drawn_in_wider_buckets,
}
