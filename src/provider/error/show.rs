//! How an error is printed: one line for logs, a few sentences for the person who ran the program, or its fields.

use std::error::Error as _;
use std::fmt;

use super::source::chain;
use super::{Inner, ProviderError};
use crate::provider::{Outcome, RequestClass};

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        if let Some(provider) = &inner.provider {
            write!(f, "{provider}: ")?;
        }
        if inner.message.is_empty() {
            f.write_str(inner.code.as_str())?;
        } else {
            f.write_str(&inner.message)?;
        }
        if let Some(recipient) = &inner.recipient {
            write!(f, " (to {})", recipient.masked())?;
        }
        match (inner.provider_code, inner.provider_status) {
            (Some(code), Some(status)) => write!(f, " [code {code}, HTTP {status}]")?,
            (Some(code), None) => write!(f, " [code {code}]")?,
            (None, Some(status)) => write!(f, " [HTTP {status}]")?,
            (None, None) => {}
        }
        f.write_str(inner.warning())
    }
}

impl Inner {
    /// What the caller must know before repeating the request. It is part of `Display`.
    fn warning(&self) -> &'static str {
        match self.outcome {
            Outcome::NotApplied => "",
            _ if self.class == Some(RequestClass::Read) => "",
            Outcome::Unknown if self.retryable => "",
            Outcome::Unknown => "; it may have been done: check before repeating it",
            Outcome::Applied => "; it was done: do not repeat it",
        }
    }

    /// The outcome where [`warning`](Self::warning) says nothing. Only `{:?}` adds it, to keep log lines short.
    fn harmless_outcome(&self) -> &'static str {
        match self.outcome {
            _ if self.class == Some(RequestClass::Read) => "",
            Outcome::NotApplied if self.retryable => {
                "; nothing was done: the same request may be sent again later"
            }
            Outcome::NotApplied => "; nothing was done",
            Outcome::Unknown if self.retryable => "; it may have been done, and repeating it does no harm",
            Outcome::Unknown | Outcome::Applied => "",
        }
    }
}

impl fmt::Debug for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() { self.fields(f) } else { self.sentences(f) }
    }
}

impl ProviderError {
    fn sentences(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        write!(f, "{self}{}", inner.harmless_outcome())?;
        if let Some(cause) = chain(self.source()).last() {
            write!(f, " (cause: {cause})")?;
        }
        if let Some(sid) = &inner.sid {
            write!(f, " (its id: {sid})")?;
        }
        f.write_str(".")?;
        if let Some(advice) = &inner.advice {
            write!(f, " {advice}")?;
        }
        if let Some(page) = &inner.more_info {
            write!(f, " See {page}")?;
        }
        Ok(())
    }

    fn fields(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        let mut out = f.debug_struct("ProviderError");
        out.field("code", &inner.code)
            .field("reason", &inner.reason)
            .field("outcome", &inner.outcome)
            .field("retryable", &inner.retryable)
            .field("action", &self.action())
            .field("scope", &self.scope())
            .field("message", &inner.message);
        let mut optional = |name: &str, value: Option<&dyn fmt::Debug>| {
            if let Some(value) = value {
                out.field(name, value);
            }
        };
        optional("provider", inner.provider.as_ref().map(|v| v as _));
        optional("provider_code", inner.provider_code.as_ref().map(|v| v as _));
        optional("provider_status", inner.provider_status.as_ref().map(|v| v as _));
        optional("request_id", inner.request_id.as_ref().map(|v| v as _));
        optional("more_info", inner.more_info.as_ref().map(|v| v as _));
        optional("retry_after", inner.retry_after.as_ref().map(|v| v as _));
        optional("recipient", inner.recipient.as_ref().map(|v| v as _));
        optional("sid", inner.sid.as_ref().map(|v| v as _));
        optional("advice", inner.advice.as_ref().map(|v| v as _));
        optional("console", inner.console.as_ref().map(|v| v as _));
        optional("class", inner.class.as_ref().map(|v| v as _));
        optional("source", inner.source.as_ref().map(|v| v as _));
        out.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::{Action, ErrorCode, ProviderName};

    #[test]
    fn display_masks_the_recipient_and_warns_of_an_unknown_outcome() {
        let error = ProviderError::new(ErrorCode::NetworkError, Outcome::Unknown)
            .with_message("no answer within 20 s")
            .with_recipient("+14155551234".into());
        let shown = format!("{error} {error:?} {error:#?}");
        assert!(shown.contains("…1234") && !shown.contains("5551234"), "{shown}");
        assert!(error.to_string().contains("check before repeating"));
        assert_eq!(error.action(), Action::CheckOutcome);
    }

    #[test]
    fn debug_adds_outcome_and_advice_for_the_person_who_ran_the_program() {
        let refused = ProviderError::new(ErrorCode::InvalidRequest, Outcome::NotApplied)
            .with_provider(ProviderName::of("acme"))
            .with_message("the recipient has opted out")
            .with_provider_code(7)
            .with_status(400)
            .with_advice("Send them nothing more.")
            .with_more_info("https://example.com/7");
        assert_eq!(
            format!("{refused:?}"),
            "acme: the recipient has opted out [code 7, HTTP 400]; nothing was done. Send them nothing more. See \
             https://example.com/7"
        );
        let done = ProviderError::new(ErrorCode::NetworkError, Outcome::Applied)
            .with_message("the answer broke off")
            .with_sid("id-1")
            .with_source(std::io::Error::other("reset by peer"));
        assert_eq!(
            format!("{done:?}"),
            "the answer broke off; it was done: do not repeat it (cause: reset by peer) (its id: id-1)."
        );
    }

    #[test]
    fn alternate_debug_shows_the_fields() {
        let error = ProviderError::new(ErrorCode::RateLimited, Outcome::NotApplied);
        let shown = format!("{error:#?}");
        assert!(
            shown.starts_with("ProviderError {\n    code: RateLimited,\n    reason: Unknown,\n"),
            "{shown}"
        );
    }
}
