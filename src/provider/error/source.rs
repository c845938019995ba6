//! Serialises the underlying error as its text and the texts of its causes, because the error itself cannot be serialised.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serializer};

type Source = Arc<dyn StdError + Send + Sync>;

pub(super) fn serialize<S: Serializer>(source: &Option<Source>, serializer: S) -> Result<S::Ok, S::Error> {
    let first: Option<&dyn StdError> = source.as_deref().map(|source| source as _);
    serializer.collect_seq(chain(first).map(ToString::to_string))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Source>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let stored = texts.into_iter().rev().fold(None, |cause, text| Some(Box::new(Stored { text, cause })));
    Ok(stored.map(|stored| Arc::new(*stored) as Source))
}

/// Iterates over an error and its chain of causes.
pub(super) fn chain<'a>(
    first: Option<&'a (dyn StdError + 'static)>,
) -> impl Iterator<Item = &'a dyn StdError> {
    std::iter::successors(first, |&error| error.source()).map(|error| error as _)
}

/// An error that was deserialised from its text.
#[derive(Debug)]
struct Stored {
    text: String,
    cause: Option<Box<Stored>>,
}

impl fmt::Display for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl StdError for Stored {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.cause.as_deref().map(|cause| cause as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::{ErrorCode, Outcome, ProviderError};

    #[derive(Debug, thiserror::Error)]
    #[error("no route")]
    struct Outer(#[source] std::io::Error);

    #[test]
    fn a_chain_of_causes_is_read_back_as_its_texts() {
        let refused = std::io::Error::other("connection refused");
        let error =
            ProviderError::new(ErrorCode::NetworkError, Outcome::NotApplied).with_source(Outer(refused));
        let json = serde_json::to_value(&error).unwrap();
        assert_eq!(json["source"], serde_json::json!(["no route", "connection refused"]));
        let stored: ProviderError = serde_json::from_value(json.clone()).unwrap();
        let texts: Vec<String> = chain(stored.source()).map(ToString::to_string).collect();
        assert_eq!(texts, ["no route", "connection refused"]);
        assert_eq!(serde_json::to_value(&stored).unwrap(), json);
    }
}
