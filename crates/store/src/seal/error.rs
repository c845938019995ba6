use std::sync::Arc;

/// Why a value could not be sealed or opened. No message holds a key, a plain text or a sealed one.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The value was sealed with a key that is not there.
    #[error("key `{key_id}` is missing: add it to the keys again, behind the first one; nothing was changed")]
    MissingKey {
        /// The id of the key.
        key_id: String,
    },
    /// Values were sealed with keys that are not there.
    #[error("{}; nothing was changed: add these keys again, behind the first one", missing(.keys))]
    MissingKeys {
        /// The id of each key, and how many values are sealed with it.
        keys: Vec<(String, u64)>,
    },
    /// The value does not open with its key.
    #[error(
        "the value does not open with key `{key_id}`: it was changed, or moved from another row, or this key has \
         other bytes than the one of that id that sealed it"
    )]
    Refused {
        /// The id of the key.
        key_id: String,
    },
    /// The text is not a sealed value.
    #[error("the text is not a sealed value: expected sb1.<key id>.<base64>")]
    NotSealed,
    /// No keys were given.
    #[error(
        "there is no key: set SWITCHBOARD_KEYS=\"<id>:<base64 of 32 bytes>\", or SWITCHBOARD_KEYS_FILE to the path of \
         a file with that text; `openssl rand -base64 32` makes one"
    )]
    NoKeys,
    /// Both environment variables are set.
    #[error("both SWITCHBOARD_KEYS and SWITCHBOARD_KEYS_FILE are set: unset one of them")]
    TwoSources,
    /// The file of `SWITCHBOARD_KEYS_FILE` cannot be read.
    #[error("the file that SWITCHBOARD_KEYS_FILE names cannot be read: {kind}")]
    Unreadable {
        /// The reason.
        kind: std::io::ErrorKind,
    },
    /// One of the keys is not written as `<id>:<base64 of 32 bytes>`.
    #[error("key number {position} {problem}: write <id>:<base64 of 32 bytes>, separated by commas or lines")]
    BadKey {
        /// Its place in the list, from 1.
        position: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The operating system has no random bytes.
    #[error("the operating system gives no random bytes")]
    NoRandom,
    /// The service of another [`Sealer`](super::Sealer) failed.
    #[error("the service that seals failed: {0}")]
    Service(Arc<dyn std::error::Error + Send + Sync>),
}

impl SealError {
    /// Wraps the error of a service. Its text may be logged, so it must not hold a key or a plain text.
    pub fn service(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Service(Arc::from(error.into()))
    }
}

fn missing(keys: &[(String, u64)]) -> String {
    let each =
        keys.iter().map(|(key, values)| format!("key `{key}` is missing, which sealed {values} values"));
    each.collect::<Vec<_>>().join(", ")
}
