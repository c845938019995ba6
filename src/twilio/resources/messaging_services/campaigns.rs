//! Campaigns: what the texts of a messaging service are for, as carriers in the US want to know it (A2P 10DLC). Twilio
//! calls the resource `UsAppToPerson`.

mod campaign;
mod create;
mod update;

pub use campaign::{Campaign, CampaignStatus, CampaignUsecase, CampaignUsecaseDetails, CampaignUsecases};
pub use create::CreateCampaign;
pub use update::UpdateCampaign;

use crate::provider::{ApiRequest, ProviderError, RequestBody, RequestClass};
use crate::twilio::page::Pages;
use crate::twilio::session::Session;
use crate::twilio::sid;

/// The campaigns of one messaging service; Twilio takes one for each service.
///
/// <https://www.twilio.com/docs/messaging/api/usapptoperson-resource>
#[derive(Debug, Clone)]
pub struct Campaigns {
    session: Session,
    service_sid: String,
}

impl Campaigns {
    pub(super) fn of(session: &Session, service_sid: String) -> Self {
        Self { session: session.clone(), service_sid }
    }

    /// Submits a campaign for review. **It costs money**, once and each month, so it is not repeated where the answer is
    /// lost.
    ///
    /// <https://www.twilio.com/docs/messaging/api/usapptoperson-resource#create-a-usapptoperson-resource>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn create(&self, campaign: &CreateCampaign) -> Result<Campaign, ProviderError> {
        let form = RequestBody::Form(campaign.form()?);
        let post = super::one(ApiRequest::post(ALL), &self.service_sid)?.body(form);
        self.session.json(post.class(RequestClass::Create)).await
    }

    /// Lists the campaigns.
    ///
    /// <https://www.twilio.com/docs/messaging/api/usapptoperson-resource#read-multiple-usapptoperson-resources>
    ///
    /// # Errors
    /// `INVALID_REQUEST` where the service's SID is malformed.
    pub fn list(&self) -> Result<Pages<Campaign>, ProviderError> {
        let request = super::one(ApiRequest::get(ALL), &self.service_sid)?;
        Ok(Pages::new(&self.session, request, "compliance"))
    }

    /// Reads a campaign by its SID, `QE…`.
    ///
    /// <https://www.twilio.com/docs/messaging/api/usapptoperson-resource#fetch-a-usapptoperson-resource>
    ///
    /// # Errors
    /// `NOT_FOUND`, or any other [`ProviderError`].
    pub async fn fetch(&self, sid: &str) -> Result<Campaign, ProviderError> {
        self.session.json(self.one(ApiRequest::get(ONE), sid)?).await
    }

    /// Corrects a campaign that failed, and submits it again. **It may cost money**, so it is not repeated where the answer
    /// is lost.
    ///
    /// <https://www.twilio.com/docs/messaging/api/usapptoperson-resource#update-a-usapptoperson-resource>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn update(&self, sid: &str, update: &UpdateCampaign) -> Result<Campaign, ProviderError> {
        let post = self.one(ApiRequest::post(ONE), sid)?.body(RequestBody::Form(update.form()?));
        self.session.json(post.class(RequestClass::Create)).await
    }

    /// Deletes a campaign: the numbers of the service are no longer registered. It cannot be undone.
    ///
    /// <https://www.twilio.com/docs/messaging/api/usapptoperson-resource#delete-a-usapptoperson-resource>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn delete(&self, sid: &str) -> Result<(), ProviderError> {
        self.session.no_content(self.one(ApiRequest::delete(ONE), sid)?).await
    }

    /// Reads which use cases a campaign of this service may have; with a brand, `BN…`, only those of that brand.
    ///
    /// <https://www.twilio.com/docs/messaging/api/usapptopersonusecase-resource>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn usecases(&self, brand_sid: Option<&str>) -> Result<CampaignUsecases, ProviderError> {
        let mut request = super::one(ApiRequest::get(USECASES), &self.service_sid)?;
        if let Some(brand_sid) = brand_sid {
            sid::check(brand_sid, "brand", &["BN"])?;
            request = request.query([("BrandRegistrationSid", brand_sid)]);
        }
        self.session.json(request).await
    }

    fn one(&self, request: ApiRequest, sid: &str) -> Result<ApiRequest, ProviderError> {
        sid::check(sid, "campaign", &["QE"])?;
        Ok(super::one(request, &self.service_sid)?.segment(sid))
    }
}

const ALL: &str = "/v1/Services/{service}/Compliance/Usa2p";
const ONE: &str = "/v1/Services/{service}/Compliance/Usa2p/{sid}";
const USECASES: &str = "/v1/Services/{service}/Compliance/Usa2p/Usecases";
