//! The pages of lists, in both JSON formats that Twilio has for them.

use http::StatusCode;
use serde_json::{Value, json};

use super::error::{HandlerResult, Refusal};
use super::request::RoutedRequest;
use super::table::Table;
use super::wire::FakeReply;

const DEFAULT_SIZE: usize = 50;
const MAX_SIZE: usize = 1000;
/// The parameters that select a page. All others are filters.
const PAGING: [&str; 3] = ["PageSize", "Page", "PageToken"];

/// The two JSON formats of Twilio's lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ListFormat {
    /// The format of the 2010 API: links without a host, next to the rows.
    Classic,
    /// The format of the v1 and v2 products: absolute URLs, in an object `meta`.
    Meta,
}

/// Answers with one page of the rows for which `keep` returns true, newest first. `key` is the JSON key of the rows.
pub(super) fn list<T>(
    request: &RoutedRequest<'_>,
    format: ListFormat,
    key: &str,
    table: &Table<T>,
    keep: impl Fn(&T) -> bool,
    view: impl Fn(&str, &T) -> Value,
) -> HandlerResult {
    list_group(request, format, key, (table, None), keep, view)
}

/// Answers with one page of the rows of a group, or of all.
pub(super) fn list_group<T>(
    request: &RoutedRequest<'_>,
    format: ListFormat,
    key: &str,
    rows: (&Table<T>, Option<&str>),
    keep: impl Fn(&T) -> bool,
    view: impl Fn(&str, &T) -> Value,
) -> HandlerResult {
    let page = Page::select(request, rows, keep, view)?;
    let mut body = match format {
        ListFormat::Classic => page.classic(),
        ListFormat::Meta => page.meta(request, key),
    };
    if let Some(body) = body.as_object_mut() {
        body.insert(key.to_owned(), Value::Array(page.rows));
    }
    Ok(FakeReply::json(StatusCode::OK, &body))
}

/// One page, independent of the format.
struct Page {
    rows: Vec<Value>,
    number: usize,
    size: usize,
    links: Links,
}

/// The links of a page: paths with queries.
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

    fn select<T>(
        request: &RoutedRequest<'_>,
        rows: (&Table<T>, Option<&str>),
        keep: impl Fn(&T) -> bool,
        view: impl Fn(&str, &T) -> Value,
    ) -> Result<Self, Refusal> {
        let size = size(request)?;
        let selection = Selection::read(request, rows, &keep, size)?;
        let number = selection.number;
        let newer = selection.rows.first().filter(|_| selection.newer).map(|(sid, _)| format!("PB{sid}"));
        let older = selection.rows.last().filter(|_| selection.older).map(|(sid, _)| format!("PA{sid}"));
        let links = Links {
            own: own_link(request, size, number),
            first: link(request, size, 0, None),
            next: older.map(|token| link(request, size, number + 1, Some(&token))),
            previous: newer.map(|token| link(request, size, number.saturating_sub(1), Some(&token))),
        };
        let rows = selection.rows.iter().map(|(sid, row)| view(sid, row)).collect();
        Ok(Self { rows, number, size, links })
    }
}

fn size(request: &RoutedRequest<'_>) -> Result<usize, Refusal> {
    let Some(text) = request.query.get("PageSize") else { return Ok(DEFAULT_SIZE) };
    match text.parse::<usize>() {
        Ok(size @ 1..=MAX_SIZE) => Ok(size),
        Ok(size) if size > MAX_SIZE => Err(Refusal::bad_request(
            20007,
            format!("Page size {size} is larger than the maximum of {MAX_SIZE}"),
        )),
        _ => Err(Refusal::bad_request(
            20001,
            format!("The page size {text} is not a number from 1 to {MAX_SIZE}"),
        )),
    }
}

/// The rows of one page, newest first, and whether newer and older ones exist.
struct Selection<'a, T> {
    rows: Vec<(&'a str, &'a T)>,
    number: usize,
    newer: bool,
    older: bool,
}

impl<'a, T> Selection<'a, T> {
    fn read(
        request: &RoutedRequest<'_>,
        (table, group): (&'a Table<T>, Option<&str>),
        keep: &impl Fn(&T) -> bool,
        size: usize,
    ) -> Result<Self, Refusal> {
        let kept = |(_, row): &(&str, &T)| keep(row);
        let Some(token) = request.query.get("PageToken") else {
            // `Page` does not select a page, only `PageToken` does.
            let mut rows: Vec<_> = table.older_than(u64::MAX, group).filter(kept).take(size + 1).collect();
            let older = truncate(&mut rows, size);
            return Ok(Self { rows, number: 0, newer: false, older });
        };
        let number = request.query.get("Page").and_then(|page| page.parse().ok()).unwrap_or(0);
        let position = |prefix| token.strip_prefix(prefix).and_then(|sid| table.position(sid));
        if let Some(position) = position("PA") {
            let mut rows: Vec<_> = table.older_than(position, group).filter(kept).take(size + 1).collect();
            let older = truncate(&mut rows, size);
            return Ok(Self { rows, number, newer: true, older });
        }
        if let Some(position) = position("PB") {
            let mut rows: Vec<_> = table.newer_than(position, group).filter(kept).take(size + 1).collect();
            let newer = truncate(&mut rows, size);
            rows.reverse();
            return Ok(Self { rows, number, newer, older: true });
        }
        Err(Refusal::bad_request(20001, "The page token is not valid"))
    }
}

/// Truncates a list to a size, and returns whether there were more rows.
fn truncate<T>(rows: &mut Vec<T>, size: usize) -> bool {
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
