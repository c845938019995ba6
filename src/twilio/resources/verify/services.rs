//! The Verify services of an account.

use super::{VerifyService, VerifyServiceSettings};
use crate::provider::{ApiRequest, ProviderError, RequestBody, RequestClass};
use crate::twilio::page::Pages;
use crate::twilio::session::Session;
use crate::twilio::sid;

/// The Verify services of an account.
///
/// <https://www.twilio.com/docs/verify/api/service>
#[derive(Debug, Clone)]
pub struct VerifyServices {
    session: Session,
}

impl VerifyServices {
    pub(in crate::twilio) fn of(session: &Session) -> Self {
        Self { session: session.clone() }
    }

    /// Creates a service. It must have a name.
    ///
    /// <https://www.twilio.com/docs/verify/api/service#create-a-verification-service>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn create(&self, settings: &VerifyServiceSettings) -> Result<VerifyService, ProviderError> {
        let post = ApiRequest::post("/v2/Services").on("verify").body(RequestBody::Form(settings.create()?));
        self.session.json(post.class(RequestClass::Create)).await
    }

    /// Lists the services.
    ///
    /// <https://www.twilio.com/docs/verify/api/service#list-all-services>
    pub fn list(&self) -> Pages<VerifyService> {
        Pages::new(&self.session, ApiRequest::get("/v2/Services").on("verify"), "services")
    }

    /// Reads a service.
    ///
    /// <https://www.twilio.com/docs/verify/api/service#fetch-a-service>
    ///
    /// # Errors
    /// `NOT_FOUND`, or any other [`ProviderError`].
    pub async fn fetch(&self, sid: &str) -> Result<VerifyService, ProviderError> {
        self.session.json(one(ApiRequest::get(ONE), sid)?).await
    }

    /// Changes the settings that are set, and no others.
    ///
    /// <https://www.twilio.com/docs/verify/api/service#update-a-service>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn update(
        &self,
        sid: &str,
        settings: &VerifyServiceSettings,
    ) -> Result<VerifyService, ProviderError> {
        let post = one(ApiRequest::post(ONE), sid)?.body(RequestBody::Form(settings.update()?));
        self.session.json(post.class(RequestClass::Update)).await
    }

    /// Deletes a service and its pending verifications. It cannot be undone.
    ///
    /// <https://www.twilio.com/docs/verify/api/service#delete-a-service>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn delete(&self, sid: &str) -> Result<(), ProviderError> {
        self.session.no_content(one(ApiRequest::delete(ONE), sid)?).await
    }
}

const ONE: &str = "/v2/Services/{service}";

fn one(request: ApiRequest, sid: &str) -> Result<ApiRequest, ProviderError> {
    sid::check(sid, "Verify service", &["VA"])?;
    Ok(request.segment(sid).on("verify"))
}
