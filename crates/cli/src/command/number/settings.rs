//! `number configure`: where the texts and calls of a number go.

use switchboard::sms::Text;
use switchboard::twilio::calls::HttpMethod;
use switchboard::twilio::numbers::{PhoneNumber, UpdateNumber};

use super::{check, find};
use crate::context::Context;
use crate::failure::Failure;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The number, or its SID, PN…
    number: String,
    /// The URL that its texts go to; '' for none
    #[arg(long, value_name = "URL")]
    sms_url: Option<String>,
    /// How Twilio requests it
    #[arg(long, value_name = "METHOD", value_parser = ["GET", "POST"], ignore_case = true)]
    sms_method: Option<String>,
    /// The URL that its texts go to if the first one fails
    #[arg(long, value_name = "URL")]
    sms_fallback_url: Option<String>,
    /// The URL that its calls go to; '' for none
    #[arg(long, value_name = "URL")]
    voice_url: Option<String>,
    /// How Twilio requests it
    #[arg(long, value_name = "METHOD", value_parser = ["GET", "POST"], ignore_case = true)]
    voice_method: Option<String>,
    /// The URL that its calls go to if the first one fails
    #[arg(long, value_name = "URL")]
    voice_fallback_url: Option<String>,
    /// The URL that Twilio reports to what became of its calls; '' for none
    #[arg(long, value_name = "URL")]
    callback: Option<String>,
    /// Its name
    #[arg(long)]
    name: Option<String>,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    context.out.check_fields::<PhoneNumber>()?;
    check(&args.number)?;
    let settings = settings(&args);
    if settings == UpdateNumber::new() {
        return Err(Failure::usage("there is nothing to change").todo(
            "for instance `switchboard number configure +14155550100 --sms-url https://example.com/sms`",
        ));
    }
    let account = context.account().await?;
    let number = find(&account, &args.number).await?;
    let set = context.hand_over(account.phone_numbers().update(&number.sid, &settings)).await?;
    warn(context, &args, &set);
    let name = set.phone_number.as_ref().map_or(args.number.as_str(), |number| number.as_str());
    context.out.done(&described(name, &set), &set)
}

fn settings(args: &Args) -> UpdateNumber {
    let text = |value: &Option<String>| value.as_deref().map(Text::new);
    let method = |value: &Option<String>| {
        value.as_deref().map(|method| HttpMethod::from(method.to_ascii_uppercase().as_str()))
    };
    let mut settings = UpdateNumber::new();
    settings.sms_url = text(&args.sms_url);
    settings.sms_method = method(&args.sms_method);
    settings.sms_fallback_url = text(&args.sms_fallback_url);
    settings.voice_url = text(&args.voice_url);
    settings.voice_method = method(&args.voice_method);
    settings.voice_fallback_url = text(&args.voice_fallback_url);
    settings.status_callback = text(&args.callback);
    settings.friendly_name = text(&args.name);
    settings
}

/// Twilio takes URLs of a number that has an application, and does not use them.
fn warn(context: &Context, args: &Args, set: &PhoneNumber) {
    let used = |what: &str, sid: &Option<String>| {
        if let Some(sid) = sid.as_deref().filter(|sid| !sid.is_empty()) {
            context.out.warn(&format!("its {what} go to the application {sid}, and not to the URL"));
        }
    };
    if args.sms_url.is_some() {
        used("texts", &set.sms_application_sid);
    }
    if args.voice_url.is_some() {
        used("calls", &set.voice_application_sid);
    }
}

fn described(number: &str, set: &PhoneNumber) -> String {
    let to = |url: &Option<Text>| {
        let url = url.as_ref().map(Text::as_str).filter(|url| !url.is_empty());
        url.unwrap_or("nowhere").to_owned()
    };
    format!("{number}: texts go to {}, calls to {}", to(&set.sms_url), to(&set.voice_url))
}
