//! Lookup: data about a phone number.

mod number;
mod packages;
mod request;

pub use number::{LookedUpNumber, NumberProblem};
pub use packages::{
    CallForwarding, CallerName, CallerType, IdentityMatch, LastSimSwap, LineActivity, LineStatus, LineType,
    LineTypeIntelligence, MatchLevel, PreFill, QualityScore, Reassigned, ReassignedNumber, RiskCategory,
    SimSwap, SmsPumpingRisk,
};
pub use request::{Identity, LookupPackage, LookupRequest};

use crate::phone::Address;
use crate::provider::ProviderError;
use crate::twilio::session::Session;

/// Looks up data about phone numbers.
///
/// Checking whether a number is valid is free. Each package of data costs money, for each number and each request.
///
/// ```no_run
/// # async fn run(account: switchboard::twilio::TwilioAccount) -> Result<(), switchboard::ProviderError> {
/// use switchboard::twilio::lookup::{LineType, LookupRequest};
///
/// let number = account.lookup().fetch(&LookupRequest::new("+14155551234").line_type()).await?;
/// let kind = number.line_type_intelligence.and_then(|package| package.kind);
/// if kind == Some(LineType::Landline) {
///     println!("call them, they cannot be texted");
/// }
/// # Ok(()) }
/// ```
///
/// <https://www.twilio.com/docs/lookup/v2-api>
#[derive(Debug, Clone)]
pub struct Lookup {
    session: Session,
}

impl Lookup {
    pub(in crate::twilio) fn of(session: &Session) -> Self {
        Self { session: session.clone() }
    }

    /// Asks whether a number is valid, free of charge. A number that is not valid is not an error: the answer has
    /// `valid` set to false.
    ///
    /// <https://www.twilio.com/docs/lookup/v2-api#making-a-request>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn number(&self, number: impl Into<Address>) -> Result<LookedUpNumber, ProviderError> {
        self.fetch(&LookupRequest::new(number)).await
    }

    /// Asks for packages of data about a number. Each package in the answer has an `error_code` of its own: see
    /// [`lookup`](crate::twilio::error::lookup).
    ///
    /// <https://www.twilio.com/docs/lookup/v2-api#making-a-request>
    ///
    /// # Errors
    /// Any [`ProviderError`]. A package without data is not an error.
    pub async fn fetch(&self, request: &LookupRequest) -> Result<LookedUpNumber, ProviderError> {
        self.session.json(request.request()?).await
    }
}
