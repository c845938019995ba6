//! Which calls to list.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::CallStatus;
use crate::phone::Address;
use crate::provider::ApiRequest;
use crate::transport::Form;
use crate::twilio::Moment;

/// Which calls to list. Without a filter, all of them.
///
/// Days and times are UTC. A day is taken whole, on either side.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ListCalls {
    /// Only those to this address.
    pub to: Option<Address>,
    /// Only those from this address.
    pub from: Option<Address>,
    /// Only those that this call dialled.
    pub parent_call_sid: Option<String>,
    /// Only those that are there. `Initiated` is a word of callbacks only: no list knows it.
    pub status: Option<CallStatus>,
    /// Only those that started on this day.
    pub started_on: Option<Moment>,
    /// Only those that started then or earlier.
    pub started_on_or_before: Option<Moment>,
    /// Only those that started then or later.
    pub started_on_or_after: Option<Moment>,
    /// Only those that ended on this day.
    pub ended_on: Option<Moment>,
    /// Only those that ended then or earlier.
    pub ended_on_or_before: Option<Moment>,
    /// Only those that ended then or later.
    pub ended_on_or_after: Option<Moment>,
    /// How many a page holds, 1 to 1,000; 50 where it is not set.
    pub page_size: Option<u32>,
}

impl ListCalls {
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

    /// Only those that this call dialled, `CA…`.
    #[must_use]
    pub fn parent_call(mut self, sid: impl Into<String>) -> Self {
        self.parent_call_sid = Some(sid.into());
        self
    }

    /// Only those that are there.
    #[must_use]
    pub fn status(mut self, status: CallStatus) -> Self {
        self.status = Some(status);
        self
    }

    /// Only those that started on this day.
    #[must_use]
    pub fn started_on(mut self, day: Date) -> Self {
        self.started_on = Some(day.into());
        self
    }

    /// Only those that started then or earlier: a day or a moment.
    #[must_use]
    pub fn started_on_or_before(mut self, at: impl Into<Moment>) -> Self {
        self.started_on_or_before = Some(at.into());
        self
    }

    /// Only those that started then or later: a day or a moment.
    #[must_use]
    pub fn started_on_or_after(mut self, at: impl Into<Moment>) -> Self {
        self.started_on_or_after = Some(at.into());
        self
    }

    /// Only those that ended on this day.
    #[must_use]
    pub fn ended_on(mut self, day: Date) -> Self {
        self.ended_on = Some(day.into());
        self
    }

    /// Only those that ended then or earlier: a day or a moment.
    #[must_use]
    pub fn ended_on_or_before(mut self, at: impl Into<Moment>) -> Self {
        self.ended_on_or_before = Some(at.into());
        self
    }

    /// Only those that ended then or later: a day or a moment.
    #[must_use]
    pub fn ended_on_or_after(mut self, at: impl Into<Moment>) -> Self {
        self.ended_on_or_after = Some(at.into());
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
            .maybe("ParentCallSid", self.parent_call_sid.as_ref())
            .maybe("Status", self.status.as_ref())
            .maybe("StartTime", self.started_on.as_ref())
            .maybe("StartTime<", self.started_on_or_before.as_ref())
            .maybe("StartTime>", self.started_on_or_after.as_ref())
            .maybe("EndTime", self.ended_on.as_ref())
            .maybe("EndTime<", self.ended_on_or_before.as_ref())
            .maybe("EndTime>", self.ended_on_or_after.as_ref())
            .display("PageSize", self.page_size);
        ApiRequest::get("/Calls.json").encoded_query(query.finish())
    }
}

#[cfg(test)]
mod tests {
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
