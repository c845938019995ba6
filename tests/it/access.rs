//! API keys and auth tokens, through the adapter against the fake.

use switchboard::{Credentials, ErrorCode, Outcome};
use switchboard_testing::{FakeTwilio, Fault, FaultProxy, ProxyMode};

use crate::support::TO;

#[tokio::test]
async fn a_key_is_created_used_renamed_and_revoked() {
    let fake = FakeTwilio::start().await;
    let keys = fake.account().api_keys();
    let made = keys.create("worker 7").await.unwrap();
    assert!(made.extra.is_empty(), "{:?}", made.extra);
    let secret = made.secret.as_ref().unwrap().expose().to_owned();
    assert!(!format!("{made:?}").contains(&secret));
    let credentials = made.credentials(fake.credentials()).unwrap();
    let worker = fake.adapter().account(&credentials).unwrap();
    worker.send_sms(TO, "sent with the key").await.unwrap();

    let refused = worker.api_keys().create("x").await.unwrap_err();
    assert_eq!((refused.code(), refused.provider_code()), (ErrorCode::Unauthorized, Some(20003)));
    let listed = worker.api_keys().list().all().await.unwrap_err();
    for error in [refused, listed, worker.api_keys().revoke(&made.sid).await.unwrap_err()] {
        assert!(error.advice().unwrap().contains("use a main one"), "{error:?}");
    }

    keys.rename(&made.sid, "worker 8").await.unwrap();
    assert_eq!(keys.fetch(&made.sid).await.unwrap().friendly_name.unwrap(), "worker 8");
    assert_eq!(keys.list().all().await.unwrap().len(), 3, "the fake begins with two keys");
    keys.revoke(&made.sid).await.unwrap();
    assert_eq!(worker.send_sms(TO, "too late").await.unwrap_err().code(), ErrorCode::Unauthorized);
    assert_eq!(keys.fetch(&made.sid).await.unwrap_err().code(), ErrorCode::NotFound);

    let before = fake.requests();
    for bad in ["", "AC0123456789abcdef0123456789abcdef", "../Calls"] {
        assert_eq!(keys.revoke(bad).await.unwrap_err().code(), ErrorCode::InvalidRequest);
    }
    assert_eq!(keys.create(&"x".repeat(65)).await.unwrap_err().code(), ErrorCode::InvalidRequest);
    assert_eq!(fake.requests(), before);
}

#[tokio::test]
async fn a_key_whose_answer_is_lost_is_not_created_twice_and_its_secret_is_in_no_error() {
    let fake = FakeTwilio::start().await;
    let proxy = FaultProxy::to(fake.url());
    // Behind the secret, within the SID.
    proxy.set(ProxyMode::CutAnswer { after: 180 });
    let adapter = fake.adapter_builder().base_url(proxy.url()).build().unwrap();
    let account = adapter.account(&fake.credentials()).unwrap();
    let lost = account.api_keys().create("worker").await.unwrap_err();
    assert_eq!(lost.outcome(), Outcome::Applied);
    let keys = fake.account().api_keys().list().all().await.unwrap();
    let made: Vec<_> = keys.iter().filter(|key| key.friendly_name.as_ref().unwrap() == "worker").collect();
    assert_eq!(made.len(), 1);
    assert!(!format!("{lost:?} {lost}").contains("secret"), "{lost:?}");
}

#[tokio::test]
async fn a_secondary_token_takes_the_place_of_the_primary_one() {
    let fake = FakeTwilio::start().await;
    let opened = |token: &str| {
        let credentials = Credentials::twilio(fake.account_sid(), token).phone_number(fake.phone_number());
        fake.adapter().account(&credentials).unwrap()
    };
    let before = fake.auth_token();
    let old = opened(&before);
    let made = old.auth_tokens().create_secondary().await.unwrap();
    assert!(made.extra.is_empty(), "{:?}", made.extra);
    let token = made.secondary_auth_token.as_ref().unwrap().expose().to_owned();
    assert!(!format!("{made:?}").contains(&token));
    let second = old.auth_tokens().create_secondary().await.unwrap_err();
    assert_eq!((second.provider_code(), second.outcome()), (Some(20409), Outcome::NotApplied));

    let new = opened(&token);
    for account in [&old, &new] {
        account.send_sms(TO, "with either token").await.unwrap();
    }
    assert_eq!(fake.auth_token(), before);
    let promoted = new.auth_tokens().promote().await.unwrap();
    assert_eq!((promoted.auth_token.unwrap().expose(), fake.auth_token()), (token.as_str(), token.clone()));
    assert_eq!(old.send_sms(TO, "too late").await.unwrap_err().code(), ErrorCode::Unauthorized);
    new.send_sms(TO, "with the new token").await.unwrap();
    assert_eq!(new.auth_tokens().promote().await.unwrap_err().code(), ErrorCode::NotFound);
    assert_eq!(new.auth_tokens().delete_secondary().await.unwrap_err().code(), ErrorCode::NotFound);
    new.auth_tokens().create_secondary().await.unwrap();
    new.auth_tokens().delete_secondary().await.unwrap();

    let (key, secret) = fake.api_key();
    let with_key = fake.adapter().account(&fake.credentials().api_key(key, secret)).unwrap();
    let refused = with_key.auth_tokens().create_secondary().await.unwrap_err();
    assert!(refused.advice().unwrap().contains("use a main one"), "{refused:?}");
}

#[tokio::test]
async fn a_promotion_whose_answer_is_lost_is_not_repeated() {
    let fake = FakeTwilio::start().await;
    let tokens = fake.account().auth_tokens();
    tokens.create_secondary().await.unwrap();
    let before = fake.requests();
    fake.fail_next(Fault::status(503));
    let lost = tokens.promote().await.unwrap_err();
    assert_eq!((lost.outcome(), fake.requests() - before), (Outcome::Unknown, 1));
}
