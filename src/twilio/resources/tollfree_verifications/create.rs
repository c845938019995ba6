//! A toll-free number to submit for verification.

use super::{TollfreeBusinessType, TollfreeOptIn, TollfreeRegistrationAuthority, TollfreeUseCase};
use crate::phone::Address;
use crate::provider::ProviderError;
use crate::sms::Text;
use crate::twilio::sid;
use crate::twilio::wire::{Parameters as _, check, request};

request! {
    /// A toll-free number to submit for verification.
    ///
    /// ```
    /// use switchboard::twilio::tollfree_verifications::{
    ///     CreateTollfreeVerification, TollfreeBusinessType, TollfreeOptIn, TollfreeUseCase,
    /// };
    ///
    /// let number = "PN0123456789abcdef0123456789abcdef";
    /// let verification = CreateTollfreeVerification::new(number)
    ///     .business_name("Acme Dental")
    ///     .business_website("https://acme.example")
    ///     .business_type(TollfreeBusinessType::SoleProprietor)
    ///     .notification_email("office@acme.example")
    ///     .use_cases([TollfreeUseCase::AccountNotifications])
    ///     .use_case_summary("Reminders of appointments that customers booked.")
    ///     .message_sample("Acme Dental: your appointment is on Monday at 9:30. Reply STOP to opt out.")
    ///     .opt_in(TollfreeOptIn::WebForm)
    ///     .opt_in_image_url("https://acme.example/opt-in.png")
    ///     .message_volume("1,000");
    /// # let _ = verification;
    /// ```
    ///
    /// <https://www.twilio.com/docs/messaging/api/tollfree-verification-resource#create-a-tollfree-verification>
    CreateTollfreeVerification {
        /// The number, `PN…`.
        tollfree_phone_number_sid: String = "TollfreePhoneNumberSid",
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
        /// The customer profile, `BU…`.
        customer_profile_sid: Option<String> = "CustomerProfileSid",
        /// Your reference, which Twilio returns with the verification.
        external_reference_id: Option<String> = "ExternalReferenceId",
    }
}

impl CreateTollfreeVerification {
    /// Starts with a number, `PN…`. Name and website of the business, the e-mail address, use cases with their summary, a
    /// sample, how people opt in with an image of it, and the volume must be set, too.
    pub fn new(tollfree_phone_number_sid: impl Into<String>) -> Self {
        Self { tollfree_phone_number_sid: tollfree_phone_number_sid.into(), ..Self::default() }
    }

    pub(super) fn form(&self) -> Result<String, ProviderError> {
        sid::check(&self.tollfree_phone_number_sid, "phone number", &["PN"])?;
        check::optional_sid("customer profile", self.customer_profile_sid.as_deref(), "BU")?;
        let present = |text: &Option<Text>| text.as_ref().is_some_and(|text| !text.is_empty());
        for (is_set, what) in [
            (present(&self.business_name), "business_name, the name of the business"),
            (present(&self.business_website), "business_website, as in https://example.com"),
            (present(&self.notification_email), "notification_email, which hears of the result"),
            (!self.use_case_categories.is_empty(), "use_cases, as in MARKETING"),
            (present(&self.use_case_summary), "use_case_summary, what the texts are for"),
            (present(&self.production_message_sample), "message_sample, a sample of the texts"),
            (!self.opt_in_image_urls.is_empty(), "opt_in_image_url, as in https://example.com/opt-in.png"),
            (self.opt_in_type.is_some(), "opt_in, as in WEB_FORM"),
            (self.message_volume.is_some(), "message_volume, as in 1,000"),
        ] {
            if !is_set {
                return Err(check::missing(format!("the verification is not complete: set {what}")));
            }
        }
        urls(self.business_website.as_ref(), &self.opt_in_image_urls)?;
        self.encoded()
    }
}

/// Checks the website of the business and the images.
pub(super) fn urls(website: Option<&Text>, images: &[Text]) -> Result<(), ProviderError> {
    check::optional_url("website of the business", website.map(Text::as_str))?;
    images.iter().try_for_each(|image| check::url("image of the opt-in", image.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PN: &str = "PN0123456789abcdef0123456789abcdef";

    fn whole() -> CreateTollfreeVerification {
        CreateTollfreeVerification::new(PN)
            .business_name("Acme")
            .business_website("https://e.com")
            .notification_email("a@e.com")
            .use_cases([TollfreeUseCase::Marketing, TollfreeUseCase::Events])
            .use_case_summary("offers")
            .message_sample("Sale!")
            .opt_in_image_url("https://e.com/1.png")
            .opt_in_image_url("https://e.com/2.png")
            .opt_in(TollfreeOptIn::Verbal)
            .message_volume("10")
    }

    #[test]
    fn parameters_have_twilios_names() {
        let verification = whole()
            .business_type(TollfreeBusinessType::PrivateProfit)
            .business_registration_authority(TollfreeRegistrationAuthority::UstIdNr)
            .business_contact_phone("+14155551234")
            .age_gated_content(false);
        assert_eq!(
            verification.form().unwrap(),
            "TollfreePhoneNumberSid=PN0123456789abcdef0123456789abcdef&BusinessName=Acme&\
             BusinessWebsite=https%3A%2F%2Fe.com&NotificationEmail=a%40e.com&UseCaseCategories=MARKETING&\
             UseCaseCategories=EVENTS&UseCaseSummary=offers&ProductionMessageSample=Sale%21&\
             OptInImageUrls=https%3A%2F%2Fe.com%2F1.png&OptInImageUrls=https%3A%2F%2Fe.com%2F2.png&OptInType=VERBAL&\
             MessageVolume=10&BusinessContactPhone=%2B14155551234&BusinessRegistrationAuthority=USt-IdNr&\
             BusinessType=PRIVATE_PROFIT&AgeGatedContent=false"
        );
        let stored = serde_json::to_string(&verification).unwrap();
        assert_eq!(serde_json::from_str::<CreateTollfreeVerification>(&stored).unwrap(), verification);
    }

    #[test]
    fn what_is_missing_or_malformed_is_refused_by_name() {
        let without = |change: fn(&mut CreateTollfreeVerification)| {
            let mut verification = whole();
            change(&mut verification);
            verification
        };
        for (verification, expected) in [
            (CreateTollfreeVerification::new("PN1"), "phone number SID"),
            (whole().customer_profile_sid("BU1"), "customer profile SID"),
            (without(|v| v.business_name = None), "set business_name"),
            (whole().business_website(""), "set business_website"),
            (without(|v| v.notification_email = None), "set notification_email"),
            (whole().use_cases([]), "set use_cases"),
            (without(|v| v.use_case_summary = None), "set use_case_summary"),
            (without(|v| v.production_message_sample = None), "set message_sample"),
            (without(|v| v.opt_in_image_urls.clear()), "set opt_in_image_url"),
            (without(|v| v.opt_in_type = None), "set opt_in"),
            (without(|v| v.message_volume = None), "set message_volume"),
            (whole().business_website("e.com"), "website of the business is no URL"),
            (whole().opt_in_image_url("1.png"), "image of the opt-in is no URL"),
        ] {
            let error = verification.form().unwrap_err().to_string();
            assert!(error.contains(expected), "{error} lacks {expected:?}");
        }
    }
}
