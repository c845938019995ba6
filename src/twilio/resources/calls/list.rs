//! Which calls to list.

use super::CallStatus;
use crate::phone::Address;
use crate::provider::ApiRequest;
use crate::twilio::page::DateOrTime;
use crate::twilio::wire::{Parameters as _, request};

request! {
    /// Which calls to list. Without a filter, all of them.
    ///
    /// Days and times are UTC. A day is taken whole, on either side.
    ListCalls {
        /// Only those to this address.
        to: Option<Address> = "To",
        /// Only those from this address.
        from: Option<Address> = "From",
        /// Only those that this call dialled.
        parent_call_sid as parent_call: Option<String> = "ParentCallSid",
        /// Only those that are there. `Initiated` is a word of callbacks only: no list knows it.
        status: Option<CallStatus> = "Status",
        /// Only those that started on this day.
        started_on: Option<DateOrTime> = "StartTime",
        /// Only those that started then or earlier.
        started_on_or_before: Option<DateOrTime> = "StartTime<",
        /// Only those that started then or later.
        started_on_or_after: Option<DateOrTime> = "StartTime>",
        /// Only those that ended on this day.
        ended_on: Option<DateOrTime> = "EndTime",
        /// Only those that ended then or earlier.
        ended_on_or_before: Option<DateOrTime> = "EndTime<",
        /// Only those that ended then or later.
        ended_on_or_after: Option<DateOrTime> = "EndTime>",
        /// How many a page holds, 1 to 1,000; 50 where it is not set.
        page_size: Option<u32> = "PageSize",
    }
}

impl ListCalls {
    /// Lists all.
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
