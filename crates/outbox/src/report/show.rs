//! A report for a person in a terminal.

use std::fmt::{self, Write};

use switchboard::provider::Price;

use super::Report;
use super::figures::{CostFigures, FailureFigures, Figures, Group};

/// Rows of a table: of a longer one, those with the most messages are shown.
const ROWS: usize = 20;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let from = self.since.map_or("the beginning".to_owned(), |since| since.to_string());
        let until = self.until.unwrap_or(self.made);
        writeln!(f, "messages enqueued from {from} until {until}, days of {}", clean(&self.time_zone))?;
        summary(&self.total, f)?;
        for (by, groups) in self.groups() {
            if !groups.is_empty() {
                table(by, groups, f)?;
            }
        }
        failures(&self.total.failures, f)
    }
}

fn summary(figures: &Figures, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let Figures { texts, calls, cost, opt_outs, .. } = figures;
    let states = &texts.states;
    if states.all() > 0 {
        writeln!(
            f,
            "texts: {} ({} accepted, {} rejected, {} blocked, {} waiting, {} unsettled)",
            states.all(),
            states.accepted,
            states.rejected,
            states.blocked,
            states.ready + states.sending,
            states.unknown + states.parked,
        )?;
        writeln!(
            f,
            "  {} delivered ({}), {} undelivered, {} failed, {} pending",
            texts.delivered,
            percent(texts.delivery_rate),
            texts.undelivered,
            texts.failed,
            texts.pending
        )?;
        if let Some(times) = texts.time_to_delivery {
            writeln!(f, "  half within {:.1} s, 95 % within {:.1} s", times.p50_seconds, times.p95_seconds)?;
        }
        let segments = texts.segments;
        writeln!(
            f,
            "  segments: {} billed, {} estimated; not billed yet: {} text(s)",
            segments.billed, segments.estimated, segments.not_billed_yet
        )?;
        writeln!(f, "  opt-outs: {opt_outs}")?;
    }
    if calls.states.all() > 0 {
        writeln!(f, "calls: {} ({} accepted)", calls.states.all(), calls.states.accepted)?;
        writeln!(
            f,
            "  picked up by a person {}, a machine {}, a fax {}, somebody {}; no answer {}, busy {}, failed {}, pending {}",
            calls.person,
            calls.machine,
            calls.fax,
            calls.somebody,
            calls.no_answer,
            calls.busy,
            calls.failed,
            calls.pending
        )?;
        let pressed: Vec<String> =
            calls.pressed.iter().map(|(keys, people)| format!("{} by {people}", clean(keys))).collect();
        if !pressed.is_empty() {
            writeln!(f, "  pressed: {}", pressed.join(", "))?;
        }
    }
    writeln!(f, "cost: {}", costs(cost))
}

fn costs(cost: &CostFigures) -> String {
    let mut text = format!("{} for {} message(s)", prices(&cost.billed), cost.priced);
    let parts = [
        (cost.not_priced_yet, "not priced yet"),
        (cost.not_billed, "not billed, as they failed or nobody picked up"),
    ];
    for (count, what) in parts.into_iter().filter(|(count, _)| *count > 0) {
        text.push_str(&format!("; {count} {what}"));
    }
    if let Some(estimated) = &cost.estimated {
        text.push_str(&format!("; estimated {}", price(estimated)));
    }
    if cost.not_estimated > 0 {
        text.push_str(&format!("; {} without an estimate", cost.not_estimated));
    }
    text
}

fn prices(all: &[Price]) -> String {
    if all.is_empty() { "nothing".to_owned() } else { all.iter().map(price).collect::<Vec<_>>().join(" + ") }
}

fn price(price: &Price) -> String {
    format!("{} {}", price.amount, clean(&price.currency))
}

fn percent(rate: Option<f64>) -> String {
    rate.map_or("-".to_owned(), |rate| format!("{:.1} %", rate * 100.0))
}

fn table(by: &str, groups: &[Group], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let header = [by, "messages", "accepted", "delivered", "rate", "p95 s", "opt-outs", "cost"];
    let mut rows = vec![header.map(ToOwned::to_owned)];
    let messages = |group: &Group| group.figures.texts.states.all() + group.figures.calls.states.all();
    let mut shown: Vec<&Group> = groups.iter().collect();
    if shown.len() > ROWS {
        shown.sort_by_key(|group| std::cmp::Reverse(messages(group)));
        shown.truncate(ROWS);
    }
    rows.extend(shown.iter().map(|group| {
        let Figures { texts, calls, cost, opt_outs, .. } = &group.figures;
        [
            clean(&group.name),
            messages(group).to_string(),
            (texts.states.accepted + calls.states.accepted).to_string(),
            texts.delivered.to_string(),
            percent(texts.delivery_rate),
            texts.time_to_delivery.map_or("-".to_owned(), |times| format!("{:.1}", times.p95_seconds)),
            opt_outs.to_string(),
            if cost.priced == 0 && cost.not_priced_yet > 0 {
                "not priced yet".to_owned()
            } else {
                prices(&cost.billed)
            },
        ]
    }));
    f.write_char('\n')?;
    aligned(&rows, f)?;
    let left = groups.len().saturating_sub(ROWS);
    if left > 0 { writeln!(f, "and {left} more") } else { Ok(()) }
}

/// Writes a table whose first and last columns are left-aligned, the others right.
fn aligned<const N: usize>(rows: &[[String; N]], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    for row in rows {
        let mut line = String::new();
        for (at, (cell, width)) in row.iter().zip(widths).enumerate() {
            match at {
                0 => write!(line, "{cell:<width$}")?,
                _ if at + 1 == N => write!(line, "  {cell}")?,
                _ => write!(line, "  {cell:>width$}")?,
            }
        }
        writeln!(f, "{}", line.trim_end())?;
    }
    Ok(())
}

fn failures(all: &[FailureFigures], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if all.is_empty() {
        return Ok(());
    }
    writeln!(f, "\nnot sent, or not arrived")?;
    for failure in all.iter().take(ROWS) {
        let code = failure.provider_code.map_or_else(|| failure.code.clone(), |code| code.to_string());
        writeln!(f, "{:>6} × {}: {}", failure.messages(), clean(&code), clean(&failure.meaning))?;
        if let Some(advice) = &failure.advice {
            writeln!(f, "         {}", clean(advice))?;
        }
    }
    let left = all.len().saturating_sub(ROWS);
    if left > 0 { writeln!(f, "and {left} more") } else { Ok(()) }
}

/// Takes out what would control the terminal: names and texts of the provider come from outside.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
