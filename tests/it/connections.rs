//! Connections: how many are opened, how many are kept, and what happens when one was closed by the server.

use std::time::Duration;

use futures_util::future::join_all;
use switchboard::Outcome;
use switchboard_testing::{FakeTwilio, FaultProxy, ProxyMode};

use crate::support::TO;

#[tokio::test]
async fn a_thousand_sends_one_after_another_use_one_connection() {
    let fake = FakeTwilio::start().await;
    let account = fake.account();
    for n in 0..1000 {
        account.send_sms(TO, format!("number {n}")).await.unwrap();
    }
    assert_eq!((fake.connections(), fake.sent().len()), (1, 1000));
}

#[tokio::test]
async fn a_hundred_at_once_open_at_most_a_hundred_and_keep_as_many_as_configured() {
    let fake = FakeTwilio::start().await;
    let proxy = FaultProxy::to(fake.url());
    let adapter = fake.adapter_builder().base_url(proxy.url()).max_idle_connections(8).build().unwrap();
    let account = adapter.account(&fake.credentials()).unwrap();
    let texts: Vec<String> = (0..100).map(|n| format!("number {n}")).collect();
    for result in join_all(texts.iter().map(|text| account.send_sms(TO, text.as_str()))).await {
        result.unwrap();
    }
    assert!(proxy.connections() <= 100, "{}", proxy.connections());
    // Connections over the limit are closed by their own tasks, which may take a moment.
    let settled = async {
        while proxy.open_connections() > 8 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), settled).await.expect("idle connections are closed");
}

#[tokio::test]
async fn every_tenant_shares_the_pool() {
    let fake = FakeTwilio::start().await;
    let adapter = fake.adapter();
    for _ in 0..3 {
        let sms = switchboard::twilio::SendSms::new(TO, "hi");
        adapter.send_sms(&fake.credentials(), &sms).await.unwrap();
    }
    assert_eq!(fake.connections(), 1);
}

#[tokio::test]
async fn a_connection_closed_50_ms_ago_is_not_used() {
    let fake = FakeTwilio::start().await;
    let proxy = FaultProxy::to(fake.url());
    let adapter = fake.adapter_builder().base_url(proxy.url()).build().unwrap();
    let account = adapter.account(&fake.credentials()).unwrap();
    for round in 1..=5 {
        account.send_sms(TO, "hi").await.unwrap();
        proxy.close_idle();
        // The guarantee holds 50 ms after the server closed the connection, so the test needs this pause.
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!((proxy.requests(), fake.sent().len()), (round, round));
    }
}

#[tokio::test]
async fn a_send_whose_connection_closes_is_unknown_and_not_repeated() {
    let fake = FakeTwilio::start().await;
    let proxy = FaultProxy::to(fake.url());
    proxy.set(ProxyMode::CloseOnReuse);
    let adapter = fake.adapter_builder().base_url(proxy.url()).build().unwrap();
    let account = adapter.account(&fake.credentials()).unwrap();
    account.send_sms(TO, "first").await.unwrap();
    let error = account.send_sms(TO, "second").await.unwrap_err();
    assert_eq!((error.outcome(), error.is_retryable()), (Outcome::Unknown, false), "{error:?}");
    assert_eq!((proxy.requests(), fake.sent().len()), (1, 1));
    // A read in the same situation is repeated.
    proxy.set(ProxyMode::Pass);
    let sid = fake.sent()[0].sid.clone();
    account.messages().fetch(&sid).await.unwrap();
}

#[tokio::test]
async fn idle_connections_are_closed_before_the_server_closes_them() {
    let fake = FakeTwilio::start().await;
    let adapter = fake.adapter_builder().idle_timeout(Duration::from_millis(30)).build().unwrap();
    let account = adapter.account(&fake.credentials()).unwrap();
    account.send_sms(TO, "first").await.unwrap();
    tokio::time::sleep(Duration::from_millis(120)).await;
    account.send_sms(TO, "second").await.unwrap();
    assert_eq!(fake.connections(), 2);
}
