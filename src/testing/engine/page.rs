//! Lists, a page at a time, in the shape of the 2010 API.

use http::StatusCode;
use serde_json::{Value, json};

use super::error::{Answer, Refusal};
use super::exchange::FakeReply;
use super::router::Asked;
use super::shelf::Shelf;

const DEFAULT_SIZE: usize = 50;
const MAX_SIZE: usize = 1000;
/// Parameters that belong to the page, not to the filter.
const PAGING: [&str; 3] = ["PageSize", "Page", "PageToken"];

/// Answers with one page of the rows that `keep` keeps, newest first, under `key`.
pub(super) fn list<T>(
    asked: &Asked<'_>,
    key: &str,
    shelf: &Shelf<T>,
    keep: impl Fn(&T) -> bool,
    view: impl Fn(&str, &T) -> Value,
) -> Answer {
    let size = size(asked)?;
    let cut = Cut::of(asked, shelf, &keep, size)?;
    let rows: Vec<Value> = cut.rows.iter().map(|(sid, row)| view(sid, row)).collect();
    let first_sid = cut.rows.first().map(|(sid, _)| format!("PB{sid}"));
    let last_sid = cut.rows.last().map(|(sid, _)| format!("PA{sid}"));
    let before = first_sid
        .filter(|_| cut.newer)
        .map(|token| link(asked, size, cut.number.saturating_sub(1), Some(&token)));
    let next = last_sid.filter(|_| cut.older).map(|token| link(asked, size, cut.number + 1, Some(&token)));
    let start = cut.number * size;
    let mut page = json!({
        "first_page_uri": link(asked, size, 0, None),
        "next_page_uri": next,
        "previous_page_uri": before,
        "page": cut.number,
        "page_size": size,
        "start": start,
        "end": start + rows.len().saturating_sub(1),
        "uri": own_link(asked, size, cut.number),
    });
    if let Some(page) = page.as_object_mut() {
        page.insert(key.to_owned(), Value::Array(rows));
    }
    Ok(FakeReply::json(StatusCode::OK, &page))
}

fn size(asked: &Asked<'_>) -> Result<usize, Refusal> {
    let Some(text) = asked.query.get("PageSize") else { return Ok(DEFAULT_SIZE) };
    match text.parse::<usize>() {
        Ok(size @ 1..=MAX_SIZE) => Ok(size),
        Ok(size) if size > MAX_SIZE => {
            Err(Refusal::bad(20007, format!("Page size {size} is larger than the maximum of {MAX_SIZE}")))
        }
        _ => Err(Refusal::bad(20001, format!("The page size {text} is not a number from 1 to {MAX_SIZE}"))),
    }
}

/// The rows of one page, newest first, and whether there are others around it.
struct Cut<'a, T> {
    rows: Vec<(&'a str, &'a T)>,
    number: usize,
    newer: bool,
    older: bool,
}

impl<'a, T> Cut<'a, T> {
    fn of(
        asked: &Asked<'_>,
        shelf: &'a Shelf<T>,
        keep: &impl Fn(&T) -> bool,
        size: usize,
    ) -> Result<Self, Refusal> {
        let kept = |(_, row): &(&str, &T)| keep(row);
        let Some(token) = asked.query.get("PageToken") else {
            // `Page` alone leads nowhere: a page is found by its token.
            let mut rows: Vec<_> = shelf.older_than(u64::MAX).filter(kept).take(size + 1).collect();
            let older = cut_off(&mut rows, size);
            return Ok(Self { rows, number: 0, newer: false, older });
        };
        let number = asked.query.get("Page").and_then(|page| page.parse().ok()).unwrap_or(0);
        let place = |prefix| token.strip_prefix(prefix).and_then(|sid| shelf.place(sid));
        if let Some(place) = place("PA") {
            let mut rows: Vec<_> = shelf.older_than(place).filter(kept).take(size + 1).collect();
            let older = cut_off(&mut rows, size);
            return Ok(Self { rows, number, newer: true, older });
        }
        if let Some(place) = place("PB") {
            let mut rows: Vec<_> = shelf.newer_than(place).filter(kept).take(size + 1).collect();
            let newer = cut_off(&mut rows, size);
            rows.reverse();
            return Ok(Self { rows, number, newer, older: true });
        }
        Err(Refusal::bad(20001, "The page token is not valid"))
    }
}

/// Cuts a list to its size; was there more?
fn cut_off<T>(rows: &mut Vec<T>, size: usize) -> bool {
    let more = rows.len() > size;
    rows.truncate(size);
    more
}

fn link(asked: &Asked<'_>, size: usize, number: usize, token: Option<&str>) -> String {
    let (size, number) = (size.to_string(), number.to_string());
    let mut with = vec![("PageSize", size.as_str()), ("Page", number.as_str())];
    with.extend(token.map(|token| ("PageToken", token)));
    format!("{}?{}", asked.request.path, asked.query.encode_with(&PAGING, &with))
}

fn own_link(asked: &Asked<'_>, size: usize, number: usize) -> String {
    link(asked, size, number, asked.query.get("PageToken"))
}
