//! Messaging services: pools of senders with shared settings.

mod campaigns;
mod numbers;
mod service;
mod settings;

pub use campaigns::{
    Campaign, CampaignStatus, CampaignUsecase, CampaignUsecaseDetails, CampaignUsecases, Campaigns,
    CreateCampaign, UpdateCampaign,
};
pub use numbers::{ServiceNumber, ServiceNumbers};
pub use service::{MessagingService, MessagingUsecase};
pub use settings::MessagingServiceSettings;

use crate::provider::{ApiRequest, ProviderError, RequestBody, RequestClass};
use crate::twilio::page::Pages;
use crate::twilio::session::Session;
use crate::twilio::sid;

/// The messaging services of an account.
///
/// ```no_run
/// # async fn run(account: switchboard::twilio::TwilioAccount) -> Result<(), switchboard::ProviderError> {
/// use switchboard::twilio::messaging_services::MessagingServiceSettings;
///
/// let services = account.messaging_services();
/// let service = services.create(&MessagingServiceSettings::named("Reminders").sticky_sender(true)).await?;
/// let senders = services.phone_numbers(service.sid);
/// senders.add("PN0123456789abcdef0123456789abcdef").await?;
/// # Ok(()) }
/// ```
///
/// <https://www.twilio.com/docs/messaging/api/service-resource>
#[derive(Debug, Clone)]
pub struct MessagingServices {
    session: Session,
}

impl MessagingServices {
    pub(in crate::twilio) fn of(session: &Session) -> Self {
        Self { session: session.clone() }
    }

    /// Creates a service. It must have a name, and sends nothing until it has a sender.
    ///
    /// <https://www.twilio.com/docs/messaging/api/service-resource#create-a-service-resource>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn create(
        &self,
        settings: &MessagingServiceSettings,
    ) -> Result<MessagingService, ProviderError> {
        let post =
            ApiRequest::post("/v1/Services").on("messaging").body(RequestBody::Form(settings.create()?));
        self.session.json(post.class(RequestClass::Create)).await
    }

    /// Lists the services.
    ///
    /// <https://www.twilio.com/docs/messaging/api/service-resource#read-multiple-service-resources>
    pub fn list(&self) -> Pages<MessagingService> {
        Pages::new(&self.session, ApiRequest::get("/v1/Services").on("messaging"), "services")
    }

    /// Reads a service.
    ///
    /// <https://www.twilio.com/docs/messaging/api/service-resource#fetch-a-service-resource>
    ///
    /// # Errors
    /// `NOT_FOUND`, or any other [`ProviderError`].
    pub async fn fetch(&self, sid: &str) -> Result<MessagingService, ProviderError> {
        self.session.json(one(ApiRequest::get(ONE), sid)?).await
    }

    /// Changes the settings that are set, and no others.
    ///
    /// <https://www.twilio.com/docs/messaging/api/service-resource#update-a-service-resource>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn update(
        &self,
        sid: &str,
        settings: &MessagingServiceSettings,
    ) -> Result<MessagingService, ProviderError> {
        let post = one(ApiRequest::post(ONE), sid)?.body(RequestBody::Form(settings.update()?));
        self.session.json(post.class(RequestClass::Update)).await
    }

    /// Deletes a service. The account keeps its numbers. It cannot be undone.
    ///
    /// <https://www.twilio.com/docs/messaging/api/service-resource#delete-a-service-resource>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn delete(&self, sid: &str) -> Result<(), ProviderError> {
        self.session.no_content(one(ApiRequest::delete(ONE), sid)?).await
    }

    /// Returns the numbers that a service, `MG…`, sends from.
    #[must_use]
    pub fn phone_numbers(&self, service_sid: impl Into<String>) -> ServiceNumbers {
        ServiceNumbers::of(&self.session, service_sid.into())
    }

    /// Returns the campaigns of a service, `MG…`: what its texts to the US are for (A2P 10DLC).
    #[must_use]
    pub fn campaigns(&self, service_sid: impl Into<String>) -> Campaigns {
        Campaigns::of(&self.session, service_sid.into())
    }
}

const ONE: &str = "/v1/Services/{service}";

/// Fills a path with the SID of a messaging service, after checking its format.
fn one(request: ApiRequest, sid: &str) -> Result<ApiRequest, ProviderError> {
    sid::check(sid, "messaging service", &["MG"])?;
    Ok(request.segment(sid).on("messaging"))
}
