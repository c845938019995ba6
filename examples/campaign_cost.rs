//! Fills a template for five guests and says what the texts would cost: `cargo run --example campaign_cost`.
//!
//! Nothing is sent, and no account is needed.

#![allow(clippy::print_stdout, reason = "an example talks to the person who runs it")]

use serde_json::json;
use switchboard::sms::{BillableMessage, Guards, PriceList, Templates, estimate};

#[path = "shared/setup.rs"]
mod setup;

use setup::{Result, arguments};

const PRICES: &str = r#"{"currency": "USD", "prices": {
    "US": {"local": "0.0079"}, "CA": {"local": "0.0083"}, "DE": {"local": "0.1120"}}}"#;

fn main() -> Result<()> {
    arguments("campaign_cost");
    let templates = Templates::new().allow_extra().add(
        "table_ready",
        "Hi {{name}}, your table for {{guests}} is ready until {{until | date('%H:%M', zone)}}. \
         {{note | default('See you soon!') | truncate(segments=1)}}",
    )?;
    let guest = |name, phone, zone, note| json!({"name": name, "phone": phone, "guests": 2, "until": "2026-05-01T17:30:00Z", "zone": zone, "note": note});
    let long = "The garden is open tonight, the kitchen closes at ten, and the bar stays open until the last of you has left, whenever that may be.";
    let guests = [
        guest("Ada", "+14155551234", "America/Los_Angeles", ""),
        guest("Bob", "+14165550177", "America/Toronto", ""),
        guest("Łukasz", "+491711234567", "Europe/Berlin", ""),
        guest("Eve", "+491711234568", "Europe/Berlin", long),
        guest("Ann", "+881612345678", "UTC", ""),
    ];

    let plan = templates.plan("table_ready", &guests)?;
    println!("{plan}");
    for (place, forced) in &plan.first_ucs2 {
        let (character, variable) = (forced.character, forced.variable.as_deref().unwrap_or("the template"));
        println!("recipient {place} is in UCS-2 because of {character:?} in {variable}");
    }

    let mut messages = Vec::new();
    for guest in &guests {
        let text = templates.render("table_ready", guest)?;
        println!("  {}", text.as_str());
        messages.push(BillableMessage::new(guest["phone"].as_str().unwrap_or_default(), text));
    }
    let prices: PriceList = serde_json::from_str(PRICES)?;
    let estimate = estimate(messages, &prices);
    println!("\n{estimate}\n");
    match estimate.check(&Guards::new().max_segments(1).max_cost("0.50".parse()?, &prices)) {
        Ok(()) => println!("within the limits"),
        Err(error) => println!("refused: {error}"),
    }
    Ok(())
}
