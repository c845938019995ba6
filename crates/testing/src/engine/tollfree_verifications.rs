//! Verifications of toll-free numbers.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::brands::RegistrationError;
use super::clock::{iso8601, later};
use super::error::Refusal;
use super::form::Pairs;
use super::request::RoutedRequest;
use super::settings::{Field, FieldKind, Settings, field};
use super::table::Table;

/// How long a rejected verification can be corrected: seven days.
const EDITABLE: std::time::Duration = std::time::Duration::from_secs(7 * 24 * 3600);

const OPT_IN_TYPES: &[&str] =
    &["VERBAL", "WEB_FORM", "PAPER_FORM", "VIA_TEXT", "MOBILE_QR_CODE", "IMPORT", "IMPORT_PLEASE_REPLACE"];

const USE_CASES: &[&str] = &[
    "TWO_FACTOR_AUTHENTICATION",
    "ACCOUNT_NOTIFICATIONS",
    "CUSTOMER_CARE",
    "CHARITY_NONPROFIT",
    "DELIVERY_NOTIFICATIONS",
    "FRAUD_ALERT_MESSAGING",
    "EVENTS",
    "HIGHER_EDUCATION",
    "K12",
    "MARKETING",
    "POLLING_AND_VOTING_NON_POLITICAL",
    "POLITICAL_ELECTION_CAMPAIGNS",
    "PUBLIC_SERVICE_ANNOUNCEMENT",
    "SECURITY_ALERT",
];

const BUSINESS_TYPES: &[&str] =
    &["PRIVATE_PROFIT", "PUBLIC_PROFIT", "SOLE_PROPRIETOR", "NON_PROFIT", "GOVERNMENT"];

const fn text(param: &'static str, key: &'static str) -> Field {
    field(param, key, FieldKind::Text(None, 500))
}

const FIELDS: &[Field] = &[
    text("BusinessName", "business_name"),
    field("BusinessWebsite", "business_website", FieldKind::Url(None)),
    text("NotificationEmail", "notification_email"),
    field("UseCaseCategories", "use_case_categories", FieldKind::Texts),
    text("UseCaseSummary", "use_case_summary"),
    field("ProductionMessageSample", "production_message_sample", FieldKind::Text(None, 1000)),
    field("OptInImageUrls", "opt_in_image_urls", FieldKind::Texts),
    field("OptInType", "opt_in_type", FieldKind::Word("", OPT_IN_TYPES)),
    text("MessageVolume", "message_volume"),
    text("BusinessStreetAddress", "business_street_address"),
    text("BusinessStreetAddress2", "business_street_address2"),
    text("BusinessCity", "business_city"),
    text("BusinessStateProvinceRegion", "business_state_province_region"),
    text("BusinessPostalCode", "business_postal_code"),
    text("BusinessCountry", "business_country"),
    text("AdditionalInformation", "additional_information"),
    text("BusinessContactFirstName", "business_contact_first_name"),
    text("BusinessContactLastName", "business_contact_last_name"),
    text("BusinessContactEmail", "business_contact_email"),
    text("BusinessContactPhone", "business_contact_phone"),
    text("BusinessRegistrationNumber", "business_registration_number"),
    text("BusinessRegistrationAuthority", "business_registration_authority"),
    text("BusinessRegistrationCountry", "business_registration_country"),
    field("BusinessType", "business_type", FieldKind::Word("PRIVATE_PROFIT", BUSINESS_TYPES)),
    text("BusinessRegistrationPhoneNumber", "business_registration_phone_number"),
    text("DoingBusinessAs", "doing_business_as"),
    text("OptInConfirmationMessage", "opt_in_confirmation_message"),
    text("HelpMessageSample", "help_message_sample"),
    field("PrivacyPolicyUrl", "privacy_policy_url", FieldKind::Url(None)),
    field("TermsAndConditionsUrl", "terms_and_conditions_url", FieldKind::Url(None)),
    field("AgeGatedContent", "age_gated_content", FieldKind::Flag(false)),
    field("OptInKeywords", "opt_in_keywords", FieldKind::Texts),
    text("VettingProvider", "vetting_provider"),
    text("VettingId", "vetting_id"),
];

/// The parameters that a new verification must have.
const NEEDED: &[&str] = &[
    "BusinessName",
    "BusinessWebsite",
    "NotificationEmail",
    "UseCaseCategories",
    "UseCaseSummary",
    "ProductionMessageSample",
    "OptInImageUrls",
    "OptInType",
    "MessageVolume",
];

/// A verification as the fake keeps it.
pub(crate) struct TollfreeVerification {
    settings: Settings,
    pub(super) number_sid: String,
    number: String,
    pub(super) reference: Option<String>,
    customer_profile: Option<String>,
    pub(super) status: &'static str,
    error: Option<RegistrationError>,
    created: Timestamp,
    updated: Timestamp,
}

impl TollfreeVerification {
    pub(super) fn new(form: &Pairs, number_sid: &str, number: &str, now: Timestamp) -> Result<Self, Refusal> {
        if let Some(missing) = NEEDED.iter().find(|name| form.get(name).is_none()) {
            return Err(bad(format!("Missing required parameter {missing} in the post body")));
        }
        Ok(Self {
            settings: applied(Settings::with_defaults(FIELDS), form)?,
            number_sid: number_sid.to_owned(),
            number: number.to_owned(),
            reference: form.owned("ExternalReferenceId"),
            customer_profile: form.owned("CustomerProfileSid"),
            status: "PENDING_REVIEW",
            error: None,
            created: now,
            updated: now,
        })
    }

    /// Corrects it and submits it again, which only a rejected one can be, and only for some days.
    pub(super) fn update(&mut self, form: &Pairs, now: Timestamp) -> Result<(), Refusal> {
        if self.status != "TWILIO_REJECTED" {
            return Err(bad("Only a rejected verification can be edited".to_owned()));
        }
        if now > later(self.updated, EDITABLE) {
            return Err(bad("The time to edit the verification is over".to_owned()));
        }
        self.settings = applied(self.settings.clone(), form)?;
        (self.status, self.error, self.updated) = ("PENDING_REVIEW", None, now);
        Ok(())
    }

    pub(super) fn view(&self, request: &RoutedRequest<'_>, account: &str, sid: &str) -> Value {
        let rejected = self.error.as_ref();
        let reason = |error: &RegistrationError| json!({ "code": error.code, "reason": error.description });
        self.settings.write(json!({
            "sid": sid,
            "account_sid": account,
            "tollfree_phone_number_sid": self.number_sid,
            "tollfree_phone_number": self.number,
            "customer_profile_sid": self.customer_profile,
            "trust_product_sid": null,
            "regulated_item_sid": null,
            "external_reference_id": self.reference,
            "status": self.status,
            "rejection_reason": rejected.map(|error| &error.description),
            "rejection_reasons": rejected.map(|error| [reason(error)]),
            "error_code": rejected.map(|error| error.code),
            "edit_allowed": rejected.map(|_| request.now <= later(self.updated, EDITABLE)),
            "edit_expiration": rejected.map(|_| iso8601(later(self.updated, EDITABLE))),
            "vetting_id_expiration": null,
            "date_created": iso8601(self.created),
            "date_updated": iso8601(self.updated),
            "resource_links": {},
            "url": request.url(&format!("/v1/Tollfree/Verifications/{sid}")),
        }))
    }
}

fn applied(mut settings: Settings, form: &Pairs) -> Result<Settings, Refusal> {
    if let Some(unknown) = form.all("UseCaseCategories").find(|word| !USE_CASES.contains(word)) {
        return Err(bad(format!("The UseCaseCategories {unknown} is none of {}", USE_CASES.join(", "))));
    }
    settings.apply(form, 20001)?;
    Ok(settings)
}

fn bad(message: String) -> Refusal {
    Refusal::bad_request(20001, message)
}

/// The verifications of an account.
#[derive(Default)]
pub(crate) struct TollfreeVerifications {
    pub(super) rows: Table<TollfreeVerification>,
}

impl TollfreeVerifications {
    /// Approves a verification, or rejects it with a reason. Returns false when there is no such verification.
    pub(crate) fn decide(&mut self, sid: &str, now: Timestamp, error: Option<RegistrationError>) -> bool {
        let Some(row) = self.rows.get_mut(sid) else { return false };
        row.status = if error.is_some() { "TWILIO_REJECTED" } else { "TWILIO_APPROVED" };
        (row.error, row.updated) = (error, now);
        true
    }
}
