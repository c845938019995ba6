//! Shows an account: its name and status, its balance, this month's usage, and recent errors.
//! `cargo run --example account`
//!
//! With `TWILIO_ACCOUNT_SID` and `TWILIO_AUTH_TOKEN` in the environment it asks Twilio; without them, the built-in fake.

#![allow(clippy::print_stdout, reason = "an example talks to the person who runs it")]

use switchboard::twilio::alerts::ListAlerts;
use switchboard::twilio::usage::{ListUsage, UsagePeriod};

#[path = "shared/setup.rs"]
mod setup;

use setup::{Result, Target, arguments};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    arguments("account");
    let Target { account, fake } = Target::open().await?;
    if let Some(fake) = &fake {
        let message = account.send_sms("+14155551234", "Your table is ready").await?;
        fake.deliver(&message.sid);
        fake.add_alert(11200);
    }

    let details = account.details().await?;
    let name = details.friendly_name.map(|name| name.into_string()).unwrap_or_default();
    println!("{name}: {}", details.status);

    let balance = account.balance().await?;
    let amount = balance.balance.map(|amount| amount.to_string()).unwrap_or_default();
    println!("balance: {amount} {}", balance.currency.unwrap_or_default());

    let mut usage = account.usage().list(&ListUsage::new(UsagePeriod::ThisMonth));
    while let Some(record) = usage.next().await {
        let record = record?;
        let (Some(category), Some(price)) = (record.category, record.price) else { continue };
        if price.as_str().bytes().any(|digit| (b'1'..=b'9').contains(&digit)) {
            println!("this month: {category} {price} {}", record.price_unit.unwrap_or_default());
        }
    }

    let mut alerts = account.alerts().list(&ListAlerts::new()).limit(5);
    while let Some(alert) = alerts.next().await {
        let alert = alert?;
        let code = alert.error_code.unwrap_or_default();
        match alert.meaning() {
            Some(meaning) => println!("alert {code}: {}. {}", meaning.title, meaning.fix),
            None => println!("alert {code}: see {}", alert.more_info.unwrap_or_default()),
        }
    }
    Ok(())
}
