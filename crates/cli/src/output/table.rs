//! A table that is printed while it is read: its widths are those of the first rows.

use anstyle::Style;
use console::{Alignment, measure_text_width, pad_str};

/// The space between two columns.
const GAP: usize = 2;

#[derive(Debug)]
pub(super) struct Table {
    titles: Vec<String>,
    shape: Option<Shape>,
}

/// How rows are printed, once the first ones were seen.
#[derive(Debug)]
enum Shape {
    /// One line a row.
    Wide(Vec<usize>),
    /// One line a field, as the table is wider than the terminal. Nothing is cut off.
    Narrow,
}

impl Table {
    pub(super) const fn new(titles: Vec<String>) -> Self {
        Self { titles, shape: None }
    }

    /// The lines of these rows; with the titles, if they are the first.
    pub(super) fn rows(&mut self, rows: &[Vec<String>], width: Option<usize>) -> String {
        let first = self.shape.is_none();
        let titles = &self.titles;
        let shape = self.shape.get_or_insert_with(|| Shape::of(titles, rows, width));
        match shape {
            Shape::Wide(widths) => {
                let head = if first { heading(titles, widths) } else { String::new() };
                head + &wide(rows, widths)
            }
            Shape::Narrow => {
                let named = |row: &Vec<String>| {
                    let fields = titles.iter().cloned().zip(row.iter().cloned());
                    block(&fields.filter(|(_, text)| !text.is_empty()).collect::<Vec<_>>()) + "\n"
                };
                rows.iter().map(named).collect()
            }
        }
    }
}

impl Shape {
    fn of(titles: &[String], rows: &[Vec<String>], width: Option<usize>) -> Self {
        let mut widths: Vec<usize> = titles.iter().map(|title| measure_text_width(title)).collect();
        for row in rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(measure_text_width(cell));
            }
        }
        let whole = widths.iter().map(|width| width + GAP).sum::<usize>().saturating_sub(GAP);
        if width.is_some_and(|width| whole > width) { Self::Narrow } else { Self::Wide(widths) }
    }
}

fn heading(titles: &[String], widths: &[usize]) -> String {
    let line = wide(&[titles.to_vec()], widths);
    let bold = Style::new().bold();
    format!("{bold}{}{bold:#}\n", line.trim_end())
}

/// Lines of these widths. A later cell that is wider makes its own line longer, and nothing is lost.
fn wide(rows: &[Vec<String>], widths: &[usize]) -> String {
    let gap = " ".repeat(GAP);
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(widths).map(|(cell, width)| pad_str(cell, *width, Alignment::Left, None));
        cells.collect::<Vec<_>>().join(&gap).trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}

/// One field a line, `name  value`.
pub(super) fn block(fields: &[(String, String)]) -> String {
    let width = fields.iter().map(|(name, _)| measure_text_width(name)).max().unwrap_or(0);
    let bold = Style::new().bold();
    let line = |(name, text): &(String, String)| {
        let gap = " ".repeat(width - measure_text_width(name) + GAP);
        format!("{bold}{name}{bold:#}{gap}{text}\n")
    };
    fields.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(row: &[&str]) -> Vec<String> {
        row.iter().map(|cell| (*cell).to_owned()).collect()
    }

    #[test]
    fn later_rows_keep_the_widths_of_the_first_ones_and_lose_nothing() {
        let mut table = Table::new(cells(&["SID", "STATUS"]));
        let first = table.rows(&[cells(&["SM1", "sent"]), cells(&["SM22", "delivered"])], None);
        assert_eq!(
            anstream::adapter::strip_str(&first).to_string(),
            "SID   STATUS\nSM1   sent\nSM22  delivered\n"
        );
        assert_eq!(
            table.rows(&[cells(&["SM3", "x"]), cells(&["SM333333", "y"])], None),
            "SM3   x\nSM333333  y\n"
        );
    }

    #[test]
    fn a_table_that_is_too_wide_is_written_field_by_field() {
        let mut table = Table::new(cells(&["SID", "STATUS"]));
        let rows = table.rows(&[cells(&["SM1", "delivered"]), cells(&["SM2", ""])], Some(10));
        let shown = anstream::adapter::strip_str(&rows).to_string();
        assert_eq!(shown, "SID     SM1\nSTATUS  delivered\n\nSID  SM2\n\n");
    }
}
