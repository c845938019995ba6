//! Reads the provider's list of what was sent to one recipient, page by page, at a limited rate.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use switchboard::ErrorCode;
use switchboard::phone::Address;
use switchboard::provider::{Found, FoundRow, Messenger, PageToken, Search, SendKind};

use crate::account::Account;
use crate::timing::{Micros, Timing};

/// Messages on a page.
const PAGE: u32 = 100;
/// A recipient with more pages than this is not read to the end.
const PAGES: u32 = 50;

/// The reader of one account. Its requests keep a distance in time.
pub(super) struct Reader<'a> {
    pub(super) account: &'a Account,
    pub(super) timing: &'a Timing,
    /// When the next request may begin.
    pub(super) free: Instant,
}

/// What was read.
pub(super) struct Pages {
    pub(super) rows: Vec<FoundRow>,
    /// The provider's date of the first page.
    pub(super) date: Micros,
}

/// Why the list could not be read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unread {
    Refused,
    Incomplete,
}

impl Reader<'_> {
    /// Reads what was sent to a recipient, the newest first. `enough` gets the provider's date and a page's last row, and
    /// says whether older rows matter.
    pub(super) async fn read(
        &mut self,
        kind: SendKind,
        to: &str,
        mut enough: impl FnMut(Micros, &[FoundRow]) -> bool,
    ) -> Result<Pages, Unread> {
        let search = Search::new(kind).to(Address::from(to)).page_size(PAGE);
        let mut pages: Option<Pages> = None;
        let mut next: Option<PageToken> = None;
        for _ in 0..PAGES {
            let found = self.page(&search, next.as_ref()).await?;
            let date = found.server_time.map(|at| at.as_microsecond());
            let all = match &mut pages {
                Some(pages) => pages,
                None => pages.insert(Pages { rows: Vec::new(), date: date.ok_or(Unread::Incomplete)? }),
            };
            let is_enough = enough(all.date, &found.rows);
            all.rows.extend(found.rows);
            next = found.next;
            if next.is_none() || is_enough {
                return pages.ok_or(Unread::Incomplete);
            }
        }
        Err(Unread::Incomplete)
    }

    async fn page(&mut self, search: &Search, page: Option<&PageToken>) -> Result<Found, Unread> {
        tokio::time::sleep(self.free.saturating_duration_since(Instant::now())).await;
        self.free = Instant::now() + self.timing.list_every;
        let (messenger, credentials) = (self.account.messenger(), self.account.credentials());
        // The provider may hang, and its adapter may panic.
        let reading = AssertUnwindSafe(messenger.list(credentials, search, page)).catch_unwind();
        let limit = self.timing.send.max(Duration::from_secs(1));
        match tokio::time::timeout(limit, reading).await {
            Ok(Ok(Ok(found))) => Ok(found),
            Ok(Ok(Err(error))) => {
                tracing::warn!(%error, "the provider's list cannot be read: unknown messages are checked later");
                let refused = matches!(error.code(), ErrorCode::Unauthorized | ErrorCode::Forbidden);
                Err(if refused { Unread::Refused } else { Unread::Incomplete })
            }
            Ok(Err(_)) | Err(_) => {
                tracing::warn!(
                    "the provider's list was not read in time: unknown messages are checked later"
                );
                Err(Unread::Incomplete)
            }
        }
    }
}
