//! Outgoing caller IDs: numbers that are not Twilio's, and that calls may come from once their owner has confirmed it.

use jiff::Timestamp;

use crate::phone::{Address, AddressKind};
use crate::provider::{ApiRequest, ProviderError, RequestBody, RequestClass};
use crate::sms::Text;
use crate::twilio::calls::HttpMethod;
use crate::twilio::page::Pages;
use crate::twilio::session::Session;
use crate::twilio::sid;
use crate::twilio::wire::{Parameters as _, answer, check, request};

/// The most characters of a caller ID's name.
const MAX_NAME: usize = 64;
/// The longest delay of the call, in seconds.
const MAX_DELAY: u32 = 60;

answer! {
    /// A verified caller ID as Twilio describes it.
    ///
    /// <https://www.twilio.com/docs/voice/api/outgoing-caller-ids#outgoingcallerid-properties>
    OutgoingCallerId always {
        /// Its SID, `PN…`.
        sid: String = "sid",
        /// The number.
        phone_number: Address = "phone_number",
    } {
        /// Its name.
        friendly_name: Text = "friendly_name",
        /// The account it belongs to.
        account_sid: String = "account_sid",
        /// When it was verified.
        date_created: Timestamp = "date_created",
        /// When it last changed.
        date_updated: Timestamp = "date_updated",
        /// Its path.
        uri: String = "uri",
    }
}

answer! {
    /// A validation that was started: Twilio calls the number and asks for the code.
    ///
    /// <https://www.twilio.com/docs/voice/api/outgoing-caller-ids#add-an-outgoing-caller-id>
    CallerIdValidation {
        /// The six digits to show to the number's owner, who enters them in the call.
        validation_code: Text = "validation_code",
        /// The number that is called.
        phone_number: Address = "phone_number",
        /// The name of the future caller ID.
        friendly_name: Text = "friendly_name",
        /// The call, `CA…`.
        call_sid: String = "call_sid",
        /// The account it belongs to.
        account_sid: String = "account_sid",
    }
}

request! {
    /// A number to verify. Twilio calls it at once, and its owner enters the code from the answer.
    ///
    /// ```
    /// use switchboard::twilio::outgoing_caller_ids::VerifyCallerId;
    ///
    /// let office = VerifyCallerId::new("+14155551234").friendly_name("Office").extension("12");
    /// # let _ = office;
    /// ```
    ///
    /// <https://www.twilio.com/docs/voice/api/outgoing-caller-ids#add-an-outgoing-caller-id>
    VerifyCallerId {
        /// The number.
        phone_number: Address = "PhoneNumber",
        /// Its name, at most 64 characters; the number by default.
        friendly_name: Option<Text> = "FriendlyName",
        /// How many seconds Twilio waits before it calls, at most 60.
        call_delay: Option<u32> = "CallDelay",
        /// The digits that Twilio dials once the call is answered.
        extension: Option<String> = "Extension",
        /// The URL that Twilio reports the result to, with `VerificationStatus` and `OutgoingCallerIdSid`.
        status_callback: Option<Text> = "StatusCallback",
        /// The HTTP method of that request; `POST` by default.
        status_callback_method: Option<HttpMethod> = "StatusCallbackMethod",
    }
}

impl VerifyCallerId {
    /// Verifies this number.
    pub fn new(phone_number: impl Into<Address>) -> Self {
        Self { phone_number: phone_number.into(), ..Self::default() }
    }

    fn form(&self) -> Result<String, ProviderError> {
        if check::recipient(&self.phone_number)? != AddressKind::Phone {
            return Err(check::refuse(
                "only a telephone number can be a caller ID: write it as in +14155551234",
            ));
        }
        check::longest("name", self.friendly_name.as_ref(), MAX_NAME)?;
        check::range("delay of the call", self.call_delay, 0, MAX_DELAY)?;
        check::callback(self.status_callback.as_ref())?;
        self.encoded()
    }
}

request! {
    /// The filters for a list of caller IDs. Without a filter, all are listed.
    ListOutgoingCallerIds {
        /// Only this number.
        phone_number: Option<Address> = "PhoneNumber",
        /// Only caller IDs with this name.
        friendly_name: Option<Text> = "FriendlyName",
        /// How many items a page has, 1 to 1,000; 50 by default.
        page_size: Option<u32> = "PageSize",
    }
}

impl ListOutgoingCallerIds {
    /// Starts a list without filters.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

/// The verified caller IDs of an account. The numbers that it owns need no verification.
///
/// <https://www.twilio.com/docs/voice/api/outgoing-caller-ids>
#[derive(Debug, Clone)]
pub struct OutgoingCallerIds {
    session: Session,
}

impl OutgoingCallerIds {
    pub(in crate::twilio) fn of(session: &Session) -> Self {
        Self { session: session.clone() }
    }

    /// Lists the caller IDs. Errors are items of the list.
    ///
    /// <https://www.twilio.com/docs/voice/api/outgoing-caller-ids#read-multiple-outgoingcallerid-resources>
    pub fn list(&self, filter: &ListOutgoingCallerIds) -> Pages<OutgoingCallerId> {
        Pages::new(&self.session, filter.in_query(ApiRequest::get(ALL)), "outgoing_caller_ids")
    }

    /// Calls a number, whose owner enters the code from the answer. Then it is a caller ID.
    ///
    /// <https://www.twilio.com/docs/voice/api/outgoing-caller-ids#add-an-outgoing-caller-id>
    ///
    /// # Errors
    /// Code 21450 where the number is verified already, or any other [`ProviderError`].
    pub async fn verify(&self, number: &VerifyCallerId) -> Result<CallerIdValidation, ProviderError> {
        let post = ApiRequest::post(ALL).body(RequestBody::Form(number.form()?));
        self.session.json(post.recipient(number.phone_number.clone()).class(RequestClass::Create)).await
    }

    /// Reads a caller ID.
    ///
    /// <https://www.twilio.com/docs/voice/api/outgoing-caller-ids#fetch-an-outgoingcallerid-resource>
    ///
    /// # Errors
    /// `NOT_FOUND`, or any other [`ProviderError`].
    pub async fn fetch(&self, sid: &str) -> Result<OutgoingCallerId, ProviderError> {
        self.session.json(one(ApiRequest::get(ONE), sid)?).await
    }

    /// Gives a caller ID another name.
    ///
    /// <https://www.twilio.com/docs/voice/api/outgoing-caller-ids#update-an-outgoingcallerid-resource>
    ///
    /// # Errors
    /// `INVALID_REQUEST` for a name of more than 64 characters, or any other [`ProviderError`].
    pub async fn rename(&self, sid: &str, friendly_name: &str) -> Result<OutgoingCallerId, ProviderError> {
        check::longest("name", Some(&friendly_name.into()), MAX_NAME)?;
        let request = one(ApiRequest::post(ONE), sid)?.form([("FriendlyName", friendly_name)]);
        self.session.json(request.class(RequestClass::Update)).await
    }

    /// Deletes a caller ID: calls can no longer come from it.
    ///
    /// <https://www.twilio.com/docs/voice/api/outgoing-caller-ids#delete-an-outgoingcallerid-resource>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn delete(&self, sid: &str) -> Result<(), ProviderError> {
        self.session.no_content(one(ApiRequest::delete(ONE), sid)?).await
    }
}

const ALL: &str = "/OutgoingCallerIds.json";
const ONE: &str = "/OutgoingCallerIds/{sid}.json";

/// Fills a path with the SID of a caller ID, after checking its format.
fn one(request: ApiRequest, sid: &str) -> Result<ApiRequest, ProviderError> {
    sid::check(sid, "caller ID", &["PN"])?;
    Ok(request.segment(sid))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twilio::wire::mutation::{read_whole, survives};
    use serde_json::json;

    #[test]
    fn parameters_have_twilios_names_and_bad_ones_are_refused() {
        let verify =
            VerifyCallerId::new("+14155551234").friendly_name("Office").call_delay(5).extension("12");
        assert_eq!(
            verify.form().unwrap(),
            "PhoneNumber=%2B14155551234&FriendlyName=Office&CallDelay=5&Extension=12"
        );
        let number = || VerifyCallerId::new("+14155551234");
        for bad in [
            VerifyCallerId::new(""),
            VerifyCallerId::new("415"),
            number().call_delay(61),
            number().friendly_name("x".repeat(65)),
            number().status_callback("e.com"),
        ] {
            assert!(bad.form().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn twilios_own_examples_are_read_whole_and_survive_growth() {
        let body = json!({
            "account_sid": "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "date_created": "Fri, 21 Aug 2009 00:11:24 +0000",
            "date_updated": "Fri, 21 Aug 2009 00:11:24 +0000", "friendly_name": "(415) 867-5309",
            "phone_number": "+141586753096", "sid": "PNaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "uri": "/2010-04-01/Accounts/ACaa/OutgoingCallerIds/PNaa.json"
        });
        let id: OutgoingCallerId = read_whole(&body);
        assert!(!format!("{id:?}").contains("867"));
        survives::<OutgoingCallerId>(&body);
        let body = json!({
            "account_sid": "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "call_sid": "CAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "friendly_name": "friendly_name", "phone_number": "+18001234567", "validation_code": "111111"
        });
        let validation: CallerIdValidation = read_whole(&body);
        assert_eq!(validation.validation_code.as_ref().unwrap(), "111111");
        assert!(!format!("{validation:?}").contains("111111"));
    }
}
