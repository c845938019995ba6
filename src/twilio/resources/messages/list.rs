//! Which messages to list.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::phone::Address;
use crate::provider::ApiRequest;
use crate::transport::Form;
use crate::twilio::Moment;

/// Which messages to list. Without a filter, all of them.
///
/// Days and times are UTC. A day is taken whole, on either side.
///
/// ```
/// use switchboard::twilio::{ListMessages, Moment};
///
/// let september = ListMessages::new()
///     .to("+14155551234")
///     .sent_on_or_after("2026-09-01".parse::<Moment>()?)
///     .sent_on_or_before("2026-09-30".parse::<Moment>()?)
///     .page_size(200);
/// # let _ = september;
/// # Ok::<(), switchboard::twilio::ParseMomentError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListMessages {
    /// Only those to this address.
    pub to: Option<Address>,
    /// Only those from this address.
    pub from: Option<Address>,
    /// Only those sent on this day.
    pub sent_on: Option<Moment>,
    /// Only those sent then or earlier.
    pub sent_on_or_before: Option<Moment>,
    /// Only those sent then or later.
    pub sent_on_or_after: Option<Moment>,
    /// How many a page holds, 1 to 1,000; 50 where it is not set.
    pub page_size: Option<u32>,
}

impl ListMessages {
    /// Lists all.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only those to this address.
    #[must_use]
    pub fn to(mut self, to: impl Into<Address>) -> Self {
        self.to = Some(to.into());
        self
    }

    /// Only those from this address.
    #[must_use]
    pub fn from(mut self, from: impl Into<Address>) -> Self {
        self.from = Some(from.into());
        self
    }

    /// Only those sent on this day.
    #[must_use]
    pub fn sent_on(mut self, day: Date) -> Self {
        self.sent_on = Some(day.into());
        self
    }

    /// Only those sent then or earlier: a day or a moment.
    #[must_use]
    pub fn sent_on_or_before(mut self, at: impl Into<Moment>) -> Self {
        self.sent_on_or_before = Some(at.into());
        self
    }

    /// Only those sent then or later: a day or a moment.
    #[must_use]
    pub fn sent_on_or_after(mut self, at: impl Into<Moment>) -> Self {
        self.sent_on_or_after = Some(at.into());
        self
    }

    /// Sets how many a page holds, 1 to 1,000.
    #[must_use]
    pub fn page_size(mut self, size: u32) -> Self {
        self.page_size = Some(size);
        self
    }

    pub(super) fn request(&self) -> ApiRequest {
        let mut query = Form::new();
        query
            .maybe("To", self.to.as_ref())
            .maybe("From", self.from.as_ref())
            .maybe("DateSent", self.sent_on.as_ref())
            .maybe("DateSent<", self.sent_on_or_before.as_ref())
            .maybe("DateSent>", self.sent_on_or_after.as_ref())
            .display("PageSize", self.page_size);
        ApiRequest::get("/Messages.json").encoded_query(query.finish())
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn filters_have_twilios_names() {
        let day: Date = "2026-01-05".parse().unwrap();
        let moment: Timestamp = "2026-01-05T09:00:00.5Z".parse().unwrap();
        let list = ListMessages::new().to("+1415").from("72345").sent_on(day);
        let list = list.sent_on_or_before(moment).sent_on_or_after(day).page_size(500);
        assert_eq!(
            list.request().query_string(),
            "To=%2B1415&From=72345&DateSent=2026-01-05&DateSent%3C=2026-01-05T09%3A00%3A00Z&\
             DateSent%3E=2026-01-05&PageSize=500"
        );
        assert_eq!(ListMessages::new().request().query_string(), "");
    }
}
