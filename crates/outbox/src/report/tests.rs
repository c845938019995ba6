//! Reports of rows written by hand.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use switchboard::provider::{DeliveryError, DeliveryStatus, Outcome, PickedUpBy, Price, Reason, SendKind};
use switchboard::sms::PriceList;
use switchboard::{ErrorCode, ProviderError};

use super::tally::Tallies;
use super::*;
use crate::rows::delivered::Delivered;
use crate::rows::history::History;

const START: i64 = 1_796_000_000_000_000; // 2026-11-30T00:53:20Z
const HOUR: i64 = 3_600_000_000;

fn history(id: i64) -> History {
    History {
        id,
        created: START,
        kind: SendKind::Text,
        campaign: None,
        sender: "+14155550100".to_owned(),
        recipient: format!("+1415555{id:04}"),
        weight: Some(1),
        request: None,
        state: "ready".to_owned(),
        status: None,
        error: None,
        segments: None,
        delivered: Delivered::default(),
        opted_out: None,
    }
}

fn accepted(id: i64, status: DeliveryStatus) -> History {
    let delivered = Delivered { marked: Some(START), ..Delivered::default() };
    History {
        state: "accepted".to_owned(),
        status: Some(status),
        segments: Some(1),
        delivered,
        ..history(id)
    }
}

fn priced(row: History, amount: &str, currency: &str) -> History {
    let price = Price { amount: amount.parse().unwrap(), currency: currency.to_owned() };
    History { delivered: Delivered { price: Some(price), ..row.delivered }, ..row }
}

fn failed(row: History, error: &ProviderError) -> History {
    History { error: serde_json::to_string(error).ok(), ..row }
}

fn report(rows: &[History], options: &ReportOptions) -> Report {
    let mut tallies = Tallies::new(options.zone.clone(), options.prices.as_ref());
    rows.iter().for_each(|row| tallies.add(row));
    tallies.report(options, Timestamp::from_microsecond(START + 24 * HOUR).unwrap())
}

fn plain(rows: &[History]) -> Report {
    report(rows, &ReportOptions::new())
}

#[test]
fn a_report_of_nothing_has_no_rate_and_no_cost() {
    let report = plain(&[]);
    assert_eq!((&report.total, report.by_day.len()), (&Figures::default(), 0));
    assert!(report.to_string().contains("cost: nothing for 0 message(s)"), "{report}");
}

#[test]
fn currencies_are_never_added_up_and_no_price_is_not_zero() {
    let rows = [
        priced(accepted(1, DeliveryStatus::Delivered), "0.00790", "USD"),
        priced(accepted(2, DeliveryStatus::Delivered), "0.0001", "EUR"),
        priced(accepted(3, DeliveryStatus::Undelivered), "0.0079", "USD"),
        priced(accepted(4, DeliveryStatus::Delivered), "0", "USD"),
        accepted(5, DeliveryStatus::Delivered),
        accepted(6, DeliveryStatus::Failed),
        accepted(7, DeliveryStatus::Sent),
        history(8),
    ];
    let cost = plain(&rows).total.cost;
    let billed: Vec<String> =
        cost.billed.iter().map(|price| format!("{} {}", price.amount, price.currency)).collect();
    assert_eq!(billed, ["0.0001 EUR", "0.01580 USD"]);
    assert_eq!((cost.priced, cost.not_priced_yet, cost.not_billed), (4, 2, 1));
    assert_eq!((cost.estimated, cost.not_estimated), (None, 0));
}

#[test]
fn each_call_is_counted_once() {
    let call = |id, status, picked_up_by| {
        let row = accepted(id, status);
        History {
            kind: SendKind::Call,
            delivered: Delivered { picked_up_by, ..row.delivered.clone() },
            ..row
        }
    };
    let who = [PickedUpBy::Person, PickedUpBy::Machine, PickedUpBy::Fax, PickedUpBy::Unknown];
    let mut rows: Vec<History> =
        (1..).zip(who).map(|(id, who)| call(id, DeliveryStatus::Completed, Some(who))).collect();
    rows.push(call(5, DeliveryStatus::Completed, None));
    rows.push(call(6, DeliveryStatus::NoAnswer, None));
    rows.push(call(7, DeliveryStatus::Busy, None));
    rows.push(call(8, DeliveryStatus::Failed, None));
    rows.push(call(9, DeliveryStatus::Canceled, None));
    rows.push(call(10, DeliveryStatus::InProgress, Some(PickedUpBy::Machine)));
    let total = plain(&rows).total;
    let calls = &total.calls;
    assert_eq!([calls.person, calls.machine, calls.fax, calls.somebody], [1, 1, 1, 2]);
    assert_eq!([calls.no_answer, calls.busy, calls.failed, calls.pending], [1, 1, 2, 1]);
    assert_eq!((calls.states.accepted, total.texts.states.all()), (10, 0));
    assert_eq!(total.failures.iter().map(FailureFigures::messages).sum::<u64>(), 2, "{:?}", total.failures);
}

#[test]
fn very_many_inputs_of_keys_are_put_together_and_every_row_of_csv_adds_up() {
    let call = |id: i64| {
        let row = accepted(id, DeliveryStatus::Completed);
        History {
            kind: SendKind::Call,
            sender: if id > 150 { "+18005550001" } else { "+18005550000" }.to_owned(),
            delivered: Delivered { pressed: Some(format!("{id:03}")), ..row.delivered.clone() },
            ..row
        }
    };
    let rows: Vec<History> = (1..=250).chain([7]).map(call).collect();
    let report = plain(&rows);
    let pressed = &report.total.calls.pressed;
    assert_eq!((pressed.len(), pressed["007"], pressed["other"]), (201, 2, 50));
    let csv = String::from_utf8(report.csv(Vec::new()).unwrap()).unwrap();
    let mut lines = csv.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    for line in lines {
        let cells = header.iter().zip(&line).filter(|(column, _)| column.contains("pressed "));
        let sum: u64 = cells.map(|(_, people)| people.parse::<u64>().unwrap()).sum();
        let expected = match line[1] {
            name if name.contains("50000") => 151,
            name if name.contains("50001") => 100,
            _ => 251,
        };
        assert_eq!(sum, expected, "{line:?}");
    }
}

#[test]
fn an_opt_out_counts_once_for_the_last_text_before_it() {
    let text = |id, sender: &str, marked| {
        let row = accepted(id, DeliveryStatus::Delivered);
        History {
            recipient: "+14155550001".to_owned(),
            sender: sender.to_owned(),
            opted_out: Some(START + 9 * HOUR),
            delivered: Delivered { marked: Some(marked), ..row.delivered.clone() },
            ..row
        }
    };
    let refusal =
        ProviderError::new(ErrorCode::InvalidRequest, Outcome::NotApplied).with_reason(Reason::OptedOut);
    let rows = [
        text(1, "+14155550100", START),
        text(2, "+14155550200", START + 2 * HOUR),
        text(3, "+14155550300", START + HOUR),
        failed(text(4, "+14155550400", START + 3 * HOUR), &refusal),
        History { state: "rejected".to_owned(), status: None, ..text(5, "+14155550500", START + 4 * HOUR) },
    ];
    let report = plain(&rows);
    let of_senders: Vec<u64> = report.by_sender.iter().map(|group| group.figures.opt_outs).collect();
    assert_eq!((report.total.opt_outs, of_senders), (1, vec![0, 1, 0, 0, 0]));
}

#[test]
fn days_begin_in_the_zone_of_the_report() {
    let rows = [history(1), History { created: START + 24 * HOUR, ..history(2) }];
    let days = |options: &ReportOptions| -> Vec<String> {
        report(&rows, options).by_day.into_iter().map(|group| group.name).collect()
    };
    assert_eq!(days(&ReportOptions::new()), ["2026-11-30", "2026-12-01"]);
    let york = ReportOptions::new().days_in("America/New_York").unwrap();
    assert_eq!(days(&york), ["2026-11-29", "2026-11-30"]);
    assert!(ReportOptions::new().days_in("Moon/Base").is_err());
    assert_eq!(report(&rows, &york).time_zone, "America/New_York");
    assert_eq!(ReportOptions::default().zone, TimeZone::UTC);
}

#[test]
fn the_shortest_sentence_explains_a_code_and_many_reasons_are_put_together() {
    let error = |code, message: &str| {
        ProviderError::new(ErrorCode::InvalidRequest, Outcome::NotApplied)
            .with_provider_code(code)
            .with_message(message)
            .with_advice("Look at the number.")
    };
    let rejected =
        |id, error: &ProviderError| failed(History { state: "rejected".to_owned(), ..history(id) }, error);
    let mut rows = vec![
        rejected(1, &error(21_211, "the number is invalid: +1…1234")),
        rejected(2, &error(21_211, "the number is invalid")),
        failed(
            accepted(3, DeliveryStatus::Undelivered),
            &ProviderError::from(
                &DeliveryError::new(30_003, Reason::Unknown).explained("it is off", "Wait."),
            ),
        ),
        History { state: "rejected".to_owned(), ..history(4) },
    ];
    let failures = plain(&rows).total.failures;
    let shown: Vec<_> = failures
        .iter()
        .map(|one| (one.provider_code, one.meaning.as_str(), one.advice.as_deref(), one.refused, one.failed))
        .collect();
    assert_eq!(
        shown,
        [
            (Some(21_211), "the number is invalid", Some("Look at the number."), 2, 0),
            (None, "the provider gave no reason", None, 1, 0),
            (Some(30_003), "it is off", Some("Wait."), 0, 1),
        ]
    );
    rows.extend((0..300).map(|id| rejected(id, &error(u32::try_from(id).unwrap(), "x"))));
    let failures = plain(&rows).total.failures;
    assert_eq!((failures.len(), failures[0].meaning.as_str()), (201, "other reasons"));
    assert_eq!(failures.iter().map(FailureFigures::messages).sum::<u64>(), 304);
}

/// Names and texts come from outside: a list, a provider, a program.
fn hostile() -> Report {
    let mut prices = PriceList::new("USD");
    prices.set("US", "local", "0.0083".parse().unwrap());
    let options = ReportOptions::new().since(Timestamp::from_microsecond(START).unwrap()).prices(prices);
    let formula = ProviderError::new(ErrorCode::Blocked, Outcome::NotApplied)
        .with_message("@SUM(A1:A9)\u{1b}[2J")
        .with_advice("=cmd|' /C calc'!A0");
    let request = r#"{"text":{"to":"+14155550001","text":"Hi"}}"#;
    let of = |name: &str, row: History| History { campaign: Some((String::new(), name.to_owned())), ..row };
    let delivered = priced(accepted(1, DeliveryStatus::Delivered), "0.00790", "USD");
    let done = Delivered { done: Some(START + 4_000_000), ..delivered.delivered.clone() };
    let delivered = History { delivered: done, request: Some(request.to_owned()), ..delivered };
    let call = History { kind: SendKind::Call, segments: None, ..accepted(3, DeliveryStatus::Completed) };
    report(
        &[
            of("=HYPERLINK(\"https://example.com\")", delivered),
            of("-spring;2026", failed(History { state: "blocked".to_owned(), ..history(2) }, &formula)),
            History { sender: "@home".to_owned(), recipient: String::new(), ..call },
        ],
        &options,
    )
}

#[test]
fn a_spreadsheet_runs_no_cell_of_a_report() {
    let report = hostile();
    let csv = String::from_utf8(report.csv(Vec::new()).unwrap()).unwrap();
    assert_eq!(csv.replace("\r\n", "\n"), include_str!("tests/report.csv"));
    let failures = String::from_utf8(report.failures_csv(Vec::new()).unwrap()).unwrap();
    assert_eq!(failures.replace("\r\n", "\n"), include_str!("tests/failures.csv"));
    let other = String::from_utf8(report.csv_separated(Vec::new(), b';').unwrap()).unwrap();
    assert!(other.contains("campaign;\"'-spring;2026\";"), "{other}");
}

#[test]
fn a_terminal_is_not_controlled_by_names() {
    let text = hostile().to_string();
    assert_eq!(text, include_str!("tests/report.txt"));
    assert!(!text.contains('\u{1b}'));
}

#[test]
fn the_json_is_read_back() {
    let report = hostile();
    let json = serde_json::to_string_pretty(&report).unwrap() + "\n";
    assert_eq!(json, include_str!("tests/report.json"));
    assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), report);
    assert_eq!(report.total.cost.estimated.unwrap().amount, Decimal::new(83, 4));
}
