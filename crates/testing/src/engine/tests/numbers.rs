//! Numbers: searching, buying, changing, listing and releasing them.

use super::*;

fn offered(client: &mut TestClient, path: &str) -> Vec<String> {
    let (status, found) = client.get(&format!("/AvailablePhoneNumbers/{path}"));
    assert_eq!(status, 200, "{found}");
    let keys: Vec<&String> = found.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["available_phone_numbers", "uri"]);
    let rows = found["available_phone_numbers"].as_array().unwrap();
    rows.iter().map(|row| row["phone_number"].as_str().unwrap().to_owned()).collect()
}

fn owned(client: &mut TestClient, path: &str) -> Vec<String> {
    let (_, page) = client.get(&format!("/IncomingPhoneNumbers{path}"));
    let rows = page["incoming_phone_numbers"].as_array().unwrap();
    rows.iter().map(|row| row["phone_number"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn countries_list_their_types_of_numbers() {
    let mut client = TestClient::default();
    let (_, all) = client.get("/AvailablePhoneNumbers.json");
    let us = all["countries"].as_array().unwrap().iter().find(|c| c["country_code"] == "US").unwrap();
    assert_eq!(client.get("/AvailablePhoneNumbers/US.json").1, *us);
    let types: Vec<_> = us["subresource_uris"].as_object().unwrap().keys().collect();
    assert_eq!(types, ["local", "toll_free"]);
    for missing in ["US/Mobile", "US/Voip", "ZZ/Local", "ZZ"] {
        assert_refused(client.get(&format!("/AvailablePhoneNumbers/{missing}.json")), (404, 20404));
    }
}

#[test]
fn a_search_applies_its_filters() {
    let mut client = TestClient::default();
    assert_eq!(offered(&mut client, "US/Local.json").len(), 30);
    assert_eq!(offered(&mut client, "US/Local.json?PageSize=2"), ["+14155550101", "+14155550102"]);
    let cases = [
        ("US/Local.json?AreaCode=512", "+15125550100"),
        ("US/Local.json?AreaCode=303&SmsEnabled=true", "+13035550100"),
        ("US/Local.json?Contains=%2B1206%2542$", "+12065550142"),
        ("US/Local.json?InRegion=ny&NearNumber=%2B14155550100&Distance=25", "+12125550100"),
        ("US/TollFree.json", "+18335550100"),
        ("GB/Mobile.json?MmsEnabled=false", "+447700900100"),
    ];
    for (path, first) in cases {
        assert_eq!(offered(&mut client, path)[0], first, "{path}");
    }
    for none in [
        "US/Local.json?AreaCode=533",
        "GB/Mobile.json?MmsEnabled=true",
        "DE/Local.json?ExcludeAllAddressRequired=true",
    ] {
        assert!(offered(&mut client, none).is_empty(), "{none}");
    }
    assert_refused(client.get("/AvailablePhoneNumbers/US/Local.json?Contains=1"), (400, 21421));
    let (_, found) = client.get("/AvailablePhoneNumbers/US/Local.json?PageSize=1");
    let row = &found["available_phone_numbers"][0];
    assert_eq!(
        (&row["friendly_name"], &row["locality"]),
        (&"(415) 555-0101".into(), &"San Francisco".into())
    );
    assert_eq!(
        row["capabilities"],
        serde_json::json!({"voice": true, "sms": true, "mms": true, "fax": false})
    );
}

#[test]
fn a_number_that_is_offered_is_found_bought_released_and_found_again() {
    let mut client = TestClient::default();
    let number = "+12125551234";
    assert_refused(client.post("/IncomingPhoneNumbers.json", &[("PhoneNumber", number)]), (400, 21422));
    client.tenant().senders.numbers.offer(number);
    let search = "US/Local.json?AreaCode=212&PageSize=1";
    assert_eq!(offered(&mut client, search), [number]);
    for other in
        ["US/Local.json?AreaCode=415", "US/TollFree.json", "GB/Local.json", "US/Local.json?Contains=999"]
    {
        assert!(!offered(&mut client, other).contains(&number.to_owned()), "{other}");
    }
    let (status, bought) = client.post("/IncomingPhoneNumbers.json", &[("PhoneNumber", number)]);
    assert_eq!((status, &bought["phone_number"]), (201, &number.into()));
    assert_eq!(offered(&mut client, search), ["+12125550100"]);
    client.delete(&format!("/IncomingPhoneNumbers/{}.json", bought["sid"].as_str().unwrap()));
    assert_eq!(offered(&mut client, search), [number]);
}

#[test]
fn a_number_is_bought_used_set_up_and_released() {
    let mut client = TestClient::default();
    let number = offered(&mut client, "US/Local.json?AreaCode=415")[0].clone();
    assert_refused(client.send(&[("From", &number)]), (400, 21606));
    let (status, bought) =
        client.post("/IncomingPhoneNumbers.json", &[("PhoneNumber", &number), ("FriendlyName", "Desk")]);
    assert_eq!(
        (status, &bought["friendly_name"], &bought["phone_number"]),
        (201, &"Desk".into(), &number.as_str().into())
    );
    client.sent(&[("From", &number)]);
    assert!(!offered(&mut client, "US/Local.json?AreaCode=415").contains(&number));
    assert_refused(client.post("/IncomingPhoneNumbers.json", &[("PhoneNumber", &number)]), (400, 21422));
    assert_eq!(owned(&mut client, ".json"), [&number, FROM]);
    let path = format!("/IncomingPhoneNumbers/{}.json", bought["sid"].as_str().unwrap());
    let change =
        [("SmsUrl", "https://example.com/sms"), ("VoiceMethod", "GET"), ("VoiceCallerIdLookup", "true")];
    let (status, changed) = client.post(&path, &change);
    assert_eq!((status, &changed["sms_url"]), (200, &"https://example.com/sms".into()));
    assert_eq!((&changed["voice_method"], &changed["voice_caller_id_lookup"]), (&"GET".into(), &true.into()));
    assert_eq!(client.get(&path).1, changed);
    assert_refused(client.post(&path, &[("SmsUrl", "nowhere")]), (400, 20001));
    assert_eq!(client.delete(&path).0, 204);
    assert_refused(client.delete(&path), (404, 20404));
    assert_refused(client.send(&[("From", &number)]), (400, 21606));
    assert_eq!(offered(&mut client, "US/Local.json?AreaCode=415")[0], number);
}

#[test]
fn magic_numbers_and_areas_answer_as_documented() {
    let mut client = TestClient::default();
    let cases: &[(&[(&str, &str)], u32)] = &[
        (&[("PhoneNumber", "+15005550000")], 21422),
        (&[("PhoneNumber", "+15005550001")], 21421),
        (&[("PhoneNumber", "4155550101")], 21421),
        (&[("PhoneNumber", "+14155551234")], 21422),
        (&[("PhoneNumber", FROM)], 21422),
        (&[("AreaCode", "533")], 21452),
        (&[("AreaCode", "41")], 21451),
        (&[], 21421),
        (&[("PhoneNumber", "+61255500101")], 21615),
    ];
    for (more, code) in cases {
        assert_refused(client.post("/IncomingPhoneNumbers.json", more), (400, *code));
    }
    for good in [("PhoneNumber", "+15005550006"), ("AreaCode", "500")] {
        let (status, bought) = client.post("/IncomingPhoneNumbers.json", &[good]);
        assert_eq!((status, &bought["phone_number"]), (201, &"+15005550006".into()));
    }
    let address = format!("AD{}", "0".repeat(32));
    let form = [("PhoneNumber", "+61255500101"), ("AddressSid", &address)];
    assert_eq!(client.post("/IncomingPhoneNumbers.json", &form).0, 201);
    assert_eq!(
        client.post("/IncomingPhoneNumbers.json", &[("AreaCode", "212")]).1["phone_number"],
        "+12125550100"
    );
}

#[test]
fn owned_numbers_are_listed_by_type_name_and_digits() {
    let mut client = TestClient::default();
    client.post("/IncomingPhoneNumbers/TollFree.json", &[("PhoneNumber", "+18335550100")]);
    client.tenant().own_number("+442071838750");
    client.tenant().own_number("72345");
    assert_refused(
        client.post("/IncomingPhoneNumbers/Mobile.json", &[("PhoneNumber", "+18335550101")]),
        (400, 21421),
    );
    let cases: [(&str, &[&str]); 7] = [
        (".json", &["+442071838750", "+18335550100", FROM]),
        ("/Local.json", &["+442071838750", FROM]),
        ("/TollFree.json", &["+18335550100"]),
        ("/Mobile.json", &[]),
        (".json?PhoneNumber=555*100", &["+18335550100", FROM]),
        (".json?FriendlyName=(415)%20555-0100", &[FROM]),
        (".json?Origin=hosted", &[]),
    ];
    for (path, expected) in cases {
        assert_eq!(owned(&mut client, path), expected, "{path}");
    }
}
