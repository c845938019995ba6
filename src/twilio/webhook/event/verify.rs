//! Reports of a Verify service.

use jiff::Timestamp;

use super::content::Payload;
use super::read::event;
use crate::phone::Address;
use crate::sms::Text;
use crate::twilio::verify::{VerificationChannel, VerificationStatus};
use crate::twilio::wire::wire_enum;

wire_enum! {
    /// The kind of a report of a Verify service.
    VerifyEventType {
        /// A factor was created; it cannot be used yet.
        FactorCreated = "factor.created",
        /// A factor can be used.
        FactorVerified = "factor.verified",
        /// A factor was deleted.
        FactorDeleted = "factor.deleted",
        /// The person approved.
        ChallengeApproved = "challenge.approved",
        /// The person denied.
        ChallengeDenied = "challenge.denied",
    }
}

event! {
    /// A report of a Verify service, sent as JSON or as a form.
    ///
    /// The fields depend on the version of the webhook and on the channel; any may be missing.
    ///
    /// <https://www.twilio.com/docs/verify/api/webhooks>
    VerifyEvent {
        /// The ID of this delivery.
        uuid: String = "uuid",
        /// What happened.
        kind: VerifyEventType = "type",
        /// The account it belongs to.
        account_sid: String = "account_sid",
        /// The Verify service, `VA…`.
        service_sid: String = "service_sid",
        /// Your identifier of the person.
        entity_identity: Text = "entity_identity",
        /// The factor, `YF…`.
        factor_sid: String = "factor_sid",
        /// The type of the factor: `push`.
        factor_type: String = "factor_type",
        /// The name of the factor.
        factor_friendly_name: Text = "factor_friendly_name",
        /// The challenge, `YC…`.
        challenge_sid: String = "challenge_sid",
        /// The details that were shown to the person.
        challenge_details: Payload = "challenge_details",
        /// The details that were not shown to the person.
        challenge_hidden_details: Payload = "challenge_hidden_details",
        /// Data that the person's device added.
        challenge_metadata: Payload = "challenge_metadata",
        /// The IP address of the person's device.
        client_ip: Text = "client_ip",
        /// The verification, `VE…`.
        verification_sid: String = "verification_sid",
        /// The address that is verified.
        to: Address = "to",
        /// The channel by which the code was sent.
        channel: VerificationChannel = "channel",
        /// The verification status.
        status: VerificationStatus = "status",
        /// When it was created.
        date_created: Timestamp = "date_created",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixtures;
    use super::super::mutation::{read_whole, survives};
    use super::*;
    use crate::twilio::webhook::Params;

    #[test]
    fn a_form_and_json_are_read_alike() {
        let form: VerifyEvent = read_whole(fixtures::VERIFY);
        assert_eq!(form.kind, Some(VerifyEventType::ChallengeApproved));
        assert_eq!(form.challenge_details.as_ref().unwrap().value()["message"], "planted");
        let body: serde_json::Map<_, _> = fixtures::VERIFY
            .iter()
            .map(|(name, value)| {
                ((*name).to_owned(), serde_json::from_str(value).unwrap_or_else(|_| json!(value)))
            })
            .collect();
        assert_eq!(VerifyEvent::read(&Params::from_json(&body.into())), form);
        survives::<VerifyEvent>(fixtures::VERIFY);
    }
}
