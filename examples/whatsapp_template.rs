//! Starts a conversation over WhatsApp with a template. `cargo run --example whatsapp_template -- +14155551234` creates a
//! template and asks WhatsApp to approve it; with the template's SID, `HX…`, after the number, the template is sent.
//!
//! With `TWILIO_ACCOUNT_SID`, `TWILIO_AUTH_TOKEN` and `TWILIO_PHONE_NUMBER` (a WhatsApp sender) in the environment it
//! goes through Twilio; without them, to the built-in fake.

#![allow(clippy::print_stdout, reason = "an example talks to the person who runs it")]

use switchboard::twilio::TwilioAccount;
use switchboard::twilio::content::{ContentAction, ContentCategory, CreateContent, RequestApproval};
use switchboard::twilio::whatsapp::WhatsAppMessage;
use switchboard::{ProviderError, Reason};

#[path = "shared/setup.rs"]
mod setup;

use setup::{Result, Target, arguments};

const WORDS: &str = "Hi {{1}}, your table is ready. Are you coming?";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let mut arguments = arguments("whatsapp_template -- [NUMBER] [CONTENT_SID]").into_iter();
    let to = arguments.next().unwrap_or_else(|| "+14155551234".to_owned());
    let given = arguments.next();

    let Target { account, fake } = Target::open().await?;
    match given {
        Some(sid) => send(&account, &to, &sid).await?,
        None => {
            let sid = make(&account).await?;
            match fake {
                Some(_fake) => send(&account, &to, &sid).await?,
                None => println!("approved? then: cargo run --example whatsapp_template -- {to} {sid}"),
            }
        }
    }
    Ok(())
}

/// Makes a template and asks for its approval.
async fn make(account: &TwilioAccount) -> std::result::Result<String, ProviderError> {
    let answers = [ContentAction::quick_reply("Yes", "yes"), ContentAction::quick_reply("No", "no")];
    let template = CreateContent::new("en")
        .friendly_name("Table ready")
        .text(WORDS)
        .quick_reply(WORDS, answers)
        .variable("1", "Ada");
    let contents = account.content();
    let sid = contents.create(&template).await?.sid;
    contents.request_approval(&sid, &RequestApproval::new("table_ready", ContentCategory::Utility)).await?;
    let approval = contents.approval(&sid).await?.whatsapp.unwrap_or_default();
    println!("{sid} is {}", approval.status);
    Ok(sid)
}

/// Sends the template, and then free text, which arrives only within 24 hours of the recipient's last message.
async fn send(account: &TwilioAccount, to: &str, sid: &str) -> std::result::Result<(), ProviderError> {
    let first = WhatsAppMessage::template(to, sid).variable("1", "Ada");
    let sent = account.send(&first.into()).await?;
    println!("the template is {}", sent.status);

    let answer = WhatsAppMessage::text(to, "We keep it for ten minutes.");
    match account.send(&answer.into()).await {
        // That it was taken does not say that it arrives: outside the 24 hours it fails later, with 63016.
        Ok(taken) => println!("the answer is {}", taken.status),
        Err(error) if error.reason() == Reason::OutsideWindow => println!("they must write first: {error}"),
        Err(error) => return Err(error),
    }
    Ok(())
}
