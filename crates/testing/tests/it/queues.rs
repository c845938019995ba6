//! Senders with queues, as a program under test sees them.

use std::time::Duration;

use switchboard::{Outcome, Reason};
use switchboard_testing::{FakeTwilio, SenderRates};

const TO: &str = "+14155551234";

#[tokio::test]
async fn a_full_queue_is_one_error_whatever_its_status() {
    for status in [400, 429] {
        let rates = SenderRates::new().queue_length(Duration::from_secs(1)).full_status(status);
        let fake = FakeTwilio::builder().sender_rates(rates).start().await;
        let account = fake.account();
        account.send_sms(TO, "Hello").await.unwrap();
        let error = account.send_sms(TO, "Hello").await.unwrap_err();
        assert_eq!(error.provider_status(), Some(status));
        assert_eq!((error.reason(), error.outcome()), (Reason::QueueFull, Outcome::NotApplied));
        assert!(error.is_retryable());
        assert_eq!((fake.sent().len(), fake.sender_queue(fake.phone_number()).messages), (1, 1));
        fake.advance(Duration::from_secs(1));
        account.send_sms(TO, "Hello").await.unwrap();
    }
}
