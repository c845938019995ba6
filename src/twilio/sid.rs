//! SIDs: two letters for the kind of resource, and 32 hexadecimal digits.

use crate::provider::{ProviderError, ProviderName};

/// Is it two capital letters and 32 hexadecimal digits?
pub(crate) fn is_sid(text: &str) -> bool {
    text.len() == 34
        && text.bytes().take(2).all(|b| b.is_ascii_uppercase())
        && text.bytes().skip(2).all(|b| b.is_ascii_hexdigit())
}

/// Checks that a text is a SID of one of these kinds.
///
/// # Errors
/// `INVALID_REQUEST`, naming what was expected. The text itself is not quoted, because it may be a secret.
pub(crate) fn check(text: &str, what: &str, prefixes: &[&str]) -> Result<(), ProviderError> {
    if is_sid(text) && prefixes.iter().any(|prefix| text.starts_with(prefix)) {
        return Ok(());
    }
    let expected = prefixes.join("\" or \"");
    let hint = if text.is_empty() {
        "; it is empty".to_owned()
    } else if text.trim() != text {
        "; there are spaces or line breaks around it".to_owned()
    } else if is_sid(text) {
        format!("; this one is of another kind, {}", text.chars().take(2).collect::<String>())
    } else {
        format!("; this one has {} characters", text.chars().count())
    };
    let message = format!(
        "the {what} SID must start with \"{expected}\" and have 34 characters, 32 of them 0-9 and a-f{hint}"
    );
    Err(ProviderError::invalid_request(message).with_provider(ProviderName::TWILIO))
}

/// Finds the SID in an incomplete answer, so that the created resource can be found again.
pub(crate) fn find(partial: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(partial);
    let mut rest = text.as_ref();
    while let Some((_, after)) = rest.split_once("\"sid\"") {
        let value = after.trim_start().strip_prefix(':').map(str::trim_start);
        let value = value.and_then(|value| value.strip_prefix('"'));
        if let Some(sid) = value.and_then(|value| value.get(..34)).filter(|sid| is_sid(sid)) {
            return Some(sid.to_owned());
        }
        rest = after;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const SM: &str = "SM0123456789abcdef0123456789abcdef";

    #[test]
    fn kind_and_shape_are_checked() {
        assert!(check(SM, "message", &["SM", "MM"]).is_ok());
        for (text, hint) in [
            ("", "empty"),
            (" SM0123456789abcdef0123456789abcdef", "spaces"),
            ("CA0123456789abcdef0123456789abcdef", "another kind, CA"),
            ("SM123", "has 5 characters"),
            ("../../../etc", "12 characters"),
        ] {
            let error = check(text, "message", &["SM", "MM"]).unwrap_err();
            assert!(error.to_string().contains(hint), "{error}");
        }
    }

    #[test]
    fn a_sid_is_found_in_what_arrived() {
        let cut = format!("{{\"account_sid\": \"AC1\", \"sid\" : \"{SM}\", \"bo");
        assert_eq!(find(cut.as_bytes()).as_deref(), Some(SM));
        assert_eq!(find(b"{\"sid\": \"SM01"), None);
        assert_eq!(find(b"\xff\"sid\""), None);
    }
}
