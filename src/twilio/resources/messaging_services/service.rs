//! A messaging service as Twilio describes it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::sms::Text;
use crate::twilio::calls::HttpMethod;
use crate::twilio::wire::{answer, wire_enum};

wire_enum! {
    /// The use case of a messaging service.
    MessagingUsecase {
        /// Notifications.
        Notifications = "notifications",
        /// Marketing.
        Marketing = "marketing",
        /// Verification codes.
        Verification = "verification",
        /// Conversations.
        Discussion = "discussion",
        /// Polls and surveys.
        Poll = "poll",
        /// Not declared.
        Undeclared = "undeclared",
    }
}

answer! {
    /// A messaging service as Twilio describes it.
    ///
    /// <https://www.twilio.com/docs/messaging/api/service-resource#service-properties>
    MessagingService always {
        /// Its SID, `MG…`.
        sid: String = "sid",
    } {
        /// The account it belongs to.
        account_sid: String = "account_sid",
        /// Its name.
        friendly_name: String = "friendly_name",
        /// The URL that Twilio requests when a message arrives.
        inbound_request_url: Text = "inbound_request_url",
        /// The HTTP method of that request.
        inbound_method: HttpMethod = "inbound_method",
        /// The URL that Twilio requests if the first one fails.
        fallback_url: Text = "fallback_url",
        /// The HTTP method of that request.
        fallback_method: HttpMethod = "fallback_method",
        /// The URL that Twilio reports the delivery status of messages to.
        status_callback: Text = "status_callback",
        /// Does each recipient always see the same sender?
        sticky_sender: bool = "sticky_sender",
        /// Is an MMS sent as an SMS with a link if the recipient's carrier does not support MMS?
        mms_converter: bool = "mms_converter",
        /// Are characters replaced that would change the encoding to UCS-2?
        smart_encoding: bool = "smart_encoding",
        /// Are senders with the recipient's area code preferred?
        area_code_geomatch: bool = "area_code_geomatch",
        /// How long a message may wait to be sent, in seconds.
        validity_period: u32 = "validity_period",
        /// Its use case.
        usecase: MessagingUsecase = "usecase",
        /// Is it registered for US A2P traffic?
        us_app_to_person_registered: bool = "us_app_to_person_registered",
        /// Is the webhook of each number used, instead of the service's?
        use_inbound_webhook_on_number: bool = "use_inbound_webhook_on_number",
        /// Reserved by Twilio.
        scan_message_content: String = "scan_message_content",
        /// Reserved by Twilio.
        synchronous_validation: bool = "synchronous_validation",
        /// Without effect.
        fallback_to_long_code: bool = "fallback_to_long_code",
        /// When it was made.
        date_created: Timestamp = "date_created",
        /// When it last changed.
        date_updated: Timestamp = "date_updated",
        /// Its URL.
        url: String = "url",
        /// The URLs of related resources.
        links: BTreeMap<String, String> = "links",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twilio::wire::mutation::{read_whole, survives};
    use serde_json::json;

    #[test]
    fn twilios_own_example_is_read_whole_and_survives_growth() {
        let body = json!({
            "account_sid": "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "sid": "MGaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "date_created": "2015-07-30T20:12:31Z", "date_updated": "2015-07-30T20:12:33Z",
            "friendly_name": "My Service!", "inbound_request_url": "https://user:planted@www.example.com/",
            "inbound_method": "POST", "fallback_url": "https://www.example.com", "fallback_method": "GET",
            "status_callback": "https://www.example.com", "sticky_sender": true, "smart_encoding": false,
            "mms_converter": true, "fallback_to_long_code": true, "scan_message_content": "inherit",
            "area_code_geomatch": true, "validity_period": 600, "synchronous_validation": true,
            "usecase": "marketing", "us_app_to_person_registered": false, "use_inbound_webhook_on_number": true,
            "links": {"phone_numbers": "https://messaging.twilio.com/v1/Services/MGaa/PhoneNumbers"},
            "url": "https://messaging.twilio.com/v1/Services/MGaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        });
        let service: MessagingService = read_whole(&body);
        assert_eq!(
            (service.validity_period, service.usecase.clone()),
            (Some(600), Some(MessagingUsecase::Marketing))
        );
        assert_eq!(service.fallback_method, Some(HttpMethod::Get));
        assert!(!format!("{service:?}").contains("planted"));
        survives::<MessagingService>(&body);
    }
}
