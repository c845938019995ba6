//! Twilio's credentials, and the error messages for people who mistyped them.

use std::env;

use serde_json::Value;

use super::error::invalid_credentials;
use super::session::Senders;
use super::sid;
use crate::phone::Address;
use crate::provider::{CredentialField, Credentials, FieldKind, ProviderError};
use crate::secret::Secret;

/// A value: what people call it, and the names it is known by, without Twilio's own before them. Case, `_` and `-` do
/// not matter.
struct Item {
    label: &'static str,
    names: &'static [&'static str],
}

const ACCOUNT_SID: Item = Item { label: "Account SID", names: &["accountSid"] };
const AUTH_TOKEN: Item = Item { label: "Auth Token", names: &["authToken"] };
const API_KEY: Item = Item { label: "API Key SID", names: &["apiKey", "apiKeySid"] };
const API_SECRET: Item = Item { label: "API Key Secret", names: &["apiSecret", "apiKeySecret"] };
const PHONE_NUMBER: Item = Item { label: "Phone Number", names: &["phoneNumber", "fromNumber"] };
const DEFAULT_FROM: Item = Item { label: "Default From", names: &["defaultFrom"] };
const MESSAGING_SERVICE: Item = Item { label: "Messaging Service SID", names: &["messagingServiceSid"] };

/// How many characters an auth token has.
const AUTH_TOKEN_LENGTH: usize = 32;

/// What a credentials form asks for.
pub(super) const FIELDS: &[CredentialField] = &[
    CredentialField::new("accountSid", "Account SID")
        .required()
        .placeholder("ACxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")
        .help_text("Starts with AC, 34 characters"),
    CredentialField::new("authToken", "Auth Token")
        .kind(FieldKind::Password)
        .required()
        .help_text("32-character secret token"),
    CredentialField::new("phoneNumber", "Phone Number")
        .required()
        .placeholder("+15551234567")
        .help_text("Your Twilio phone number (with country code)"),
    CredentialField::new("apiKey", "API Key SID")
        .placeholder("SKxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")
        .help_text("Starts with SK, 34 characters. Twilio Console, Account, API keys & tokens")
        .instead_of("authToken")
        .advanced(),
    CredentialField::new("apiSecret", "API Key Secret")
        .kind(FieldKind::Password)
        .help_text("Shown once, when the API key is made")
        .instead_of("authToken")
        .advanced(),
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

    /// Sets the sender of texts for requests that name none, in place of the phone number: a number, a short code, a
    /// sender name. Calls come from the phone number.
    #[must_use]
    pub fn default_from(self, sender: impl Into<String>) -> Self {
        self.set("defaultFrom", sender.into())
    }

    /// Sets the messaging service, `MG…`, that sends texts where neither the request nor the credentials name a sender.
    #[must_use]
    pub fn messaging_service(self, sid: impl Into<String>) -> Self {
        self.set_public("messagingServiceSid", sid.into())
    }

    /// Authenticates with an API key instead of the auth token. The key may be revoked alone, and may not read
    /// `/Accounts` or `/Keys`.
    #[must_use]
    pub fn api_key(self, sid: impl Into<String>, secret: impl Into<String>) -> Self {
        self.set_public("apiKey", sid.into()).set("apiSecret", secret.into())
    }

    /// Reads `TWILIO_ACCOUNT_SID`, `TWILIO_AUTH_TOKEN`, `TWILIO_API_KEY`, `TWILIO_API_SECRET`, `TWILIO_PHONE_NUMBER` and
    /// `TWILIO_MESSAGING_SERVICE_SID` from the environment, and checks them.
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
            ("messagingServiceSid", "TWILIO_MESSAGING_SERVICE_SID", true),
        ];
        let mut credentials = Self::new();
        for (name, variable, public) in variables {
            match env::var(variable) {
                Ok(value) if value.is_empty() => {}
                Ok(value) if public => credentials = credentials.set_public(name, value),
                Ok(value) => credentials = credentials.set(name, value),
                Err(env::VarError::NotPresent) => {}
                Err(env::VarError::NotUnicode(_)) => {
                    return Err(invalid_credentials(format!("{variable} is not valid UTF-8")));
                }
            }
        }
        if credentials.get("accountSid").is_none() {
            return Err(invalid_credentials(
                "TWILIO_ACCOUNT_SID is not set: set it, and TWILIO_AUTH_TOKEN (or TWILIO_API_KEY and TWILIO_API_SECRET)",
            ));
        }
        Login::of(&credentials)?;
        Ok(credentials)
    }
}

impl Item {
    fn of(&self, credentials: &Credentials) -> Result<Option<Secret>, ProviderError> {
        for name in self.names {
            match credentials.get_json(name) {
                None => {}
                Some(Value::String(text)) if text.is_empty() => {}
                Some(Value::String(text)) => return Ok(Some(Secret::new(text))),
                Some(_) => return Err(bad(&format!("{} must be a text, in quotes", self.label))),
            }
        }
        Ok(None)
    }
}

/// Credentials, checked: what a request needs of them.
#[derive(Debug)]
pub(crate) struct Login {
    pub(crate) account_sid: String,
    pub(crate) username: String,
    pub(crate) password: Secret,
    pub(super) senders: Senders,
}

impl Login {
    /// Checks the form of credentials. An API key is preferred where there is a whole one.
    ///
    /// # Errors
    /// `INVALID_CREDENTIALS`, with a message for the person who typed them. No value is quoted.
    pub(crate) fn of(credentials: &Credentials) -> Result<Self, ProviderError> {
        let own = credentials.of_provider("twilio");
        let account_sid = ACCOUNT_SID.of(&own)?.ok_or_else(|| bad("Account SID is missing"))?;
        check_sid(&ACCOUNT_SID, "AC", account_sid.expose())?;
        let account_sid = account_sid.expose().to_owned();
        let (username, password) = match (API_KEY.of(&own)?, API_SECRET.of(&own)?, AUTH_TOKEN.of(&own)?) {
            (Some(key), Some(secret), _) => {
                check_sid(&API_KEY, "SK", key.expose())?;
                check_pasted(&API_SECRET, secret.expose())?;
                (key.expose().to_owned(), secret)
            }
            // An incomplete API key does not prevent the use of a complete auth token.
            (_, _, Some(token)) => {
                check_token(token.expose())?;
                (account_sid.clone(), token)
            }
            (Some(_), None, None) => {
                return Err(bad("API Key Secret is missing: it is shown once, when the key is made"));
            }
            (None, Some(_), None) => return Err(bad("API Key SID is missing: it starts with \"SK\"")),
            (None, None, None) => {
                return Err(bad("Auth Token is missing (or an API Key SID and its secret)"));
            }
        };
        Ok(Self { account_sid, username, password, senders: senders(&own)? })
    }
}

/// The senders for requests that name none: texts come from `defaultFrom`, calls from the phone number, and each is
/// used for the other where only one is set. The messaging service is used where neither is set.
fn senders(own: &Credentials) -> Result<Senders, ProviderError> {
    let sender =
        |item: &Item| item.of(own)?.map(|number| check_number(item.label, number.expose())).transpose();
    let (number, default) = (sender(&PHONE_NUMBER)?, sender(&DEFAULT_FROM)?);
    let service = MESSAGING_SERVICE.of(own)?;
    if let Some(sid) = &service {
        check_sid(&MESSAGING_SERVICE, "MG", sid.expose())?;
    }
    Ok(Senders {
        caller: number.clone().or_else(|| default.clone()),
        from: default.or(number),
        messaging_service_sid: service.map(|sid| sid.expose().to_owned()),
    })
}

/// The auth token, which alone verifies what Twilio sends.
#[cfg(feature = "webhook")]
pub(crate) fn auth_token(credentials: &Credentials) -> Result<Secret, ProviderError> {
    let own = credentials.of_provider("twilio");
    let sid = ACCOUNT_SID.of(&own)?.ok_or_else(|| bad("Account SID is missing"))?;
    check_sid(&ACCOUNT_SID, "AC", sid.expose())?;
    let token = AUTH_TOKEN.of(&own)?.ok_or_else(|| {
        bad("Auth Token is missing: an API key opens the API, but webhooks are signed with the auth token")
    })?;
    check_pasted(&AUTH_TOKEN, token.expose())?;
    Ok(token)
}

fn bad(message: &str) -> ProviderError {
    invalid_credentials(message)
}

fn check_number(label: &str, number: &str) -> Result<Address, ProviderError> {
    if is_placeholder(number) || number.to_ascii_lowercase().contains("xxxx") {
        return Err(still_a_placeholder(label));
    }
    Address::parse(number).map_err(|error| bad(&format!("{label}: {error}")))
}

/// Checks an auth token that opens an account. One that only verifies webhooks may be of any length: a proxy may sign
/// with a key of its own.
fn check_token(token: &str) -> Result<(), ProviderError> {
    check_pasted(&AUTH_TOKEN, token)?;
    if token.chars().count() == AUTH_TOKEN_LENGTH {
        return Ok(());
    }
    // Dashboards show this sentence, and people search for it.
    Err(bad("Invalid Auth Token format. Should be 32 characters"))
}

fn check_sid(item: &Item, prefix: &str, value: &str) -> Result<(), ProviderError> {
    check_pasted(item, value)?;
    if sid::is_sid(value) && value.starts_with(prefix) {
        return Ok(());
    }
    let lower = value.to_ascii_lowercase();
    if ["xxxx", "your", "example"].iter().any(|word| lower.contains(word)) {
        return Err(still_a_placeholder(item.label));
    }
    let hint = match value.get(..2) {
        Some(start) if start == prefix && value.len() == 34 => ", 32 of them 0-9 and a-f",
        Some(start) if start == prefix => "",
        Some("SK") => "; this one starts with \"SK\": it is an API Key SID",
        Some("AC") => "; this one starts with \"AC\": it is an Account SID",
        _ => "",
    };
    Err(bad(&format!("{} must start with \"{prefix}\" and have 34 characters{hint}", item.label)))
}

/// What goes wrong when people paste.
fn check_pasted(item: &Item, value: &str) -> Result<(), ProviderError> {
    let invisible = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}');
    if value.chars().any(|c| c.is_whitespace() || c.is_control() || invisible(c)) {
        return Err(bad(&format!(
            "{} has spaces, line breaks or invisible characters in it: paste it again without them",
            item.label
        )));
    }
    if is_placeholder(value) { Err(still_a_placeholder(item.label)) } else { Ok(()) }
}

fn still_a_placeholder(label: &str) -> ProviderError {
    bad(&format!("{label} is still a placeholder: put the value from Twilio's Console in its place"))
}

/// Is the whole text a placeholder as documentation writes it? Only the whole text is compared, because a real secret
/// may contain such a word.
fn is_placeholder(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let openings = ["your_", "your-", "my_", "<", "${", "{{", "[", "%"];
    let words = ["your", "changeme", "change_me", "change-me", "placeholder", "replace_me", "replaceme"];
    let names =
        ["auth_token", "authtoken", "auth-token", "twilio_auth_token", "account_sid", "api_secret", "secret"];
    let tail = lower.strip_prefix("ac").or_else(|| lower.strip_prefix("sk")).unwrap_or(&lower);
    let filler = |c: char| matches!(c, 'x' | '*' | '.' | '…' | '?' | '-' | '_');
    openings.iter().any(|opening| lower.starts_with(opening))
        || words.contains(&lower.as_str())
        || names.contains(&lower.as_str())
        || (tail.chars().count() >= 4 && tail.chars().all(filler))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const AC: &str = "AC0123456789abcdef0123456789abcdef";
    const TOKEN: &str = "fedcba9876543210fedcba9876543210";
    const SK: &str = "SK0123456789abcdef0123456789abcdef";

    fn problem(credentials: &Credentials) -> String {
        match Login::of(credentials) {
            Ok(_) => String::new(),
            Err(error) => error.message().to_owned(),
        }
    }

    #[test]
    fn good_ones_pass() {
        let token = Credentials::twilio(AC, TOKEN).phone_number("+14155550100");
        let login = Login::of(&token).unwrap();
        assert_eq!((login.username.as_str(), login.password.expose()), (AC, TOKEN));
        let key = Credentials::twilio(AC, "").api_key(SK, "s3cret");
        let login = Login::of(&key).unwrap();
        assert_eq!((login.account_sid.as_str(), login.username.as_str()), (AC, SK));
        for secret in ["test_auth_token", "secret-example", "aYouRsecret0xxxx1"] {
            let key = Credentials::twilio(AC, "short").api_key(SK, secret);
            assert!(Login::of(&key).is_ok(), "an API secret has any length, and beats the token: {secret}");
        }
        let half_a_key = Credentials::twilio(AC, TOKEN).set("apiSecret", "left over");
        assert_eq!(Login::of(&half_a_key).unwrap().username, AC);
    }

    #[test]
    fn each_mistake_has_its_own_message_and_quotes_no_secret() {
        let cases = [
            (Credentials::new(), "Account SID is missing"),
            (Credentials::twilio("XX1", "t"), "Account SID must start with \"AC\" and have 34 characters"),
            (Credentials::twilio("AC123", "t"), "Account SID must start with \"AC\" and have 34 characters"),
            (Credentials::twilio(SK, "t"), "it is an API Key SID"),
            (Credentials::twilio(format!("{AC}\n"), "t"), "line breaks"),
            (Credentials::twilio("ACxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "t"), "still a placeholder"),
            (Credentials::twilio("AC…", "t"), "34 characters"),
            (Credentials::twilio(AC, "[AuthToken]"), "still a placeholder"),
            (Credentials::twilio(AC, "tok\u{200b}en"), "invisible characters"),
            (Credentials::twilio(AC, TOKEN).phone_number("your_number"), "still a placeholder"),
            (Credentials::twilio(AC, TOKEN).phone_number("+1XXXXXXXXXX"), "still a placeholder"),
            (
                Credentials::twilio(AC, TOKEN).default_from("your_number"),
                "Default From is still a placeholder",
            ),
            (
                Credentials::twilio(AC, TOKEN).messaging_service("MG1"),
                "Messaging Service SID must start with \"MG\"",
            ),
            (Credentials::twilio(AC, ""), "Auth Token is missing"),
            (Credentials::twilio(AC, "0123"), "Invalid Auth Token format. Should be 32 characters"),
            (
                Credentials::twilio(AC, format!("{TOKEN}0")),
                "Invalid Auth Token format. Should be 32 characters",
            ),
            (Credentials::twilio(AC, "your_auth_token_here"), "Auth Token is still a placeholder"),
            (Credentials::twilio(AC, " tok"), "Auth Token has spaces"),
            (Credentials::twilio(AC, "").api_key(SK, ""), "API Key Secret is missing"),
            (Credentials::twilio(AC, TOKEN).api_key(AC, "s"), "API Key SID must start with \"SK\""),
            (Credentials::twilio(AC, TOKEN).phone_number("4155551234"), "does not start with \"+\""),
        ];
        for (credentials, expected) in cases {
            let message = problem(&credentials);
            assert!(message.contains(expected), "{message:?} lacks {expected:?}");
            assert!(!message.contains("your_auth"), "{message}");
        }
    }

    #[test]
    fn a_value_of_another_type_is_told_and_not_lost() {
        let json = json!({"accountSid": AC, "authToken": TOKEN, "phoneNumber": 14155550100_u64});
        assert!(problem(&Credentials::from_json(&json).unwrap()).contains("Phone Number must be a text"));
    }

    #[test]
    fn the_spellings_of_dashboards_are_read() {
        for json in [
            json!({"accountSid": AC, "authToken": TOKEN, "phoneNumber": "+14155550100"}),
            json!({"twilio_account_sid": AC, "twilio_auth_token": TOKEN, "twilio_phone_number": "+14155550100"}),
            json!({"apiKeys": {"twilioAccountSid": AC, "twilioAuthToken": TOKEN, "twilioPhoneNumber": "+14155550100"}}),
            json!({"apiKeys": {"twilio": {"accountSid": AC, "authToken": TOKEN, "phoneNumber": "+14155550100"}}}),
            json!({"TWILIO_ACCOUNT_SID": AC, "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_PHONE_NUMBER": "+14155550100"}),
        ] {
            let credentials = Credentials::from_json(&json).unwrap();
            let login = Login::of(&credentials).unwrap();
            assert_eq!((login.account_sid.as_str(), login.password.expose()), (AC, TOKEN));
            assert_eq!(login.senders.from, Some("+14155550100".into()));
        }
    }

    #[test]
    fn the_credentials_senders_stand_in_for_each_other() {
        let senders = |credentials: &Credentials| {
            let senders = Login::of(credentials).unwrap().senders;
            let text = |address: Option<Address>| address.map(|address| address.to_string());
            (text(senders.from), text(senders.caller), senders.messaging_service_sid)
        };
        let (number, name, mg) = ("+14155550100", "ACME", "MG0123456789abcdef0123456789abcdef");
        let some = |text: &str| Some(text.to_owned());
        let plain = || Credentials::twilio(AC, TOKEN);
        assert_eq!(senders(&plain()), (None, None, None));
        assert_eq!(senders(&plain().phone_number(number)), (some(number), some(number), None));
        assert_eq!(senders(&plain().default_from(name)), (some(name), some(name), None));
        let all = plain().phone_number(number).default_from(name).messaging_service(mg);
        assert_eq!(senders(&all), (some(name), some(number), some(mg)));
        let json = json!({"accountSid": AC, "authToken": TOKEN, "default_from": number, "messaging_service_sid": mg});
        let stored = Credentials::from_json(&json).unwrap();
        assert_eq!(senders(&stored), (some(number), some(number), some(mg)));
    }

    #[cfg(feature = "webhook")]
    #[test]
    fn a_token_that_only_verifies_webhooks_has_any_length() {
        let token =
            auth_token(&Credentials::twilio(AC, "a key shared with a proxy".replace(' ', "-"))).unwrap();
        assert_eq!(token.expose(), "a-key-shared-with-a-proxy");
    }
}
