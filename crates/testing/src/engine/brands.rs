//! Brands for US numbers (A2P 10DLC), and why registrations are refused.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::clock::iso8601;
use super::request::RoutedRequest;
use super::table::Table;

/// The score of a brand that is approved.
const SCORE: u32 = 50;

/// One reason why a brand, a campaign or a verification was refused.
#[derive(Debug, Clone)]
pub(crate) struct RegistrationError {
    pub(crate) code: u32,
    pub(crate) description: String,
}

impl RegistrationError {
    pub(super) fn view(&self) -> Value {
        json!({
            "error_code": self.code,
            "description": self.description,
            "fields": [],
            "url": format!("https://www.twilio.com/docs/api/errors/{}", self.code),
        })
    }
}

/// A brand as the fake keeps it.
pub(crate) struct Brand {
    pub(super) customer_profile: String,
    pub(super) messaging_profile: String,
    pub(super) sole_proprietor: bool,
    pub(super) mock: bool,
    pub(super) skip_vetting: bool,
    pub(super) status: &'static str,
    pub(super) error: Option<RegistrationError>,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
}

impl Brand {
    pub(super) fn is_approved(&self) -> bool {
        self.status == "APPROVED"
    }

    /// Submits it again. Returns false where it is not refused.
    pub(super) fn resubmit(&mut self, now: Timestamp) -> bool {
        let failed = self.status == "FAILED";
        if failed {
            (self.status, self.error, self.updated) = ("PENDING", None, now);
        }
        failed
    }

    pub(super) fn view(&self, request: &RoutedRequest<'_>, account: &str, sid: &str) -> Value {
        let url = request.url(&format!("/v1/a2p/BrandRegistrations/{sid}"));
        let approved = self.is_approved();
        json!({
            "sid": sid,
            "account_sid": account,
            "customer_profile_bundle_sid": self.customer_profile,
            "a2p_profile_bundle_sid": self.messaging_profile,
            "brand_type": if self.sole_proprietor { "SOLE_PROPRIETOR" } else { "STANDARD" },
            "status": self.status,
            "tcr_id": approved.then(|| format!("B{}", sid.get(2..8).unwrap_or_default().to_ascii_uppercase())),
            "failure_reason": self.error.as_ref().map(|error| &error.description),
            "errors": self.error.iter().map(RegistrationError::view).collect::<Vec<_>>(),
            "brand_score": approved.then_some(SCORE),
            "brand_feedback": null,
            "identity_status": if approved { "VERIFIED" } else { "UNVERIFIED" },
            "russell_3000": false,
            "government_entity": false,
            "tax_exempt_status": null,
            "skip_automatic_sec_vet": self.skip_vetting,
            "mock": self.mock,
            "date_created": iso8601(self.created),
            "date_updated": iso8601(self.updated),
            "links": {
                "brand_vettings": format!("{url}/Vettings"),
                "brand_registration_otps": format!("{url}/SmsOtp"),
            },
            "url": url,
        })
    }
}

/// The brands of an account.
#[derive(Default)]
pub(crate) struct Brands {
    pub(super) rows: Table<Brand>,
}

impl Brands {
    /// Approves a brand, or refuses it with a reason. Returns false when there is no such brand.
    pub(crate) fn decide(&mut self, sid: &str, error: Option<RegistrationError>) -> bool {
        let Some(brand) = self.rows.get_mut(sid) else { return false };
        brand.status = if error.is_some() { "FAILED" } else { "APPROVED" };
        brand.error = error;
        true
    }
}
