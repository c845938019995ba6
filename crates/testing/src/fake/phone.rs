//! Calls that a test answers or makes, and then drives with a [`Phone`].

use super::FakeTwilio;
use crate::inbound::InboundCall;
use crate::phone::Phone;
use crate::placed::PickedUpBy;

impl FakeTwilio {
    /// Lets a person answer a call that was placed over the API. Returns when the call waits for them, or is over. The
    /// document of the call is requested, or is the one that came with it, and is carried out as Twilio does: see [`Phone`].
    /// From now on the clock does not change the status of the call, except that the call ends at its `TimeLimit`.
    ///
    /// If the call asked for machine detection, the result is `human`.
    ///
    /// # Panics
    /// When there is no such call, when it is over, and when somebody picked it up already.
    pub async fn pick_up(&self, sid: &str) -> Phone {
        self.pick_up_by(sid, PickedUpBy::Person).await
    }

    /// Lets an answering machine answer a call. If the call asked for machine detection, the request for its document, or
    /// with `AsyncAmd` a callback, has `AnsweredBy`: `machine_start`, or `machine_end_beep` for `DetectMessageEnd`.
    ///
    /// # Panics
    /// In the same cases as [`pick_up`](Self::pick_up).
    pub async fn pick_up_by_machine(&self, sid: &str) -> Phone {
        self.pick_up_by(sid, PickedUpBy::Machine).await
    }

    /// Lets somebody or something answer a call, with the result of machine detection, if the call asked for it.
    ///
    /// # Panics
    /// In the same cases as [`pick_up`](Self::pick_up).
    pub async fn pick_up_by(&self, sid: &str, by: PickedUpBy) -> Phone {
        let picked_up = self.account.with_phones(|phones, tenant| phones.pick_up(tenant, sid, by));
        assert!(picked_up, "the fake has no call {sid} that somebody could pick up");
        self.at_the_phone(sid.to_owned()).await
    }

    /// Receives a call to the fake's own number, whose `VoiceUrl` is requested. See [`receive_call`](Self::receive_call).
    pub async fn call_in(&self, from: &str) -> Phone {
        self.receive_call(InboundCall::new(from)).await
    }

    /// Receives a call. Returns when the call waits for the person, or is over.
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
