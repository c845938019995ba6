//! What a Verify service reports.

use jiff::Timestamp;

use super::payload::Payload;
use super::read::event;
use crate::phone::Address;
use crate::sms::Text;
use crate::twilio::wire::wire_enum;
use crate::twilio::{VerificationChannel, VerificationStatus};

wire_enum! {
    /// What happened at a Verify service.
    VerifyEventType {
        /// A factor was made; it cannot be used yet.
        FactorCreated = "factor.created",
        /// A factor can be used.
        FactorVerified = "factor.verified",
        /// A factor was deleted.
        FactorDeleted = "factor.deleted",
        /// The person said yes.
        ChallengeApproved = "challenge.approved",
        /// The person said no.
        ChallengeDenied = "challenge.denied",
    }
}

event! {
    /// What a Verify service reports, as JSON or as a form.
    ///
    /// Which fields there are depends on the version of the webhook and on the channel: take none for granted.
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
        /// Who the person is to you.
        entity_identity: Text = "entity_identity",
        /// The factor, `YF…`.
        factor_sid: String = "factor_sid",
        /// What the factor is: `push`.
        factor_type: String = "factor_type",
        /// What the person calls it.
        factor_friendly_name: Text = "factor_friendly_name",
        /// The challenge, `YC…`.
        challenge_sid: String = "challenge_sid",
        /// What the person was shown.
        challenge_details: Payload = "challenge_details",
        /// What the person was not shown.
        challenge_hidden_details: Payload = "challenge_hidden_details",
        /// What the person's device added.
        challenge_metadata: Payload = "challenge_metadata",
        /// Where the person's device was.
        client_ip: Text = "client_ip",
        /// The verification, `VE…`.
        verification_sid: String = "verification_sid",
        /// Whom the verification is for.
        to: Address = "to",
        /// How the code went out.
        channel: VerificationChannel = "channel",
        /// Where the verification is.
        status: VerificationStatus = "status",
        /// When it was made.
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
