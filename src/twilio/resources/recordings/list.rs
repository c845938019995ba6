//! Which recordings to list.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::provider::ApiRequest;
use crate::transport::Form;
use crate::twilio::Moment;

/// Which recordings to list. Without a filter, all of them. Days and times are UTC; a day is taken whole.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ListRecordings {
    /// Only those of this call, `CA…`.
    pub call_sid: Option<String>,
    /// Only those of this conference, `CF…`.
    pub conference_sid: Option<String>,
    /// Only those made on this day.
    pub created_on: Option<Moment>,
    /// Only those made then or earlier.
    pub created_on_or_before: Option<Moment>,
    /// Only those made then or later.
    pub created_on_or_after: Option<Moment>,
    /// Deleted ones, too, of which Twilio still keeps the description.
    pub include_soft_deleted: Option<bool>,
    /// How many a page holds, 1 to 1,000; 50 where it is not set.
    pub page_size: Option<u32>,
}

impl ListRecordings {
    /// Lists all.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only those of this call, `CA…`.
    #[must_use]
    pub fn call(mut self, sid: impl Into<String>) -> Self {
        self.call_sid = Some(sid.into());
        self
    }

    /// Only those of this conference, `CF…`.
    #[must_use]
    pub fn conference(mut self, sid: impl Into<String>) -> Self {
        self.conference_sid = Some(sid.into());
        self
    }

    /// Only those made on this day.
    #[must_use]
    pub fn created_on(mut self, day: Date) -> Self {
        self.created_on = Some(day.into());
        self
    }

    /// Only those made then or earlier: a day or a moment.
    #[must_use]
    pub fn created_on_or_before(mut self, at: impl Into<Moment>) -> Self {
        self.created_on_or_before = Some(at.into());
        self
    }

    /// Only those made then or later: a day or a moment.
    #[must_use]
    pub fn created_on_or_after(mut self, at: impl Into<Moment>) -> Self {
        self.created_on_or_after = Some(at.into());
        self
    }

    /// Lists deleted ones, too.
    #[must_use]
    pub fn include_soft_deleted(mut self, yes: bool) -> Self {
        self.include_soft_deleted = Some(yes);
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
            .maybe("CallSid", self.call_sid.as_ref())
            .maybe("ConferenceSid", self.conference_sid.as_ref())
            .maybe("DateCreated", self.created_on.as_ref())
            .maybe("DateCreated<", self.created_on_or_before.as_ref())
            .maybe("DateCreated>", self.created_on_or_after.as_ref())
            .display("IncludeSoftDeleted", self.include_soft_deleted)
            .display("PageSize", self.page_size);
        ApiRequest::get("/Recordings.json").encoded_query(query.finish())
    }
}

#[cfg(test)]
mod tests {
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
