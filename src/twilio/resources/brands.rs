//! Brands: who a business is, as carriers in the US want to know it before its texts from ordinary numbers (A2P 10DLC).

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::provider::{ApiRequest, ProviderError, RequestBody, RequestClass};
use crate::sms::Text;
use crate::twilio::page::Pages;
use crate::twilio::session::Session;
use crate::twilio::sid;
use crate::twilio::wire::{Parameters as _, answer, request, wire_enum};

wire_enum! {
    /// The status of a brand.
    BrandStatus {
        /// Submitted, and not decided yet.
        Pending = "PENDING",
        /// Registered: campaigns can be created for it.
        Approved = "APPROVED",
        /// Refused; [`Brand::errors`] says why. It can be [submitted again](Brands::resubmit).
        Failed = "FAILED",
        /// A person looks at it.
        InReview = "IN_REVIEW",
        /// It is being deleted.
        DeletionPending = "DELETION_PENDING",
        /// It could not be deleted.
        DeletionFailed = "DELETION_FAILED",
        /// It may not be used for now.
        Suspended = "SUSPENDED",
    }
}

wire_enum! {
    /// The kind of a brand.
    BrandType {
        /// A company or an organisation.
        Standard = "STANDARD",
        /// One person without a tax number, with few messages.
        SoleProprietor = "SOLE_PROPRIETOR",
    }
}

wire_enum! {
    /// How far the identity of a brand was verified.
    BrandIdentity {
        /// Only declared.
        SelfDeclared = "SELF_DECLARED",
        /// Not verified.
        Unverified = "UNVERIFIED",
        /// Verified.
        Verified = "VERIFIED",
        /// Verified by an external examination.
        VettedVerified = "VETTED_VERIFIED",
    }
}

answer! {
    /// One reason why a brand or a campaign was refused.
    RegistrationError {
        /// Twilio's error code; see [`lookup`](crate::twilio::error::lookup).
        error_code: u32 = "error_code",
        /// The reason as a sentence.
        description: Text = "description",
        /// The fields that are wrong.
        fields: Vec<String> = "fields",
        /// The page that explains the code.
        url: String = "url",
    }
}

answer! {
    /// A brand as Twilio describes it.
    ///
    /// <https://www.twilio.com/docs/messaging/api/brand-registration-resource#brandregistration-properties>
    Brand always {
        /// Its SID, `BN…`.
        sid: String = "sid",
        /// Its status.
        status: BrandStatus = "status",
    } {
        /// The account it belongs to.
        account_sid: String = "account_sid",
        /// The customer profile that it was made of, `BU…`.
        customer_profile_bundle_sid: String = "customer_profile_bundle_sid",
        /// The messaging profile that it was made of, `BU…`.
        a2p_profile_bundle_sid: String = "a2p_profile_bundle_sid",
        /// Its kind.
        brand_type: BrandType = "brand_type",
        /// Its number at The Campaign Registry, once it is registered.
        tcr_id: String = "tcr_id",
        /// Why it failed, in one text. Twilio replaced it by `errors`.
        failure_reason: Text = "failure_reason",
        /// Why it failed.
        errors: Vec<RegistrationError> = "errors",
        /// How trustworthy it is, 0 to 100; the carriers' limits depend on it.
        brand_score: u32 = "brand_score",
        /// What would improve the score. Twilio replaced it by `errors`.
        brand_feedback: Vec<String> = "brand_feedback",
        /// How far its identity was verified.
        identity_status: BrandIdentity = "identity_status",
        /// Is it one of the companies of the Russell 3000 index?
        russell_3000: bool = "russell_3000",
        /// Is it a government entity?
        government_entity: bool = "government_entity",
        /// Its tax-exempt status, such as `501c3`.
        tax_exempt_status: String = "tax_exempt_status",
        /// Is the automatic second examination skipped?
        skip_automatic_sec_vet: bool = "skip_automatic_sec_vet",
        /// Is it a mock, for tests? Carriers do not know it.
        mock: bool = "mock",
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

request! {
    /// A brand to register, made of two bundles that Twilio's Trust Hub has approved.
    ///
    /// <https://www.twilio.com/docs/messaging/api/brand-registration-resource#create-a-brandregistration>
    CreateBrand {
        /// The customer profile, `BU…`.
        customer_profile_bundle_sid: String = "CustomerProfileBundleSid",
        /// The messaging profile, `BU…`.
        a2p_profile_bundle_sid: String = "A2PProfileBundleSid",
        /// Its kind; `STANDARD` by default.
        brand_type: Option<BrandType> = "BrandType",
        /// Make a mock, for tests: it costs nothing, and carriers do not know it.
        mock: Option<bool> = "Mock",
        /// Skip the automatic second examination, which costs money and raises the carriers' limits.
        skip_automatic_sec_vet: Option<bool> = "SkipAutomaticSecVet",
    }
}

impl CreateBrand {
    /// Starts with a customer profile and a messaging profile.
    pub fn new(
        customer_profile_bundle_sid: impl Into<String>,
        a2p_profile_bundle_sid: impl Into<String>,
    ) -> Self {
        let (customer_profile_bundle_sid, a2p_profile_bundle_sid) =
            (customer_profile_bundle_sid.into(), a2p_profile_bundle_sid.into());
        Self { customer_profile_bundle_sid, a2p_profile_bundle_sid, ..Self::default() }
    }

    fn form(&self) -> Result<String, ProviderError> {
        sid::check(&self.customer_profile_bundle_sid, "customer profile", &["BU"])?;
        sid::check(&self.a2p_profile_bundle_sid, "messaging profile", &["BU"])?;
        self.encoded()
    }
}

/// The brands of an account, for texts from US numbers (A2P 10DLC). A brand comes first, then a
/// [campaign](super::messaging_services::Campaigns) of a messaging service, then numbers in that service.
///
/// <https://www.twilio.com/docs/messaging/api/brand-registration-resource>
#[derive(Debug, Clone)]
pub struct Brands {
    session: Session,
}

impl Brands {
    pub(in crate::twilio) fn of(session: &Session) -> Self {
        Self { session: session.clone() }
    }

    /// Registers a brand. **It costs money**, except for a mock, so it is not repeated where the answer is lost.
    ///
    /// <https://www.twilio.com/docs/messaging/api/brand-registration-resource#create-a-brandregistration>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn create(&self, brand: &CreateBrand) -> Result<Brand, ProviderError> {
        let post = ApiRequest::post(ALL).on("messaging").body(RequestBody::Form(brand.form()?));
        self.session.json(post.class(RequestClass::Create)).await
    }

    /// Lists the brands. Errors are items of the list.
    ///
    /// <https://www.twilio.com/docs/messaging/api/brand-registration-resource#read-multiple-brandregistrations>
    pub fn list(&self) -> Pages<Brand> {
        Pages::new(&self.session, ApiRequest::get(ALL).on("messaging"), "data")
    }

    /// Reads a brand.
    ///
    /// <https://www.twilio.com/docs/messaging/api/brand-registration-resource#fetch-a-brandregistration>
    ///
    /// # Errors
    /// `NOT_FOUND`, or any other [`ProviderError`].
    pub async fn fetch(&self, sid: &str) -> Result<Brand, ProviderError> {
        self.session.json(one(ApiRequest::get(ONE), sid)?).await
    }

    /// Submits a brand again, after its bundles were corrected. **It may cost money**, so it is not repeated where the
    /// answer is lost.
    ///
    /// <https://www.twilio.com/docs/messaging/api/brand-registration-resource#update-a-brandregistration>
    ///
    /// # Errors
    /// Any [`ProviderError`], for example if it is still pending.
    pub async fn resubmit(&self, sid: &str) -> Result<Brand, ProviderError> {
        self.session.json(one(ApiRequest::post(ONE), sid)?.class(RequestClass::Create)).await
    }
}

const ALL: &str = "/v1/a2p/BrandRegistrations";
const ONE: &str = "/v1/a2p/BrandRegistrations/{sid}";

fn one(request: ApiRequest, sid: &str) -> Result<ApiRequest, ProviderError> {
    sid::check(sid, "brand", &["BN"])?;
    Ok(request.segment(sid).on("messaging"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twilio::wire::mutation::{read_whole, survives};
    use serde_json::json;

    const BU: &str = "BU0123456789abcdef0123456789abcdef";

    #[test]
    fn twilios_own_example_is_read_whole_and_survives_growth() {
        let body = json!({
            "sid": "BN0044409f7e067e279523808d267e2d85", "account_sid": "AC78e8e67fc0246521490fb9907fd0c165",
            "customer_profile_bundle_sid": "BU3344409f7e067e279523808d267e2d85",
            "a2p_profile_bundle_sid": "BU3344409f7e067e279523808d267e2d85",
            "date_created": "2021-01-27T14:18:35Z", "date_updated": "2021-01-27T14:18:36Z",
            "brand_type": "STANDARD", "status": "APPROVED", "tcr_id": "BXXXXXX",
            "failure_reason": "Registration error", "brand_score": 42, "brand_feedback": ["TAX_ID", "NONPROFIT"],
            "identity_status": "VERIFIED", "russell_3000": true, "tax_exempt_status": "501c3",
            "government_entity": false, "skip_automatic_sec_vet": false, "mock": false,
            "errors": [{
                "url": "https://www.twilio.com/docs/api/errors/30701", "error_code": 30701,
                "description": "Invalid region", "fields": ["region"]
            }],
            "url": "https://messaging.twilio.com/v1/a2p/BrandRegistrations/BN0044409f7e067e279523808d267e2d85",
            "links": {"brand_vettings": "https://messaging.twilio.com/v1/a2p/BrandRegistrations/BN00/Vettings"}
        });
        let brand: Brand = read_whole(&body);
        assert_eq!((brand.status.clone(), brand.brand_score), (BrandStatus::Approved, Some(42)));
        let errors = brand.errors.as_ref().unwrap();
        assert_eq!(errors[0].error_code, Some(30701));
        survives::<Brand>(&body);
    }

    #[test]
    fn parameters_have_twilios_names_and_both_bundles_are_checked() {
        let brand = CreateBrand::new(BU, BU).brand_type(BrandType::SoleProprietor).mock(true);
        assert_eq!(
            brand.skip_automatic_sec_vet(false).form().unwrap(),
            format!(
                "CustomerProfileBundleSid={BU}&A2PProfileBundleSid={BU}&BrandType=SOLE_PROPRIETOR&Mock=true&\
                 SkipAutomaticSecVet=false"
            )
        );
        for (brand, expected) in [
            (CreateBrand::new("", BU), "customer profile SID"),
            (CreateBrand::new(BU, "BN0123456789abcdef0123456789abcdef"), "messaging profile SID"),
        ] {
            let error = brand.form().unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
