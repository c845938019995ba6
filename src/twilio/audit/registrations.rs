//! Whether the numbers that text people in the US are registered.

use std::collections::HashMap;

use super::finding::{AuditPart, Finding, FindingKind, FindingSeverity};
use super::plan::{is_toll_free, is_us_long_code};
use super::run::Run;
use super::webhooks::OwnedNumber;
use crate::provider::ProviderError;
use crate::twilio::messaging_services::{Campaign, CampaignStatus};
use crate::twilio::tollfree_verifications::{
    ListTollfreeVerifications, TollfreeStatus, TollfreeVerification,
};

/// Checks that each US number that can text is in a service with an approved campaign: a request for each service with
/// such numbers that is not registered.
pub(super) async fn campaigns(run: &mut Run) {
    let Some(services) = run.services.take() else { return };
    let mut states = HashMap::new();
    for (at, service) in
        services.all.iter().enumerate().filter(|(_, one)| one.has_long_code && !one.registered)
    {
        match campaign(run, &service.sid).await {
            Ok(campaign) => {
                states.insert(at, campaign);
            }
            Err(error) => {
                let what = "Whether the US numbers of a messaging service are registered was not checked.";
                run.skip(AuditPart::Campaigns, what, &error);
            }
        }
    }
    let mut findings = Vec::new();
    for own in run.numbers().filter(|own| own.sms && is_us_long_code(own.number.as_str())) {
        match services.by_number.get(&own.sid) {
            None => findings.push(unregistered(own, "it is in no messaging service")),
            Some(at) if services.all.get(*at).is_some_and(|service| service.registered) => {}
            // A service that could not be read is in no finding.
            Some(at) => findings.extend(states.get(at).and_then(|state| of_campaign(own, state.as_ref()))),
        }
    }
    findings.into_iter().for_each(|finding| run.found(finding));
}

/// Reads the campaign of a service, if it has one.
async fn campaign(run: &mut Run, service_sid: &str) -> Result<Option<Campaign>, ProviderError> {
    let list = run.account().messaging_services().campaigns(service_sid).list()?.limit(1);
    let mut found = None;
    run.each(AuditPart::Campaigns, list, |campaign| found = Some(campaign)).await?;
    Ok(found)
}

fn of_campaign(own: &OwnedNumber, campaign: Option<&Campaign>) -> Option<Finding> {
    let Some(campaign) = campaign else {
        return Some(unregistered(own, "its messaging service has no campaign"));
    };
    match &campaign.status {
        CampaignStatus::Verified => None,
        CampaignStatus::Pending | CampaignStatus::InProgress => Some(waiting(
            own,
            FindingKind::UnregisteredLongCode,
            &format!("the campaign {} of its messaging service is in review", campaign.sid),
        )),
        status => {
            let why = format!("the campaign {} of its messaging service is {status}", campaign.sid);
            let code = campaign.errors.iter().flatten().find_map(|error| error.error_code);
            Some(unregistered(own, &why).code(code))
        }
    }
}

fn unregistered(own: &OwnedNumber, why: &str) -> Finding {
    Finding::new(
        FindingKind::UnregisteredLongCode,
        FindingSeverity::Critical,
        &own.sid,
        format!("Texts from {} to the US are blocked, because {why}.", own.shown()),
        "Add the number to a messaging service with an approved campaign, or register a brand and a campaign.",
    )
    .number(&own.number)
}

fn waiting(own: &OwnedNumber, kind: FindingKind, why: &str) -> Finding {
    Finding::new(
        kind,
        FindingSeverity::Warning,
        &own.sid,
        format!("Texts from {} to the US are blocked for now, because {why}.", own.shown()),
        "Wait for the review, and send from another number meanwhile.",
    )
    .number(&own.number)
}

/// Checks that each toll-free number that can text is verified: a request for the list of verifications, where there are
/// such numbers.
pub(super) async fn toll_free(run: &mut Run) {
    let needs = |own: &&OwnedNumber| own.sms && is_toll_free(own.number.as_str());
    if !run.numbers().any(|own| needs(&own)) {
        return;
    }
    let list = run.account().tollfree_verifications().list(&ListTollfreeVerifications::new());
    let mut verifications: HashMap<String, TollfreeVerification> = HashMap::new();
    let read = run.each(AuditPart::TollFree, list.page_size(run.page()), |one| {
        let Some(number_sid) = one.tollfree_phone_number_sid.clone() else { return };
        // The newest comes first. An approved one counts, whatever else there is.
        if one.status == TollfreeStatus::Approved || !verifications.contains_key(&number_sid) {
            verifications.insert(number_sid, one);
        }
    });
    if let Err(error) = read.await {
        let what = "Whether the toll-free numbers are verified was not checked.";
        return run.skip(AuditPart::TollFree, what, &error);
    }
    let of = |own: &OwnedNumber| of_verification(own, verifications.get(&own.sid));
    let findings: Vec<Finding> = run.numbers().filter(needs).filter_map(of).collect();
    findings.into_iter().for_each(|finding| run.found(finding));
}

fn of_verification(own: &OwnedNumber, verification: Option<&TollfreeVerification>) -> Option<Finding> {
    let blocked = |why: &str| {
        Finding::new(
            FindingKind::UnverifiedTollFree,
            FindingSeverity::Critical,
            &own.sid,
            format!("Texts from {} to the US and Canada are blocked, because {why}.", own.shown()),
            "Submit the toll-free number for verification; it takes some days.",
        )
        .number(&own.number)
    };
    let Some(verification) = verification else {
        return Some(blocked("the toll-free number was not verified"));
    };
    match &verification.status {
        TollfreeStatus::Approved => None,
        TollfreeStatus::PendingReview | TollfreeStatus::InReview => Some(waiting(
            own,
            FindingKind::UnverifiedTollFree,
            &format!("the verification {} is in review", verification.sid),
        )),
        status => {
            let mut finding = blocked(&format!("the verification {} is {status}", verification.sid));
            finding.what_to_do = "Correct the verification and submit it again.".to_owned();
            let reasons = verification.rejection_reasons.iter().flatten();
            Some(
                finding
                    .code(verification.error_code.or_else(|| reasons.into_iter().find_map(|one| one.code))),
            )
        }
    }
}
