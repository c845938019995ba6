//! What all products of an account share: its credentials, the clock, SIDs, bills, alerts, and requests to webhooks.

use std::time::Duration;

use jiff::Timestamp;
use switchboard::secret::Secret;
use url::Url;

use super::account::Account;
use super::alerts::Alert;
use super::callbacks::Callback;
use super::clock::Clock;
use super::ledger::Ledger;
use super::sid::Sids;
use super::table::Table;
use super::webhook::{Endpoint, Params, Signed, WebhookError, WebhookRequest, sign, split, web_url};

/// The code of a callback that was not answered with 2xx.
const CALLBACK_FAILED: u32 = 11200;

/// What all products of an account share.
pub(crate) struct Core {
    pub(super) account: Account,
    pub(super) clock: Clock,
    pub(super) sids: Sids,
    pub(crate) ledger: Ledger,
    pub(super) alerts: Table<Alert>,
    /// The time from the creation of a message or a call until lists contain it.
    list_lag: Duration,
    callbacks: Vec<Callback>,
}

impl Core {
    pub(super) fn new(account: Account, sids: Sids, now: Timestamp) -> Self {
        Self {
            account,
            clock: Clock::starting(now),
            sids,
            ledger: Ledger::default(),
            alerts: Table::default(),
            list_lag: Duration::ZERO,
            callbacks: Vec::new(),
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Sets after which time lists contain a new message or call.
    pub(crate) fn set_list_lag(&mut self, lag: Duration) {
        self.list_lag = lag;
    }

    /// Returns the time from which on lists contain what is created now.
    pub(super) fn listed_from(&self) -> Timestamp {
        self.clock.after(self.list_lag)
    }

    /// Returns the account SID.
    pub(crate) fn account_sid(&self) -> &str {
        &self.account.sid
    }

    /// Returns the auth token.
    pub(crate) fn auth_token(&self) -> &Secret {
        &self.account.token
    }

    /// Returns the standard API key and its secret.
    pub(crate) fn api_key(&self) -> (&str, &Secret) {
        (&self.account.standard_key.sid, &self.account.standard_key.secret)
    }

    /// Returns the main API key and its secret.
    pub(crate) fn main_api_key(&self) -> (&str, &Secret) {
        (&self.account.main_key.sid, &self.account.main_key.secret)
    }

    /// Makes the account a trial account.
    pub(crate) fn begin_trial(&mut self) {
        self.account.trial = true;
    }

    /// Makes and signs a request for a document.
    pub(super) fn webhook_request(&mut self, endpoint: &Endpoint, params: &Params) -> WebhookRequest {
        let (target, fragment) = split(&endpoint.url);
        let signed = sign(self.account.token.expose(), &target, endpoint.get, params);
        let Signed { url, form, signature } = signed;
        WebhookRequest { url, fragment, form, signature, token: self.sids.token(), target }
    }

    /// Makes the request that follows a redirect: as at Twilio a GET, without the parameters.
    pub(crate) fn follow(&self, request: &WebhookRequest, location: &str) -> Option<WebhookRequest> {
        let url = Url::parse(&request.url).ok()?.join(location).ok()?;
        let (target, _) = split(web_url(url.as_str())?.as_str());
        let Signed { url, form, signature } =
            sign::<&str, &str>(self.account.token.expose(), &target, true, &[]);
        Some(WebhookRequest { url, form, signature, target, ..request.clone() })
    }

    /// Adds a status callback to be sent.
    pub(super) fn call_back<K: AsRef<str>>(
        &mut self,
        endpoint: &Endpoint,
        sid: &str,
        event: &str,
        params: &[(K, String)],
    ) {
        let (target, fragment) = endpoint.url.split_once('#').unwrap_or((&endpoint.url, ""));
        let Signed { url, form, signature } = sign(self.account.token.expose(), target, endpoint.get, params);
        self.callbacks.push(Callback {
            account: self.account.sid.clone(),
            sid: sid.to_owned(),
            event: event.to_owned(),
            endpoint: target.to_owned(),
            fragment: fragment.to_owned(),
            url,
            form,
            signature,
            token: self.sids.token(),
        });
    }

    /// Removes and returns the callbacks added since the last call.
    pub(super) fn take_callbacks(&mut self) -> Vec<Callback> {
        std::mem::take(&mut self.callbacks)
    }

    /// Adds an alert with one of Twilio's codes.
    pub(crate) fn add_alert(&mut self, code: u32) -> String {
        self.raise(code, "error", None, None)
    }

    /// Adds the alert of a callback that was not answered with 2xx.
    pub(crate) fn callback_failed(&mut self, resource: &str, method: &'static str, url: &str, answer: &str) {
        let request = (method, url.to_owned(), answer.to_owned());
        self.raise(CALLBACK_FAILED, "error", Some(resource.to_owned()), Some(request));
    }

    /// Adds the alert of a document that is wrong or was not received.
    pub(super) fn webhook_failed(
        &mut self,
        resource: &str,
        request: Option<&WebhookRequest>,
        error: &WebhookError,
    ) {
        let request = request.map(|request| (request.method(), request.target.clone(), error.body.clone()));
        self.raise(error.code, "error", Some(resource.to_owned()), request);
    }

    /// Adds the warning about a part of a document that Twilio ignores.
    pub(super) fn warn(&mut self, resource: &str, code: u32) {
        self.raise(code, "warning", Some(resource.to_owned()), None);
    }

    fn raise(
        &mut self,
        code: u32,
        level: &'static str,
        resource: Option<String>,
        request: Option<(&'static str, String, String)>,
    ) -> String {
        let sid = self.sids.next("NO");
        let alert = Alert { code, level, resource, request, created: self.clock.now() };
        self.alerts.insert(&sid, alert);
        sid
    }
}
