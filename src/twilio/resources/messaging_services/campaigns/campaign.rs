//! A campaign as Twilio describes it, and the use cases that it may have.

use jiff::Timestamp;
use serde_json::Value;

use crate::sms::Text;
use crate::twilio::brands::RegistrationError;
use crate::twilio::wire::{answer, wire_enum};

wire_enum! {
    /// The status of a campaign.
    CampaignStatus {
        /// Submitted, and not decided yet.
        Pending = "PENDING",
        /// The carriers look at it.
        InProgress = "IN_PROGRESS",
        /// Registered: the numbers of its messaging service can be registered for it.
        Verified = "VERIFIED",
        /// Refused; [`Campaign::errors`] says why.
        Failed = "FAILED",
        /// It may not be used for now.
        Suspended = "SUSPENDED",
    }
}

wire_enum! {
    /// The use case of a campaign. Which of them an account may have, [`usecases`](super::Campaigns::usecases) says.
    CampaignUsecase {
        /// One-time codes and password resets.
        TwoFactor = "2FA",
        /// Reminders, alerts and notifications.
        AccountNotification = "ACCOUNT_NOTIFICATION",
        /// Agents, franchises or offices of one brand.
        AgentsFranchises = "AGENTS_FRANCHISES",
        /// Charities.
        Charity = "CHARITY",
        /// Messages between people over shared numbers.
        Proxy = "PROXY",
        /// Help for customers.
        CustomerCare = "CUSTOMER_CARE",
        /// The delivery of a product or a service.
        DeliveryNotification = "DELIVERY_NOTIFICATION",
        /// Public safety.
        Emergency = "EMERGENCY",
        /// Warnings of fraud.
        FraudAlert = "FRAUD_ALERT",
        /// Colleges and universities.
        HigherEducation = "HIGHER_EDUCATION",
        /// Schools.
        K12Education = "K12_EDUCATION",
        /// Several use cases with few messages.
        LowVolume = "LOW_VOLUME",
        /// Promotion.
        Marketing = "MARKETING",
        /// Several use cases.
        Mixed = "MIXED",
        /// Elections.
        Political = "POLITICAL",
        /// Polls and surveys that are not political.
        PollingVoting = "POLLING_VOTING",
        /// Public information.
        PublicServiceAnnouncement = "PUBLIC_SERVICE_ANNOUNCEMENT",
        /// Warnings of a security incident.
        SecurityAlert = "SECURITY_ALERT",
        /// The only one of a brand of one person.
        SoleProprietor = "SOLE_PROPRIETOR",
        /// Sweepstakes.
        Sweepstake = "SWEEPSTAKE",
    }
}

answer! {
    /// A campaign as Twilio describes it.
    ///
    /// <https://www.twilio.com/docs/messaging/api/usapptoperson-resource#usapptoperson-properties>
    Campaign always {
        /// Its SID, `QE…`.
        sid: String = "sid",
        /// Its status.
        status: CampaignStatus = "campaign_status",
    } {
        /// The account it belongs to.
        account_sid: String = "account_sid",
        /// Its brand, `BN…`.
        brand_registration_sid: String = "brand_registration_sid",
        /// Its messaging service, `MG…`.
        messaging_service_sid: String = "messaging_service_sid",
        /// What it does.
        description: Text = "description",
        /// Samples of its messages.
        message_samples: Vec<Text> = "message_samples",
        /// Its use case.
        usecase: CampaignUsecase = "us_app_to_person_usecase",
        /// Do its messages contain links?
        has_embedded_links: bool = "has_embedded_links",
        /// Do its messages contain telephone numbers?
        has_embedded_phone: bool = "has_embedded_phone",
        /// Do people opt in?
        subscriber_opt_in: bool = "subscriber_opt_in",
        /// Is it for adults only?
        age_gated: bool = "age_gated",
        /// Is it about loans?
        direct_lending: bool = "direct_lending",
        /// Its number at The Campaign Registry.
        campaign_id: String = "campaign_id",
        /// Was it registered elsewhere?
        is_externally_registered: bool = "is_externally_registered",
        /// The limits of each carrier.
        rate_limits: Value = "rate_limits",
        /// How people opt in.
        message_flow: Text = "message_flow",
        /// The answer to a text that opts in.
        opt_in_message: Text = "opt_in_message",
        /// The answer to a text that opts out.
        opt_out_message: Text = "opt_out_message",
        /// The answer to a text that asks for help.
        help_message: Text = "help_message",
        /// The words that opt in.
        opt_in_keywords: Vec<String> = "opt_in_keywords",
        /// The words that opt out.
        opt_out_keywords: Vec<String> = "opt_out_keywords",
        /// The words that ask for help.
        help_keywords: Vec<String> = "help_keywords",
        /// The URL of the privacy policy.
        privacy_policy_url: Text = "privacy_policy_url",
        /// The URL of the terms and conditions.
        terms_and_conditions_url: Text = "terms_and_conditions_url",
        /// Is it a mock, for tests?
        mock: bool = "mock",
        /// Why it failed.
        errors: Vec<RegistrationError> = "errors",
        /// When it was made.
        date_created: Timestamp = "date_created",
        /// When it last changed.
        date_updated: Timestamp = "date_updated",
        /// Its URL.
        url: String = "url",
    }
}

answer! {
    /// One use case that a campaign may have.
    CampaignUsecaseDetails {
        /// The use case.
        code: CampaignUsecase = "code",
        /// Its name.
        name: String = "name",
        /// What belongs to it.
        description: String = "description",
        /// Must carriers approve it after its registration?
        post_approval_required: bool = "post_approval_required",
    }
}

answer! {
    /// The use cases that a campaign of a messaging service may have.
    ///
    /// <https://www.twilio.com/docs/messaging/api/usapptopersonusecase-resource>
    CampaignUsecases {
        /// The use cases.
        usecases: Vec<CampaignUsecaseDetails> = "us_app_to_person_usecases",
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
            "sid": "QE2c6890da8086d771620e9b13fadeba0b", "account_sid": "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "brand_registration_sid": "BNaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "messaging_service_sid": "MGaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "description": "Send marketing messages about sales to opted in customers.",
            "message_samples": ["EXPRESS: Denim Days Event is ON", "LAST CHANCE: Book your next flight"],
            "us_app_to_person_usecase": "MARKETING", "has_embedded_links": true, "has_embedded_phone": false,
            "subscriber_opt_in": true, "age_gated": false, "direct_lending": false, "campaign_status": "FAILED",
            "campaign_id": "CFOOBAR", "is_externally_registered": false,
            "rate_limits": {"att": {"mps": 600, "msg_class": "A"}, "tmobile": {"brand_tier": "TOP"}},
            "message_flow": "End users opt-in by visiting www.example.com and adding their phone number.",
            "opt_in_message": "Acme: You are now opted-in.", "opt_out_message": "You have been unsubscribed.",
            "help_message": "Acme: planted", "opt_in_keywords": ["START"], "opt_out_keywords": ["STOP"],
            "help_keywords": ["HELP"], "privacy_policy_url": "https://example.com/privacy",
            "terms_and_conditions_url": "https://example.com/terms", "date_created": "2021-02-18T14:48:52Z",
            "date_updated": "2021-02-18T14:48:52Z", "mock": false,
            "url": "https://messaging.twilio.com/v1/Services/MGaa/Compliance/Usa2p/QE2c",
            "errors": [{
                "error_code": 30897, "fields": ["MESSAGE_FLOW"], "url": "https://www.twilio.com/docs/api/errors/30897",
                "description": "The campaign was rejected due to Disallowed Content."
            }]
        });
        let campaign: Campaign = read_whole(&body);
        assert_eq!(
            (campaign.status.clone(), campaign.usecase.clone()),
            (CampaignStatus::Failed, Some(CampaignUsecase::Marketing))
        );
        assert_eq!(campaign.errors.as_ref().unwrap()[0].error_code, Some(30897));
        assert!(!format!("{campaign:?}").contains("planted"));
        survives::<Campaign>(&body);
    }

    #[test]
    fn use_cases_are_read() {
        let body = json!({"us_app_to_person_usecases": [{
            "code": "2FA", "name": "Two-Factor authentication (2FA)", "description": "One-time passwords",
            "post_approval_required": false
        }]});
        let read: CampaignUsecases = read_whole(&body);
        assert_eq!(read.usecases.unwrap()[0].code, Some(CampaignUsecase::TwoFactor));
        survives::<CampaignUsecases>(&body);
    }
}
