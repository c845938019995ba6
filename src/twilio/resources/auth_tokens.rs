//! The auth tokens of an account: a secondary one beside the primary, and how it takes its place.

use jiff::Timestamp;

use super::accounts::{AuthToken, needs_main_key};
use crate::provider::{ApiRequest, ProviderError, RequestClass};
use crate::twilio::session::Session;
use crate::twilio::wire::answer;

answer! {
    /// The secondary auth token that was just created.
    ///
    /// <https://www.twilio.com/docs/iam/api/secondary_authtoken#secondary-auth-token-properties>
    SecondaryAuthToken {
        /// The account it belongs to.
        account_sid: String = "account_sid",
        /// The token. Keep it now: Twilio does not return it again until it is promoted.
        secondary_auth_token: AuthToken = "secondary_auth_token",
        /// When it was made.
        date_created: Timestamp = "date_created",
        /// When it last changed.
        date_updated: Timestamp = "date_updated",
        /// Its URL.
        url: String = "url",
    }
}

answer! {
    /// The auth token that was just promoted: the primary one from now on.
    ///
    /// <https://www.twilio.com/docs/iam/api/authtoken#auth-token-properties>
    PromotedAuthToken {
        /// The account it belongs to.
        account_sid: String = "account_sid",
        /// The token.
        auth_token: AuthToken = "auth_token",
        /// When it was made.
        date_created: Timestamp = "date_created",
        /// When it last changed.
        date_updated: Timestamp = "date_updated",
        /// Its URL.
        url: String = "url",
    }
}

/// The auth tokens of the account whose credentials are used, so that a token is replaced without an interruption:
///
/// 1. [Create](Self::create_secondary) a secondary token. Both tokens authenticate requests; webhooks are signed with the
///    primary one still.
/// 2. Let the receivers of webhooks accept both, as `Verifier::or_token` does, and the senders use the new one.
/// 3. [Promote](Self::promote) it. From now on it signs webhooks, and the old token is refused.
///
/// They need an auth token or a main API key; a standard API key is refused. API keys are not changed by any of it.
///
/// ```no_run
/// # async fn run(account: switchboard::twilio::TwilioAccount) -> Result<(), switchboard::ProviderError> {
/// let made = account.auth_tokens().create_secondary().await?;
/// if let Some(token) = &made.secondary_auth_token {
///     // Keep token.expose() beside the primary token, let every program read it, and then:
/// #   let _ = token;
///     account.auth_tokens().promote().await?;
/// }
/// # Ok(()) }
/// ```
///
/// <https://www.twilio.com/docs/iam/api/authtoken>
#[derive(Debug, Clone)]
pub struct AuthTokens {
    session: Session,
}

impl AuthTokens {
    pub(in crate::twilio) fn of(session: &Session) -> Self {
        Self { session: session.clone() }
    }

    /// Creates the secondary token; an account can have one. It is in the answer, and nowhere else: where the answer is lost,
    /// [delete](Self::delete_secondary) it and create another.
    ///
    /// <https://www.twilio.com/docs/iam/api/secondary_authtoken#create-a-secondaryauthtoken-resource>
    ///
    /// # Errors
    /// Any [`ProviderError`], for example if there is a secondary token already.
    pub async fn create_secondary(&self) -> Result<SecondaryAuthToken, ProviderError> {
        let request = ApiRequest::post(SECONDARY).on("accounts").class(RequestClass::Create);
        self.session.json(request).await.map_err(|error| needs_main_key(&self.session, error))
    }

    /// Deletes the secondary token: from now on Twilio refuses it. The primary one stays.
    ///
    /// <https://www.twilio.com/docs/iam/api/secondary_authtoken#delete-a-secondaryauthtoken-resource>
    ///
    /// # Errors
    /// `NOT_FOUND` without a secondary token, or any other [`ProviderError`].
    pub async fn delete_secondary(&self) -> Result<(), ProviderError> {
        let answer = self.session.no_content(ApiRequest::delete(SECONDARY).on("accounts")).await;
        answer.map_err(|error| needs_main_key(&self.session, error))
    }

    /// Makes the secondary token the primary one. **The old primary token is refused at once**, also in this account where it
    /// was opened with that: open it again with the new one.
    ///
    /// Where the answer is lost, it is not repeated, because the token that authenticated the first request may be refused
    /// by now. Ask with both tokens which one is in force.
    ///
    /// <https://www.twilio.com/docs/iam/api/authtoken#promote-the-secondary-auth-token>
    ///
    /// # Errors
    /// `NOT_FOUND` without a secondary token, or any other [`ProviderError`].
    pub async fn promote(&self) -> Result<PromotedAuthToken, ProviderError> {
        let request = ApiRequest::post("/v1/AuthTokens/Promote").on("accounts").class(RequestClass::Create);
        self.session.json(request).await.map_err(|error| needs_main_key(&self.session, error))
    }
}

const SECONDARY: &str = "/v1/AuthTokens/Secondary";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn tokens_are_read_and_neither_printed_nor_written() {
        let dates = json!({"date_created": "2015-07-31T04:00:00Z", "date_updated": "2015-07-31T04:00:00Z"});
        let body = |key: &str| {
            let mut body = dates.clone();
            body["account_sid"] = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".into();
            body["url"] = "https://accounts.twilio.com/v1/AuthTokens/Promote".into();
            body[key] = "planted".into();
            body
        };
        let made: SecondaryAuthToken = serde_json::from_value(body("secondary_auth_token")).unwrap();
        let promoted: PromotedAuthToken = serde_json::from_value(body("auth_token")).unwrap();
        assert!(made.extra.is_empty() && promoted.extra.is_empty() && promoted.date_created.is_some());
        let shown = format!("{made:?}{promoted:?}{}", serde_json::to_string(&(&made, &promoted)).unwrap());
        assert!(!shown.contains("planted"), "{shown}");
        for token in [made.secondary_auth_token, promoted.auth_token] {
            assert_eq!(token.unwrap().expose(), "planted");
        }
    }
}
