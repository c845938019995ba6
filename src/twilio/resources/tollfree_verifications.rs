//! Toll-free verifications: without one, texts from a toll-free number to the US and Canada are blocked.

mod create;
mod update;
mod verification;
mod words;

pub use create::CreateTollfreeVerification;
pub use update::UpdateTollfreeVerification;
pub use verification::{RejectionReason, TollfreeVerification};
pub use words::{
    TollfreeBusinessType, TollfreeOptIn, TollfreeRegistrationAuthority, TollfreeStatus, TollfreeUseCase,
};

use crate::provider::{ApiRequest, ProviderError, RequestBody, RequestClass};
use crate::twilio::page::Pages;
use crate::twilio::session::Session;
use crate::twilio::sid;
use crate::twilio::wire::{Parameters as _, request};

request! {
    /// Which verifications to list. Without a filter, all of them.
    ListTollfreeVerifications {
        /// Only those of this number, `PN…`.
        tollfree_phone_number_sid as number: Option<String> = "TollfreePhoneNumberSid",
        /// Only those with this status.
        status: Option<TollfreeStatus> = "Status",
        /// Only the one with this reference of yours.
        external_reference_id: Option<String> = "ExternalReferenceId",
        /// Whether those of subaccounts are included.
        include_sub_accounts: Option<bool> = "IncludeSubAccounts",
        /// Only those of these trust products, `BU…`.
        trust_product_sids: Vec<String> = "TrustProductSid",
        /// How many items a page has, 1 to 1,000; 50 by default.
        page_size: Option<u32> = "PageSize",
    }
}

impl ListTollfreeVerifications {
    /// Lists all verifications.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

/// The toll-free verifications of an account.
///
/// <https://www.twilio.com/docs/messaging/api/tollfree-verification-resource>
#[derive(Debug, Clone)]
pub struct TollfreeVerifications {
    session: Session,
}

impl TollfreeVerifications {
    pub(in crate::twilio) fn of(session: &Session) -> Self {
        Self { session: session.clone() }
    }

    /// Submits a number for verification. It takes some days. It is not repeated where the answer is lost.
    ///
    /// <https://www.twilio.com/docs/messaging/api/tollfree-verification-resource#create-a-tollfree-verification>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn create(
        &self,
        verification: &CreateTollfreeVerification,
    ) -> Result<TollfreeVerification, ProviderError> {
        let post = ApiRequest::post(ALL).on("messaging").body(RequestBody::Form(verification.form()?));
        self.session.json(post.class(RequestClass::Create)).await
    }

    /// Lists the verifications. Errors are items of the list.
    ///
    /// <https://www.twilio.com/docs/messaging/api/tollfree-verification-resource#read-multiple-tollfree-verifications>
    pub fn list(&self, filter: &ListTollfreeVerifications) -> Pages<TollfreeVerification> {
        let request = filter.in_query(ApiRequest::get(ALL).on("messaging"));
        Pages::new(&self.session, request, "verifications")
    }

    /// Reads a verification by its SID, `HH…`.
    ///
    /// <https://www.twilio.com/docs/messaging/api/tollfree-verification-resource#fetch-a-tollfree-verification>
    ///
    /// # Errors
    /// `NOT_FOUND`, or any other [`ProviderError`].
    pub async fn fetch(&self, sid: &str) -> Result<TollfreeVerification, ProviderError> {
        self.session.json(one(ApiRequest::get(ONE), sid)?).await
    }

    /// Corrects a verification that was rejected, and submits it again. Only the fields that are set change.
    ///
    /// <https://www.twilio.com/docs/messaging/api/tollfree-verification-resource#edit-a-tollfree-verification>
    ///
    /// # Errors
    /// Any [`ProviderError`], for example if [`edit_allowed`](TollfreeVerification::edit_allowed) is false.
    pub async fn update(
        &self,
        sid: &str,
        update: &UpdateTollfreeVerification,
    ) -> Result<TollfreeVerification, ProviderError> {
        let post = one(ApiRequest::post(ONE), sid)?.body(RequestBody::Form(update.form()?));
        self.session.json(post.class(RequestClass::Update)).await
    }

    /// Deletes a verification: texts from its number are blocked again. It cannot be undone.
    ///
    /// <https://www.twilio.com/docs/messaging/api/tollfree-verification-resource#delete-a-tollfree-verification>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn delete(&self, sid: &str) -> Result<(), ProviderError> {
        self.session.no_content(one(ApiRequest::delete(ONE), sid)?).await
    }
}

const ALL: &str = "/v1/Tollfree/Verifications";
const ONE: &str = "/v1/Tollfree/Verifications/{sid}";

fn one(request: ApiRequest, sid: &str) -> Result<ApiRequest, ProviderError> {
    sid::check(sid, "toll-free verification", &["HH"])?;
    Ok(request.segment(sid).on("messaging"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_have_twilios_names() {
        let list = ListTollfreeVerifications::new()
            .number("PN1")
            .status(TollfreeStatus::Approved)
            .external_reference_id("7")
            .include_sub_accounts(false)
            .trust_product_sids(["BU1".to_owned()])
            .page_size(5);
        assert_eq!(
            list.encoded().unwrap(),
            "TollfreePhoneNumberSid=PN1&Status=TWILIO_APPROVED&ExternalReferenceId=7&IncludeSubAccounts=false&\
             TrustProductSid=BU1&PageSize=5"
        );
    }
}
