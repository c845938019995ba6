//! Secrets, texts and numbers with known values are sent through everything public; none of them may be printed.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::string_slice,
    reason = "test support may panic like the tests that use it"
)]

use std::fmt::{self, Debug};
use std::io::Write;
use std::sync::{Arc, Mutex};

use axum::Router;
use serde_json::json;
use switchboard::provider::ApiRequest;
use switchboard::twilio::calls::UpdateCall;
use switchboard::twilio::content::CreateContent;
use switchboard::twilio::lookup::{Identity, LookupRequest};
use switchboard::twilio::messages::ListMessages;
use switchboard::twilio::messaging_services::{CampaignUsecase, CreateCampaign, MessagingServiceSettings};
use switchboard::twilio::tollfree_verifications::{
    CreateTollfreeVerification, TollfreeOptIn, TollfreeUseCase,
};
use switchboard::twilio::twiml::{Gather, VoiceResponse};
use switchboard::twilio::verify::{CheckVerification, StartVerification, VerifyServiceSettings};
use switchboard::twilio::webhook::{Event, TwilioWebhook, Verifier, Webhooks};
use switchboard::twilio::whatsapp::WhatsAppMessage;
use switchboard::twilio::{CreateCall, CreateMessage, MakeCall, SendSms, TwilioAccount};
use switchboard::{Credentials, Envelope, ProviderAdapter, ProviderError, ProviderRegistry};
use switchboard_testing::{FakeTwilio, Fault, FaultProxy, InboundSms, ProxyMode};
use tracing_subscriber::layer::SubscriberExt as _;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

const NUMBER: &str = "+12025550187";
const TEXT: &str = "planted words of a text";

/// Collects everything that is printed, and searches it.
#[derive(Clone, Default)]
struct Printed(Arc<Mutex<Vec<u8>>>);

impl Printed {
    fn debug(&self, value: &impl Debug) {
        write!(self.clone(), "{value:?} {value:#?}").unwrap();
    }

    fn error(&self, error: &ProviderError) {
        self.debug(error);
        let mut next: Option<&dyn std::error::Error> = Some(error);
        while let Some(error) = next {
            write!(self.clone(), "{error} {error:?}").unwrap();
            next = error.source();
        }
        let envelope = Envelope::<()>::err(error);
        self.debug(&envelope);
        write!(self.clone(), "{}", serde_json::to_string(&envelope).unwrap()).unwrap();
        self.stored(error);
    }

    /// A serialised error contains the recipient's whole number, but no secret and no text.
    fn stored(&self, error: &ProviderError) {
        let mut json = serde_json::to_value(error).unwrap();
        let again: ProviderError = serde_json::from_value(json.clone()).unwrap();
        self.debug(&again);
        json.as_object_mut().unwrap().remove("recipient");
        write!(self.clone(), "{json}").unwrap();
    }

    fn result<T: Debug>(&self, result: Result<T, ProviderError>) {
        match result {
            Ok(value) => self.debug(&value),
            Err(error) => self.error(&error),
        }
    }

    fn assert_clean(&self, secrets: &[&str]) {
        let printed = String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned();
        assert!(printed.len() > 5000, "hardly anything was printed: {} bytes", printed.len());
        for secret in secrets {
            if let Some(at) = printed.find(secret) {
                let around: String = printed
                    .chars()
                    .skip(printed[..at].chars().count().saturating_sub(200))
                    .take(300)
                    .collect();
                panic!("{secret:?} was printed: …{around}…");
            }
        }
    }
}

impl Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl fmt::Debug for Printed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Printed")
    }
}

/// The library behind `parse_in` writes the numbers that it reads to `log`, at TRACE.
#[cfg(feature = "phone-national")]
fn national_numbers(printed: &Printed) {
    use switchboard::phone::E164;

    let number = E164::parse_in("202-555-0187", "US").unwrap();
    printed.debug(&(&number, number.country(), number.line_kind(), number.is_in_plan()));
    assert_eq!(number.national(), "(202) 555-0187");
    for text in
        ["202-555-01879", "20255501871234567890", "Anna 2025550187 x5", "+999 2025550187", "0 2025550187"]
    {
        let error = E164::parse_in(text, "US").unwrap_err();
        printed.debug(&error);
        write!(printed.clone(), "{error}").unwrap();
    }
    printed.debug(&E164::parse_in("US", "2025550187"));
}

/// Runs everything public against a fake, with every event at TRACE going into `printed`.
async fn everything(fake: &FakeTwilio, credentials: &Credentials, printed: &Printed) {
    let adapter = fake.adapter();
    let account = adapter.account(credentials).unwrap();
    printed.debug(fake);
    printed.debug(&(&adapter, &account, credentials, fake.adapter_builder()));
    let mut registry = ProviderRegistry::new();
    registry.register(adapter.clone());
    printed.debug(&(&registry, adapter.auth_headers(credentials).unwrap()));

    printed.result(account.test_connection().await);
    let sms = SendSms::new(NUMBER, TEXT);
    printed.debug(&sms);
    let message = adapter.send_sms(credentials, &sms).await.unwrap();
    printed.debug(&message);
    let sid = message.sid;
    let mms = CreateMessage::new(NUMBER).body(TEXT).media_url("https://example.com/planted-file.png");
    printed.debug(&mms);
    printed.result(account.send(&mms).await);
    let list = ListMessages::new().to(NUMBER);
    let mut pages = account.messages().list(&list);
    printed.debug(&(&list, &pages));
    printed.result(pages.next_page().await);
    printed.result(account.messages().fetch(&sid).await);
    let raw = ApiRequest::get("/Messages.json").query([("To", NUMBER)]);
    printed.debug(&raw);
    printed.result(account.request(raw).await);

    let call = MakeCall::say(NUMBER, TEXT);
    let full = CreateCall::new(NUMBER).say(TEXT).send_digits("1234567");
    printed.debug(&(&call, &full, UpdateCall::twiml(TEXT)));
    let made = account.make_call(&call).await.unwrap();
    printed.debug(&made);
    printed.result(account.calls().hang_up(&made.sid).await);

    products(&account, printed).await;
    #[cfg(feature = "phone-national")]
    national_numbers(printed);
    printed.result(account.send_sms("2025550187", TEXT).await);
    printed.result(account.send_sms(NUMBER, TEXT.repeat(100)).await);
    for code in [21211, 21408, 21610, 21614, 21608] {
        fake.fail_next(Fault::Code { status: 400, code });
        printed.result(account.send_sms(NUMBER, TEXT).await);
    }
    for fault in [Fault::status(503), Fault::MalformedJson, Fault::TruncatedJson] {
        fake.fail_next(fault);
        printed.result(account.send_sms(NUMBER, TEXT).await);
    }
    for mode in [ProxyMode::ResetAfter, ProxyMode::CutAnswer { after: 300 }, ProxyMode::Refuse] {
        let proxy = FaultProxy::to(fake.url());
        proxy.set(mode);
        printed.debug(&proxy);
        let broken =
            fake.adapter_builder().base_url(proxy.url()).build().unwrap().account(credentials).unwrap();
        printed.result(broken.send_sms(NUMBER, TEXT).await);
        printed.result(broken.request(ApiRequest::get("/v2/PhoneNumbers/+12025550187").on("lookups")).await);
    }
}

/// The same for Verify, Lookup and WhatsApp.
async fn products(account: &TwilioAccount, printed: &Printed) {
    let service = account.verify_services().create(&VerifyServiceSettings::named("Acme")).await.unwrap();
    let verify = account.verify(service.sid);
    let start = StartVerification::sms(NUMBER).rate_limit("who", TEXT);
    let check = CheckVerification::new(NUMBER, "planted-01");
    printed.debug(&(&verify, &start, &check));
    for mail in [start, StartVerification::email("planted@example.com")] {
        printed.result(verify.start(&mail).await);
    }
    printed.debug(&verify.check(&check).await);
    printed.result(verify.cancel(NUMBER).await);
    // No verification is pending any more, so Twilio's refusal quotes the path.
    printed.result(verify.fetch(NUMBER).await);
    printed.result(verify.fetch("planted+1@example.com").await);
    let lookup = LookupRequest::new(NUMBER).identity_match(Identity::named(TEXT, TEXT)).caller_name();
    printed.debug(&lookup);
    printed.result(account.lookup().fetch(&lookup).await);
    let template = CreateContent::new("en").text(TEXT).variable("1", TEXT);
    printed.debug(&template);
    printed.result(account.content().create(&template).await);
    registrations(account, printed).await;
    let message = WhatsAppMessage::text(NUMBER, TEXT);
    printed.debug(&message);
    printed.result(account.send(&message.into()).await);
}

/// The same for campaigns and toll-free verifications, and for an audit.
async fn registrations(account: &TwilioAccount, printed: &Printed) {
    let campaign = CreateCampaign::new("BN0123456789abcdef0123456789abcdef", CampaignUsecase::Mixed)
        .description(TEXT.repeat(3))
        .message_flow(TEXT.repeat(3))
        .message_sample(TEXT)
        .message_sample(TEXT)
        .has_embedded_links(false)
        .has_embedded_phone(false);
    printed.debug(&campaign);
    let service = account.messaging_services().create(&MessagingServiceSettings::named("x")).await.unwrap();
    printed.result(account.messaging_services().campaigns(service.sid).create(&campaign).await);
    let verification = CreateTollfreeVerification::new("PN0123456789abcdef0123456789abcdef")
        .business_name(TEXT)
        .business_website(format!("https://example.com/{TEXT}"))
        .business_contact_phone(NUMBER)
        .notification_email("planted@example.com")
        .use_cases([TollfreeUseCase::Events])
        .use_case_summary(TEXT)
        .message_sample(TEXT)
        .opt_in(TollfreeOptIn::Verbal)
        .opt_in_image_url(format!("https://example.com/{TEXT}"))
        .message_volume("10");
    printed.debug(&verification);
    printed.result(account.tollfree_verifications().create(&verification).await);
    let report = account.audit().run().await;
    assert!(report.findings.iter().any(|finding| finding.number.is_some()), "{report:?}");
    printed.debug(&report);
}

/// A provider whose answer contains everything that was sent.
async fn reflected(fake: &FakeTwilio, credentials: &Credentials, printed: &Printed) {
    let token = fake.auth_token();
    let server = MockServer::builder().start().await;
    let words = format!("token {token} to {NUMBER} or 202-555-0187 saying {TEXT}");
    let body = json!({"code": 21211, "message": words, "more_info": words, "status": 400});
    Mock::given(any()).respond_with(ResponseTemplate::new(400).set_body_json(body)).mount(&server).await;
    let adapter = fake.adapter_builder().base_url(server.uri()).build().unwrap();
    printed.result(adapter.send_sms(credentials, &SendSms::new(NUMBER, TEXT)).await);

    let odd = MockServer::builder().start().await;
    let body = json!({"sid": "SM1", "body": [TEXT], "to": {"n": NUMBER}, "from": NUMBER, "note": TEXT});
    Mock::given(any()).respond_with(ResponseTemplate::new(201).set_body_json(body)).mount(&odd).await;
    let adapter = fake.adapter_builder().base_url(odd.uri()).build().unwrap();
    printed.result(adapter.send_sms(credentials, &SendSms::new(NUMBER, TEXT)).await);
}

/// Webhooks: incoming requests, responses, and the log lines for requests with a wrong signature.
async fn webhooks(fake: &FakeTwilio, printed: &Printed) {
    let shown = printed.clone();
    let handler = async move |TwilioWebhook(event): TwilioWebhook<Event>| {
        shown.debug(&event);
        let gather = Gather::new().action("/twilio/keys").say(TEXT);
        let answer = VoiceResponse::new().gather(gather);
        shown.debug(&answer);
        // The same response is given to a text and to a call, and what the fake does with it is printed, too.
        answer
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/twilio", listener.local_addr().unwrap());
    let verifier = Verifier::new(fake.auth_token()).public_url(url.trim_end_matches("/twilio"));
    let hooks = Webhooks::new(verifier.clone());
    printed.debug(&hooks);
    let app = Router::new().nest("/twilio", hooks.router(handler));
    tokio::spawn(async move { axum::serve(listener, app).await });

    fake.set_sms_url(&format!("{url}/sms?who={NUMBER}"));
    fake.set_voice_url(&format!("{url}/voice"));
    printed.debug(&fake.receive_sms(NUMBER, TEXT).await);
    printed
        .debug(&fake.receive(InboundSms::new(NUMBER, TEXT).whatsapp().param("ProfileName", "planted")).await);
    let phone = fake.call_in(NUMBER).await;
    printed.debug(&phone.waits_for());
    phone.press("2025550187").await;
    printed.debug(&phone);
    printed.debug(&fake);

    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let forged = |kind| {
        let query = format!("{url}/sms/{NUMBER}?Body={TEXT}&who={NUMBER}");
        let signature = verifier.sign_form(&url, &[("Body", TEXT)]);
        let request = http.post(query).header("X-Twilio-Signature", signature);
        request.header("Content-Type", kind).body(format!("Body={TEXT}&From={NUMBER}")).send()
    };
    for kind in ["application/x-www-form-urlencoded", "application/json", "planted/planted"] {
        assert_eq!(forged(kind).await.unwrap().status().as_u16(), 403);
    }
}

#[test]
fn nothing_printed_shows_a_secret_a_text_or_a_number() {
    let printed = Printed::default();
    let log = printed.clone();
    let layer = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(move || log.clone());
    let subscriber = tracing_subscriber::registry().with(layer);
    // Log lines of reqwest and its dependencies are collected, too.
    let _ = tracing_log::LogTracer::init();
    // With one thread, the log lines of the connections' tasks are collected, too.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (token, secret) = tracing::subscriber::with_default(subscriber, || {
        runtime.block_on(async {
            let fake = FakeTwilio::start().await;
            everything(&fake, &fake.credentials(), &printed).await;
            reflected(&fake, &fake.credentials(), &printed).await;
            webhooks(&fake, &printed).await;
            let (key, secret) = fake.api_key();
            let with_key = fake.credentials().api_key(key, secret.clone());
            everything(&fake, &with_key, &printed).await;
            (fake.auth_token(), secret)
        })
    });
    let traced = String::from_utf8_lossy(&printed.0.lock().unwrap()).into_owned();
    for line in [
        "answered",
        "a webhook was refused: the signature does not match",
        "hyper",
        "path=\"/Messages.json\"",
        "class=Create",
    ] {
        assert!(
            traced.contains(line),
            "no {line} in the trace: {}",
            traced
                .lines()
                .filter(|l| l.contains("DEBUG") || l.contains("TRACE"))
                .take(12)
                .collect::<Vec<_>>()
                .join("\n")
        );
    }
    printed.assert_clean(&[&token, &secret, TEXT, "planted", "2025550187", "202-555-0187", "Basic QU"]);
}
