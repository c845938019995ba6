//! Registrations of senders: brands and campaigns for US numbers, and toll-free verifications.

use switchboard::twilio::TwilioAccount;
use switchboard::twilio::brands::{Brand, BrandStatus, BrandType, CreateBrand};
use switchboard::twilio::messaging_services::{
    Campaign, CampaignStatus, CampaignUsecase, CreateCampaign, MessagingServiceSettings, UpdateCampaign,
};
use switchboard::twilio::tollfree_verifications::{
    CreateTollfreeVerification, ListTollfreeVerifications, TollfreeOptIn, TollfreeStatus, TollfreeUseCase,
    UpdateTollfreeVerification,
};
use switchboard::{ErrorCode, Outcome};
use switchboard_testing::{FakeTwilio, Fault};

pub(crate) const BU: &str = "BU0123456789abcdef0123456789abcdef";
const LONG: &str = "Reminders of appointments that customers booked with Acme Dental.";
const SAMPLE: &str = "Acme Dental: your appointment is on Monday at 9:30.";

pub(crate) async fn brand(account: &TwilioAccount) -> Brand {
    account.brands().create(&CreateBrand::new(BU, BU).brand_type(BrandType::Standard)).await.unwrap()
}

pub(crate) fn campaign(brand_sid: &str) -> CreateCampaign {
    CreateCampaign::new(brand_sid, CampaignUsecase::AccountNotification)
        .description(LONG)
        .message_flow(LONG)
        .message_sample(SAMPLE)
        .message_sample(SAMPLE)
        .has_embedded_links(false)
        .has_embedded_phone(false)
}

pub(crate) fn verification(number_sid: &str) -> CreateTollfreeVerification {
    CreateTollfreeVerification::new(number_sid)
        .business_name("Acme Dental")
        .business_website("https://acme.example")
        .notification_email("office@acme.example")
        .use_cases([TollfreeUseCase::AccountNotifications])
        .use_case_summary(LONG)
        .message_sample(SAMPLE)
        .opt_in(TollfreeOptIn::WebForm)
        .opt_in_image_url("https://acme.example/opt-in.png")
        .message_volume("1,000")
}

#[tokio::test]
async fn a_brand_is_registered_refused_and_submitted_again() {
    let fake = FakeTwilio::start().await;
    let account = fake.account();
    let sid = brand(&account).await.sid;
    fake.reject_brand(&sid, 30701, "The region is not valid");
    let failed = account.brands().fetch(&sid).await.unwrap();
    assert_eq!(failed.status, BrandStatus::Failed);
    assert_eq!(failed.errors.unwrap()[0].error_code, Some(30701));
    assert_eq!(account.brands().resubmit(&sid).await.unwrap().status, BrandStatus::Pending);
    fake.approve_brand(&sid);
    let all = account.brands().list().all().await.unwrap();
    assert_eq!(all.iter().map(|brand| &brand.status).collect::<Vec<_>>(), [&BrandStatus::Approved]);
    let early = account.brands().resubmit(&sid).await.unwrap_err();
    assert_eq!((early.code(), early.outcome()), (ErrorCode::InvalidRequest, Outcome::NotApplied));
}

#[tokio::test]
async fn a_campaign_goes_from_its_brand_to_the_registration_of_its_service() {
    let fake = FakeTwilio::start().await;
    let account = fake.account();
    let services = account.messaging_services();
    let service = services.create(&MessagingServiceSettings::named("Reminders")).await.unwrap().sid;
    let campaigns = services.campaigns(&service);
    let brand = brand(&account).await.sid;
    let too_early = campaigns.create(&campaign(&brand)).await.unwrap_err();
    assert!(too_early.to_string().contains("not approved"), "{too_early}");
    fake.approve_brand(&brand);
    let usecases = campaigns.usecases(Some(&brand)).await.unwrap().usecases.unwrap();
    assert!(usecases.iter().any(|usecase| usecase.code == Some(CampaignUsecase::AccountNotification)));

    let created: Campaign = campaigns.create(&campaign(&brand)).await.unwrap();
    assert_eq!(created.status, CampaignStatus::Pending);
    fake.reject_campaign(&created.sid, 30897, "Disallowed content");
    let failed = campaigns.fetch(&created.sid).await.unwrap();
    assert_eq!(failed.errors.as_ref().unwrap()[0].error_code, Some(30897));
    let update = UpdateCampaign::of(&failed).description(format!("{LONG} Nothing else is sent."));
    assert_eq!(campaigns.update(&failed.sid, &update).await.unwrap().status, CampaignStatus::Pending);

    let registered = async || services.fetch(&service).await.unwrap().us_app_to_person_registered;
    assert_eq!(registered().await, Some(false));
    fake.approve_campaign(&created.sid);
    assert_eq!(registered().await, Some(true));
    let all = campaigns.list().unwrap().all().await.unwrap();
    assert_eq!((all.len(), &all[0].status), (1, &CampaignStatus::Verified));
    campaigns.delete(&created.sid).await.unwrap();
    assert_eq!(registered().await, Some(false));
}

#[tokio::test]
async fn what_costs_money_is_sent_once_where_the_answer_is_lost() {
    let fake = FakeTwilio::start().await;
    let account = fake.account();
    let service = MessagingServiceSettings::named("Reminders");
    let service = account.messaging_services().create(&service).await.unwrap().sid;
    let registered = brand(&account).await.sid;
    let before = fake.requests();
    fake.approve_brand(&registered);
    fake.fail_next(Fault::CutAfter);
    let campaigns = account.messaging_services().campaigns(&service);
    let error = campaigns.create(&campaign(&registered)).await.unwrap_err();
    assert_eq!(
        (error.outcome(), error.is_retryable(), fake.requests() - before),
        (Outcome::Unknown, false, 1)
    );
    assert_eq!(campaigns.list().unwrap().all().await.unwrap().len(), 1);

    fake.fail_next(Fault::CutAfter);
    let error = account.brands().create(&CreateBrand::new(BU, BU)).await.unwrap_err();
    assert_eq!((error.outcome(), error.is_retryable()), (Outcome::Unknown, false));
    assert_eq!(account.brands().list().all().await.unwrap().len(), 2);
    fake.reject_brand(&registered, 30701, "The region is not valid");
    fake.fail_next(Fault::CutAfter);
    let error = account.brands().resubmit(&registered).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown);
}

#[tokio::test]
async fn malformed_sids_are_refused_before_anything_is_sent() {
    let fake = FakeTwilio::start().await;
    let account = fake.account();
    let campaigns = account.messaging_services().campaigns("MG1");
    assert!(campaigns.list().is_err());
    assert!(campaigns.delete("QE1").await.is_err());
    let campaigns = account.messaging_services().campaigns("MG0123456789abcdef0123456789abcdef");
    assert!(campaigns.fetch("../x").await.is_err());
    assert!(campaigns.usecases(Some("BN1")).await.is_err());
    assert!(account.brands().fetch("BU1").await.is_err());
    assert!(account.brands().create(&CreateBrand::new("", "")).await.is_err());
    assert_eq!(fake.requests(), 0);
}

#[tokio::test]
async fn a_toll_free_number_is_verified() {
    let fake = FakeTwilio::start().await;
    let account = fake.account();
    fake.own_number("+18335550142");
    let number = fake.number_sid("+18335550142").unwrap();
    let verifications = account.tollfree_verifications();
    let created = verifications.create(&verification(&number)).await.unwrap();
    assert_eq!(
        (created.status, created.opt_in_type),
        (TollfreeStatus::PendingReview, Some(TollfreeOptIn::WebForm))
    );
    assert_eq!(created.tollfree_phone_number.unwrap().as_str(), "+18335550142");

    fake.reject_tollfree(&created.sid, 30475, "Website unavailable");
    let rejected = verifications.fetch(&created.sid).await.unwrap();
    assert_eq!((rejected.edit_allowed, rejected.error_code), (Some(true), Some(30475)));
    assert_eq!(rejected.rejection_reasons.unwrap()[0].code, Some(30475));
    let update = UpdateTollfreeVerification::new().edit_reason("Website fixed").business_name("Acme");
    let updated = verifications.update(&created.sid, &update).await.unwrap();
    assert_eq!(updated.status, TollfreeStatus::PendingReview);
    fake.approve_tollfree(&created.sid);
    let approved = ListTollfreeVerifications::new().status(TollfreeStatus::Approved).number(&number);
    assert_eq!(verifications.list(&approved).all().await.unwrap().len(), 1);
    verifications.delete(&created.sid).await.unwrap();
    let gone = verifications.fetch(&created.sid).await.unwrap_err();
    assert_eq!(gone.code(), ErrorCode::NotFound);

    fake.fail_next(Fault::CutAfter);
    let lost = verifications.create(&verification(&number)).await.unwrap_err();
    assert_eq!((lost.outcome(), lost.is_retryable()), (Outcome::Unknown, false));
    let before = fake.requests();
    assert!(
        verifications.fetch("PN1").await.is_err()
            && verifications.create(&verification("PN1")).await.is_err()
    );
    assert_eq!(fake.requests(), before);
}
