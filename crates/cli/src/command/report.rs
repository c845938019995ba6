//! `report`: what the messages or the calls of some days amount to.

use clap::{Subcommand, ValueEnum};
use jiff::Span;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::json;
use switchboard::provider::Price;
use switchboard::twilio::analytics::{
    AnalyticsPeriod, CallAnalytics, CallFigures, CountryFigures, DayFigures, ErrorCount, MessageAnalytics,
    MessageFigures, SenderFigures, TimeFigures,
};

use crate::context::Context;
use crate::failure::Failure;
use crate::record::{Record, own_record};

/// More than the adapter takes, so that it says so.
const MOST_DAYS: i64 = 10_000;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Messages: volume, delivery rate, response time, errors, cost
    Messages(Period),
    /// Calls: volume, answer rate, duration, errors, cost
    Calls(Period),
}

#[derive(Debug, clap::Args)]
struct Period {
    /// How many days, ending today, in UTC; at most 400
    #[arg(long, default_value_t = 7, value_name = "COUNT")]
    days: u32,
    /// The last day instead of today, in UTC: 2026-09-30
    #[arg(long, value_name = "DAY")]
    until: Option<Date>,
    /// The table to print
    #[arg(long, value_enum, default_value_t = By::Day)]
    by: By,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum By {
    Day,
    Sender,
    Country,
    Error,
}

/// A row of figures of messages.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct MessageRow {
    of: String,
    #[serde(flatten)]
    figures: MessageFigures,
}

own_record!(MessageRow, open: true {
    "OF" = "of", "MESSAGES" = "messages", "IN" = "inbound", "OUT" = "outbound", "DELIVERED" = "delivered", "FAILED" = "failed",
    "RATE" = "deliveryRate", "SEGMENTS" = "segments", "COST" = "cost", "UNPRICED" = "unpriced",
});

/// A row of figures of calls.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CallRow {
    of: String,
    #[serde(flatten)]
    figures: CallFigures,
}

own_record!(CallRow, open: true {
    "OF" = "of", "CALLS" = "calls", "IN" = "inbound", "OUT" = "outbound", "ANSWERED" = "answered", "RATE" = "answerRate",
    "SECONDS" = "totalSeconds", "MEAN" = "meanSeconds", "COST" = "cost", "UNPRICED" = "unpriced",
}, more: ["unanswered", "completed"]);

own_record!(ErrorCount { "CODE" = "code", "COUNT" = "count", "MEANING" = "meaning" });

pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let (calls, period) = match args.command {
        Command::Messages(period) => (false, period),
        Command::Calls(period) => (true, period),
    };
    let days = match period.until {
        None => AnalyticsPeriod::days(period.days),
        Some(last) => {
            let days = Span::new().days(i64::from(period.days).saturating_sub(1).min(MOST_DAYS));
            let too_early =
                || Failure::usage("--until: there is no day so early; for instance --until 2026-09-30");
            AnalyticsPeriod::between(last.checked_sub(days).map_err(|_| too_early())?, last)
        }
    };
    let analytics = context.account().await?.analytics();
    if calls {
        let report = analytics.calls(&days).await?;
        of_calls(context, report, period.by).await
    } else {
        let report = analytics.messages(&days).await?;
        of_messages(context, report, period.by).await
    }
}

async fn of_messages(context: &Context, report: MessageAnalytics, by: By) -> Result<(), Failure> {
    if context.out.is_json() {
        return context.out.say_or("", json!(report));
    }
    let total = &report.total;
    let mut lines = vec![
        format!("{} to {} (UTC), as of {}", report.first_day, report.last_day, report.as_of),
        format!(
            "{} messages: {} in, {} out, {} segments",
            total.messages, total.inbound, total.outbound, total.segments
        ),
        format!(
            "delivered {} of {} that ended ({})",
            total.delivered,
            total.delivered + total.failed,
            share(total.delivery_rate)
        ),
        format!("answers of people: {}", time(report.answer_time.as_ref())),
        format!("replies of the account: {}", time(report.reply_time.as_ref())),
        format!("cost {}; {} without a price yet", cost(&total.cost), total.unpriced),
    ];
    lines.extend(left_out(report.left_out));
    context.out.say(&(lines.join("\n") + "\n "))?;
    let MessageAnalytics { by_day, by_sender, by_country, errors, .. } = report;
    let row = |of, figures| MessageRow { of, figures };
    table(context, by, row, (by_day, by_sender, by_country, errors)).await
}

async fn of_calls(context: &Context, report: CallAnalytics, by: By) -> Result<(), Failure> {
    if context.out.is_json() {
        return context.out.say_or("", json!(report));
    }
    let total = &report.total;
    let mut lines = vec![
        format!("{} to {} (UTC), as of {}", report.first_day, report.last_day, report.as_of),
        format!("{} calls: {} in, {} out", total.calls, total.inbound, total.outbound),
        format!(
            "answered {} of {} that ended ({})",
            total.answered,
            total.answered + total.unanswered,
            share(total.answer_rate)
        ),
        format!("{} seconds in all", total.total_seconds),
        format!("cost {}; {} without a price yet", cost(&total.cost), total.unpriced),
    ];
    lines.extend(left_out(report.left_out));
    context.out.say(&(lines.join("\n") + "\n "))?;
    let CallAnalytics { by_day, by_sender, by_country, errors, .. } = report;
    let row = |of, figures| CallRow { of, figures };
    table(context, by, row, (by_day, by_sender, by_country, errors)).await
}

/// The parts of a report that are tables.
type Tables<F> = (Vec<DayFigures<F>>, Vec<SenderFigures<F>>, Vec<CountryFigures<F>>, Vec<ErrorCount>);

async fn table<F, R: Record>(
    context: &Context,
    by: By,
    row: impl Fn(String, F) -> R,
    (by_day, by_sender, by_country, errors): Tables<F>,
) -> Result<(), Failure> {
    let others = || "others".to_owned();
    let rows: Vec<(String, F)> = match by {
        By::Day => by_day.into_iter().map(|of| (of.day.to_string(), of.figures)).collect(),
        By::Sender => by_sender
            .into_iter()
            .map(|of| (of.sender.map_or_else(others, |sender| sender.to_string()), of.figures))
            .collect(),
        By::Country => by_country.into_iter().map(|of| (of.country, of.figures)).collect(),
        By::Error => {
            let rows: Vec<_> = errors.into_iter().map(Ok::<_, Failure>).collect();
            return context.out.list(futures_util::stream::iter(rows), "no errors").await;
        }
    };
    let rows: Vec<_> = rows.into_iter().map(|(of, figures)| Ok::<_, Failure>(row(of, figures))).collect();
    context.out.list(futures_util::stream::iter(rows), "nothing").await
}

fn left_out(count: u64) -> Option<String> {
    (count > 0).then(|| format!("{count} rows of Twilio's list could not be read, and are not counted"))
}

fn share(rate: Option<f64>) -> String {
    rate.map_or_else(|| "none ended yet".to_owned(), |rate| format!("{:.1} %", rate * 100.0))
}

fn time(figures: Option<&TimeFigures>) -> String {
    figures.map_or_else(
        || "none in this time".to_owned(),
        |time| format!("{}, after {:.0} seconds on average", time.count, time.mean_seconds),
    )
}

/// Amounts with their currencies, in words.
fn cost(prices: &[Price]) -> String {
    let words: Vec<String> =
        prices.iter().map(|price| format!("{} {}", price.amount, price.currency)).collect();
    if words.is_empty() { "nothing".to_owned() } else { words.join(" and ") }
}
