//! The fault proxy: what the client sees, and what arrives at the server.

use std::time::Duration;

use switchboard_testing::{FakeTwilio, FaultProxy, ProxyMode};

use crate::support::{Plain, Raw};

async fn behind_proxy() -> (FakeTwilio, FaultProxy, Plain) {
    let fake = FakeTwilio::start().await;
    let proxy = FaultProxy::to(fake.url());
    let client = Plain::through(&fake, proxy.url());
    (fake, proxy, client)
}

#[tokio::test]
async fn it_passes_everything_on_over_one_connection() {
    let (fake, proxy, client) = behind_proxy().await;
    for n in 0..3 {
        client.sent(&n.to_string(), &[]).await;
    }
    assert_eq!((proxy.connections(), proxy.open_connections(), proxy.requests()), (1, 1, 3));
    assert_eq!((fake.sent().len(), fake.connections()), (3, 1));
}

#[tokio::test]
async fn it_passes_on_what_wiremock_serves() {
    let fake = FakeTwilio::start().await;
    let proxy = FaultProxy::to(fake.url());
    let client = Plain::through(&fake, proxy.url());
    client.sent("hi", &[]).await;
    assert_eq!(client.get("/Messages.json").send().await.unwrap().status(), 200);
    assert_eq!((proxy.requests(), fake.requests()), (2, 2));
}

#[tokio::test]
async fn some_modes_break_before_the_server_has_the_request_and_some_after() {
    let cases = [(ProxyMode::Refuse, 0), (ProxyMode::ResetBefore, 0), (ProxyMode::ResetAfter, 1)];
    for (mode, taken) in cases {
        let (fake, proxy, client) = behind_proxy().await;
        proxy.set(mode);
        let error = client.text("hi", &[]).send().await.unwrap_err();
        assert!(!error.is_timeout(), "{mode:?}: {error:?}");
        assert_eq!((proxy.requests(), fake.sent().len()), (taken, taken), "{mode:?}");
        assert_eq!(proxy.connections(), 1, "{mode:?}");
        proxy.set(ProxyMode::Pass);
        client.sent("again", &[]).await;
    }
}

#[tokio::test]
async fn a_stalled_request_is_never_answered() {
    let (fake, proxy, client) = behind_proxy().await;
    proxy.set(ProxyMode::Stall);
    let error = client.text("hi", &[]).timeout(Duration::from_millis(50)).send().await.unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
    assert_eq!((proxy.connections(), proxy.requests(), fake.requests()), (1, 0, 0));
}

#[tokio::test]
async fn cut_answer_ends_the_answer_within_its_body() {
    let (fake, proxy, client) = behind_proxy().await;
    proxy.set(ProxyMode::CutAnswer { after: 20 });
    let mut answer = client.text("hi", &[]).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    let mut read = 0;
    let error = loop {
        match answer.chunk().await {
            Ok(Some(chunk)) => read += chunk.len(),
            Ok(None) => panic!("the answer was complete"),
            Err(error) => break error,
        }
    };
    assert!(read <= 20 && error.is_body() | error.is_decode(), "{read}: {error:?}");
    assert_eq!(fake.sent().len(), 1);
}

#[tokio::test]
async fn a_connection_closes_at_the_moment_of_its_reuse() {
    let (fake, proxy, client) = behind_proxy().await;
    proxy.set(ProxyMode::CloseOnReuse);
    client.sent("first", &[]).await;
    let error = client.text("second", &[]).send().await.unwrap_err();
    assert!(!error.is_connect(), "{error:?}");
    client.sent("third", &[]).await;
    assert_eq!((proxy.connections(), proxy.requests(), fake.sent().len()), (2, 2, 2));
}

#[tokio::test]
async fn idle_connections_are_closed_on_demand() {
    let (_fake, proxy, _) = behind_proxy().await;
    let mut connections = [Raw::open(&proxy.url()).await, Raw::open(&proxy.url()).await];
    for connection in &mut connections {
        connection.exchange().await;
        connection.exchange().await;
    }
    assert_eq!((proxy.open_connections(), proxy.requests()), (2, 4));
    assert_eq!((proxy.close_idle(), proxy.open_connections()), (2, 0));
    for connection in &mut connections {
        connection.closed().await;
    }
    assert_eq!(proxy.close_idle(), 0);
    Raw::open(&proxy.url()).await.exchange().await;
    assert_eq!(proxy.connections(), 3);
}

#[tokio::test]
async fn an_idle_time_out_of_the_server_closes_the_clients_connection() {
    let fake = FakeTwilio::builder().idle_timeout(Some(Duration::from_millis(50))).start().await;
    let proxy = FaultProxy::to(fake.url());
    let mut connection = Raw::open(&proxy.url()).await;
    connection.exchange().await;
    connection.closed().await;
}

#[tokio::test]
async fn a_dropped_proxy_closes_everything() {
    let (fake, proxy, _) = behind_proxy().await;
    let mut connection = Raw::open(&proxy.url()).await;
    connection.exchange().await;
    drop(proxy);
    connection.closed().await;
    assert_eq!(fake.requests(), 1);
}
