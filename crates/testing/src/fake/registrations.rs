//! Registrations of senders, which a test decides: brands and campaigns for US numbers, and toll-free verifications.

use super::FakeTwilio;
use crate::engine::RegistrationError;

impl FakeTwilio {
    /// Approves a brand. Until then it is `PENDING`, and no campaign can be created for it.
    ///
    /// # Panics
    /// When there is no such brand.
    #[track_caller]
    pub fn approve_brand(&self, sid: &str) {
        assert!(self.account.with(|tenant| tenant.brands.decide(sid, None)), "the fake has no brand {sid}");
    }

    /// Refuses a brand with one of Twilio's codes: it is `FAILED`, and can be submitted again.
    ///
    /// # Panics
    /// When there is no such brand.
    #[track_caller]
    pub fn reject_brand(&self, sid: &str, code: u32, description: &str) {
        let error = reason(code, description);
        assert!(self.account.with(|tenant| tenant.brands.decide(sid, error)), "the fake has no brand {sid}");
    }

    /// Approves a campaign: it is `VERIFIED`, and its messaging service is registered.
    ///
    /// # Panics
    /// When there is no such campaign.
    #[track_caller]
    pub fn approve_campaign(&self, sid: &str) {
        let found = self.account.with(|tenant| tenant.senders.decide_campaign(sid, None));
        assert!(found, "the fake has no campaign {sid}");
    }

    /// Refuses a campaign with one of Twilio's codes: it is `FAILED`, and can be updated.
    ///
    /// # Panics
    /// When there is no such campaign.
    #[track_caller]
    pub fn reject_campaign(&self, sid: &str, code: u32, description: &str) {
        let error = reason(code, description);
        let found = self.account.with(|tenant| tenant.senders.decide_campaign(sid, error));
        assert!(found, "the fake has no campaign {sid}");
    }

    /// Approves a toll-free verification.
    ///
    /// # Panics
    /// When there is no such verification.
    #[track_caller]
    pub fn approve_tollfree(&self, sid: &str) {
        let found = self.account.with(|tenant| tenant.decide_tollfree(sid, None));
        assert!(found, "the fake has no toll-free verification {sid}");
    }

    /// Rejects a toll-free verification with one of Twilio's codes. It can be corrected for seven days.
    ///
    /// # Panics
    /// When there is no such verification.
    #[track_caller]
    pub fn reject_tollfree(&self, sid: &str, code: u32, description: &str) {
        let found = self.account.with(|tenant| tenant.decide_tollfree(sid, reason(code, description)));
        assert!(found, "the fake has no toll-free verification {sid}");
    }
}

fn reason(code: u32, description: &str) -> Option<RegistrationError> {
    Some(RegistrationError { code, description: description.to_owned() })
}
