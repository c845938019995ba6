//! Calls that a test drives through their documents.

use super::FakeTwilio;
use crate::inbound::InboundCall;
use crate::phone::Phone;

impl FakeTwilio {
    /// Lets somebody answer a call that was placed over the API; returns once the call waits for them, or is over. Its
    /// document is fetched with a signed request, or is the one that came with the call, and is carried out as Twilio
    /// does: see [`Phone`]. From now on the clock no longer changes the call, except that it ends at its `TimeLimit`.
    ///
    /// If the call asked for machine detection, the result is `human`.
    ///
    /// # Panics
    /// When there is no such call, when it is over, and when somebody picked it up already.
    pub async fn pick_up(&self, sid: &str) -> Phone {
        self.answer(sid, false).await
    }

    /// Lets a machine answer a call. If the call asked for machine detection, its document, or its listener with
    /// `AsyncAmd`, is told `AnsweredBy`: `machine_start`, or `machine_end_beep` for `DetectMessageEnd`.
    ///
    /// # Panics
    /// As [`pick_up`](Self::pick_up).
    pub async fn pick_up_by_machine(&self, sid: &str) -> Phone {
        self.answer(sid, true).await
    }

    async fn answer(&self, sid: &str, machine: bool) -> Phone {
        let picked_up = self.account.with_phones(|phones, tenant| phones.pick_up(tenant, sid, machine));
        assert!(picked_up, "the fake has no call {sid} that somebody could pick up");
        self.at_the_phone(sid.to_owned()).await
    }

    /// Lets somebody call the fake's own number: its `VoiceUrl` says what they hear. See
    /// [`receive_call`](Self::receive_call).
    pub async fn call_in(&self, from: &str) -> Phone {
        self.receive_call(InboundCall::new(from)).await
    }

    /// Lets somebody call the account; returns once the call waits for them, or is over.
    ///
    /// ```
    /// # async fn demo(app_url: &str) {
    /// # let twilio = switchboard_testing::FakeTwilio::start().await;
    /// use switchboard_testing::InboundCall;
    ///
    /// let phone = twilio.receive_call(InboundCall::new("+14155551234").url(format!("{app_url}/voice"))).await;
    /// assert_eq!(phone.said(), ["Press 1 for sales."]);
    /// phone.press("1").await;
    /// phone.talked(42).await;
    /// assert_eq!((phone.status().as_str(), phone.error()), ("completed", None));
    /// # }
    /// ```
    pub async fn receive_call(&self, call: InboundCall) -> Phone {
        let sid = self.account.with_phones(|phones, tenant| phones.call_in(tenant, &call));
        self.at_the_phone(sid).await
    }

    async fn at_the_phone(&self, sid: String) -> Phone {
        let phone = Phone::new(self.account.clone(), sid);
        phone.catch_up().await;
        phone
    }
}
