//! Writes an estimate as a table.

use std::fmt;

use super::Estimate;

const COLUMNS: [&str; 6] = ["country", "kind", "messages", "segments", "price", "cost"];

/// Writes the rows, the total, and the messages without a price. The first two columns are left-aligned, the others right.
pub(super) fn write(estimate: &Estimate, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut rows = vec![COLUMNS.map(str::to_owned)];
    rows.extend(estimate.by_country.iter().map(|row| {
        let (messages, segments) = (row.messages.to_string(), row.segments.to_string());
        [
            row.country.clone(),
            row.kind.clone(),
            messages,
            segments,
            row.price.to_string(),
            row.cost.to_string(),
        ]
    }));
    let sum =
        |pick: fn(&super::EstimateRow) -> u64| estimate.by_country.iter().map(pick).sum::<u64>().to_string();
    let (messages, segments) = (sum(|row| row.messages), sum(|row| row.segments));
    let total = [
        "total".to_owned(),
        String::new(),
        messages,
        segments,
        estimate.currency.clone(),
        estimate.total.to_string(),
    ];
    rows.push(total);

    let mut widths = [0; COLUMNS.len()];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    for (at, row) in rows.iter().enumerate() {
        if at > 0 {
            writeln!(f)?;
        }
        line(f, row, &widths)?;
    }
    for row in &estimate.unpriced {
        let (messages, segments) = (counted(row.messages, "message"), counted(row.segments, "segment"));
        let (destination, kind, reason) = (&row.destination, &row.kind, &row.reason);
        write!(f, "\nno price: {destination}, {kind}, {messages}, {segments}: {reason}")?;
    }
    Ok(())
}

fn counted(number: u64, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

fn line(f: &mut fmt::Formatter<'_>, row: &[String; 6], widths: &[usize; 6]) -> fmt::Result {
    for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
        match column {
            0 => write!(f, "{cell:<width$}")?,
            1 => write!(f, "  {cell:<width$}")?,
            _ => write!(f, "  {cell:>width$}")?,
        }
    }
    Ok(())
}
