//! What is sent about usage triggers: a new one, its changes, and the filters of a list.

use super::{TriggerField, TriggerRecurrence};
use crate::provider::ProviderError;
use crate::sms::Text;
use crate::twilio::calls::HttpMethod;
use crate::twilio::wire::{Amount, Parameters as _, check, request};

/// The most characters of a trigger's name.
const MAX_NAME: usize = 64;

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

    pub(super) fn form(&self) -> Result<String, ProviderError> {
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

    pub(super) fn form(&self) -> Result<String, ProviderError> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::ApiRequest;

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
}
