//! Guards: limits on segments and cost, which refuse a message before anything is sent.

use rust_decimal::Decimal;
use switchboard::sms::{BillableMessage, Guards, PriceList, Templates, estimate};
use switchboard::twilio::CreateMessage;
use switchboard::{Action, ErrorCode, Outcome, ProviderError, Reason};
use switchboard_testing::FakeTwilio;

use crate::support::TO;

#[tokio::test]
async fn a_guard_refuses_before_anything_is_sent() {
    let fake = FakeTwilio::start().await;
    let account = fake.account();
    let mut prices = PriceList::new("USD");
    account.prices().sms("US").await.unwrap().add_to(&mut prices).unwrap();
    let price = estimate([(TO, "x")], &prices).total;
    assert!(price > Decimal::ZERO);
    let before = fake.requests();

    let refused = |error: ProviderError, reason: Reason, words: &str| {
        assert_eq!((error.code(), error.outcome()), (ErrorCode::Blocked, Outcome::NotApplied));
        assert_eq!((error.action(), error.reason()), (Action::FixRequest, reason));
        assert!(error.to_string().contains(words) && !error.is_retryable(), "{error}");
    };
    let long = "x".repeat(161);
    let send = async |guards: &Guards, message: &CreateMessage| -> Result<(), ProviderError> {
        guards.check(message)?;
        account.send(message).await.map(drop)
    };
    let one = Guards::new().max_segments(1);
    let error = send(&one, &CreateMessage::new(TO).body(&long)).await.unwrap_err();
    refused(error, Reason::InvalidParameter, "the text has 2 segments, but at most 1 is allowed");
    let cheap = Guards::new().max_cost(price, &prices);
    let error = send(&cheap, &CreateMessage::new(TO).body(&long)).await.unwrap_err();
    refused(error, Reason::BudgetSpent, "it would cost");
    let dear = Guards::new().max_cost(Decimal::TEN, &prices);
    let error = send(&dear, &CreateMessage::new("+491711234567").body("x")).await.unwrap_err();
    refused(error, Reason::BudgetSpent, "no price for DE");
    let mms = CreateMessage::new(TO).media_url("https://example.com/a.png");
    refused(send(&dear, &mms).await.unwrap_err(), Reason::BudgetSpent, "no price for mms");
    assert_eq!(fake.requests(), before);

    let enough = Guards::new().max_segments(2).max_cost(price * Decimal::TWO, &prices);
    send(&enough, &CreateMessage::new(TO).body(&long)).await.unwrap();
    assert_eq!((fake.requests(), fake.sent().len()), (before + 1, 1));
}

#[tokio::test]
async fn a_text_from_a_template_is_priced_checked_and_sent() {
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
