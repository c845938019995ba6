//! Named values that authenticate an account.

use std::fmt;
use std::hash::{BuildHasher as _, Hash as _, Hasher as _, RandomState};

use serde_json::{Map, Value};

use super::ProviderError;
use crate::secret::Secret;

/// The named values that authenticate an account, such as an id and a token, and its settings, such as a number.
///
/// Names are compared without case, `_` and `-`: `accountSid`, `account_sid` and `ACCOUNT_SID` are the same. Every
/// value prints as stars in `Debug`, is wiped from memory on drop, and is never serialised (there is no `Serialize`);
/// only those of [`set_public`](Self::set_public) are shown.
///
/// ```
/// use switchboard::Credentials;
///
/// let credentials = Credentials::new().set("accountSid", "AC…").set("authToken", "secret");
/// assert_eq!(credentials.get("account_sid"), Some("AC…"));
/// assert!(!format!("{credentials:?}").contains("secret"));
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Credentials {
    values: Vec<Named>,
}

#[derive(Clone, PartialEq, Eq)]
struct Named {
    name: String,
    /// A text as it is; anything else as JSON.
    value: Secret,
    is_text: bool,
    public: bool,
}

impl Credentials {
    /// Makes credentials without a value.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a value that is never shown. A value of that name is replaced.
    #[must_use]
    pub fn set(self, name: impl Into<String>, value: impl Into<Secret>) -> Self {
        self.put(Named { name: name.into(), value: value.into(), is_text: true, public: false })
    }

    /// Sets a value that `Debug` may show, such as an account's id.
    #[must_use]
    pub fn set_public(self, name: impl Into<String>, value: impl Into<Secret>) -> Self {
        self.put(Named { name: name.into(), value: value.into(), is_text: true, public: true })
    }

    /// Reads the JSON that dashboards store: one object of named values.
    ///
    /// The values may also be in an object named `apiKeys` or `credentials`; a value outside of it has precedence.
    /// Numbers, booleans, lists and objects are kept for [`get_json`](Self::get_json), such as the object of each
    /// provider where several are stored together. Nulls and empty texts are left out.
    ///
    /// # Errors
    /// [`InvalidCredentials`](super::ErrorCode::InvalidCredentials) where it is not an object.
    pub fn from_json(json: &Value) -> Result<Self, ProviderError> {
        let Value::Object(object) = json else {
            return Err(ProviderError::invalid_credentials(
                "the stored credentials are not a JSON object: expected {\"accountSid\": …, \"authToken\": …}",
            ));
        };
        Ok(Self::new().read_object(object))
    }

    fn read_object(mut self, object: &Map<String, Value>) -> Self {
        let nested = |name: &str| matches!(normal(name).as_str(), "apikeys" | "credentials");
        let inner = object.iter().filter(|(name, _)| nested(name)).filter_map(|(_, value)| value.as_object());
        for object in inner {
            self = self.read_object(object);
        }
        for (name, value) in object {
            let (text, is_text) = match value {
                Value::Null => continue,
                Value::String(text) if text.is_empty() => continue,
                Value::Object(_) if nested(name) => continue,
                Value::String(text) => (text.clone(), true),
                other => (other.to_string(), false),
            };
            self = self.put(Named { name: name.clone(), value: text.into(), is_text, public: false });
        }
        self
    }

    /// Returns the values of one provider where those of several are stored together.
    ///
    /// Values in an object with the provider's name have precedence, then those whose names begin with it
    /// (`acme_account_id`), then all others. In the result the names are without the provider's.
    #[must_use]
    pub fn of_provider(&self, provider: &str) -> Self {
        let prefix = normal(provider);
        let mut own = Self::new();
        let (prefixed, plain): (Vec<&Named>, Vec<&Named>) = self.values.iter().partition(|named| {
            normal(&named.name).strip_prefix(&prefix).is_some_and(|rest| !rest.is_empty())
        });
        for named in plain.into_iter().filter(|named| normal(&named.name) != prefix) {
            own = own.put(named.clone());
        }
        for named in prefixed {
            let name = normal(&named.name).split_off(prefix.len());
            own = own.put(Named { name, ..named.clone() });
        }
        if let Some(Value::Object(object)) = self.get_json(provider) {
            own = own.read_object(&object);
        }
        own
    }

    fn put(mut self, named: Named) -> Self {
        let key = normal(&named.name);
        self.values.retain(|old| normal(&old.name) != key);
        self.values.push(named);
        self
    }

    /// Returns a value that is a text.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.find(name).filter(|named| named.is_text).map(|named| named.value.expose())
    }

    /// Returns a value of any type as JSON.
    #[must_use]
    pub fn get_json(&self, name: &str) -> Option<Value> {
        let named = self.find(name)?;
        if named.is_text {
            return Some(Value::String(named.value.expose().to_owned()));
        }
        serde_json::from_str(named.value.expose()).ok()
    }

    /// Returns the names that have a value, as they were given.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.values.iter().map(|named| named.name.as_str())
    }

    /// Hashes all values with a random key, for a lookup by hash. After a hit, the whole values must still be compared.
    pub(crate) fn keyed_hash(&self, key: &RandomState) -> u64 {
        let mut hasher = key.build_hasher();
        for named in &self.values {
            (&named.name, named.value.expose(), named.is_text).hash(&mut hasher);
        }
        hasher.finish()
    }

    fn find(&self, name: &str) -> Option<&Named> {
        self.values.iter().find(|named| same_name(&named.name, name))
    }
}

fn letters(name: &str) -> impl Iterator<Item = char> + '_ {
    name.chars().filter(|c| *c != '_' && *c != '-').map(|c| c.to_ascii_lowercase())
}

fn normal(name: &str) -> String {
    letters(name).collect()
}

fn same_name(a: &str, b: &str) -> bool {
    letters(a).eq(letters(b))
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Credentials");
        for named in &self.values {
            if named.public {
                out.field(&named.name, &named.value.expose());
            } else {
                out.field(&named.name, &named.value);
            }
        }
        out.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_spelling_of_a_name_is_one_name() {
        let credentials = Credentials::new().set("account_sid", "old").set("accountSid", "new");
        assert_eq!(credentials.get("ACCOUNT-SID"), Some("new"));
        assert_eq!(credentials.names().count(), 1);
    }

    #[test]
    fn json_is_read_flat_and_nested_and_other_types_are_kept() {
        let json = json!({
            "acme_account_sid": "AC1",
            "apiKeys": {"authToken": "t", "acme_account_sid": "shadowed"},
            "region": null, "note": "", "retries": 3, "tags": ["a"]
        });
        let credentials = Credentials::from_json(&json).unwrap();
        assert_eq!(credentials.get("acmeAccountSid"), Some("AC1"));
        assert_eq!(credentials.get("authToken"), Some("t"));
        assert_eq!(credentials.get("retries"), None);
        assert_eq!(credentials.get_json("retries"), Some(json!(3)));
        assert_eq!(credentials.get_json("tags"), Some(json!(["a"])));
        assert_eq!(credentials.names().count(), 4);
        assert!(Credentials::from_json(&json!("AC1")).is_err());
    }

    #[test]
    fn each_provider_reads_its_own() {
        let json = json!({"apiKeys": {
            "acme": {"accountSid": "AC1", "authToken": "ours"},
            "zoom": {"authToken": "theirs"},
            "vonage_auth_token": "theirs"
        }});
        let stored = Credentials::from_json(&json).unwrap();
        let acme = stored.of_provider("acme");
        assert_eq!((acme.get("account_sid"), acme.get("auth_token")), (Some("AC1"), Some("ours")));
        assert_eq!(stored.of_provider("vonage").get("authToken"), Some("theirs"));
        let mixed = json!({"acmeAuthToken": "top", "apiKeys": {"authToken": "nested"}});
        let mixed = Credentials::from_json(&mixed).unwrap();
        assert_eq!(mixed.of_provider("acme").get("authToken"), Some("top"));
    }

    #[test]
    fn debug_shows_only_what_is_public() {
        let credentials = Credentials::new().set_public("accountSid", "AC1").set("authToken", "planted");
        assert_eq!(format!("{credentials:?}"), "Credentials { accountSid: \"AC1\", authToken: *** }");
    }
}
