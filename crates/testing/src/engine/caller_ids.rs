//! Verified caller IDs, and the validations that wait for their code.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::clock::rfc2822;
use super::core::Core;
use super::countries;
use super::table::Table;
use super::webhook::Endpoint;

/// The caller IDs of an account.
#[derive(Default)]
pub(crate) struct CallerIds {
    pub(super) rows: Table<CallerId>,
    /// The validations that were started, by number. A later one takes the place of an earlier one.
    pending: BTreeMap<String, Validation>,
}

/// A number that its owner has confirmed.
pub(super) struct CallerId {
    pub(super) number: String,
    pub(super) name: String,
    created: Timestamp,
    pub(super) updated: Timestamp,
}

/// A call that asks the owner of a number for a code.
pub(super) struct Validation {
    pub(super) code: String,
    pub(super) name: String,
    /// The SID of the call. The fake has no such call.
    pub(super) call: String,
    pub(super) endpoint: Option<Endpoint>,
}

/// Returns the name of a caller ID that was given none: the number as people write it.
pub(super) fn default_name(number: &str) -> String {
    let digits = number.trim_start_matches('+');
    countries::of_digits(digits).map_or(number.to_owned(), |country| countries::national(country, digits))
}

impl CallerIds {
    /// Adds a number, unless it is there already. Returns its SID.
    pub(super) fn add(&mut self, core: &mut Core, number: &str, name: String) -> String {
        if let Some(sid) = self.sid_of(number) {
            return sid;
        }
        let (sid, now) = (core.sids.next("PN"), core.now());
        self.rows.insert(&sid, CallerId { number: number.to_owned(), name, created: now, updated: now });
        sid
    }

    /// Finds the SID of a verified number.
    pub(super) fn sid_of(&self, number: &str) -> Option<String> {
        self.rows.iter().find(|(_, row)| row.number == number).map(|(sid, _)| sid.to_owned())
    }

    /// Starts to wait for a code.
    pub(super) fn wait_for_code(&mut self, number: &str, validation: Validation) {
        self.pending.insert(number.to_owned(), validation);
    }

    /// Ends the validation of a number, if there is one.
    pub(super) fn end_validation(&mut self, number: &str) -> Option<Validation> {
        self.pending.remove(number)
    }
}

impl Validation {
    /// Reports the result to the callback.
    pub(super) fn report(&self, core: &mut Core, number: &str, caller_id: Option<&str>) {
        let Some(endpoint) = &self.endpoint else { return };
        let mut params = vec![
            ("AccountSid", core.account_sid().to_owned()),
            ("CallSid", self.call.clone()),
            ("To", number.to_owned()),
            ("Called", number.to_owned()),
            ("CallStatus", "completed".to_owned()),
            ("Direction", "outbound-api".to_owned()),
            ("ApiVersion", "2010-04-01".to_owned()),
            ("VerificationStatus", if caller_id.is_some() { "success" } else { "failed" }.to_owned()),
        ];
        params.extend(caller_id.map(|sid| ("OutgoingCallerIdSid", sid.to_owned())));
        core.call_back(endpoint, &self.call, "completed", &params);
    }
}

impl CallerId {
    pub(super) fn view(&self, account: &str, sid: &str) -> Value {
        json!({
            "sid": sid,
            "account_sid": account,
            "friendly_name": self.name,
            "phone_number": self.number,
            "date_created": rfc2822(self.created),
            "date_updated": rfc2822(self.updated),
            "uri": format!("/2010-04-01/Accounts/{account}/OutgoingCallerIds/{sid}.json"),
        })
    }
}
