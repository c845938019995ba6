//! Analytics: what an account's messages and calls of some days amount to.
//!
//! The list is read page by page and counted row by row. So a report of a million messages needs little more memory than
//! one of a thousand: a page, and a row of figures for each day, sender, country and error code. What grows with the
//! number of people is bounded as well: response times follow at most
//! [`conversations`](AnalyticsPeriod::conversations) pairs of numbers, some 50 bytes each, and of all
//! senders the first 10,000 have a row of their own.

mod breakdown;
mod call;
mod conversation;
mod figures;
mod message;
mod period;
mod recent;
mod times;

use serde::de::DeserializeOwned;

pub use breakdown::{CountryFigures, DayFigures, SenderFigures};
pub use call::{CallAnalytics, CallFigures};
pub use figures::{DirectionCount, ErrorCount, StatusCount};
pub use message::{MessageAnalytics, MessageFigures};
pub use period::AnalyticsPeriod;
pub use times::TimeFigures;

use super::alerts::{Alert, ListAlerts};
use super::calls::ListCalls;
use super::messages::ListMessages;
use super::page::Pages;
use super::session::Session;
use crate::provider::ProviderError;
use call::CallCount;
use message::MessageCount;

/// Twilio's largest page, for the fewest requests.
const PAGE_SIZE: u32 = 1000;

/// Counts the messages and the calls of some days.
///
/// ```no_run
/// # async fn run(account: switchboard::twilio::TwilioAccount) -> Result<(), switchboard::ProviderError> {
/// use switchboard::twilio::analytics::AnalyticsPeriod;
///
/// let week = account.analytics().messages(&AnalyticsPeriod::days(7)).await?;
/// println!("{} sent, {:?} of them delivered", week.total.outbound, week.total.delivery_rate);
/// for error in &week.errors {
///     println!("{} x {}: {}", error.count, error.code, error.meaning.unwrap_or("not in the catalogue"));
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Analytics {
    session: Session,
}

impl Analytics {
    pub(super) fn of(session: &Session) -> Self {
        Self { session: session.clone() }
    }

    /// Reads all messages of the period and counts them. Each 1,000 messages are one request.
    ///
    /// <https://www.twilio.com/docs/messaging/api/message-resource#read-multiple-message-resources>
    ///
    /// # Errors
    /// `INVALID_REQUEST` if the period has no day or more than 400, before anything is requested; or any other
    /// [`ProviderError`].
    pub async fn messages(&self, period: &AnalyticsPeriod) -> Result<MessageAnalytics, ProviderError> {
        let days = period.resolve()?;
        let filter = ListMessages::new().sent_on_or_after(days.first).sent_on_or_before(days.last);
        let list = Pages::new(&self.session, filter.page_size(PAGE_SIZE).request(), "messages");
        let mut count = MessageCount::new(&days, period.conversation_limit());
        let unreadable = each(list, |message| count.add(&message)).await?;
        Ok(count.finish(unreadable))
    }

    /// Reads all calls of the period and counts them, and then the debugger's alerts about calls. Each 1,000 calls are one
    /// request.
    ///
    /// <https://www.twilio.com/docs/voice/api/call-resource#read-multiple-call-resources>
    ///
    /// # Errors
    /// As [`messages`](Self::messages).
    pub async fn calls(&self, period: &AnalyticsPeriod) -> Result<CallAnalytics, ProviderError> {
        let days = period.resolve()?;
        // Twilio's pages do not agree whether `StartTime<` includes its day. One day more is asked for, and not counted.
        let filter = ListCalls::new().started_on_or_after(days.first).started_on_or_before(days.after_last());
        let list = Pages::new(&self.session, filter.page_size(PAGE_SIZE).request(), "calls");
        let mut count = CallCount::new(&days);
        let unreadable = each(list, |call| count.add(&call)).await?;
        let filter = ListAlerts::new().since(days.first).until(days.after_last()).page_size(PAGE_SIZE);
        let alerts = Pages::<Alert>::new(&self.session, filter.request(), "alerts");
        each(alerts, |alert| count.add_alert(&alert)).await?;
        Ok(count.finish(unreadable))
    }
}

/// Calls a function for each row of a list; returns how many rows cannot be read. Holds one page at a time.
async fn each<T>(mut list: Pages<T>, mut count: impl FnMut(T)) -> Result<u64, ProviderError>
where
    T: DeserializeOwned + Send + 'static,
{
    let mut unreadable = 0;
    while let Some(page) = list.next_page().await? {
        unreadable += page.unreadable.len() as u64;
        page.items.into_iter().for_each(&mut count);
    }
    Ok(unreadable)
}
