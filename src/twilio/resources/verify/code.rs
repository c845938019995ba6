//! The check of a code that somebody entered, and its result.

use std::time::Duration;

use super::start::CODE_LENGTH;
use super::{Verification, VerificationStatus};
use crate::phone::Address;
use crate::provider::{ErrorCode, ProviderError, Reason};
use crate::sms::Text;
use crate::twilio::sid;
use crate::twilio::wire::{Parameters as _, check, request};

/// The result of checking a code. A program can show the person a different message for each variant.
#[derive(Debug, Clone, PartialEq)]
pub enum CheckOutcome {
    /// The code is right: they own the number or the address.
    Approved(Verification),
    /// The code is wrong, and the verification is still pending: they may try again, five times in all.
    WrongCode(Verification),
    /// There is no pending verification: it was approved already, has expired (after ten minutes), was canceled, or never
    /// existed. Twilio does not say which. Start a new one.
    Gone,
    /// Five wrong codes were entered. A new verification can be started once this one has expired, ten minutes after its
    /// start.
    TooManyAttempts,
    /// Too many requests; the code was not checked. Try again after this time, if Twilio gave one.
    RateLimited(Option<Duration>),
}

impl CheckOutcome {
    /// Is the code right?
    #[must_use]
    pub const fn is_approved(&self) -> bool {
        matches!(self, Self::Approved(_))
    }
}

request! {
    /// The check of a code that somebody entered. Masked in `Debug`.
    ///
    /// <https://www.twilio.com/docs/verify/api/verification-check#check-a-verification>
    CheckVerification {
        /// The recipient of the code.
        to: Option<Address> = "To",
        /// The SID of the verification, `VE…`, instead of the recipient.
        verification_sid: Option<String> = "VerificationSid",
        /// The code, 4 to 10 characters; none after a silent verification.
        code: Option<Text> = "Code",
        /// The amount, as given when the verification was started.
        amount: Option<Text> = "Amount",
        /// The payee, as given when the verification was started.
        payee: Option<Text> = "Payee",
        /// The token of a silent verification.
        sna_client_token: Option<Text> = "SnaClientToken",
    }
}

impl CheckVerification {
    /// Checks the code that went to this number or e-mail address.
    pub fn new(to: impl Into<Address>, code: impl Into<Text>) -> Self {
        Self { to: Some(to.into()), code: Some(code.into()), ..Self::default() }
    }

    /// Checks the code of this verification, `VE…`.
    pub fn of(verification_sid: impl Into<String>, code: impl Into<Text>) -> Self {
        Self { verification_sid: Some(verification_sid.into()), code: Some(code.into()), ..Self::default() }
    }

    /// Checks a silent verification, which has no code.
    pub fn silent(to: impl Into<Address>) -> Self {
        Self { to: Some(to.into()), ..Self::default() }
    }

    /// Sets the amount and the payee, as given when the verification was started.
    #[must_use]
    pub fn payment(mut self, amount: impl Into<Text>, payee: impl Into<Text>) -> Self {
        self.amount = Some(amount.into());
        self.payee = Some(payee.into());
        self
    }

    fn check(&self) -> Result<(), ProviderError> {
        match (&self.to, &self.verification_sid) {
            (Some(to), None) => super::person(to).map_err(|error| error.with_recipient(to.clone()))?,
            (None, Some(ve)) => sid::check(ve, "verification", &["VE"])?,
            _ => {
                return Err(check::missing(
                    "a check is for a number or for a verification's SID, VE…: give one",
                ));
            }
        }
        match self.code.as_ref().map(|code| code.as_str().chars().count()) {
            Some(length) if !CODE_LENGTH.contains(&length) => {
                Err(check::refuse(format!("a code has 4 to 10 characters, this one has {length}")))
            }
            _ => Ok(()),
        }
    }

    /// Checks it and encodes it as Twilio expects it.
    pub(super) fn form(&self) -> Result<String, ProviderError> {
        self.check()?;
        self.encoded()
    }
}

/// Turns Twilio's answer into an outcome. Only the status `approved` counts as an approval.
pub(super) fn outcome(answer: Result<Verification, ProviderError>) -> Result<CheckOutcome, ProviderError> {
    match answer {
        Ok(verification) => Ok(judged(verification)),
        Err(error) => refused(error),
    }
}

fn judged(verification: Verification) -> CheckOutcome {
    use VerificationStatus as S;
    match (&verification.status, verification.valid) {
        (S::Approved, None | Some(true)) => CheckOutcome::Approved(verification),
        // `valid` is older than `status`, and counts where there is no status; they never contradict each other.
        (S::Unknown(word), Some(true)) if word.is_empty() => CheckOutcome::Approved(verification),
        (S::MaxAttemptsReached, _) => CheckOutcome::TooManyAttempts,
        (S::Canceled | S::Deleted | S::Expired, _) => CheckOutcome::Gone,
        _ => CheckOutcome::WrongCode(verification),
    }
}

fn refused(error: ProviderError) -> Result<CheckOutcome, ProviderError> {
    match (error.provider_status(), error.provider_code()) {
        (_, Some(60202)) => Ok(CheckOutcome::TooManyAttempts),
        // A 404 without a Twilio error code was sent by something else, such as a proxy.
        (Some(404), Some(20404)) => Ok(CheckOutcome::Gone),
        _ if error.code() == ErrorCode::RateLimited && error.reason() == Reason::RateLimited => {
            Ok(CheckOutcome::RateLimited(error.retry_after()))
        }
        _ => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::Outcome;
    use serde_json::json;

    fn answer(status: &str, valid: bool) -> Verification {
        serde_json::from_value(json!({"sid": "VE1", "status": status, "valid": valid})).unwrap()
    }

    #[test]
    fn it_is_written_as_twilio_takes_it() {
        let check = CheckVerification::new("+14155551234", "123456").payment("€1", "Acme").param("X", "y");
        assert_eq!(check.form().unwrap(), "To=%2B14155551234&Code=123456&Amount=%E2%82%AC1&Payee=Acme&X=y");
        let ve = "VE0123456789abcdef0123456789abcdef";
        assert_eq!(
            CheckVerification::of(ve, "1234").form().unwrap(),
            format!("VerificationSid={ve}&Code=1234")
        );
        let silent = CheckVerification::silent("+14155551234").sna_client_token("t");
        assert_eq!(silent.form().unwrap(), "To=%2B14155551234&SnaClientToken=t");
        assert!(CheckVerification::new("ada@example.com", "1234").form().is_ok());
        let shown = format!("{:?}", CheckVerification::new("+14155551234", "planted"));
        assert!(!shown.contains("planted") && !shown.contains("5551234"), "{shown}");
    }

    #[test]
    fn what_would_waste_an_attempt_is_refused() {
        let both =
            CheckVerification { verification_sid: Some("VE1".into()), ..CheckVerification::new("+1", "1") };
        for (check, expected) in [
            (CheckVerification::new("+14155551234", ""), "this one has 0"),
            (CheckVerification::new("+14155551234", "12345678901"), "this one has 11"),
            (CheckVerification::new("415", "1234"), "does not start with \"+\""),
            (CheckVerification::of("VA1", "1234"), "must start with \"VE\""),
            (CheckVerification::default(), "give one"),
            (both, "give one"),
        ] {
            let error = check.form().unwrap_err().to_string();
            assert!(error.contains(expected), "{error} lacks {expected:?}");
        }
    }

    #[test]
    fn only_twilios_own_word_is_an_approval() {
        let of = |status, valid| outcome(Ok(answer(status, valid))).unwrap();
        assert!(of("approved", true).is_approved());
        assert!(matches!(of("pending", false), CheckOutcome::WrongCode(_)));
        assert!(matches!(of("approved", false), CheckOutcome::WrongCode(_)));
        assert!(matches!(of("brand-new", true), CheckOutcome::WrongCode(_)));
        assert_eq!(of("max_attempts_reached", false), CheckOutcome::TooManyAttempts);
        assert_eq!(of("expired", false), CheckOutcome::Gone);
        assert!(!outcome(Ok(Verification::default())).unwrap().is_approved());
    }

    #[test]
    fn refusals_that_a_program_can_use_are_no_errors() {
        let refusal = |status, code, kind, reason| {
            let error = ProviderError::new(kind, Outcome::NotApplied).with_status(status).with_reason(reason);
            let error = if code == 0 { error } else { error.with_provider_code(code) };
            outcome(Err(error.with_retry_after(Duration::from_secs(7))))
        };
        use ErrorCode::{NotFound, RateLimited};
        assert_eq!(refusal(404, 20404, NotFound, Reason::NotFound).unwrap(), CheckOutcome::Gone);
        assert!(refusal(404, 0, NotFound, Reason::NotFound).is_err());
        let many = refusal(429, 60202, RateLimited, Reason::TooManyAttempts).unwrap();
        assert_eq!(many, CheckOutcome::TooManyAttempts);
        let wait = Some(Duration::from_secs(7));
        for code in [20429, 0] {
            let limited = refusal(429, code, RateLimited, Reason::RateLimited).unwrap();
            assert_eq!(limited, CheckOutcome::RateLimited(wait));
        }
        assert!(refusal(400, 60200, ErrorCode::InvalidRequest, Reason::InvalidParameter).is_err());
    }
}
