//! The messaging services of an account, and which numbers they have.

use std::collections::HashMap;

use super::finding::{AuditPart, Finding};
use super::plan::is_us_long_code;
use super::run::Run;
use super::webhooks::{insecure, is_set};
use crate::twilio::messaging_services::MessagingService;

/// What an audit keeps of a messaging service.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) sid: String,
    pub(super) registered: bool,
    /// Does somebody hear of the texts to its numbers? `None` where the webhook of each number is used.
    pub(super) answered: Option<bool>,
    /// Does one of its numbers need a campaign?
    pub(super) has_long_code: bool,
}

impl Service {
    fn of(service: &MessagingService) -> Self {
        let on_number = service.use_inbound_webhook_on_number == Some(true);
        Self {
            sid: service.sid.clone(),
            registered: service.us_app_to_person_registered == Some(true),
            answered: (!on_number).then(|| is_set(service.inbound_request_url.as_ref())),
            has_long_code: false,
        }
    }
}

/// Which service each number is in: the SID of the number, and the place in the list of services.
#[derive(Debug, Default)]
pub(super) struct Services {
    pub(super) all: Vec<Service>,
    pub(super) by_number: HashMap<String, usize>,
}

impl Services {
    pub(super) fn of_number(&self, number_sid: &str) -> Option<&Service> {
        self.all.get(*self.by_number.get(number_sid)?)
    }
}

/// Reads the services and which numbers they have: a request for the list, and one for each service.
pub(super) async fn read(run: &mut Run) {
    const WHAT: &str = "Which numbers are in messaging services, and their registration, was not checked.";
    let mut services = Services::default();
    let handle = run.account().messaging_services();
    let mut insecure = Vec::new();
    let listed = run.each(AuditPart::Services, handle.list().page_size(run.page()), |service| {
        insecure.extend(insecure_service(&service));
        services.all.push(Service::of(&service));
    });
    if let Err(error) = listed.await {
        return run.skip(AuditPart::Services, WHAT, &error);
    }
    insecure.into_iter().for_each(|finding| run.found(finding));
    for at in 0..services.all.len() {
        let Some(service) = services.all.get_mut(at) else { continue };
        let by_number = &mut services.by_number;
        let numbers = match handle.phone_numbers(&service.sid).list() {
            Ok(numbers) => numbers.page_size(run.page()),
            Err(error) => return run.skip(AuditPart::Services, WHAT, &error),
        };
        let read = run.each(AuditPart::Services, numbers, |number| {
            let us = number.phone_number.as_ref().is_some_and(|number| is_us_long_code(number.as_str()));
            service.has_long_code |= us;
            by_number.insert(number.sid, at);
        });
        if let Err(error) = read.await {
            return run.skip(AuditPart::Services, WHAT, &error);
        }
    }
    run.services = Some(services);
}

fn insecure_service(service: &MessagingService) -> Option<Finding> {
    let urls = [
        ("inbound URL", &service.inbound_request_url),
        ("fallback URL", &service.fallback_url),
        ("status callback", &service.status_callback),
    ];
    let name = service.friendly_name.as_deref().unwrap_or("without a name");
    insecure(&format!("The messaging service {name}"), &service.sid, &urls)
}
