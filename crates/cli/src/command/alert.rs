//! `alert`: what went wrong in the account, as Twilio's debugger shows it, and what it means.

use clap::Subcommand;
use futures_util::StreamExt as _;
use serde::Serialize;
use switchboard::sms::Text;
use switchboard::twilio::alerts::{Alert, ListAlerts};
use switchboard::twilio::page::DateOrTime;
use switchboard::url::form_urlencoded;

use crate::args::Limit;
use crate::context::Context;
use crate::failure::Failure;
use crate::record::Record;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List alerts of the last 30 days, the newest first
    List(ListArgs),
    /// Show one alert, with the request that Twilio made and the answer that it got
    Get {
        /// The SID of the alert, NO…
        sid: String,
    },
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    /// Only alerts of this level
    #[arg(long, value_parser = ["error", "warning", "notice", "debug"])]
    level: Option<String>,
    /// Only alerts of this day or time, or later: 2026-09-01, 2026-09-01T08:30:00Z
    #[arg(long, value_name = "TIME")]
    since: Option<DateOrTime>,
    /// Only alerts of this day or time, or earlier
    #[arg(long, value_name = "TIME")]
    until: Option<DateOrTime>,
    #[command(flatten)]
    limit: Limit,
}

/// An alert, with what the catalogue of errors knows about its code.
#[derive(Debug, Serialize)]
struct Explained {
    #[serde(flatten)]
    alert: Alert,
    meaning: Option<&'static str>,
    cause: Option<&'static str>,
    fix: Option<&'static str>,
}

impl Record for Explained {
    const COLUMNS: &'static [(&'static str, &'static str)] = &[
        ("SID", "sid"),
        ("WHEN", "dateGenerated"),
        ("LEVEL", "logLevel"),
        ("CODE", "errorCode"),
        ("ABOUT", "resourceSid"),
        ("MEANING", "meaning"),
    ];

    fn fields() -> Vec<String> {
        let own = ["meaning", "cause", "fix"].map(str::to_owned);
        Alert::json_fields().into_iter().chain(own).collect()
    }
}

impl Explained {
    /// In text, the numbers in its parameters are masked.
    fn of(context: &Context, mut alert: Alert) -> Self {
        let entry = alert.meaning();
        if !context.out.is_json() {
            for pairs in [&mut alert.text, &mut alert.request_variables].into_iter().flatten() {
                *pairs = Text::new(masked(context, pairs.as_str(), " "));
            }
            if let Some(url) = &mut alert.request_url
                && let Some((path, query)) = url.as_str().split_once('?')
            {
                *url = Text::new(format!("{path}?{}", masked(context, query, "&")));
            }
        }
        Self {
            alert,
            meaning: entry.map(|entry| entry.title),
            cause: entry.map(|entry| entry.cause),
            fix: entry.map(|entry| entry.fix),
        }
    }
}

/// Writes pairs that are encoded as in a query, `To=%2B14155551234&Body=Hi`, for people: `To=…1234 Body=Hi`.
fn masked(context: &Context, pairs: &str, between: &str) -> String {
    let pairs = form_urlencoded::parse(pairs.as_bytes());
    let shown = pairs.map(|(name, value)| format!("{name}={}", context.out.masked(&value)));
    shown.collect::<Vec<_>>().join(between)
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    match args.command {
        Command::List(args) => list(context, args).await,
        Command::Get { sid } => {
            let alert = context.account().await?.alerts().fetch(&sid).await?;
            context.out.item(&Explained::of(context, alert))
        }
    }
}

async fn list(context: &Context, args: ListArgs) -> Result<(), Failure> {
    let mut filter = ListAlerts::new();
    filter.level = args.level.as_deref().map(Into::into);
    filter.since = args.since;
    filter.until = args.until;
    let alerts = args.limit.of(context.account().await?.alerts().list(&filter));
    let alerts = alerts.map(|alert| alert.map(|alert| Explained::of(context, alert)));
    context.out.list(alerts, "no alerts").await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Global;

    #[test]
    fn numbers_in_parameters_are_masked_for_people_only() {
        let alert = || -> Alert {
            serde_json::from_str(
                r#"{"sid": "NO1", "error_code": "11200", "alert_text": "Msg=Late&To=%2B14155551234",
                    "request_url": "https://example.com/sms?From=%2B14155550177&page=2",
                    "request_variables": "From=%2B14155550177&Body=Thank+you"}"#,
            )
            .unwrap()
        };
        let shown = Explained::of(&Context::new(Global::default()), alert());
        let text = |text: &Option<Text>| text.as_ref().unwrap().as_str().to_owned();
        assert_eq!(text(&shown.alert.text), "Msg=Late To=…1234");
        assert_eq!(text(&shown.alert.request_variables), "From=…0177 Body=Thank you");
        assert_eq!(text(&shown.alert.request_url), "https://example.com/sms?From=…0177&page=2");
        assert_eq!(shown.meaning, Some("your URL could not be fetched"));
        let json = Global { json: Some(String::new()), ..Global::default() };
        assert_eq!(Explained::of(&Context::new(json), alert()).alert, alert());
    }
}
