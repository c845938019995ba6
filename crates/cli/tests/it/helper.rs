//! The 42 lines of the old script, each as people have it in their scripts, do their job.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::json;
use switchboard_testing::FakeTwilio;

use crate::program::{Ran, run_in};
use crate::seeded::{self, Home, OLD_NUMBER, PROGRAM};

const LINES: &str = include_str!("../helper-lines.txt");

/// SIDs that the seeded fake knows, in the places of the fixture's placeholders.
struct Sids {
    message: String,
    call: String,
    recording: String,
    transcription: String,
}

async fn sids(fake: &FakeTwilio) -> Sids {
    let account = fake.account();
    let list = switchboard::twilio::recordings::ListRecordings::new();
    let recording = account.recordings().list(&list).next().await.unwrap().unwrap().sid;
    let transcription = account.transcriptions().list().next().await.unwrap().unwrap().sid;
    Sids { message: fake.sent()[0].sid.clone(), call: fake.calls()[0].sid.clone(), recording, transcription }
}

/// The words of a line, as a shell reads it: single and double quotes, without escapes.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote, mut begun) = (Vec::new(), String::new(), None, false);
    for letter in line.chars() {
        match quote {
            Some(end) if letter == end => quote = None,
            Some(_) => word.push(letter),
            None if letter == '"' || letter == '\'' => (quote, begun) = (Some(letter), true),
            None if letter == ' ' => {
                if begun || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            None => word.push(letter),
        }
    }
    if begun || !word.is_empty() {
        words.push(word);
    }
    words
}

fn account_file(home: &Path, fake: &FakeTwilio) {
    let folder = home.join("config/switchboard");
    fs::create_dir_all(&folder).unwrap();
    let account = json!({"account_sid": fake.account_sid(), "auth_token": fake.auth_token(),
        "phone_numbers": [fake.phone_number(), "+14155550111"], "default_from": fake.phone_number()});
    let file = folder.join("accounts.json");
    fs::write(&file, json!({"accounts": {"production": account}}).to_string()).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_old_line_does_its_job() {
    let (home, fake) = (Home::new("old lines"), seeded::start().await);
    account_file(home.path(), &fake);
    let mut environment = seeded::environment(&fake, home.path());
    environment.retain(|(name, _)| !name.starts_with("TWILIO") || *name == "TWILIO_BASE_URL");
    let sids = sids(&fake).await;
    let mut count = 0;
    for line in LINES.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        count += 1;
        let xs = "x".repeat(32);
        let filled = line
            .replace(&format!("SM{xs}"), &sids.message)
            .replace(&format!("CA{xs}"), &sids.call)
            .replace(&format!("RE{xs}"), &sids.recording)
            .replace(&format!("TR{xs}"), &sids.transcription);
        let mut arguments = vec!["helper".to_owned()];
        arguments.extend(words(&filled));
        // On a terminal these ask: `.ci/cli` types the answers.
        if filled.starts_with("buy-number") || filled.starts_with("release-number") {
            arguments.push("--yes".to_owned());
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let (texts, calls) = (fake.sent().len(), fake.calls().len());
        let ran = run_in(home.path(), &environment, &arguments).await;
        let status = if line.ends_with("\"SMxxxxxxxx\"") { 2 } else { 0 };
        assert_eq!(ran.status, Some(status), "{line}\n{ran:?}");
        assert!(ran.stderr.contains("new form: switchboard "), "{line}\n{ran:?}");
        assert!(!ran.stderr.contains("Hello"), "no text in the new form: {ran:?}");
        did_its_job(&fake, &sids, line, &ran, (fake.sent().len() - texts, fake.calls().len() - calls)).await;
    }
    assert_eq!(count, 42);
    assert!(
        fs::read(home.path().join("recordings").join(format!("{}.wav", sids.recording))).unwrap().len() > 40
    );
}

/// What each line was for: seen at the fake, or in what it printed.
async fn did_its_job(fake: &FakeTwilio, sids: &Sids, line: &str, ran: &Ran, (texts, calls): (usize, usize)) {
    let word = line.split(' ').next().unwrap();
    let shown = |text: &str| assert!(ran.stdout.contains(text), "{line}: {text} is missing\n{ran:?}");
    let sends = matches!(word, "sms" | "whatsapp" | "whatsapp-template");
    assert_eq!((texts, calls), (usize::from(sends), usize::from(word == "call")), "{line}");
    match word {
        "sms" => {
            let sent = fake.sent().pop().unwrap();
            assert_eq!((sent.to.as_str(), sent.from.as_deref()), (OLD_NUMBER, Some(fake.phone_number())));
            assert!(line.contains(&sent.body));
        }
        "whatsapp" | "whatsapp-template" => {
            assert_eq!(fake.sent().pop().unwrap().to, format!("whatsapp:{OLD_NUMBER}"))
        }
        "call" => assert_eq!(fake.calls().pop().unwrap().to, OLD_NUMBER),
        "messages" | "message-status" if !line.contains("\"SMxxxxxxxx\"") => shown(&sids.message),
        "calls" | "call-details" => shown(&sids.call),
        "recordings" | "recording" | "download-recording" => shown(&sids.recording),
        "transcriptions" | "transcription" => shown(&sids.transcription),
        "numbers" => shown(OLD_NUMBER),
        "search-numbers" => shown(if line.contains(" GB") { "+44" } else { "+1" }),
        "accounts" => shown("production"),
        "balance" => shown("USD"),
        "usage" => shown("totalprice"),
        "audit" => shown("what to do:"),
        "status" => shown("active"),
        "lookup" => shown("validationErrors"),
        "analytics" => shown("(UTC)"),
        "buy-number" | "release-number" => {
            let number = words(line).pop().unwrap();
            assert_eq!(fake.number_sid(&number).is_some(), word == "buy-number", "{line}");
        }
        "configure-webhooks" => {
            let sid = fake.number_sid(OLD_NUMBER).unwrap();
            let number = fake.account().phone_numbers().fetch(&sid).await.unwrap();
            assert_eq!(number.sms_url.unwrap().as_str(), "https://your-server.com/sms");
            assert_eq!(number.voice_url.unwrap().as_str(), "https://your-server.com/voice");
        }
        "verify-create-service" => shown("VA"),
        "verify-send" => assert!(fake.verification_code(OLD_NUMBER).is_some()),
        "verify-check" => shown("verified: the code is right"),
        "message-status" => {}
        other => panic!("{other} is not looked at"),
    }
}

/// The name of the old script is enough.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_named_like_the_old_script_takes_its_lines() {
    let (home, fake) = (Home::new("link"), seeded::start().await);
    let link = home.path().join("twilio-helper.sh");
    std::os::unix::fs::symlink(PROGRAM, &link).unwrap();
    let mut command = std::process::Command::new(link);
    command.args(["balance", "environment"]).env_clear().envs(seeded::environment(&fake, home.path()));
    let ran: Ran = tokio::task::spawn_blocking(move || command.output().unwrap().into()).await.unwrap();
    assert_eq!(ran.status, Some(0), "{ran:?}");
    assert_eq!(ran.stderr, "new form: switchboard account balance -a environment\n");
}
