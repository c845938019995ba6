//! `number buy`: asks, and says what it costs each month.

use switchboard::phone::E164;
use switchboard::sms::{Destination, destination};
use switchboard::twilio::TwilioAccount;
use switchboard::twilio::numbers::{BuyNumber, PhoneNumber, UpdateNumber};

use super::{e164, kind_of, monthly};
use crate::args::DryRun;
use crate::context::Context;
use crate::dry_run::refused;
use crate::failure::Failure;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The number, as `number search` shows it
    number: String,
    /// Its name
    #[arg(long)]
    name: Option<String>,
    /// The URL that its texts go to
    #[arg(long, value_name = "URL")]
    sms_url: Option<String>,
    /// The URL that its calls go to
    #[arg(long, value_name = "URL")]
    voice_url: Option<String>,
    /// The URL that Twilio reports to what became of its calls
    #[arg(long, value_name = "URL")]
    callback: Option<String>,
    /// Your address, AD…, if the country wants one
    #[arg(long, value_name = "SID")]
    address: Option<String>,
    /// Your documents, BU…, if the country wants some
    #[arg(long, value_name = "SID")]
    bundle: Option<String>,
    #[command(flatten)]
    dry_run: DryRun,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    context.out.check_fields::<PhoneNumber>()?;
    let number = e164(&args.number)?;
    let buy = BuyNumber::number(number.as_str()).with(settings(&args));
    buy.check().map_err(|error| refused(&error))?;
    if args.dry_run.dry_run {
        let sentence = format!(
            "would buy {number}; what it costs each month is unknown, as nobody is asked: `switchboard number search` shows it"
        );
        return context.show_dry_run(&sentence, &buy);
    }
    context.can_confirm(&format!("Buy {number}? It costs money every month"))?;
    let account = context.account().await?;
    let price = price(&account, &number).await;
    let costs = match &price {
        Some((amount, currency)) => format!("{amount} {currency} every month"),
        None => "money every month; Twilio does not say how much".to_owned(),
    };
    context.confirm(&format!("Buy {number}? It costs {costs}, from now on"))?;
    let bought = context.hand_over(account.phone_numbers().buy(&buy.confirm())).await;
    let bought = bought.map_err(|failure| {
        let failure = failure.while_doing(number.as_str());
        failure.find_out(format!("switchboard number list --number {number}"))
    })?;
    context.out.done(&format!("{number} is yours ({}); it costs {costs}", bought.sid), &bought)
}

fn settings(args: &Args) -> UpdateNumber {
    let text = |value: &Option<String>| value.as_deref().map(Into::into);
    let mut settings = UpdateNumber::new();
    settings.friendly_name = text(&args.name);
    settings.sms_url = text(&args.sms_url);
    settings.voice_url = text(&args.voice_url);
    settings.status_callback = text(&args.callback);
    settings.address_sid.clone_from(&args.address);
    settings.bundle_sid.clone_from(&args.bundle);
    settings
}

/// What the number costs each month; `None` if it cannot be found out, which is no reason not to ask.
async fn price(account: &TwilioAccount, number: &E164) -> Option<(String, String)> {
    let Destination::Country(country) = destination(number) else { return None };
    let prices = account.prices().numbers(country).await.ok()?;
    monthly(&prices, &kind_of(number))
}
