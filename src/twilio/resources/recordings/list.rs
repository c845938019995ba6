//! Which recordings to list.

use crate::provider::ApiRequest;
use crate::twilio::page::DateOrTime;
use crate::twilio::wire::{Parameters as _, request};

request! {
    /// Which recordings to list. Without a filter, all of them. Days and times are UTC; a day is taken whole.
    ListRecordings {
        /// Only those of this call, `CA…`.
        call_sid as call: Option<String> = "CallSid",
        /// Only those of this conference, `CF…`.
        conference_sid as conference: Option<String> = "ConferenceSid",
        /// Only those made on this day.
        created_on: Option<DateOrTime> = "DateCreated",
        /// Only those made then or earlier.
        created_on_or_before: Option<DateOrTime> = "DateCreated<",
        /// Only those made then or later.
        created_on_or_after: Option<DateOrTime> = "DateCreated>",
        /// Deleted ones, too, of which Twilio still keeps the description.
        include_soft_deleted: Option<bool> = "IncludeSoftDeleted",
        /// How many a page holds, 1 to 1,000; 50 where it is not set.
        page_size: Option<u32> = "PageSize",
    }
}

impl ListRecordings {
    /// Lists all.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub(super) fn request(&self) -> ApiRequest {
        self.in_query(ApiRequest::get("/Recordings.json"))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::Date;

    use super::*;

    #[test]
    fn filters_have_twilios_names() {
        let day: Date = "2026-01-05".parse().unwrap();
        let list = ListRecordings::new().call("CA1").created_on_or_after(day).include_soft_deleted(true);
        assert_eq!(
            list.request().query_string(),
            "CallSid=CA1&DateCreated%3E=2026-01-05&IncludeSoftDeleted=true"
        );
    }
}
