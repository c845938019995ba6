//! Pages of lists, in the JSON format of the 2010 API and in that of the v1 and v2 products.

use http::StatusCode;
use serde_json::{Value, json};

use super::error::{HandlerResult, Refusal};
use super::request::RoutedRequest;
use super::table::Table;
use super::wire::FakeReply;

const DEFAULT_SIZE: usize = 50;
const MAX_SIZE: usize = 1000;
/// Parameters that belong to the page, not to the filter.
const PAGING: [&str; 3] = ["PageSize", "Page", "PageToken"];

/// The two shapes that Twilio's lists have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// That of the 2010 API: links without a host, next to the rows.
    Classic,
    /// That of the v1 and v2 products: whole URLs, in an object `meta`.
    Meta,
}

/// Answers with one page of the rows that `keep` keeps, newest first, under `key`.
pub(super) fn list<T>(
    request: &RoutedRequest<'_>,
    shape: Shape,
    key: &str,
    table: &Table<T>,
    keep: impl Fn(&T) -> bool,
    view: impl Fn(&str, &T) -> Value,
) -> HandlerResult {
    let page = Page::cut(request, table, keep, view)?;
    let mut body = match shape {
        Shape::Classic => page.classic(),
        Shape::Meta => page.meta(request, key),
    };
    if let Some(body) = body.as_object_mut() {
        body.insert(key.to_owned(), Value::Array(page.rows));
    }
    Ok(FakeReply::json(StatusCode::OK, &body))
}

/// One page, before it is written in one of the shapes.
struct Page {
    rows: Vec<Value>,
    number: usize,
    size: usize,
    links: Links,
}

/// Paths with their queries.
struct Links {
    own: String,
    first: String,
    next: Option<String>,
    previous: Option<String>,
}

impl Page {
    fn classic(&self) -> Value {
        let Self { rows, number, size, links } = self;
        let start = number * size;
        json!({
            "first_page_uri": links.first,
            "next_page_uri": links.next,
            "previous_page_uri": links.previous,
            "page": number,
            "page_size": size,
            "start": start,
            "end": start + rows.len().saturating_sub(1),
            "uri": links.own,
        })
    }

    fn meta(&self, request: &RoutedRequest<'_>, key: &str) -> Value {
        let Self { number, size, links, .. } = self;
        let url = |link: &String| request.url(link);
        json!({
            "meta": {
                "key": key,
                "page": number,
                "page_size": size,
                "url": url(&links.own),
                "first_page_url": url(&links.first),
                "next_page_url": links.next.as_ref().map(url),
                "previous_page_url": links.previous.as_ref().map(url),
            },
        })
    }

    fn cut<T>(
        request: &RoutedRequest<'_>,
        table: &Table<T>,
        keep: impl Fn(&T) -> bool,
        view: impl Fn(&str, &T) -> Value,
    ) -> Result<Self, Refusal> {
        let size = size(request)?;
        let cut = Cut::of(request, table, &keep, size)?;
        let number = cut.number;
        let newer = cut.rows.first().filter(|_| cut.newer).map(|(sid, _)| format!("PB{sid}"));
        let older = cut.rows.last().filter(|_| cut.older).map(|(sid, _)| format!("PA{sid}"));
        let links = Links {
            own: own_link(request, size, number),
            first: link(request, size, 0, None),
            next: older.map(|token| link(request, size, number + 1, Some(&token))),
            previous: newer.map(|token| link(request, size, number.saturating_sub(1), Some(&token))),
        };
        let rows = cut.rows.iter().map(|(sid, row)| view(sid, row)).collect();
        Ok(Self { rows, number, size, links })
    }
}

fn size(request: &RoutedRequest<'_>) -> Result<usize, Refusal> {
    let Some(text) = request.query.get("PageSize") else { return Ok(DEFAULT_SIZE) };
    match text.parse::<usize>() {
        Ok(size @ 1..=MAX_SIZE) => Ok(size),
        Ok(size) if size > MAX_SIZE => {
            Err(Refusal::bad(20007, format!("Page size {size} is larger than the maximum of {MAX_SIZE}")))
        }
        _ => Err(Refusal::bad(20001, format!("The page size {text} is not a number from 1 to {MAX_SIZE}"))),
    }
}

/// The rows of one page, newest first, and whether newer and older ones exist.
struct Cut<'a, T> {
    rows: Vec<(&'a str, &'a T)>,
    number: usize,
    newer: bool,
    older: bool,
}

impl<'a, T> Cut<'a, T> {
    fn of(
        request: &RoutedRequest<'_>,
        table: &'a Table<T>,
        keep: &impl Fn(&T) -> bool,
        size: usize,
    ) -> Result<Self, Refusal> {
        let kept = |(_, row): &(&str, &T)| keep(row);
        let Some(token) = request.query.get("PageToken") else {
            // `Page` alone does not select a page: only the token does.
            let mut rows: Vec<_> = table.older_than(u64::MAX).filter(kept).take(size + 1).collect();
            let older = cut_off(&mut rows, size);
            return Ok(Self { rows, number: 0, newer: false, older });
        };
        let number = request.query.get("Page").and_then(|page| page.parse().ok()).unwrap_or(0);
        let place = |prefix| token.strip_prefix(prefix).and_then(|sid| table.place(sid));
        if let Some(place) = place("PA") {
            let mut rows: Vec<_> = table.older_than(place).filter(kept).take(size + 1).collect();
            let older = cut_off(&mut rows, size);
            return Ok(Self { rows, number, newer: true, older });
        }
        if let Some(place) = place("PB") {
            let mut rows: Vec<_> = table.newer_than(place).filter(kept).take(size + 1).collect();
            let newer = cut_off(&mut rows, size);
            rows.reverse();
            return Ok(Self { rows, number, newer, older: true });
        }
        Err(Refusal::bad(20001, "The page token is not valid"))
    }
}

/// Cuts a list to a size, and returns whether rows were cut off.
fn cut_off<T>(rows: &mut Vec<T>, size: usize) -> bool {
    let more = rows.len() > size;
    rows.truncate(size);
    more
}

fn link(request: &RoutedRequest<'_>, size: usize, number: usize, token: Option<&str>) -> String {
    let (size, number) = (size.to_string(), number.to_string());
    let mut with = vec![("PageSize", size.as_str()), ("Page", number.as_str())];
    with.extend(token.map(|token| ("PageToken", token)));
    format!("{}?{}", request.raw.path, request.query.encode_with(&PAGING, &with))
}

fn own_link(request: &RoutedRequest<'_>, size: usize, number: usize) -> String {
    link(request, size, number, request.query.get("PageToken"))
}
