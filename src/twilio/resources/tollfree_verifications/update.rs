//! The corrections of a toll-free verification that was rejected.

use super::create::urls;
use super::{TollfreeBusinessType, TollfreeOptIn, TollfreeRegistrationAuthority, TollfreeUseCase};
use crate::phone::Address;
use crate::provider::ProviderError;
use crate::sms::Text;
use crate::twilio::wire::{Parameters as _, request};

request! {
    /// The corrections of a toll-free verification that was rejected. Fields that are not set stay unchanged.
    ///
    /// <https://www.twilio.com/docs/messaging/api/tollfree-verification-resource#edit-a-tollfree-verification>
    UpdateTollfreeVerification {
        /// Why it is corrected, such as `Website fixed`.
        edit_reason: Option<Text> = "EditReason",
        /// The name of the business.
        business_name: Option<Text> = "BusinessName",
        /// Its website.
        business_website: Option<Text> = "BusinessWebsite",
        /// The e-mail address that hears of the result.
        notification_email: Option<Text> = "NotificationEmail",
        /// What the texts are for.
        use_case_categories as use_cases: Vec<TollfreeUseCase> = "UseCaseCategories",
        /// What the texts are for, in words.
        use_case_summary: Option<Text> = "UseCaseSummary",
        /// A sample of the texts.
        production_message_sample as message_sample: Option<Text> = "ProductionMessageSample",
        /// The public URL of an image that shows how people opt in.
        opt_in_image_urls as opt_in_image_url: Vec<Text> = "OptInImageUrls",
        /// How people opt in.
        opt_in_type as opt_in: Option<TollfreeOptIn> = "OptInType",
        /// How many texts there will be in a month, such as `1,000`.
        message_volume: Option<String> = "MessageVolume",
        /// Its street.
        business_street_address: Option<Text> = "BusinessStreetAddress",
        /// The second line of its street.
        business_street_address2: Option<Text> = "BusinessStreetAddress2",
        /// Its city.
        business_city: Option<Text> = "BusinessCity",
        /// Its state, province or region.
        business_state_province_region: Option<String> = "BusinessStateProvinceRegion",
        /// Its postal code.
        business_postal_code: Option<Text> = "BusinessPostalCode",
        /// Its country: two letters, ISO 3166.
        business_country: Option<String> = "BusinessCountry",
        /// Anything else that the reviewer should know.
        additional_information: Option<Text> = "AdditionalInformation",
        /// The first name of the contact.
        business_contact_first_name: Option<Text> = "BusinessContactFirstName",
        /// The last name of the contact.
        business_contact_last_name: Option<Text> = "BusinessContactLastName",
        /// The e-mail address of the contact.
        business_contact_email: Option<Text> = "BusinessContactEmail",
        /// The telephone number of the contact, as in `+14155551234`.
        business_contact_phone: Option<Address> = "BusinessContactPhone",
        /// Its number in a register; needed, except for one person.
        business_registration_number: Option<Text> = "BusinessRegistrationNumber",
        /// Which register that is.
        business_registration_authority: Option<TollfreeRegistrationAuthority> = "BusinessRegistrationAuthority",
        /// The country of that register; needed, except for one person.
        business_registration_country: Option<String> = "BusinessRegistrationCountry",
        /// The kind of the business.
        business_type: Option<TollfreeBusinessType> = "BusinessType",
        /// Its telephone number, as in `+14155551234`.
        business_registration_phone_number: Option<Address> = "BusinessRegistrationPhoneNumber",
        /// Its trade name.
        doing_business_as: Option<Text> = "DoingBusinessAs",
        /// The answer to a text that opts in.
        opt_in_confirmation_message: Option<Text> = "OptInConfirmationMessage",
        /// The answer to a text that asks for help.
        help_message_sample: Option<Text> = "HelpMessageSample",
        /// The URL of the privacy policy.
        privacy_policy_url: Option<Text> = "PrivacyPolicyUrl",
        /// The URL of the terms and conditions.
        terms_and_conditions_url: Option<Text> = "TermsAndConditionsUrl",
        /// Whether it is for adults only.
        age_gated_content: Option<bool> = "AgeGatedContent",
        /// A word that opts in.
        opt_in_keywords as opt_in_keyword: Vec<Text> = "OptInKeywords",
        /// Who examined the business, such as `CAMPAIGN_VERIFY`.
        vetting_provider: Option<String> = "VettingProvider",
        /// The number of that examination.
        vetting_id: Option<Text> = "VettingId",
    }
}

impl UpdateTollfreeVerification {
    /// Starts without corrections.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Checks the corrections and encodes them; an update without any is an error.
    pub(super) fn form(&self) -> Result<String, ProviderError> {
        urls(self.business_website.as_ref(), &self.opt_in_image_urls)?;
        self.encoded_update()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_set_is_sent_and_nothing_is_refused() {
        let update =
            UpdateTollfreeVerification::new().edit_reason("Website fixed").business_website("https://e.com");
        assert_eq!(update.form().unwrap(), "EditReason=Website+fixed&BusinessWebsite=https%3A%2F%2Fe.com");
        assert!(UpdateTollfreeVerification::new().form().is_err());
        assert!(UpdateTollfreeVerification::new().business_website("e.com").form().is_err());
    }
}
