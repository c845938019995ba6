//! API keys: what programs authenticate with instead of the account's auth token. Each can be revoked alone.

use jiff::Timestamp;

use super::accounts::needs_main_key;
use crate::provider::{ApiRequest, Credentials, ProviderError, RequestClass};
use crate::sms::Text;
use crate::twilio::page::Pages;
use crate::twilio::session::Session;
use crate::twilio::sid;
use crate::twilio::wire::{answer, check, wire_secret};

/// The most characters of a key's name.
const MAX_NAME: usize = 64;

wire_secret! {
    /// The secret of an API key. Twilio returns it once, when the key is created.
    ApiKeySecret
}

answer! {
    /// An API key as Twilio describes it.
    ///
    /// <https://www.twilio.com/docs/iam/api-keys/key-resource-v2010#key-properties>
    ApiKey always {
        /// Its SID, `SK…`.
        sid: String = "sid",
    } {
        /// Its name.
        friendly_name: Text = "friendly_name",
        /// When it was made.
        date_created: Timestamp = "date_created",
        /// When it last changed.
        date_updated: Timestamp = "date_updated",
    }
}

answer! {
    /// An API key that was just created, with its secret.
    ///
    /// <https://www.twilio.com/docs/iam/api-keys/key-resource-v2010#create-a-key-resource>
    NewApiKey always {
        /// Its SID, `SK…`: the user name.
        sid: String = "sid",
    } {
        /// Its name.
        friendly_name: Text = "friendly_name",
        /// Its secret: the password. Keep it now: Twilio does not return it again.
        secret: ApiKeySecret = "secret",
        /// When it was made.
        date_created: Timestamp = "date_created",
        /// When it last changed.
        date_updated: Timestamp = "date_updated",
    }
}

impl NewApiKey {
    /// Returns the account's credentials with this key instead of the auth token; `None` where the answer had no secret.
    #[must_use]
    pub fn credentials(&self, account: Credentials) -> Option<Credentials> {
        let secret = self.secret.as_ref().map(ApiKeySecret::expose).filter(|secret| !secret.is_empty())?;
        Some(account.api_key(&self.sid, secret))
    }
}

/// The API keys of an account. They need the auth token or a main API key; a standard API key is refused.
///
/// A key gives access to the account like its auth token does, but a standard key not to `/Accounts` and `/Keys`. Webhooks
/// are signed with the auth token, never with a key. A new auth token does not change the keys.
///
/// ```no_run
/// # async fn run(account: switchboard::twilio::TwilioAccount) -> Result<(), switchboard::ProviderError> {
/// let key = account.api_keys().create("worker 7").await?;
/// if let Some(secret) = &key.secret {
///     // Keep key.sid and secret.expose() where the worker reads them.
/// #   let _ = secret;
/// }
/// account.api_keys().revoke("SK0123456789abcdef0123456789abcdef").await?;
/// # Ok(()) }
/// ```
///
/// <https://www.twilio.com/docs/iam/api-keys/key-resource-v2010>
#[derive(Debug, Clone)]
pub struct ApiKeys {
    session: Session,
}

impl ApiKeys {
    pub(in crate::twilio) fn of(session: &Session) -> Self {
        Self { session: session.clone() }
    }

    /// Lists the keys, without their secrets. Errors are items of the list; with a standard API key, Twilio's 20003.
    ///
    /// <https://www.twilio.com/docs/iam/api-keys/key-resource-v2010#read-multiple-key-resources>
    pub fn list(&self) -> Pages<ApiKey> {
        Pages::new(&self.session, ApiRequest::get("/Keys.json"), "keys").explained(needs_main_key)
    }

    /// Creates a standard key. Its secret is in the answer, and nowhere else: where the answer is lost, revoke the key with
    /// this name and create another.
    ///
    /// <https://www.twilio.com/docs/iam/api-keys/key-resource-v2010#create-a-key-resource>
    ///
    /// # Errors
    /// `INVALID_REQUEST` for a name of more than 64 characters, or any other [`ProviderError`].
    pub async fn create(&self, friendly_name: &str) -> Result<NewApiKey, ProviderError> {
        let request = named(ApiRequest::post("/Keys.json"), friendly_name)?;
        self.json(request.class(RequestClass::Create)).await
    }

    /// Reads a key.
    ///
    /// <https://www.twilio.com/docs/iam/api-keys/key-resource-v2010#fetch-a-key-resource>
    ///
    /// # Errors
    /// `NOT_FOUND`, or any other [`ProviderError`].
    pub async fn fetch(&self, sid: &str) -> Result<ApiKey, ProviderError> {
        self.json(one(ApiRequest::get(ONE), sid)?).await
    }

    /// Gives a key another name.
    ///
    /// <https://www.twilio.com/docs/iam/api-keys/key-resource-v2010#update-a-key-resource>
    ///
    /// # Errors
    /// `INVALID_REQUEST` for a name of more than 64 characters, or any other [`ProviderError`].
    pub async fn rename(&self, sid: &str, friendly_name: &str) -> Result<ApiKey, ProviderError> {
        let request = named(one(ApiRequest::post(ONE), sid)?, friendly_name)?;
        self.json(request.class(RequestClass::Update)).await
    }

    /// Revokes a key: from now on Twilio refuses it, also if it is the one that this account is opened with. **It cannot be
    /// undone.**
    ///
    /// <https://www.twilio.com/docs/iam/api-keys/key-resource-v2010#delete-a-key-resource>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn revoke(&self, sid: &str) -> Result<(), ProviderError> {
        let answer = self.session.no_content(one(ApiRequest::delete(ONE), sid)?).await;
        answer.map_err(|error| needs_main_key(&self.session, error))
    }

    async fn json<T: serde::de::DeserializeOwned>(&self, request: ApiRequest) -> Result<T, ProviderError> {
        self.session.json(request).await.map_err(|error| needs_main_key(&self.session, error))
    }
}

const ONE: &str = "/Keys/{sid}.json";

fn named(request: ApiRequest, friendly_name: &str) -> Result<ApiRequest, ProviderError> {
    check::longest("name", Some(&friendly_name.into()), MAX_NAME)?;
    Ok(request.form([("FriendlyName", friendly_name)]))
}

/// Fills a path with the SID of a key, after checking its format.
fn one(request: ApiRequest, sid: &str) -> Result<ApiRequest, ProviderError> {
    sid::check(sid, "API key", &["SK"])?;
    Ok(request.segment(sid))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twilio::wire::mutation::{read_whole, survives};
    use serde_json::json;

    #[test]
    fn twilios_own_example_is_read_whole_and_survives_growth() {
        let body = json!({
            "friendly_name": "foo", "date_created": "Mon, 13 Jun 2016 22:50:08 +0000",
            "date_updated": "Mon, 13 Jun 2016 22:50:08 +0000", "sid": "SKaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        });
        read_whole::<ApiKey>(&body);
        survives::<ApiKey>(&body);
    }

    #[test]
    fn the_secret_is_read_and_neither_printed_nor_written() {
        for secret in [json!("planted"), json!(["planted"]), json!({"a": "planted"})] {
            let body = json!({"sid": "SK1", "friendly_name": "x", "secret": secret});
            let key: NewApiKey = serde_json::from_value(body).unwrap();
            let written = serde_json::to_string(&key).unwrap();
            assert!(!format!("{key:?}{written}").contains("planted") && key.extra.is_empty(), "{key:?}");
        }
        let key: NewApiKey = serde_json::from_str(r#"{"sid": "SK1", "secret": "planted"}"#).unwrap();
        assert_eq!(key.secret.as_ref().unwrap().expose(), "planted");
        assert!(key.credentials(Credentials::twilio("AC1", "t")).is_some());
        let without: NewApiKey = serde_json::from_str(r#"{"sid": "SK1"}"#).unwrap();
        assert!(without.credentials(Credentials::twilio("AC1", "t")).is_none());
    }
}
