//! Calls: create, read, redirect, end, delete.

mod call;
mod create;
mod list;
mod make_call;
mod status;
mod update;
mod words;

pub use call::{AnsweredBy, Call, CallDirection};
pub use create::CreateCall;
pub use list::ListCalls;
pub use make_call::MakeCall;
pub use status::CallStatus;
pub use update::UpdateCall;
pub use words::{AmdMode, CallEvent, HttpMethod, RecordingChannels, RecordingEvent, RecordingTrack, Trim};

use std::time::Duration;

use crate::provider::{ApiRequest, ProviderError, RequestBody, RequestClass};
use crate::twilio::page::Pages;
use crate::twilio::session::Session;
use crate::twilio::sid;

/// The calls of an account.
///
/// <https://www.twilio.com/docs/voice/api/call-resource>
#[derive(Debug, Clone)]
pub struct Calls {
    session: Session,
}

impl Calls {
    pub(in crate::twilio) fn of(session: &Session) -> Self {
        Self { session: session.clone() }
    }

    /// Reads a call.
    ///
    /// <https://www.twilio.com/docs/voice/api/call-resource#fetch-a-call-resource>
    ///
    /// # Errors
    /// `NOT_FOUND`, or any other [`ProviderError`].
    pub async fn fetch(&self, sid: &str) -> Result<Call, ProviderError> {
        self.session.json(one(ApiRequest::get("/Calls/{sid}.json"), sid)?).await
    }

    /// Reads a call that was just created. During `grace`, a 404 is retried, because Twilio may not find a new call at once.
    /// Two or three seconds are enough.
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch).
    pub async fn fetch_new(&self, sid: &str, grace: Duration) -> Result<Call, ProviderError> {
        self.session.json(one(ApiRequest::get("/Calls/{sid}.json"), sid)?.not_found_grace(grace)).await
    }

    /// Lists calls, the newest first. Errors are items of the list.
    ///
    /// <https://www.twilio.com/docs/voice/api/call-resource#read-multiple-call-resources>
    pub fn list(&self, filter: &ListCalls) -> Pages<Call> {
        Pages::new(&self.session, filter.request(), "calls")
    }

    /// Changes a call that is in progress.
    ///
    /// If the response is lost, a request that ends the call is repeated. A redirect to another document is not repeated,
    /// because the document would start again from its beginning.
    ///
    /// <https://www.twilio.com/docs/voice/api/call-resource#update-a-call-resource>
    ///
    /// # Errors
    /// Code 21220 where the call is not in a state for it, or any other [`ProviderError`].
    pub async fn update(&self, sid: &str, update: &UpdateCall) -> Result<Call, ProviderError> {
        let request = one(ApiRequest::post("/Calls/{sid}.json"), sid)?;
        let class = if update.redirects() { RequestClass::Create } else { RequestClass::Update };
        self.session.json(request.body(RequestBody::Form(update.form()?)).class(class)).await
    }

    /// Ends a call, whether it is ringing or answered.
    ///
    /// <https://www.twilio.com/docs/voice/api/call-resource#update-a-call-resource>
    ///
    /// # Errors
    /// As [`update`](Self::update).
    pub async fn hang_up(&self, sid: &str) -> Result<Call, ProviderError> {
        self.update(sid, &UpdateCall::hang_up()).await
    }

    /// Ends a call that is not answered yet. An answered call continues.
    ///
    /// <https://www.twilio.com/docs/voice/api/call-resource#update-a-call-resource>
    ///
    /// # Errors
    /// As [`update`](Self::update).
    pub async fn cancel(&self, sid: &str) -> Result<Call, ProviderError> {
        self.update(sid, &UpdateCall::cancel()).await
    }

    /// Deletes a call from Twilio's records. It cannot be undone.
    ///
    /// <https://www.twilio.com/docs/voice/api/call-resource#delete-a-call-resource>
    ///
    /// # Errors
    /// Code 20009 while it is in progress, or any other [`ProviderError`].
    pub async fn delete(&self, sid: &str) -> Result<(), ProviderError> {
        self.session.no_content(one(ApiRequest::delete("/Calls/{sid}.json"), sid)?).await
    }
}

/// Fills a path with the SID of a call, after checking its format.
fn one(request: ApiRequest, sid: &str) -> Result<ApiRequest, ProviderError> {
    sid::check(sid, "call", &["CA"])?;
    Ok(request.segment(sid))
}
