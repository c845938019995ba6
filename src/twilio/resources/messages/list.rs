//! The filters for a list of messages.

use crate::phone::Address;
use crate::provider::ApiRequest;
use crate::twilio::page::DateOrTime;
use crate::twilio::wire::{Parameters as _, request};

request! {
    /// The filters for a list of messages. Without a filter, all messages are listed.
    ///
    /// Days and times are UTC. If a filter is a day, the whole day is included.
    ///
    /// ```
    /// use switchboard::twilio::messages::ListMessages;
    /// use switchboard::twilio::page::DateOrTime;
    ///
    /// let september = ListMessages::new()
    ///     .to("+14155551234")
    ///     .sent_on_or_after("2026-09-01".parse::<DateOrTime>()?)
    ///     .sent_on_or_before("2026-09-30".parse::<DateOrTime>()?)
    ///     .page_size(200);
    /// # let _ = september;
    /// # Ok::<(), switchboard::twilio::page::ParseDateError>(())
    /// ```
    ListMessages {
        /// Only messages to this address.
        to: Option<Address> = "To",
        /// Only messages from this address.
        from: Option<Address> = "From",
        /// Only messages sent on this day.
        sent_on: Option<DateOrTime> = "DateSent",
        /// Only messages sent at this time or earlier.
        sent_on_or_before: Option<DateOrTime> = "DateSent<",
        /// Only messages sent at this time or later.
        sent_on_or_after: Option<DateOrTime> = "DateSent>",
        /// How many items a page has, 1 to 1,000; 50 by default.
        page_size: Option<u32> = "PageSize",
    }
}

impl ListMessages {
    /// Starts a list without filters.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub(in crate::twilio) fn request(&self) -> ApiRequest {
        self.in_query(ApiRequest::get("/Messages.json"))
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::civil::Date;

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
