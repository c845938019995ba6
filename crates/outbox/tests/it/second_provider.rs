//! The outbox depends on no provider: the second provider of the examples works with it like Twilio.

use std::time::Duration;

use switchboard::Credentials;
use switchboard::provider::{Outgoing, OutgoingCall};
use switchboard::transport::Transport;
use switchboard_outbox::{Account, State};

use crate::database::{TestDatabase, on_both};
use crate::setup::{TO, quick};

#[path = "../../../../examples/custom_adapter/courier.rs"]
mod courier;
#[path = "../../../../examples/custom_adapter/service.rs"]
mod service;

async fn another_provider_sends_what_is_enqueued(database: &TestDatabase) {
    let service = service::start().await;
    let transport = Transport::builder().system_proxy(false).build().unwrap();
    let adapter = courier::Courier(service.uri().parse().unwrap(), transport);
    let account = Account::new(adapter, Credentials::new().set("token", service::TOKEN));
    let outbox = database.outbox().await;
    let worker = outbox.worker(account).timing(quick()).spawn().await.unwrap();
    outbox.enqueue("text", Outgoing::text(TO, "Hi").from("+14155550100")).await.unwrap();
    outbox.enqueue("call", OutgoingCall::say(TO, "Hi").from("+14155550100")).await.unwrap();
    for (key, id) in [("text", "t-1"), ("call", "c-1")] {
        let message = outbox.wait(key).await.unwrap();
        assert!(
            matches!(&message.state, State::Accepted { sid: Some(sid), .. } if sid == id),
            "{}",
            message.state
        );
    }
    let sent = service.received_requests().await.unwrap();
    assert_eq!(sent.len(), 2, "each went out once");
    worker.shutdown(Duration::from_secs(5)).await.unwrap();
}

on_both! {
    another_provider_sends_what_is_enqueued,
}
