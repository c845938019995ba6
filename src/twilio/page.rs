//! Lists, page by page, as a stream; and the dates that they are filtered by.

mod date;

pub use date::{DateOrTime, ParseDateError};

use std::borrow::Cow;
use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use url::Url;

use super::error::by_twilio;
use super::hosts::Hosts;
use super::session::{Session, VERSION, named};
use crate::provider::{ApiRequest, ApiResponse, ProviderError, RequestClass};
use crate::transport::has_dot_segment;

/// One page of a list.
#[derive(Debug)]
#[non_exhaustive]
pub struct Page<T> {
    /// What is on it, in Twilio's order: the newest first.
    pub items: Vec<T>,
    /// Rows that cannot be read, such as one without a SID. The others are in `items`.
    pub unreadable: Vec<ProviderError>,
    /// The link to the next page; `None` on the last.
    pub next: Option<String>,
}

/// A list whose pages are fetched only when they are needed.
///
/// It is a [`Stream`] of items that holds one page at a time. A row that cannot be read is an error of its own, and the
/// stream goes on behind it; a page that cannot be read ends the stream. [`next_page`](Self::next_page) gives whole pages
/// instead, and may be called again after an error. A link to the next page is followed on the same origin only, and
/// never twice: a loop is an error.
///
/// ```no_run
/// # async fn run(account: switchboard::twilio::TwilioAccount) -> Result<(), switchboard::ProviderError> {
/// use switchboard::twilio::messages::ListMessages;
///
/// let mut recent = account.messages().list(&ListMessages::new().to("+14155551234")).limit(100);
/// while let Some(message) = recent.next().await {
///     println!("{}", message?.status);
/// }
/// # Ok(()) }
/// ```
#[must_use = "a list reads nothing until it is polled"]
pub struct Pages<T> {
    session: Session,
    first: ApiRequest,
    key: &'static str,
    next: Next,
    /// Hashes of the links followed, so that a loop ends.
    seen: HashSet<u64>,
    hasher: RandomState,
    rows: VecDeque<Row<T>>,
    left: Option<u64>,
    /// Adds to an error what only the resource knows.
    explain: Explain,
    reading: Option<Reading<T>>,
    /// The stream ends after an error, so that a loop that only logs errors ends too.
    failed: bool,
}

type Explain = fn(&Session, ProviderError) -> ProviderError;

type Row<T> = Result<T, ProviderError>;

type Reading<T> = Pin<Box<dyn Future<Output = Result<RawPage<T>, ProviderError>> + Send>>;

/// A page as it was read: its rows in order, and the link to the next.
pub(super) struct RawPage<T> {
    pub(super) rows: VecDeque<Row<T>>,
    pub(super) next: Option<String>,
}

enum Next {
    First,
    Link(String),
    Done,
}

impl<T: DeserializeOwned + Send + 'static> Pages<T> {
    /// Starts a list; `key` is the name of the array in each page.
    pub(super) fn new(session: &Session, first: ApiRequest, key: &'static str) -> Self {
        Self {
            session: session.clone(),
            first,
            key,
            next: Next::First,
            seen: HashSet::new(),
            hasher: RandomState::new(),
            rows: VecDeque::new(),
            left: None,
            explain: |_, error| error,
            reading: None,
            failed: false,
        }
    }

    /// Lets a resource add to the errors of its list what only it knows.
    pub(super) fn explained(mut self, explain: Explain) -> Self {
        self.explain = explain;
        self
    }

    /// Ends after this many items, and reads no page more than they need.
    pub fn limit(mut self, items: u64) -> Self {
        self.left = Some(items);
        self
    }

    /// Sets how many a page holds, 1 to 1,000; 50 where it is not set. Call it before anything is read.
    pub fn page_size(mut self, items: u32) -> Self {
        let query = self.first.query_string().split('&').filter(|pair| !pair.starts_with("PageSize="));
        let query = query.collect::<Vec<_>>().join("&");
        self.first = self.first.encoded_query(query).query([("PageSize", items)]);
        self
    }

    /// Returns the next item; `None` at the end.
    pub async fn next(&mut self) -> Option<Result<T, ProviderError>>
    where
        T: Unpin,
    {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// Returns the next page, or what is left of the one under way; `None` at the end.
    ///
    /// # Errors
    /// Any [`ProviderError`]; asking again tries the same page again.
    pub async fn next_page(&mut self) -> Result<Option<Page<T>>, ProviderError> {
        if self.rows.is_empty() {
            if self.left == Some(0) {
                return Ok(None);
            }
            let Some(reading) = self.reading.take().or_else(|| self.read_next()) else { return Ok(None) };
            let page = reading.await?;
            self.take(page)?;
        }
        let mut rows = std::mem::take(&mut self.rows);
        if let Some(left) = &mut self.left {
            rows.truncate(usize::try_from(*left).unwrap_or(usize::MAX));
            *left -= rows.len() as u64;
        }
        let next = match &self.next {
            Next::Link(link) if self.left != Some(0) => Some(link.clone()),
            _ => None,
        };
        let mut page = Page { items: Vec::with_capacity(rows.len()), unreadable: Vec::new(), next };
        for row in rows {
            match row {
                Ok(item) => page.items.push(item),
                Err(error) => page.unreadable.push(error),
            }
        }
        Ok(Some(page))
    }

    /// Reads all that is left. Set a [`limit`](Self::limit) where the list may be long.
    ///
    /// # Errors
    /// Any [`ProviderError`]. A single row that cannot be read is an error, too; to get the other rows, read the stream
    /// or the pages.
    pub async fn all(mut self) -> Result<Vec<T>, ProviderError> {
        let mut all = Vec::new();
        while let Some(page) = self.next_page().await? {
            if let Some(error) = page.unreadable.into_iter().next() {
                return Err(error);
            }
            all.extend(page.items);
        }
        Ok(all)
    }

    fn read_next(&self) -> Option<Reading<T>> {
        let (session, first, key) = (self.session.clone(), self.first.clone(), self.key);
        let link = match &self.next {
            Next::First => None,
            Next::Link(link) => Some(link.clone()),
            Next::Done => return None,
        };
        let explain = self.explain;
        Some(Box::pin(async move {
            let body = match link {
                None => session.json(first).await.map_err(|error| explain(&session, error))?,
                Some(link) => session.read(&follow(&session, &link, &first).await?, &first)?,
            };
            decode(body, key)
        }))
    }

    /// Takes a page in; the place in the list moves on only now, so that a failed read can be tried again.
    fn take(&mut self, page: RawPage<T>) -> Result<(), ProviderError> {
        self.rows = page.rows;
        self.next = match page.next {
            None => Next::Done,
            Some(link) => {
                if !self.seen.insert(self.hasher.hash_one(&link)) {
                    self.next = Next::Done;
                    return Err(unreadable(
                        "the list leads back to a page that was read already, so it was ended",
                    ));
                }
                Next::Link(link)
            }
        };
        Ok(())
    }
}

impl<T: DeserializeOwned + Send + Unpin + 'static> Stream for Pages<T> {
    type Item = Result<T, ProviderError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if this.failed || this.left == Some(0) {
                return Poll::Ready(None);
            }
            if let Some(row) = this.rows.pop_front() {
                this.left = this.left.map(|left| left - 1);
                return Poll::Ready(Some(row));
            }
            if this.reading.is_none() {
                this.reading = this.read_next();
            }
            let Some(reading) = &mut this.reading else { return Poll::Ready(None) };
            let Poll::Ready(page) = reading.as_mut().poll(cx) else { return Poll::Pending };
            this.reading = None;
            match page.and_then(|page| this.take(page)) {
                Ok(()) => {}
                Err(error) => {
                    this.failed = true;
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }
}

impl<T> fmt::Debug for Pages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("of", &self.key)
            .field("pages_read", &self.seen.len())
            .finish_non_exhaustive()
    }
}

/// Reads a page in the shape of the 2010 API, or in that of v1 and v2 with its `meta`.
pub(super) fn decode<T: DeserializeOwned>(
    mut body: Map<String, Value>,
    key: &str,
) -> Result<RawPage<T>, ProviderError> {
    let Some(Value::Array(rows)) = body.remove(key) else {
        return Err(unreadable(&format!("the page cannot be read: it has no list {key:?}")));
    };
    let read = |row| serde_json::from_value(row).map_err(|_| unreadable("a row of the list cannot be read"));
    let rows = rows.into_iter().map(read).collect();
    let meta = body.get("meta");
    let link = body.get("next_page_uri").or_else(|| meta.and_then(|meta| meta.get("next_page_url")));
    let next = link.and_then(Value::as_str).filter(|link| !link.is_empty()).map(str::to_owned);
    Ok(RawPage { rows, next })
}

/// Requests the page that a link of an earlier page points to.
pub(super) async fn follow(
    session: &Session,
    link: &str,
    first: &ApiRequest,
) -> Result<ApiResponse, ProviderError> {
    let product = first.product().unwrap_or("api");
    let url = next_page(session.hosts(), session.account_sid(), product, link);
    session.exchange(Cow::Owned(url.map_err(|error| named(error, first))?), first).await
}

/// Checks a link to the next page. It must have the base URL's origin, or Twilio's own host of the product, which is
/// then replaced by the base URL.
fn next_page(hosts: &Hosts, account_sid: &str, product: &str, link: &str) -> Result<Url, ProviderError> {
    let refused = |why: &str| {
        ProviderError::invalid_request(format!("the link to the next page was not followed: {why}"))
    };
    let base = hosts.base(product)?;
    let base_url = Url::parse(&base).map_err(|_| refused("the base URL is not a URL"))?;
    let url = if link.starts_with('/') && !link.starts_with("//") {
        Url::parse(&format!("{base}{link}"))
    } else {
        match Url::parse(link) {
            Ok(absolute) if absolute.origin() == base_url.origin() => Ok(absolute),
            Ok(absolute) if Hosts::is_canonical(product, &absolute) => {
                let query = absolute.query().map(|query| format!("?{query}")).unwrap_or_default();
                Url::parse(&format!("{base}{}{query}", absolute.path()))
            }
            Ok(_) => return Err(refused("it points to another host, and would take the credentials there")),
            Err(error) => Err(error),
        }
    };
    let url = url.map_err(|_| refused("it is no URL"))?;
    if has_dot_segment(url.path()) {
        return Err(refused("it has a segment of dots"));
    }
    let within = match product {
        "api" => format!("{base}{VERSION}/Accounts/{account_sid}"),
        _ => base,
    };
    match url.as_str().strip_prefix(&within) {
        // The SID must end here: a longer text is another account's SID.
        Some(rest) if rest.is_empty() || rest.starts_with(['/', '.', '?']) => Ok(url),
        _ => Err(refused("it leads out of the account")),
    }
}

fn unreadable(what: &str) -> ProviderError {
    by_twilio(ProviderError::unreadable(RequestClass::Read)).with_message(what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::{Action, Outcome, Reason};
    use crate::twilio::Message;
    use serde_json::json;

    #[test]
    fn a_row_without_a_sid_fails_and_the_others_do_not() {
        let body = json!({"messages": [
            {"sid": "SM1", "status": "sent"}, {"sid": null, "status": "sent"}, 7, {"sid": "SM2"}
        ]});
        let page: RawPage<Message> = decode(body.as_object().unwrap().clone(), "messages").unwrap();
        let sids: Vec<_> =
            page.rows.iter().map(|row| row.as_ref().ok().map(|row| row.sid.as_str())).collect();
        assert_eq!(sids, [Some("SM1"), None, None, Some("SM2")]);
        let error = page.rows[1].as_ref().unwrap_err();
        assert_eq!((error.outcome(), error.reason()), (Outcome::Applied, Reason::UnreadableAnswer));
        // Reading it again does no harm, and does not help.
        assert_eq!((error.is_retryable(), error.action()), (false, Action::Retry));
    }

    #[test]
    fn next_links_stay_on_the_origin_and_in_the_account() {
        let hosts = Hosts::all_at("http://127.0.0.1:9", false).unwrap();
        const AC: &str = "AC0123456789abcdef0123456789abcdef";
        let next = |product: &str, link: &str| next_page(&hosts, AC, product, link).map(String::from);
        let page = format!("/2010-04-01/Accounts/{AC}/Messages.json?Page=1");
        assert_eq!(next("api", &page).unwrap(), format!("http://127.0.0.1:9{page}"));
        assert_eq!(
            next("verify", "https://verify.twilio.com/v2/Services?Page=1").unwrap(),
            "http://127.0.0.1:9/v2/Services?Page=1"
        );
        assert!(next("api", &format!("/2010-04-01/Accounts/{AC}.json")).is_ok());
        for link in [
            "https://evil.example/2010-04-01/Accounts/x",
            "//evil.example/x",
            "/2010-04-01/Accounts/AC99/Messages.json",
            "/2010-04-01/Accounts/../../x",
            "/2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef0/Messages.json",
            "/2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef%2F..%2fAC1/Messages.json",
            "/2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef/%252e%252e/AC1.json",
            "http://127.0.0.1:10/2010-04-01",
            "javascript:1",
            "",
        ] {
            assert!(next("api", link).is_err(), "{link}");
        }
    }
}
