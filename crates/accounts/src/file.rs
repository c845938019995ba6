//! The file of accounts, as the old helper has it.

use std::collections::BTreeMap;
use std::fs::{File, Metadata};
use std::io::Read as _;
use std::path::Path;

use serde::Deserialize;

use crate::AccountsError;
use crate::owner;
use crate::secret::SecretRef;

/// No file of accounts is larger, in bytes.
const LARGEST: u64 = 1024 * 1024;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Content {
    #[serde(default)]
    pub(crate) accounts: BTreeMap<String, Values>,
    #[serde(default)]
    pub(crate) webhooks: Webhooks,
    #[serde(default)]
    pub(crate) default: Option<String>,
}

/// The values of an account.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Values {
    pub(crate) account_sid: Option<String>,
    pub(crate) auth_token: Option<SecretRef>,
    pub(crate) api_key: Option<String>,
    pub(crate) api_secret: Option<SecretRef>,
    pub(crate) description: Option<String>,
    pub(crate) phone_numbers: Vec<String>,
    pub(crate) messaging_service_sid: Option<String>,
    pub(crate) default_from: Option<String>,
    pub(crate) verify_service_sid: Option<String>,
}

/// Where Twilio reports to, for all accounts of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Webhooks {
    /// What became of a text.
    pub sms_status: Option<String>,
    /// What became of a call.
    pub voice_status: Option<String>,
    /// What became of a recording.
    pub recording_status: Option<String>,
    /// The text of a recording.
    pub transcription_callback: Option<String>,
}

/// A file that was read once, so that what was checked is what is used.
pub(crate) struct Opened {
    pub(crate) bytes: Vec<u8>,
    pub(crate) metadata: Metadata,
}

/// Reads a file; `None` if there is none.
pub(crate) fn open(path: &Path) -> Result<Option<Opened>, AccountsError> {
    let failed = |error| AccountsError::File { path: path.to_owned(), error };
    // A pipe or a device could be waited for for ever.
    if std::fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return Err(failed(std::io::Error::other("this is no file")));
    }
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let metadata = file.metadata().map_err(failed)?;
    if metadata.len() > LARGEST {
        return Err(AccountsError::TooLarge { path: path.to_owned(), max: LARGEST });
    }
    let mut bytes = Vec::new();
    (&mut file).take(LARGEST).read_to_end(&mut bytes).map_err(failed)?;
    Ok(Some(Opened { bytes, metadata }))
}

impl Opened {
    /// Reads the accounts. Nobody but the user may be able to change them, or to read secrets that stand in them.
    pub(crate) fn content(&self, path: &Path) -> Result<Content, AccountsError> {
        owner::check(path, &self.metadata)?;
        let content: Content = serde_json::from_slice(&self.bytes).map_err(|error| {
            // Its own message may quote a secret.
            let what = if error.is_data() {
                "a name is not known here, or a value has another type than expected"
            } else {
                "this is not JSON"
            };
            AccountsError::Format { path: path.to_owned(), line: error.line(), column: error.column(), what }
        })?;
        let has_secret = |values: &Values| {
            let secrets = [&values.auth_token, &values.api_secret];
            secrets.into_iter().flatten().filter_map(SecretRef::here).any(|secret| !is_placeholder(secret))
        };
        if owner::others_may_read(&self.metadata) && content.accounts.values().any(has_secret) {
            return Err(AccountsError::Readable { path: path.to_owned() });
        }
        Ok(content)
    }
}

/// Is a value the one of the template?
pub(crate) fn is_placeholder(value: &str) -> bool {
    let rest = value.get(2..).unwrap_or_default();
    value == "your_auth_token_here"
        || ["+1234567890", "+1987654321"].contains(&value)
        || (rest.len() >= 8 && rest.bytes().all(|byte| byte == b'x'))
}
