//! `consent import`: what many people said, from a list. A row that is not clear is left out, and told.

use std::fs::File;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::json;
use switchboard::sms::Consent;
use switchboard_outbox::campaign::{Recipients, Row};
use switchboard_outbox::policy::{ConsentRecord, ConsentSource};

use super::ImportArgs;
use crate::context::Context;
use crate::database::DatabaseArgs;
use crate::exit::Exit;
use crate::failure::Failure;

/// How many are recorded at once.
const CHUNK: usize = 1_000;

pub(super) async fn run(
    context: &Context,
    database: &DatabaseArgs,
    tenant: &str,
    args: ImportArgs,
) -> Result<(), Failure> {
    let wrong = |error: &dyn std::fmt::Display| {
        Failure::usage(format!("LIST: {}: {error}", args.list.display()))
            .todo("for instance with the rows `phone,consent,at` and `+14155551234,out,2026-09-01`")
    };
    let file = File::open(&args.list).map_err(|error| wrong(&error))?;
    let list = Recipients::csv(file);
    let list = match &args.country {
        Some(country) => list.country(country),
        None => list,
    };
    let rows = list.read().map_err(|error| wrong(&error))?;
    if !rows.columns().any(|column| column.eq_ignore_ascii_case("consent")) {
        return Err(wrong(&"there is no column `consent`"));
    }
    let outbox = if args.dry_run { None } else { Some(database.outbox().await?) };
    let (mut recorded, mut unchanged, mut rejected) = (0_u64, 0_u64, 0_u64);
    let mut chunk: Vec<ConsentRecord> = Vec::new();
    let mut rows = rows.map(|row| row.map_err(|error| wrong(&error)));
    loop {
        let row = rows.next().transpose()?;
        let is_end = row.is_none();
        match row.map(|row| {
            row.map_err(|rejected| rejected.to_string()).and_then(|row| record(&args, tenant, &row))
        }) {
            None => {}
            Some(Ok(record)) => chunk.push(record),
            Some(Err(why)) => {
                rejected += 1;
                context.out.warn(&why);
            }
        }
        if chunk.len() >= CHUNK || is_end {
            let rows = std::mem::take(&mut chunk);
            match &outbox {
                None => recorded += rows.len() as u64,
                Some(outbox) => {
                    let imported = outbox.import_consents(rows, &Context::who()).await?;
                    recorded += imported.changed;
                    unchanged += imported.unchanged;
                }
            }
        }
        if is_end {
            break;
        }
    }
    let verb = if args.dry_run { "would be recorded" } else { "recorded" };
    let sentence = format!("{recorded} {verb}, {unchanged} known before or older, {rejected} left out");
    let json =
        json!({ "recorded": recorded, "unchanged": unchanged, "rejected": rejected, "dryRun": args.dry_run });
    context.out.say_or(&sentence, json)?;
    if rejected > 0 { Err(Failure::told(Exit::Failed)) } else { Ok(()) }
}

/// What one row says.
fn record(args: &ImportArgs, tenant: &str, row: &Row) -> Result<ConsentRecord, String> {
    let line = row.line;
    let cell = |name: &str| {
        let found = row.values.iter().find(|(column, _)| column.eq_ignore_ascii_case(name));
        found.and_then(|(_, value)| value.as_str()).map(str::trim).filter(|text| !text.is_empty())
    };
    let consent = match cell("consent").map(str::to_lowercase).as_deref() {
        Some("out" | "opted-out" | "no" | "stop") => Consent::OptedOut,
        Some("in" | "opted-in" | "yes") => Consent::OptedIn,
        _ => return Err(format!("line {line}: write `in` or `out` into the column consent")),
    };
    let at = match cell("at") {
        Some(at) => time(at)
            .ok_or_else(|| format!("line {line}: write the time as 2026-09-01 or 2026-09-01T08:30:00Z"))?,
        // A consent of now would count more than any STOP before.
        None if consent == Consent::OptedIn => {
            return Err(format!("line {line}: say in the column at when they agreed"));
        }
        None => Timestamp::now(),
    };
    let to = switchboard::phone::Address::from(row.to.clone());
    let source = args.source.clone().unwrap_or_else(|| "list".to_owned());
    let mut record = args.about.record(tenant, to, consent, at).source(ConsentSource::Import(source));
    record.proof = cell("proof").map(str::to_owned);
    Ok(record)
}

/// A time, or the beginning of a day in UTC.
fn time(text: &str) -> Option<Timestamp> {
    let day = || text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok().map(|day| day.timestamp());
    text.parse().ok().or_else(day)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_time_is_an_instant_or_a_day() {
        for (text, time) in [
            ("2026-09-01", Some("2026-09-01T00:00:00Z")),
            ("2026-09-01T08:30:00+02:00", Some("2026-09-01T06:30:00Z")),
            ("09/01/2026", None),
        ] {
            assert_eq!(super::time(text), time.map(|time| time.parse().unwrap()), "{text}");
        }
    }
}
