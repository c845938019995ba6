//! Finds a number, buys it, sets its webhook, lists the account's numbers, and releases it: `cargo run --example numbers`.
//!
//! It runs on the built-in fake only: buying costs money.

#![allow(clippy::print_stdout, reason = "an example talks to the person who runs it")]

use switchboard::twilio::numbers::{BuyNumber, ListPhoneNumbers, ReleaseNumber, SearchNumbers, UpdateNumber};
use switchboard_testing::FakeTwilio;

#[path = "shared/setup.rs"]
mod setup;

use setup::{Result, arguments};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    arguments("numbers");
    println!("On the built-in fake of Twilio: nothing leaves this machine.");
    let fake = FakeTwilio::start().await;
    let account = fake.account();

    let search = SearchNumbers::local("US").area_code(415).sms(true);
    let offers = account.available_numbers().search(&search).await?;
    for offer in offers.iter().take(3) {
        println!("for sale: {} in {}", offer.phone_number, offer.locality.as_deref().unwrap_or("no place"));
    }
    let Some(number) = offers.into_iter().next().map(|offer| offer.phone_number) else {
        return Err("no number is available".into());
    };

    let numbers = account.phone_numbers();
    let buy = BuyNumber::number(number).with(UpdateNumber::new().friendly_name("Front desk"));
    if let Err(error) = numbers.buy(&buy).await {
        println!("without confirm(): {error}");
    }
    let bought = numbers.buy(&buy.confirm()).await?;
    let sid = bought.sid;
    println!("bought {sid}");
    numbers.update(&sid, &UpdateNumber::new().sms_url("https://example.com/sms")).await?;

    let mut owned = numbers.list(&ListPhoneNumbers::new());
    while let Some(number) = owned.next().await {
        let number = number?;
        let name = number.friendly_name.map(|name| name.into_string()).unwrap_or_default();
        let url = number.sms_url.map(|url| url.into_string()).filter(|url| !url.is_empty());
        println!("owned: {} {name:?}, texts go to {}", number.sid, url.as_deref().unwrap_or("nobody"));
    }
    numbers.release(&ReleaseNumber::new(sid).confirm()).await?;
    println!("released");
    Ok(())
}
