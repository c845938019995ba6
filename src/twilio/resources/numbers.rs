//! Phone numbers: those you own, and those you could buy.

mod available;
mod buy;
mod number;
mod update;

pub use available::{AvailableNumber, AvailableNumbers, NumberType, SearchNumbers};
pub use buy::{BuyNumber, ReleaseNumber};
pub use number::{
    AddressRequirements, Capabilities, EmergencyStatus, ListPhoneNumbers, NumberOrigin, PhoneNumber,
    VoiceReceiveMode,
};
pub use update::UpdateNumber;

use crate::provider::{ApiRequest, ProviderError, RequestBody, RequestClass};
use crate::twilio::page::Pages;
use crate::twilio::session::Session;
use crate::twilio::sid;

/// The phone numbers that an account owns.
///
/// <https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource>
#[derive(Debug, Clone)]
pub struct PhoneNumbers {
    session: Session,
}

impl PhoneNumbers {
    pub(in crate::twilio) fn of(session: &Session) -> Self {
        Self { session: session.clone() }
    }

    /// Lists the numbers. Errors are items of the list.
    ///
    /// <https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource#read-multiple-incomingphonenumber-resources>
    pub fn list(&self, filter: &ListPhoneNumbers) -> Pages<PhoneNumber> {
        Pages::new(&self.session, filter.request(), "incoming_phone_numbers")
    }

    /// Reads a number by its SID, `PN…`.
    ///
    /// <https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource#fetch-an-incomingphonenumber-resource>
    ///
    /// # Errors
    /// `NOT_FOUND`, or any other [`ProviderError`].
    pub async fn fetch(&self, sid: &str) -> Result<PhoneNumber, ProviderError> {
        self.session.json(one(ApiRequest::get("/IncomingPhoneNumbers/{sid}.json"), sid)?).await
    }

    /// Buys a number. **It costs money from now on**, so the request must be confirmed.
    ///
    /// If the answer is lost, the request is not repeated, because with an area code two numbers might be bought.
    ///
    /// <https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource#create-an-incomingphonenumber-resource>
    ///
    /// # Errors
    /// `INVALID_REQUEST` if it is not confirmed; code 21422 if the number is not available, 21452 if the area has no
    /// number; or any other [`ProviderError`].
    pub async fn buy(&self, number: &BuyNumber) -> Result<PhoneNumber, ProviderError> {
        let request = ApiRequest::post("/IncomingPhoneNumbers.json").body(RequestBody::Form(number.form()?));
        self.session.json(request.class(RequestClass::Create)).await
    }

    /// Changes the settings of a number: its webhooks, its name and others.
    ///
    /// <https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource#update-an-incomingphonenumber-resource>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn update(&self, sid: &str, update: &UpdateNumber) -> Result<PhoneNumber, ProviderError> {
        let request = one(ApiRequest::post("/IncomingPhoneNumbers/{sid}.json"), sid)?;
        let form = RequestBody::Form(update.form()?);
        self.session.json(request.body(form).class(RequestClass::Update)).await
    }

    /// Releases a number. **It cannot be undone**, and somebody else may get the number, so the request must be
    /// confirmed.
    ///
    /// <https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource#delete-an-incomingphonenumber-resource>
    ///
    /// # Errors
    /// `INVALID_REQUEST` if it is not confirmed, or any other [`ProviderError`].
    pub async fn release(&self, number: &ReleaseNumber) -> Result<(), ProviderError> {
        let request = one(ApiRequest::delete("/IncomingPhoneNumbers/{sid}.json"), number.confirmed()?)?;
        self.session.no_content(request).await
    }
}

fn one(request: ApiRequest, sid: &str) -> Result<ApiRequest, ProviderError> {
    sid::check(sid, "phone number", &["PN"])?;
    Ok(request.segment(sid))
}
