//! Which messages to list.

use crate::phone::Address;
use crate::provider::ApiRequest;
use crate::twilio::page::DateOrTime;
use crate::twilio::wire::{Parameters as _, request};

request! {
    /// Which messages to list. Without a filter, all of them.
    ///
    /// Days and times are UTC. A day is taken whole, on either side.
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
        /// Only those to this address.
        to: Option<Address> = "To",
        /// Only those from this address.
        from: Option<Address> = "From",
        /// Only those sent on this day.
        sent_on: Option<DateOrTime> = "DateSent",
        /// Only those sent then or earlier.
        sent_on_or_before: Option<DateOrTime> = "DateSent<",
        /// Only those sent then or later.
        sent_on_or_after: Option<DateOrTime> = "DateSent>",
        /// How many a page holds, 1 to 1,000; 50 where it is not set.
        page_size: Option<u32> = "PageSize",
    }
}

impl ListMessages {
    /// Lists all.
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
