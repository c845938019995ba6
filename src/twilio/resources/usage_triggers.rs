//! Usage triggers: webhooks that Twilio calls once usage or its cost reaches a value.

mod requests;

pub use requests::{CreateUsageTrigger, ListUsageTriggers, UpdateUsageTrigger};

use jiff::Timestamp;

use crate::provider::{ApiRequest, ProviderError, RequestBody, RequestClass};
use crate::sms::Text;
use crate::twilio::calls::HttpMethod;
use crate::twilio::page::Pages;
use crate::twilio::session::Session;
use crate::twilio::sid;
use crate::twilio::wire::{Amount, Parameters as _, answer, wire_enum};

wire_enum! {
    /// What of the usage a trigger watches.
    TriggerField {
        /// The number of uses, such as messages or calls.
        Count = "count",
        /// The amount used, such as segments or minutes.
        Usage = "usage",
        /// The cost.
        Price = "price",
    }
}

wire_enum! {
    /// How often a trigger may fire, and over which time usage is counted.
    TriggerRecurrence {
        /// Once a day, for the usage of the day, in GMT.
        Daily = "daily",
        /// Once a month, for the usage of the month.
        Monthly = "monthly",
        /// Once a year, for the usage of the year.
        Yearly = "yearly",
        /// Once, for all usage.
        AllTime = "alltime",
    }
}

answer! {
    /// A usage trigger as Twilio describes it.
    ///
    /// <https://www.twilio.com/docs/usage/api/usage-trigger#usagetrigger-properties>
    UsageTrigger always {
        /// Its SID, `UT…`.
        sid: String = "sid",
    } {
        /// The account it belongs to.
        account_sid: String = "account_sid",
        /// Its name.
        friendly_name: Text = "friendly_name",
        /// The category that it watches, as in [usage records](crate::twilio::usage::UsageRecord).
        usage_category: String = "usage_category",
        /// What of that category it watches.
        trigger_by: TriggerField = "trigger_by",
        /// The value at which it fires.
        trigger_value: Amount = "trigger_value",
        /// The value now.
        current_value: Amount = "current_value",
        /// How often it may fire.
        recurring: TriggerRecurrence = "recurring",
        /// The URL that Twilio calls when it fires.
        callback_url: Text = "callback_url",
        /// The HTTP method of that request.
        callback_method: HttpMethod = "callback_method",
        /// When it last fired.
        date_fired: Timestamp = "date_fired",
        /// When it was made.
        date_created: Timestamp = "date_created",
        /// When it last changed.
        date_updated: Timestamp = "date_updated",
        /// The path of the usage record that it watches.
        usage_record_uri: String = "usage_record_uri",
        /// The version of the API.
        api_version: String = "api_version",
        /// Its path.
        uri: String = "uri",
    }
}

/// The usage triggers of an account.
///
/// Twilio evaluates them about once a minute, and usage itself may arrive late: a trigger is an alarm, not a limit.
///
/// <https://www.twilio.com/docs/usage/api/usage-trigger>
#[derive(Debug, Clone)]
pub struct UsageTriggers {
    session: Session,
}

impl UsageTriggers {
    pub(in crate::twilio) fn of(session: &Session) -> Self {
        Self { session: session.clone() }
    }

    /// Lists the triggers. Errors are items of the list.
    ///
    /// <https://www.twilio.com/docs/usage/api/usage-trigger#read-multiple-usagetrigger-resources>
    pub fn list(&self, filter: &ListUsageTriggers) -> Pages<UsageTrigger> {
        Pages::new(&self.session, filter.in_query(ApiRequest::get("/Usage/Triggers.json")), "usage_triggers")
    }

    /// Creates a trigger.
    ///
    /// <https://www.twilio.com/docs/usage/api/usage-trigger#create-a-usagetrigger-resource>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn create(&self, trigger: &CreateUsageTrigger) -> Result<UsageTrigger, ProviderError> {
        let post = ApiRequest::post("/Usage/Triggers.json").body(RequestBody::Form(trigger.form()?));
        self.session.json(post.class(RequestClass::Create)).await
    }

    /// Reads a trigger.
    ///
    /// <https://www.twilio.com/docs/usage/api/usage-trigger#fetch-a-usagetrigger-resource>
    ///
    /// # Errors
    /// `NOT_FOUND`, or any other [`ProviderError`].
    pub async fn fetch(&self, sid: &str) -> Result<UsageTrigger, ProviderError> {
        self.session.json(one(ApiRequest::get(ONE), sid)?).await
    }

    /// Changes what is set, and nothing else.
    ///
    /// <https://www.twilio.com/docs/usage/api/usage-trigger#update-a-usagetrigger-resource>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn update(
        &self,
        sid: &str,
        changes: &UpdateUsageTrigger,
    ) -> Result<UsageTrigger, ProviderError> {
        let post = one(ApiRequest::post(ONE), sid)?.body(RequestBody::Form(changes.form()?));
        self.session.json(post.class(RequestClass::Update)).await
    }

    /// Deletes a trigger. It cannot be undone.
    ///
    /// <https://www.twilio.com/docs/usage/api/usage-trigger#delete-a-usagetrigger-resource>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn delete(&self, sid: &str) -> Result<(), ProviderError> {
        self.session.no_content(one(ApiRequest::delete(ONE), sid)?).await
    }
}

const ONE: &str = "/Usage/Triggers/{sid}.json";

/// Fills a path with the SID of a trigger, after checking its format.
fn one(request: ApiRequest, sid: &str) -> Result<ApiRequest, ProviderError> {
    sid::check(sid, "usage trigger", &["UT"])?;
    Ok(request.segment(sid))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twilio::wire::mutation::{read_whole, survives};
    use serde_json::json;

    #[test]
    fn twilios_own_example_is_read_whole_and_survives_growth() {
        let body = json!({
            "account_sid": "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "api_version": "2010-04-01",
            "callback_method": "GET", "callback_url": "http://cap.com/streetfight", "current_value": "0",
            "date_created": "Sun, 06 Sep 2015 12:58:45 +0000", "date_fired": "Sun, 06 Sep 2015 13:58:45 +0000",
            "date_updated": "Sun, 06 Sep 2015 12:58:45 +0000", "friendly_name": "raphael-cluster-1441544325.86",
            "recurring": "yearly", "sid": "UTaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "trigger_by": "price",
            "trigger_value": "50.10", "usage_category": "totalprice",
            "uri": "/2010-04-01/Accounts/ACaa/Usage/Triggers/UTaa.json",
            "usage_record_uri": "/2010-04-01/Accounts/ACaa/Usage/Records.json?Category=totalprice"
        });
        let trigger: UsageTrigger = read_whole(&body);
        assert_eq!(trigger.trigger_value.as_ref().unwrap().as_str(), "50.10");
        assert_eq!(trigger.recurring, Some(TriggerRecurrence::Yearly));
        survives::<UsageTrigger>(&body);
    }
}
