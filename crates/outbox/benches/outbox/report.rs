//! The table: a row's name, what was measured, the figure, and its target.

use crate::plan::Plan;

pub(crate) enum Target {
    AtLeast(f64),
    AtMost(f64),
    /// A figure to know.
    None,
}

pub(crate) fn head() {
    println!("\n{:<8} {:<58} {:>12} {:<9} target", "row", "", "", "");
}

pub(crate) fn line(plan: &Plan, row: &str, what: &str, figure: f64, unit: &str, target: &Target) {
    let digits = if figure < 10.0 { 2 } else { usize::from(figure < 1_000.0) };
    let (target, holds) = match target {
        Target::AtLeast(least) => (format!("≥ {least}"), Some(figure >= *least)),
        Target::AtMost(most) => (format!("≤ {most}"), Some(figure <= *most)),
        Target::None => (String::new(), None),
    };
    let verdict = match holds {
        Some(_) if !plan.measuring => "not measured",
        Some(true) => "ok",
        Some(false) => "MISSED",
        None => "",
    };
    println!("{row:<8} {what:<58} {figure:>12.digits$} {unit:<9} {target:<9} {verdict}");
}

pub(crate) fn note(row: &str, text: &str) {
    println!("{row:<8} {text}");
}

pub(crate) fn median(values: &[f64]) -> f64 {
    percentile(values, 50)
}

pub(crate) fn percentile(values: &[f64], percent: usize) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let last = values.len().checked_sub(1).expect("at least one round");
    values[last * percent / 100]
}
