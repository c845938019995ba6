//! The audit of an account: nothing on a clean one, and each planted fault on another.

use std::time::Duration;

use futures_util::StreamExt as _;
use switchboard::Credentials;
use switchboard::twilio::TwilioAccount;
use switchboard::twilio::audit::{
    AuditItem, AuditPart, AuditReport, Finding, FindingKind, FindingSeverity, Skipped,
};
use switchboard::twilio::messaging_services::MessagingServiceSettings;
use switchboard::twilio::numbers::UpdateNumber;
use switchboard::twilio::whatsapp::WhatsAppMessage;
use switchboard::twilio::{CreateMessage, MakeCall};
use switchboard_testing::{FakeTwilio, Fault};

use crate::registrations::{brand, campaign, verification};
use crate::support::TO;

const TOLL_FREE: &str = "+18335550142";
const HOOK: &str = "https://acme.example/hook";
const DAY: Duration = Duration::from_secs(24 * 3600);

/// A fake account in good order, whose messages begin after its numbers are old.
struct Acme {
    fake: FakeTwilio,
    account: TwilioAccount,
    service: String,
    campaign: String,
    verification: String,
}

impl Acme {
    async fn new() -> Self {
        let acme = Self::before_messages().await;
        acme.fake.advance(40 * DAY);
        acme.send(60, 1).await;
        acme.fake.advance(7 * DAY);
        acme.send(60, 1).await;
        acme.text(TOLL_FREE).await;
        acme.fake.advance(DAY);
        acme
    }

    /// Opens it with an API key, gives its numbers webhooks, and registers them.
    async fn before_messages() -> Self {
        let fake = FakeTwilio::start().await;
        let (key, secret) = fake.api_key();
        let credentials = Credentials::twilio(fake.account_sid(), fake.auth_token()).api_key(key, secret);
        let account = fake.adapter().account(&credentials).unwrap();
        let settings = MessagingServiceSettings::named("Reminders").inbound_request_url(HOOK);
        let service = account.messaging_services().create(&settings).await.unwrap().sid;
        let brand = brand(&account).await.sid;
        fake.approve_brand(&brand);
        let campaigns = account.messaging_services().campaigns(&service);
        let campaign = campaigns.create(&campaign(&brand)).await.unwrap().sid;
        fake.approve_campaign(&campaign);
        fake.own_number(TOLL_FREE);
        let number = fake.number_sid(TOLL_FREE).unwrap();
        let verification = account.tollfree_verifications().create(&verification(&number)).await.unwrap().sid;
        fake.approve_tollfree(&verification);
        let acme = Self { fake, account, service, campaign, verification };
        let own = acme.fake.phone_number().to_owned();
        acme.set(&own, UpdateNumber::new().voice_url(HOOK)).await;
        acme.set(TOLL_FREE, UpdateNumber::new().voice_url(HOOK).sms_url(HOOK)).await;
        acme.join(&own).await;
        acme
    }

    fn sid(&self, number: &str) -> String {
        self.fake.number_sid(number).unwrap()
    }

    async fn set(&self, number: &str, update: UpdateNumber) {
        self.account.phone_numbers().update(&self.sid(number), &update).await.unwrap();
    }

    async fn set_service(&self, settings: MessagingServiceSettings) {
        self.account.messaging_services().update(&self.service, &settings).await.unwrap();
    }

    /// Puts a number into the registered service.
    async fn join(&self, number: &str) {
        let numbers = self.account.messaging_services().phone_numbers(&self.service);
        numbers.add(&self.sid(number)).await.unwrap();
    }

    async fn leave(&self, number: &str) {
        let numbers = self.account.messaging_services().phone_numbers(&self.service);
        numbers.remove(&self.sid(number)).await.unwrap();
    }

    /// Sends a delivered text from a number.
    async fn text(&self, from: &str) {
        let message = CreateMessage::new(TO).body("hello").from(from);
        let sent = self.account.messages().create(&message).await.unwrap();
        self.fake.deliver(&sent.sid);
    }

    /// Sends that many texts, of which some are not delivered.
    async fn send(&self, count: u32, undelivered: u32) {
        for n in 0..count {
            let message = CreateMessage::new(TO).body("hello").from(self.fake.phone_number());
            let sent = self.account.messages().create(&message).await.unwrap();
            match n < undelivered {
                true => self.fake.undeliver(&sent.sid, 30007),
                false => self.fake.deliver(&sent.sid),
            }
        }
    }

    async fn audit(&self) -> AuditReport {
        let report = self.account.audit().now(self.fake.now()).run().await;
        assert_eq!(report.skipped, []);
        report
    }

    /// Audits, and returns the only finding.
    async fn finding(&self) -> Finding {
        let report = self.audit().await;
        assert_eq!(report.findings.len(), 1, "{:#?}", report.findings);
        report.findings.into_iter().next().unwrap()
    }
}

#[tokio::test]
async fn a_clean_account_has_no_findings() {
    let acme = Acme::new().await;
    let before = acme.fake.requests();
    let report = acme.audit().await;
    assert!(report.is_clean() && report.worst().is_none(), "{report:#?}");
    // Services and their numbers, numbers, verifications, two weeks, alerts, the balance and the usage twice.
    assert_eq!(acme.fake.requests() - before, 10);
}

#[tokio::test]
async fn a_number_without_webhooks_is_found() {
    let acme = Acme::new().await;
    acme.set(TOLL_FREE, UpdateNumber::new().sms_url("")).await;
    let finding = acme.finding().await;
    assert_eq!(
        (finding.kind.clone(), finding.severity),
        (FindingKind::NumberWithoutWebhook, FindingSeverity::Warning)
    );
    assert_eq!(finding.what, "Texts to …0142 reach nobody, because it has no webhook for them.");
    assert_eq!(finding.number.as_ref().unwrap().as_str(), TOLL_FREE);
    let sid = acme.sid(TOLL_FREE);
    assert_eq!(finding.subject(), format!("{sid} (…0142)"));
    assert_eq!(finding.command.unwrap(), format!("switchboard number configure {sid} --sms-url https://…"));
    acme.set(TOLL_FREE, UpdateNumber::new().voice_url("")).await;
    assert!(acme.finding().await.what.starts_with("Calls and texts to …0142"));
    let app = "AP0123456789abcdef0123456789abcdef";
    acme.set(TOLL_FREE, UpdateNumber::new().sms_application(app).voice_application(app)).await;
    assert!(acme.audit().await.is_clean());
}

#[tokio::test]
async fn a_service_answers_for_its_numbers_unless_it_leaves_that_to_them() {
    let acme = Acme::new().await;
    acme.set_service(MessagingServiceSettings::new().inbound_request_url("")).await;
    assert_eq!(acme.finding().await.what, "Texts to …0100 reach nobody, because it has no webhook for them.");
    acme.set(acme.fake.phone_number(), UpdateNumber::new().sms_url(HOOK)).await;
    assert_eq!(acme.finding().await.kind, FindingKind::NumberWithoutWebhook, "the service drops the texts");
    acme.set_service(MessagingServiceSettings::new().use_inbound_webhook_on_number(true)).await;
    assert!(acme.audit().await.is_clean());
}

#[tokio::test]
async fn webhooks_with_plain_http_are_found() {
    let acme = Acme::new().await;
    let plain = "HTTP://acme.example/hook";
    acme.set(TOLL_FREE, UpdateNumber::new().sms_url(plain).status_callback("http://acme.example/s")).await;
    let finding = acme.finding().await;
    assert_eq!(finding.kind, FindingKind::InsecureWebhook);
    let start = "The number …0142 has plain http in its SMS URL, status callback,";
    assert!(finding.what.starts_with(start), "{}", finding.what);
    acme.set(TOLL_FREE, UpdateNumber::new().sms_url(HOOK).status_callback("")).await;
    acme.set_service(MessagingServiceSettings::new().inbound_request_url(plain)).await;
    let finding = acme.finding().await;
    assert_eq!(
        (finding.kind, finding.sid, finding.number),
        (FindingKind::InsecureWebhook, acme.service.clone(), None)
    );
}

#[tokio::test]
async fn us_numbers_without_an_approved_campaign_are_found() {
    let acme = Acme::new().await;
    let own = acme.fake.phone_number().to_owned();
    let campaigns = acme.account.messaging_services().campaigns(&acme.service);
    acme.fake.reject_campaign(&acme.campaign, 30897, "Disallowed content");
    let rejected = acme.finding().await;
    assert_eq!(
        (rejected.kind.clone(), rejected.severity),
        (FindingKind::UnregisteredLongCode, FindingSeverity::Critical)
    );
    assert_eq!((rejected.code, rejected.sid), (Some(30897), acme.sid(&own)));
    assert!(rejected.what.contains(&format!("the campaign {} ", acme.campaign)), "{}", rejected.what);

    let failed = campaigns.fetch(&acme.campaign).await.unwrap();
    let update = switchboard::twilio::messaging_services::UpdateCampaign::of(&failed);
    campaigns.update(&acme.campaign, &update).await.unwrap();
    let waiting = acme.finding().await;
    assert_eq!((waiting.severity, waiting.code), (FindingSeverity::Warning, None));
    assert!(waiting.what.contains("in review"), "{}", waiting.what);

    campaigns.delete(&acme.campaign).await.unwrap();
    assert!(acme.finding().await.what.contains("its messaging service has no campaign"));
    acme.leave(&own).await;
    acme.set(&own, UpdateNumber::new().sms_url(HOOK)).await;
    assert!(acme.finding().await.what.contains("it is in no messaging service"));
}

#[tokio::test]
async fn toll_free_numbers_without_an_approved_verification_are_found() {
    let acme = Acme::new().await;
    acme.fake.reject_tollfree(&acme.verification, 30475, "Website unavailable");
    let rejected = acme.finding().await;
    assert_eq!(
        (rejected.kind.clone(), rejected.severity),
        (FindingKind::UnverifiedTollFree, FindingSeverity::Critical)
    );
    assert_eq!((rejected.code, rejected.sid), (Some(30475), acme.sid(TOLL_FREE)));
    let verifications = acme.account.tollfree_verifications();
    let update = switchboard::twilio::tollfree_verifications::UpdateTollfreeVerification::new();
    verifications.update(&acme.verification, &update.edit_reason("Website fixed")).await.unwrap();
    let waiting = acme.finding().await;
    assert_eq!(waiting.severity, FindingSeverity::Warning);
    assert!(waiting.what.contains("in review"), "{}", waiting.what);
    verifications.delete(&acme.verification).await.unwrap();
    assert!(acme.finding().await.what.contains("was not verified"));
}

#[tokio::test]
async fn idle_numbers_are_found_with_what_they_cost() {
    const IDLE: [&str; 4] = ["+12125550142", "+447700900142", "+12065550142", "+12065550143"];
    let acme = Acme::before_messages().await;
    for number in IDLE {
        acme.fake.own_number(number);
        acme.set(number, UpdateNumber::new().voice_url(HOOK).sms_url(HOOK)).await;
        if number.starts_with("+1") {
            acme.join(number).await;
        }
    }
    acme.text(IDLE[0]).await;
    acme.fake.advance(40 * DAY);
    acme.text(acme.fake.phone_number()).await;
    acme.text(TOLL_FREE).await;
    // A number that only calls, and one that only texts on WhatsApp, too long ago for the error rate.
    acme.account.make_call(&MakeCall::say(TO, "Hello").from(IDLE[2])).await.unwrap();
    let on_whatsapp = WhatsAppMessage::text(TO, "Hello").from(IDLE[3]);
    acme.account.send(&on_whatsapp.into()).await.unwrap();
    acme.fake.advance(20 * DAY);
    acme.text(acme.fake.phone_number()).await;
    // Bought a moment ago.
    acme.fake.own_number("+12065550144");
    acme.set("+12065550144", UpdateNumber::new().voice_url(HOOK)).await;
    acme.join("+12065550144").await;

    let findings = acme.audit().await.findings;
    let found: Vec<_> = findings.iter().map(|one| (one.kind.clone(), one.sid.clone())).collect();
    let expected = [IDLE[1], IDLE[0]].map(|number| (FindingKind::IdleNumber, acme.sid(number)));
    assert_eq!(found, expected, "{findings:#?}");
    for finding in &findings {
        let shown = finding.number.as_ref().unwrap().masked();
        let what = format!(
            "The number {shown} had no message and no call in 30 days and costs 1.15000 USD a month."
        );
        assert_eq!((&finding.what, finding.currency.as_deref()), (&what, Some("USD")));
        assert_eq!(finding.amount.as_ref().unwrap().as_str(), "1.15000");
        let release = format!("switchboard number release {}", finding.sid);
        assert_eq!(
            (finding.severity, finding.command.as_deref()),
            (FindingSeverity::Notice, Some(release.as_str()))
        );
    }
    acme.fake.forbid("/PhoneNumbers/Countries/");
    let report = acme.account.audit().now(acme.fake.now()).run().await;
    assert_eq!(report.findings.len(), 2);
    assert!(report.findings.iter().all(|one| one.amount.is_none() && one.what.ends_with("in 30 days.")));
    assert_eq!(parts(&report.skipped), [AuditPart::Prices, AuditPart::Prices]);
}

#[tokio::test]
async fn alerts_are_counted_by_code() {
    let acme = Acme::new().await;
    acme.fake.add_alert(21610);
    acme.fake.advance(5 * DAY);
    for code in [11200, 11200, 99_999] {
        acme.fake.add_alert(code);
    }
    acme.fake.advance(2 * DAY);
    acme.fake.add_alert(11200);
    acme.fake.advance(DAY / 2);
    let findings = acme.audit().await.findings;
    let found: Vec<_> =
        findings.iter().map(|one| (one.kind.clone(), one.code, one.count, one.severity)).collect();
    let alerts = FindingKind::RecentAlerts;
    assert_eq!(
        found,
        [
            (alerts.clone(), Some(11200), Some(3), FindingSeverity::Warning),
            (alerts, Some(99_999), Some(1), FindingSeverity::Notice),
        ],
        "the oldest is more than a week old"
    );
    let entry = switchboard::twilio::error::lookup(11200).unwrap();
    let what =
        format!("The alert 11200 came 3 times in 7 days, 1 of these in the last 24 hours: {}.", entry.title);
    assert_eq!((findings[0].what.as_str(), findings[0].what_to_do.as_str()), (what.as_str(), entry.fix));
    assert!(findings[1].what_to_do.ends_with("https://www.twilio.com/docs/errors/99999."));
}

#[tokio::test]
async fn a_higher_error_rate_than_in_the_week_before_is_found() {
    let acme = Acme::new().await;
    acme.send(40, 30).await;
    let finding = acme.finding().await;
    assert_eq!(
        (finding.kind.clone(), finding.code, finding.count),
        (FindingKind::ErrorRate, Some(30007), Some(31))
    );
    assert_eq!(finding.severity, FindingSeverity::Critical);
    let start =
        "30.7% of the messages of the last 7 days failed or were not delivered (31 of 101), against 1.7% in";
    assert!(finding.what.starts_with(start), "{}", finding.what);
    // With the newest 40 only, three of four failed, and the week before is still the same.
    let report = acme.account.audit().now(acme.fake.now()).max_messages(50).run().await;
    assert!(report.findings[0].what.contains("of the newest messages"), "{:?}", report.findings);
    acme.fake.advance(8 * DAY);
    acme.send(60, 1).await;
    acme.text(TOLL_FREE).await;
    assert!(acme.audit().await.is_clean(), "it is better again");
}

#[tokio::test]
async fn a_balance_that_ends_soon_is_found() {
    let acme = Acme::new().await;
    // A week of 61 texts costs 0.4819, so a day 0.0688.
    acme.fake.set_balance(0, 70);
    let finding = acme.finding().await;
    assert_eq!((finding.kind.clone(), finding.severity), (FindingKind::LowBalance, FindingSeverity::Warning));
    assert_eq!((finding.count, finding.currency.as_deref()), (Some(10), Some("USD")));
    let what = "The balance of 0.70000 USD lasts for 10 days, because a day costs about 0.07 USD.";
    assert_eq!((finding.what.as_str(), finding.sid.as_str()), (what, acme.account.sid()));
    let report = acme.account.audit().now(acme.fake.now()).days_left(10).run().await;
    assert!(report.is_clean(), "{report:#?}");
    acme.fake.set_balance(0, 0);
    assert_eq!(acme.finding().await.severity, FindingSeverity::Critical);
}

#[tokio::test]
async fn an_auth_token_is_found_where_a_key_would_do() {
    let acme = Acme::new().await;
    let report = acme.fake.account().audit().now(acme.fake.now()).run().await;
    let kinds: Vec<_> = report.findings.iter().map(|one| one.kind.clone()).collect();
    assert_eq!((kinds, report.worst()), (vec![FindingKind::AuthToken], Some(FindingSeverity::Notice)));
}

fn parts(skipped: &[Skipped]) -> Vec<AuditPart> {
    skipped.iter().map(|one| one.part.clone()).collect()
}

#[tokio::test]
async fn a_part_that_is_forbidden_is_skipped_and_the_others_go_on() {
    for (path, part) in [
        ("/v1/Services", AuditPart::Services),
        ("/PhoneNumbers", AuditPart::Services),
        ("/IncomingPhoneNumbers", AuditPart::Numbers),
        ("/Tollfree/", AuditPart::TollFree),
        ("/Messages", AuditPart::Messages),
        ("/Alerts", AuditPart::Alerts),
        ("/Balance", AuditPart::Balance),
        ("/Usage", AuditPart::Balance),
    ] {
        let acme = Acme::new().await;
        acme.fake.add_alert(11200);
        acme.fake.forbid(path);
        let report = acme.account.audit().now(acme.fake.now()).run().await;
        assert_eq!(parts(&report.skipped)[..1], [part], "{path}");
        let skipped = &report.skipped[0];
        assert_eq!((skipped.code, skipped.what_to_do.is_some()), (Some(70051), true), "{path}: {skipped:?}");
        let alerts = usize::from(path != "/Alerts");
        assert_eq!(report.findings.len(), alerts, "{path}: {:#?}", report.findings);
    }
    let acme = Acme::new().await;
    acme.fake.reject_campaign(&acme.campaign, 30897, "Disallowed content");
    acme.fake.forbid("/Compliance/");
    let report = acme.account.audit().now(acme.fake.now()).run().await;
    assert_eq!((parts(&report.skipped), report.findings), (vec![AuditPart::Campaigns], vec![]));
}

#[tokio::test]
async fn a_subaccount_has_no_balance_and_wrong_credentials_skip_everything() {
    let fake = FakeTwilio::start().await;
    let sub = fake.account().subaccounts().create("Shop").await.unwrap();
    let account = fake.for_account(&sub.sid).account();
    let report = account.audit().now(fake.now()).run().await;
    assert_eq!(parts(&report.skipped), [AuditPart::Balance]);
    let wrong = Credentials::twilio(fake.account_sid(), "0123456789abcdef0123456789abcdef");
    let report = fake.adapter().account(&wrong).unwrap().audit().now(fake.now()).run().await;
    let all =
        [AuditPart::Services, AuditPart::Numbers, AuditPart::Messages, AuditPart::Alerts, AuditPart::Balance];
    assert_eq!(parts(&report.skipped), all);
    assert!(report.skipped.iter().all(|one| one.code == Some(20003) && one.what_to_do.is_some()));
}

#[tokio::test]
async fn a_fault_of_the_network_is_repeated_or_skipped() {
    let acme = Acme::new().await;
    acme.fake.fail_next(Fault::Cut);
    acme.fake.fail_next(Fault::too_many_requests());
    assert!(acme.audit().await.is_clean(), "reads are repeated");
}

#[tokio::test]
async fn the_stream_yields_what_the_report_has() {
    let acme = Acme::new().await;
    acme.fake.add_alert(11200);
    acme.fake.forbid("/Balance");
    let items: Vec<AuditItem> = acme.account.audit().now(acme.fake.now()).stream().collect().await;
    let report = acme.account.audit().now(acme.fake.now()).run().await;
    let [AuditItem::Finding(finding), AuditItem::Skipped(skipped)] = items.as_slice() else {
        panic!("{items:?}")
    };
    assert_eq!(
        (std::slice::from_ref(finding), std::slice::from_ref(skipped)),
        (&*report.findings, &*report.skipped)
    );
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["findings"][0]["kind"], "recent-alerts");
    assert_eq!(serde_json::from_value::<AuditReport>(json).unwrap(), report);
}

#[tokio::test]
async fn fifty_numbers_take_as_many_requests_as_the_manual_says() {
    let acme = Acme::before_messages().await;
    acme.account.phone_numbers().release(&confirmed(&acme.sid(TOLL_FREE))).await.unwrap();
    for n in 0..49 {
        let number = format!("+121255501{n:02}");
        acme.fake.own_number(&number);
        acme.set(&number, UpdateNumber::new().voice_url(HOOK)).await;
        acme.join(&number).await;
    }
    acme.fake.advance(40 * DAY);
    let before = acme.fake.requests();
    let idle = acme.audit().await.findings;
    assert_eq!((idle.len(), acme.fake.requests() - before), (50, 310));
    assert!(idle.iter().all(|one| one.kind == FindingKind::IdleNumber));
    acme.text(acme.fake.phone_number()).await;
    for n in 0..49 {
        acme.text(&format!("+121255501{n:02}")).await;
    }
    let before = acme.fake.requests();
    assert!(acme.audit().await.is_clean());
    assert_eq!(acme.fake.requests() - before, 9);
}

fn confirmed(sid: &str) -> switchboard::twilio::numbers::ReleaseNumber {
    switchboard::twilio::numbers::ReleaseNumber::new(sid).confirm()
}
