//! Lists, page by page, as a stream.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::TwilioAccount;
use super::account::read;
use super::error::by_twilio;
use crate::provider::{ApiRequest, ErrorCode, Outcome, ProviderError, Reason, RequestClass};

/// One page of a list.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Page<T> {
    /// What is on it, in Twilio's order: the newest first.
    pub items: Vec<T>,
    /// The link to the next page; `None` on the last.
    pub next: Option<String>,
}

/// A list that is read page by page, as far as somebody looks.
///
/// It is a [`Stream`] of items that holds one page at a time and ends after an error;
/// [`next_page`](Self::next_page) gives whole pages instead, and may be asked again. A link to the next page is followed on the same origin only, and never twice: a loop is an error.
///
/// ```no_run
/// # async fn run(account: switchboard::twilio::TwilioAccount) -> Result<(), switchboard::ProviderError> {
/// use switchboard::twilio::ListMessages;
///
/// let mut recent = account.messages().list(&ListMessages::new().to("+14155551234")).limit(100);
/// while let Some(message) = recent.next().await {
///     println!("{:?}", message?.status);
/// }
/// # Ok(()) }
/// ```
#[must_use = "a list reads nothing until it is polled"]
pub struct Pages<T> {
    account: TwilioAccount,
    first: ApiRequest,
    key: &'static str,
    next: Next,
    /// Hashes of the links followed, so that a loop ends.
    seen: HashSet<u64>,
    hasher: RandomState,
    items: VecDeque<T>,
    left: Option<u64>,
    reading: Option<Reading<T>>,
    /// The stream ends after an error, so that a loop that only logs errors ends too.
    failed: bool,
}

type Reading<T> = Pin<Box<dyn Future<Output = Result<Page<T>, ProviderError>> + Send>>;

enum Next {
    First,
    Link(String),
    Done,
}

impl<T: DeserializeOwned + Send + 'static> Pages<T> {
    /// Starts a list; `key` is the name of the array in each page.
    pub(super) fn new(account: TwilioAccount, first: ApiRequest, key: &'static str) -> Self {
        Self {
            account,
            first,
            key,
            next: Next::First,
            seen: HashSet::new(),
            hasher: RandomState::new(),
            items: VecDeque::new(),
            left: None,
            reading: None,
            failed: false,
        }
    }

    /// Ends after this many items, and reads no page more than they need.
    pub fn limit(mut self, items: u64) -> Self {
        self.left = Some(items);
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
        if self.items.is_empty() {
            if self.left == Some(0) {
                return Ok(None);
            }
            let Some(reading) = self.reading.take().or_else(|| self.read_next()) else { return Ok(None) };
            let page = reading.await?;
            self.take(page)?;
        }
        let mut items = Vec::from(std::mem::take(&mut self.items));
        if let Some(left) = &mut self.left {
            items.truncate(usize::try_from(*left).unwrap_or(usize::MAX));
            *left -= items.len() as u64;
        }
        let next = match &self.next {
            Next::Link(link) if self.left != Some(0) => Some(link.clone()),
            _ => None,
        };
        Ok(Some(Page { items, next }))
    }

    /// Reads all that is left. Set a [`limit`](Self::limit) where the list may be long.
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn all(mut self) -> Result<Vec<T>, ProviderError> {
        let mut all = Vec::new();
        while let Some(page) = self.next_page().await? {
            all.extend(page.items);
        }
        Ok(all)
    }

    fn read_next(&self) -> Option<Reading<T>> {
        let (account, first, key) = (self.account.clone(), self.first.clone(), self.key);
        let link = match &self.next {
            Next::First => None,
            Next::Link(link) => Some(link.clone()),
            Next::Done => return None,
        };
        Some(Box::pin(async move {
            let answer = match link {
                None => return decode(account.ask(first).await?, key),
                Some(link) => account.follow(&link, &first).await?,
            };
            decode(read(&answer, RequestClass::Read)?, key)
        }))
    }

    /// Takes a page in; the place in the list moves on only now, so that a failed read can be tried again.
    fn take(&mut self, page: Page<T>) -> Result<(), ProviderError> {
        self.items = page.items.into();
        self.next = match page.next {
            None => Next::Done,
            Some(link) => {
                if !self.seen.insert(self.hasher.hash_one(&link)) {
                    self.next = Next::Done;
                    return Err(by_twilio(ProviderError::new(ErrorCode::ProviderError, Outcome::Applied))
                        .with_reason(Reason::UnreadableAnswer)
                        .with_message(
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
            if let Some(item) = this.items.pop_front() {
                this.left = this.left.map(|left| left - 1);
                return Poll::Ready(Some(Ok(item)));
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
fn decode<T: DeserializeOwned>(mut body: Map<String, Value>, key: &str) -> Result<Page<T>, ProviderError> {
    let unreadable = |what: &str| {
        by_twilio(ProviderError::new(ErrorCode::ProviderError, Outcome::Applied))
            .with_reason(Reason::UnreadableAnswer)
            .with_message(format!("the page cannot be read: {what}"))
    };
    let Some(Value::Array(items)) = body.remove(key) else {
        return Err(unreadable(&format!("it has no list {key:?}")));
    };
    let items = items.into_iter().map(serde_json::from_value).collect::<Result<Vec<T>, _>>();
    let items = items.map_err(|_| unreadable("an entry of the list is no object"))?;
    let meta = body.get("meta");
    let link = body.get("next_page_uri").or_else(|| meta.and_then(|meta| meta.get("next_page_url")));
    let next = link.and_then(Value::as_str).filter(|link| !link.is_empty()).map(str::to_owned);
    Ok(Page { items, next })
}
