//! API keys and auth tokens, through the adapter against the fake.

use switchboard::{ErrorCode, Outcome};
use switchboard_testing::{FakeTwilio, FaultProxy, ProxyMode};

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
