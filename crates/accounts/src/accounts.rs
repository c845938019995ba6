//! The list of accounts.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use switchboard::Credentials;
use switchboard::twilio::{TwilioAccount, TwilioAdapter};

use crate::entry::{Entry, Source};
use crate::file::{self, Values, Webhooks, is_placeholder};
use crate::secret::SecretRef;
use crate::{AccountsError, Places, trust};

/// The name of the account of the plain variables `TWILIO_ACCOUNT_SID` and `TWILIO_AUTH_TOKEN`.
const ENVIRONMENT: &str = "environment";

/// Named accounts: those of the user's file, then those of the working folder's file if the user trusts it, then those of the
/// environment. `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct Accounts {
    places: Places,
    entries: BTreeMap<String, Entry>,
    webhooks: Webhooks,
    default: Option<String>,
    untrusted: Option<PathBuf>,
}

impl Accounts {
    /// Reads the accounts of the user: see [`Places::of_user`].
    ///
    /// # Errors
    /// As [`load_from`](Self::load_from); [`AccountsError::NoFolder`].
    pub fn load() -> Result<Self, AccountsError> {
        Self::load_from(Places::of_user()?)
    }

    /// Reads the accounts of these places. No secret is read yet, and no command is run.
    ///
    /// # Errors
    /// [`AccountsError`] if a file cannot be used. An untrusted one is not read: see [`untrusted`](Self::untrusted).
    pub fn load_from(places: Places) -> Result<Self, AccountsError> {
        let (entries, webhooks) = (BTreeMap::new(), Webhooks::default());
        let mut accounts = Self { places, entries, webhooks, default: None, untrusted: None };
        let user = accounts.places.user_file();
        if let Some(opened) = file::open(&user)? {
            let content = opened.content(&user)?;
            accounts.webhooks = content.webhooks;
            accounts.default = content.default;
            accounts.add(content.accounts, &Source::User(user));
        }
        // Before the project's, so that no file of a folder takes its name.
        accounts.add_environment();
        accounts.add_project()?;
        accounts.override_by_environment()?;
        Ok(accounts)
    }

    fn add(&mut self, accounts: BTreeMap<String, Values>, source: &Source) {
        for (name, values) in accounts {
            let (key, source) = (name.clone(), source.clone());
            // A name of the user's own file always means the user's account.
            self.entries.entry(key).or_insert(Entry { name, values, source, overrides: Vec::new() });
        }
    }

    fn add_project(&mut self) -> Result<(), AccountsError> {
        let Some(path) = self.places.project_file() else { return Ok(()) };
        // What somebody else has put into the folder must not stop the user's own accounts.
        let opened = match file::open(&path) {
            Ok(Some(opened)) => opened,
            Ok(None) => return Ok(()),
            Err(_) => {
                self.untrusted = Some(path);
                return Ok(());
            }
        };
        if trust::is_trusted(&self.places, &path, &opened)? {
            let content = opened.content(&path)?;
            self.add(content.accounts, &Source::Project(path));
        } else {
            self.untrusted = Some(path);
        }
        Ok(())
    }

    fn override_by_environment(&mut self) -> Result<(), AccountsError> {
        for entry in self.entries.values_mut() {
            let suffix = suffix(&entry.name);
            let [sid, token] =
                ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"].map(|name| format!("{name}_{suffix}"));
            if let Some(value) = self.places.get(&sid) {
                let is_same = entry.values.account_sid.as_deref() == Some(value);
                if !is_same && self.places.get(&token).is_none() {
                    return Err(AccountsError::Value {
                        account: entry.name.clone(),
                        what: format!("`{sid}` names another account: set `{token}`, too, or remove it"),
                        source_name: Source::Environment.to_string(),
                    });
                }
                if !is_same {
                    entry.values =
                        Values { description: entry.values.description.take(), ..Values::default() };
                }
                entry.values.account_sid = Some(value.to_owned());
                entry.overrides.push(sid);
            }
            if let Some(value) = self.places.get(&token) {
                entry.values.auth_token = Some(SecretRef::literal(value));
                entry.overrides.push(token);
            }
        }
        Ok(())
    }

    /// The account of the plain variables, if no file has one of this name.
    fn add_environment(&mut self) {
        let get = |name: &str| self.places.get(name).map(str::to_owned);
        let Some(sid) = get("TWILIO_ACCOUNT_SID") else { return };
        let secret = |name: &str| self.places.get(name).map(SecretRef::literal);
        let values = Values {
            account_sid: Some(sid),
            auth_token: secret("TWILIO_AUTH_TOKEN"),
            api_key: get("TWILIO_API_KEY"),
            api_secret: secret("TWILIO_API_SECRET"),
            default_from: get("TWILIO_PHONE_NUMBER"),
            messaging_service_sid: get("TWILIO_MESSAGING_SERVICE_SID"),
            ..Values::default()
        };
        self.add(BTreeMap::from([(ENVIRONMENT.to_owned(), values)]), &Source::Environment);
    }

    /// The accounts, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// The account of this name.
    ///
    /// # Errors
    /// [`AccountsError::Unknown`] names those that there are.
    pub fn get(&self, name: &str) -> Result<&Entry, AccountsError> {
        let known = || self.entries.keys().cloned().collect();
        self.entries.get(name).ok_or_else(|| AccountsError::Unknown { name: name.to_owned(), known: known() })
    }

    /// The account that is meant if none is named: the `default` of the user's file, else the only account, else that of the
    /// plain variables `TWILIO_…`. `None` if there is no such one.
    #[must_use]
    pub fn default(&self) -> Option<&Entry> {
        let only = || Some(self.entries.values().next()?).filter(|_| self.entries.len() == 1);
        let of_files = || {
            let mut files = self.entries.values().filter(|entry| matches!(entry.source(), Source::User(_)));
            files.next().filter(|_| files.next().is_none())
        };
        match &self.default {
            Some(name) => self.entries.get(name),
            None => only().or_else(of_files).or_else(|| self.entries.get(ENVIRONMENT)),
        }
    }

    /// The name that the user's file gives as its default, also if there is no such account.
    #[must_use]
    pub fn default_name(&self) -> Option<&str> {
        self.default.as_deref()
    }

    /// The places that they were read from.
    #[must_use]
    pub const fn places(&self) -> &Places {
        &self.places
    }

    /// Where Twilio reports to, as the user's file says.
    #[must_use]
    pub const fn webhooks(&self) -> &Webhooks {
        &self.webhooks
    }

    /// The file of the working folder, if it is there and was not read because the user does not trust it as it is now. See
    /// [`Places::trust`].
    #[must_use]
    pub fn untrusted(&self) -> Option<&Path> {
        self.untrusted.as_deref()
    }

    /// Are there accounts of this file?
    #[must_use]
    pub fn has_file(&self, path: &Path) -> bool {
        self.entries.values().any(|entry| entry.is_of(path))
    }

    /// Reads the secrets of an account, and opens it. Its messaging service sends, else its default sender, else its only
    /// number.
    ///
    /// # Errors
    /// [`AccountsError`] names the value that is missing or wrong. A command has 10 seconds.
    pub async fn open(&self, name: &str, adapter: &TwilioAdapter) -> Result<TwilioAccount, AccountsError> {
        let credentials = self.credentials(name).await?;
        let refused = |error| AccountsError::Refused { account: name.to_owned(), error };
        adapter.account(&credentials).map_err(refused)
    }

    /// Reads the secrets of an account.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn credentials(&self, name: &str) -> Result<Credentials, AccountsError> {
        let entry = self.get(name)?;
        check(entry)?;
        let wrong = |what: &str| value_error(entry, what.to_owned());
        let Values { account_sid, auth_token, api_key, api_secret, .. } = &entry.values;
        let sid = account_sid.as_deref().ok_or_else(|| wrong("`account_sid` is missing"))?;
        let token = match auth_token {
            Some(token) => self.secret(entry, "auth_token", token).await?,
            None => String::new(),
        };
        let mut credentials = Credentials::new().set_public("accountSid", sid);
        if !token.is_empty() {
            credentials = credentials.set("authToken", token);
        }
        match (api_key, api_secret) {
            (Some(key), Some(secret)) => {
                credentials =
                    credentials.api_key(key.as_str(), self.secret(entry, "api_secret", secret).await?);
            }
            (None, None) if credentials.get("authToken").is_some() => {}
            (None, None) => return Err(wrong("`auth_token` is missing")),
            _ => return Err(wrong("`api_key` and `api_secret` belong together: set both")),
        }
        Ok(with_sender(credentials, &entry.values))
    }

    async fn secret(
        &self,
        entry: &Entry,
        field: &'static str,
        secret: &SecretRef,
    ) -> Result<String, AccountsError> {
        let failed = |what| AccountsError::Secret { account: entry.name.clone(), field, what };
        let secret = secret.read(&self.places).await.map_err(failed)?;
        if is_placeholder(secret.expose()) {
            return Err(value_error(
                entry,
                format!("`{field}` still is the one of the template: enter your own"),
            ));
        }
        Ok(secret.expose().to_owned())
    }
}

fn with_sender(credentials: Credentials, values: &Values) -> Credentials {
    let only = match &values.phone_numbers[..] {
        [only] => Some(only),
        _ => None,
    };
    let credentials = match &values.messaging_service_sid {
        Some(service) => credentials.messaging_service(service.as_str()),
        None => credentials,
    };
    match values.default_from.as_ref().or(only) {
        Some(number) => credentials.phone_number(number.as_str()),
        None => credentials,
    }
}

/// The part of a variable's name that names an account: `PRODUCTION`, `MY_SHOP`.
fn suffix(name: &str) -> String {
    let word = |byte: char| if byte.is_ascii_alphanumeric() { byte.to_ascii_uppercase() } else { '_' };
    name.chars().map(word).collect()
}

fn value_error(entry: &Entry, what: String) -> AccountsError {
    AccountsError::Value { account: entry.name.clone(), what, source_name: entry.source.to_string() }
}

/// Nothing of the template may be left.
fn check(entry: &Entry) -> Result<(), AccountsError> {
    let Values {
        account_sid,
        auth_token,
        api_key,
        messaging_service_sid,
        default_from,
        verify_service_sid,
        ..
    } = &entry.values;
    let fields = [
        ("account_sid", account_sid.as_deref()),
        ("auth_token", auth_token.as_ref().and_then(SecretRef::here)),
        ("api_key", api_key.as_deref()),
        ("messaging_service_sid", messaging_service_sid.as_deref()),
        ("default_from", default_from.as_deref()),
        ("verify_service_sid", verify_service_sid.as_deref()),
    ];
    let left = fields.into_iter().filter(|(_, value)| value.is_some_and(is_placeholder));
    let mut left: Vec<String> = left.map(|(field, _)| format!("`{field}`")).collect();
    if entry.values.phone_numbers.iter().any(|number| is_placeholder(number)) {
        left.push("`phone_numbers`".to_owned());
    }
    if left.is_empty() {
        return Ok(());
    }
    let what = format!("{} still have the values of the template: enter your own", left.join(", "));
    Err(value_error(entry, what))
}
