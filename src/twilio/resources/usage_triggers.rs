//! Usage triggers: webhooks that Twilio calls once usage or its cost reaches a value.

use jiff::Timestamp;

use crate::provider::{ApiRequest, ProviderError, RequestBody, RequestClass};
use crate::sms::Text;
use crate::twilio::calls::HttpMethod;
use crate::twilio::page::Pages;
use crate::twilio::session::Session;
use crate::twilio::sid;
use crate::twilio::wire::{Amount, Parameters as _, answer, check, request, wire_enum};

/// The most characters of a trigger's name.
const MAX_NAME: usize = 64;

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

request! {
    /// A usage trigger to create.
    ///
    /// ```
    /// use switchboard::twilio::usage_triggers::{CreateUsageTrigger, TriggerField, TriggerRecurrence};
    ///
    /// let too_expensive = CreateUsageTrigger::new("totalprice", "25.50", "https://example.com/usage")
    ///     .by(TriggerField::Price)
    ///     .recurring(TriggerRecurrence::Daily);
    /// # let _ = too_expensive;
    /// ```
    ///
    /// <https://www.twilio.com/docs/usage/api/usage-trigger#create-a-usagetrigger-resource>
    CreateUsageTrigger {
        /// The category that it watches: `sms-outbound`, `calls`, `totalprice` and many others.
        usage_category: String = "UsageCategory",
        /// The value at which it fires, a positive decimal: `25.50`. With a plus, `+30`, that much more than now.
        trigger_value: String = "TriggerValue",
        /// The URL that Twilio calls when it fires.
        callback_url: Text = "CallbackUrl",
        /// The HTTP method of that request; `POST` by default.
        callback_method: Option<HttpMethod> = "CallbackMethod",
        /// Its name, at most 64 characters.
        friendly_name: Option<Text> = "FriendlyName",
        /// How often it may fire; once by default.
        recurring: Option<TriggerRecurrence> = "Recurring",
        /// What of the category it watches; the amount used by default.
        trigger_by as by: Option<TriggerField> = "TriggerBy",
    }
}

impl CreateUsageTrigger {
    /// Starts a trigger that calls `callback_url` once the usage of a category reaches a value.
    pub fn new(
        usage_category: impl Into<String>,
        trigger_value: impl Into<String>,
        callback_url: impl Into<Text>,
    ) -> Self {
        Self {
            usage_category: usage_category.into(),
            trigger_value: trigger_value.into(),
            callback_url: callback_url.into(),
            ..Self::default()
        }
    }

    fn form(&self) -> Result<String, ProviderError> {
        if self.usage_category.is_empty() {
            return Err(check::missing("there is no usage category: set the one to watch, as in totalprice"));
        }
        if Amount::parse(&self.trigger_value).is_none() || self.trigger_value.starts_with('-') {
            return Err(check::refuse("the trigger value must be a positive decimal, as in 25.50 or +30"));
        }
        check::url("callback URL", self.callback_url.as_str())?;
        check::longest("name", self.friendly_name.as_ref(), MAX_NAME)?;
        self.encoded()
    }
}

request! {
    /// The changes of a usage trigger. Fields that are not set stay unchanged; its value and category cannot be changed.
    ///
    /// <https://www.twilio.com/docs/usage/api/usage-trigger#update-a-usagetrigger-resource>
    UpdateUsageTrigger {
        /// Its name, at most 64 characters.
        friendly_name: Option<Text> = "FriendlyName",
        /// The URL that Twilio calls when it fires.
        callback_url: Option<Text> = "CallbackUrl",
        /// The HTTP method of that request.
        callback_method: Option<HttpMethod> = "CallbackMethod",
    }
}

impl UpdateUsageTrigger {
    /// Starts without changes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn form(&self) -> Result<String, ProviderError> {
        check::longest("name", self.friendly_name.as_ref(), MAX_NAME)?;
        check::optional_url("callback URL", self.callback_url.as_ref().map(Text::as_str))?;
        self.encoded_update()
    }
}

request! {
    /// The filters for a list of usage triggers. Without a filter, all are listed.
    ListUsageTriggers {
        /// Only triggers that may fire this often.
        recurring: Option<TriggerRecurrence> = "Recurring",
        /// Only triggers that watch this.
        trigger_by as by: Option<TriggerField> = "TriggerBy",
        /// Only triggers that watch this category.
        usage_category as category: Option<String> = "UsageCategory",
        /// How many items a page has, 1 to 1,000; 50 by default.
        page_size: Option<u32> = "PageSize",
    }
}

impl ListUsageTriggers {
    /// Starts a list without filters.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
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
    fn parameters_have_twilios_names_and_values_are_exact() {
        let create =
            CreateUsageTrigger::new("totalprice", "25.50", "https://e.com/u").by(TriggerField::Price);
        assert_eq!(
            create.recurring(TriggerRecurrence::AllTime).form().unwrap(),
            "UsageCategory=totalprice&TriggerValue=25.50&CallbackUrl=https%3A%2F%2Fe.com%2Fu&Recurring=alltime&\
             TriggerBy=price"
        );
        let more = CreateUsageTrigger::new("sms", "+30", "https://e.com");
        assert!(more.form().unwrap().contains("TriggerValue=%2B30"));
        for (category, value, url) in
            [("", "1", "https://e.com"), ("sms", "-1", "https://e.com"), ("sms", "ten", "https://e.com")]
        {
            assert!(CreateUsageTrigger::new(category, value, url).form().is_err(), "{category} {value}");
        }
        assert!(CreateUsageTrigger::new("sms", "1", "e.com").form().is_err());
        assert!(UpdateUsageTrigger::new().form().is_err());
        let list = ListUsageTriggers::new().category("sms").by(TriggerField::Count);
        let request = list.in_query(ApiRequest::get("/Usage/Triggers.json"));
        assert_eq!(request.query_string(), "TriggerBy=count&UsageCategory=sms");
    }

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
