//! What becomes of a message when the provider, the network or the account fails.

use std::time::Duration;

use switchboard::phone::Address;
use switchboard::provider::Outgoing;
use switchboard_outbox::{Enqueue, OutboxError, Settlement, State};
use switchboard_testing::{FakeTwilio, Fault};

use crate::database::{TestDatabase, on_both};
use crate::setup::{TO, account, quick, start, text, until};

async fn a_lost_answer_is_unknown_listed_and_settled_by_a_person(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let (outbox, worker) = start(&fake, database).await;
    fake.fail_next(Fault::cut_after());
    outbox.enqueue("k", text("Hi")).await.unwrap();
    assert_eq!(outbox.wait("k").await.unwrap().state, State::Unknown);

    let listed = outbox.unsettled(None, 10).await.unwrap();
    assert_eq!(listed.iter().map(|message| message.key.as_str()).collect::<Vec<_>>(), ["k"]);
    assert!(outbox.unsettled(Some(listed[0].id), 10).await.unwrap().is_empty(), "the next page is empty");
    assert_eq!(fake.sent().len(), 1, "it had arrived, and is not sent again");

    let sid = fake.sent()[0].sid.clone();
    let nobody = outbox.settle("k", Settlement::WasSent(None), " ").await;
    assert!(matches!(nobody, Err(OutboxError::Invalid(_))), "a person has a name");
    let state = outbox.settle("k", Settlement::WasSent(Some(sid.clone())), "ada").await.unwrap();
    assert!(matches!(state, State::Accepted { sid: Some(known), .. } if known == sid));
    let again = outbox.settle("k", Settlement::GiveUp, "ada").await;
    assert!(matches!(again, Err(OutboxError::NotNow { state: "accepted", verb: "settled" })));
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn what_was_not_sent_after_all_is_sent_again_when_a_person_says_so(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let (outbox, worker) = start(&fake, database).await;
    fake.fail_next(Fault::status(503));
    outbox.enqueue("k", text("Hi")).await.unwrap();
    assert_eq!(outbox.wait("k").await.unwrap().state, State::Unknown);
    outbox.settle("k", Settlement::WasNotSent, "ada").await.unwrap();
    let message = outbox.wait("k").await.unwrap();
    assert!(matches!(message.state, State::Accepted { attempt: 2, .. }), "{}", message.state);
    assert_eq!(fake.sent().len(), 1);
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn a_wrong_number_and_an_opt_out_are_rejected_with_the_reason(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let (outbox, worker) = start(&fake, database).await;
    fake.opt_out("+14155550009");
    outbox.enqueue("opted out", Outgoing::text("+14155550009", "Hi")).await.unwrap();
    let message = outbox.wait("opted out").await.unwrap();
    assert_eq!(message.state, State::Rejected);
    assert_eq!(message.error.unwrap().provider_code(), Some(21610));
    outbox.enqueue("next", text("Hi")).await.unwrap();
    assert!(matches!(outbox.wait("next").await.unwrap().state, State::Accepted { .. }), "others go on");
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn a_connection_that_fails_is_tried_again(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let (outbox, worker) = start(&fake, database).await;
    for _ in 0..3 {
        fake.fail_next(Fault::too_many_requests());
    }
    outbox.enqueue("k", text("Hi")).await.unwrap();
    let message = outbox.wait("k").await.unwrap();
    assert!(matches!(message.state, State::Accepted { attempt: 4, .. }), "{}", message.state);
    assert_eq!(fake.sent().len(), 1);
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn refused_credentials_pause_the_account_and_reject_nothing(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let (outbox, worker) = start(&fake, database).await;
    fake.fail_rate(Fault::code(401, 20003), 100);
    outbox
        .enqueue_all((0..20).map(|n| Enqueue::new(format!("{n}"), text(&format!("text {n}")))))
        .await
        .unwrap();
    until("the account pauses", async || !outbox.paused().await.unwrap().is_empty()).await;
    let paused = outbox.paused().await.unwrap();
    assert_eq!((paused[0].account.as_str(), paused[0].sender.as_ref()), ("", None));
    until("it is tried again", async || outbox.paused().await.unwrap()[0].times > 1).await;
    let counts = outbox.counts().await.unwrap();
    assert_eq!((counts.rejected, counts.accepted, counts.ready + counts.sending), (0, 0, 20), "{counts:?}");

    fake.fail_rate(Fault::code(401, 20003), 0);
    outbox.resume("", "ada").await.unwrap();
    outbox.drained().await.unwrap();
    assert_eq!(fake.sent().len(), 20);
    assert!(outbox.paused().await.unwrap().is_empty(), "a success ends the pause");
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn a_full_queue_pauses_its_sender_and_no_other(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    fake.own_number("+14155550111");
    let (outbox, worker) = start(&fake, database).await;
    fake.fail_next(Fault::code(400, 21611));
    outbox.enqueue("full", text("one")).await.unwrap();
    until("the sender pauses", async || !outbox.paused().await.unwrap().is_empty()).await;
    assert_eq!(outbox.paused().await.unwrap()[0].sender, Some(Address::from(fake.phone_number())));
    outbox.enqueue("other", text("two").from("+14155550111")).await.unwrap();
    assert!(matches!(outbox.wait("other").await.unwrap().state, State::Accepted { .. }));
    assert!(matches!(outbox.wait("full").await.unwrap().state, State::Accepted { .. }), "after the pause");
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn equal_texts_to_one_person_wait_for_each_other(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let (outbox, worker) = start(&fake, database).await;
    fake.fail_next(Fault::cut_after());
    outbox.enqueue("first", text("the same")).await.unwrap();
    assert_eq!(outbox.wait("first").await.unwrap().state, State::Unknown);
    outbox.enqueue("second", text("the same")).await.unwrap();
    outbox.enqueue("third", text("another")).await.unwrap();
    outbox.wait("third").await.unwrap();
    assert_eq!(outbox.get("second").await.unwrap().state, State::Ready, "nobody could tell the two apart");
    outbox.settle("first", Settlement::GiveUp, "ada").await.unwrap();
    assert!(matches!(outbox.wait("second").await.unwrap().state, State::Accepted { .. }));
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

async fn an_answer_that_never_comes_is_unknown_when_the_time_to_end_is_over(database: &TestDatabase) {
    let fake = FakeTwilio::start().await;
    let (outbox, worker) = start(&fake, database).await;
    fake.fail_next(Fault::slow(Duration::from_secs(3600)));
    outbox.enqueue("k", text("Hi")).await.unwrap();
    until("it is being sent", async || outbox.counts().await.unwrap().sending == 1).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!outbox.cancel("k", "ada").await.unwrap(), "an attempt is under way: nothing is certain");
    let stopped = worker.shutdown(Duration::from_millis(200)).await.unwrap();
    assert_eq!(stopped.unknown, 1);
    let message = outbox.get("k").await.unwrap();
    assert_eq!((message.state, message.cancel_requested), (State::Unknown, true));
}

/// On PostgreSQL any number of workers may run.
#[tokio::test]
async fn a_second_worker_is_refused_by_name_and_may_start_when_the_first_has_ended() {
    let (fake, database) = (FakeTwilio::start().await, TestDatabase::sqlite());
    let (outbox, worker) = start(&fake, &database).await;
    let second = outbox.worker(account(&fake)).spawn().await.unwrap_err();
    assert!(second.to_string().contains("worker"), "{second}");
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
    let third = outbox.worker(account(&fake)).timing(quick()).spawn().await.unwrap();
    outbox.enqueue("k", Outgoing::text(TO, "Hi")).await.unwrap();
    assert!(matches!(outbox.wait("k").await.unwrap().state, State::Accepted { .. }));
    third.shutdown(Duration::from_secs(5)).await.unwrap();
}

on_both! {
    a_lost_answer_is_unknown_listed_and_settled_by_a_person,
    what_was_not_sent_after_all_is_sent_again_when_a_person_says_so,
    a_wrong_number_and_an_opt_out_are_rejected_with_the_reason,
    a_connection_that_fails_is_tried_again,
    refused_credentials_pause_the_account_and_reject_nothing,
    a_full_queue_pauses_its_sender_and_no_other,
    equal_texts_to_one_person_wait_for_each_other,
    an_answer_that_never_comes_is_unknown_when_the_time_to_end_is_over,
}
