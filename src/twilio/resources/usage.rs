//! Usage: how much of each product the account used, and the cost.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::provider::ApiRequest;
use crate::twilio::page::Pages;
use crate::twilio::session::Session;
use crate::twilio::wire::{Amount, Parameters as _, answer, request};

answer! {
    /// The usage of one category in one period.
    ///
    /// <https://www.twilio.com/docs/usage/api/usage-record#usagerecord-properties>
    UsageRecord {
        /// The category: `sms-outbound`, `calls`, `phonenumbers`, `totalprice` and many others.
        category: String = "category",
        /// A description of the category.
        description: String = "description",
        /// The number of uses, such as messages or calls.
        count: Amount = "count",
        /// The unit of that number.
        count_unit: String = "count_unit",
        /// The amount used, such as segments or minutes.
        usage: Amount = "usage",
        /// The unit of that amount.
        usage_unit: String = "usage_unit",
        /// The cost.
        price: Amount = "price",
        /// The currency of the price, ISO 4217.
        price_unit: String = "price_unit",
        /// The first day of the period.
        start_date: Date = "start_date",
        /// The last day of the period.
        end_date: Date = "end_date",
        /// The time up to which usage was counted.
        as_of: String = "as_of",
        /// The account it belongs to.
        account_sid: String = "account_sid",
        /// The version of the API.
        api_version: String = "api_version",
        /// Its path.
        uri: String = "uri",
        /// The paths of related resources.
        subresource_uris: BTreeMap<String, String> = "subresource_uris",
    }
}

/// The periods into which usage is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub enum UsagePeriod {
    /// One record for all requested days.
    #[default]
    Whole,
    /// One record per day.
    Daily,
    /// One record per month.
    Monthly,
    /// One record per year.
    Yearly,
    /// One record since the account was created.
    AllTime,
    /// Today.
    Today,
    /// Yesterday.
    Yesterday,
    /// This month.
    ThisMonth,
    /// Last month.
    LastMonth,
}

impl UsagePeriod {
    const fn path(self) -> &'static str {
        match self {
            Self::Whole => "/Usage/Records.json",
            Self::Daily => "/Usage/Records/Daily.json",
            Self::Monthly => "/Usage/Records/Monthly.json",
            Self::Yearly => "/Usage/Records/Yearly.json",
            Self::AllTime => "/Usage/Records/AllTime.json",
            Self::Today => "/Usage/Records/Today.json",
            Self::Yesterday => "/Usage/Records/Yesterday.json",
            Self::ThisMonth => "/Usage/Records/ThisMonth.json",
            Self::LastMonth => "/Usage/Records/LastMonth.json",
        }
    }
}

request! {
    /// A list of usage records, and its filters.
    ///
    /// ```
    /// use switchboard::twilio::usage::{ListUsage, UsagePeriod};
    ///
    /// let texts_by_day = ListUsage::new(UsagePeriod::Daily)
    ///     .category("sms-outbound")
    ///     .from("2026-09-01".parse()?)
    ///     .until("2026-09-30".parse()?);
    /// # let _ = texts_by_day;
    /// # Ok::<(), jiff::Error>(())
    /// ```
    ListUsage {
        /// Only usage of this category.
        category: Option<String> = "Category",
        /// From this day on, in UTC.
        start_date as from: Option<Date> = "StartDate",
        /// Up to this day, in UTC.
        end_date as until: Option<Date> = "EndDate",
        /// Whether the usage of subaccounts is included; it is by default.
        include_subaccounts: Option<bool> = "IncludeSubaccounts",
        /// How many items a page has, 1 to 1,000; 50 by default.
        page_size: Option<u32> = "PageSize",
    }
    apart {
        /// The periods.
        period: UsagePeriod,
    }
}

impl ListUsage {
    /// Lists all categories, divided into these periods.
    #[must_use]
    pub fn new(period: UsagePeriod) -> Self {
        Self { period, ..Self::default() }
    }

    fn request(&self) -> ApiRequest {
        self.in_query(ApiRequest::get(self.period.path()))
    }
}

/// The usage of an account.
///
/// <https://www.twilio.com/docs/usage/api/usage-record>
#[derive(Debug, Clone)]
pub struct Usage {
    session: Session,
}

impl Usage {
    pub(in crate::twilio) fn of(session: &Session) -> Self {
        Self { session: session.clone() }
    }

    /// Lists usage. Errors are items of the list.
    ///
    /// <https://www.twilio.com/docs/usage/api/usage-record#read-multiple-usagerecord-resources>
    pub fn list(&self, filter: &ListUsage) -> Pages<UsageRecord> {
        Pages::new(&self.session, filter.request(), "usage_records")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_period_has_its_path_and_filters_have_twilios_names() {
        let list = ListUsage::new(UsagePeriod::Daily).category("sms").from("2026-09-01".parse().unwrap());
        let request = list.include_subaccounts(false).request();
        assert_eq!(request.path(), "/Usage/Records/Daily.json");
        assert_eq!(request.query_string(), "Category=sms&StartDate=2026-09-01&IncludeSubaccounts=false");
    }

    #[test]
    fn prices_are_exact_as_texts_and_as_numbers() {
        for price in ["\"2192.84855\"", "2192.84855"] {
            let body = format!(
                r#"{{"category": "calls", "price": {price}, "count": "3", "start_date": "2010-08-27"}}"#
            );
            let read: UsageRecord = serde_json::from_str(&body).unwrap();
            assert_eq!(read.price.unwrap().as_str(), "2192.84855");
            assert_eq!(read.start_date.unwrap().to_string(), "2010-08-27");
        }
    }
}
