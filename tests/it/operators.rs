//! Buying numbers, Verify, recordings, services, subaccounts and usage, through the adapter against the fake.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::StreamExt as _;
use serde::{Deserialize, Deserializer};
use serde_json::json;
use switchboard::provider::ApiRequest;
use switchboard::sms::PriceList;
use switchboard::twilio::accounts::{AccountStatus, ListAccounts};
use switchboard::twilio::alerts::ListAlerts;
use switchboard::twilio::geo_permissions::{ListGeoPermissions, UpdateGeoPermissions};
use switchboard::twilio::lookup::LookupRequest;
use switchboard::twilio::messaging_services::MessagingServiceSettings;
use switchboard::twilio::numbers::{BuyNumber, ListPhoneNumbers, ReleaseNumber, SearchNumbers, UpdateNumber};
use switchboard::twilio::outgoing_caller_ids::{ListOutgoingCallerIds, VerifyCallerId};
use switchboard::twilio::recordings::{
    DownloadRecording, ListRecordings, PauseBehavior, RecordingStatus, Recordings, StartRecording,
};
use switchboard::twilio::usage::{ListUsage, UsagePeriod};
use switchboard::twilio::usage_triggers::{
    CreateUsageTrigger, ListUsageTriggers, TriggerField, UpdateUsageTrigger,
};
use switchboard::twilio::value::Amount;
use switchboard::twilio::verify::{
    CheckOutcome, CheckVerification, StartVerification, VerificationStatus, VerifyServiceSettings,
};
use switchboard::twilio::{CreateCall, CreateMessage, MakeCall};
use switchboard::{ErrorCode, Outcome, Reason};
use switchboard_testing::{FakeTwilio, Fault, FaultProxy, ProxyMode};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::support::TO;

#[tokio::test]
async fn a_number_is_found_bought_used_and_released() {
    let fake = FakeTwilio::start().await;
    let account = fake.account();
    let offers = account
        .available_numbers()
        .search(&SearchNumbers::local("US").area_code(415).sms(true))
        .await
        .unwrap();
    assert!(!offers.is_empty() && offers.iter().all(|offer| offer.extra.is_empty()));
    let wanted = offers[0].phone_number.clone();
    assert!(wanted.as_str().starts_with("+1415"));

    let numbers = account.phone_numbers();
    let before = fake.requests();
    let buy = BuyNumber::number(&wanted).with(UpdateNumber::new().friendly_name("Front desk"));
    assert_eq!(numbers.buy(&buy).await.unwrap_err().code(), ErrorCode::InvalidRequest);
    assert_eq!(fake.requests(), before, "nothing is sent without confirm()");
    let bought = numbers.buy(&buy.clone().confirm()).await.unwrap();
    assert_eq!(bought.phone_number.as_ref(), Some(&wanted));
    assert!(bought.extra.is_empty(), "{:?}", bought.extra);
    let again = numbers.buy(&buy.confirm()).await.unwrap_err();
    assert_eq!(again.provider_code(), Some(21422));

    let sid = bought.sid;
    let update = UpdateNumber::new().sms_url("https://example.com/sms");
    assert_eq!(numbers.update(&sid, &update).await.unwrap().sms_url.unwrap(), "https://example.com/sms");
    account.send(&CreateMessage::new(TO).from(&wanted).body("from the new one")).await.unwrap();
    let owned = numbers.list(&ListPhoneNumbers::new().phone_number(&wanted)).all().await.unwrap();
    assert_eq!(owned.len(), 1);

    assert!(numbers.release(&ReleaseNumber::new(&sid)).await.is_err());
    numbers.release(&ReleaseNumber::new(&sid).confirm()).await.unwrap();
    assert_eq!(numbers.fetch(&sid).await.unwrap_err().code(), ErrorCode::NotFound);
    let gone = account.send(&CreateMessage::new(TO).from(&wanted).body("too late")).await.unwrap_err();
    assert_eq!(gone.provider_code(), Some(21606));
    let none = account.available_numbers().search(&SearchNumbers::mobile("US")).await.unwrap_err();
    assert_eq!(none.code(), ErrorCode::NotFound);
}

#[tokio::test]
async fn a_code_is_verified_and_a_check_is_never_repeated() {
    let fake = FakeTwilio::start().await;
    fake.set_code("246810");
    let account = fake.account();
    let service = account.verify_services().create(&VerifyServiceSettings::named("Acme")).await.unwrap();
    assert!(service.extra.is_empty(), "{:?}", service.extra);
    let verify = account.verify(service.sid);
    let started = verify.start(&StartVerification::sms(TO)).await.unwrap();
    assert_eq!(started.status, VerificationStatus::Pending);
    assert!(started.extra.is_empty(), "{:?}", started.extra);

    let check = |code: &str| CheckVerification::new(TO, code);
    assert!(matches!(verify.check(&check("111111")).await.unwrap(), CheckOutcome::WrongCode(_)));
    let before = fake.requests();
    fake.fail_next(Fault::status(503));
    let lost = verify.check(&check("246810")).await.unwrap_err();
    assert_eq!((lost.outcome(), fake.requests() - before), (Outcome::Unknown, 1));
    fake.fail_next(Fault::too_many_requests());
    assert!(matches!(verify.check(&check("246810")).await.unwrap(), CheckOutcome::RateLimited(_)));
    assert_eq!(fake.requests() - before, 2);
    assert!(matches!(verify.check(&check("246810")).await.unwrap(), CheckOutcome::Approved(_)));
    assert!(matches!(verify.check(&check("246810")).await.unwrap(), CheckOutcome::Gone));

    verify.start(&StartVerification::sms("+12025550187")).await.unwrap();
    let mut outcomes = Vec::new();
    for _ in 0..6 {
        outcomes.push(verify.check(&CheckVerification::new("+12025550187", "000000")).await.unwrap());
    }
    assert!(matches!(outcomes.last(), Some(CheckOutcome::TooManyAttempts)), "{outcomes:?}");
}

#[tokio::test]
async fn a_call_is_recorded_listed_downloaded_and_deleted() {
    let fake = FakeTwilio::start().await;
    let account = fake.account();
    let call = account.make_call(&MakeCall::say(TO, "hello")).await.unwrap().sid;
    fake.answer_call(&call);
    let recordings = account.recordings();
    let started = recordings.start(&call, &StartRecording::new().dual()).await.unwrap();
    assert!(started.extra.is_empty(), "{:?}", started.extra);
    let sid = started.sid;
    let paused = recordings.pause(&call, Recordings::CURRENT, PauseBehavior::Skip).await.unwrap();
    assert_eq!(paused.status, RecordingStatus::Paused);
    recordings.resume(&call, &sid).await.unwrap();
    recordings.stop(&call, &sid).await.unwrap();
    fake.complete_call(&call);
    let listed = recordings.list(&ListRecordings::new().call(&call)).all().await.unwrap();
    assert_eq!(listed.len(), 1);

    for redirected in [false, true] {
        fake.redirect_media(redirected);
        let wish = DownloadRecording::wav().dual();
        let bytes = recordings.download(&sid, &wish).await.unwrap().bytes().await.unwrap();
        assert_eq!(&bytes[..4], b"RIFF");
        let mut file = Vec::new();
        let mut steps = Vec::new();
        let mut download = recordings.download(&sid, &wish).await.unwrap();
        let written = download.copy_to(&mut file, |so_far| steps.push(so_far.arrived)).await.unwrap();
        assert_eq!((written, steps.last()), (bytes.len() as u64, Some(&(bytes.len() as u64))));
        assert_eq!(file, bytes);
    }
    fake.redirect_media(false);

    let text = fake.add_transcription(&sid, "hello there");
    let transcriptions = account.transcriptions();
    assert_eq!(transcriptions.fetch(&text).await.unwrap().text.unwrap(), "hello there");
    assert_eq!(transcriptions.of_recording(&sid).unwrap().all().await.unwrap().len(), 1);
    transcriptions.delete(&text).await.unwrap();
    assert!(transcriptions.list().all().await.unwrap().is_empty());

    recordings.delete(&sid).await.unwrap();
    let gone = recordings.download(&sid, &DownloadRecording::mp3()).await.unwrap_err();
    assert_eq!(gone.code(), ErrorCode::NotFound);
}

#[tokio::test]
async fn an_interrupted_download_reports_how_many_bytes_arrived() {
    let fake = FakeTwilio::start().await;
    let call = fake.account().calls().create(&CreateCall::new(TO).say("hi").record(true)).await.unwrap();
    let sid = fake.add_recording(&call.sid);
    fake.set_recording_length(&sid, 1_000_000);
    let proxy = FaultProxy::to(fake.url());
    proxy.set(ProxyMode::CutAnswer { after: 300_000 });
    let adapter = fake.adapter_builder().base_url(proxy.url()).build().unwrap();
    let account = adapter.account(&fake.credentials()).unwrap();
    let download = account.recordings().download(&sid, &DownloadRecording::wav()).await.unwrap();
    let error = download.bytes().await.unwrap_err();
    assert!(error.to_string().contains("300000 of 1000000"), "{error}");

    let small = DownloadRecording::wav().limit(999_999);
    let error = fake.account().recordings().download(&sid, &small).await.unwrap_err();
    assert!(error.to_string().contains("limit of 999999"), "{error}");
}

#[tokio::test]
async fn lookups_and_services() {
    let fake = FakeTwilio::start().await;
    let account = fake.account();
    let number = account.lookup().number(TO).await.unwrap();
    assert_eq!(number.valid, Some(true));
    assert!(number.extra.is_empty(), "{:?}", number.extra);
    let invalid = account.lookup().fetch(&LookupRequest::new("+1555").line_type()).await;
    assert!(invalid.is_err() || invalid.unwrap().valid == Some(false));

    let services = account.messaging_services();
    let service = services.create(&MessagingServiceSettings::named("Alerts")).await.unwrap();
    assert!(service.extra.is_empty(), "{:?}", service.extra);
    let sid = service.sid;
    let owned = account.phone_numbers().list(&ListPhoneNumbers::new()).all().await.unwrap();
    let number = owned[0].sid.clone();
    services.phone_numbers(&sid).add(&number).await.unwrap();
    let message = account.send(&CreateMessage::new(TO).messaging_service(&sid).body("hi")).await.unwrap();
    fake.deliver(&message.sid.clone());
    let sent = account.messages().fetch(&message.sid).await.unwrap();
    assert_eq!(sent.from, owned[0].phone_number);
    services.phone_numbers(&sid).remove(&number).await.unwrap();
    services.delete(&sid).await.unwrap();
}

#[tokio::test]
async fn subaccounts_are_managed_with_a_token_but_not_with_a_standard_key() {
    let fake = FakeTwilio::start().await;
    let subaccounts = fake.account().subaccounts();
    let made = subaccounts.create("Branch").await.unwrap();
    assert!(made.auth_token.is_some_and(|token| token.expose().len() == 32));
    let sid = made.sid;
    assert_eq!(subaccounts.suspend(&sid).await.unwrap().status, AccountStatus::Suspended);
    assert_eq!(subaccounts.activate(&sid).await.unwrap().status, AccountStatus::Active);
    assert_eq!(subaccounts.close(&sid).await.unwrap().status, AccountStatus::Closed);
    assert!(subaccounts.close(&fake.account_sid()).await.is_err(), "the account itself cannot be closed");
    let all = subaccounts.list(&ListAccounts::new()).all().await.unwrap();
    assert_eq!(all.len(), 2);

    let (key, secret) = fake.api_key();
    let with_key = fake.adapter().account(&fake.credentials().api_key(key, secret)).unwrap();
    let refused = with_key.details().await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Unauthorized);
    assert!(refused.advice().unwrap().contains("main"), "{refused:?}");
    assert_eq!(with_key.subaccounts().create("x").await.unwrap_err().code(), ErrorCode::Unauthorized);
    let (key, secret) = fake.main_api_key();
    let with_main_key = fake.adapter().account(&fake.credentials().api_key(key, secret)).unwrap();
    assert_eq!(with_main_key.details().await.unwrap().status, AccountStatus::Active);
    assert!(with_main_key.subaccounts().create("x").await.unwrap().sid.starts_with("AC"));
    assert!(with_key.balance().await.unwrap().balance.is_some());
}

#[tokio::test]
async fn sends_appear_in_balance_usage_and_prices() {
    let fake = FakeTwilio::start().await;
    let account = fake.account();
    let before = account.balance().await.unwrap().balance.unwrap().to_string();
    let sid = account.send_sms(TO, "one").await.unwrap().sid;
    fake.deliver(&sid);
    let after = account.balance().await.unwrap().balance.unwrap().to_string();
    assert!(after.parse::<f64>().unwrap() < before.parse::<f64>().unwrap(), "{before} {after}");

    let today = ListUsage::new(UsagePeriod::Today).category("sms-outbound");
    let records = account.usage().list(&today).all().await.unwrap();
    assert_eq!((records.len(), records[0].count.as_ref().unwrap().as_str()), (1, "1"));
    assert!(records[0].extra.is_empty(), "{:?}", records[0].extra);

    let mut prices = PriceList::new("USD");
    assert!(account.prices().sms("us").await.unwrap().add_to(&mut prices).unwrap() > 0);
    assert!(prices.iter().all(|(country, _, price)| country == "US" && !price.is_zero()));
    assert!(account.prices().voice("US").await.unwrap().outbound.is_some_and(|prices| !prices.is_empty()));
    let numbers = account.prices().numbers("gb").await.unwrap();
    assert_eq!(numbers.iso_country.as_deref(), Some("GB"));
    assert!(numbers.monthly("mobile").is_some() && numbers.monthly("satellite").is_none());

    fake.add_alert(11200);
    let alerts = account.alerts().list(&ListAlerts::new()).all().await.unwrap();
    let alert = account.alerts().fetch(&alerts[0].sid).await.unwrap();
    assert_eq!(alert.meaning().unwrap().code, 11200);
}

#[tokio::test]
async fn a_country_is_closed_and_opened_for_messages() {
    const PARIS: &str = "+33123456789";
    let fake = FakeTwilio::start().await;
    let account = fake.account();
    let geo = account.geo_permissions();
    let all = geo.list(&ListGeoPermissions::new()).await.unwrap();
    assert!(all.len() > 5 && all.iter().all(|permission| permission.extra.is_empty()), "{all:?}");
    let results = geo.update(&UpdateGeoPermissions::new().disable("FR").enable("PK")).await.unwrap();
    assert!(results[0].is_applied() && results[0].extra.is_empty(), "{results:?}");
    assert_eq!((results[1].is_applied(), results[1].error_code), (false, Some(30649)));
    let france = geo.list(&ListGeoPermissions::new().country("FR")).await.unwrap();
    assert_eq!((france.len(), france[0].enabled, france[0].prefix.as_deref()), (1, Some(false), Some("+33")));
    let refused = account.send_sms(PARIS, "Bonjour").await.unwrap_err();
    assert_eq!((refused.provider_code(), refused.reason()), (Some(21408), Reason::CountryNotEnabled));
    fake.set_geo_permission("FR", true);
    account.send_sms(PARIS, "Bonjour").await.unwrap();
    let before = fake.requests();
    assert!(geo.list(&ListGeoPermissions::new().country("France")).await.is_err());
    assert!(geo.update(&UpdateGeoPermissions::new()).await.is_err());
    assert_eq!(fake.requests(), before);
}

#[tokio::test]
async fn a_caller_id_is_verified_used_renamed_and_deleted() {
    const OFFICE: &str = "+14155557777";
    let fake = FakeTwilio::start().await;
    let account = fake.account();
    let ids = account.outgoing_caller_ids();
    let call = CreateCall::new(TO).from(OFFICE).say("hello");
    assert_eq!(account.calls().create(&call).await.unwrap_err().provider_code(), Some(21210));
    let started = ids.verify(&VerifyCallerId::new(OFFICE).friendly_name("Office")).await.unwrap();
    assert!(started.extra.is_empty(), "{:?}", started.extra);
    let code = started.validation_code.unwrap();
    assert!(fake.enter_validation_code(OFFICE, code.as_str()));
    account.calls().create(&call).await.unwrap();
    let again = ids.verify(&VerifyCallerId::new(OFFICE)).await.unwrap_err();
    assert_eq!((again.provider_code(), again.outcome()), (Some(21450), Outcome::NotApplied));

    let listed = ids.list(&ListOutgoingCallerIds::new().phone_number(OFFICE)).all().await.unwrap();
    assert!(listed.len() == 1 && listed[0].extra.is_empty(), "{listed:?}");
    let sid = &listed[0].sid;
    assert_eq!(ids.rename(sid, "Desk").await.unwrap().friendly_name.unwrap(), "Desk");
    assert_eq!(ids.fetch(sid).await.unwrap().phone_number.as_str(), OFFICE);
    ids.delete(sid).await.unwrap();
    assert_eq!(ids.fetch(sid).await.unwrap_err().code(), ErrorCode::NotFound);
    assert_eq!(account.calls().create(&call).await.unwrap_err().provider_code(), Some(21210));
    let before = fake.requests();
    assert!(ids.verify(&VerifyCallerId::new("415")).await.is_err() && ids.delete("CA1").await.is_err());
    assert_eq!(fake.requests(), before);
}

#[tokio::test]
async fn a_usage_trigger_is_created_listed_changed_fired_and_deleted() {
    let fake = FakeTwilio::start().await;
    let account = fake.account();
    let triggers = account.usage_triggers();
    let create = CreateUsageTrigger::new("totalprice", "0.0150", "http://127.0.0.1:9/usage");
    let made = triggers.create(&create.by(TriggerField::Price)).await.unwrap();
    assert!(made.extra.is_empty(), "{:?}", made.extra);
    assert_eq!((made.trigger_value.unwrap().as_str(), made.date_fired), ("0.0150", None));
    for _ in 0..2 {
        let sid = account.send_sms(TO, "one").await.unwrap().sid;
        fake.deliver(&sid);
    }
    fake.wait_for_callbacks().await;
    let fired = triggers.fetch(&made.sid).await.unwrap();
    assert_eq!(fired.current_value, Amount::parse("0.0158"));
    assert!(fired.date_fired.is_some() && fake.callbacks().iter().any(|callback| callback.sid == made.sid));

    let renamed = triggers.update(&made.sid, &UpdateUsageTrigger::new().friendly_name("cost")).await.unwrap();
    assert_eq!(renamed.friendly_name.unwrap(), "cost");
    let list = |by| ListUsageTriggers::new().category("totalprice").by(by);
    assert_eq!(triggers.list(&list(TriggerField::Price)).all().await.unwrap().len(), 1);
    assert_eq!(triggers.list(&list(TriggerField::Count)).all().await.unwrap().len(), 0);
    triggers.delete(&made.sid).await.unwrap();
    assert_eq!(triggers.fetch(&made.sid).await.unwrap_err().code(), ErrorCode::NotFound);
}

static ALIVE: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

/// An item that counts how many items are in memory.
struct Counted;

impl<'de> Deserialize<'de> for Counted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde::de::IgnoredAny::deserialize(deserializer)?;
        MOST.fetch_max(ALIVE.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        Ok(Self)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        ALIVE.fetch_sub(1, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn a_hundred_thousand_items_hold_one_page_at_a_time() {
    const PAGE: usize = 1000;
    const PAGES: usize = 100;
    let server = MockServer::builder().start().await;
    let answer = |request: &Request| {
        let page: usize =
            request.url.query_pairs().find(|(k, _)| k == "Page").map_or(0, |(_, v)| v.parse().unwrap());
        let next = (page + 1 < PAGES).then(|| format!("{}?Page={}", request.url.path(), page + 1));
        ResponseTemplate::new(200)
            .set_body_json(json!({"messages": vec![json!({"sid": "SM1"}); PAGE], "next_page_uri": next}))
    };
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let fake = FakeTwilio::start().await;
    let adapter = fake.adapter_builder().base_url(server.uri()).build().unwrap();
    let account = adapter.account(&fake.credentials()).unwrap();
    let mut items = account.pages::<Counted>(ApiRequest::get("/Messages.json"), "messages");
    let mut count = 0;
    while let Some(item) = items.next().await {
        drop(item.unwrap());
        count += 1;
    }
    assert_eq!(count, PAGE * PAGES);
    assert!(MOST.load(Ordering::SeqCst) <= PAGE, "{} items were in memory", MOST.load(Ordering::SeqCst));

    let few = account.pages::<Counted>(ApiRequest::get("/Messages.json"), "messages").limit(1500);
    assert_eq!(few.count().await, 1500);
    assert_eq!(server.received_requests().await.unwrap().len(), PAGES + 2);
}
