//! The senders of an account: its numbers, its messaging services, the opt-outs, and the countries that they may send to.

use std::time::Duration;

use jiff::Timestamp;

use super::available_numbers::offers;
use super::brands::RegistrationError;
use super::caller_ids::{CallerIds, default_name};
use super::core::Core;
use super::geo_permissions::GeoPermissions;
use super::incoming_numbers::IncomingNumber;
use super::messaging_services::MessagingService;
use super::numbers::{self, Numbers, is_e164};
use super::sid::mix;
use super::table::Table;
use super::webhook::Endpoint;

/// The number that a messaging service sends from.
pub(super) enum ServiceSender {
    /// The fake does not know the service, and assumes that it has numbers.
    Unknown,
    /// The service has no number to send from.
    Empty,
    /// One of its numbers, always the same one for the same recipient.
    Number(String),
}

/// The senders of an account.
#[derive(Default)]
pub(crate) struct Senders {
    pub(crate) numbers: Numbers,
    pub(super) incoming: Table<IncomingNumber>,
    pub(super) services: Table<MessagingService>,
    pub(crate) geo: GeoPermissions,
    pub(super) caller_ids: CallerIds,
}

impl Senders {
    /// Returns the first number of the account. `None` while it owns none.
    pub(crate) fn main_number(&self) -> Option<&str> {
        self.incoming.iter().next().map(|(_, row)| row.number.as_str())
    }

    /// Returns the number that people text and call by default.
    pub(super) fn reached_number(&self) -> String {
        self.main_number().unwrap_or(numbers::OWN).to_owned()
    }

    /// Returns the sender: the given number, or one of the service.
    pub(super) fn sender_for(&self, from: Option<&str>, service: Option<&str>, to: &str) -> String {
        match (from, self.pick_sender(service.unwrap_or_default(), to)) {
            (Some(from), _) => from.to_owned(),
            (None, ServiceSender::Number(number)) => number,
            (None, _) => self.reached_number(),
        }
    }

    /// Adds a sender to the account. A telephone number also appears in the list of the account's numbers; a short code
    /// does not.
    pub(crate) fn own_number(&mut self, core: &mut Core, number: &str) {
        self.numbers.own(number);
        if is_e164(number) && self.sid_of(number).is_none() {
            let sid = core.sids.next("PN");
            self.list_number(&sid, number, core.now());
        }
    }

    /// Makes a number a verified caller ID; returns its SID.
    pub(super) fn verify_number(&mut self, core: &mut Core, number: &str, name: Option<String>) -> String {
        self.numbers.verify(number);
        self.caller_ids.add(core, number, name.unwrap_or_else(|| default_name(number)))
    }

    /// Deletes a verified caller ID. `None` when there is no such caller ID.
    pub(super) fn delete_caller_id(&mut self, sid: &str) -> Option<()> {
        let row = self.caller_ids.rows.remove(sid)?;
        self.numbers.forget(&row.number);
        Some(())
    }

    /// Adds a number to the list of the account's numbers.
    fn list_number(&mut self, sid: &str, number: &str, now: Timestamp) {
        let offer = offers::find(number).unwrap_or_else(|| offers::foreign(number));
        let row = IncomingNumber::new(&offer, now);
        self.incoming.insert(sid, row);
    }

    /// Returns one of the URLs of a number, with its method.
    pub(super) fn number_endpoint(&self, number: &str, url: &str, method: &str) -> Option<Endpoint> {
        self.incoming.get(&self.sid_of(number)?)?.settings.endpoint(url, method)
    }

    /// Sets the URL of a number. Returns false when the account does not own the number.
    pub(crate) fn set_number_url(&mut self, number: &str, key: &str, url: &str) -> bool {
        let sid = self.sid_of(number).unwrap_or_default();
        self.incoming.get_mut(&sid).map(|row| row.settings.set(key, url)).is_some()
    }

    /// Finds the SID of a number that the account owns.
    pub(crate) fn sid_of(&self, number: &str) -> Option<String> {
        self.incoming.iter().find(|(_, row)| row.number == number).map(|(sid, _)| sid.to_owned())
    }

    /// Picks the number of a service for a recipient.
    pub(super) fn pick_sender(&self, service: &str, to: &str) -> ServiceSender {
        let Some(service) = self.services.get(service) else { return ServiceSender::Unknown };
        let seed = to.bytes().fold(0, |seed, byte| mix(seed ^ u64::from(byte)));
        let count = service.numbers.len().max(1) as u64;
        let picked = usize::try_from(seed % count).unwrap_or(0);
        let number = service.numbers.get(picked).and_then(|(sid, _)| self.incoming.get(sid));
        number.map_or(ServiceSender::Empty, |row| ServiceSender::Number(row.number.clone()))
    }

    /// Returns the status callback of a service.
    pub(super) fn service_callback(&self, service: &str) -> Option<String> {
        let callback = self.services.get(service)?.settings.text("status_callback")?;
        Some(callback.to_owned()).filter(|url| !url.is_empty())
    }

    /// Returns how long the messages of a service may wait to be sent.
    pub(super) fn service_validity(&self, service: &str) -> Option<Duration> {
        self.services.get(service)?.settings.number("validity_period").map(Duration::from_secs)
    }

    /// Returns the service that a number belongs to.
    pub(super) fn service_of(&self, number: &str) -> Option<(&str, &MessagingService)> {
        let sid = self.sid_of(number)?;
        self.services.iter().find(|(_, service)| service.numbers.iter().any(|(other, _)| *other == sid))
    }

    /// Returns the numbers that share opt-outs with this one: all numbers of its service, or only itself.
    pub(super) fn opt_out_group(&self, number: &str) -> Vec<String> {
        let Some((_, service)) = self.service_of(number) else { return vec![number.to_owned()] };
        let rows = service.numbers.iter().filter_map(|(sid, _)| self.incoming.get(sid));
        rows.map(|row| row.number.clone()).collect()
    }

    /// Lets a service answer keywords itself, and report them to the webhook as `OptOutType`. Returns false when there is no such service.
    pub(crate) fn use_advanced_opt_out(&mut self, sid: &str) -> bool {
        self.services.get_mut(sid).map(|service| service.advanced_opt_out = true).is_some()
    }

    /// Approves a campaign, or refuses it with a reason. Returns false when no service has such a campaign.
    pub(crate) fn decide_campaign(&mut self, sid: &str, error: Option<RegistrationError>) -> bool {
        let mut error = Some(error);
        self.services.each_mut(|service| {
            if let Some(campaign) = service.campaigns.get_mut(sid) {
                campaign.decide(error.take().flatten());
            }
        });
        error.is_none()
    }

    /// Removes a number from the account and from its messaging service. `None` when there is no such number.
    pub(super) fn release(&mut self, sid: &str) -> Option<()> {
        let row = self.incoming.remove(sid)?;
        self.numbers.disown(&row.number);
        self.services.each_mut(|service| service.numbers.retain(|(other, _)| other != sid));
        Some(())
    }
}
