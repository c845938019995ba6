//! The filters for a list of calls.

use super::CallStatus;
use crate::phone::Address;
use crate::provider::ApiRequest;
use crate::twilio::page::DateOrTime;
use crate::twilio::wire::{Parameters as _, request};

request! {
    /// The filters for a list of calls. Without a filter, all calls are listed.
    ///
    /// Days and times are UTC. If a filter is a day, the whole day is included.
    ListCalls {
        /// Only calls to this address.
        to: Option<Address> = "To",
        /// Only calls from this address.
        from: Option<Address> = "From",
        /// Only calls that this call dialled.
        parent_call_sid as parent_call: Option<String> = "ParentCallSid",
        /// Only calls with this status. `Initiated` occurs in callbacks only, so it finds no call.
        status: Option<CallStatus> = "Status",
        /// Only calls that started on this day.
        started_on: Option<DateOrTime> = "StartTime",
        /// Only calls that started at this time or earlier.
        started_on_or_before: Option<DateOrTime> = "StartTime<",
        /// Only calls that started at this time or later.
        started_on_or_after: Option<DateOrTime> = "StartTime>",
        /// Only calls that ended on this day.
        ended_on: Option<DateOrTime> = "EndTime",
        /// Only calls that ended at this time or earlier.
        ended_on_or_before: Option<DateOrTime> = "EndTime<",
        /// Only calls that ended at this time or later.
        ended_on_or_after: Option<DateOrTime> = "EndTime>",
        /// How many items a page has, 1 to 1,000; 50 by default.
        page_size: Option<u32> = "PageSize",
    }
}

impl ListCalls {
    /// Starts a list without filters.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub(in crate::twilio) fn request(&self) -> ApiRequest {
        self.in_query(ApiRequest::get("/Calls.json"))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::Date;

    use super::*;

    #[test]
    fn filters_have_twilios_names() {
        let day: Date = "2026-01-05".parse().unwrap();
        let list =
            ListCalls::new().to("+1").status(CallStatus::NoAnswer).started_on_or_after(day).ended_on(day);
        assert_eq!(
            list.request().query_string(),
            "To=%2B1&Status=no-answer&StartTime%3E=2026-01-05&EndTime=2026-01-05"
        );
    }
}
