//! A toll-free verification as Twilio describes it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    TollfreeBusinessType, TollfreeOptIn, TollfreeRegistrationAuthority, TollfreeStatus, TollfreeUseCase,
};
use crate::phone::Address;
use crate::sms::Text;
use crate::twilio::wire::answer;

answer! {
    /// One reason why a verification was rejected.
    RejectionReason {
        /// Twilio's error code; see [`lookup`](crate::twilio::error::lookup).
        code: u32 = "code",
        /// The reason as a sentence.
        reason: Text = "reason",
    }
}

answer! {
    /// A toll-free verification as Twilio describes it.
    ///
    /// <https://www.twilio.com/docs/messaging/api/tollfree-verification-resource#tollfree-verification-properties>
    TollfreeVerification always {
        /// Its SID, `HH…`.
        sid: String = "sid",
        /// Its status.
        status: TollfreeStatus = "status",
    } {
        /// The account it belongs to.
        account_sid: String = "account_sid",
        /// The number, `PN…`.
        tollfree_phone_number_sid: String = "tollfree_phone_number_sid",
        /// The number itself.
        tollfree_phone_number: Address = "tollfree_phone_number",
        /// Why it was rejected, in one text. Twilio added `rejection_reasons`, which has all reasons.
        rejection_reason: Text = "rejection_reason",
        /// Why it was rejected.
        rejection_reasons: Vec<RejectionReason> = "rejection_reasons",
        /// Twilio's error code, if it was rejected; see [`lookup`](crate::twilio::error::lookup).
        error_code: u32 = "error_code",
        /// May it be corrected?
        edit_allowed: bool = "edit_allowed",
        /// Until when it may be corrected.
        edit_expiration: Timestamp = "edit_expiration",
        /// What the texts are for.
        use_case_categories: Vec<TollfreeUseCase> = "use_case_categories",
        /// What the texts are for, in words.
        use_case_summary: Text = "use_case_summary",
        /// A sample of the texts.
        production_message_sample: Text = "production_message_sample",
        /// The URLs of images that show how people opt in.
        opt_in_image_urls: Vec<Text> = "opt_in_image_urls",
        /// How people opt in.
        opt_in_type: TollfreeOptIn = "opt_in_type",
        /// How many texts there are in a month, such as `1,000`.
        message_volume: String = "message_volume",
        /// Anything else that the reviewer should know.
        additional_information: Text = "additional_information",
        /// The name of the business.
        business_name: Text = "business_name",
        /// Its trade name.
        doing_business_as: Text = "doing_business_as",
        /// Its website.
        business_website: Text = "business_website",
        /// Its street.
        business_street_address: Text = "business_street_address",
        /// The second line of its street.
        business_street_address2: Text = "business_street_address2",
        /// Its city.
        business_city: Text = "business_city",
        /// Its state, province or region.
        business_state_province_region: String = "business_state_province_region",
        /// Its postal code.
        business_postal_code: Text = "business_postal_code",
        /// Its country: two letters, ISO 3166.
        business_country: String = "business_country",
        /// Its kind.
        business_type: TollfreeBusinessType = "business_type",
        /// Its number in a register.
        business_registration_number: Text = "business_registration_number",
        /// Which register that is.
        business_registration_authority: TollfreeRegistrationAuthority = "business_registration_authority",
        /// The country of that register.
        business_registration_country: String = "business_registration_country",
        /// Its telephone number.
        business_registration_phone_number: Address = "business_registration_phone_number",
        /// The first name of the contact.
        business_contact_first_name: Text = "business_contact_first_name",
        /// The last name of the contact.
        business_contact_last_name: Text = "business_contact_last_name",
        /// The e-mail address of the contact.
        business_contact_email: Text = "business_contact_email",
        /// The telephone number of the contact.
        business_contact_phone: Address = "business_contact_phone",
        /// The e-mail address that hears of the result.
        notification_email: Text = "notification_email",
        /// The answer to a text that opts in.
        opt_in_confirmation_message: Text = "opt_in_confirmation_message",
        /// The words that opt in.
        opt_in_keywords: Vec<String> = "opt_in_keywords",
        /// The answer to a text that asks for help.
        help_message_sample: Text = "help_message_sample",
        /// The URL of the privacy policy.
        privacy_policy_url: Text = "privacy_policy_url",
        /// The URL of the terms and conditions.
        terms_and_conditions_url: Text = "terms_and_conditions_url",
        /// Is it for adults only?
        age_gated_content: bool = "age_gated_content",
        /// Your reference.
        external_reference_id: String = "external_reference_id",
        /// The customer profile, `BU…`.
        customer_profile_sid: String = "customer_profile_sid",
        /// The trust product, `BU…`.
        trust_product_sid: String = "trust_product_sid",
        /// The regulated item, `RA…`.
        regulated_item_sid: String = "regulated_item_sid",
        /// Who examined the business, such as `CAMPAIGN_VERIFY`.
        vetting_provider: String = "vetting_provider",
        /// The number of that examination.
        vetting_id: Text = "vetting_id",
        /// Until when that examination is valid.
        vetting_id_expiration: Timestamp = "vetting_id_expiration",
        /// When it was made.
        date_created: Timestamp = "date_created",
        /// When it last changed.
        date_updated: Timestamp = "date_updated",
        /// The URLs of its documents.
        resource_links: BTreeMap<String, String> = "resource_links",
        /// Its URL.
        url: String = "url",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twilio::wire::mutation::{read_whole, survives};
    use serde_json::Value;

    #[test]
    fn twilios_own_example_is_read_whole_and_survives_growth() {
        let body: Value = serde_json::from_str(
            r#"{
            "sid": "HHaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "account_sid": "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "customer_profile_sid": "BUaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "trust_product_sid": "BUaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "regulated_item_sid": "RAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "date_created": "2021-01-27T14:18:35Z",
            "date_updated": "2021-01-27T14:18:36Z", "business_name": "planted Inc.",
            "business_street_address": "planted Street", "business_street_address2": "Suite planted",
            "business_city": "planted", "business_state_province_region": "AA", "business_postal_code": "planted",
            "business_country": "US", "business_website": "http://planted.com",
            "business_contact_first_name": "planted", "business_contact_last_name": "planted",
            "business_contact_email": "planted@company.com", "business_contact_phone": "+11231231234",
            "notification_email": "planted@company.com",
            "use_case_categories": ["TWO_FACTOR_AUTHENTICATION", "MARKETING"], "use_case_summary": "planted",
            "production_message_sample": "planted", "opt_in_image_urls": ["https://planted.com/image1.jpg"],
            "opt_in_type": "VERBAL", "message_volume": "2000", "additional_information": "planted",
            "tollfree_phone_number_sid": "PNaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "status": "TWILIO_REJECTED",
            "rejection_reason": "Website unavailable", "error_code": 30475, "edit_allowed": true,
            "edit_expiration": "2021-02-27T14:18:35Z",
            "rejection_reasons": [{"code": 30475, "reason": "Website unavailable"}],
            "resource_links": {"customer_profile": "https://trusthub.twilio.com/v1/CustomerProfiles/BUaa"},
            "url": "https://messaging.twilio.com/v1/Tollfree/Verifications/HHaa",
            "external_reference_id": "abc123xyz567", "business_registration_number": "planted",
            "business_registration_authority": "EIN", "business_registration_country": "US",
            "business_type": "PRIVATE_PROFIT", "business_registration_phone_number": "+13023334444",
            "doing_business_as": "planted", "age_gated_content": false, "help_message_sample": "planted",
            "opt_in_confirmation_message": "planted", "opt_in_keywords": ["START"],
            "privacy_policy_url": "https://planted.com/privacy",
            "terms_and_conditions_url": "https://planted.com/terms", "tollfree_phone_number": "+18003334444",
            "vetting_id": "planted", "vetting_id_expiration": "2022-01-27T14:18:35Z",
            "vetting_provider": "CAMPAIGN_VERIFY"
        }"#,
        )
        .unwrap();
        let read: TollfreeVerification = read_whole(&body);
        assert_eq!((read.status.clone(), read.error_code), (TollfreeStatus::Rejected, Some(30475)));
        assert_eq!(read.use_case_categories.as_ref().unwrap()[1], TollfreeUseCase::Marketing);
        let shown = format!("{read:?}");
        for personal in ["planted", "1231231", "3334444"] {
            assert!(!shown.contains(personal), "{personal}");
        }
        survives::<TollfreeVerification>(&body);
    }
}
