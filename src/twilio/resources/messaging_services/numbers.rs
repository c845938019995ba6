//! The numbers that a messaging service sends from.

use jiff::Timestamp;

use crate::phone::Address;
use crate::provider::{ApiRequest, ProviderError, RequestClass};
use crate::twilio::page::Pages;
use crate::twilio::session::Session;
use crate::twilio::sid;
use crate::twilio::wire::answer;

answer! {
    /// A number that a messaging service sends from.
    ///
    /// <https://www.twilio.com/docs/messaging/api/phonenumber-resource#phonenumber-properties>
    ServiceNumber always {
        /// Its SID, `PN…`.
        sid: String = "sid",
    } {
        /// The account it belongs to.
        account_sid: String = "account_sid",
        /// The messaging service, `MG…`.
        service_sid: String = "service_sid",
        /// The number.
        phone_number: Address = "phone_number",
        /// Its country: two letters, ISO 3166.
        country_code: String = "country_code",
        /// Its capabilities: `SMS`, `MMS`, `Voice`.
        capabilities: Vec<String> = "capabilities",
        /// When it was added.
        date_created: Timestamp = "date_created",
        /// When it last changed.
        date_updated: Timestamp = "date_updated",
        /// Its URL.
        url: String = "url",
    }
}

/// The numbers that one messaging service sends from.
///
/// <https://www.twilio.com/docs/messaging/api/phonenumber-resource>
#[derive(Debug, Clone)]
pub struct ServiceNumbers {
    session: Session,
    service_sid: String,
}

impl ServiceNumbers {
    pub(super) fn of(session: &Session, service_sid: String) -> Self {
        Self { session: session.clone(), service_sid }
    }

    /// Lists the numbers.
    ///
    /// <https://www.twilio.com/docs/messaging/api/phonenumber-resource#read-multiple-phonenumber-resources>
    ///
    /// # Errors
    /// `INVALID_REQUEST` where the service's SID is malformed.
    pub fn list(&self) -> Result<Pages<ServiceNumber>, ProviderError> {
        let request = super::one(ApiRequest::get(ALL), &self.service_sid)?;
        Ok(Pages::new(&self.session, request, "phone_numbers"))
    }

    /// Reads a number.
    ///
    /// <https://www.twilio.com/docs/messaging/api/phonenumber-resource#fetch-a-phonenumber-resource>
    ///
    /// # Errors
    /// `NOT_FOUND`, or any other [`ProviderError`].
    pub async fn fetch(&self, number_sid: &str) -> Result<ServiceNumber, ProviderError> {
        self.session.json(self.one(ApiRequest::get(ONE), number_sid)?).await
    }

    /// Adds a number of the account, `PN…`. A number can be in only one messaging service.
    ///
    /// <https://www.twilio.com/docs/messaging/api/phonenumber-resource#create-a-phonenumber-resource>
    ///
    /// # Errors
    /// Any [`ProviderError`], for example if the number is already in a service.
    pub async fn add(&self, number_sid: &str) -> Result<ServiceNumber, ProviderError> {
        sid::check(number_sid, "phone number", &["PN"])?;
        let post = super::one(ApiRequest::post(ALL), &self.service_sid)?;
        self.session.json(post.form([("PhoneNumberSid", number_sid)]).class(RequestClass::Create)).await
    }

    /// Removes a number from the service. The account keeps it.
    ///
    /// <https://www.twilio.com/docs/messaging/api/phonenumber-resource#delete-a-phonenumber-resource>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn remove(&self, number_sid: &str) -> Result<(), ProviderError> {
        self.session.no_content(self.one(ApiRequest::delete(ONE), number_sid)?).await
    }

    fn one(&self, request: ApiRequest, number_sid: &str) -> Result<ApiRequest, ProviderError> {
        sid::check(number_sid, "phone number", &["PN"])?;
        Ok(super::one(request, &self.service_sid)?.segment(number_sid))
    }
}

const ALL: &str = "/v1/Services/{service}/PhoneNumbers";
const ONE: &str = "/v1/Services/{service}/PhoneNumbers/{number}";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twilio::wire::mutation::{read_whole, survives};
    use serde_json::json;

    #[test]
    fn twilios_own_example_is_read_whole_and_survives_growth() {
        let body = json!({
            "sid": "PNaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "account_sid": "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "service_sid": "MGaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "date_created": "2015-07-30T20:12:31Z",
            "date_updated": "2015-07-30T20:12:33Z", "phone_number": "+987654321", "country_code": "US",
            "capabilities": ["MMS", "SMS", "Voice"],
            "url": "https://messaging.twilio.com/v1/Services/MGaa/PhoneNumbers/PNaa"
        });
        let number: ServiceNumber = read_whole(&body);
        assert_eq!(number.capabilities.as_ref().map(Vec::len), Some(3));
        assert!(!format!("{number:?}").contains("87654321"));
        survives::<ServiceNumber>(&body);
    }
}
