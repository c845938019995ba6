//! Verify: a code is sent to a number, and the person who enters it proves to own the number.

mod code;
mod service;
mod services;
mod settings;
mod start;
mod verification;

pub use code::{CheckOutcome, CheckVerification};
pub use service::{
    VerifyPasskeys, VerifyPush, VerifyRelyingParty, VerifyService, VerifyTotp, VerifyWhatsApp,
};
pub use services::VerifyServices;
pub use settings::VerifyServiceSettings;
pub use start::StartVerification;
pub use verification::{
    SendCodeAttempt, SnaAttemptError, SnaLink, Verification, VerificationCarrier, VerificationChannel,
    VerificationLookup, VerificationStatus,
};

use crate::phone::{self, Address};
use crate::provider::{ApiRequest, ProviderError, Reason, RequestBody, RequestClass, SendOptions};
use crate::twilio::session::Session;
use crate::twilio::sid;
use crate::twilio::wire::check;

/// The verifications of one Verify service.
///
/// ```no_run
/// # async fn run(account: switchboard::twilio::TwilioAccount) -> Result<(), switchboard::ProviderError> {
/// use switchboard::twilio::verify::{CheckOutcome, CheckVerification, StartVerification};
///
/// let verify = account.verify("VA0123456789abcdef0123456789abcdef");
/// verify.start(&StartVerification::sms("+14155551234")).await?;
/// // … the person enters the code …
/// match verify.check(&CheckVerification::new("+14155551234", "123456")).await? {
///     CheckOutcome::Approved(_) => println!("welcome"),
///     CheckOutcome::WrongCode(_) => println!("wrong code, try again"),
///     CheckOutcome::Gone => println!("that code is used or too old, ask for a new one"),
///     CheckOutcome::TooManyAttempts => println!("too many tries, wait ten minutes"),
///     CheckOutcome::RateLimited(_) => println!("busy, try again in a moment"),
/// }
/// # Ok(()) }
/// ```
///
/// <https://www.twilio.com/docs/verify/api/verification>
#[derive(Debug, Clone)]
pub struct Verify {
    session: Session,
    service_sid: String,
}

impl Verify {
    pub(in crate::twilio) fn of(session: &Session, service_sid: String) -> Self {
        Self { session: session.clone(), service_sid }
    }

    /// Sends a code. Starting again while one is pending sends the same code again.
    ///
    /// This is a create: where the answer got lost, the code may have been sent, and the request is not repeated
    /// automatically.
    ///
    /// <https://www.twilio.com/docs/verify/api/verification#start-new-verification>
    ///
    /// # Errors
    /// Code 60203 after five sends, 60410 where Fraud Guard blocks the number, 60605 where the country is not enabled
    /// for Verify, or any other [`ProviderError`].
    pub async fn start(&self, request: &StartVerification) -> Result<Verification, ProviderError> {
        self.start_with(request, &SendOptions::new()).await
    }

    /// Sends a code with its own limits on time and attempts.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub async fn start_with(
        &self,
        request: &StartVerification,
        options: &SendOptions,
    ) -> Result<Verification, ProviderError> {
        let form = request.form().map_err(|error| error.with_recipient(request.to.clone()))?;
        let post = ApiRequest::post("/v2/Services/{service}/Verifications").body(RequestBody::Form(form));
        let post = self.within(post)?.class(RequestClass::Create).recipient(&request.to);
        self.session.json(post.options(options)).await
    }

    /// Reads a verification that is pending, or was until a short while ago: by its SID, `VE…`, or by the number or
    /// e-mail address it is for. Twilio deletes it once it is approved, canceled or expired.
    ///
    /// Not for polling: Twilio allows 60 reads a minute, 180 an hour and 250 a day.
    ///
    /// <https://www.twilio.com/docs/verify/api/verification#fetch-verification>
    ///
    /// # Errors
    /// `NOT_FOUND`, or any other [`ProviderError`].
    pub async fn fetch(&self, sid_or_to: &str) -> Result<Verification, ProviderError> {
        self.session.json(self.one(ApiRequest::get(ONE), sid_or_to)?).await
    }

    /// Cancels a verification, so that a new code is made at the next start.
    ///
    /// <https://www.twilio.com/docs/verify/api/verification#update-a-verification-status>
    ///
    /// # Errors
    /// `NOT_FOUND` where none is pending, or any other [`ProviderError`].
    pub async fn cancel(&self, sid_or_to: &str) -> Result<Verification, ProviderError> {
        self.update(sid_or_to, "canceled").await
    }

    /// Tells Twilio that a verification succeeded, where you sent and checked a code of your own
    /// ([`custom_code`](StartVerification::custom_code)). It does not check a code: see [`check`](Self::check).
    ///
    /// <https://www.twilio.com/docs/verify/api/verification#update-a-verification-status>
    ///
    /// # Errors
    /// `NOT_FOUND` where none is pending, or any other [`ProviderError`].
    pub async fn approve(&self, sid_or_to: &str) -> Result<Verification, ProviderError> {
        self.update(sid_or_to, "approved").await
    }

    /// Checks a code, once. It is never repeated automatically, because each check uses up one of five attempts.
    ///
    /// <https://www.twilio.com/docs/verify/api/verification-check>
    ///
    /// # Errors
    /// Any [`ProviderError`] that is not one of the [`CheckOutcome`]s. Where its [`outcome`](ProviderError::outcome) is
    /// unknown, the code may have been approved or an attempt used up.
    pub async fn check(&self, request: &CheckVerification) -> Result<CheckOutcome, ProviderError> {
        let post = ApiRequest::post("/v2/Services/{service}/VerificationCheck");
        let mut post = self.within(post)?.body(RequestBody::Form(request.form()?));
        if let Some(to) = &request.to {
            post = post.recipient(to);
        }
        code::outcome(self.session.json(post.class(RequestClass::Create).max_attempts(1)).await)
    }

    async fn update(&self, sid_or_to: &str, status: &str) -> Result<Verification, ProviderError> {
        let post = self.one(ApiRequest::post(ONE), sid_or_to)?.form([("Status", status)]);
        self.session.json(post.class(RequestClass::Update)).await
    }

    fn one(&self, request: ApiRequest, sid_or_to: &str) -> Result<ApiRequest, ProviderError> {
        if sid_or_to.starts_with("VE") && !sid_or_to.contains('@') {
            sid::check(sid_or_to, "verification", &["VE"])?;
            return Ok(self.within(request)?.segment(sid_or_to));
        }
        let to = Address::from(sid_or_to);
        person(&to)?;
        Ok(self.within(request)?.segment(sid_or_to).recipient(to))
    }

    fn within(&self, request: ApiRequest) -> Result<ApiRequest, ProviderError> {
        sid::check(&self.service_sid, "Verify service", &["VA"])?;
        Ok(request.segment(&self.service_sid).on("verify"))
    }
}

const ONE: &str = "/v2/Services/{service}/Verifications/{verification}";

/// Checks the recipient of a code: a number in international format, or an e-mail address.
fn person(to: &Address) -> Result<(), ProviderError> {
    if to.as_str().contains('@') { email(to) } else { number(to) }
}

fn email(to: &Address) -> Result<(), ProviderError> {
    let whole = to.as_str().rsplit_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
    if whole && !to.as_str().contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Ok(());
    }
    Err(unreachable("it is not an e-mail address such as ada@example.com"))
}

fn number(to: &Address) -> Result<(), ProviderError> {
    if to.is_empty() {
        return Err(check::missing("there is no recipient to verify: give a number, as in +14155551234"));
    }
    phone::check_e164(to.as_str()).map_err(|error| unreachable(&error.to_string()))
}

fn unreachable(why: &str) -> ProviderError {
    check::refuse(format!("the recipient cannot be verified: {why}")).with_reason(Reason::InvalidRecipient)
}
