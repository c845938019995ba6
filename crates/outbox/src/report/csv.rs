//! A report as CSV.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::Report;
use super::figures::{FailureFigures, Figures};
use super::tally::OTHER;
use crate::table::Table;

const COLUMNS: [&str; 34] = [
    "by",
    "name",
    "texts",
    "accepted",
    "delivered",
    "undelivered",
    "failed",
    "pending",
    "delivery rate",
    "p50 seconds",
    "p95 seconds",
    "rejected",
    "blocked",
    "expired",
    "cancelled",
    "waiting",
    "unsettled",
    "abandoned",
    "segments estimated",
    "segments billed",
    "segments not billed yet",
    "opt-outs",
    "calls",
    "calls accepted",
    "person",
    "machine",
    "fax",
    "somebody",
    "no answer",
    "busy",
    "calls failed",
    "priced",
    "not priced yet",
    "not billed",
];

impl Report {
    /// Writes a row for all messages, and one for each group. Every currency has a column of its own, and so has every
    /// input of keys in calls. A spreadsheet runs no cell as a formula: see [`Table`].
    ///
    /// # Errors
    /// Errors of the file.
    pub fn csv<W: Write>(&self, write: W) -> io::Result<W> {
        self.write_csv(Table::new(write))
    }

    /// Does the same with `;` or another separator, for the spreadsheets of most of Europe.
    ///
    /// # Errors
    /// Errors of the file.
    pub fn csv_separated<W: Write>(&self, write: W, separator: u8) -> io::Result<W> {
        self.write_csv(Table::with_separator(write, separator))
    }

    fn write_csv<W: Write>(&self, mut table: Table<W>) -> io::Result<W> {
        let currencies = self.currencies();
        let inputs = &self.total.calls.pressed;
        let mut header: Vec<String> = COLUMNS.map(str::to_owned).to_vec();
        header.extend(inputs.keys().map(|keys| format!("pressed {keys}")));
        header.extend(currencies.iter().map(|currency| format!("cost {currency}")));
        let estimated = self.total.cost.estimated.as_ref().map(|price| &price.currency);
        header.extend(estimated.map(|currency| format!("estimated {currency}")));
        header.extend(estimated.map(|_| "not estimated".to_owned()));
        table.row(&header)?;
        let mut write = |by: &str, name: &str, figures: &Figures| {
            let mut row = vec![by.to_owned(), name.to_owned()];
            row.extend(cells(figures));
            row.extend(inputs.keys().map(|keys| pressed(&figures.calls.pressed, inputs, keys).to_string()));
            row.extend(currencies.iter().map(|currency| billed(figures, currency)));
            if estimated.is_some() {
                let amount = figures.cost.estimated.as_ref().map(|price| price.amount.to_string());
                row.extend([amount.unwrap_or_default(), figures.cost.not_estimated.to_string()]);
            }
            table.row(row)
        };
        write("all", "", &self.total)?;
        for (by, groups) in self.groups() {
            for group in groups {
                write(by, &group.name, &group.figures)?;
            }
        }
        table.finish()
    }

    /// Writes why messages were not sent or did not arrive, of all messages and of each group.
    ///
    /// # Errors
    /// Errors of the file.
    pub fn failures_csv<W: Write>(&self, write: W) -> io::Result<W> {
        let mut table = Table::new(write);
        table.row(["by", "name", "code", "kind", "refused", "failed", "meaning", "advice"])?;
        let all = self.total.failures.iter().map(|failure| ("all", "", failure));
        let of_groups = self.groups().into_iter().flat_map(|(by, groups)| {
            groups.iter().flat_map(move |group| {
                group.figures.failures.iter().map(move |failure| (by, group.name.as_str(), failure))
            })
        });
        for (by, name, failure) in all.chain(of_groups) {
            let FailureFigures { provider_code, code, meaning, advice, refused, failed } = failure;
            let number = provider_code.map(|code| code.to_string()).unwrap_or_default();
            let (refused, failed) = (refused.to_string(), failed.to_string());
            let advice = advice.as_deref().unwrap_or_default();
            table.row([by, name, &number, code, &refused, &failed, meaning, advice])?;
        }
        table.finish()
    }

    fn currencies(&self) -> BTreeSet<&str> {
        self.total.cost.billed.iter().map(|price| price.currency.as_str()).collect()
    }
}

/// How many people of a group pressed these keys. What has no column of its own is in that of `other`.
fn pressed(group: &BTreeMap<String, u64>, columns: &BTreeMap<String, u64>, keys: &str) -> u64 {
    let of = |keys: &String| group.get(keys).copied().unwrap_or_default();
    if keys != OTHER {
        return group.get(keys).copied().unwrap_or_default();
    }
    let shown: u64 = columns.keys().filter(|keys| *keys != OTHER).map(of).sum();
    group.values().sum::<u64>() - shown
}

fn billed(figures: &Figures, currency: &str) -> String {
    let price = figures.cost.billed.iter().find(|price| price.currency == currency);
    price.map(|price| price.amount.to_string()).unwrap_or_default()
}

/// The cells of the columns after the name.
fn cells(figures: &Figures) -> Vec<String> {
    let Figures { texts, calls, cost, opt_outs, .. } = figures;
    let (states, times) = (&texts.states, texts.time_to_delivery);
    let count = |count: u64| count.to_string();
    let seconds = |pick: fn(super::TimeFigures) -> f64| {
        times.map(|times| format!("{:.3}", pick(times))).unwrap_or_default()
    };
    let mut cells = vec![
        count(states.all()),
        count(states.accepted),
        count(texts.delivered),
        count(texts.undelivered),
        count(texts.failed),
        count(texts.pending),
        texts.delivery_rate.map(|rate| format!("{rate:.4}")).unwrap_or_default(),
        seconds(|times| times.p50_seconds),
        seconds(|times| times.p95_seconds),
    ];
    let segments = texts.segments;
    cells.extend(
        [
            states.rejected,
            states.blocked,
            states.expired,
            states.cancelled,
            states.ready + states.sending,
            states.unknown + states.parked,
            states.abandoned,
            segments.estimated,
            segments.billed,
            segments.not_billed_yet,
            *opt_outs,
            calls.states.all(),
            calls.states.accepted,
            calls.person,
            calls.machine,
            calls.fax,
            calls.somebody,
            calls.no_answer,
            calls.busy,
            calls.failed,
            cost.priced,
            cost.not_priced_yet,
            cost.not_billed,
        ]
        .map(count),
    );
    cells
}
