//! A Verify service as Twilio describes it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::phone::Address;
use crate::twilio::wire::answer;

answer! {
    /// A Verify service: the settings of its codes, channels and texts.
    ///
    /// <https://www.twilio.com/docs/verify/api/service#service-response-properties>
    VerifyService always {
        /// Its SID, `VA…`.
        sid: String = "sid",
    } {
        /// The account it belongs to.
        account_sid: String = "account_sid",
        /// The name in the texts.
        friendly_name: String = "friendly_name",
        /// How many digits a code has, 4 to 10.
        code_length: u32 = "code_length",
        /// Is each number looked up?
        lookup_enabled: bool = "lookup_enabled",
        /// Does it support the confirmation of payments (PSD2)?
        psd2_enabled: bool = "psd2_enabled",
        /// Are texts to landlines skipped?
        skip_sms_to_landlines: bool = "skip_sms_to_landlines",
        /// Must a key be pressed in a call before the code is said?
        dtmf_input_required: bool = "dtmf_input_required",
        /// The voice of calls.
        tts_name: String = "tts_name",
        /// Do texts warn not to share the code?
        do_not_share_warning_enabled: bool = "do_not_share_warning_enabled",
        /// May you set your own codes?
        custom_code_enabled: bool = "custom_code_enabled",
        /// The settings of push factors.
        push: VerifyPush = "push",
        /// The settings of authenticator apps.
        totp: VerifyTotp = "totp",
        /// The sender on WhatsApp.
        whatsapp: VerifyWhatsApp = "whatsapp",
        /// The settings of passkeys.
        passkeys: VerifyPasskeys = "passkeys",
        /// The template of texts, `HJ…`.
        default_template_sid: String = "default_template_sid",
        /// Are its events sent to event streams?
        verify_event_subscription_enabled: bool = "verify_event_subscription_enabled",
        /// When it was made.
        date_created: Timestamp = "date_created",
        /// When it last changed.
        date_updated: Timestamp = "date_updated",
        /// Its URL.
        url: String = "url",
        /// The URLs of related resources.
        links: BTreeMap<String, String> = "links",
    }
}

answer! {
    /// The push factors of a service.
    VerifyPush {
        /// Does a challenge include its creation date?
        include_date: bool = "include_date",
        /// The credential for Apple's devices, `CR…`.
        apn_credential_sid: String = "apn_credential_sid",
        /// The credential for Google's devices, `CR…`.
        fcm_credential_sid: String = "fcm_credential_sid",
    }
}

answer! {
    /// The settings of a service for authenticator apps (TOTP).
    VerifyTotp {
        /// The name in the app.
        issuer: String = "issuer",
        /// How long a code is valid, in seconds.
        time_step: u32 = "time_step",
        /// How many digits a code has.
        code_length: u32 = "code_length",
        /// By how many time steps the device's clock may differ.
        skew: u32 = "skew",
    }
}

answer! {
    /// The sender of a service's codes on WhatsApp.
    VerifyWhatsApp {
        /// The messaging service, `MG…`.
        msg_service_sid: String = "msg_service_sid",
        /// The number.
        from: Address = "from",
    }
}

answer! {
    /// The passkeys of a service.
    VerifyPasskeys {
        /// The relying party of passkeys: the site for which they are valid.
        relying_party: VerifyRelyingParty = "relying_party",
        /// Which authenticators may be used.
        authenticator_attachment: String = "authenticator_attachment",
        /// Must the credential be discoverable?
        discoverable_credentials: String = "discoverable_credentials",
        /// Must the authenticator verify the user?
        user_verification: String = "user_verification",
    }
}

answer! {
    /// The relying party of passkeys: the site for which they are valid.
    VerifyRelyingParty {
        /// The domain.
        id: String = "id",
        /// The name.
        name: String = "name",
        /// The origins.
        origins: Vec<String> = "origins",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twilio::wire::mutation::{read_whole, survives};
    use serde_json::json;

    #[test]
    fn twilios_own_example_is_read_whole_and_survives_growth() {
        let body = json!({
            "sid": "VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "account_sid": "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "friendly_name": "name",
            "code_length": 4,
            "lookup_enabled": false,
            "psd2_enabled": false,
            "skip_sms_to_landlines": false,
            "dtmf_input_required": false,
            "tts_name": "name",
            "do_not_share_warning_enabled": false,
            "custom_code_enabled": true,
            "push": {
                "include_date": false,
                "apn_credential_sid": "CRaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                "fcm_credential_sid": null
            },
            "totp": {"issuer": "test-issuer", "time_step": 30, "code_length": 3, "skew": 2},
            "whatsapp": {"msg_service_sid": "MGaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "from": "whatsapp:+1234567890"},
            "passkeys": {
                "relying_party": {
                    "id": "www.mydomain.com", "name": "My domain",
                    "origins": ["www.mydomain.com", "www.login.mydomain.com"]
                },
                "authenticator_attachment": "",
                "discoverable_credentials": null,
                "user_verification": "discouraged"
            },
            "default_template_sid": "HJaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "verify_event_subscription_enabled": false,
            "date_created": "2015-07-30T20:00:00Z",
            "date_updated": "2015-07-30T20:00:00Z",
            "url": "https://verify.twilio.com/v2/Services/VAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "links": {"verifications": "https://verify.twilio.com/v2/Services/VAaa/Verifications"}
        });
        let service: VerifyService = read_whole(&body);
        assert_eq!((service.code_length, service.custom_code_enabled), (Some(4), Some(true)));
        assert_eq!(service.totp.as_ref().and_then(|totp| totp.time_step), Some(30));
        assert!(!format!("{service:?}").contains("4567890"));
        survives::<VerifyService>(&body);
    }
}
