//! Incoming messages, and faults of callbacks.

use super::FakeTwilio;
use crate::inbound::InboundSms;
use crate::received::ReceivedSms;

impl FakeTwilio {
    /// Sets the webhook for messages to the fake's own number (`SmsUrl`). For other numbers, use the API. Only plain http is
    /// supported.
    ///
    /// # Panics
    /// When the number was released.
    #[track_caller]
    pub fn set_sms_url(&self, url: &str) {
        self.set_own("sms_url", url);
    }

    /// Sets the webhook for calls to the fake's own number (`VoiceUrl`). For other numbers, use the API.
    ///
    /// # Panics
    /// When the number was released.
    #[track_caller]
    pub fn set_voice_url(&self, url: &str) {
        self.set_own("voice_url", url);
    }

    #[track_caller]
    fn set_own(&self, key: &str, url: &str) {
        let found = self.account.with(|tenant| tenant.senders.set_number_url(self.phone_number(), key, url));
        assert!(found, "the fake's own number was released");
    }

    /// Receives a text to the fake's own number. Returns when the webhook has answered and its replies are sent. See
    /// [`receive`](Self::receive).
    pub async fn receive_sms(&self, from: &str, body: &str) -> ReceivedSms {
        self.receive(InboundSms::new(from, body)).await
    }

    /// Receives a message. The webhook of the number, or of its messaging service, gets the signed request that Twilio
    /// sends. Each `<Message>` in its answer is sent, a `<Redirect>` is followed up to 20 documents, `text/plain` is one
    /// reply, and an empty body is no reply. Where Twilio would raise an alert, no reply is sent, the fallback URL is
    /// requested, and [`ReceivedSms::error`] returns the reason.
    ///
    /// A message that is only a keyword such as STOP, START or HELP has the same effect as at Twilio: after STOP, messages
    /// to that person from that number or its messaging service are refused with 21610 until the person texts START. The
    /// webhook receives keywords, too.
    ///
    /// ```
    /// # async fn demo(app_url: &str) {
    /// # let twilio = switchboard_testing::FakeTwilio::start().await;
    /// use switchboard_testing::InboundSms;
    ///
    /// let photo = InboundSms::new("+14155551234", "Look!").media("https://example.com/a.jpg", "image/jpeg");
    /// let received = twilio.receive(photo.url(format!("{app_url}/sms"))).await;
    /// assert_eq!((received.status(), received.error()), (Some(200), None));
    /// assert_eq!(received.replies()[0].body, "Nice!");
    /// # }
    /// ```
    pub async fn receive(&self, sms: InboundSms) -> ReceivedSms {
        let arrived = self.account.with(|tenant| tenant.messaging().receive(&sms, &self.running.url));
        ReceivedSms::deliver(self.account.clone(), arrived).await
    }

    /// Turns on Advanced Opt-Out: the messaging service answers keywords itself, and the webhook gets `OptOutType` and should
    /// not answer.
    ///
    /// # Panics
    /// When there is no such service.
    #[track_caller]
    pub fn use_advanced_opt_out(&self, service_sid: &str) {
        let found = self.account.with(|tenant| tenant.senders.use_advanced_opt_out(service_sid));
        assert!(found, "the fake has no messaging service {service_sid}");
    }

    /// Sends every later callback this many times, with the same `I-Twilio-Idempotency-Token`; 1 is the default.
    pub fn repeat_callbacks(&self, times: usize) {
        self.account.shared.delivery().repeat(times);
    }

    /// Shuffles later callbacks: those of one call of [`deliver`](Self::deliver) or [`advance`](Self::advance) are sent in
    /// another order, which depends only on the seed.
    pub fn shuffle_callbacks(&self, seed: u64) {
        self.account.shared.delivery().shuffle(seed);
    }

    /// Loses this percentage of later callbacks, the same ones in every run; 0 is the default. A lost callback is not
    /// sent, and raises no alert.
    pub fn lose_callbacks(&self, per_cent: u8) {
        self.account.shared.delivery().lose(per_cent);
    }

    /// Begins to send each later message of every account before the request that creates it is answered: the message is
    /// `sending`, and the answer waits until its first callback was delivered or has failed.
    pub fn call_back_early(&self, early: bool) {
        self.account.shared.call_back_early(early);
    }
}
