//! What opens a Twilio account, and the messages a person needs who typed it wrong.

use std::env;

use super::sid;
use crate::phone::Address;
use crate::provider::{CredentialField, Credentials, FieldKind, ProviderError};

/// The names a value is known by, first the one of the form. Case, `_` and `-` do not matter.
struct Names(&'static [&'static str]);

const ACCOUNT_SID: Names = Names(&["accountSid", "twilioAccountSid"]);
const AUTH_TOKEN: Names = Names(&["authToken", "twilioAuthToken"]);
const API_KEY: Names = Names(&["apiKey", "twilioApiKey", "apiKeySid", "twilioApiKeySid"]);
const API_SECRET: Names = Names(&["apiSecret", "twilioApiSecret", "apiKeySecret", "twilioApiKeySecret"]);
const PHONE_NUMBER: Names = Names(&["phoneNumber", "twilioPhoneNumber", "fromNumber"]);

/// What a credentials form asks for.
pub(super) const FIELDS: &[CredentialField] = &[
    CredentialField::new("accountSid", "Account SID")
        .required()
        .placeholder("AC…")
        .help("Twilio Console, Account Dashboard, Account Info. Starts with AC."),
    CredentialField::new("authToken", "Auth Token")
        .kind(FieldKind::Password)
        .placeholder("32 letters and digits")
        .help("Twilio Console, Account Dashboard, Account Info, Show. Or leave it empty and give an API key."),
    CredentialField::new("apiKey", "API Key SID")
        .placeholder("SK…")
        .help("Instead of the auth token: Twilio Console, Account, API keys & tokens. Starts with SK."),
    CredentialField::new("apiSecret", "API Key Secret")
        .kind(FieldKind::Password)
        .help("Shown once, when the API key is made."),
    CredentialField::new("phoneNumber", "Phone Number")
        .kind(FieldKind::Phone)
        .placeholder("+14155551234")
        .help("The number that texts and calls come from, with + and country code: Phone Numbers, Active numbers."),
];

/// Twilio's credentials.
impl Credentials {
    /// Opens an account with its auth token. More is added with [`phone_number`](Self::phone_number) and
    /// [`api_key`](Self::api_key).
    ///
    /// ```
    /// use switchboard::Credentials;
    ///
    /// let credentials = Credentials::twilio("AC0123456789abcdef0123456789abcdef", "the auth token")
    ///     .phone_number("+14155550100");
    /// assert!(!format!("{credentials:?}").contains("the auth token"));
    /// ```
    #[must_use]
    pub fn twilio(account_sid: impl Into<String>, auth_token: impl Into<String>) -> Self {
        Self::new().set_public("accountSid", account_sid.into()).set("authToken", auth_token.into())
    }

    /// Sets the number that texts and calls come from, where a request names none.
    #[must_use]
    pub fn phone_number(self, number: impl Into<String>) -> Self {
        self.set("phoneNumber", number.into())
    }

    /// Authenticates with an API key instead of the auth token. The key may be revoked alone, and may not read
    /// `/Accounts` or `/Keys`.
    #[must_use]
    pub fn api_key(self, sid: impl Into<String>, secret: impl Into<String>) -> Self {
        self.set_public("apiKey", sid.into()).set("apiSecret", secret.into())
    }

    /// Reads `TWILIO_ACCOUNT_SID`, `TWILIO_AUTH_TOKEN`, `TWILIO_API_KEY`, `TWILIO_API_SECRET` and
    /// `TWILIO_PHONE_NUMBER` from the environment, and checks them.
    ///
    /// # Errors
    /// `INVALID_CREDENTIALS`, naming the variable that is missing or wrong.
    pub fn twilio_from_env() -> Result<Self, ProviderError> {
        let variables = [
            ("accountSid", "TWILIO_ACCOUNT_SID", true),
            ("authToken", "TWILIO_AUTH_TOKEN", false),
            ("apiKey", "TWILIO_API_KEY", true),
            ("apiSecret", "TWILIO_API_SECRET", false),
            ("phoneNumber", "TWILIO_PHONE_NUMBER", false),
        ];
        let mut credentials = Self::new();
        for (name, variable, public) in variables {
            match env::var(variable) {
                Ok(value) if value.is_empty() => {}
                Ok(value) if public => credentials = credentials.set_public(name, value),
                Ok(value) => credentials = credentials.set(name, value),
                Err(env::VarError::NotPresent) => {}
                Err(env::VarError::NotUnicode(_)) => {
                    return Err(ProviderError::invalid_credentials(format!("{variable} is not valid UTF-8")));
                }
            }
        }
        if ACCOUNT_SID.of(&credentials).is_none() {
            return Err(ProviderError::invalid_credentials(
                "TWILIO_ACCOUNT_SID is not set: set it, and TWILIO_AUTH_TOKEN (or TWILIO_API_KEY and TWILIO_API_SECRET)",
            ));
        }
        Login::of(&credentials)?;
        Ok(credentials)
    }
}

impl Names {
    fn of<'c>(&self, credentials: &'c Credentials) -> Option<&'c str> {
        self.0.iter().find_map(|name| credentials.get(name)).filter(|value| !value.is_empty())
    }
}

/// Credentials, checked: what a request needs of them.
pub(crate) struct Login<'c> {
    pub(crate) account_sid: &'c str,
    pub(crate) username: &'c str,
    pub(crate) password: &'c str,
    pub(crate) phone_number: Option<&'c str>,
}

impl<'c> Login<'c> {
    /// Checks the form of credentials. An API key is preferred where there is one.
    ///
    /// # Errors
    /// `INVALID_CREDENTIALS`, with a message for the person who typed them. No value is quoted.
    pub(crate) fn of(credentials: &'c Credentials) -> Result<Self, ProviderError> {
        let account_sid = ACCOUNT_SID.of(credentials).ok_or_else(|| bad("Account SID is missing"))?;
        check_sid("Account SID", "AC", account_sid)?;
        let (username, password) = match (API_KEY.of(credentials), API_SECRET.of(credentials)) {
            (Some(key), Some(secret)) => {
                check_sid("API Key SID", "SK", key)?;
                check_pasted("API Key Secret", secret)?;
                (key, secret)
            }
            (Some(_), None) => {
                return Err(bad("API Key Secret is missing: it is shown once, when the key is made"));
            }
            (None, Some(_)) => return Err(bad("API Key SID is missing: it starts with \"SK\"")),
            (None, None) => {
                let token = AUTH_TOKEN.of(credentials);
                let token =
                    token.ok_or_else(|| bad("Auth Token is missing (or an API Key SID and its secret)"))?;
                check_pasted("Auth Token", token)?;
                (account_sid, token)
            }
        };
        let phone_number = PHONE_NUMBER.of(credentials);
        if let Some(number) = phone_number {
            Address::parse(number).map_err(|error| bad(&format!("Phone Number: {error}")))?;
        }
        Ok(Self { account_sid, username, password, phone_number })
    }
}

fn bad(message: &str) -> ProviderError {
    ProviderError::invalid_credentials(message)
}

fn check_sid(what: &str, prefix: &str, value: &str) -> Result<(), ProviderError> {
    check_pasted(what, value)?;
    let rule = format!("{what} must start with \"{prefix}\" and have 34 characters");
    let hint = if !value.starts_with(prefix) {
        match value.get(..2) {
            Some("SK") => "; this one starts with \"SK\": it is an API Key SID",
            Some("AC") => "; this one starts with \"AC\": it is an Account SID",
            _ => "",
        }
    } else if value.len() == 34 && !sid::is_sid(value) {
        ", 32 of them 0-9 and a-f"
    } else {
        ""
    };
    if sid::is_sid(value) && value.starts_with(prefix) { Ok(()) } else { Err(bad(&format!("{rule}{hint}"))) }
}

/// What goes wrong when people paste.
fn check_pasted(what: &str, value: &str) -> Result<(), ProviderError> {
    if value.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(bad(&format!("{what} has spaces or line breaks in it: paste it again without them")));
    }
    if is_placeholder(value) {
        return Err(bad(&format!(
            "{what} is still a placeholder: put the value from Twilio's Console in its place"
        )));
    }
    Ok(())
}

fn is_placeholder(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let words =
        ["your", "placeholder", "changeme", "change_me", "replace", "example", "auth_token", "account_sid"];
    let repeated =
        |tail: &str| tail.len() >= 4 && tail.chars().all(|c| matches!(c, 'x' | '*' | '.' | '…' | '?'));
    let tail = lower.strip_prefix("ac").or_else(|| lower.strip_prefix("sk")).unwrap_or(&lower);
    words.iter().any(|word| lower.contains(word))
        || lower.contains("xxxx")
        || repeated(tail)
        || lower.starts_with('<')
        || lower.starts_with("${")
        || lower.starts_with("{{")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const AC: &str = "AC0123456789abcdef0123456789abcdef";
    const SK: &str = "SK0123456789abcdef0123456789abcdef";

    fn problem(credentials: &Credentials) -> String {
        match Login::of(credentials) {
            Ok(_) => String::new(),
            Err(error) => error.message().to_owned(),
        }
    }

    #[test]
    fn good_ones_pass() {
        let token = Credentials::twilio(AC, "f0e1").phone_number("+14155550100");
        let login = Login::of(&token).unwrap();
        assert_eq!((login.username, login.password), (AC, "f0e1"));
        let key = Credentials::twilio(AC, "").api_key(SK, "s3cret");
        let login = Login::of(&key).unwrap();
        assert_eq!((login.account_sid, login.username), (AC, SK));
    }

    #[test]
    fn each_mistake_has_its_own_message_and_quotes_no_secret() {
        let cases = [
            (Credentials::new(), "Account SID is missing"),
            (Credentials::twilio("XX1", "t"), "Account SID must start with \"AC\" and have 34 characters"),
            (Credentials::twilio("AC123", "t"), "Account SID must start with \"AC\" and have 34 characters"),
            (Credentials::twilio(SK, "t"), "it is an API Key SID"),
            (Credentials::twilio(format!("{AC}\n"), "t"), "spaces or line breaks"),
            (Credentials::twilio("ACxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "t"), "still a placeholder"),
            (Credentials::twilio("AC…", "t"), "34 characters"),
            (Credentials::twilio(AC, ""), "Auth Token is missing"),
            (Credentials::twilio(AC, "your_auth_token_here"), "Auth Token is still a placeholder"),
            (Credentials::twilio(AC, " tok"), "Auth Token has spaces"),
            (Credentials::twilio(AC, "t").api_key(SK, ""), "API Key Secret is missing"),
            (Credentials::twilio(AC, "t").api_key(AC, "s"), "API Key SID must start with \"SK\""),
            (Credentials::twilio(AC, "t").phone_number("4155551234"), "does not start with \"+\""),
        ];
        for (credentials, expected) in cases {
            let message = problem(&credentials);
            assert!(message.contains(expected), "{message:?} lacks {expected:?}");
            assert!(!message.contains("your_auth"), "{message}");
        }
    }

    #[test]
    fn the_spellings_of_dashboards_are_read() {
        for json in [
            json!({"accountSid": AC, "authToken": "t1", "phoneNumber": "+14155550100"}),
            json!({"twilio_account_sid": AC, "twilio_auth_token": "t1", "twilio_phone_number": "+14155550100"}),
            json!({"apiKeys": {"twilioAccountSid": AC, "twilioAuthToken": "t1", "twilioPhoneNumber": "+14155550100"}}),
            json!({"apiKeys": {"twilio": {"accountSid": AC, "authToken": "t1", "phoneNumber": "+14155550100"}}}),
            json!({"TWILIO_ACCOUNT_SID": AC, "TWILIO_AUTH_TOKEN": "t1", "TWILIO_PHONE_NUMBER": "+14155550100"}),
        ] {
            let credentials = Credentials::from_json(&json).unwrap();
            let login = Login::of(&credentials).unwrap();
            assert_eq!(
                (login.account_sid, login.password, login.phone_number),
                (AC, "t1", Some("+14155550100"))
            );
        }
    }
}
