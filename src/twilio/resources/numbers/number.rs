//! A number as Twilio describes it, and the filters for a list of numbers.

use jiff::Timestamp;

use crate::phone::Address;
use crate::provider::ApiRequest;
use crate::sms::Text;
use crate::twilio::calls::HttpMethod;
use crate::twilio::wire::{Parameters as _, answer, request, wire_enum};

wire_enum! {
    /// Which address you must provide before you may buy or keep a number.
    AddressRequirements {
        /// No address.
        None = "none",
        /// Any.
        Any = "any",
        /// One in the number's country.
        Local = "local",
        /// One outside the number's country.
        Foreign = "foreign",
    }
}

wire_enum! {
    /// Whether emergency calls are enabled.
    EmergencyStatus {
        /// They are enabled.
        Active = "Active",
        /// They are disabled.
        Inactive = "Inactive",
    }
}

wire_enum! {
    /// Whether incoming calls of a number are voice or fax.
    VoiceReceiveMode {
        /// Speech.
        Voice = "voice",
        /// Faxes.
        Fax = "fax",
    }
}

wire_enum! {
    /// The company that hosts a number.
    NumberOrigin {
        /// Twilio.
        Twilio = "twilio",
        /// Another carrier; Twilio handles only its texts.
        Hosted = "hosted",
    }
}

answer! {
    /// The capabilities of a number.
    Capabilities {
        /// Calls.
        voice: bool = "voice",
        /// Texts.
        sms: bool = "sms",
        /// Pictures.
        mms: bool = "mms",
        /// Faxes.
        fax: bool = "fax",
    }
}

answer! {
    /// A number that an account owns, as Twilio describes it.
    ///
    /// <https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource#incomingphonenumber-properties>
    PhoneNumber always {
        /// Its SID, `PN…`.
        sid: String = "sid",
    } {
        /// The account that owns it.
        account_sid: String = "account_sid",
        /// The number.
        phone_number: Address = "phone_number",
        /// Its name.
        friendly_name: Text = "friendly_name",
        /// Its capabilities.
        capabilities: Capabilities = "capabilities",
        /// The URL that Twilio requests when somebody calls it.
        voice_url: Text = "voice_url",
        /// The HTTP method of that request.
        voice_method: HttpMethod = "voice_method",
        /// The URL that Twilio requests if the first one fails.
        voice_fallback_url: Text = "voice_fallback_url",
        /// The HTTP method of that request.
        voice_fallback_method: HttpMethod = "voice_fallback_method",
        /// The TwiML app that answers calls, in place of the URLs, `AP…`.
        voice_application_sid: String = "voice_application_sid",
        /// Is the caller's name looked up?
        voice_caller_id_lookup: bool = "voice_caller_id_lookup",
        /// Whether incoming calls are voice or fax.
        voice_receive_mode: VoiceReceiveMode = "voice_receive_mode",
        /// The URL that Twilio requests when somebody texts it.
        sms_url: Text = "sms_url",
        /// The HTTP method of that request.
        sms_method: HttpMethod = "sms_method",
        /// The URL that Twilio requests if the first one fails.
        sms_fallback_url: Text = "sms_fallback_url",
        /// The HTTP method of that request.
        sms_fallback_method: HttpMethod = "sms_fallback_method",
        /// The TwiML app that answers texts, in place of the URLs, `AP…`.
        sms_application_sid: String = "sms_application_sid",
        /// The URL that Twilio reports the status of calls to.
        status_callback: Text = "status_callback",
        /// The HTTP method of that request.
        status_callback_method: HttpMethod = "status_callback_method",
        /// The SIP trunk that receives its calls, `TK…`.
        trunk_sid: String = "trunk_sid",
        /// Which address you must provide.
        address_requirements: AddressRequirements = "address_requirements",
        /// Your address for it, `AD…`.
        address_sid: String = "address_sid",
        /// Your identity for it, `RI…`.
        identity_sid: String = "identity_sid",
        /// Your documents for it, `BU…`.
        bundle_sid: String = "bundle_sid",
        /// Whether emergency calls are enabled.
        emergency_status: EmergencyStatus = "emergency_status",
        /// The address that is reported for emergency calls, `AD…`.
        emergency_address_sid: String = "emergency_address_sid",
        /// The status of that address's registration.
        emergency_address_status: String = "emergency_address_status",
        /// Is it new on Twilio's platform?
        beta: bool = "beta",
        /// Who hosts it.
        origin: NumberOrigin = "origin",
        /// Its status, such as `in-use`.
        status: String = "status",
        /// The kind of number.
        kind: String = "type",
        /// When it was bought.
        date_created: Timestamp = "date_created",
        /// When it last changed.
        date_updated: Timestamp = "date_updated",
        /// The version of the API that handles its calls.
        api_version: String = "api_version",
        /// Its path.
        uri: String = "uri",
    }
}

request! {
    /// The filters for a list of numbers. Without a filter, all numbers are listed.
    ListPhoneNumbers {
        /// Only numbers with this number or part of it; `*` stands for any digit.
        phone_number: Option<Address> = "PhoneNumber",
        /// Only numbers with this name.
        friendly_name: Option<Text> = "FriendlyName",
        /// Only numbers that are, or are not, new on Twilio's platform.
        beta: Option<bool> = "Beta",
        /// Only numbers that this company hosts.
        origin: Option<NumberOrigin> = "Origin",
        /// How many items a page has, 1 to 1,000; 50 by default.
        page_size: Option<u32> = "PageSize",
    }
}

impl ListPhoneNumbers {
    /// Starts a list without filters.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub(super) fn request(&self) -> ApiRequest {
        self.in_query(ApiRequest::get("/IncomingPhoneNumbers.json"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_have_twilios_names() {
        let list = ListPhoneNumbers::new().phone_number("+1415*").origin(NumberOrigin::Hosted).page_size(5);
        assert_eq!(list.request().query_string(), "PhoneNumber=%2B1415*&Origin=hosted&PageSize=5");
    }

    #[test]
    fn the_body_of_the_documents_is_read() {
        let read: PhoneNumber = serde_json::from_str(
            r#"{"sid": "PN0123456789abcdef0123456789abcdef", "phone_number": "+14155550100", "beta": false,
                "capabilities": {"mms": true, "sms": false, "voice": true, "fax": "false"}, "origin": "twilio",
                "address_requirements": "none", "voice_method": "POST", "sms_url": "", "status": "in-use",
                "emergency_status": "Active", "date_created": "Thu, 30 Jul 2015 23:19:04 +0000", "type": "local"}"#,
        )
        .unwrap();
        let can = read.capabilities.as_ref().unwrap();
        assert_eq!((can.mms, can.sms, can.fax), (Some(true), Some(false), Some(false)));
        assert_eq!(read.emergency_status, Some(EmergencyStatus::Active));
        assert!(read.extra.is_empty() && !format!("{read:?}").contains("5550100"));
    }
}
