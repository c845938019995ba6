//! Limits of one's own refuse before anything leaves.

use rust_decimal::Decimal;
use switchboard::sms::{BillableMessage, PriceList, Templates, estimate};
use switchboard::twilio::{CreateMessage, SendSms};
use switchboard::{Action, ErrorCode, Outcome, ProviderError, Reason};
use switchboard_testing::FakeTwilio;

use crate::support::TO;

#[tokio::test]
async fn a_guard_refuses_before_anything_is_sent() {
    let fake = FakeTwilio::start().await;
    let (adapter, account, credentials) = (fake.adapter(), fake.account(), fake.credentials());
    let mut prices = PriceList::new("USD");
    account.prices().sms("US").await.unwrap().add_to(&mut prices).unwrap();
    let price = estimate([(TO, "x")], &prices).total;
    assert!(price > Decimal::ZERO);
    let before = fake.requests();

    let refused = |error: ProviderError, reason: Reason, words: &str| {
        assert_eq!((error.code(), error.outcome()), (ErrorCode::Blocked, Outcome::NotApplied));
        assert_eq!((error.action(), error.reason()), (Action::FixRequest, reason));
        assert!(error.to_string().contains(words) && !error.is_retryable(), "{error}");
        assert!(error.to_string().contains("…"), "the recipient is told, masked: {error}");
    };
    let long = "x".repeat(161);
    let sms = SendSms::new(TO, &long).max_segments(1);
    let error = adapter.send_sms(&credentials, &sms).await.unwrap_err();
    refused(error, Reason::InvalidParameter, "the text has 2 segments, at most 1 is allowed");
    let message = CreateMessage::new(TO).body(&long).max_cost(price, &prices);
    refused(account.send(&message).await.unwrap_err(), Reason::BudgetSpent, "it would cost");
    let far = CreateMessage::new("+491711234567").body("x").max_cost(Decimal::TEN, &prices);
    refused(account.messages().create(&far).await.unwrap_err(), Reason::BudgetSpent, "no price for DE");
    let mms = CreateMessage::new(TO).media_url("https://example.com/a.png").max_cost(Decimal::TEN, &prices);
    refused(account.send(&mms).await.unwrap_err(), Reason::BudgetSpent, "no price for mms");
    assert_eq!(fake.requests(), before);

    let sms = SendSms::new(TO, &long).max_segments(2).max_cost(price * Decimal::TWO, &prices);
    adapter.send_sms(&credentials, &sms).await.unwrap();
    assert_eq!((fake.requests(), fake.sent().len()), (before + 1, 1));
}

#[tokio::test]
async fn a_template_is_planned_priced_and_sent() {
    let fake = FakeTwilio::start().await;
    let templates = Templates::new().add("ready", "Hi {{name}}, your table is ready").unwrap();
    let guest = std::collections::HashMap::from([("name", "Ada")]);
    assert_eq!(templates.plan("ready", [&guest]).unwrap().segments, 1);
    let text = templates.render("ready", &guest).unwrap();
    let message = CreateMessage::new(TO).body(text);
    assert_eq!(estimate([BillableMessage::from(&message)], &PriceList::new("USD")).unpriced.len(), 1);
    fake.account().send(&message).await.unwrap();
    assert_eq!(fake.sent()[0].body, "Hi Ada, your table is ready");
}
