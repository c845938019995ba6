//! A second provider behind the same contract: `cargo run --example custom_adapter`.
//!
//! `courier.rs` is the whole adapter. `notify` below works with any provider: it sends a text and places a call through
//! the given adapter, finds both in the lists, and reads their status.

#![allow(clippy::print_stdout, reason = "an example talks to the person who runs it")]

use switchboard::provider::{Messenger, Outgoing, OutgoingCall, Search, SendId, SendOptions};
use switchboard::transport::Transport;
use switchboard::{Credentials, ProviderAdapter, ProviderRegistry};
use switchboard_testing::FakeTwilio;

mod courier;
mod service;
#[path = "../shared/setup.rs"]
mod setup;

use setup::Result;

const TO: &str = "+14155551234";

async fn notify(adapter: &dyn ProviderAdapter, credentials: &Credentials) -> Result<()> {
    println!("{}", adapter.info().display_name);
    println!("  connected as {}", adapter.test_connection(credentials).await?.username);
    let messenger = adapter.messenger().ok_or("this provider cannot text")?;

    let options = SendOptions::new();
    let text = Outgoing::text(TO, "Your table is ready");
    let sent = messenger.send(credentials, &text, &options).await?;
    follow("text", messenger, credentials, &sent.id).await?;

    let call = OutgoingCall::say(TO, "Your table is ready");
    let made = messenger.call(credentials, &call, &options).await?;
    follow("call", messenger, credentials, &made.id).await
}

async fn follow(what: &str, messenger: &dyn Messenger, credentials: &Credentials, id: &SendId) -> Result<()> {
    let found = messenger.list(credentials, &Search::new(id.kind).to(TO), None).await?;
    let listed = found.rows.iter().any(|row| row.delivery.id == *id);
    let delivery = messenger.status(credentials, id).await?;
    println!("  {what}: {}, {}", delivery.status, if listed { "in the list" } else { "not in the list" });
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    setup::arguments("custom_adapter");
    println!("On local servers of this example: nothing leaves this machine.");
    let fake = FakeTwilio::start().await;
    let service = service::start().await;
    let transport = Transport::builder().system_proxy(false).build()?;

    let mut registry = ProviderRegistry::new();
    registry.register(fake.adapter());
    registry.register(courier::Courier(service.uri().parse()?, transport));
    let token = Credentials::new().set("token", service::TOKEN);
    for adapter in registry.adapters() {
        let credentials = if adapter.name() == courier::NAME { token.clone() } else { fake.credentials() };
        notify(&*adapter, &credentials).await?;
    }
    Ok(())
}
