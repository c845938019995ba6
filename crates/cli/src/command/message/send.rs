//! `message send`: each text once, and an exit status that says whether it went out.

use std::path::PathBuf;

use jiff::Timestamp;
use serde_json::json;
use switchboard::Credentials;
use switchboard::phone::Address;
use switchboard::sms::BillableMessage;
use switchboard::twilio::{CreateMessage, Message, TwilioAccount};
use switchboard_accounts::{Accounts, Entry};

use crate::context::Context;
use crate::dry_run::refused;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::price::{self, Cost};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Who gets it, as in +14155551234, and behind them the text
    #[arg(required = true, value_name = "TO… TEXT")]
    words: Vec<String>,
    /// The text, if it does not stand behind the recipients; `-` reads it from standard input
    #[arg(long, value_name = "TEXT")]
    body: Option<String>,
    /// The sender: a number of the account, or a messaging service, MG…; by default that of the account
    #[arg(long, value_name = "SENDER")]
    from: Option<String>,
    /// The URL of a picture or file; may be repeated, up to 10
    #[arg(long, value_name = "URL")]
    media: Vec<String>,
    /// Send it at this time, 5 minutes to 35 days ahead, by a messaging service: 2026-09-01T08:30:00+02:00
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// The URL that Twilio reports to what became of it; by default `sms_status` of the file of accounts
    #[arg(long, value_name = "URL")]
    callback: Option<String>,
    #[command(flatten)]
    pub(crate) dry_run: Prices,
}

/// A dry run of a message, and what it would cost.
#[derive(Debug, clap::Args)]
pub(crate) struct Prices {
    /// Show what would be sent and what it would cost, and make no request
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// The prices for --dry-run, as JSON; by default those of `price refresh`
    #[arg(long, value_name = "FILE", requires = "dry_run")]
    pub(crate) prices: Option<PathBuf>,
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let dry_run = (args.dry_run.dry_run, args.dry_run.prices.clone());
    let messages = messages(args)?;
    send(context, messages, &Prices { dry_run: dry_run.0, prices: dry_run.1 }).await
}

fn messages(mut args: Args) -> Result<Vec<CreateMessage>, Failure> {
    let has_text_behind = args.body.is_none() && (args.media.is_empty() || args.words.len() > 1);
    let mut body = if has_text_behind { args.words.pop() } else { args.body.take() };
    if has_text_behind && body.as_deref().is_some_and(|text| Address::from(text).number().is_some()) {
        let what = "TEXT: the last word is a number, and would be the text";
        return Err(Failure::usage(what).todo("add the text behind the recipients, or give it with --body"));
    }
    if body.as_deref() == Some("-") {
        body = Some(std::io::read_to_string(std::io::stdin())?.trim_end_matches(['\r', '\n']).to_owned());
    }
    if args.words.is_empty() {
        let what = "TO… TEXT: there is a text and nobody who gets it, or a recipient and no text";
        return Err(Failure::usage(what)
            .todo("for instance `switchboard message send +14155551234 \"Your table is ready\"`"));
    }
    let recipients: Vec<Address> = args.words.iter().map(|to| Address::from(to.as_str())).collect();
    for (place, to) in recipients.iter().enumerate() {
        if recipients.iter().take(place).any(|other| other == to) {
            let what = format!("TO: {} is there twice", to.masked());
            return Err(Failure::usage(what).todo("name each recipient once: nobody is texted twice"));
        }
    }
    let message = |to: Address| {
        let mut message = CreateMessage::new(to);
        message.body = body.clone().map(Into::into);
        message.media_url = args.media.iter().map(|url| url.as_str().into()).collect();
        message.send_at = args.at;
        message.status_callback = args.callback.as_deref().map(Into::into);
        match &args.from {
            Some(service) if service.starts_with("MG") => {
                message.messaging_service_sid = Some(service.clone())
            }
            Some(number) => message.from = Some(number.as_str().into()),
            None => {}
        }
        message
    };
    Ok(recipients.into_iter().map(message).collect())
}

/// Sends messages, one after the other, each once. All of them are checked before the first one is sent.
pub(crate) async fn send(
    context: &Context,
    mut messages: Vec<CreateMessage>,
    dry_run: &Prices,
) -> Result<(), Failure> {
    context.out.check_fields::<Message>()?;
    let status_url = |accounts: &Accounts, _: &Entry| accounts.webhooks().sms_status.clone();
    let (credentials, status_url) = context.credentials_and(status_url).await?;
    for message in messages.iter_mut().filter(|message| message.status_callback.is_none()) {
        message.status_callback = status_url.as_deref().map(Into::into);
    }
    for message in &messages {
        checked(message, &credentials)?;
    }
    if dry_run.dry_run {
        let prices = price::known(dry_run.prices.as_deref())?;
        return messages
            .iter()
            .try_for_each(|message| show(context, &with_sender(message, &credentials), prices.as_ref()));
    }
    let account = context.adapter()?.account(&credentials)?;
    send_from(context, &account, &messages).await
}

/// Sends messages that were checked.
pub(crate) async fn send_from(
    context: &Context,
    account: &TwilioAccount,
    messages: &[CreateMessage],
) -> Result<(), Failure> {
    if let [message] = messages {
        let sent = one(context, account, message).await?;
        return context.out.done(&sentence(context, message, &sent), &sent);
    }
    let (mut exit, mut went_out) = (Exit::Done, false);
    for message in messages {
        // What is already sent stays sent, so every failure is told beside it, and the worst one is the status.
        let told = one(context, account, message).await.and_then(|sent| {
            went_out = true;
            match context.out.is_json() {
                true => context.out.line(&context.out.value(&sent)?),
                false => context.out.say(&sentence(context, message, &sent)),
            }
        });
        if let Err(failure) = told {
            context.out.failure(&failure);
            went_out |= failure.exit() == Exit::Done;
            exit = exit.worse(failure.exit());
        }
    }
    // Some have left, so the list as a whole may not be repeated.
    if went_out && matches!(exit, Exit::Later | Exit::Interrupted) {
        exit = Exit::Failed;
    }
    if exit == Exit::Done { Ok(()) } else { Err(Failure::told(exit)) }
}

async fn one(
    context: &Context,
    account: &TwilioAccount,
    message: &CreateMessage,
) -> Result<Message, Failure> {
    let sent = context.hand_over(account.messages().create(message)).await;
    sent.map_err(|failure| {
        let failure = failure.while_doing(&format!("to {}", message.to.masked()));
        failure.find_out(format!("switchboard message list --to {} --limit 5", message.to))
    })
}

fn sentence(context: &Context, message: &CreateMessage, sent: &Message) -> String {
    let to = context.out.masked(message.to.as_str());
    let segments = sent.segments();
    let many = if segments == 1 { "" } else { "s" };
    format!("{}  {}  to {to}, {segments} segment{many}", sent.sid, sent.status)
}

/// The message as the account would send it; what Twilio would certainly refuse is refused.
pub(crate) fn checked(message: &CreateMessage, credentials: &Credentials) -> Result<CreateMessage, Failure> {
    let message = with_sender(message, credentials);
    message.check().map_err(|error| refused(&error))?;
    Ok(message)
}

/// The message with the sender that the account would add.
fn with_sender(message: &CreateMessage, credentials: &Credentials) -> CreateMessage {
    let mut message = message.clone();
    if message.from.is_none() && message.messaging_service_sid.is_none() {
        let number = credentials.get("phoneNumber").map(Address::from);
        let service = credentials.get("messagingServiceSid").map(str::to_owned);
        match (number, service) {
            (Some(number), None) => message.from = Some(number),
            (Some(number), Some(_)) if message.send_at.is_none() => message.from = Some(number),
            (_, service) => message.messaging_service_sid = service,
        }
    }
    message
}

/// Shows a message that is not sent.
fn show(
    context: &Context,
    message: &CreateMessage,
    prices: Option<&switchboard::sms::PriceList>,
) -> Result<(), Failure> {
    let mut billable = BillableMessage::from(message);
    if let Some(from) = &message.from {
        billable = billable.sent_from(from);
    }
    let cost = Cost::of(vec![billable], prices);
    let request = context.masked_request(message);
    let sender = message.from.as_ref().map(|from| context.out.masked(from.as_str()));
    let sender = sender.or_else(|| message.messaging_service_sid.clone()).unwrap_or_default();
    let to = context.out.masked(message.to.as_str());
    let sentence = format!("would send to {to} from {sender}: {}", cost.words());
    let verdict = json!({ "dryRun": true, "wouldSend": true, "request": request, "segments": cost.segments,
        "cost": cost.cost, "currency": cost.currency, "costUnknown": cost.unknown });
    context.out.say_or(&sentence, verdict)
}
