//! What is sealed of credentials, and what is shown.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use switchboard::Credentials;
use switchboard::secret::Secret;
use zeroize::Zeroizing;

use crate::SealError;

/// The provider whose fields are known here.
pub(super) const TWILIO: &str = "twilio";

/// Makes the id of a row. It is part of what is sealed, so it exists before the row does.
pub(super) fn new_id() -> Result<String, SealError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| SealError::NoRandom)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// Writes all values as a JSON object.
pub(super) fn write(credentials: &Credentials) -> Zeroizing<String> {
    let value = |name: &str| Some((name.to_owned(), credentials.get_json(name)?));
    let object: Map<String, Value> = credentials.names().filter_map(value).collect();
    Zeroizing::new(Value::Object(object).to_string())
}

pub(super) fn read(text: &Secret) -> Credentials {
    let value: Value = serde_json::from_str(text.expose()).unwrap_or_default();
    Credentials::from_json(&value).unwrap_or_default()
}

/// Returns the account that the credentials name.
pub(super) fn account(provider: &str, credentials: &Credentials) -> Option<String> {
    field(provider, credentials, "accountSid").map(|sid| sid.expose().to_owned())
}

/// Returns the token with which the provider signs webhooks.
pub(super) fn token(provider: &str, credentials: &Credentials) -> Option<Secret> {
    field(provider, credentials, "authToken")
}

fn field(provider: &str, credentials: &Credentials, name: &str) -> Option<Secret> {
    (provider == TWILIO).then(|| credentials.of_provider(TWILIO).get(name).map(Secret::new)).flatten()
}

/// Returns what may be shown, as a JSON object of texts.
pub(super) fn shown(provider: &str, credentials: &Credentials) -> String {
    let mut shown = Map::new();
    if let Some(sid) = account(provider, credentials) {
        let start = sid.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
        shown.insert("accountSid".to_owned(), json!(format!("…{}", sid.get(start..).unwrap_or_default())));
    }
    if let Some(number) = field(provider, credentials, "phoneNumber") {
        shown.insert("phoneNumber".to_owned(), json!(number.expose()));
    }
    Value::Object(shown).to_string()
}
