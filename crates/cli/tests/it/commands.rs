//! What commands beside `message` do: nothing in a dry run, nothing before an answer, and files that are whole.

use std::fs;

use switchboard::twilio::content::CreateContent;
use switchboard_testing::{FaultProxy, ProxyMode};

use crate::program::{Ran, run};
use crate::seeded::{self, Home, environment};

const NUMBER: &str = "+14155550123";
const PLACES: &str = r#"{"1":"John","2":"Tomorrow 3pm"}"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_makes_no_request() {
    let (home, fake) = (Home::new("dry-runs"), seeded::start().await);
    let environment = environment(&fake, home.path());
    let file = |name: &str| format!("{}/tests/cmd/json.in/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let [brand, campaign, tollfree] = [file("brand"), file("campaign"), file("tollfree")];
    let service = "MG0123456789abcdef0123456789abcdef";
    let lines: [&[&str]; 17] = [
        &["message", "send", "+14155551234", "Hello"],
        &["api", "POST", "/Messages.json", "-F", "Body=Hello"],
        &["api-key", "create", "worker", "--save-as", "worker"],
        &["auth-token", "create", "--save-as", "next"],
        &["caller-id", "verify", "+14155551234"],
        &["trigger", "create", "totalprice", "25", "https://example.com/usage"],
        &["registration", "create-brand", &brand],
        &["registration", "create-campaign", service, &campaign],
        &["registration", "create-tollfree", &tollfree],
        &["call", "make", "+14155551234", "--say", "Hello"],
        &["call", "make", "+14155551234", "--transcribe"],
        &["number", "buy", NUMBER],
        &["verify", "send", "+14155551234"],
        &["verify", "service", "create", "Shop"],
        &["whatsapp", "send", "+14155551234", "Hello"],
        &["whatsapp", "template", "+14155551234", "appointment_reminder", PLACES],
        &["whatsapp", "template", "+14155551234", "HX0123456789abcdef0123456789abcdef", PLACES],
    ];
    let before = fake.requests();
    for line in lines {
        for json in [false, true] {
            let mut arguments = [line, &["--dry-run"]].concat();
            arguments.extend(json.then_some("--json"));
            let ran = run(&environment, &arguments).await;
            assert_eq!((ran.status, fake.requests()), (Some(0), before), "{arguments:?} {ran:?}");
            assert!(ran.stdout.contains(if json { "dryRun" } else { "would" }), "{ran:?}");
            assert!(!ran.stdout.contains("4155551234"), "{ran:?}");
        }
    }
    let offline: [&[&str]; 3] = [
        &["number", "parse", "020 7123 4567", "--country", "GB"],
        &["text", "Hello", "--to", "+14155551234"],
        &["support-request", "--country", "GB"],
    ];
    for line in offline {
        assert_eq!((run(&environment, line).await.status, fake.requests()), (Some(0), before), "{line:?}");
    }
}

/// What a dry run says is what Twilio bills.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_cost_of_a_dry_run_is_that_of_the_real_run() {
    let (home, fake) = (Home::new("dry-cost"), seeded::start().await);
    let environment = environment(&fake, home.path());
    let data = |ran: &Ran| serde_json::from_str::<serde_json::Value>(&ran.stdout).unwrap()["data"].clone();
    assert_eq!(run(&environment, &["price", "refresh", "US", "DE"]).await.status, Some(0));
    let long = "Your table is ready. ".repeat(20);
    for (to, text) in [
        ("+14155551234", "Hello"),
        ("+4915123456789", long.as_str()),
        ("+14155550177", "Grüße 👋 an alle, die kommen"),
    ] {
        let send = ["message", "send", to, text, "--json"];
        let before = fake.requests();
        let dry = run(&environment, &[&send[..], &["--dry-run"]].concat()).await;
        assert_eq!(fake.requests(), before);
        let real = run(&environment, &send).await;
        let (dry, sid) = (data(&dry), data(&real)["sid"].as_str().unwrap().to_owned());
        fake.deliver(&sid);
        let billed = data(&run(&environment, &["message", "get", &sid, "--json"]).await);
        assert_eq!(dry["segments"], billed["numSegments"], "{to}");
        let amount = |value: &serde_json::Value| {
            value.as_str().unwrap().trim_start_matches('-').parse::<f64>().unwrap()
        };
        assert!((amount(&dry["cost"]) - amount(&billed["price"])).abs() < 1e-9, "{dry} {billed}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_asked_of_twilio_before_somebody_says_yes() {
    let (home, fake) = (Home::new("yes"), seeded::start().await);
    let environment = environment(&fake, home.path());
    let brand = format!("{}/tests/cmd/json.in/brand.json", env!("CARGO_MANIFEST_DIR"));
    let [message, conference] = ["SM00000000000000000000000000000000", "CF00000000000000000000000000000000"];
    let lines: [&[&str]; 15] = [
        &["message", "redact", message],
        &["message", "delete", message],
        &["api-key", "revoke", "SK00000000000000000000000000000000"],
        &["auth-token", "promote"],
        &["auth-token", "delete"],
        &["conference", "end", conference],
        &["trigger", "delete", "UT00000000000000000000000000000000"],
        &["caller-id", "verify", "+14155551234"],
        &["caller-id", "delete", "PN00000000000000000000000000000000"],
        &["geo", "enable", "DE"],
        &["registration", "create-brand", &brand],
        &["number", "buy", NUMBER],
        &["number", "release", seeded::OLD_NUMBER],
        &["recording", "delete", "RE00000000000000000000000000000000"],
        &["transcription", "delete", "TR00000000000000000000000000000000"],
    ];
    let before = fake.requests();
    for line in lines {
        let ran = run(&environment, line).await;
        assert_eq!((ran.status, fake.requests()), (Some(2), before), "{line:?} {ran:?}");
        assert!(ran.stderr.contains("--yes"), "{ran:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_is_saved_whole_and_replaces_nothing_unasked() {
    let (home, fake) = (Home::new("recordings"), seeded::start().await);
    let environment = environment(&fake, home.path());
    let sid = run(&environment, &["recording", "list", "--json=sid"]).await.stdout;
    let sid = sid.split('"').nth(3).unwrap();
    let folder = home.path().join("recordings/");
    let to = format!("{}/", folder.display());
    let ran = run(&environment, &["recording", "download", sid, &to]).await;
    assert_eq!(ran.status, Some(0), "{ran:?}");
    let sound = fs::read(folder.join(format!("{sid}.wav"))).unwrap();
    assert!(sound.starts_with(b"RIFF") && ran.stdout.contains(&format!("{} bytes", sound.len())), "{ran:?}");
    let again = run(&environment, &["recording", "download", sid, &to]).await;
    assert_eq!(again.status, Some(2), "{again:?}");
    let mp3 = folder.join("call.mp3").display().to_string();
    for options in [&["--format", "mp3"][..], &["--format", "mp3", "--force", "--channels", "1"]] {
        let arguments = [&["recording", "download", sid, &mp3], options].concat();
        assert_eq!(run(&environment, &arguments).await.status, Some(0), "{options:?}");
    }
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 2, "nothing half is left");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_unknown_says_how_to_find_out() {
    let (home, fake) = (Home::new("unknown"), seeded::start().await);
    let own = environment(&fake, home.path());
    let service = run(&own, &["verify", "service", "create", "Shop", "--json=sid"]).await.stdout;
    let service = service.split('"').find(|word| word.starts_with("VA")).unwrap();
    let proxy = FaultProxy::to(fake.url());
    proxy.set(ProxyMode::ResetAfter);
    let mut cut = own.clone();
    cut.retain(|(name, _)| *name != "TWILIO_BASE_URL");
    cut.push(("TWILIO_BASE_URL", proxy.url()));
    let lines: [(&[&str], &str); 4] = [
        (&["call", "make", "+14155551234", "--say", "Hello"], "switchboard call list --to +14155551234"),
        (&["verify", "service", "create", "Other"], "switchboard verify service list"),
        (&["verify", "send", "+14155551234", "--service", service], "switchboard api GET /v2/Services/VA"),
        (
            &["verify", "check", "+14155551234", "123456", "--service", service],
            "switchboard api GET /v2/Services/VA",
        ),
    ];
    for (line, command) in lines {
        let ran = run(&cut, line).await;
        assert_eq!(ran.status, Some(3), "{line:?} {ran:?}");
        assert!(ran.stderr.contains(&format!("find out: {command}")), "{line:?} {ran:?}");
        // The command that is named works.
        let named =
            ran.stderr.lines().find_map(|line| line.trim().strip_prefix("find out: switchboard ")).unwrap();
        let arguments: Vec<&str> = named.split(' ').collect();
        let found = run(&own, &arguments).await;
        assert!(matches!(found.status, Some(0 | 1)) && !found.stderr.contains("usage"), "{named} {found:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_template_of_which_there_are_two_is_chosen_by_a_person() {
    let (home, fake) = (Home::new("templates"), seeded::start().await);
    let environment = environment(&fake, home.path());
    let other = CreateContent::new("de").friendly_name("appointment_reminder");
    let other = fake.account().content().create(&other.text("Hallo {{1}}, {{2}}")).await.unwrap();
    let send = ["whatsapp", "template", "+14155551234", "appointment_reminder", PLACES];
    let sent = fake.sent().len();
    let ran = run(&environment, &send).await;
    assert_eq!((ran.status, fake.sent().len()), (Some(2), sent), "{ran:?}");
    assert!(ran.stderr.contains(&format!("{} (de)", other.sid)) && ran.stderr.contains("(en)"), "{ran:?}");
    fake.approve_content(&other.sid);
    let named = [&send[..3], &[other.sid.as_str(), PLACES]].concat();
    assert_eq!(run(&environment, &named).await.status, Some(0));
    assert_eq!(fake.sent().len(), sent + 1);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_service_and_the_callbacks_of_the_file_are_used() {
    use std::os::unix::fs::PermissionsExt as _;

    let (home, fake) = (Home::new("of-the-file"), seeded::start().await);
    let mut environment = environment(&fake, home.path());
    let service = run(&environment, &["verify", "service", "create", "Shop", "--json=sid"]).await.stdout;
    let service = service.split('"').find(|word| word.starts_with("VA")).unwrap().to_owned();
    assert_eq!(run(&environment, &["verify", "service", "create", "Other"]).await.status, Some(0));
    let send = ["verify", "send", "+14155551234", "--json=serviceSid"];
    assert_eq!(run(&environment, &send).await.status, Some(2), "there are two");
    let file = home.path().join("accounts.json");
    let content = serde_json::json!({
        "accounts": { "production": {
            "account_sid": fake.account_sid(), "auth_token": fake.auth_token(), "default_from": fake.phone_number(),
            "verify_service_sid": service,
        } },
        "webhooks": { "voice_status": "https://example.com/status", "transcription_callback": "https://example.com/text" },
    });
    fs::write(&file, content.to_string()).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    environment.retain(|(name, _)| !name.starts_with("TWILIO_A") && *name != "TWILIO_PHONE_NUMBER");
    environment.push(("SWITCHBOARD_CONFIG", file.display().to_string()));
    let ran = run(&environment, &send).await;
    assert!(ran.status == Some(0) && ran.stdout.contains(&service), "{ran:?}");
    let ran =
        run(&environment, &["call", "make", "+14155551234", "--transcribe", "--dry-run", "--json"]).await;
    assert!(ran.stdout.contains("https://example.com/status"), "{ran:?}");
    assert!(ran.stdout.contains("https://example.com/text"), "{ran:?}");
}
