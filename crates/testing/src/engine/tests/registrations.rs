//! Brands and campaigns for US numbers, and toll-free verifications.

use super::*;
use crate::engine::RegistrationError;

const BU: &str = "BU0123456789abcdef0123456789abcdef";
const LONG: &str = "forty characters or more are needed here..";
const SAMPLE: &str = "twenty characters are enough";
const BRANDS: &str = "/v1/a2p/BrandRegistrations";

fn reason() -> Option<RegistrationError> {
    Some(RegistrationError { code: 30897, description: "not allowed".to_owned() })
}

fn sid_of(body: &Value) -> String {
    body["sid"].as_str().unwrap().to_owned()
}

fn brand(client: &mut TestClient, kind: &str) -> String {
    let form = [("CustomerProfileBundleSid", BU), ("A2PProfileBundleSid", BU), ("BrandType", kind)];
    let (status, brand) = client.product(Method::POST, BRANDS, &form);
    assert_eq!((status, &brand["status"]), (201, &"PENDING".into()), "{brand}");
    sid_of(&brand)
}

fn campaigns(client: &mut TestClient) -> String {
    let (_, service) = client.product(Method::POST, "/v1/Services", &[("FriendlyName", "Shop")]);
    format!("/v1/Services/{}/Compliance/Usa2p", sid_of(&service))
}

fn campaign(brand: &str) -> Vec<(&str, &str)> {
    vec![
        ("BrandRegistrationSid", brand),
        ("UsAppToPersonUsecase", "MARKETING"),
        ("Description", LONG),
        ("MessageFlow", LONG),
        ("MessageSamples", SAMPLE),
        ("MessageSamples", SAMPLE),
        ("HasEmbeddedLinks", "true"),
        ("HasEmbeddedPhone", "false"),
    ]
}

#[test]
fn a_brand_is_pending_until_it_is_decided_and_a_refused_one_can_be_submitted_again() {
    let mut client = TestClient::default();
    assert_refused(client.product(Method::POST, BRANDS, &[("A2PProfileBundleSid", BU)]), (400, 20001));
    let bad = [("CustomerProfileBundleSid", BU), ("A2PProfileBundleSid", BU), ("BrandType", "BIG")];
    assert_refused(client.product(Method::POST, BRANDS, &bad), (400, 20001));
    let sid = brand(&mut client, "STANDARD");
    let path = format!("{BRANDS}/{sid}");
    assert_refused(client.product(Method::POST, &path, &[]), (400, 20001));
    assert!(client.tenant().brands.decide(&sid, reason()) && !client.tenant().brands.decide("BN1", None));
    let (_, failed) = client.product(Method::GET, &path, &[]);
    assert_eq!(
        (&failed["status"], &failed["errors"][0]["error_code"], &failed["failure_reason"]),
        (&"FAILED".into(), &30897.into(), &"not allowed".into())
    );
    let (status, again) = client.product(Method::POST, &path, &[]);
    assert_eq!(
        (status, &again["status"], &again["errors"]),
        (202, &"PENDING".into(), &serde_json::json!([]))
    );
    client.tenant().brands.decide(&sid, None);
    let (_, page) = client.product(Method::GET, BRANDS, &[]);
    assert_eq!((&page["data"][0]["status"], &page["meta"]["key"]), (&"APPROVED".into(), &"data".into()));
    assert_refused(client.product(Method::GET, &format!("{BRANDS}/BN1"), &[]), (404, 20404));
}

#[test]
fn a_verified_campaign_registers_its_service() {
    let mut client = TestClient::default();
    let brand = brand(&mut client, "STANDARD");
    let path = campaigns(&mut client);
    let form = campaign(&brand);
    assert_refused(client.product(Method::POST, &path, &form), (400, 20001));
    client.tenant().brands.decide(&brand, None);
    let (status, created) = client.product(Method::POST, &path, &form);
    assert_eq!((status, &created["campaign_status"]), (201, &"PENDING".into()), "{created}");
    assert_eq!(created["help_keywords"], serde_json::json!(["HELP", "INFO"]));
    assert_refused(client.product(Method::POST, &path, &form), (400, 20001));

    let sid = sid_of(&created);
    let one = format!("{path}/{sid}");
    assert_eq!(client.product(Method::GET, &one, &[]).1, created);
    let service = path.replace("/Compliance/Usa2p", "");
    let registered = |client: &mut TestClient| {
        client.product(Method::GET, &service, &[]).1["us_app_to_person_registered"].clone()
    };
    assert_eq!(registered(&mut client), false);
    assert!(client.tenant().senders.decide_campaign(&sid, None));
    assert!(!client.tenant().senders.decide_campaign("QE1", None));
    assert_eq!(registered(&mut client), true);
    let (_, page) = client.product(Method::GET, &path, &[]);
    assert_eq!(page["compliance"][0]["campaign_status"], "VERIFIED");
    assert_eq!(client.product(Method::DELETE, &one, &[]).0, 204);
    assert_refused(client.product(Method::DELETE, &one, &[]), (404, 20404));
    assert_eq!(registered(&mut client), false);
}

#[test]
fn a_refused_campaign_is_corrected_and_needs_every_field() {
    let mut client = TestClient::default();
    let brand = brand(&mut client, "STANDARD");
    client.tenant().brands.decide(&brand, None);
    let path = campaigns(&mut client);
    let (_, created) = client.product(Method::POST, &path, &campaign(&brand));
    let one = format!("{path}/{}", sid_of(&created));
    let mut update = campaign(&brand);
    update.extend([("AgeGated", "true"), ("DirectLending", "false")]);
    assert_refused(client.product(Method::POST, &one, &update), (400, 20001));
    client.tenant().senders.decide_campaign(&sid_of(&created), reason());
    assert_eq!(client.product(Method::GET, &one, &[]).1["errors"][0]["error_code"], 30897);
    assert_refused(client.product(Method::POST, &one, &update[2..8]), (400, 20001));
    update[1] = ("UsAppToPersonUsecase", "MIXED");
    let (status, updated) = client.product(Method::POST, &one, &update);
    assert_eq!(
        (status, &updated["campaign_status"], &updated["age_gated"]),
        (200, &"PENDING".into(), &true.into())
    );
    assert_eq!(updated["us_app_to_person_usecase"], "MARKETING", "an update cannot change the use case");
}

#[test]
fn a_campaign_is_checked_and_a_brand_of_one_person_has_its_own_use_case() {
    let mut client = TestClient::default();
    let brand = brand(&mut client, "SOLE_PROPRIETOR");
    client.tenant().brands.decide(&brand, None);
    let path = campaigns(&mut client);
    let form = campaign(&brand);
    assert_refused(client.product(Method::POST, &path, &form), (400, 20001));
    for (at, bad) in [
        (0, ("BrandRegistrationSid", "BN1")),
        (2, ("Description", "short")),
        (4, ("MessageSamples", "short")),
        (5, ("Other", "one sample only")),
        (6, ("HasEmbeddedLinks", "maybe")),
        (7, ("HasEmbeddedPhone", "")),
    ] {
        let mut form = campaign(&brand);
        form[1] = ("UsAppToPersonUsecase", "SOLE_PROPRIETOR");
        form[at] = bad;
        assert_refused(client.product(Method::POST, &path, &form), (400, 20001));
    }
    let mut form = form;
    form[1] = ("UsAppToPersonUsecase", "SOLE_PROPRIETOR");
    assert_eq!(client.product(Method::POST, &path, &form).0, 201);
    let count = |client: &mut TestClient, query: &str| {
        let (_, body) = client.product(Method::GET, &format!("{path}/Usecases{query}"), &[]);
        body["us_app_to_person_usecases"].as_array().map(Vec::len)
    };
    assert!(count(&mut client, "").is_some_and(|count| count > 10));
    assert_eq!(count(&mut client, &format!("?BrandRegistrationSid={brand}")), Some(1));
    assert_refused(client.product(Method::GET, "/v1/Services/MG1/Compliance/Usa2p", &[]), (404, 20404));
}

const VERIFICATIONS: &str = "/v1/Tollfree/Verifications";

fn toll_free(client: &mut TestClient) -> String {
    let bought = client.post("/IncomingPhoneNumbers.json", &[("PhoneNumber", "+18335550142")]);
    assert_eq!(bought.0, 201, "{}", bought.1);
    sid_of(&bought.1)
}

fn verification(number: &str) -> Vec<(&str, &str)> {
    vec![
        ("TollfreePhoneNumberSid", number),
        ("BusinessName", "Acme"),
        ("BusinessWebsite", "https://acme.example"),
        ("NotificationEmail", "a@acme.example"),
        ("UseCaseCategories", "MARKETING"),
        ("UseCaseCategories", "EVENTS"),
        ("UseCaseSummary", "offers"),
        ("ProductionMessageSample", "Sale!"),
        ("OptInImageUrls", "https://acme.example/1.png"),
        ("OptInType", "WEB_FORM"),
        ("MessageVolume", "1,000"),
    ]
}

#[test]
fn a_toll_free_number_is_verified_once_and_a_rejected_one_is_corrected_in_time() {
    let mut client = TestClient::default();
    let number = toll_free(&mut client);
    let form = verification(&number);
    let (status, created) = client.product(Method::POST, VERIFICATIONS, &form);
    assert_eq!((status, &created["status"]), (201, &"PENDING_REVIEW".into()), "{created}");
    assert_eq!(created["use_case_categories"], serde_json::json!(["MARKETING", "EVENTS"]));
    assert_eq!(
        (&created["tollfree_phone_number"], &created["rejection_reasons"]),
        (&"+18335550142".into(), &Value::Null)
    );
    assert_refused(client.product(Method::POST, VERIFICATIONS, &form), (400, 20001));

    let sid = sid_of(&created);
    let path = format!("{VERIFICATIONS}/{sid}");
    let update = [("EditReason", "Website fixed"), ("BusinessWebsite", "https://acme.example/new")];
    assert_refused(client.product(Method::POST, &path, &update), (400, 20001));
    assert!(client.tenant().decide_tollfree(&sid, reason()) && !client.tenant().decide_tollfree("HH1", None));
    let (_, rejected) = client.product(Method::GET, &path, &[]);
    assert_eq!(
        (&rejected["status"], &rejected["error_code"], &rejected["edit_allowed"]),
        (&"TWILIO_REJECTED".into(), &30897.into(), &true.into())
    );
    assert_eq!(
        rejected["rejection_reasons"],
        serde_json::json!([{ "code": 30897, "reason": "not allowed" }])
    );
    let (status, updated) = client.product(Method::POST, &path, &update);
    assert_eq!((status, &updated["status"]), (202, &"PENDING_REVIEW".into()));
    assert_eq!(
        (&updated["business_website"], &updated["business_name"]),
        (&update[1].1.into(), &"Acme".into())
    );

    client.tenant().decide_tollfree(&sid, reason());
    client.advance_seconds(8 * 24 * 3600);
    assert_eq!(client.product(Method::GET, &path, &[]).1["edit_allowed"], false);
    assert_refused(client.product(Method::POST, &path, &update), (400, 20001));
    assert_eq!(client.product(Method::DELETE, &path, &[]).0, 204);
    assert_refused(client.product(Method::GET, &path, &[]), (404, 20404));
}

#[test]
fn verifications_are_checked_and_filtered() {
    let mut client = TestClient::default();
    let number = toll_free(&mut client);
    let local = client.get("/IncomingPhoneNumbers.json").1["incoming_phone_numbers"][1]["sid"].clone();
    for (at, bad) in [
        (0, ("TollfreePhoneNumberSid", local.as_str().unwrap())),
        (1, ("Other", "no name")),
        (2, ("BusinessWebsite", "acme")),
        (4, ("UseCaseCategories", "GAMES")),
        (9, ("OptInType", "NEVER")),
        (10, ("MessageVolume", "")),
    ] {
        let mut form = verification(&number);
        form[at] = bad;
        assert_refused(client.product(Method::POST, VERIFICATIONS, &form), (400, 20001));
    }
    let mut form = verification(&number);
    form.push(("ExternalReferenceId", "order 7"));
    let created = client.product(Method::POST, VERIFICATIONS, &form).1;
    client.tenant().decide_tollfree(&sid_of(&created), None);
    let mut count = |query: String| {
        let (status, page) = client.product(Method::GET, &format!("{VERIFICATIONS}?{query}"), &[]);
        assert_eq!(status, 200, "{page}");
        page["verifications"].as_array().unwrap().len()
    };
    let found = [
        count(String::new()),
        count("Status=TWILIO_APPROVED".to_owned()),
        count("Status=IN_REVIEW".to_owned()),
        count(format!("TollfreePhoneNumberSid={number}")),
        count("TollfreePhoneNumberSid=PN1".to_owned()),
        count("ExternalReferenceId=order+7".to_owned()),
        count("ExternalReferenceId=8".to_owned()),
    ];
    assert_eq!(found, [1, 1, 0, 1, 0, 1, 0]);
    assert_refused(client.product(Method::GET, &format!("{VERIFICATIONS}?Status=DONE"), &[]), (400, 20001));
}
