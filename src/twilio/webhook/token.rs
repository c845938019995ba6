//! Whose auth token a signature is checked with.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::hash::BuildHasher;

use crate::secret::Secret;

/// Knows the auth tokens of several accounts: of subaccounts, of the tenants of a dashboard.
///
/// It is asked with the account that a request *claims* to come from, before anything is verified. So it must give the
/// tokens of that account and of no other: then whoever names another account needs that account's token to sign.
///
/// It answers at once: keep tokens in memory. A map from account SID to its tokens is one already.
///
/// ```
/// use std::collections::HashMap;
/// use switchboard::secret::Secret;
/// use switchboard::twilio::webhook::Verifier;
///
/// let tokens = HashMap::from([("ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".to_owned(), vec![Secret::new("12345")])]);
/// let verifier = Verifier::with_tokens(tokens).public_url("https://example.com");
/// # let _ = verifier;
/// ```
pub trait TokenSource: Debug + Send + Sync + 'static {
    /// Returns the auth tokens of an account, the primary one first; none if the account is not known.
    ///
    /// `None` asks for a request that names no account, as JSON bodies of some products do.
    fn tokens(&self, account_sid: Option<&str>) -> Vec<Secret>;
}

impl<S: BuildHasher + Send + Sync + 'static> TokenSource for HashMap<String, Vec<Secret>, S>
where
    Self: Debug,
{
    fn tokens(&self, account_sid: Option<&str>) -> Vec<Secret> {
        account_sid.and_then(|sid| self.get(sid)).cloned().unwrap_or_default()
    }
}

impl TokenSource for BTreeMap<String, Vec<Secret>> {
    fn tokens(&self, account_sid: Option<&str>) -> Vec<Secret> {
        account_sid.and_then(|sid| self.get(sid)).cloned().unwrap_or_default()
    }
}
