//! Messaging geo permissions: the countries that an account may send messages to.

use http::Method;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::provider::{ApiRequest, ProviderError, RequestBody, RequestClass};
use crate::twilio::session::Session;
use crate::twilio::wire::{Form, Parameter, Parameters as _, answer, check, request, wire_enum};

wire_enum! {
    /// What a permission is about.
    GeoPermissionType {
        /// A country.
        Country = "country",
    }
}

answer! {
    /// Whether messages may be sent to a country.
    ///
    /// <https://www.twilio.com/docs/messaging/guides/sms-geo-permissions>
    GeoPermission {
        /// The country: two letters, ISO 3166.
        country_code: String = "country_code",
        /// What the permission is about.
        kind: GeoPermissionType = "type",
        /// May messages be sent there? Without permission, they are refused with 21408.
        enabled: bool = "enabled",
        /// The country's calling code, with a plus.
        prefix: String = "prefix",
        /// What Twilio says about the country, as in `High Risk Country`.
        message: String = "message",
    }
}

answer! {
    /// The result of changing one permission.
    GeoPermissionChange {
        /// The country: two letters, ISO 3166.
        country_code: String = "country_code",
        /// What the permission is about.
        kind: GeoPermissionType = "type",
        /// The value that was asked for.
        enabled: bool = "enabled",
        /// 0, or the code of why it was not changed: 30649.
        error_code: u32 = "error_code",
        /// Why it was not changed.
        error_messages: Vec<String> = "error_messages",
    }
}

impl GeoPermissionChange {
    /// Was the permission changed? Countries with a high risk of fraud are changed in Twilio's Console only.
    #[must_use]
    pub fn is_applied(&self) -> bool {
        self.error_code == Some(0)
    }
}

/// A country, and whether messages may be sent there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CountryPermission {
    /// The country: two letters, ISO 3166.
    pub country: String,
    /// Whether messages may be sent there.
    pub enabled: bool,
}

impl Parameter for CountryPermission {
    fn write(&self, name: &str, form: &mut Form) {
        let country = self.country.to_ascii_uppercase();
        let object = serde_json::json!({"country_code": country, "type": "country", "enabled": self.enabled});
        form.put(name, object.to_string());
    }
}

request! {
    /// The filter for a list of permissions. Without it, all countries are listed.
    ListGeoPermissions {
        /// Only this country: two letters, ISO 3166.
        country_code as country: Option<String> = "CountryCode",
    }
}

impl ListGeoPermissions {
    /// Lists all countries.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

request! {
    /// Changes of permissions.
    ///
    /// ```
    /// use switchboard::twilio::geo_permissions::UpdateGeoPermissions;
    ///
    /// let only_home = UpdateGeoPermissions::new().enable("DE").disable("FR").disable("GB");
    /// # let _ = only_home;
    /// ```
    UpdateGeoPermissions {
        /// The countries and their new values.
        permissions: Vec<CountryPermission> = "Permissions",
    }
}

impl UpdateGeoPermissions {
    /// Starts without changes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets messages go to a country: two letters, ISO 3166.
    #[must_use]
    pub fn enable(self, country: impl Into<String>) -> Self {
        self.set(country.into(), true)
    }

    /// Refuses messages to a country: two letters, ISO 3166.
    #[must_use]
    pub fn disable(self, country: impl Into<String>) -> Self {
        self.set(country.into(), false)
    }

    fn set(mut self, country: String, enabled: bool) -> Self {
        self.permissions.push(CountryPermission { country, enabled });
        self
    }

    fn form(&self) -> Result<String, ProviderError> {
        self.permissions.iter().try_for_each(|permission| check::country(&permission.country))?;
        self.encoded_update()
    }
}

/// The countries that an account may send messages to.
///
/// <https://www.twilio.com/docs/messaging/guides/sms-geo-permissions>
#[derive(Debug, Clone)]
pub struct GeoPermissions {
    session: Session,
}

impl GeoPermissions {
    pub(in crate::twilio) fn of(session: &Session) -> Self {
        Self { session: session.clone() }
    }

    /// Lists the permissions, all at once.
    ///
    /// <https://www.twilio.com/docs/messaging/guides/sms-geo-permissions>
    ///
    /// # Errors
    /// `INVALID_REQUEST` where the country is not two letters, or any other [`ProviderError`].
    pub async fn list(&self, filter: &ListGeoPermissions) -> Result<Vec<GeoPermission>, ProviderError> {
        filter.country_code.as_deref().map_or(Ok(()), check::country)?;
        let request = filter.in_query(ApiRequest::get(PATH).on("accounts"));
        Ok(rows(&self.session.json(request).await?))
    }

    /// Changes permissions, and returns a result for each country: one may be refused while the others are changed.
    ///
    /// <https://www.twilio.com/docs/messaging/guides/sms-geo-permissions>
    ///
    /// # Errors
    /// `INVALID_REQUEST` where a country is not two letters, or any other [`ProviderError`].
    pub async fn update(
        &self,
        changes: &UpdateGeoPermissions,
    ) -> Result<Vec<GeoPermissionChange>, ProviderError> {
        let patch = ApiRequest::new(Method::PATCH, PATH).on("accounts");
        let patch = patch.body(RequestBody::Form(changes.form()?)).class(RequestClass::Update);
        Ok(rows(&self.session.json(patch).await?))
    }
}

/// Reads the permissions of an answer. What is no object is left out.
fn rows<T: DeserializeOwned>(body: &Map<String, Value>) -> Vec<T> {
    let rows = body.get("permissions").and_then(Value::as_array).into_iter().flatten();
    rows.filter_map(|row| T::deserialize(row).ok()).collect()
}

const PATH: &str = "/v1/Messaging/GeoPermissions";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twilio::wire::mutation::{read_whole, survives};
    use serde_json::json;

    #[test]
    fn changes_are_objects_under_a_repeated_name() {
        let form = UpdateGeoPermissions::new().enable("de").disable("PK").form().unwrap();
        let pairs: Vec<(String, String)> =
            url::form_urlencoded::parse(form.as_bytes()).into_owned().collect();
        let objects = [
            json!({"country_code": "DE", "type": "country", "enabled": true}),
            json!({"country_code": "PK", "type": "country", "enabled": false}),
        ];
        for ((name, value), expected) in pairs.iter().zip(&objects) {
            assert_eq!(name, "Permissions");
            assert_eq!(&serde_json::from_str::<Value>(value).unwrap(), expected);
        }
        assert_eq!(pairs.len(), 2);
        assert!(UpdateGeoPermissions::new().form().is_err());
        assert!(UpdateGeoPermissions::new().enable("Germany").form().is_err());
        let stored = serde_json::to_string(&UpdateGeoPermissions::new().enable("DE")).unwrap();
        assert_eq!(stored, r#"{"permissions":[{"country":"DE","enabled":true}]}"#);
    }

    #[test]
    fn twilios_own_examples_are_read_whole_and_survive_growth() {
        let list = json!({"permissions": [
            {"country_code": "PK", "type": "country", "enabled": true, "prefix": "+92", "message": "High Risk Country"}
        ]});
        read_whole::<GeoPermission>(&list["permissions"][0]);
        survives::<GeoPermission>(&list["permissions"][0]);
        let results = json!({"permissions": [
            {"country_code": "IN", "type": "country", "enabled": false, "error_code": 0, "error_messages": []},
            {"country_code": "PK", "type": "country", "enabled": true, "error_code": 30649,
             "error_messages": ["High risk country permission cannot be updated"]}
        ]});
        let read: Vec<GeoPermissionChange> = rows(results.as_object().unwrap());
        let applied: Vec<_> = read.iter().map(GeoPermissionChange::is_applied).collect();
        assert_eq!(applied, [true, false]);
        read_whole::<GeoPermissionChange>(&results["permissions"][1]);
        survives::<GeoPermissionChange>(&results["permissions"][1]);
    }
}
