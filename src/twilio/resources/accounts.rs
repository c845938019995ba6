//! The account itself, its subaccounts and its balance.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::provider::{ApiRequest, ErrorCode, ProviderError, RequestClass};
use crate::sms::Text;
use crate::twilio::page::Pages;
use crate::twilio::session::Session;
use crate::twilio::sid;
use crate::twilio::wire::{Amount, Parameters as _, answer, check, request, wire_enum, wire_secret};

wire_enum! {
    /// Whether an account may be used.
    AccountStatus {
        /// The account is active.
        Active = "active",
        /// The account was suspended, and can be activated again.
        Suspended = "suspended",
        /// The account was closed permanently.
        Closed = "closed",
    }
}

wire_enum! {
    /// Whether an account is paid for.
    AccountType {
        /// A trial account, which is free and limited.
        Trial = "Trial",
        /// A paid account.
        Full = "Full",
    }
}

wire_secret! {
    /// The auth token of an account, as Twilio returns it. It signs callbacks and authenticates requests for the account.
    AuthToken
}

answer! {
    /// An account as Twilio describes it.
    ///
    /// <https://www.twilio.com/docs/iam/api/account#account-properties>
    Account always {
        /// Its SID, `AC…`.
        sid: String = "sid",
        /// Whether it may be used.
        status: AccountStatus = "status",
    } {
        /// The account that owns it: itself, unless it is a subaccount.
        owner_account_sid: String = "owner_account_sid",
        /// Its name.
        friendly_name: Text = "friendly_name",
        /// Whether it is a trial account or a paid one.
        kind: AccountType = "type",
        /// Its auth token.
        auth_token: AuthToken = "auth_token",
        /// When it was made.
        date_created: Timestamp = "date_created",
        /// When it last changed.
        date_updated: Timestamp = "date_updated",
        /// Its path.
        uri: String = "uri",
        /// The paths of its resources.
        subresource_uris: BTreeMap<String, String> = "subresource_uris",
    }
}

answer! {
    /// The balance of an account.
    ///
    /// <https://www.twilio.com/docs/usage/api/balance>
    Balance {
        /// The account it belongs to.
        account_sid: String = "account_sid",
        /// The amount that is left.
        balance: Amount = "balance",
        /// The currency, ISO 4217.
        currency: String = "currency",
    }
}

pub(in crate::twilio) async fn details(session: &Session) -> Result<Account, ProviderError> {
    json(session, ApiRequest::get("/Accounts/{sid}.json").segment(session.account_sid())).await
}

/// Makes a request about accounts.
async fn json(session: &Session, request: ApiRequest) -> Result<Account, ProviderError> {
    session.json(request).await.map_err(|error| needs_main_key(session, error))
}

/// A main API key may read and change accounts, keys and tokens; a standard one is refused with 20003, which looks like
/// wrong credentials, so the advice of the error names the real cause.
pub(super) fn needs_main_key(session: &Session, error: ProviderError) -> ProviderError {
    match error.code() {
        ErrorCode::Unauthorized if session.uses_api_key() => error.with_advice(
            "A standard API key may not read or change accounts, API keys and auth tokens: use a main one, or the \
             auth token.",
        ),
        _ => error,
    }
}

pub(in crate::twilio) async fn balance(session: &Session) -> Result<Balance, ProviderError> {
    session.json(ApiRequest::get("/Balance.json")).await
}

request! {
    /// Which subaccounts to list. Without a filter, all of them and the account itself.
    ListAccounts {
        /// Only accounts with this name.
        friendly_name: Option<Text> = "FriendlyName",
        /// Only accounts with this status.
        status: Option<AccountStatus> = "Status",
        /// How many items a page has, 1 to 1,000; 50 by default.
        page_size: Option<u32> = "PageSize",
    }
}

impl ListAccounts {
    /// Lists all accounts.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

/// The subaccounts of an account. They need the auth token or a main API key; a standard API key is refused.
///
/// <https://www.twilio.com/docs/iam/api/subaccounts>
#[derive(Debug, Clone)]
pub struct Subaccounts {
    session: Session,
}

impl Subaccounts {
    pub(in crate::twilio) fn of(session: &Session) -> Self {
        Self { session: session.clone() }
    }

    /// Lists the subaccounts and the account itself. Errors are items of the list; with a standard API key, Twilio's 20003.
    ///
    /// <https://www.twilio.com/docs/iam/api/account#read-multiple-account-resources>
    pub fn list(&self, filter: &ListAccounts) -> Pages<Account> {
        let request = filter.in_query(ApiRequest::get("/Accounts.json"));
        Pages::new(&self.session, request, "accounts").explained(needs_main_key)
    }

    /// Creates a subaccount. Its auth token is in the answer.
    ///
    /// <https://www.twilio.com/docs/iam/api/account#create-an-account-resource>
    ///
    /// # Errors
    /// `INVALID_REQUEST` for a name of more than 64 characters, or any other [`ProviderError`].
    pub async fn create(&self, friendly_name: &str) -> Result<Account, ProviderError> {
        check::longest("name", Some(&friendly_name.into()), 64)?;
        let request = ApiRequest::post("/Accounts.json").form([("FriendlyName", friendly_name)]);
        json(&self.session, request.class(RequestClass::Create)).await
    }

    /// Reads a subaccount.
    ///
    /// <https://www.twilio.com/docs/iam/api/account#fetch-an-account-resource>
    ///
    /// # Errors
    /// `NOT_FOUND`, or any other [`ProviderError`].
    pub async fn fetch(&self, sid: &str) -> Result<Account, ProviderError> {
        json(&self.session, one(ApiRequest::get("/Accounts/{sid}.json"), sid)?).await
    }

    /// Suspends a subaccount: it sends and receives nothing until it is [activated](Self::activate).
    ///
    /// <https://www.twilio.com/docs/iam/api/account#update-an-account-resource>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn suspend(&self, sid: &str) -> Result<Account, ProviderError> {
        self.set(sid, &AccountStatus::Suspended).await
    }

    /// Activates a suspended subaccount.
    ///
    /// <https://www.twilio.com/docs/iam/api/account#update-an-account-resource>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn activate(&self, sid: &str) -> Result<Account, ProviderError> {
        self.set(sid, &AccountStatus::Active).await
    }

    /// Closes a subaccount permanently and releases its numbers. **It cannot be undone.**
    ///
    /// <https://www.twilio.com/docs/iam/api/account#update-an-account-resource>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn close(&self, sid: &str) -> Result<Account, ProviderError> {
        if sid == self.session.account_sid() {
            return Err(check::refuse(
                "this is the account itself, not a subaccount: close it in Twilio's Console",
            ));
        }
        self.set(sid, &AccountStatus::Closed).await
    }

    async fn set(&self, sid: &str, status: &AccountStatus) -> Result<Account, ProviderError> {
        let request = one(ApiRequest::post("/Accounts/{sid}.json"), sid)?;
        json(&self.session, request.form([("Status", status.as_str())]).class(RequestClass::Update)).await
    }
}

fn one(request: ApiRequest, sid: &str) -> Result<ApiRequest, ProviderError> {
    sid::check(sid, "account", &["AC"])?;
    Ok(request.segment(sid))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_auth_token_is_read_and_neither_printed_nor_written() {
        for token in ["\"planted\"", "7", "[\"planted\"]"] {
            let read: Account =
                serde_json::from_str(&format!(r#"{{"sid": "AC1", "auth_token": {token}, "type": "Full"}}"#))
                    .unwrap();
            let written = serde_json::to_string(&read).unwrap();
            assert!(!format!("{read:?}{written}").contains("planted"), "{read:?} {written}");
            assert!(read.extra.is_empty());
        }
        let read: Account = serde_json::from_str(r#"{"sid": "AC1", "auth_token": "planted"}"#).unwrap();
        assert_eq!(read.auth_token.unwrap().expose(), "planted");
    }

    #[test]
    fn a_balance_is_exact() {
        let read: Balance = serde_json::from_str(r#"{"balance": "0.05", "currency": "EUR"}"#).unwrap();
        assert_eq!(read.balance.unwrap().as_str(), "0.05");
    }
}
