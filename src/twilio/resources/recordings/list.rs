//! Which recordings to list.

use crate::provider::ApiRequest;
use crate::twilio::page::DateOrTime;
use crate::twilio::wire::{Parameters as _, request};

request! {
    /// Which recordings to list. Without a filter, all of them. Days and times are UTC; if a filter is a day, the whole day is included.
    ListRecordings {
        /// Only recordings of this call, `CA…`.
        call_sid as call: Option<String> = "CallSid",
        /// Only recordings of this conference, `CF…`.
        conference_sid as conference: Option<String> = "ConferenceSid",
        /// Only recordings made on this day.
        created_on: Option<DateOrTime> = "DateCreated",
        /// Only recordings made at this time or earlier.
        created_on_or_before: Option<DateOrTime> = "DateCreated<",
        /// Only recordings made at this time or later.
        created_on_or_after: Option<DateOrTime> = "DateCreated>",
        /// Whether deleted recordings whose metadata Twilio still keeps are included.
        include_soft_deleted: Option<bool> = "IncludeSoftDeleted",
        /// How many items a page has, 1 to 1,000; 50 by default.
        page_size: Option<u32> = "PageSize",
    }
}

impl ListRecordings {
    /// Starts a list without filters.
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
